from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.calendar.business import hours, is_business_day
from makegood.calendar.deadline import (
    Deadline,
    NoBusinessTime,
    deadline,
    deadline_after_date,
    explain_deadline,
    explain_deadline_after_date,
)
from makegood.calendar.zone import Zone
from makegood.model.spans import DAY, HOUR, MINUTE, Span
from makegood.model.when import Allowance, Calendar, ClockTime, DayCount, Holidays, Weekday, WeeklyWindow

NEW_YORK = "America/New_York"
NINE_TO_FIVE = tuple(WeeklyWindow(day, ClockTime(9 * 3600), day, ClockTime(17 * 3600)) for day in list(Weekday)[:5])
OFFICE = Calendar("office", NEW_YORK, NINE_TO_FIVE, Holidays("US"))
ALWAYS = Calendar("always", NEW_YORK)
CLOSED = Calendar(
    "closed", NEW_YORK, (WeeklyWindow(Weekday.SUNDAY, ClockTime(7_800), Weekday.SUNDAY, ClockTime(7_800)),)
)


def at(text: str, zone: str = NEW_YORK) -> int:
    day, time = text.split()
    hour, minute = time.split(":")
    return Zone.named(zone).instant(date.fromisoformat(day), ClockTime(int(hour) * 3600 + int(minute) * 60))


@pytest.mark.parametrize(
    ("start", "count", "unit", "late"),
    [
        # elapsed time takes no notice of a clock change
        ("2026-03-07 14:00", 24 * HOUR, DayCount.ELAPSED, "2026-03-08 15:00"),
        ("2026-10-31 14:00", 24 * HOUR, DayCount.ELAPSED, "2026-11-01 13:00"),
        ("2026-03-07 14:00", 0, DayCount.ELAPSED, "2026-03-07 14:00"),
        # days end with their date, however early the event was
        ("2026-02-28 00:00", 30, DayCount.DAYS, "2026-03-31 00:00"),
        ("2026-02-28 23:59", 30, DayCount.DAYS, "2026-03-31 00:00"),
        ("2026-02-28 24:00", 30, DayCount.DAYS, "2026-04-01 00:00"),
        ("2026-02-28 12:00", 0, DayCount.DAYS, "2026-03-01 00:00"),
        ("2026-02-28 12:00", 2, DayCount.WEEKS, "2026-03-15 00:00"),
        # business days pass over weekends and holidays
        ("2026-11-25 14:00", 1, DayCount.BUSINESS_DAYS, "2026-11-28 00:00"),
        ("2026-11-25 14:00", 2, DayCount.BUSINESS_DAYS, "2026-12-01 00:00"),
        ("2026-11-28 14:00", 1, DayCount.BUSINESS_DAYS, "2026-12-01 00:00"),
        ("2026-11-28 14:00", 0, DayCount.BUSINESS_DAYS, "2026-11-29 00:00"),
        ("2026-12-23 23:00", 5, DayCount.BUSINESS_DAYS, "2027-01-01 00:00"),
        ("2026-12-23 23:00", 6, DayCount.BUSINESS_DAYS, "2027-01-05 00:00"),
        # business time is used up by the minute
        ("2026-11-25 14:00", 3 * HOUR, DayCount.BUSINESS_TIME, "2026-11-25 17:00"),
        ("2026-11-25 14:00", 3 * HOUR + MINUTE, DayCount.BUSINESS_TIME, "2026-11-27 09:01"),
        ("2026-11-25 14:00", 8 * HOUR, DayCount.BUSINESS_TIME, "2026-11-27 14:00"),
        ("2026-11-28 14:00", 8 * HOUR, DayCount.BUSINESS_TIME, "2026-11-30 17:00"),
        ("2026-11-28 14:00", 0, DayCount.BUSINESS_TIME, "2026-11-28 14:00"),
        ("2026-03-06 16:00", 2 * HOUR, DayCount.BUSINESS_TIME, "2026-03-09 10:00"),  # over a clock change
        # months keep the day's number, or take the month's last
        ("2026-01-31 12:00", 1, DayCount.MONTHS, "2026-03-01 00:00"),
        ("2028-01-31 12:00", 1, DayCount.MONTHS, "2028-03-01 00:00"),
        ("2026-01-30 12:00", 13, DayCount.MONTHS, "2027-03-01 00:00"),
        ("2026-02-28 12:00", 1, DayCount.MONTHS, "2026-03-29 00:00"),
        ("2026-10-15 12:00", 3, DayCount.MONTHS, "2027-01-16 00:00"),
    ],
)
def test_a_deadline_is_the_first_instant_that_is_late(start: str, count: int, unit: DayCount, late: str) -> None:
    assert deadline(at(start), Allowance(count, unit), OFFICE) == at(late)


