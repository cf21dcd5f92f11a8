"""Turns change at the local hour, whatever clocks do; overrides and layers decide as they are written."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.alerting.rotation import on_call, shifts
from makegood.model.alerts import Layer, Override, Rotation
from makegood.model.spans import DAY, HOUR, MINUTE, Instant, Span
from makegood.model.when import ClockTime, Weekday, WeeklyWindow

NINE, HALF_PAST_TWO = ClockTime(9 * 3600), ClockTime(2 * 3600 + 1800)


def at(text: str) -> Instant:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def turns(zone: str, starts: date, days: int, time: ClockTime = NINE, **more: object) -> Rotation:
    return Rotation("primary", zone, (Layer(("ada", "grace", "edith"), days, starts, time),), **more)  # type: ignore[arg-type]


LONDON = turns("Europe/London", date(2026, 1, 5), 7)
DAILY = turns("America/New_York", date(2026, 3, 1), 1)
GAP = turns("Europe/Berlin", date(2026, 3, 27), 1, HALF_PAST_TWO)
SAMOA = turns("Pacific/Apia", date(2011, 12, 26), 1)
CASES = [
    ("before the first hand-over nobody is on call", LONDON, "2026-01-05T08:59:59", ""),
    ("the hand-over itself belongs to the next", LONDON, "2026-01-05T09:00:00", "ada"),
    ("a week later", LONDON, "2026-01-12T08:59:59", "ada"),
    ("a week later at nine", LONDON, "2026-01-12T09:00:00", "grace"),
    ("after clocks went forward nine is eight UTC", LONDON, "2026-03-30T07:59:59", "edith"),
    ("after clocks went forward, at nine", LONDON, "2026-03-30T08:00:00", "ada"),
    ("after clocks went back nine is nine UTC", LONDON, "2026-10-26T08:59:59", "edith"),
    ("after clocks went back, at nine", LONDON, "2026-10-26T09:00:00", "ada"),
    ("the day before the change in New York", DAILY, "2026-03-07T14:00:00", "ada"),
    ("a day of 23 hours", DAILY, "2026-03-08T12:59:59", "ada"),
    ("a day of 23 hours, at nine", DAILY, "2026-03-08T13:00:00", "grace"),
    ("a day of 25 hours", DAILY, "2026-11-01T13:59:59", "grace"),
    ("a day of 25 hours, at nine", DAILY, "2026-11-01T14:00:00", "edith"),
    ("a hand-over that a clock skips is at the end of the gap", GAP, "2026-03-29T00:59:59", "grace"),
    ("a hand-over that a clock skips, at the end of the gap", GAP, "2026-03-29T01:00:00", "edith"),
    ("a hand-over that a clock repeats is the first of both", GAP, "2026-10-25T00:29:59", "grace"),
    ("a hand-over that a clock repeats", GAP, "2026-10-25T00:30:00", "edith"),
    ("still the same when it is shown again", GAP, "2026-10-25T01:30:00", "edith"),
    ("the last second before a date that a place skipped", SAMOA, "2011-12-30T09:59:59", "ada"),
    ("the turn of a date that a place skipped begins with the next date", SAMOA, "2011-12-30T10:00:00", "grace"),
    ("and the turn after it at nine", SAMOA, "2011-12-30T19:00:00", "edith"),
]


@pytest.mark.parametrize(("says", "rotation", "instant", "expected"), CASES, ids=[c[0] for c in CASES])
def test_turns_change_at_the_local_hour(says: str, rotation: Rotation, instant: str, expected: str) -> None:
    assert on_call(rotation, at(instant)) == expected, says


def test_the_last_written_override_counts_and_only_within_its_span() -> None:
    swaps = (Override("grace", Span(at("2026-01-06T00:00"), at("2026-01-08T00:00"))),
             Override("edith", Span(at("2026-01-07T00:00"), at("2026-01-07T12:00"))))  # fmt: skip
    rotation = turns("Europe/London", date(2026, 1, 5), 7, overrides=swaps)
    asked = ("2026-01-05T23:59:59", "2026-01-06T00:00", "2026-01-07T00:00", "2026-01-07T12:00", "2026-01-08T00:00")
    assert [on_call(rotation, at(text)) for text in asked] == ["ada", "grace", "edith", "grace", "ada"]


def test_a_layer_with_hours_leaves_the_rest_to_the_next_one() -> None:
    hours = tuple(WeeklyWindow(day, NINE, day, ClockTime(17 * 3600)) for day in Weekday if day < 5)
    days = Layer(("ada",), 7, date(2026, 1, 5), NINE, hours)
    nights = Layer(("grace",), 7, date(2026, 1, 5), NINE)
    rotation = Rotation("both", "Europe/London", (days, nights))
    asked = ("2026-07-06T07:59:59", "2026-07-06T08:00", "2026-07-06T15:59:59", "2026-07-06T16:00", "2026-07-05T12:00")
    assert [on_call(rotation, at(text)) for text in asked] == ["grace", "ada", "ada", "grace", "grace"]
    alone = Rotation("days", "Europe/London", (days,))
    assert on_call(alone, at("2026-07-05T12:00")) == ""


@given(
    zone=st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]),
    start=st.integers(at("2026-01-01T00:00") // MINUTE, at("2027-01-01T00:00") // MINUTE),
    days=st.integers(1, 20),
    length=st.integers(1, 15),
    clock=st.integers(0, 86_399),
    swap=st.tuples(st.integers(-200, 400), st.integers(1, 100)),
)
def test_shifts_cover_a_span_without_gaps_and_say_who_is_on_call(
    zone: str, start: int, days: int, length: int, clock: int, swap: tuple[int, int]
) -> None:
    over = Span(start * MINUTE, start * MINUTE + days * DAY)
    swapped = Override("edith", Span(over.start + swap[0] * HOUR, over.start + (swap[0] + swap[1]) * HOUR))
    rotation = Rotation("r", zone, (Layer(("ada", "grace"), length, date(2026, 1, 1), ClockTime(clock)),), (swapped,))
    found = shifts(rotation, over)
    assert (found[0].span.start, found[-1].span.end) == (over.start, over.end)
    assert all(a.span.end == b.span.start for a, b in pairwise(found))
    assert all((a.person, a.why) != (b.person, b.why) for a, b in pairwise(found))
    for shift in found:
        inside = (shift.span.start, shift.span.start + shift.span.length // 2, shift.span.end - 1)
        assert [on_call(rotation, instant) for instant in inside] == [shift.person] * 3
