"""Business time: a calendar's hours without its holidays, and which dates are business days (DESIGN §3.1)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np

from makegood.calendar.holiday import UnknownHolidays, holiday_source, holidays_of
from makegood.calendar.window import weekly
from makegood.calendar.zone import Zone, ordinal_of
from makegood.model.spans import DAY, Span, Spans, Times
from makegood.model.when import Calendar

__all__ = ["UnknownHolidays", "business_days", "holiday_source", "holidays_of", "hours", "is_business_day"]


def hours(calendar: Calendar, over: Span) -> Spans:
    """The calendar's business hours in a span, without its holidays: every hour, where it names none.

    A window that runs into a holiday ends at that date's first instant. Raises UnknownZone and UnknownHolidays, and
    ValueError when the span is open-ended.
    """
    zone = Zone.named(calendar.zone)
    open_hours = weekly(calendar.hours, zone, over) if calendar.hours else Spans([over])
    if calendar.holidays is None or not over.length:
        return open_hours
    first, last = zone.date_of(over.start), zone.date_of(over.end)
    closed = holidays_of(calendar.holidays, range(first.year, last.year + 1))
    return open_hours - Spans(zone.day(day) for day in closed if first <= day <= last)


def is_business_day(calendar: Calendar, day: date) -> bool:
    """Whether the calendar has business hours, of any length, on this local date, and the date is no holiday."""
    return day in business_days(calendar, day.year)


@cache
def business_days(calendar: Calendar, year: int) -> frozenset[date]:
    """The business days of a year. A date that the clock skipped has no hours and is none."""
    zone = Zone.named(calendar.zone)
    first, last = date(year, 1, 1), date(year, 12, 31)
    begins = zone.instants(np.arange(ordinal_of(first), ordinal_of(last) + 2, dtype=np.int64) * DAY)
    edges = hours(calendar, Span(int(begins[0]), int(begins[-1]))).edges
    openings = _opened_before(edges, begins)
    return frozenset(first + timedelta(days=int(day)) for day in np.flatnonzero(openings[1:] > openings[:-1]))


def _opened_before(edges: Times, instants: Times) -> Times:
    """The time inside the spans before each instant, in microseconds."""
    before = np.concatenate(([0], np.cumsum(edges[:, 1] - edges[:, 0])))
    at = np.searchsorted(edges[:, 0], instants, side="left")
    over = np.maximum(np.concatenate(([0], edges[:, 1]))[at] - instants, 0) * (at > 0)
    inside: Times = before[at] - over
    return inside
