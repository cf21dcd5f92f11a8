"""Money: one named rounding, and as many digits as the currency has."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.money import Money, Rounding, known_currency, minor_digits, plain, rounded, to_minor

ROUNDED = {
    "0": (0, 0, 0, 0),
    "1/3": (0, 0, 0, 1),
    "1/2": (1, 0, 0, 1),
    "2/3": (1, 1, 0, 1),
    "1": (1, 1, 1, 1),
    "3/2": (2, 2, 1, 2),
    "5/2": (3, 2, 2, 3),
    "7/2": (4, 4, 3, 4),
    "-1/3": (0, 0, 0, -1),
    "-1/2": (-1, 0, 0, -1),
    "-5/2": (-3, -2, -2, -3),
    "1000000000000000000001/2": (5 * 10**20 + 1, 5 * 10**20, 5 * 10**20, 5 * 10**20 + 1),
}


@pytest.mark.parametrize("exact", ROUNDED)
def test_each_rule_of_rounding(exact: str) -> None:
    modes = (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.DOWN, Rounding.UP)
    up, even, down, away = ROUNDED[exact]
    assert [rounded(Fraction(exact), how) for how in modes] == [up, even, down, away]


@given(st.fractions(-1000, 1000, max_denominator=1000), st.sampled_from(Rounding))
def test_rounding_moves_by_less_than_one_and_keeps_wholes_and_signs(exact: Fraction, how: Rounding) -> None:
    whole = rounded(exact, how)
    assert abs(whole - exact) < 1
    assert rounded(Fraction(whole), how) == whole
    assert rounded(-exact, how) == -whole
    if how in (Rounding.HALF_UP, Rounding.HALF_EVEN):
        assert abs(whole - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("major", "currency", "minor", "shown"),
    [
        ("12500", "USD", 1_250_000, "12,500.00 USD"),
        ("1250", "JPY", 1250, "1,250 JPY"),
        ("1.25", "KWD", 1250, "1.250 KWD"),
        ("0", "EUR", 0, "0.00 EUR"),
        ("0.05", "EUR", 5, "0.05 EUR"),
        ("-1.5", "EUR", -150, "-1.50 EUR"),
        ("-0.05", "EUR", -5, "-0.05 EUR"),
    ],
)
def test_a_currency_has_its_own_digits(major: str, currency: str, minor: int, shown: str) -> None:
    assert to_minor(Fraction(major), currency) == minor
    assert str(Money(Fraction(minor), currency)) == shown


def test_what_is_not_rounded_is_cut_when_shown() -> None:
    assert plain(Fraction(1999, 10), "EUR") == "1.99"
    assert not Money(Fraction(1999, 10), "EUR").whole
    assert Money(Fraction(199), "EUR").whole


def test_a_currency_is_one_of_iso_4217() -> None:
    assert [known_currency(code) for code in ("USD", "KWD", "usd", "US$", "XXY", "")] == [True, True] + [False] * 4
    assert [minor_digits(code) for code in ("USD", "JPY", "KWD")] == [2, 0, 3]
