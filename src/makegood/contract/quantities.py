"""Numbers and shares from words: exact, and written in one way."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Final

from makegood.contract.wrong import Wrong, prepared

LARGEST: Final = 2**63
MOST_DECIMALS: Final = 18

_NUMBER = re.compile(r"(-?)((?:0|[1-9][0-9]*)|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]+))?\Z")
_SHARES: Final = {" per mille": 10, " percent": 1, " per cent": 1, " pct": 1}
"""Other ways of writing a share, and how many of them make one percent."""


def number(text: str) -> Fraction | Wrong:
    """A decimal number: `99.9`, `1,250.00`, `-3`. A comma groups thousands and nothing else."""
    plain = prepared(text)
    return plain if isinstance(plain, Wrong) else _number(plain)


def number_before(plain: str, unit: str) -> Fraction | Wrong:
    """The number that stands before a unit in an already prepared text; a hint names the unit too."""
    if not plain:
        return Wrong(f"no number stands before `{unit.strip()}`", "", f"write as in 5{unit}")
    value = _number(plain)
    if isinstance(value, Wrong) and re.fullmatch(r"write -?[0-9.,]+", value.hint):
        return replace(value, hint=f"{value.hint}{unit}")
    return value


def percent(text: str) -> Fraction | Wrong:
    """A share from its percentage: `99.9 %` is 999/1000. A number without the sign is refused."""
    plain = prepared(text.replace("‰", " per mille"))
    if isinstance(plain, Wrong):
        return plain
    if plain.endswith("%"):
        value = number_before(plain.removesuffix("%").rstrip(), " %")
        if isinstance(value, Wrong):
            return value
        if value >= 0:
            return value / 100
        why = "a share cannot be less than nothing"
        return Wrong(f"`{plain}` is below zero", why, f"write {decimal(-value)} %")
    return _no_percentage(plain)


def is_share_word(word: str) -> bool:
    """Whether a word is another way of writing a percentage, so that `percent` is who tells what to write."""
    return f" {word}" in _SHARES


def decimal(value: Fraction) -> str:
    """An exact decimal of a number that has one, with thousands grouped: for a hint that can be copied."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    whole, rest = divmod(size.numerator, size.denominator)
    digits = ""
    while rest and len(digits) < MOST_DECIMALS + 2:
        digit, rest = divmod(rest * 10, size.denominator)
        digits += str(digit)
    return f"{sign}{whole:,}" + (f".{digits}" if digits else "")


def _number(plain: str) -> Fraction | Wrong:
    if not (found := _NUMBER.match(plain)):
        return _no_number(plain)
    sign, whole, rest = found[1], found[2].replace(",", ""), found[3] or ""
    if len(whole) > 19 or int(whole) >= LARGEST:
        return too_large(plain)
    if len(rest) > MOST_DECIMALS:
        return Wrong(
            f"`{plain}` has {len(rest)} digits after the point",
            f"at most {MOST_DECIMALS} are read",
            "write fewer digits",
        )
    value = Fraction(int(whole + rest), 10 ** len(rest))
    return -value if sign else value


def _no_percentage(plain: str) -> Wrong:
    for words, part in _SHARES.items():
        if plain.endswith(words):
            value = number_before(plain.removesuffix(words).strip(), " %")
            if isinstance(value, Wrong):
                return value
            return Wrong(f"`{plain}` is not how a share is written", "", f"write {decimal(value / part)} %")
    value = _number(plain)
    if isinstance(value, Wrong):
        return value
    hint = f"write {plain} %" + (f", or {decimal(value * 100)} % if the whole is 1" if 0 < value <= 1 else "")
    return Wrong(f"`{plain}` does not say of what it is a number", "a share is written as a percentage", hint)


def too_large(plain: str) -> Wrong:
    """What a number beyond 2^63 is answered with."""
    return Wrong(f"`{plain}` is too large", "numbers are read up to 2^63 - 1", "write a smaller number")


def _no_number(plain: str) -> Wrong:
    """The mistakes that people make with numbers, each with what to write instead."""
    what = f"`{plain}` is not a number"
    example = "write digits, as in 99.9 or 1,250"
    if re.fullmatch(r"[+-]?(nan|inf|infinity)", plain.lower()):
        return Wrong(what, "nothing can be reckoned with it", example)
    if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,3}", plain):
        return Wrong(what, "powers of ten are easily misread", "write the number out in full")
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,15}", plain):
        return Wrong(what, "it is written to base 16", f"write {int(plain, 16)}")
    if re.fullmatch(r"[0-9]{1,18}/[0-9]{1,18}", plain):
        return Wrong(what, "fractions are written as decimals", example)
    guess = _guess(plain)
    if guess and guess != plain and isinstance(_number(guess), Fraction):
        why = "a comma groups thousands" if "," in plain else ""
        return Wrong(what, why, f"write {guess}")
    return Wrong(what, "", example)


def _guess(plain: str) -> str:
    """The number that was probably meant, or nothing."""
    if found := re.fullmatch(r"(-?)[+]?0*([0-9]+),([0-9]{1,18})", plain):
        return f"{found[1]}{found[2]}{',' if len(found[3]) == 3 else '.'}{found[3]}"
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,18}", plain):
        return plain.translate({ord("."): ",", ord(","): "."})
    if re.fullmatch(r"-?[0-9]{1,3}([ _'][0-9]{3})+(\.[0-9]{1,18})?", plain):
        return re.sub("[ _']", ",", plain)
    if found := re.fullmatch(r"([+-]?)([0-9_,]*)(\.?)([0-9_]*)", plain):
        sign, whole, rest = found[1].strip("+"), re.sub("[_,]", "", found[2]).lstrip("0"), found[4].replace("_", "")
        return f"{sign}{int(whole or '0'):,}" + (f".{rest}" if rest else "") if found[2] or rest else ""
    return ""
