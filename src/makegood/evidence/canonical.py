"""Canonical JSON: one value, one sequence of bytes (RFC 8785, without fractions), and a reader that takes nothing else.

Objects have their names in the order of UTF-16 code units, no white space stands between parts, and text is UTF-8 with
the shortest escapes. Whole numbers lie within ±(2^53 − 1), where every JSON reader keeps them; instants and other
larger numbers are written as text. Text is kept as it is, without Unicode normalisation; a lone surrogate is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"

MOST_OF_A_NUMBER = 2**53 - 1
LONGEST_NUMBER = 25
DEEPEST = 64
"""Objects and lists within each other; more is refused, so that a hostile text ends no reader."""


INSTANT = re.compile(r"0|-?[1-9][0-9]{0,18}")
"""µs UTC as text."""
ANY, SOME = re.compile(r".*", re.DOTALL), re.compile(r".+", re.DOTALL)
"""Any text, and any but the empty one."""


class NotCanonical(ValueError):
    """A value that has no canonical bytes, or bytes that are not canonical; says what, in one line."""


def canonical(value: Json) -> bytes:
    """The bytes of a value. Raises NotCanonical for fractions, numbers too large, lone surrogates and other types."""
    try:
        return _text(value, 0).encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("a text has half of a surrogate pair") from None


def read_canonical(raw: bytes) -> Any:
    """The value of canonical bytes: dict, list, str, int, bool or None.

    Raises NotCanonical unless `canonical` gives exactly these bytes for it.
    """
    value = read_strict(raw)
    if canonical(value) != raw:
        raise NotCanonical("the JSON is not in canonical form: its order, spaces, escapes or numbers differ")
    return value


def read_strict(raw: bytes) -> Any:
    """The value of JSON in UTF-8, however it is spaced, without repeated names and without fractions.

    Raises NotCanonical with the reason.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotCanonical("the JSON is not UTF-8") from None
    try:
        return json.loads(
            text, parse_float=_no_number, parse_int=_number, parse_constant=_no_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as failure:
        raise NotCanonical(f"not JSON: {failure.msg.lower()}, line {failure.lineno} column {failure.colno}") from None
    except RecursionError:
        raise NotCanonical("the JSON is nested too deeply") from None


def fields(value: Any, what: str, **forms: re.Pattern[str] | None) -> Mapping[str, Any]:
    """The value, if it is an object with exactly these fields; those with a form are texts that it fits.

    Raises NotCanonical, which calls the value `what`.
    """
    if not isinstance(value, dict) or set(value) != set(forms):
        raise NotCanonical(f"{what} is an object with {', '.join(sorted(forms))}, and nothing else")
    for name, form in forms.items():
        if form is not None and not (isinstance(value[name], str) and form.fullmatch(value[name])):
            raise NotCanonical(f"`{name}` of {what} is not in its form")
    return value


def whole(value: Any, name: str, least: int = 0, most: int = MOST_OF_A_NUMBER) -> int:
    """The value, if it is a whole number in these bounds. Raises NotCanonical, which calls the value `name`."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise NotCanonical(f"`{name}` is no whole number from {least} to {most}")
    return value


def instant(text: str, name: str) -> int:
    """The µs UTC of a text that `INSTANT` fits. Raises NotCanonical for more than 64 bits hold."""
    if not -(2**63) <= int(text) < 2**63:
        raise NotCanonical(f"`{name}` is no instant: it is beyond 64 bits")
    return int(text)


def _text(value: object, depth: int) -> str:
    if depth > DEEPEST:
        raise NotCanonical(f"nested deeper than {DEEPEST}")
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            if not -MOST_OF_A_NUMBER <= value <= MOST_OF_A_NUMBER:
                raise NotCanonical("a number is beyond ±(2^53 − 1)")
            return int.__repr__(value)
        case str():
            return encode_basestring(value)
        case Mapping():
            return "{" + ",".join(_member(name, value[name], depth) for name in _ordered(value)) + "}"
        case list() | tuple():
            return "[" + ",".join(_text(item, depth + 1) for item in value) + "]"
    raise NotCanonical(f"a value of type {type(value).__name__} has no canonical form")


def _member(name: str, value: object, depth: int) -> str:
    return f"{encode_basestring(name)}:{_text(value, depth + 1)}"


def _ordered(value: Mapping[Any, object]) -> list[str]:
    for name in value:
        if not isinstance(name, str):
            raise NotCanonical("a name of an object is not a text")
    return sorted(value, key=lambda name: name.encode("utf-16-be"))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("an object has a name twice")
    return found


def _number(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise NotCanonical(f"a number of the JSON has more than {LONGEST_NUMBER} digits")
    return int(text)


def _no_number(text: str) -> None:
    raise NotCanonical(f"the number {text[:20]} is not whole")
