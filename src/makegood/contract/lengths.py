"""Lengths of time from words: `5 min` is elapsed, `30 days` counts dates, `8 business hours` open hours."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Final

from makegood.contract.quantities import number, number_before
from makegood.contract.wrong import Wrong, prepared
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration
from makegood.model.when import Allowance, DayCount

LONGEST_YEARS: Final = 1_000
_LONGEST: Final = LONGEST_YEARS * 366 * DAY

UNITS: Final[dict[str, Duration]] = {
    **dict.fromkeys(("h", "hour", "hours"), HOUR),
    **dict.fromkeys(("min", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("s", "second", "seconds"), SECOND),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), SECOND // 1000),
}
_NEARLY: Final = {
    **dict.fromkeys(("hr", "hrs", "hs"), "h"),
    **dict.fromkeys(("mins", "mn"), "min"),
    **dict.fromkeys(("sec", "secs"), "s"),
    **dict.fromkeys(("msec", "msecs", "millis"), "ms"),
}
COUNTS: Final = {
    **dict.fromkeys(("day", "days", "calendar day", "calendar days"), DayCount.DAYS),
    **dict.fromkeys(("business day", "business days"), DayCount.BUSINESS_DAYS),
    **dict.fromkeys(("week", "weeks"), DayCount.WEEKS),
    **dict.fromkeys(("month", "months"), DayCount.MONTHS),
}
_MOST_COUNTED: Final = {DayCount.WEEKS: 52 * LONGEST_YEARS, DayCount.MONTHS: 12 * LONGEST_YEARS}
_PART = re.compile(r" ?(-?[0-9][0-9,.]*) ?([A-Za-z]+)(?= |[0-9]|\Z)")
_COUNTED = re.compile(r"(-?[0-9][0-9,.]*) ?([A-Za-z][A-Za-z ]*)\Z")


def is_time_unit(word: str) -> bool:
    """Whether a word is a unit of elapsed time, or nearly one: then `duration` tells what is wrong with it."""
    lower = word.lower()
    return lower in UNITS or lower in _NEARLY or lower in ("m", "d", "w")


def duration(text: str) -> Duration | Wrong:
    """Elapsed time in microseconds: `5 min`, `72 h`, `250 ms`, `1 h 30 min`; the larger unit first, each unit once."""
    plain = prepared(text)
    return plain if isinstance(plain, Wrong) else _elapsed(plain, "")


def allowance(text: str) -> Allowance | Wrong:
    """How long something may take: elapsed (`72 h`), open hours (`8 business hours`), or counted (`30 days`)."""
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    if not (found := _COUNTED.match(plain)) or found[2] not in COUNTS:
        return _timed(plain)
    unit, count = COUNTS[found[2]], number_before(found[1], f" {found[2]}")
    if isinstance(count, Wrong):
        return count
    if count.denominator != 1:
        return Wrong(
            f"`{plain}` is not a whole number of {unit.value}",
            f"{unit.value} are counted",
            "write a whole number, or hours",
        )
    if count < 0:
        return _negative(plain)
    if count > _MOST_COUNTED.get(unit, 366 * LONGEST_YEARS):
        return _too_long(plain)
    return Allowance(int(count), unit)


def _timed(plain: str) -> Allowance | Wrong:
    open_hours = " business " in plain
    if "working " in plain:
        return Wrong(f"`{plain}` is not a length of time", "", f"write {plain.replace('working ', 'business ')}")
    if found := re.fullmatch(r"([1-9][0-9]{0,2}) (year|quarter)s?", plain):
        months = int(found[1]) * (12 if found[2] == "year" else 3)
        return Wrong(
            f"`{plain}` is not a length of time", f"{found[2]}s are counted in months", f"write {months} months"
        )
    value = _elapsed(plain.replace(" business ", " "), "15 business days, 30 days, 1 month or 72 h")
    if isinstance(value, Wrong):
        return replace(value, hint="write as in 8 business hours or 15 business days") if open_hours else value
    return Allowance(value, DayCount.BUSINESS_TIME if open_hours else DayCount.ELAPSED)


def _elapsed(plain: str, counted: str) -> Duration | Wrong:
    at, total, smallest, parts = 0, Fraction(0), _LONGEST, 0
    while at < len(plain):
        if not (found := _PART.match(plain, at)):
            return _no_length(plain, counted)
        unit = UNITS.get(found[2])
        if unit is None:
            return _no_unit(plain, found[1], found[2], counted)
        value = number_before(found[1], f" {found[2]}")
        if isinstance(value, Wrong):
            return value
        if value < 0:
            return _negative(plain)
        if unit >= smallest:
            return Wrong(
                f"`{plain}` is out of order",
                "the larger unit comes first, and each unit once",
                "write as in 1 h 30 min",
            )
        if parts and value * unit >= smallest:
            larger = f"{value.numerator} {found[2]} is more than the unit before it" if value.denominator == 1 else ""
            return Wrong(f"`{plain}` is out of order", larger, "write as in 1 h 30 min")
        total, smallest, parts, at = total + value * unit, unit, parts + 1, found.end()
    if total.denominator != 1:
        return Wrong(
            f"`{plain}` is not a whole number of microseconds", "time is counted in microseconds", "write fewer digits"
        )
    return _too_long(plain) if total > _LONGEST else int(total)


def _negative(plain: str) -> Wrong:
    return Wrong(f"`{plain}` is below zero", "a length of time cannot be negative", f"write {plain.removeprefix('-')}")


def _too_long(plain: str) -> Wrong:
    return Wrong(f"`{plain}` is more than {LONGEST_YEARS:,} years", "no agreement runs so long", "write a shorter time")


def _no_length(plain: str, counted: str) -> Wrong:
    value, longest = number(plain), "days" if counted else "h"
    if isinstance(value, Fraction):
        return Wrong(
            f"`{plain}` has no unit",
            f"it could be seconds or {longest}",
            f"write {plain} s, {plain} min or {plain} {longest}",
        )
    if found := re.fullmatch(r"([0-9]{1,3}):([0-9]{2})(?::([0-9]{2}))?", plain):
        hint = f"write {int(found[1])} h {int(found[2])} min" + (f" {int(found[3])} s" if found[3] else "")
        return Wrong(f"`{plain}` looks like a time of day", "a length of time has units", hint)
    if plain.endswith(".") and not isinstance(_elapsed(plain.rstrip("."), counted), Wrong):
        return Wrong(f"`{plain}` is not a length of time", "it ends with a full stop", f"write {plain.rstrip('.')}")
    return Wrong(f"`{plain}` is not a length of time", "", f"write as in {counted or '5 min, 72 h or 1 h 30 min'}")


def _no_unit(plain: str, count: str, unit: str, counted: str) -> Wrong:
    lower = unit.lower()
    if lower == "m":
        return Wrong(
            f"`{plain}` could be minutes or months", "the unit is written out", f"write {count} min or {count} months"
        )
    if lower in ("d", "w") or lower.rstrip("s") in ("day", "week", "month", "year"):
        kind = {"d": "day", "w": "week"}.get(lower, lower.rstrip("s"))
        if counted:
            return Wrong(
                f"`{plain}` is not a length of time",
                "",
                f"write {count} {kind}s" if kind != "year" else f"write as in {counted}",
            )
        hours = {"day": 24, "week": 168}.get(kind)
        value = number(count)
        elapsed = (
            f"write {_whole(value * hours)} h if elapsed time is meant" if hours and isinstance(value, Fraction) else ""
        )
        return Wrong(
            f"`{plain}` is not elapsed time",
            f"{kind}s are counted as local dates, which differ in length",
            elapsed or "write hours",
        )
    meant = _NEARLY.get(lower) or (lower if lower in UNITS else None)
    hint = (
        f"write {count} {meant}"
        if meant
        else f"the units are ms, s, min and h{'' if not counted else '; or as in ' + counted}"
    )
    return Wrong(f"`{unit}` is not a unit of time", "", hint)


def _whole(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else f"{float(value):g}"
