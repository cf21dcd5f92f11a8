"""The period as a bar: where each class of time lies, in thousandths of its width, and which dates to name below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from makegood.calendar.zone import Zone
from makegood.model.spans import Instant, Span
from makegood.model.statement import Statement
from makegood.model.when import ClockTime
from makegood.render.moments import MONTHS
from makegood.render.shares import decimal

WIDTH = 1000
THINNEST = Fraction(5)
"""So wide is the briefest outage drawn, in thousandths: it is seen on a phone too."""

HEIGHTS = {"outside": 40, "brief": 12, "excused": 20, "unknown": 30, "down": 40}
"""Drawn in this order, so that downtime stays seen over a neighbour; the height tells classes apart without colour."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One span: its class, its left edge and width in thousandths as decimal text, and its height of 40."""

    name: str
    left: str
    width: str
    height: int
    span: Span


@dataclass(frozen=True, slots=True)
class Tick:
    """A date below the bar and its place in percent of the width, as decimal text."""

    label: str
    left: str


def bars(statement: Statement) -> Iterator[Bar]:
    """Every span but those that are up, which are the ground they lie on."""
    for name, height in HEIGHTS.items():
        for span in getattr(statement.classes, name):
            left, right = _place(span.start, statement), _place(span.end, statement)
            width = max(right - left, THINNEST if name != "outside" else Fraction())
            left = max(Fraction(), min(left - (width - (right - left)) / 2, WIDTH - width))
            yield Bar(name, decimal(left, 3), decimal(width, 3), height, span)


def ticks(statement: Statement) -> Iterator[Tick]:
    """Weekly dates in a month or two, first days of months in longer periods; each at its local midnight."""
    zone = Zone.named(statement.period.zone)
    for day in _days(zone.date_of(statement.judged.start), zone.date_of(statement.judged.end - 1)):
        at = zone.instant(day, ClockTime(0))
        if at < statement.judged.end:
            place = max(_place(at, statement), Fraction())
            yield Tick(f"{day.day} {MONTHS[day.month - 1]}", decimal(place / 10, 3))


def _days(first: date, last: date) -> Iterator[date]:
    length = (last - first).days + 1
    if length <= 62:
        step = 1 if length <= 7 else 7
        yield from (first + timedelta(days=n) for n in range(0, length, step))
        return
    yield first
    months = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    inside = [month for month in months if first < month <= last]
    yield from inside[:: max(1, len(inside) // 6)]


def _place(at: Instant, statement: Statement) -> Fraction:
    return Fraction((at - statement.judged.start) * WIDTH, max(1, statement.judged.length))
