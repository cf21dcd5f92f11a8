"""Dates, times and durations as the arithmetic of a deadline says them: in English, whatever the host's locale."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from makegood.model.spans import HOUR, MINUTE, SECOND, Duration

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date) -> str:
    """`Sat 28 Feb 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def at_words(shown: datetime) -> str:
    """`31 Mar 2026 00:00 EDT`, with seconds only where there are any; without letters, `-03`, as IANA has it."""
    clock = f"{shown.hour:02d}:{shown.minute:02d}"
    if shown.second or shown.microsecond:
        clock += f":{shown.second:02d}"
    if shown.microsecond:
        clock += f".{shown.microsecond:06d}"
    return f"{shown.day} {MONTHS[shown.month - 1]} {shown.year} {clock} {shown.tzname()}"


def duration_words(duration: Duration | Fraction) -> str:
    """`72 h`, `1 h 30 min`, `45.5 s`: exact, in the largest units that hold it; `0 h` for none.

    What has no end in microseconds is cut there, and says so: `6.666666… s`.
    """
    whole = int(duration)
    hours, rest = divmod(whole, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    if rest or whole != duration:
        parts.append(f"{seconds_words(rest, whole == duration)} s")
    return " ".join(parts) or "0 h"


def seconds_words(microseconds: int, ends: bool = True) -> str:
    """`45`, `45.5`, and `6.666666…` where more follows that is less than a microsecond."""
    seconds, rest = divmod(microseconds, SECOND)
    if not ends:
        return f"{seconds:,}.{rest:06d}…"
    return f"{seconds:,}.{rest:06d}".rstrip("0") if rest else f"{seconds:,}"
