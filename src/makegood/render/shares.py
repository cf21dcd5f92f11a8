"""Shares in percent, cut and never rounded up: `99.883 %`, and `100 %` only when it is exactly that (DESIGN §3.8)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

FEWEST = 3
MOST = 24


def percent(share: Fraction, apart_from: Iterable[Fraction] = ()) -> str:
    """The share with three decimals, or as many more as show it apart from others (its target) that it does not equal.

    A share that no reasonable number of digits shows apart is given as its fraction.
    """
    if share in (0, 1):
        return f"{int(share) * 100} %"
    others = [other for other in (*apart_from, Fraction()) if other != share]
    for digits in range(FEWEST, MOST + 1):
        if all(_cut(share, digits) != _cut(other, digits) for other in others):
            return f"{_cut(share, digits)} %"
    return f"{share.numerator}/{share.denominator}"


def written(share: Fraction) -> str:
    """A share as an agreement writes it, without empty decimals where it ends: `10 %`, `99.9 %`; else cut, with `…`."""
    digits = next((d for d in range(10) if (share * 100 * 10**d).denominator == 1), None)
    return f"{_cut(share, FEWEST)}… %" if digits is None else f"{_cut(share, digits)} %"


def decimal(number: Fraction, digits: int = 12) -> str:
    """A number as a decimal, cut towards zero after so many digits, without empty ones; exact where it ends before."""
    sign, size = ("-", -number) if number < 0 else ("", number)
    whole, rest = divmod(size.numerator * 10**digits // size.denominator, 10**digits)
    return f"{sign}{whole}" + (f".{rest:0{digits}d}".rstrip("0") if rest else "")


def _cut(share: Fraction, digits: int) -> str:
    sign, size = ("−", -share) if share < 0 else ("", share)
    whole, rest = divmod(size.numerator * 100 * 10**digits // size.denominator, 10**digits)
    return f"{sign}{whole}" + (f".{rest:0{digits}d}" if digits else "")
