"""Money as the design states it, in the plainest way: fees by the day and the month, and rounding by trying."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from makegood.model.order import CoveredService, Order
from makegood.model.terms import BasisRule, FeesOf, FeesWhen

PER = {"month": 1, "quarter": 3, "year": 12}


def fees_of(rule: BasisRule, order: Order, subject: list[CoveredService], dates: tuple[date, date]) -> Fraction:
    """The money a basis names for a period, exact."""
    among = subject if rule.fees is FeesOf.SUBJECT else order.services
    found = Fraction()
    for service in among:
        first = max(order.term.first, service.starts or order.term.first)
        last = min(order.term.last, service.ends or order.term.last)
        if max(first, dates[0]) > min(last, dates[1]):
            continue
        found += _fees(rule.when, order, service, dates)
    return found


def _fees(when: FeesWhen, order: Order, service: CoveredService, dates: tuple[date, date]) -> Fraction:
    term = (order.term.first, order.term.last)
    inside = max(dates[0], term[0]), min(dates[1], term[1])
    fee = [f for f in service.fees if f.starts <= max(inside[0], service.starts or inside[0])][-1]
    if when is FeesWhen.PERIOD:
        return fee.amount.minor * months(*dates) / (months(*term) if fee.per == "term" else PER[fee.per])
    first = [f for f in service.fees if f.starts <= max(term[0], service.starts or term[0])][-1]
    whole = first.amount.minor if first.per == "term" else first.amount.minor * months(*term) / PER[first.per]
    match when:
        case FeesWhen.TERM_EQUAL_PARTS:
            return whole * months(*dates) / months(*term)
        case FeesWhen.TERM_MONTHS:
            return whole * months(*inside) / months(*term)
        case FeesWhen.TERM_DAYS:
            return whole * Fraction(days(*inside), days(*term))
    raise NotImplementedError(when)


def days(first: date, last: date) -> int:
    count = 0
    while first <= last:
        first, count = first + timedelta(days=1), count + 1
    return count


def months(first: date, last: date) -> Fraction:
    """Whole months from the first date, then the days left over as a share of the month that they fall in."""
    if last < first:
        return Fraction()
    whole = 0
    while months_after(first, whole + 1) <= last + timedelta(days=1):
        whole += 1
    begun, ends = months_after(first, whole), months_after(first, whole + 1)
    return whole + Fraction(days(begun, last), days(begun, ends - timedelta(days=1)))


def months_after(day: date, n: int) -> date:
    """The same day number so many months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1


def whole_units(exact: Fraction, how: str) -> int:
    """The whole number nearest to an amount of nothing or more, by the named rule."""
    below = exact.numerator // exact.denominator
    rest = exact - below
    if how == "down":
        return below
    if how == "up":
        return below + (rest > 0)
    if rest == Fraction(1, 2):
        return below + 1 if how == "half up" else below + below % 2
    return below + (rest > Fraction(1, 2))