@pytest.mark.parametrize(
    ("day0", "count", "unit", "late"),
    [
        ("2026-02-28", 30, DayCount.DAYS, "2026-03-31 00:00"),
        ("2026-02-28", 1, DayCount.MONTHS, "2026-03-29 00:00"),
        ("2026-02-28", 5, DayCount.BUSINESS_DAYS, "2026-03-07 00:00"),
        ("2026-02-28", 72 * HOUR, DayCount.ELAPSED, "2026-03-04 00:00"),
        ("2026-02-28", 8 * HOUR, DayCount.BUSINESS_TIME, "2026-03-02 17:00"),
    ],
)
def test_after_a_period_its_last_date_is_day_0_and_hours_run_from_its_end(
    day0: str, count: int, unit: DayCount, late: str
) -> None:
    day, allow = date.fromisoformat(day0), Allowance(count, unit)
    assert deadline_after_date(day, allow, OFFICE) == at(late)
    assert explain_deadline_after_date(day, allow, OFFICE).value == at(late)


@pytest.mark.parametrize(
    ("start", "count", "unit", "last", "words"),
    [
        (
            "2026-02-28 14:03",
            30,
            DayCount.DAYS,
            "2026-03-30",
            "day 0 is Sat 28 Feb 2026, day 30 is Mon 30 Mar 2026; late from 31 Mar 2026 00:00 EDT",
        ),
        (
            "2026-02-28 14:03",
            1,
            DayCount.WEEKS,
            "2026-03-07",
            "day 0 is Sat 28 Feb 2026, day 7 (1 week of 7 days) is Sat 7 Mar 2026; late from 8 Mar 2026 00:00 EST",
        ),
        (
            "2026-11-25 14:00",
            2,
            DayCount.BUSINESS_DAYS,
            "2026-11-30",
            "day 0 is Wed 25 Nov 2026, business day 2 is Mon 30 Nov 2026 "
            "(not counted: Thu 26 Nov 2026 is Thanksgiving Day); late from 1 Dec 2026 00:00 EST",
        ),
        (
            "2026-01-31 12:00",
            1,
            DayCount.MONTHS,
            "2026-02-28",
            "day 0 is Sat 31 Jan 2026, the same day 1 month later is Sat 28 Feb 2026 "
            "(the month has no day 31, so its last); late from 1 Mar 2026 00:00 EST",
        ),
        (
            "2026-03-07 14:00",
            24 * HOUR,
            DayCount.ELAPSED,
            "2026-03-08",
            "24 h after 7 Mar 2026 14:00 EST; late from 8 Mar 2026 15:00 EDT",
        ),
        (
            "2026-03-07 14:00",
            10 * HOUR,
            DayCount.ELAPSED,
            "2026-03-07",
            "10 h after 7 Mar 2026 14:00 EST; late from 8 Mar 2026 00:00 EST",
        ),
        (
            "2026-11-25 14:00",
            8 * HOUR,
            DayCount.BUSINESS_TIME,
            "2026-11-27",
            "8 h of business time after 25 Nov 2026 14:00 EST: 3 h from 25 Nov 2026 14:00 EST, "
            "5 h from 27 Nov 2026 09:00 EST; late from 27 Nov 2026 14:00 EST",
        ),
        (
            "2026-11-25 14:00",
            80 * HOUR + 30 * MINUTE,
            DayCount.BUSINESS_TIME,
            "2026-12-10",
            "80 h 30 min of business time after 25 Nov 2026 14:00 EST: 3 h from 25 Nov 2026 14:00 EST, "
            "8 h from 27 Nov 2026 09:00 EST, 8 more stretches, 5 h 30 min from 10 Dec 2026 09:00 EST; "
            "late from 10 Dec 2026 14:30 EST",
        ),
    ],
)
def test_a_deadline_is_explained_in_words(start: str, count: int, unit: DayCount, last: str, words: str) -> None:
    explained = explain_deadline(at(start), Allowance(count, unit), OFFICE)
    assert explained == Deadline(explained.value, date.fromisoformat(last), words)


