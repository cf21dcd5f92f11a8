"""Where a question plays: some weeks of minutes around a date, and what clocks show then, read off tick by tick.

A tick is one minute. All instants of a question are whole minutes, and tick 0 is the stage's first minute.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from makegood.model.when import Calendar, WeeklyWindow
from tests.exact.bits import span, spans

TICK = 60_000_000
"""A minute in microseconds."""

QUARTER = timedelta(minutes=15)
MOST_WINDOWS = 400
"""How many windows a face remembers; more would only take memory."""


@dataclass(frozen=True)
class Stage:
    """`days` dates of a zone from a first date on; the oracle looks at nothing outside."""

    zone: str
    first: date
    days: int

    @cached_property
    def origin(self) -> int:
        """The UTC minute, since 1970, of tick 0."""
        return begin_of(self.zone, self.first)

    @cached_property
    def ticks(self) -> int:
        return begin_of(self.zone, self.first + timedelta(days=self.days)) - self.origin

    def instant(self, tick: int) -> int:
        """A tick in microseconds."""
        return (self.origin + tick) * TICK

    def tick(self, instant: int) -> int:
        minutes, rest = divmod(instant, TICK)
        assert rest == 0, "an instant between two ticks"
        return minutes - self.origin

    @property
    def whole(self) -> int:
        return span(0, self.ticks)

    def face(self, zone: str) -> Face:
        return _face(self.origin, self.ticks, zone)


@cache
def stage(zone: str, first: date, days: int) -> Stage:
    return Stage(zone, first, days)


@cache
def begin_of(zone: str, day: date) -> int:
    """The first UTC minute, since 1970, at which a zone's clock shows a date or a later one."""
    info = ZoneInfo(zone)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while at.astimezone(info).date() < day:
        at += QUARTER
    return int(at.timestamp()) // 60


class Face:
    """What a zone's clock shows at each tick of a stage."""

    def __init__(self, origin: int, ticks: int, zone: str) -> None:
        info = ZoneInfo(zone)
        self.dates: dict[date, tuple[int, int]] = {}
        """The half-open ticks of each local date that the stage holds, in part at its ends."""
        self._reached: dict[date, list[int]] = {}
        self._windows: dict[WeeklyWindow, tuple[int, list[int]]] = {}
        self.whole = span(0, ticks)
        for tick in range(ticks):
            local = datetime.fromtimestamp((origin + tick) * 60, info)
            minute = local.hour * 60 + local.minute
            day = local.date()
            if day not in self.dates:
                self.dates[day], self._reached[day] = (tick, tick), []
            self.dates[day] = (self.dates[day][0], tick + 1)
            reached = self._reached[day]
            reached.append(max(minute, reached[-1]) if reached else minute)
        self.days = sorted(self.dates)
        self._ends = [self.dates[day][1] for day in self.days]

    def date_of(self, tick: int) -> date:
        """The local date of a tick on the stage."""
        return self.days[bisect_left(self._ends, tick + 1)]

    def reaches(self, day: date, minute: int) -> int:
        """The first tick at which this date's clock shows the time or a later one; else the next date's first."""
        start, _ = self.dates[day]
        return start + bisect_left(self._reached[day], minute)

    def ticks_of(self, first: date, last: date) -> tuple[int, int]:
        """The half-open ticks of dates that the stage holds, both inclusive."""
        return self.dates[first][0], self.dates[last][1]

    def between(self, first: date, last: date) -> int:
        """The ticks of local dates, both inclusive."""
        low, high = max(first, self.days[0]), min(last, self.days[-1])
        return span(self.dates[low][0], self.dates[high][1]) if low <= high else 0

    def inside(self, windows: Iterable[WeeklyWindow]) -> int:
        found = 0
        for window in windows:
            found |= self._expanded(window)[0]
        return found

    def edges_of(self, window: WeeklyWindow) -> list[int]:
        """The ticks at which a window opens or closes."""
        return self._expanded(window)[1]

    def _expanded(self, window: WeeklyWindow) -> tuple[int, list[int]]:
        if window not in self._windows:
            if len(self._windows) > MOST_WINDOWS:
                self._windows.clear()
            pairs = list(self._each(window))
            self._windows[window] = spans(pairs), [edge for pair in pairs for edge in pair]
        return self._windows[window]

    def _each(self, window: WeeklyWindow) -> Iterator[tuple[int, int]]:
        apart = (window.last - window.first) % 7
        if apart == 0 and window.end <= window.start:
            apart = 7
        for day in self.days:
            other = day + timedelta(days=apart)
            if day.weekday() == window.first and other in self.dates:
                yield (
                    self.reaches(day, window.start.seconds // 60),
                    self.reaches(other, window.end.seconds // 60),
                )

    def open_in(self, calendar: Calendar) -> int:
        """The hours of a calendar whose holidays are written out."""
        found = self.inside(calendar.hours) if calendar.hours else self.whole
        for day in calendar.holidays.dates if calendar.holidays else ():
            if day in self.dates:
                found &= ~span(*self.dates[day])
        return found


@cache
def _face(origin: int, ticks: int, zone: str) -> Face:
    return Face(origin, ticks, zone)
