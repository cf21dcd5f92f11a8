"""Deadlines: the first instant that is late (DESIGN §3.1).

Day 0 is the local date of the event, and a deadline counted in days is the end of day N. Hours are elapsed time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from makegood.calendar.business import business_days, holidays_of, hours
from makegood.calendar.period import clamped
from makegood.calendar.wording import at_words, day_words, duration_words
from makegood.calendar.zone import Zone
from makegood.model.spans import DAY, Duration, Instant, Span, Spans
from makegood.model.when import Allowance, Calendar, DayCount

YEARS = 101
STRETCHES = (8, 40, 200, 1_000, 6_000, 36_600)
"""Dates to expand business hours over, more and more until an allowance fits; after the last the calendar has none."""
LONGEST = {
    DayCount.ELAPSED: 366_000 * DAY,
    DayCount.BUSINESS_TIME: 36_600 * DAY,
    DayCount.DAYS: 366_000,
    DayCount.BUSINESS_DAYS: 36_600,
    DayCount.WEEKS: 52_000,
    DayCount.MONTHS: 12_000,
}


class NoBusinessTime(ValueError):
    """A calendar without the business hours or days that a deadline waits for."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`value` is the first instant that is late, `date` the last local date in time; `arithmetic` says in words how."""

    value: Instant
    date: date
    arithmetic: str


def deadline(start: Instant, allow: Allowance, calendar: Calendar) -> Instant:
    """The first instant that is late, counted from an event. Raises what `explain_deadline` raises."""
    return explain_deadline(start, allow, calendar).value


def explain_deadline(start: Instant, allow: Allowance, calendar: Calendar) -> Deadline:
    """The deadline of an event at `start`, with its arithmetic.

    Elapsed: start and the allowance. Days and weeks: the end of local date N, or 7 N, after the event's. Business days:
    the end of the N-th date after it with business hours and no holiday. Months: the end of the same day number N
    months later, or of that month's last day. Business time: the first instant at which the allowance is used up; of a
    calendar without hours, every hour counts. Raises ValueError for a count below 0 or beyond a thousand years (of
    business days or time, a hundred), UnknownZone, UnknownHolidays and NoBusinessTime.
    """
    _check(allow)
    zone = Zone.named(calendar.zone)
    match allow.unit:
        case DayCount.ELAPSED:
            end = start + allow.count
            words = f"{duration_words(allow.count)} after {at_words(zone.shown(start))}"
            return Deadline(end, zone.date_of(max(start, end - 1)), f"{words}; late from {at_words(zone.shown(end))}")
        case DayCount.BUSINESS_TIME:
            return _business_time(start, allow.count, calendar, zone)
        case _:
            return explain_deadline_after_date(zone.date_of(start), allow, calendar)


def deadline_after_date(day0: date, allow: Allowance, calendar: Calendar) -> Instant:
    """The first instant that is late, counted from a date, such as a period's last."""
    return explain_deadline_after_date(day0, allow, calendar).value


def explain_deadline_after_date(day0: date, allow: Allowance, calendar: Calendar) -> Deadline:
    """The deadline counted from a date as day 0, by the rules of `explain_deadline`; hours run from that date's end."""
    _check(allow)
    zone = Zone.named(calendar.zone)
    begun = f"day 0 is {day_words(day0)}"
    match allow.unit:
        case DayCount.DAYS:
            return _end_of(day0 + timedelta(days=allow.count), zone, begun, f"day {allow.count}")
        case DayCount.WEEKS:
            days = 7 * allow.count
            weeks = f"{allow.count} week" if allow.count == 1 else f"{allow.count} weeks"
            return _end_of(day0 + timedelta(days=days), zone, begun, f"day {days} ({weeks} of 7 days)")
        case DayCount.BUSINESS_DAYS:
            last = _business_day(day0, allow.count, calendar)
            name = f"business day {allow.count}" if allow.count else "the last"
            return _end_of(last, zone, begun, name, _closed(day0, last, calendar))
        case DayCount.MONTHS:
            return _months(day0, allow.count, zone)
        case DayCount.ELAPSED | DayCount.BUSINESS_TIME:
            return explain_deadline(zone.day(day0).end, allow, calendar)


