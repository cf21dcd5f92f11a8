"""Thresholds from words: a side that is always written, and a value in the unit that the rule asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from makegood.contract.wrong import Wrong, prepared
from makegood.model.threshold import Side, Threshold

T = TypeVar("T")

_SIDES: Final = {
    "less than": Side.BELOW,
    "under": Side.BELOW,
    "<": Side.BELOW,
    "over": Side.MORE_THAN,
    "above": Side.MORE_THAN,
    "greater than": Side.MORE_THAN,
    "exceeding": Side.MORE_THAN,
    ">": Side.MORE_THAN,
    "no more than": Side.AT_MOST,
    "not more than": Side.AT_MOST,
    "no longer than": Side.AT_MOST,
    "up to": Side.AT_MOST,
    "<=": Side.AT_MOST,
    "no less than": Side.AT_LEAST,
    "not less than": Side.AT_LEAST,
    "no fewer than": Side.AT_LEAST,
    "minimum": Side.AT_LEAST,
    "from": Side.AT_LEAST,
    ">=": Side.AT_LEAST,
    "equal to": Side.EXACTLY,
    "=": Side.EXACTLY,
}
_SAY_WHICH: Final = "say which side: at least / more than / below / at most"
_WHY: Final = "a value at the edge is met or missed by its side"
_SIGNS: Final = str.maketrans({"≥": ">=", "≤": "<=", "＞": ">", "＜": "<"})


def threshold(text: str, unit_reader: Callable[[str], T | Wrong]) -> Threshold[T] | Wrong:
    """A side and a value, read by the reader of its unit: `at least 99.9 %`, `more than 15`, `below 95 %`."""
    plain = prepared(text.translate(_SIGNS))
    if isinstance(plain, Wrong):
        return plain
    for side in Side:
        if plain == side.value:
            return Wrong(f"`{plain}` has no value after it", "", "write the value, as in at least 99.9 %")
        if plain.startswith(f"{side.value} "):
            written = plain.removeprefix(f"{side.value} ")
            value = unit_reader(written)
            return value if isinstance(value, Wrong) else Threshold(side, value, written)
    return _another_side(plain) or _no_side(plain, unit_reader(plain))


def _another_side(plain: str) -> Wrong | None:
    lower = plain.lower()
    for side in Side:
        if lower.startswith(f"{side.value} "):
            why, hint = "the words for a side are in lower case", f"write {side.value}{plain[len(side.value) :]}"
            return Wrong(f"`{plain[: len(side.value)]}` is not one of the words for a side", why, hint)
    for words in sorted(_SIDES, key=len, reverse=True):
        rest = plain[len(words) :]
        if lower.startswith(words) and (not words[-1].isalpha() or rest.startswith(" ")):
            what, why = f"`{words}` is not one of the words for a side", "one word for one meaning"
            return Wrong(what, why, f"write {_SIDES[words].value} {rest.strip()}".rstrip())
    return None


def _no_side(plain: str, value: object) -> Wrong:
    if isinstance(value, Wrong):
        return Wrong(f"`{plain}` does not begin with a side", _WHY, _SAY_WHICH)
    example = f"{_SAY_WHICH}; for example at least {plain}"
    return Wrong(f"`{plain}` does not say which side of it is meant", _WHY, example)
