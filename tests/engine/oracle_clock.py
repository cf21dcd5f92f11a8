"""Local time by looking at the clock at every tick: slow, plain, and sharing no code with the calendar.

A tick is a whole number of seconds; every instant of a test's world is a multiple of it, and time is a set of ticks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from makegood.model.when import Calendar, ClockTime, PeriodKind, PeriodRule, WeeklyWindow


@dataclass(frozen=True)
class Face:
    """What a zone's clock shows at the ticks `first <= t < last` of so many seconds each."""

    zone: str
    seconds: int
    first: int
    last: int

    def shown(self, tick: int) -> tuple[date, int]:
        return _shown(self.zone, self.seconds * tick)

    def dates(self) -> dict[date, list[int]]:
        """The ticks of each local date, in order."""
        return _dates(self)

    def reaches(self, day: date, time: ClockTime) -> int:
        """The first tick at which this date's clock shows the time or later; else the next date's first."""
        for tick in self.dates()[day]:
            if self.shown(tick)[1] >= time.seconds:
                return tick
        return self.dates()[day][-1] + 1

    def inside(self, windows: Iterable[WeeklyWindow]) -> set[int]:
        found: set[int] = set()
        for window in windows:
            days = (window.last - window.first) % 7
            if days == 0 and window.end <= window.start:
                days = 7
            for day in self.dates():
                if day.weekday() == window.first and day + timedelta(days=days) in self.dates():
                    start = self.reaches(day, window.start)
                    found |= set(range(start, self.reaches(day + timedelta(days=days), window.end)))
        return found

    def open_in(self, calendar: Calendar) -> set[int]:
        """The hours of a calendar whose holidays are written out."""
        found = self.inside(calendar.hours) if calendar.hours else set(range(self.first, self.last))
        closed = calendar.holidays.dates if calendar.holidays else ()
        return {t for t in found if self.shown(t)[0] not in closed}

    def between(self, first: date, last: date) -> set[int]:
        """The ticks of local dates, both inclusive."""
        return {t for day, ticks in self.dates().items() if first <= day <= last for t in ticks}

    def like(self, zone: str) -> Face:
        return Face(zone, self.seconds, self.first, self.last)


def dates_of(rule: PeriodRule, day: date) -> tuple[date, date]:
    """The first and last date of the period that holds a date."""
    if rule.kind is PeriodKind.DAY:
        return day, day
    if rule.kind is PeriodKind.WEEK:
        first = day
        while first.weekday() != rule.week_starts:
            first -= timedelta(days=1)
        return first, first + timedelta(days=6)
    if rule.kind is PeriodKind.MONTH:
        first = day.replace(day=1)
        last = first
        while (last + timedelta(days=1)).month == first.month:
            last += timedelta(days=1)
        return first, last
    raise NotImplementedError(rule.kind)


@cache
def _shown(zone: str, seconds: int) -> tuple[date, int]:
    local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return local.date(), local.hour * 3600 + local.minute * 60 + local.second


@cache
def _dates(face: Face) -> dict[date, list[int]]:
    found: dict[date, list[int]] = {}
    for tick in range(face.first, face.last):
        found.setdefault(face.shown(tick)[0], []).append(tick)
    return found
