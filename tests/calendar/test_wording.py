"""Lengths of time as messages and arithmetic say them."""

from fractions import Fraction

import pytest

from makegood.calendar.wording import duration_words
from makegood.model.spans import HOUR, MINUTE, SECOND


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0, "0 h"),
        (72 * HOUR, "72 h"),
        (HOUR + 30 * MINUTE, "1 h 30 min"),
        (45 * SECOND + 500_000, "45.5 s"),
        (HOUR + 1, "1 h 0.000001 s"),
        (Fraction(20 * SECOND, 3), "6.666666… s"),
        (Fraction(4 * HOUR), "4 h"),
    ],
)
def test_a_length_is_said_without_empty_digits_and_one_without_an_end_is_cut(
    length: int | Fraction, words: str
) -> None:
    assert duration_words(length) == words
