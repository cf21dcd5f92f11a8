"""Numbers, shares and months in English words."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

_ONES: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

WORDS: Final = {
    **{word: number for number, word in enumerate((*_ONES, *_TEENS), 1)},
    **{word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)},
    **{f"{ten}-{one}": 10 * t + o for t, ten in enumerate(_TENS, 2) for o, one in enumerate(_ONES, 1)},
    **{f"{many}hundred": number for many, number in (("a ", 100), ("one ", 100), ("two ", 200), ("five ", 500))},
}
"""Numbers as words. `one` alone is a pronoun more often than a number."""

ORDINALS: Final = {
    **{word: number for number, word in enumerate(("fourth", "fifth", "sixth", "seventh", "eighth", "ninth"), 4)},
    "tenth": 10,
    "twelfth": 12,
    "fifteenth": 15,
    "twentieth": 20,
    "twenty-fifth": 25,
    "thirtieth": 30,
}
"""Ordinals that count. `first`, `second` and `third` order things, or are a unit or a party, more often."""

PARTS: Final = {
    "half": Fraction(1, 2),
    "one half": Fraction(1, 2),
    "a third": Fraction(1, 3),
    "one third": Fraction(1, 3),
    "two thirds": Fraction(2, 3),
    "one quarter": Fraction(1, 4),
    "three quarters": Fraction(3, 4),
}
"""Shares as words, where what they are of follows."""

TIMES: Final = {"twice": 2, "thrice": 3, "double": 2, "triple": 3}
"""Multiples as words."""

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
