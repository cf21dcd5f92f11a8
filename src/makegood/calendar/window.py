"""Weekly windows: expanded date by date in their zone, start and end each found on its own (DESIGN §3.1, §3.7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from makegood.calendar.zone import END_OF_DAY, Showing, Zone, ordinal_of
from makegood.model.spans import DAY, SECOND, Span, Spans, Times
from makegood.model.when import ClockTime, WeeklyWindow

WEEK_SECONDS = 7 * 86_400
BEFORE = 9  # the longest window, and a day for a date that a clock skipped


class Crossing(NamedTuple):
    """A start or end of a window that a clock change skips or repeats: its date, and what happens, in words."""

    date: date
    what: str


def weekly(windows: Iterable[WeeklyWindow], zone: Zone, over: Span) -> Spans:
    """The time inside any of the windows, cut to `over`.

    A window that touches `over` is expanded whole and then cut, so that it is the same from wherever one looks. One
    whose start and end fall into the same gap of a clock change has no time in that week. Raises ValueError when `over`
    is open-ended (see `Zone`).
    """
    edges = [_edges(window, zone, over) for window in windows]
    return Spans.from_edges(np.concatenate(edges)).within(over) if edges else Spans()


def crossing(window: WeeklyWindow, zone: Zone, over: Span) -> list[Crossing]:
    """The starts and ends of a window, on local dates in `over`, that a clock change skips or repeats.

    An end at 24:00 is never one: it is the next date's first instant, whatever the clock shows then.
    """
    found = []
    dates = {zone.date_of(change) + timedelta(days=apart) for change in zone.changes(over) for apart in (-1, 0, 1)}
    for day in sorted(dates):
        for side, weekday, time in (("starts", window.first, window.start), ("ends", window.last, window.end)):
            if weekday == day.weekday() and not (side == "ends" and time == END_OF_DAY):
                what = _what(side, zone, day, time)
                if what and zone.instant(day, time) in over:
                    found.append(Crossing(day, what))
    return found


def length(window: WeeklyWindow) -> int:
    """Seconds from start to end on the wall: the window's length in a week without clock changes."""
    apart = (window.last - window.first) * 86_400 + window.end.seconds - window.start.seconds
    return apart % WEEK_SECONDS or WEEK_SECONDS


def _edges(window: WeeklyWindow, zone: Zone, over: Span) -> Times:
    first = ordinal_of(zone.date_of(over.start)) - BEFORE
    last = ordinal_of(zone.date_of(over.end)) + 1
    weekday_of_first = (first + 3) % 7  # 1970-01-01 was a Thursday
    starts = np.arange(first + (window.first - weekday_of_first) % 7, last + 1, 7, dtype=np.int64) * DAY
    starts += window.start.seconds * SECOND
    ends = starts + length(window) * SECOND
    return np.stack((zone.instants(starts), zone.instants(ends)), axis=1)


def _what(side: str, zone: Zone, day: date, time: ClockTime) -> str:
    showing, before, after = zone.showing(day, time)
    if showing is Showing.ONCE:
        return ""
    at = zone.shown(zone.instant(day, time))
    taken = f"the window {side} at {ClockTime(at.hour * 3600 + at.minute * 60 + at.second)} {at.tzname()}"
    if at.date() != day:
        taken += f" on {at.date()}"
    if showing is Showing.SKIPPED:
        return f"{time} is skipped: clocks go forward from {before} to {after}; {taken}"
    return f"{time} is shown twice: clocks go back from {before} to {after}; {taken}, the first time"
