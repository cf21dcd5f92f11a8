"""Thresholds by cross-multiplied integers, and rounding by looking at the rest."""

from __future__ import annotations

from fractions import Fraction

from makegood.model.terms import Range
from makegood.model.threshold import Side, Threshold


def on_side(threshold: Threshold[Fraction] | Threshold[int], value: Fraction | int) -> bool:
    edge, number = Fraction(threshold.edge), Fraction(value)
    left, right = number.numerator * edge.denominator, edge.numerator * number.denominator
    return {
        Side.AT_LEAST: left >= right,
        Side.MORE_THAN: left > right,
        Side.BELOW: left < right,
        Side.AT_MOST: left <= right,
        Side.EXACTLY: left == right,
    }[threshold.side]


def in_range(held: Range, value: Fraction) -> bool:
    low = Side.AT_LEAST if held.low_inside else Side.MORE_THAN
    high = Side.AT_MOST if held.high_inside else Side.BELOW
    return (held.low is None or on_side(Threshold(low, held.low), value)) and (
        held.high is None or on_side(Threshold(high, held.high), value)
    )


def whole_units(exact: Fraction, how: str) -> int:
    """The whole number nearest to an amount of nothing or more, by the named rule."""
    below, rest = divmod(exact.numerator, exact.denominator)
    if how == "down":
        return below
    if how == "up":
        return below + (rest > 0)
    if 2 * rest == exact.denominator:
        return below + 1 if how == "half up" else below + below % 2
    return below + (2 * rest > exact.denominator)


def places(ratio: Fraction, after_the_point: int) -> Fraction:
    """A ratio whose percentage is rounded, half up, to so many places."""
    unit: int = 10 ** (after_the_point + 2)
    return Fraction(whole_units(ratio * unit, "half up"), unit)
