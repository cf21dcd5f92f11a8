from datetime import date
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.calendar.period import NoSuchPeriod, following, period_holding, period_named, periods, span_of
from makegood.calendar.zone import Zone
from makegood.model.spans import DAY, END_OF_TIME, HOUR, Span
from makegood.model.when import ClockTime, Period, PeriodKind, PeriodRule, Weekday

BERLIN = "Europe/Berlin"
MONTH = PeriodRule("monthly", PeriodKind.MONTH, BERLIN)
QUARTER = PeriodRule("quarterly", PeriodKind.QUARTER, BERLIN)
FISCAL = PeriodRule("fiscal quarter", PeriodKind.QUARTER, BERLIN, first_month=4)
YEAR = PeriodRule("yearly", PeriodKind.YEAR, BERLIN)
FISCAL_YEAR = PeriodRule("fiscal year", PeriodKind.YEAR, BERLIN, first_month=7)
WEEK = PeriodRule("weekly", PeriodKind.WEEK, BERLIN)
SUNDAYS = PeriodRule("weekly from Sunday", PeriodKind.WEEK, BERLIN, week_starts=Weekday.SUNDAY)
DAILY = PeriodRule("daily", PeriodKind.DAY, BERLIN)
BILLING = PeriodRule("billed on the 15th", PeriodKind.BILLING_MONTH, BERLIN, anchor=15)
BILLING_31 = PeriodRule("billed on the 31st", PeriodKind.BILLING_MONTH, BERLIN, anchor=31)
DAYS = PeriodRule("thirty days", PeriodKind.DAYS, BERLIN, days=30)
RULES = [MONTH, QUARTER, FISCAL, YEAR, FISCAL_YEAR, WEEK, SUNDAYS, DAILY, BILLING, BILLING_31, DAYS]


@pytest.mark.parametrize(
    ("rule", "label", "first", "last", "hours"),
    [
        (MONTH, "2026-02", "2026-02-01", "2026-02-28", 28 * 24),
        (MONTH, "2028-02", "2028-02-01", "2028-02-29", 29 * 24),
        (MONTH, "2026-03", "2026-03-01", "2026-03-31", 31 * 24 - 1),
        (MONTH, "2026-10", "2026-10-01", "2026-10-31", 31 * 24 + 1),
        (QUARTER, "2026-Q1", "2026-01-01", "2026-03-31", 90 * 24 - 1),
        (QUARTER, "2026-Q4", "2026-10-01", "2026-12-31", 92 * 24 + 1),
        (FISCAL, "2026-Q1", "2026-04-01", "2026-06-30", 91 * 24),
        (FISCAL, "2026-Q4", "2027-01-01", "2027-03-31", 90 * 24 - 1),
        (YEAR, "2026", "2026-01-01", "2026-12-31", 365 * 24),
        (FISCAL_YEAR, "2026", "2026-07-01", "2027-06-30", 365 * 24),
        (WEEK, "2026-W07", "2026-02-09", "2026-02-15", 7 * 24),
        (WEEK, "2026-W53", "2026-12-28", "2027-01-03", 7 * 24),
        (WEEK, "2025-W01", "2024-12-30", "2025-01-05", 7 * 24),
        (SUNDAYS, "2026-02-08/week", "2026-02-08", "2026-02-14", 7 * 24),
        (SUNDAYS, "2026-03-29/week", "2026-03-29", "2026-04-04", 7 * 24 - 1),
        (DAILY, "2026-02-08", "2026-02-08", "2026-02-08", 24),
        (DAILY, "2026-03-29", "2026-03-29", "2026-03-29", 23),
        (BILLING, "2026-02", "2026-02-15", "2026-03-14", 28 * 24),
        (BILLING_31, "2026-01", "2026-01-31", "2026-02-27", 28 * 24),
        (BILLING_31, "2026-02", "2026-02-28", "2026-03-30", 31 * 24 - 1),
        (BILLING_31, "2026-04", "2026-04-30", "2026-05-30", 31 * 24),
        (DAYS, "2026-02-28/30d", "2026-01-30", "2026-02-28", 30 * 24),
        (DAYS, "2026-03-29/30d", "2026-02-28", "2026-03-29", 30 * 24 - 1),
    ],
)
def test_a_label_names_a_period_with_its_dates_and_true_length(
    rule: PeriodRule, label: str, first: str, last: str, hours: int
) -> None:
    period = period_named(rule, label)
    assert period == Period(label, date.fromisoformat(first), date.fromisoformat(last), BERLIN)
    assert span_of(period).length == hours * HOUR


