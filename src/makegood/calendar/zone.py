"""Zones: what a place's clock shows at an instant, and when it first shows a local time.

A zone is a value made from the bytes of the `tzdata` package or those kept with evidence, never from the host's files.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache, cached_property
from importlib.resources import files
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from makegood.calendar.clock import (
    EARLIEST,
    EPOCH,
    HORIZONS,
    LATEST,
    MARGIN,
    Clock,
    Showing,
    Wall,
    listed_changes,
    read_clock,
)
from makegood.calendar.names import TZDATA_VERSION, UnknownZone, check_name, known_zones
from makegood.model.spans import DAY, SECOND, Instant, Span, Times
from makegood.model.when import ClockTime

__all__ = ["TZDATA_VERSION", "Showing", "UnknownZone", "Zone", "known_zones", "ordinal_of", "wall_of"]

MIDNIGHT: Final = ClockTime(0)
END_OF_DAY: Final = ClockTime(86_400)
FIRST_ORDINAL: Final = date(1970, 1, 1).toordinal()


def ordinal_of(day: date) -> int:
    """Days since 1970-01-01, by which arrays of dates are counted."""
    return day.toordinal() - FIRST_ORDINAL


def wall_of(day: date, time: ClockTime) -> Wall:
    """A local date and time as microseconds on the wall, as if it were in UTC."""
    return ordinal_of(day) * DAY + time.seconds * SECOND


@dataclass(frozen=True)
class Zone:
    """An IANA zone and its TZif bytes (RFC 9636). Equal when both are. Raises ValueError when the bytes are not TZif.

    Instants and dates lie in the years 2 to 9998; others raise ValueError, so that an open end is cut before.
    """

    name: str
    tzif: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            _ = self._near
        except (ValueError, ArithmeticError, LookupError, TypeError, AssertionError, struct.error) as wrong:
            raise ValueError(f"the bytes of {self.name!r} are no zone in TZif (RFC 9636): {wrong}") from None

    @staticmethod
    @cache
    def named(name: str) -> Zone:
        """The zone of this IANA name in the `tzdata` package; read once.

        Raises UnknownZone, with suggestions, for any other name, and for abbreviations and fixed distances from UTC,
        which hide clock changes. `UTC` and `Etc/UTC` are taken.
        """
        check_name(name)
        return Zone(name, files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes())

    @cached_property
    def tzif_hash(self) -> str:
        """The SHA-256 of the bytes in hexadecimal, which a statement pins."""
        return hashlib.sha256(self.tzif).hexdigest()

    def instant(self, day: date, time: ClockTime) -> Instant:
        """The first instant at which this date's clock shows this time or a later one (DESIGN §3.1).

        Where that date shows none, the first instant of the next that there is; 24:00 is the next date's first instant.
        """
        wall = wall_of(day, time)
        return self._clock(wall).first(wall)

    def instants(self, walls: Times) -> Times:
        """`instant` for an int64 array of local times, each `wall_of` its date and clock time."""
        if not len(walls):
            return walls
        self._clock(int(np.min(walls)))
        return self._clock(int(np.max(walls))).firsts(walls)

    def showing(self, day: date, time: ClockTime) -> tuple[Showing, ClockTime, ClockTime]:
        """Whether the clock shows this time of this date once, skips it or repeats it, and what the clock was set from
        and to (this time itself, where it is shown once)."""
        wall = wall_of(day, time)
        showing, before, after = self._clock(wall).showing(wall)
        return showing, ClockTime(before % DAY // SECOND), ClockTime(after % DAY // SECOND)

    def day(self, day: date) -> Span:
        """A local date: from its first instant to the next date's; of no length where the clock skipped it whole."""
        return self.days(day, day)

    def days(self, first: date, last: date) -> Span:
        """Consecutive local dates, both included. Raises ValueError when the last is before the first."""
        if last < first:
            raise ValueError(f"the last date ({last}) is before the first ({first})")
        return Span(self.instant(first, MIDNIGHT), self.instant(last, END_OF_DAY))

    def date_of(self, instant: Instant) -> date:
        """The local date that holds the instant: the one with `instant in day(date)`.

        It is the date shown, save where a clock is put back over midnight (St. John's until 2011): a date that has
        begun goes on, so that dates, and the periods made of them, never overlap.
        """
        return date.fromordinal(self._clock(instant).reached(instant) // DAY + FIRST_ORDINAL)

    def shown(self, instant: Instant) -> datetime:
        """What the clock shows, as a datetime with the offset and the abbreviation of that instant.

        They are fixed in it: a datetime of a zone with rules, in an hour shown twice, equals none of another zone.
        """
        self._clock(instant)
        at = (EPOCH + timedelta(microseconds=instant)).astimezone(self._info)
        return at.replace(tzinfo=timezone(at.utcoffset() or timedelta(), at.tzname() or ""), fold=0)

    def changes(self, over: Span) -> tuple[Instant, ...]:
        """The clock changes in a span: the first instants of another distance from UTC, `start <= change < end`."""
        self._clock(over.start)
        return tuple(change for change in self._clock(over.end).begins[1:] if change in over)

    @cached_property
    def _info(self) -> ZoneInfo:
        listed_changes(self.tzif)
        return ZoneInfo.from_file(BytesIO(self.tzif), key=self.name)

    @cached_property
    def _near(self) -> Clock:
        return read_clock(self.tzif, self._info, HORIZONS[0])

    def _clock(self, time: Instant | Wall) -> Clock:
        """The table that reaches beyond this instant or wall time; that of the near years is the shortest."""
        if not EARLIEST <= time < LATEST - MARGIN:
            raise ValueError("outside the years 2 to 9998: cut an open span before asking for local times in it")
        if time < HORIZONS[0] - MARGIN:
            return self._near
        return _clock_until(self, next(horizon for horizon in HORIZONS if time < horizon - MARGIN))

    def __reduce__(self) -> tuple[type[Zone], tuple[str, bytes]]:
        return Zone, (self.name, self.tzif)


@cache
def _clock_until(zone: Zone, horizon: Instant) -> Clock:
    return read_clock(zone.tzif, zone._info, horizon)
