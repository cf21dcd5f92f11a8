"""What a clock shows, found by looking at it minute after minute: slow, plain, and by the standard library alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from makegood.model.spans import Instant
from makegood.model.when import ClockTime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@cache
def zone_of(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as tzif:
        return ZoneInfo.from_file(tzif, key=name)


def shown(zone: ZoneInfo, at: datetime) -> datetime:
    """The clock's reading, without its zone."""
    return at.astimezone(zone).replace(tzinfo=None)


def first_instant(name: str, day: date, wanted: ClockTime) -> Instant:
    """Step through UTC by the minute until the clock has reached the wanted date and time.

    The offset of every zone since 1973 is of whole minutes, so no reading of whole minutes is stepped over.
    """
    zone = zone_of(name)
    wall = datetime.combine(day, time()) + timedelta(seconds=wanted.seconds)
    at = datetime.combine(wall.date(), wall.time(), UTC) - timedelta(
        hours=30
    )  # no clock is so far ahead, even put back
    while shown(zone, at) < wall:
        at += MINUTE
    return (at - EPOCH) // timedelta(microseconds=1)


def changes(name: str, first: int, last: int) -> Iterator[datetime]:
    """The changes of offset in these years, as seen by looking every twelve hours and then closer."""
    zone = zone_of(name)
    at, stop = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    step = timedelta(hours=12)
    before = at.astimezone(zone).utcoffset()
    while at < stop:
        now = (at + step).astimezone(zone).utcoffset()
        if now != before:
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            yield high
        at, before = at + step, now
