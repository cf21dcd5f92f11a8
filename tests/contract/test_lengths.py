"""Lengths of time: elapsed, in open hours, or counted in dates; never one for another."""

import pytest

from makegood.contract.numbers import Wrong, allowance, duration
from makegood.model.spans import HOUR, MINUTE, SECOND
from makegood.model.when import Allowance, DayCount


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 min", 5 * MINUTE),
        ("72 h", 72 * HOUR),
        ("30 s", 30 * SECOND),
        ("250 ms", 250_000),
        ("4 hours", 4 * HOUR),
        ("1 hour", HOUR),
        ("1 h 30 min", HOUR + 30 * MINUTE),
        ("43 min 50 s", 43 * MINUTE + 50 * SECOND),
        ("1.5 h", HOUR + 30 * MINUTE),
        ("90 min", 90 * MINUTE),
        ("0 s", 0),
        ("0.5 ms", 500),
        ("5min", 5 * MINUTE),
        ("1h30min", HOUR + 30 * MINUTE),
        ("5\u00a0min", 5 * MINUTE),
        ("1,000 h", 1000 * HOUR),
    ],
)
def test_a_length_of_time_is_microseconds(text: str, value: int) -> None:
    assert duration(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        ("5m", "`5m` could be minutes or months", "the unit is written out", "write 5 min or 5 months"),
        ("5", "`5` has no unit", "it could be seconds or h", "write 5 s, 5 min or 5 h"),
        ("-5 min", "`-5 min` is below zero", "a length of time cannot be negative", "write 5 min"),
        ("−5 min", "`-5 min` is below zero", "a length of time cannot be negative", "write 5 min"),
        (
            "30 days",
            "`30 days` is not elapsed time",
            "days are counted as local dates, which differ in length",
            "write 720 h if elapsed time is meant",
        ),
        (
            "2d",
            "`2d` is not elapsed time",
            "days are counted as local dates, which differ in length",
            "write 48 h if elapsed time is meant",
        ),
        (
            "1 week",
            "`1 week` is not elapsed time",
            "weeks are counted as local dates, which differ in length",
            "write 168 h if elapsed time is meant",
        ),
        (
            "1 month",
            "`1 month` is not elapsed time",
            "months are counted as local dates, which differ in length",
            "write hours",
        ),
        (
            "1 year",
            "`1 year` is not elapsed time",
            "years are counted as local dates, which differ in length",
            "write hours",
        ),
        ("5 Min", "`Min` is not a unit of time", "", "write 5 min"),
        ("5 mins", "`mins` is not a unit of time", "", "write 5 min"),
        ("2 hrs", "`hrs` is not a unit of time", "", "write 2 h"),
        (
            "30 min 1 h",
            "`30 min 1 h` is out of order",
            "the larger unit comes first, and each unit once",
            "write as in 1 h 30 min",
        ),
        (
            "1 h 1 h",
            "`1 h 1 h` is out of order",
            "the larger unit comes first, and each unit once",
            "write as in 1 h 30 min",
        ),
        (
            "1 h 90 min",
            "`1 h 90 min` is out of order",
            "90 min is more than the unit before it",
            "write as in 1 h 30 min",
        ),
        ("1:30", "`1:30` looks like a time of day", "a length of time has units", "write 1 h 30 min"),
        ("01:30:05", "`01:30:05` looks like a time of day", "a length of time has units", "write 1 h 30 min 5 s"),
        (
            "0.0000001 s",
            "`0.0000001 s` is not a whole number of microseconds",
            "time is counted in microseconds",
            "write fewer digits",
        ),
        ("9,999,999 h", "`9,999,999 h` is more than 1,000 years", "no agreement runs so long", "write a shorter time"),
        ("5 min.", "`5 min.` is not a length of time", "it ends with a full stop", "write 5 min"),
        ("h", "`h` is not a length of time", "", "write as in 5 min, 72 h or 1 h 30 min"),
        ("5 parsecs", "`parsecs` is not a unit of time", "", "the units are ms, s, min and h"),
        ("1,5 h", "`1,5` is not a number", "a comma groups thousands", "write 1.5 h"),
        ("1 h and 5 min", "`1 h and 5 min` is not a length of time", "", "write as in 5 min, 72 h or 1 h 30 min"),
    ],
)
def test_a_length_without_a_plain_unit_is_refused(text: str, what: str, why: str, hint: str) -> None:
    assert duration(text) == Wrong(what, why, hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("72 h", Allowance(72 * HOUR, DayCount.ELAPSED)),
        ("30 min", Allowance(30 * MINUTE, DayCount.ELAPSED)),
        ("30 days", Allowance(30, DayCount.DAYS)),
        ("1 day", Allowance(1, DayCount.DAYS)),
        ("30 calendar days", Allowance(30, DayCount.DAYS)),
        ("15 business days", Allowance(15, DayCount.BUSINESS_DAYS)),
        ("8 business hours", Allowance(8 * HOUR, DayCount.BUSINESS_TIME)),
        ("30 business minutes", Allowance(30 * MINUTE, DayCount.BUSINESS_TIME)),
        ("2 weeks", Allowance(2, DayCount.WEEKS)),
        ("1 month", Allowance(1, DayCount.MONTHS)),
    ],
)
def test_an_allowance_says_what_it_is_counted_in(text: str, value: Allowance) -> None:
    assert allowance(text) == value


@pytest.mark.parametrize(
    ("text", "what", "why", "hint"),
    [
        ("5m", "`5m` could be minutes or months", "the unit is written out", "write 5 min or 5 months"),
        ("30", "`30` has no unit", "it could be seconds or days", "write 30 s, 30 min or 30 days"),
        ("5d", "`5d` is not a length of time", "", "write 5 days"),
        ("-3 days", "`-3 days` is below zero", "a length of time cannot be negative", "write 3 days"),
        ("1.5 days", "`1.5 days` is not a whole number of days", "days are counted", "write a whole number, or hours"),
        ("10 working days", "`10 working days` is not a length of time", "", "write 10 business days"),
        ("1 year", "`1 year` is not a length of time", "years are counted in months", "write 12 months"),
        ("2 quarters", "`2 quarters` is not a length of time", "quarters are counted in months", "write 6 months"),
        (
            "3 fortnights",
            "`fortnights` is not a unit of time",
            "",
            "the units are ms, s, min and h; or as in 15 business days, 30 days, 1 month or 72 h",
        ),
        (
            "1,000,000 days",
            "`1,000,000 days` is more than 1,000 years",
            "no agreement runs so long",
            "write a shorter time",
        ),
        ("8 business hrs", "`hrs` is not a unit of time", "", "write as in 8 business hours or 15 business days"),
        ("30 dayss", "`30 dayss` is not a length of time", "", "write 30 days"),
    ],
)
def test_an_allowance_that_is_counted_in_nothing_known_is_refused(text: str, what: str, why: str, hint: str) -> None:
    assert allowance(text) == Wrong(what, why, hint)
