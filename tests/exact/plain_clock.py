"""Deadlines by walking: from date to date, and from open minute to open minute (DESIGN 3.1)."""

from __future__ import annotations

from datetime import date, timedelta

from makegood.model.when import Allowance, Calendar, DayCount, WeeklyWindow
from tests.exact.bits import runs
from tests.exact.plain_periods import ONE_DAY, months_after
from tests.exact.stage import TICK, Stage, begin_of


def due(start: int, allow: Allowance, calendar: Calendar, stage: Stage) -> int:
    """The first instant (µs) that is late, of an event at an instant."""
    if allow.unit is DayCount.ELAPSED:
        return start + allow.count
    if allow.unit is DayCount.BUSINESS_TIME:
        return _used_up(start, allow.count // TICK, calendar, stage)
    day = stage.face(calendar.zone).date_of(stage.tick(start))
    return due_after(day, allow, calendar, stage)


def due_after(day0: date, allow: Allowance, calendar: Calendar, stage: Stage) -> int:
    """The same, counted from a date, which is day 0; hours run from its end."""
    match allow.unit:
        case DayCount.DAYS:
            last = day0 + timedelta(days=allow.count)
        case DayCount.WEEKS:
            last = day0 + timedelta(days=7 * allow.count)
        case DayCount.MONTHS:
            last = months_after(day0, allow.count)
        case DayCount.BUSINESS_DAYS:
            last, left = day0, allow.count
            while left:
                last += ONE_DAY
                left -= is_business_day(calendar, last)
        case _:
            return due(begin_of(calendar.zone, day0 + ONE_DAY) * TICK, allow, calendar, stage)
    return begin_of(calendar.zone, last + ONE_DAY) * TICK


def is_business_day(calendar: Calendar, day: date) -> bool:
    """Whether a date has hours and is no holiday. The windows drawn are none that a clock change can swallow."""
    if calendar.holidays and day in calendar.holidays.dates:
        return False
    return not calendar.hours or any(_touches(window, day.weekday()) for window in calendar.hours)


def _touches(window: WeeklyWindow, weekday: int) -> bool:
    apart = (window.last - window.first) % 7
    if apart == 0 and window.end <= window.start:
        apart = 7
    reached = (weekday - window.first) % 7
    on_first = reached == 0 and window.start.seconds < 86_400
    return on_first or 0 < reached < apart or (reached == apart % 7 and apart > 0 and window.end.seconds > 0)


def _used_up(start: int, wanted: int, calendar: Calendar, stage: Stage) -> int:
    """The first instant at which so many open minutes have passed."""
    if not wanted:
        return start
    begin = stage.tick(start)
    for low, high in runs(stage.face(calendar.zone).open_in(calendar) >> begin):
        if high - low >= wanted:
            return stage.instant(begin + low + wanted)
        wanted -= high - low
    raise AssertionError("the stage is too short for the allowance")