def test_a_deadline_that_falls_on_a_date_that_was_skipped_is_late_with_the_next() -> None:
    apia = Calendar("always", "Pacific/Apia")
    start = at("2011-12-28 12:00", "Pacific/Apia")
    assert deadline(start, Allowance(2, DayCount.DAYS), apia) == at("2011-12-31 00:00", "Pacific/Apia")
    assert deadline(start, Allowance(2, DayCount.BUSINESS_DAYS), apia) == at("2012-01-01 00:00", "Pacific/Apia")


def test_of_a_calendar_without_hours_every_hour_and_date_counts() -> None:
    start = at("2026-03-06 16:00")
    assert deadline(start, Allowance(72 * HOUR, DayCount.BUSINESS_TIME), ALWAYS) == start + 72 * HOUR
    assert deadline(start, Allowance(2, DayCount.BUSINESS_DAYS), ALWAYS) == at("2026-03-09 00:00")


def test_a_calendar_that_never_opens_is_refused_in_the_end() -> None:
    feast = tuple(date(year, month, day) for year in range(2026, 2128) for month in (1,) for day in (1,))
    never = Calendar("never", NEW_YORK, (), Holidays(dates=feast))
    assert deadline(at("2025-12-31 12:00"), Allowance(1, DayCount.BUSINESS_DAYS), never) == at("2026-01-03 00:00")
    every = tuple(date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(38_000))
    shut = Calendar("shut", NEW_YORK, (), Holidays(dates=every))
    with pytest.raises(NoBusinessTime, match="'shut' has less than 1 business days"):
        deadline(at("2026-01-01 12:00"), Allowance(1, DayCount.BUSINESS_DAYS), shut)
    with pytest.raises(NoBusinessTime, match="'shut' has less than 1 h of business time"):
        deadline(at("2026-01-01 12:00"), Allowance(HOUR, DayCount.BUSINESS_TIME), shut)


@pytest.mark.parametrize("unit", DayCount)
@pytest.mark.parametrize("count", [-1, 10**18])
def test_an_allowance_below_nothing_or_beyond_all_sight_is_refused(unit: DayCount, count: int) -> None:
    with pytest.raises(ValueError, match="is no allowance"):
        deadline(at("2026-01-01 12:00"), Allowance(count, unit), OFFICE)


starts = st.integers(at("2005-01-01 00:00"), at("2036-01-01 00:00"))
places = st.sampled_from([NEW_YORK, "Europe/Dublin", "Pacific/Apia", "America/Sao_Paulo", "America/St_Johns", "UTC"])


def office(zone: str) -> Calendar:
    return Calendar("office", zone, NINE_TO_FIVE, Holidays("US"))


@given(starts, places, st.integers(0, 400 * HOUR))
def test_business_time_up_to_the_deadline_is_the_allowance_and_just_before_it_less(
    start: int, zone: str, count: int
) -> None:
    calendar = office(zone)
    late = deadline(start, Allowance(count, DayCount.BUSINESS_TIME), calendar)
    assert hours(calendar, Span(start, late)).total == count
    if count:
        assert hours(calendar, Span(start, late - 1)).total == count - 1


@given(starts, places, st.integers(1, 40))
def test_business_day_n_is_the_nth_business_day_after_the_event(start: int, zone: str, count: int) -> None:
    calendar = office(zone)
    found = explain_deadline(start, Allowance(count, DayCount.BUSINESS_DAYS), calendar)
    day0 = Zone.named(zone).date_of(start)
    after = [day0 + timedelta(days=ahead) for ahead in range(1, (found.date - day0).days + 1)]
    assert sum(is_business_day(calendar, day) for day in after) == count
    assert is_business_day(calendar, found.date)
    assert found.value == Zone.named(zone).day(found.date).end


@given(starts, places, st.sampled_from(DayCount), st.integers(0, 60), st.integers(0, 3 * DAY))
def test_a_later_event_or_a_longer_allowance_is_never_late_earlier(
    start: int, zone: str, unit: DayCount, count: int, later: int
) -> None:
    calendar = office(zone)
    scale = HOUR if unit in (DayCount.ELAPSED, DayCount.BUSINESS_TIME) else 1
    first = deadline(start, Allowance(count * scale, unit), calendar)
    assert first >= start
    assert deadline(start, Allowance((count + 1) * scale, unit), calendar) >= first
    assert deadline(start + later, Allowance(count * scale, unit), calendar) >= first
