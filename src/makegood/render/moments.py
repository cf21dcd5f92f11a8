"""Dates, instants and spans in words: the local clock with its distance from UTC, and UTC beside it.

`Sun 8 Feb 2026 02:10–02:57 −05:00 (07:10–07:57 UTC)`. Names of days and months are English in every locale; seconds
and their parts are shown only where there are any.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from makegood.calendar.zone import Zone
from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, Instant, Span

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEAR_9998, YEAR_2 = 253_339_228_800_000_000, -62_104_060_800_000_000
"""Beyond these an instant has no date in this calendar, and stands for an open end."""


def day(at: date) -> str:
    """`Sun 8 Feb 2026`."""
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def days(first: date, last: date) -> str:
    """Consecutive dates, both included."""
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def open_end(at: Instant) -> bool:
    """Whether an instant means that there is none: before all dates, or after them."""
    return at in (BEGINNING_OF_TIME, END_OF_TIME) or not YEAR_2 <= at < YEAR_9998


def moment(at: Instant, zone: str) -> str:
    """An instant on the local clock and in UTC: `Wed 1 Apr 2026 00:00 −04:00 (04:00 UTC)`."""
    if open_end(at):
        return "the beginning" if at < 0 else "no end"
    here, there = _local(at, zone), _utc(at)
    if zone == "UTC":
        return f"{day(here.date())} {_clock(here)} UTC"
    other = "" if here.date() == there.date() else f"{day(there.date())} "
    return f"{local(at, zone)} ({other}{_clock(there)} UTC)"


def local(at: Instant, zone: str) -> str:
    """An instant on the local clock alone: `Wed 1 Apr 2026 00:00 −04:00`."""
    if open_end(at):
        return "the beginning" if at < 0 else "no end"
    here = _local(at, zone)
    return f"{day(here.date())} {_clock(here)} {_offset(here)}"


def stretch(span: Span, zone: str) -> str:
    """A span on the local clock and in UTC; its end is not inside."""
    if open_end(span.start) or open_end(span.end):
        return f"{moment(span.start, zone)} – {moment(span.end, zone)}"
    if zone == "UTC":
        return local_stretch(span, zone)
    first, last = _utc(span.start), _utc(span.end)
    same = first.date() == last.date() == _local(span.start, zone).date()
    there = f"{_clock(first)}–{_clock(last)}" if same else _dated(first, last)
    return f"{local_stretch(span, zone)} ({there} UTC)"


def local_stretch(span: Span, zone: str) -> str:
    """A span on the local clock alone, with both distances from UTC where the clock was changed inside."""
    if open_end(span.start) or open_end(span.end):
        return f"{local(span.start, zone)} – {local(span.end, zone)}"
    first, last = _local(span.start, zone), _local(span.end, zone)
    if first.utcoffset() != last.utcoffset():
        return f"{local(span.start, zone)} – {local(span.end, zone)}"
    return f"{_dated(first, last)} {'UTC' if zone == 'UTC' else _offset(first)}"


def rfc3339(at: Instant) -> str:
    """An instant in UTC as RFC 3339 writes it, with microseconds only where there are any."""
    there = _utc(at)
    return there.replace(tzinfo=None).isoformat(timespec="microseconds" if there.microsecond else "seconds") + "Z"


def _dated(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return f"{day(first.date())} {_clock(first)}–{_clock(last)}"
    return f"{day(first.date())} {_clock(first)} – {day(last.date())} {_clock(last)}"


def _local(at: Instant, zone: str) -> datetime:
    return Zone.named(zone).shown(at)


def _utc(at: Instant) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def _clock(at: datetime) -> str:
    if at.microsecond:
        return f"{at:%H:%M:%S.%f}".rstrip("0")
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _offset(at: datetime) -> str:
    ahead = at.utcoffset() or timedelta()
    seconds = abs(ahead) // timedelta(seconds=1)
    sign = "−" if ahead < timedelta() else "+"
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{rest:02d}" if rest else "")
