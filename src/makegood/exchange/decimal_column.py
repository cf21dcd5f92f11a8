"""A column of decimal numbers at once, exact: each a whole number and how many decimals it has.

`99.90` and `99.9` are one number; `1e-3` is `0.001`. What would need more than 18 digits is refused, never rounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from makegood.model.spans import Times

MOST_DIGITS: Final = 18
"""Of one number, and from the first digit of the greatest to the last decimal of the finest number of a series."""

NO_VALUE: Final = -1
NO_NUMBER: Final = -2
"""In the place of the decimals: nothing is written, or nothing that can be read."""

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_TOO_MANY = f"has too many digits: at most {MOST_DIGITS} are kept exactly, so round it first"
_LONGEST_TEXT = 400
_FAST = 18
_NO_NUMBERS = ("nan", "inf", "infinity")


@dataclass(frozen=True, eq=False)
class Numbers:
    """n exact numbers: `digits` int64[n] in units of 10**-`places`, int8[n]; `places` is NO_VALUE where none is known.

    No number ends with a decimal zero, so that two are equal when both columns are.
    """

    digits: Times
    places: NDArray[np.int8]

    @staticmethod
    def none(length: int) -> Numbers:
        return Numbers(np.zeros(length, dtype=np.int64), np.full(length, NO_VALUE, dtype=np.int8))

    @staticmethod
    def joined(parts: Sequence[Numbers]) -> Numbers:
        """The numbers of all parts, one after the other; one part at least."""
        return Numbers(np.concatenate([p.digits for p in parts]), np.concatenate([p.places for p in parts]))

    @property
    def known(self) -> NDArray[np.bool_]:
        known: NDArray[np.bool_] = self.places >= 0
        return known

    def only(self, keep: NDArray[np.bool_] | Times) -> Numbers:
        return Numbers(self.digits[keep], self.places[keep])

    def written(self, at: int) -> str:
        """One number as text; empty where it is not known."""
        if self.places[at] < 0:
            return ""
        return f"{Decimal(int(self.digits[at])).scaleb(-int(self.places[at])):f}"

    def exceed(self, others: Numbers) -> NDArray[np.bool_]:
        """bool[n], where both are known and this one is greater, exactly."""
        whole, part = _split(self)
        other_whole, other_part = _split(others)
        greater = (whole > other_whole) | ((whole == other_whole) & (part > other_part))
        return np.asarray(greater & self.known & others.known, dtype=np.bool_)


def read_decimals(texts: Sequence[str]) -> Numbers:
    """The numbers of a column; empty texts are NO_VALUE, and what `why_no_number` explains is NO_NUMBER."""
    digits, places = np.zeros(len(texts), dtype=np.int64), np.full(len(texts), NO_NUMBER, dtype=np.int8)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    places[lengths == 0] = NO_VALUE
    short = np.flatnonzero((lengths > 0) & (lengths <= _FAST))
    if len(short):
        padded = "".join(texts[i].ljust(_FAST) for i in short.tolist()).encode("ascii", "replace")
        letters = np.frombuffer(padded, dtype=np.uint8).reshape(-1, _FAST)
        digits[short], places[short] = _read(letters, lengths[short])
    others = np.flatnonzero(places == NO_NUMBER).tolist()
    read: Mapping[str, tuple[int, int] | str] = {text: _read_one(text) for text in {texts[i] for i in others}}
    for i in others:
        found = read[texts[i]]
        if not isinstance(found, str):
            digits[i], places[i] = found
    return Numbers(digits, places)


def why_no_number(text: str) -> str:
    """Why a text that `read_decimals` refuses is no number that can be taken, in words that go on from it."""
    found = _read_one(text)
    return found if isinstance(found, str) else ""


def _read(letters: NDArray[np.uint8], lengths: Times) -> tuple[Times, NDArray[np.int8]]:
    """Digits and places of plain decimals without an exponent, uint8[n, _FAST] padded on the right."""
    digits, places = np.zeros(len(letters), dtype=np.int64), np.zeros(len(letters), dtype=np.int8)
    below, pointed = letters[:, 0] == ord("-"), np.zeros(len(letters), dtype=np.bool_)
    sound = np.ones(len(letters), dtype=np.bool_)
    before = np.zeros(len(letters), dtype=np.bool_)  # whether the character before was a digit
    for column in range(int(lengths.max())):
        inside = lengths > column
        letter = letters[:, column]
        number = inside & (letter >= ord("0")) & (letter <= ord("9"))
        point = inside & (letter == ord(".")) & before & ~pointed
        sound &= ~inside | number | point | (below if column == 0 else False)
        digits = np.where(number, digits * 10 + (letter.astype(np.int64) - ord("0")), digits)
        places += number & pointed
        pointed |= point
        before = np.where(inside, number, before)
    sound &= before
    digits[below] *= -1
    while (more := (places > 0) & (digits % 10 == 0)).any():
        digits[more] //= 10
        places[more] -= 1
    return digits, np.where(sound, places, NO_NUMBER).astype(np.int8)


def _read_one(text: str) -> tuple[int, int] | str:
    if len(text) > _LONGEST_TEXT:
        return _TOO_MANY
    if not _PLAIN.fullmatch(text):
        bare = text.strip().casefold().lstrip("+-")
        if bare in _NO_NUMBERS:
            return "is no number: leave the cell empty where nothing was measured"
        if _PLAIN.fullmatch(bare.replace(",", "").replace(" ", "").rstrip("%")):
            return "is no plain number: write it as in 1234.5, without signs, spaces or separators of thousands"
        return "is no number: every column that is not named otherwise is a quantity"
    sign, figures, exponent = Decimal(text).as_tuple()
    if not isinstance(exponent, int):  # never: the pattern allows no other
        return "is no number"
    while figures and figures[-1] == 0 and exponent < 0:
        figures, exponent = figures[:-1], exponent + 1
    value = int("".join(map(str, figures)) or "0")
    if value == 0:
        return 0, 0
    length = len(str(value)) + max(0, exponent)
    if length > MOST_DIGITS or -exponent > MOST_DIGITS:
        return _TOO_MANY
    value *= 10 ** max(0, exponent)
    return -value if sign else value, max(0, -exponent)


def _split(numbers: Numbers) -> tuple[Times, Times]:
    """Whole numbers, rounded down, and what is left of each in units of 10**-MOST_DIGITS."""
    unit = 10 ** np.maximum(numbers.places, 0).astype(np.int64)
    whole: Times = numbers.digits // unit
    part: Times = (numbers.digits - whole * unit) * (10**MOST_DIGITS // unit)
    return whole, part
