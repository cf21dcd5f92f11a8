"""Lengths of time in words, exact and never rounded: `47 min`, `4 h 2 min 3 s`, `40,273 of 40,320 min`."""

from __future__ import annotations

from fractions import Fraction

from makegood.model.spans import HOUR, MICROSECOND, MINUTE, SECOND

MILLISECOND = 1_000 * MICROSECOND
UNITS = (("min", MINUTE), ("s", SECOND), ("ms", MILLISECOND), ("µs", MICROSECOND))


def duration(microseconds: int | Fraction) -> str:
    """A length in hours, minutes and seconds. Hours are never gathered into days, which clock changes make unequal."""
    exact = Fraction(microseconds)
    if exact < 0:
        return f"−{duration(-exact)}"
    if exact.denominator != 1:
        return f"{exact.numerator:,}/{exact.denominator:,} µs"
    hours, rest = divmod(exact.numerator, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [f"{hours:,} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{_seconds(rest)} s"] if rest or not parts else []
    return " ".join(parts)


def operands(numerator: Fraction, denominator: Fraction) -> str:
    """Both operands of a share of time in one unit, the largest in which both are whole."""
    return f"{in_unit(numerator, denominator)} of {with_unit(denominator, numerator)}"


def in_unit(value: Fraction, beside: Fraction) -> str:
    """The number alone, in the largest unit in which it and the other value are whole."""
    return _counted(value / _unit(value, beside)[1])


def with_unit(value: Fraction, beside: Fraction) -> str:
    """The number and its unit, the largest in which it and the other value are whole."""
    name, size = _unit(value, beside)
    return f"{_counted(value / size)} {name}"


def _unit(*values: Fraction) -> tuple[str, int]:
    for unit in UNITS:
        if all((value / unit[1]).denominator == 1 for value in values):
            return unit
    return UNITS[-1]


def _counted(number: Fraction) -> str:
    return f"{number.numerator:,}" + (f"/{number.denominator:,}" if number.denominator != 1 else "")


def _seconds(microseconds: int) -> str:
    seconds, rest = divmod(microseconds, SECOND)
    return f"{seconds}.{rest:06d}".rstrip("0") if rest else str(seconds)