def _check(allow: Allowance) -> None:
    if not 0 <= allow.count <= LONGEST[allow.unit]:
        raise ValueError(f"{allow} is no allowance: a count is not negative, and a deadline is in sight")


def _end_of(last: date, zone: Zone, begun: str, name: str, because: str = "") -> Deadline:
    end = zone.day(last).end
    return Deadline(end, last, f"{begun}, {name} is {day_words(last)}{because}; late from {at_words(zone.shown(end))}")


def _months(day0: date, months: int, zone: Zone) -> Deadline:
    year, month = divmod(day0.year * 12 + day0.month - 1 + months, 12)
    last = clamped(year, month + 1, day0.day)
    because = "" if last.day == day0.day else f" (the month has no day {day0.day}, so its last)"
    name = f"the same day {months} {'month' if months == 1 else 'months'} later"
    return _end_of(last, zone, f"day 0 is {day_words(day0)}", name, because)


def _business_day(day0: date, wanted: int, calendar: Calendar) -> date:
    """The wanted business day after day 0, which is day 0 itself for 0."""
    if not wanted:
        return day0
    left = wanted
    for year in range(day0.year, day0.year + YEARS):
        ahead = sorted(day for day in business_days(calendar, year) if day > day0)
        if left <= len(ahead):
            return ahead[left - 1]
        left -= len(ahead)
    raise NoBusinessTime(
        f"the calendar {calendar.name!r} has less than {wanted} business days "
        f"in the hundred years after {day_words(day0)}"
    )


def _closed(day0: date, last: date, calendar: Calendar) -> str:
    """The holidays between, which the count passed over; those on dates that have no hours anyway go unmentioned."""
    if calendar.holidays is None or last <= day0:
        return ""
    without = Calendar(calendar.name, calendar.zone, calendar.hours)
    named = holidays_of(calendar.holidays, range(day0.year, last.year + 1))
    passed = [day for day in named if day0 < day < last and day in business_days(without, day.year)]
    said = "; ".join(f"{day_words(day)} is {named[day]}" for day in passed[:4])
    more = f"; {len(passed) - 4} more" if len(passed) > 4 else ""
    return f" (not counted: {said}{more})" if passed else ""


def _business_time(start: Instant, wanted: Duration, calendar: Calendar, zone: Zone) -> Deadline:
    day0 = zone.date_of(start)
    for days in STRETCHES:
        opened = hours(calendar, Span(start, zone.day(day0 + timedelta(days=days)).end))
        if opened.total >= wanted:
            end = _used_up(start, opened, wanted)
            return Deadline(end, zone.date_of(max(start, end - 1)), _time_words(start, end, wanted, opened, zone))
    raise NoBusinessTime(
        f"the calendar {calendar.name!r} has less than {duration_words(wanted)} of business time "
        f"in the hundred years after {day_words(day0)}"
    )


def _used_up(start: Instant, opened: Spans, wanted: Duration) -> Instant:
    if not wanted:
        return start
    used = np.cumsum(opened.edges[:, 1] - opened.edges[:, 0])
    at = int(np.searchsorted(used, wanted, side="left"))
    return int(opened.edges[at, 1]) - (int(used[at]) - wanted)


def _time_words(start: Instant, end: Instant, wanted: Duration, opened: Spans, zone: Zone) -> str:
    used = opened.within(Span(start, end))
    said = [f"{duration_words(span.length)} from {at_words(zone.shown(span.start))}" for span in used]
    if len(said) > 4:
        said = [*said[:2], f"{len(said) - 3} more stretches", said[-1]]
    parts = f": {', '.join(said)}" if said else ""
    return (
        f"{duration_words(wanted)} of business time after {at_words(zone.shown(start))}{parts}; "
        f"late from {at_words(zone.shown(end))}"
    )
