"""Periods: how a rule cuts local time into the spans that are judged, and what each is called (DESIGN §3.1).

| kind | label | |
|---|---|---|
| calendar month | `2026-02` | |
| calendar quarter | `2026-Q1` | of the year, or fiscal year, that starts in 2026 |
| calendar year | `2026` | that starts in 2026 |
| week | `2026-W07` | by ISO 8601 where weeks start on Monday; else by its first date, `2026-02-08/week` |
| day | `2026-02-08` | |
| billing month | `2026-02` | that starts in that month, on the anchor day or the month's last |
| days | `2026-02-28/30d` | thirty local dates, this one the last |

Every period of a rule has a number, one more than that of the period before; all else here goes by that number.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from makegood.calendar.zone import MIDNIGHT, Zone
from makegood.model.spans import Instant, Span
from makegood.model.when import Period, PeriodKind, PeriodRule, Weekday

MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


class NoSuchPeriod(ValueError):
    """A label that names no period of the rule; the message tells the form that does."""

    def __init__(self, rule: PeriodRule, label: str) -> None:
        super().__init__(f"{label!r} names no period of {rule.name!r}: {expected_label(rule)}")


def period_named(rule: PeriodRule, label: str) -> Period:
    """The rule's period with this label. Raises NoSuchPeriod."""
    try:
        period = _numbered(rule, _number_labelled(rule, label))
    except (ValueError, OverflowError):
        raise NoSuchPeriod(rule, label) from None
    if period.label != label:
        raise NoSuchPeriod(rule, label)
    return period


def period_holding(rule: PeriodRule, instant: Instant) -> Period:
    """The period that holds an instant; of days, the one whose last date does."""
    return _numbered(rule, _number(rule, Zone.named(rule.zone).date_of(instant)))


def periods(rule: PeriodRule, over: Span) -> Iterator[Period]:
    """The periods that share an instant with a span, in order and whole: whether to cut them is the caller's choice.

    Of days, one for each local date in the span, as its last. The end may be open; then they go on to the year 9998.
    """
    if not over.length:
        return
    zone = Zone.named(rule.zone)
    number = _number(rule, zone.date_of(over.start))
    begin = zone.instant(_begun(rule, number), MIDNIGHT)
    while begin < over.end:
        try:
            end = zone.instant(_begun(rule, number + 1), MIDNIGHT)
        except (ValueError, OverflowError):
            return
        if end > max(begin, over.start):
            yield _numbered(rule, number)
        number, begin = number + 1, end


def following(rule: PeriodRule, period: Period, n: int = 1) -> Period:
    """The n-th period after this one of the same rule; 0 is itself, -1 the one before. Of days, n dates later."""
    return _numbered(rule, _number(rule, period.last if rule.kind is PeriodKind.DAYS else period.first) + n)


def span_of(period: Period) -> Span:
    """From the first instant of its first local date to the end of its last: the true length, with clock changes."""
    return Zone.named(period.zone).days(period.first, period.last)


def expected_label(rule: PeriodRule) -> str:
    """How this rule's periods are written, by an example."""
    kind = "window of days" if rule.kind is PeriodKind.DAYS else rule.kind.value
    return f"write a {kind} such as {_numbered(rule, _number(rule, date(2026, 2, 28))).label}"


def clamped(year: int, month: int, day: int) -> date:
    """This day of a month, or the month's last where it has none such."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _number(rule: PeriodRule, day: date) -> int:
    months = day.year * 12 + day.month - 1
    match rule.kind:
        case PeriodKind.MONTH | PeriodKind.QUARTER | PeriodKind.YEAR:
            return (months - (rule.first_month - 1)) // MONTHS_IN[rule.kind]
        case PeriodKind.BILLING_MONTH:
            return months - (day < clamped(day.year, day.month, rule.anchor))
        case PeriodKind.WEEK:
            return (day.toordinal() - 1 - rule.week_starts) // 7  # 0001-01-01 was a Monday
        case PeriodKind.DAY | PeriodKind.DAYS:
            return day.toordinal()


def _first(rule: PeriodRule, number: int) -> date:
    match rule.kind:
        case PeriodKind.MONTH | PeriodKind.QUARTER | PeriodKind.YEAR:
            months = number * MONTHS_IN[rule.kind] + rule.first_month - 1
            return date(months // 12, months % 12 + 1, 1)
        case PeriodKind.BILLING_MONTH:
            return clamped(number // 12, number % 12 + 1, rule.anchor)
        case PeriodKind.WEEK:
            return date.fromordinal(number * 7 + 1 + rule.week_starts)
        case PeriodKind.DAY:
            return date.fromordinal(number)
        case PeriodKind.DAYS:
            return date.fromordinal(number - rule.days + 1)


def _begun(rule: PeriodRule, number: int) -> date:
    """The date by which periods follow each other: the first, and of days, which overlap, the last."""
    return date.fromordinal(number) if rule.kind is PeriodKind.DAYS else _first(rule, number)


def _numbered(rule: PeriodRule, number: int) -> Period:
    first = _first(rule, number)
    after = date.fromordinal(number + 1) if rule.kind is PeriodKind.DAYS else _first(rule, number + 1)
    last = after - timedelta(days=1)
    return Period(_label(rule, number, first, last), first, last, rule.zone)


def _label(rule: PeriodRule, number: int, first: date, last: date) -> str:
    match rule.kind:
        case PeriodKind.MONTH | PeriodKind.BILLING_MONTH:
            return f"{first.year:04d}-{first.month:02d}"
        case PeriodKind.QUARTER:
            return f"{number // 4:04d}-Q{number % 4 + 1}"
        case PeriodKind.YEAR:
            return f"{first.year:04d}"
        case PeriodKind.WEEK if rule.week_starts is Weekday.MONDAY:
            year, week, _ = first.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case PeriodKind.WEEK:
            return f"{first.isoformat()}/week"
        case PeriodKind.DAY:
            return first.isoformat()
        case PeriodKind.DAYS:
            return f"{last.isoformat()}/{rule.days}d"


def _number_labelled(rule: PeriodRule, label: str) -> int:
    """The number of the period that holds the date in a label; whether that is its label is for the caller to see."""
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", label, re.ASCII):
        return int(found[1]) * 4 + int(found[2]) - 1
    if found := re.fullmatch(r"(\d{4})-W(\d\d)", label, re.ASCII):
        return _number(rule, date.fromisocalendar(int(found[1]), int(found[2]), 1))
    if found := re.fullmatch(r"(\d{4})-(\d\d)", label, re.ASCII):
        return _number(rule, clamped(int(found[1]), int(found[2]), rule.anchor))
    if found := re.fullmatch(r"\d{4}", label, re.ASCII):
        return _number(rule, date(int(label), rule.first_month, 1))
    return _number(rule, date.fromisoformat(label.partition("/")[0]))