@pytest.mark.parametrize(
    ("rule", "label", "form"),
    [
        (MONTH, "2026-13", "write a calendar month such as 2026-02"),
        (MONTH, "2026-2", "write a calendar month such as 2026-02"),
        (MONTH, "February 2026", "write a calendar month such as 2026-02"),
        (MONTH, "0000-01", "write a calendar month such as 2026-02"),
        (MONTH, "9999-12", "write a calendar month such as 2026-02"),
        (MONTH, "2026-02-01", "write a calendar month such as 2026-02"),
        (MONTH, "٢٠٢٦-02", "write a calendar month such as 2026-02"),
        (MONTH, "2026-02\n", "write a calendar month such as 2026-02"),
        (QUARTER, "2026-Q5", "write a calendar quarter such as 2026-Q1"),
        (QUARTER, "2026-02", "write a calendar quarter such as 2026-Q1"),
        (FISCAL, "2026", "write a calendar quarter such as 2025-Q4"),
        (YEAR, "26", "write a calendar year such as 2026"),
        (WEEK, "2026-W54", "write a week such as 2026-W09"),
        (WEEK, "2025-W53", "write a week such as 2026-W09"),
        (WEEK, "2026-W00", "write a week such as 2026-W09"),
        (SUNDAYS, "2026-02-09/week", "write a week such as 2026-02-22/week"),  # a Monday
        (SUNDAYS, "2026-W07", "write a week such as 2026-02-22/week"),
        (DAILY, "2026-02-30", "write a day such as 2026-02-28"),
        (DAILY, "20260228", "write a day such as 2026-02-28"),
        (DAYS, "2026-02-28/31d", "write a window of days such as 2026-02-28/30d"),
        (DAYS, "", "write a window of days such as 2026-02-28/30d"),
    ],
)
def test_a_label_of_another_form_is_refused_with_the_form_that_is_taken(
    rule: PeriodRule, label: str, form: str
) -> None:
    with pytest.raises(NoSuchPeriod) as refused:
        period_named(rule, label)
    assert str(refused.value) == f"{label!r} names no period of {rule.name!r}: {form}"


@pytest.mark.parametrize(
    ("rule", "day", "time", "label"),
    [
        (MONTH, "2026-02-28", 86_399, "2026-02"),
        (MONTH, "2026-02-28", 86_400, "2026-03"),
        (FISCAL, "2026-03-31", 0, "2025-Q4"),
        (FISCAL_YEAR, "2026-06-30", 0, "2025"),
        (WEEK, "2027-01-03", 0, "2026-W53"),
        (SUNDAYS, "2026-02-14", 0, "2026-02-08/week"),
        (BILLING, "2026-02-14", 0, "2026-01"),
        (BILLING, "2026-02-15", 0, "2026-02"),
        (BILLING_31, "2026-02-28", 0, "2026-02"),
        (BILLING_31, "2026-03-30", 0, "2026-02"),
        (BILLING_31, "2026-03-31", 0, "2026-03"),
        (DAYS, "2026-02-28", 0, "2026-02-28/30d"),
    ],
)
def test_an_instant_is_in_the_period_of_its_local_date(rule: PeriodRule, day: str, time: int, label: str) -> None:
    at = Zone.named(BERLIN).instant(date.fromisoformat(day), ClockTime(time))
    assert period_holding(rule, at).label == label


@pytest.mark.parametrize(
    ("rule", "label", "n", "expected"),
    [
        (MONTH, "2026-02", 0, "2026-02"),
        (MONTH, "2026-11", 3, "2027-02"),
        (MONTH, "2026-02", -2, "2025-12"),
        (FISCAL, "2026-Q4", 1, "2027-Q1"),
        (WEEK, "2026-W53", 1, "2027-W01"),
        (BILLING_31, "2026-01", 2, "2026-03"),
        (DAYS, "2026-02-28/30d", 1, "2026-03-01/30d"),
    ],
)
def test_periods_follow_each_other(rule: PeriodRule, label: str, n: int, expected: str) -> None:
    assert following(rule, period_named(rule, label), n).label == expected


def test_the_periods_of_a_span_are_those_that_share_an_instant_with_it() -> None:
    zone = Zone.named(BERLIN)
    february = zone.days(date(2026, 2, 1), date(2026, 2, 28))
    assert [period.label for period in periods(MONTH, february)] == ["2026-02"]
    assert [p.label for p in periods(MONTH, Span(february.start - 1, february.end + 1))] == [
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert list(periods(MONTH, Span(february.start, february.start))) == []
    assert len(list(periods(DAYS, february))) == 28


def test_a_date_that_the_clock_skipped_is_no_period() -> None:
    apia = PeriodRule("daily", PeriodKind.DAY, "Pacific/Apia")
    over = Zone.named("Pacific/Apia").days(date(2011, 12, 29), date(2011, 12, 31))
    assert [period.label for period in periods(apia, over)] == ["2011-12-29", "2011-12-31"]


def test_an_order_without_a_last_day_has_periods_as_long_as_one_asks() -> None:
    begin = Zone.named(BERLIN).day(date(2026, 1, 1)).start
    labels = [period.label for period in islice(periods(MONTH, Span(begin, END_OF_TIME)), 400)]
    assert labels[-1] == "2059-04"
    year_by_year = list(periods(YEAR, Span(begin, END_OF_TIME)))
    assert year_by_year[-1].label == "9997"


@given(st.sampled_from(RULES), st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 200 * 24))
def test_periods_lie_end_to_end_and_hold_their_instants(rule: PeriodRule, day: date, hours: int) -> None:
    begin = Zone.named(BERLIN).day(day).start
    over = Span(begin, begin + hours * HOUR)
    found = list(periods(rule, over))
    for period in found:
        assert period_named(rule, period.label) == period
    for one, next_one in pairwise(found):
        assert following(rule, one) == next_one
        if rule.kind is not PeriodKind.DAYS:
            assert span_of(one).end == span_of(next_one).start
    if found:
        assert period_holding(rule, over.start) == found[0]
        assert period_holding(rule, over.end - 1) == found[-1]
        assert over.start in span_of(found[0])
    assert bool(found) == (hours > 0)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, DAY - 1))
def test_n_days_are_n_local_dates_ending_with_the_one_that_holds_the_instant(day: date, after: int) -> None:
    zone = Zone.named(BERLIN)
    at = min(zone.day(day).start + after, zone.day(day).end - 1)
    period = period_holding(DAYS, at)
    assert period.last == day
    assert (period.last - period.first).days == 29
