from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.exchange.decimal_column import MOST_DIGITS, NO_NUMBER, NO_VALUE, Numbers, read_decimals, why_no_number

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9) | (
    st.integers(-(10**18) + 1, 10**18 - 1).map(Decimal)
)


def one(text: str) -> tuple[int, int]:
    found = read_decimals([text])
    return int(found.digits[0]), int(found.places[0])


@pytest.mark.parametrize(
    ("text", "digits", "places"),
    [
        ("0", 0, 0),
        ("-0.00", 0, 0),
        ("7", 7, 0),
        ("1200", 1200, 0),
        ("99.90", 999, 1),
        ("-1.5", -15, 1),
        ("007", 7, 0),
        ("1e3", 1000, 0),
        ("1.5E-7", 15, 8),
        ("0.10000000000000000", 1, 1),
        ("999999999999999999", 10**18 - 1, 0),
        ("0.000000000000000001", 1, 18),
        ("", 0, NO_VALUE),
    ],
)
def test_a_number_is_its_digits_and_decimals(text: str, digits: int, places: int) -> None:
    assert one(text) == (digits, places)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("NaN", "is no number: leave the cell empty where nothing was measured"),
        ("-inf", "is no number: leave the cell empty where nothing was measured"),
        ("+Infinity", "is no number: leave the cell empty where nothing was measured"),
        ("1000000000000000000", "has too many digits: at most 18 are kept exactly, so round it first"),
        ("0.0000000000000000001", "has too many digits: at most 18 are kept exactly, so round it first"),
        ("1e999", "has too many digits: at most 18 are kept exactly, so round it first"),
        ("1.2345678901234567890", "has too many digits: at most 18 are kept exactly, so round it first"),
        (
            "1,200",
            "is no plain number: write it as in 1234.5, without signs, spaces or separators of thousands",
        ),
        ("99 %", "is no plain number: write it as in 1234.5, without signs, spaces or separators of thousands"),
        ("+5", "is no plain number: write it as in 1234.5, without signs, spaces or separators of thousands"),
        (" 5", "is no plain number: write it as in 1234.5, without signs, spaces or separators of thousands"),
        ("abc", "is no number: every column that is not named otherwise is a quantity"),
        ("1e99999", "is no number: every column that is not named otherwise is a quantity"),
        ("٣", "is no number: every column that is not named otherwise is a quantity"),
        ("1.", "is no number: every column that is not named otherwise is a quantity"),
        (".5", "is no number: every column that is not named otherwise is a quantity"),
        ("-", "is no number: every column that is not named otherwise is a quantity"),
        ("1-", "is no number: every column that is not named otherwise is a quantity"),
        ("1.2.3", "is no number: every column that is not named otherwise is a quantity"),
        ("0x10", "is no number: every column that is not named otherwise is a quantity"),
        ("9" * 5000, "has too many digits: at most 18 are kept exactly, so round it first"),
    ],
)
def test_what_is_no_number_says_why(text: str, says: str) -> None:
    assert one(text)[1] == NO_NUMBER
    assert why_no_number(text) == says


@given(st.lists(DECIMALS, max_size=40))
def test_a_column_is_read_as_python_reads_each(values: list[Decimal]) -> None:
    texts = [f"{v:f}" for v in values]
    found = read_decimals(texts)
    assert [Fraction(int(d), 10 ** int(p)) for d, p in zip(found.digits, found.places, strict=True)] == [
        Fraction(v) for v in values
    ]
    assert [Fraction(found.written(i)) for i in range(len(values))] == [Fraction(v) for v in values]


@given(st.text(alphabet="0123456789.-eE", max_size=22))
def test_the_fast_reader_and_the_slow_one_agree(text: str) -> None:
    digits, places = one(text)
    if places == NO_NUMBER:
        assert why_no_number(text) != ""
    elif text:
        assert why_no_number(text) == ""
        assert Fraction(digits, 10**places) == Fraction(Decimal(text))
        assert places == 0 or digits % 10 != 0


@given(st.lists(st.tuples(DECIMALS, DECIMALS), max_size=20))
def test_numbers_of_any_decimals_are_compared_exactly(pairs: list[tuple[Decimal, Decimal]]) -> None:
    one, other = (read_decimals([f"{pair[i]:f}" for pair in pairs]) for i in (0, 1))
    assert one.exceed(other).tolist() == [a > b for a, b in pairs]


def test_a_number_that_is_not_known_exceeds_nothing() -> None:
    none, most = Numbers.none(1), read_decimals(["9" * MOST_DIGITS])
    assert not none.exceed(most)[0]
    assert not most.exceed(none)[0]
    assert np.array_equal(Numbers.joined([none, most]).known, [False, True])
