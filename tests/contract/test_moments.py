"""Times of day, dates and moments: one way of writing each, and no zone guessed."""

from datetime import date

import pytest

from makegood.contract.numbers import Wrong, clock_time, day, instant
from makegood.model.spans import SECOND
from makegood.model.when import ClockTime


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("02:00", ClockTime(7_200)),
        ("9:00", ClockTime(32_400)),
        ("00:00", ClockTime(0)),
        ("24:00", ClockTime(86_400)),
        ("23:59:59", ClockTime(86_399)),
    ],
)
def test_a_time_of_day_is_on_the_24_hour_clock(text: str, value: ClockTime) -> None:
    assert clock_time(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        ("10", "`10` is not a time of day", "hours and minutes are joined by a colon", "write 10:00"),
        ("2 am", "`2 am` is not a time of day", "times are written on the 24-hour clock", "write 02:00"),
        ("12 am", "`12 am` is not a time of day", "times are written on the 24-hour clock", "write 00:00"),
        ("12 pm", "`12 pm` is not a time of day", "times are written on the 24-hour clock", "write 12:00"),
        ("2:30 pm", "`2:30 pm` is not a time of day", "times are written on the 24-hour clock", "write 14:30"),
        ("10.30", "`10.30` is not a time of day", "hours and minutes are joined by a colon", "write 10:30"),
        ("0930", "`0930` is not a time of day", "hours and minutes are joined by a colon", "write 09:30"),
        ("9h30", "`9h30` is not a time of day", "hours and minutes are joined by a colon", "write 09:30"),
        ("24:01", "`24:01` is not a time of day", "times run from 00:00 to 24:00", "write as in 02:00 or 18:30"),
        ("25:00", "`25:00` is not a time of day", "times run from 00:00 to 24:00", "write as in 02:00 or 18:30"),
        ("12:60", "`12:60` is not a time of day", "times run from 00:00 to 24:00", "write as in 02:00 or 18:30"),
        ("noon", "`noon` is not a time of day", "", "write 12:00"),
        (
            "midnight",
            "`midnight` is not a time of day",
            "",
            "write 00:00 for the start of the day, or 24:00 for its end",
        ),
        ("2:5", "`2:5` is not a time of day", "", "write as in 02:00 or 18:30"),
        ("soon", "`soon` is not a time of day", "", "write as in 02:00 or 18:30"),
        (
            "１０:００",
            "“１” (FULLWIDTH DIGIT ONE) cannot stand in a value",
            "it looks like another character, or like none",
            "write 10:00",
        ),
    ],
)
def test_another_time_of_day_is_refused_with_the_right_one(text: str, what: str, why: str, hint: str) -> None:
    assert clock_time(text) == Wrong(what, why, hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-02-28", date(2026, 2, 28)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_a_date_is_year_month_and_day(text: str, value: date) -> None:
    assert day(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        ("28.02.2026", "`28.02.2026` is not a date", "dates begin with the year", "write 2026-02-28"),
        ("02/28/2026", "`02/28/2026` is not a date", "dates begin with the year", "write 2026-02-28"),
        (
            "2/3/2026",
            "`2/3/2026` is not a date",
            "it may begin with the month or with the day",
            "write 2026-02-03 or 2026-03-02",
        ),
        ("2026-2-8", "`2026-2-8` is not a date", "month and day have two digits", "write 2026-02-08"),
        ("2026/02/08", "`2026/02/08` is not a date", "its parts are joined by hyphens", "write 2026-02-08"),
        ("2026-02-30", "February 2026 has no day 30", "it has 28 days", "write 2026-02-28"),
        ("2026-04-31", "April 2026 has no day 31", "it has 30 days", "write 2026-04-30"),
        ("2024-02-30", "February 2024 has no day 30", "it has 29 days", "write 2024-02-29"),
        ("2026-13-01", "`2026-13-01` has no month 13", "the month comes before the day", "write 2026-01-13"),
        ("2026-28-02", "`2026-28-02` has no month 28", "the month comes before the day", "write 2026-02-28"),
        ("0000-01-01", "`0000-01-01` has no year", "years begin at 0001", "write the year with four digits"),
        ("2026-02-28T14:00:00Z", "`2026-02-28T14:00:00Z` is not a date", "it has a time of day", "write 2026-02-28"),
        ("February 28, 2026", "`February 28, 2026` is not a date", "", "write year, month and day, as in 2026-02-28"),
        ("20260228", "`20260228` is not a date", "its parts are joined by hyphens", "write 2026-02-28"),
        ("2026-12-32", "December 2026 has no day 32", "it has 31 days", "write 2026-12-31"),
        ("2026-00-10", "`2026-00-10` has no month 00", "the month comes before the day", "write a month from 01 to 12"),
    ],
)
def test_another_date_is_refused_with_the_right_one(text: str, what: str, why: str, hint: str) -> None:
    assert day(text) == Wrong(what, why, hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2023-11-14T22:13:20Z", 1_700_000_000 * SECOND),
        ("2023-11-14 22:13:20Z", 1_700_000_000 * SECOND),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000 * SECOND),
        ("2023-11-14T16:43:20−05:30", 1_700_000_000 * SECOND),
        ("2023-11-14T22:13Z", 1_699_999_980 * SECOND),
        ("1970-01-01T00:00:00.25Z", 250_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T00:00:00.1000000Z", 100_000),
    ],
)
def test_a_moment_has_its_offset(text: str, value: int) -> None:
    assert instant(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        (
            "2026-02-28T14:00:00",
            "`2026-02-28T14:00:00` has no offset from UTC",
            "the same clock time is many moments",
            "write 2026-02-28T14:00:00Z if it is UTC, or as in 2026-02-28T14:00:00-05:00",
        ),
        (
            "2026-02-28 14:00",
            "`2026-02-28 14:00` has no offset from UTC",
            "the same clock time is many moments",
            "write 2026-02-28 14:00Z if it is UTC, or as in 2026-02-28 14:00-05:00",
        ),
        ("2026-02-28", "`2026-02-28` is not a moment", "it has no time of day", "write as in 2026-02-28T00:00:00Z"),
        (
            "1700000000",
            "`1700000000` is not a moment",
            "it looks like seconds since 1970",
            "write 2023-11-14T22:13:20Z",
        ),
        (
            "1700000000000",
            "`1700000000000` is not a moment",
            "it looks like milliseconds since 1970",
            "write 2023-11-14T22:13:20Z",
        ),
        (
            "1700000000000000",
            "`1700000000000000` is not a moment",
            "it looks like microseconds since 1970",
            "write 2023-11-14T22:13:20Z",
        ),
        (
            "1700000000000000000",
            "`1700000000000000000` is not a moment",
            "it looks like nanoseconds since 1970",
            "write 2023-11-14T22:13:20Z",
        ),
        ("2026-02-30T00:00:00Z", "February 2026 has no day 30", "it has 28 days", "write 2026-02-28"),
        (
            "2026-02-28T24:00:00Z",
            "`2026-02-28T24:00:00Z` is on the next date",
            "a moment lies before 24:00",
            "write 00:00 on the next date",
        ),
        (
            "2016-12-31T23:59:60Z",
            "`2016-12-31T23:59:60Z` has a 61st second",
            "leap seconds are not counted",
            "write :59, or the next second",
        ),
        (
            "2026-02-28T14:00:00.1234567Z",
            "`2026-02-28T14:00:00.1234567Z` is finer than a microsecond",
            "time is counted in microseconds",
            "write at most 6 digits",
        ),
        (
            "2026-02-28T14:00:00+25:00",
            "`+25:00` is not an offset from UTC",
            "offsets lie between -23:59 and +23:59",
            "write as in +01:00",
        ),
        (
            "2026-02-28T14:00:00-00:00",
            "`-00:00` says that the offset is unknown",
            "RFC 3339 gives it that meaning",
            "write Z for UTC",
        ),
        (
            "2026-02-28T14:00:00 EST",
            "`2026-02-28T14:00:00 EST` is not a moment",
            "",
            "write as in 2026-02-28T14:00:00Z or 2026-02-28T14:00:00+01:00",
        ),
        (
            "28.02.2026 14:00",
            "`28.02.2026 14:00` is not a moment",
            "",
            "write as in 2026-02-28T14:00:00Z or 2026-02-28T14:00:00+01:00",
        ),
        (
            "yesterday",
            "`yesterday` is not a moment",
            "",
            "write as in 2026-02-28T14:00:00Z or 2026-02-28T14:00:00+01:00",
        ),
        (
            "2026-02-28T25:00:00Z",
            "`25:00:00` is not a time of day",
            "times run from 00:00 to 24:00",
            "write as in 02:00 or 18:30",
        ),
    ],
)
def test_a_moment_without_an_offset_or_written_as_a_number_is_refused(
    text: str, what: str, why: str, hint: str
) -> None:
    assert instant(text) == Wrong(what, why, hint)


