"""Numbers, shares, money and thresholds from words: exact, with their unit and their side written."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from fractions import Fraction
from typing import Final, TypeVar

from babel.numbers import list_currencies

from makegood.contract.wrong import Wrong, prepared
from makegood.model.money import Money, known_currency, minor_digits, to_minor
from makegood.model.threshold import Side, Threshold

T = TypeVar("T")

LARGEST: Final = 2**63
MOST_DECIMALS: Final = 18

_NUMBER = re.compile(r"(-?)((?:0|[1-9][0-9]*)|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]+))?\Z")
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
_WELL_KNOWN: Final = ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "BRL")
_SYMBOLS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB"}


def number(text: str) -> Fraction | Wrong:
    """A decimal number: `99.9`, `1,250.00`, `-3`. A comma groups thousands and nothing else."""
    plain = prepared(text)
    return plain if isinstance(plain, Wrong) else _number(plain)


def percent(text: str) -> Fraction | Wrong:
    """A share from its percentage: `99.9 %` is 999/1000. A number without the sign is refused."""
    plain = prepared(text.replace("‰", " per mille"))
    if isinstance(plain, Wrong):
        return plain
    for ending, factor in ((" per mille", 10), (" percent", 1), (" per cent", 1), (" pct", 1)):
        if plain.endswith(ending):
            value = _number(plain.removesuffix(ending).strip())
            shown = value if isinstance(value, Wrong) else f"{decimal(value / factor)} %"
            return (
                shown
                if isinstance(shown, Wrong)
                else Wrong(f"`{plain}` is not how a share is written", "", f"write {shown}")
            )
    if not plain.endswith("%"):
        value = _number(plain)
        if isinstance(value, Wrong):
            return value
        hint = f"write {plain} %" + (f", or {decimal(value * 100)} % if the whole is 1" if 0 < value <= 1 else "")
        return Wrong(f"`{plain}` does not say of what it is a number", "a share is written as a percentage", hint)
    value = _number(plain.removesuffix("%").rstrip())
    if isinstance(value, Wrong):
        return value
    if value < 0:
        return Wrong(f"`{plain}` is below zero", "a share cannot be less than nothing", f"write {decimal(-value)} %")
    return value / 100


def money(text: str) -> Money | Wrong:
    """An amount with its ISO 4217 currency, before or after it: `1,250.00 USD`, `USD 1250`."""
    for symbol, code in _SYMBOLS.items():
        if symbol in text:
            amount = text.replace(symbol, " ").strip()
            hint = f"write {amount} {code}, if that is the currency meant"
            return Wrong(
                f"“{symbol}” is the sign of several currencies", "a currency is written as three letters", hint
            )
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    found = re.match(r"(?:([A-Za-z]+) ?(-?[0-9].*)|(-?[0-9].*?) ?([A-Za-z]+))\Z", plain)
    if not found:
        value = _number(plain)
        if isinstance(value, Wrong):
            return value
        return Wrong(
            f"`{plain}` names no currency",
            "an amount means nothing without one",
            f"write {plain} USD, or the currency it is in",
        )
    code, amount = found[1] or found[4], found[2] or found[3]
    if not (len(code) == 3 and code.isupper() and known_currency(code)):
        return _unknown_currency(code)
    value = _number(amount)
    if isinstance(value, Wrong):
        return value
    minor, digits = to_minor(value, code), minor_digits(code)
    if minor.denominator != 1:
        why = f"{code} has {digits} digits after the point" if digits else f"{code} has no digits after the point"
        return Wrong(
            f"`{plain}` is finer than its currency",
            why,
            f"write {decimal(Fraction(int(minor), 10**digits))} {code}, or the amount meant",
        )
    if abs(minor) >= LARGEST:
        return _too_large(plain)
    return Money(minor, code)


def threshold(text: str, unit_reader: Callable[[str], T | Wrong]) -> Threshold[T] | Wrong:
    """A side and a value, read by the reader of its unit: `at least 99.9 %`, `more than 15`, `below 95 %`."""
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    for side in Side:
        if plain.startswith(f"{side.value} "):
            rest = plain.removeprefix(f"{side.value} ")
            value = unit_reader(rest)
            return value if isinstance(value, Wrong) else Threshold(side, value, rest)
    sides = "say which side: at least / more than / below / at most"
    for words in sorted(_SIDES, key=len, reverse=True):
        if plain.lower().startswith(words) and plain[len(words) : len(words) + 1] in (*" -0123456789",):
            rest = plain[len(words) :].strip()
            return Wrong(
                f"`{words}` is not one of the words for a side",
                "one word for one meaning",
                f"write {_SIDES[words]} {rest}",
            )
    if plain.lower() != plain and any(plain.lower().startswith(side.value) for side in Side):
        return Wrong(
            f"`{plain}` begins with a capital",
            "the words for a side are in lower case",
            f"write {plain[:1].lower()}{plain[1:]}",
        )
    value = unit_reader(plain)
    if isinstance(value, Wrong):
        return Wrong(
            f"`{plain}` does not begin with a side", "a threshold at its edge is met or missed by its side", sides
        )
    hint = f"{sides}; for example at least {plain}"
    return Wrong(
        f"`{plain}` does not say which side of it is meant", "a value at the edge is met or missed by its side", hint
    )


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
        return _too_large(plain)
    if len(rest) > MOST_DECIMALS:
        return Wrong(
            f"`{plain}` has {len(rest)} digits after the point",
            f"at most {MOST_DECIMALS} are read",
            "write fewer digits",
        )
    value = Fraction(int(whole + rest), 10 ** len(rest))
    return -value if sign else value


def _too_large(plain: str) -> Wrong:
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
        return f"{found[1]}{found[2]}.{found[3]}"
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,18}", plain):
        return plain.translate({ord("."): ",", ord(","): "."})
    if re.fullmatch(r"-?[0-9]{1,3}([ _'][0-9]{3})+(\.[0-9]{1,18})?", plain):
        return re.sub("[ _']", ",", plain)
    if found := re.fullmatch(r"([+-]?)([0-9_,]*)(\.?)([0-9_]*)", plain):
        sign, whole, rest = found[1].strip("+"), re.sub("[_,]", "", found[2]).lstrip("0"), found[4].replace("_", "")
        return f"{sign}{int(whole or '0'):,}" + (f".{rest}" if rest else "") if found[2] or rest else ""
    return ""


def _unknown_currency(code: str) -> Wrong:
    upper = code.upper()
    close = [upper] if known_currency(upper) else get_close_matches(upper, _WELL_KNOWN, 3, 0.6)
    close = close or get_close_matches(upper, sorted(list_currencies()), 3, 0.6)
    hint = f"write {' or '.join(close)}" if close else "write its three letters, as in USD, EUR or JPY"
    return Wrong(f"`{code}` is not a currency", "currencies are named by ISO 4217, in capitals", hint)
