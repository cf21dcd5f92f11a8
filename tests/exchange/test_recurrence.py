from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from makegood.calendar.zone import Zone
from makegood.contract.wrong import Wrong
from makegood.exchange.moments import written
from makegood.exchange.recurrence import MOST, occurrences
from makegood.model.spans import DAY, HOUR, Instant, Span

NEW_YORK, UTC = Zone.named("America/New_York"), Zone.named("UTC")
START = int(datetime(2026, 3, 1, 2, 30, tzinfo=ZoneInfo("America/New_York")).timestamp()) * 1_000_000
"""A Sunday, a week before clocks are put forward from 02:00 to 03:00."""


def begins(rule: str, until: Instant = START + 400 * DAY, start: Instant = START, zone: Zone = NEW_YORK) -> list[str]:
    found = occurrences(rule, start, HOUR, zone, until)
    assert isinstance(found, list), found
    return [written(span.start) for span in found]


def wrong(rule: str) -> Wrong:
    found = occurrences(rule, START, HOUR, NEW_YORK, START + 400 * DAY)
    assert isinstance(found, Wrong), found
    return found


def test_an_occurrence_keeps_its_clock_time_and_lasts_its_elapsed_length() -> None:
    found = occurrences("FREQ=WEEKLY;COUNT=4", START, 2 * HOUR, NEW_YORK, START + 400 * DAY)
    assert isinstance(found, list)
    assert [(written(s.start), s.length // HOUR) for s in found] == [
        ("2026-03-01T07:30:00Z", 2),
        ("2026-03-08T07:00:00Z", 2),  # 02:30 is skipped: the first instant that shows it or later
        ("2026-03-15T06:30:00Z", 2),
        ("2026-03-22T06:30:00Z", 2),
    ]


def test_a_time_that_a_clock_shows_twice_is_taken_when_it_is_first_shown() -> None:
    start = int(datetime(2026, 10, 31, 1, 30, tzinfo=ZoneInfo("America/New_York")).timestamp()) * 1_000_000
    assert begins("FREQ=DAILY;COUNT=3", start=start, until=start + 9 * DAY) == [
        "2026-10-31T05:30:00Z",
        "2026-11-01T05:30:00Z",
        "2026-11-02T06:30:00Z",
    ]


@pytest.mark.parametrize(
    ("until", "count"),
    [("20260315T063000Z", 3), ("20260315T062959Z", 2), ("20260315T023000", 3), ("20260315T022959", 2), ("20260315", 3)],
)
def test_until_is_the_last_instant_at_which_one_may_begin(until: str, count: int) -> None:
    assert len(begins(f"RRULE:FREQ=WEEKLY;UNTIL={until}")) == count


def test_a_rule_without_end_is_followed_as_far_as_is_asked() -> None:
    assert len(begins("FREQ=DAILY", until=START + 10 * DAY, zone=UTC)) == 10


def test_the_first_occurrence_may_come_after_the_start() -> None:
    assert begins("FREQ=MONTHLY;BYDAY=1SU;COUNT=2") == ["2026-03-01T07:30:00Z", "2026-04-05T06:30:00Z"]
    assert begins("FREQ=MONTHLY;BYDAY=2SU;COUNT=1") == ["2026-03-08T07:00:00Z"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("FREQ=HOURLY", "recurs more often than daily"),
        ("FREQ=SECONDLY;COUNT=5", "recurs more often than daily"),
        ("COUNT=5", "says no FREQ"),
        ("", "is no recurrence rule"),
        ("FREQ=DAILY;FREQ=WEEKLY", "is no recurrence rule"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL of"),
        ("FREQ=DAILY;COUNT=-1", "COUNT of"),
        ("FREQ=DAILY;COUNT=99999999", "COUNT of"),
        ("FREQ=DAILY;BYHOUR=3", "`BYHOUR` of"),
        ("FREQ=WEEKLY;BYDAY=XX", "is no recurrence rule"),
        ("FREQ=DAILY;UNTIL=20261301", "UNTIL=20261301 is no instant"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL=SOON is no instant"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes to pass"),
        ("FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31", "never comes to pass"),
        ("FREQ=MONTHLY;BYMONTH=13", "never comes to pass"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "never comes to pass"),
        ("FREQ=DAILY;BYSETPOS=2", "BYSETPOS of single days"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_and_not_searched_for_ever(rule: str, says: str) -> None:
    assert says in wrong(rule).what


def test_a_rule_that_comes_to_pass_too_often_is_refused() -> None:
    assert len(begins("FREQ=DAILY", until=START + MOST * DAY, zone=UTC)) == MOST
    found = occurrences("FREQ=DAILY", START, HOUR, UTC, START + MOST * DAY + 1)
    assert isinstance(found, Wrong)
    assert found.what == "`FREQ=DAILY` comes to pass more than 2,000 times"


DAYS = st.lists(st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU")), min_size=1, max_size=3, unique=True)
RULES = st.builds(
    lambda freq, interval, days, count: f"FREQ={freq};INTERVAL={interval};BYDAY={','.join(days)};COUNT={count}",
    st.sampled_from(("DAILY", "WEEKLY", "MONTHLY")), st.integers(1, 4), DAYS, st.integers(1, 20),
)  # fmt: skip


@given(RULES, st.integers(0, 400 * 24 * 60))
def test_in_utc_the_instants_are_those_of_the_rule(rule: str, minutes: int) -> None:
    start = 1_767_225_600_000_000 + minutes * 60_000_000
    until = start + 3_000 * DAY
    found = occurrences(rule, start, HOUR, UTC, until)
    expected = rrulestr(rule, dtstart=datetime.fromtimestamp(start // 1_000_000, ZoneInfo("UTC")))
    instants = [int(at.timestamp()) * 1_000_000 for at in expected]
    assert found == [Span(at, at + HOUR) for at in instants if at < until]
