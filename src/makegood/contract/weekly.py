"""Weekdays and weekly windows from words: `Sunday 02:00-06:00`, `Friday 18:00 - Monday 03:00`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from makegood.contract.moments import clock_time
from makegood.contract.wrong import Wrong, prepared
from makegood.model.when import ClockTime, Weekday, WeeklyWindow

_NAMES: Final = {day.name.lower(): day for day in Weekday}
_WITHIN = re.compile(r"([A-Za-z][A-Za-z, -]*[A-Za-z]) ([0-9][^ -]*) ?(?:-|to) ?([0-9][^ -]*)\Z")
_ACROSS = re.compile(r"([A-Za-z]+) ([0-9][^ -]*) ?(?:-|to) ?([A-Za-z]+) ([0-9][^ -]*)\Z")
_SHAPE: Final = "write as in Sunday 02:00-06:00, Friday 18:00 - Monday 03:00 or Monday to Friday 09:00-17:00"


def weekday(text: str) -> Weekday | Wrong:
    """A day of the week by its English name."""
    plain = prepared(text)
    return plain if isinstance(plain, Wrong) else _weekday(plain)


def weekly_window(text: str) -> tuple[WeeklyWindow, ...] | Wrong:
    """One or more weekly windows: a day or days with hours, one window each; or from a day and time to another."""
    plain = prepared(text, ranges=True)
    if isinstance(plain, Wrong):
        return plain
    if found := _ACROSS.match(plain):
        return _across(found[1], found[2], found[3], found[4])
    if found := _WITHIN.match(plain):
        return _within(plain, found[1], found[2], found[3])
    days = _days(plain)
    if not isinstance(days, Wrong):
        return Wrong(
            f"`{plain}` has no hours", "a window has a start and an end", f"write {plain} 00:00-24:00 for the whole day"
        )
    several = [part.strip() for part in plain.split(",")]
    if len(several) > 1 and all(_WITHIN.match(part) or _ACROSS.match(part) for part in several):
        what = f"`{plain}` is {len(several)} windows, and one is read here"
        return Wrong(what, "a comma joins days of the same hours", f"write a list: [{', '.join(several)}]")
    return Wrong(f"`{plain}` is not a weekly window", "", _SHAPE)


def _across(first: str, start: str, last: str, end: str) -> tuple[WeeklyWindow, ...] | Wrong:
    begins, ends = _weekday(first), _weekday(last)
    if isinstance(begins, Wrong):
        return begins
    if isinstance(ends, Wrong):
        return ends
    hours = _hours(start, end)
    return hours if isinstance(hours, Wrong) else (WeeklyWindow(begins, hours[0], ends, hours[1]),)


def _within(plain: str, days: str, start: str, end: str) -> tuple[WeeklyWindow, ...] | Wrong:
    chosen, hours = _days(days), _hours(start, end)
    if isinstance(chosen, Wrong):
        return chosen
    if isinstance(hours, Wrong):
        return hours
    if hours[0] >= hours[1]:
        first, ends = chosen[0], "ends when it starts" if hours[0] == hours[1] else "ends before it starts"
        into = Weekday((first + 1) % 7)
        hint = f"write {first.name.title()} {hours[0]} - {into.name.title()} {hours[1]}"
        hint += ", and so on for each day" if len(chosen) > 1 else ""
        return Wrong(f"`{plain}` {ends}", "a window that crosses midnight names both days", hint)
    return tuple(WeeklyWindow(day, hours[0], day, hours[1]) for day in chosen)


def _hours(start: str, end: str) -> tuple[ClockTime, ClockTime] | Wrong:
    first, last = clock_time(start), clock_time(end)
    if isinstance(first, Wrong):
        return first
    if isinstance(last, Wrong):
        return last
    if first.seconds == 86_400:
        return Wrong("a window cannot start at 24:00", "24:00 is the end of its day", "write 00:00 of the next day")
    return first, last


def _days(words: str) -> tuple[Weekday, ...] | Wrong:
    """`Sunday`, `Monday to Friday`, `Monday-Friday`, `Saturday and Sunday`, `every day`."""
    if words.lower() in ("every day", "daily"):
        return tuple(Weekday)
    ends = re.split(r" to | ?- ?", words)
    if len(ends) == 2:
        first, last = _weekday(ends[0]), _weekday(ends[1])
        if isinstance(first, Wrong):
            return first
        if isinstance(last, Wrong):
            return last
        return tuple(Weekday((first + n) % 7) for n in range((last - first) % 7 + 1))
    chosen: list[Weekday] = []
    for word in re.split(r", and | and |, ?", words):
        found = _weekday(word)
        if isinstance(found, Wrong):
            return found
        if found in chosen:
            return Wrong(f"{found.name.title()} is named twice", "", "name each day once")
        chosen.append(found)
    return tuple(chosen)


def _weekday(word: str) -> Weekday | Wrong:
    lower = word.lower()
    if lower in _NAMES:
        return _NAMES[lower]
    short = [name for name in _NAMES if len(lower) >= 2 and name.startswith(lower)]
    close = short if len(short) == 1 else get_close_matches(lower, _NAMES, 1, 0.7)
    hint = f"write {close[0].title()}" if close else "write its English name, as in Sunday"
    return Wrong(f"`{word}` is not a day of the week", "", hint)
