"""One place's clock as a table: when it was changed, and by how much it is ahead of UTC in between.

A wall time is what a clock on the wall reads, counted in microseconds as if the wall were in UTC. The table answers
both ways, so that no other module touches an offset: from wall time to the first instant that reaches it, and back.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from makegood.model.spans import DAY, MICROSECOND, SECOND, Duration, Instant, Times

Wall: TypeAlias = int

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Instant = (datetime(2, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
LATEST: Instant = (datetime(9999, 1, 3, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
HORIZONS: tuple[Instant, ...] = (2_208_988_800 * SECOND, 4_102_444_800 * SECOND, LATEST)  # 2040, 2100, 9999
MARGIN: Duration = 2 * DAY  # more than any clock is ahead of or behind UTC
STRIDE: Duration = 7 * DAY  # no rule for the years to come makes two changes within a week
CYCLE: Duration = 146_097 * DAY  # 400 years, a whole number of weeks, after which the Gregorian calendar repeats


class Showing(StrEnum):
    """How often a clock reads a wall time."""

    ONCE = "once"
    SKIPPED = "skipped"
    REPEATED = "repeated"


@dataclass(frozen=True)
class Clock:
    """`offsets[i]`, in µs ahead of UTC, holds from `begins[i]` until `begins[i + 1]`; `begins[0]` is before all."""

    begins: tuple[Instant, ...]
    offsets: tuple[Duration, ...]

    @cached_property
    def reach(self) -> list[Wall]:
        """For each offset, the wall time that the clock has come up to, never showing it yet, when the offset ends."""
        ends = np.array([*self.begins[1:], LATEST + MARGIN], dtype=np.int64)
        reached: list[int] = np.maximum.accumulate(ends + np.array(self.offsets, dtype=np.int64)).tolist()
        return reached

    @cached_property
    def _arrays(self) -> tuple[Times, Times, Times]:
        begins, offsets, reach = (np.array(part, dtype=np.int64) for part in (self.begins, self.offsets, self.reach))
        return begins, offsets, reach

    def first(self, wall: Wall) -> Instant:
        """The first instant at which the clock shows this wall time or a later one."""
        at = bisect_right(self.reach, wall)
        return max(self.begins[at], wall - self.offsets[at])

    def firsts(self, walls: Times) -> Times:
        """`first` of every wall time of an int64 array, of the same shape."""
        begins, offsets, reach = self._arrays
        at = np.searchsorted(reach, walls, side="right")
        found: Times = np.maximum(begins[at], walls - offsets[at])
        return found

    def shown(self, instant: Instant) -> Wall:
        """The wall time that the clock shows."""
        return instant + self.offsets[bisect_right(self.begins, instant) - 1]

    def reached(self, instant: Instant) -> Wall:
        """The latest wall time that the clock has shown up to this instant: `first(wall) <= instant` just up to it."""
        at = bisect_right(self.begins, instant) - 1
        shown = instant + self.offsets[at]
        return max(shown, self.reach[at - 1] - MICROSECOND) if at else shown

    def showing(self, wall: Wall) -> tuple[Showing, Wall, Wall]:
        """Whether the clock skips or repeats this wall time, and from which to which wall time it is set there."""
        at = bisect_right(self.reach, wall)
        if self.begins[at] + self.offsets[at] > wall:
            return Showing.SKIPPED, self.begins[at] + self.offsets[at - 1], self.begins[at] + self.offsets[at]
        for later in range(at + 1, len(self.begins)):
            begin, back = self.begins[later], self.begins[later] + self.offsets[later]
            if begin > wall - self.offsets[at] + MARGIN:
                break
            if back <= wall < begin + self.offsets[later - 1]:
                return Showing.REPEATED, begin + self.offsets[later - 1], back
        return Showing.ONCE, wall, wall


def read_clock(tzif: bytes, zone: ZoneInfo, until: Instant) -> Clock:
    """The clock of a zone up to an instant: the changes that its TZif bytes list (RFC 9636), then those of the footer.

    Raises ValueError when the bytes are not TZif of version 2 or later.
    """
    listed, rule = listed_changes(tzif)
    times = [time for time in listed if EARLIEST < time < until]
    if b"," in rule:
        times.extend(_ruled(zone, max([EARLIEST, *times[-1:]]), until))
        times.sort()
    begins, offsets = [EARLIEST - MARGIN], [offset_at(zone, EARLIEST)]
    for time in times:
        if (offset := offset_at(zone, time)) != offsets[-1]:
            begins.append(time)
            offsets.append(offset)
    return Clock(tuple(begins), tuple(offsets))


def offset_at(zone: ZoneInfo, instant: Instant) -> Duration:
    """How far the zone is ahead of UTC at an instant, in microseconds."""
    ahead = (EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset() or timedelta()
    return ahead // timedelta(microseconds=1)


def listed_changes(tzif: bytes) -> tuple[list[Instant], bytes]:
    """The transition times of the 64-bit block, and the footer: the rule for the years after them (RFC 9636).

    Raises ValueError, or struct.error where a count is too large, when the bytes are not TZif of version 2 or later.
    The standard library reads a footer without its last line feed for ever, so every zone is looked at here first.
    """
    counted = struct.Struct(">4sc15x6L")

    def header(at: int) -> tuple[int, ...]:
        if len(tzif) < at + counted.size or tzif[at : at + 4] != b"TZif" or tzif[at + 4 : at + 5] < b"2":
            raise ValueError("these bytes are not a zone in TZif, version 2 or later (RFC 9636)")
        return tuple(counted.unpack_from(tzif, at)[2:])

    utc, standard, leaps, times, types, letters = header(0)
    second = counted.size + times * 5 + types * 6 + letters + leaps * 8 + standard + utc
    utc, standard, leaps, times, types, letters = header(second)
    body = second + counted.size
    listed = [time * SECOND for time in struct.unpack_from(f">{times}q", tzif, body)]
    footer = tzif[body + times * 9 + types * 6 + letters + leaps * 12 + standard + utc :]
    if len(footer) < 2 or footer[:1] != b"\n" or footer[-1:] != b"\n":
        raise ValueError("the footer is not a line of its own")
    return listed, footer


def _ruled(zone: ZoneInfo, after: Instant, until: Instant) -> Iterator[Instant]:
    low, before = after, offset_at(zone, after)
    stop = min(until, after + CYCLE)
    while low < stop:
        high = min(low + STRIDE, stop)
        if (now := offset_at(zone, high)) != before:
            yield from range(_change(zone, low, high, before), until, CYCLE)
        low, before = high, now


def _change(zone: ZoneInfo, low: Instant, high: Instant, before: Duration) -> Instant:
    """The first whole second after `low`, up to `high`, with another offset than `before`."""
    seconds = low // SECOND, -(-high // SECOND)
    while seconds[1] - seconds[0] > 1:
        middle = sum(seconds) // 2
        same = offset_at(zone, middle * SECOND) == before
        seconds = (middle, seconds[1]) if same else (seconds[0], middle)
    return seconds[1] * SECOND
