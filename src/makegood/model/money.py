"""Money: exact until one named rounding, then whole minor units of a currency (ISO 4217)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from babel.numbers import get_currency_precision, is_currency


class Rounding(StrEnum):
    """How an exact amount becomes whole minor units; `half up` unless the agreement names another."""

    HALF_UP = "half up"
    HALF_EVEN = "half even"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, yen, fils) of one currency; exact, so it may hold a fraction before rounding."""

    minor: Fraction
    currency: str

    @property
    def whole(self) -> bool:
        return self.minor.denominator == 1

    def __str__(self) -> str:
        return f"{plain(self.minor, self.currency)} {self.currency}"


def known_currency(code: str) -> bool:
    """Whether ISO 4217 lists the code."""
    return bool(is_currency(code))


def minor_digits(currency: str) -> int:
    """Digits after the point: USD 2, JPY 0, KWD 3."""
    return int(get_currency_precision(currency))


def to_minor(major: Fraction, currency: str) -> Fraction:
    return major * Fraction(10) ** minor_digits(currency)


def rounded(exact: Fraction, how: Rounding) -> int:
    """The whole number of minor units nearest by the named rule; halves away from zero under `half up`."""
    sign, size = (-1, -exact) if exact < 0 else (1, exact)
    whole, rest = divmod(size.numerator, size.denominator)
    twice = 2 * rest
    match how:
        case Rounding.HALF_UP:
            up = twice >= size.denominator
        case Rounding.HALF_EVEN:
            up = twice > size.denominator or (twice == size.denominator and whole % 2 == 1)
        case Rounding.DOWN:
            up = False
        case Rounding.UP:
            up = rest > 0
    return sign * (whole + up)


def plain(minor: Fraction, currency: str) -> str:
    """Major units with grouping and the currency's digits, as `12,500.00`; an unrounded amount is cut."""
    digits = minor_digits(currency)
    size = int(abs(minor))
    major, rest = divmod(size, 10**digits)
    sign = "-" if minor < 0 else ""
    return f"{sign}{major:,}" + (f".{rest:0{digits}d}" if digits else "")