@pytest.mark.parametrize(
    ("text", "zone", "same_as"),
    [
        ("2026-01-15 09:00", "America/New_York", "2026-01-15T14:00:00Z"),
        ("2026-07-15 09:00", "America/New_York", "2026-07-15T13:00:00Z"),
        ("2026-03-08 02:30", "America/New_York", "2026-03-08T07:00:00Z"),  # skipped: the first instant after it
        ("2026-11-01 01:30", "America/New_York", "2026-11-01T05:30:00Z"),  # repeated: the first of the two
        ("2026-01-15 09:00Z", "America/New_York", "2026-01-15T09:00:00Z"),
        ("2026-01-15 09:00:00.5", "UTC", "2026-01-15T09:00:00.5Z"),
    ],
)
def test_with_a_zone_given_a_local_time_is_the_first_instant_that_shows_it(text: str, zone: str, same_as: str) -> None:
    assert instant(text, zone) == instant(same_as)


def test_an_unknown_zone_is_refused() -> None:
    wrong = instant("2026-01-15 09:00", "Mars/Olympus")
    assert isinstance(wrong, Wrong)
    assert wrong.what == "`Mars/Olympus` is not a time zone"


def test_a_local_time_beyond_the_known_years_is_refused() -> None:
    assert instant("9999-01-15 09:00", "UTC") == Wrong(
        "`9999-01-15 09:00` is too far away",
        "local times are known from the years 2 to 9998",
        "write a nearer date",
    )
