"""Amounts of money from words: an amount, and the three letters of its currency."""

from __future__ import annotations

import re
from difflib import get_close_matches
from fractions import Fraction
from typing import Final

from babel.numbers import list_currencies

from makegood.contract.quantities import LARGEST, decimal, number_before, too_large
from makegood.contract.wrong import LONGEST, Wrong, prepared
from makegood.model.money import Money, known_currency, minor_digits, to_minor

_AMOUNT = re.compile(r"(?:([A-Za-z]+) ?(-?[0-9].*)|(-?[0-9].*?) ?([A-Za-z]+))\Z")
_WELL_KNOWN: Final = ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "BRL")
_SYMBOLS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB"}


def money(text: str) -> Money | Wrong:
    """An amount with its ISO 4217 currency, before or after it: `1,250.00 USD`, `USD 1250`."""
    if (symbol := next((sign for sign in _SYMBOLS if sign in text[:LONGEST]), "")) and len(text) <= LONGEST:
        return _with_symbol(text, symbol)
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    if not (found := _AMOUNT.match(plain)):
        return _incomplete(plain)
    code, amount = found[1] or found[4], found[2] or found[3]
    if not (len(code) == 3 and code.isupper() and known_currency(code)):
        return _unknown_currency(code)
    value = number_before(amount, f" {code}")
    if isinstance(value, Wrong):
        return value
    minor, digits = to_minor(value, code), minor_digits(code)
    if minor.denominator != 1:
        why = f"{code} has {digits or 'no'} digits after the point"
        nearest = decimal(Fraction(int(minor), 10**digits))
        return Wrong(f"`{plain}` is finer than its currency", why, f"write {nearest} {code}, or the amount meant")
    return Money(minor, code) if abs(minor) < LARGEST else too_large(plain)


def _with_symbol(text: str, symbol: str) -> Wrong:
    amount = prepared(text.replace(symbol, " "))
    if isinstance(amount, Wrong):
        return amount
    what, why = f"“{symbol}” is the sign of several currencies", "a currency is written as three letters"
    return Wrong(what, why, f"write {amount} {_SYMBOLS[symbol]}, if that is the currency meant")


def _incomplete(plain: str) -> Wrong:
    if known_currency(plain):
        return Wrong(f"`{plain}` has no amount", "", f"write as in 1,250.00 {plain}")
    value = number_before(plain, " USD")
    if isinstance(value, Wrong):
        return value
    why = "an amount means nothing without one"
    return Wrong(f"`{plain}` names no currency", why, f"write {plain} USD, or the currency it is in")


def _unknown_currency(code: str) -> Wrong:
    upper = code.upper()
    close = [upper] if known_currency(upper) else get_close_matches(upper, _WELL_KNOWN, 3, 0.6)
    if not close and len(code) <= 4:
        close = get_close_matches(upper, sorted(list_currencies()), 3, 0.6)
    hint = f"write {' or '.join(close)}" if close else "write its three letters, as in USD, EUR or JPY"
    return Wrong(f"`{code}` is not a currency", "currencies are named by ISO 4217, in capitals", hint)
