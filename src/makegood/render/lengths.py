"""Lengths of time in words, never rounded: `47 min`, `4 h 2 min 3.5 s`, `40,273 of 40,320 min`, `6.666666… s`."""

from __future__ import annotations

from fractions import Fraction

from makegood.calendar.wording import seconds_words
from makegood.model.spans import HOUR, MICROSECOND, MINUTE, SECOND

MILLISECOND = 1_000 * MICROSECOND
UNITS = (("min", MINUTE), ("s", SECOND), ("ms", MILLISECOND))


def duration(microseconds: int | Fraction) -> str:
    """A length in hours, minutes and seconds. Hours are never gathered into days, which clock changes make unequal.

    What is shorter than a second and not than a millisecond is said in milliseconds: `250 ms`. What has no end in
    microseconds is cut there, and says so: `6.666666… s`.
    """
    exact = Fraction(microseconds)
    if exact < 0:
        return f"−{duration(-exact)}"
    if MILLISECOND <= exact < SECOND:
        whole, part = divmod(int(exact), MILLISECOND)
        cut = "" if exact.denominator == 1 else "…"
        shown = f"{whole}.{part:03d}{cut}" if cut else f"{whole}.{part:03d}".rstrip("0").rstrip(".")
        return f"{shown} ms"
    whole, ends = int(exact), exact.denominator == 1
    hours, rest = divmod(whole, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [f"{hours:,} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{seconds_words(rest, ends)} s"] if rest or not ends or not parts else []
    return " ".join(parts)


def operands(numerator: Fraction, denominator: Fraction) -> str:
    """Both operands of a share of time in one unit, the largest in which both are whole."""
    return f"{in_unit(numerator, denominator)} of {with_unit(denominator, numerator)}"


def in_unit(value: Fraction, beside: Fraction) -> str:
    """The number alone, in the largest unit in which it and the other value are whole, else in seconds."""
    return _counted(value, _unit(value, beside)[1])


def with_unit(value: Fraction, beside: Fraction) -> str:
    """The number and its unit, the largest in which it and the other value are whole, else seconds."""
    name, size = _unit(value, beside)
    return f"{_counted(value, size)} {name}"


def _unit(*values: Fraction) -> tuple[str, int]:
    for unit in UNITS:
        if all((value / unit[1]).denominator == 1 for value in values):
            return unit
    return "s", SECOND


def _counted(value: Fraction, size: int) -> str:
    number = value / size
    if number.denominator == 1:
        return f"{number.numerator:,}"
    whole = int(value)
    return f"−{_counted(-value, size)}" if value < 0 else seconds_words(whole, whole == value)
