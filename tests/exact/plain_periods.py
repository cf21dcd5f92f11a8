"""Periods by stepping from date to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from makegood.model.order import Order, Term
from makegood.model.when import PeriodKind, PeriodRule

ONE_DAY = timedelta(days=1)


def months_after(day: date, n: int) -> date:
    """The same day number so many months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1


def _starts(rule: PeriodRule, day: date) -> bool:
    """Whether a period begins on a date."""
    match rule.kind:
        case PeriodKind.DAY:
            return True
        case PeriodKind.WEEK:
            return day.weekday() == rule.week_starts
        case PeriodKind.MONTH:
            return day.day == 1
        case PeriodKind.BILLING_MONTH:
            is_last = (day + ONE_DAY).day == 1
            return day.day == rule.anchor or (is_last and day.day < rule.anchor)
        case PeriodKind.QUARTER:
            return day.day == 1 and (day.month - rule.first_month) % 3 == 0
        case PeriodKind.YEAR:
            return day.day == 1 and day.month == rule.first_month
    raise NotImplementedError(rule.kind)


@lru_cache(4_096)
def dates_of(rule: PeriodRule, day: date) -> tuple[date, date]:
    """The first and last date of the period that holds a date; of days, the one that ends with it."""
    if rule.kind is PeriodKind.DAYS:
        return day - timedelta(days=rule.days - 1), day
    first = day
    while not _starts(rule, first):
        first -= ONE_DAY
    last = day
    while not _starts(rule, last + ONE_DAY):
        last += ONE_DAY
    return first, last


def dated_between(rule: PeriodRule, first: date, last: date, dated: str) -> Iterator[tuple[date, date]]:
    """The periods whose last date (or first one, for `period start`) lies between two dates, in order."""
    if rule.kind is PeriodKind.DAYS:
        ahead = timedelta(days=rule.days - 1 if dated == "period start" else 0)
        for n in range((last - first).days + 1):
            yield dates_of(rule, first + timedelta(days=n) + ahead)
        return
    day = first
    while day <= last:
        begun, ends = dates_of(rule, day)
        if first <= (begun if dated == "period start" else ends) <= last:
            yield begun, ends
        day = ends + ONE_DAY


def label_of(rule: PeriodRule, dates: tuple[date, date]) -> str:
    first, last = dates
    match rule.kind:
        case PeriodKind.MONTH | PeriodKind.BILLING_MONTH:
            return f"{first:%Y-%m}"
        case PeriodKind.WEEK if rule.week_starts == 0:
            return "{}-W{:02d}".format(*first.isocalendar()[:2])
        case PeriodKind.WEEK:
            return f"{first}/week"
        case PeriodKind.DAYS:
            return f"{last}/{rule.days}d"
        case PeriodKind.DAY:
            return str(first)
    raise NotImplementedError(rule.kind)


def term_at(order: Order, day: date) -> Term:
    """The term that holds a date: the first one for a date before all of them, the last one for a date after them."""
    begun = [term for term in order.agreed if term.first <= day]
    return begun[-1] if begun else order.agreed[0]
