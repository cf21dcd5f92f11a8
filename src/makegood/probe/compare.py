"""How a value that was found is held against one that is written: numbers as exact decimals, never as floats."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from makegood.model.checks import Compares

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class NotJson(ValueError):
    """A body that is no JSON; the argument says why."""


def decimal(text: str) -> Decimal | None:
    """The number that a text writes, exactly; None where it writes none, or one beyond all bounds."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def parse_json(body: bytes) -> Any:
    """A JSON document with numbers as Decimal. Raises NotJson."""
    try:
        return json.loads(body, parse_float=_exact, parse_int=_exact, parse_constant=_no_number)
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    except json.JSONDecodeError as why:
        raise NotJson(f"{why.msg[:1].lower()}{why.msg[1:]} at line {why.lineno}, column {why.colno}") from None


def _exact(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise NotJson("a number beyond all bounds") from None


def _no_number(name: str) -> None:
    raise NotJson(f"{name} is no JSON number")


def value_at(document: Any, path: Sequence[str | int]) -> tuple[bool, Any]:
    """Whether keys and indexes lead somewhere in a document, and the value there; null is a value."""
    for step in path:
        if isinstance(step, str):
            there = isinstance(document, dict) and step in document
        else:
            there = isinstance(document, list) and 0 <= step < len(document)
        if not there:
            return False, None
        document = document[step]
    return True, document


def shown(value: Any) -> str:
    """A JSON value as text: a text is itself, all else as JSON writes it, a number with the digits it came with."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_inner(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inner, value)) + "]"
    return json.dumps(value)


def _inner(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else shown(value)


def holds(found: Any, compares: Compares, written: str) -> bool:
    """Whether a JSON value compares so with a text.

    `is` holds for a text that is the same, a number of the same value (1.0 is 1), and true, false or null as written.
    `contains` looks for a part of a text or an element of a list. Greater and smaller want numbers on both sides, of
    which the found one may stand in quotes, as amounts often do. Where the sides cannot be compared nothing holds but
    `is not`.
    """
    match compares:
        case Compares.EXISTS:
            return True
        case Compares.IS:
            return _same(found, written)
        case Compares.IS_NOT:
            return not _same(found, written)
        case Compares.CONTAINS:
            return written in found if isinstance(found, str) else _among(found, written)
        case _:
            number = decimal(found) if isinstance(found, str) else found
            other = decimal(written)
            return isinstance(number, Decimal) and other is not None and ordered(number, compares, other)


def ordered(number: Decimal, compares: Compares, other: Decimal) -> bool:
    """Whether one number compares so with another."""
    match compares:
        case Compares.IS:
            return number == other
        case Compares.IS_NOT:
            return number != other
        case Compares.AT_LEAST:
            return number >= other
        case Compares.AT_MOST:
            return number <= other
        case Compares.MORE_THAN:
            return number > other
        case Compares.BELOW:
            return number < other
        case _:
            return compares is Compares.EXISTS


def _same(found: Any, written: str) -> bool:
    if isinstance(found, Decimal):
        return found == decimal(written)
    return found == written if isinstance(found, str) else shown(found) == written.strip()


def _among(found: Any, written: str) -> bool:
    return isinstance(found, list) and any(_same(one, written) for one in found)
