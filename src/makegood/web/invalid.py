"""What is wrong with a request's values, in our words: one table from the reader's types of error to sentences.

The reader (pydantic) tells a type of error, a place and what it had expected; its own sentences are for programmers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from makegood.model.problem import Place, Problem, error
from makegood.web.shapes import PATTERNS, Said

Words = tuple[str, str]
"""What is wrong, and what to write instead; empty where the first says it."""

_QUOTED = re.compile(r"'([^']*)'")
_LONGEST = 60


def invalid(found: Sequence[Mapping[str, Any]], shape: type[BaseModel] | None) -> list[Problem]:
    """The problems of a request. `shape` is what its body is read into, None where it has none or is no object."""
    return [_problem(one, shape) for one in found]


def _problem(one: Mapping[str, Any], shape: type[BaseModel] | None) -> Problem:
    where = [str(part) for part in one["loc"] if part not in ("query", "path", "header", "[key]")]
    if where[:1] == ["body"] and len(where) > 1 and not _is_json(one):
        where = where[1:]
    place = Place("body" if _is_json(one) else ".".join(where) or "body")
    kind, said = str(one["type"]), dict(one.get("ctx") or {})
    if kind == "missing":
        return _missing(place, where, shape)
    if kind == "extra_forbidden":
        return _unknown(place, where[-1], shape)
    words = WORDS.get(kind)
    what, hint = words(one.get("input"), said) if words else (_plain(str(one["msg"])), "")
    return error("malformed" if _is_json(one) else "invalid", place, what, "", hint)


def _is_json(one: Mapping[str, Any]) -> bool:
    return bool(one["type"] == "json_invalid")


def _missing(place: Place, where: Sequence[str], shape: type[BaseModel] | None) -> Problem:
    if where == ["body"]:
        return error("missing-key", place, "this needs a body", "", "send an object of JSON")
    field = shape.model_fields.get(where[-1]) if shape is not None else None
    why = (field.description or "") if field is not None else ""
    return error("missing-key", place, f"`{where[-1]}` is missing", why, f"write `{where[-1]}`")


def _unknown(place: Place, name: str, shape: type[BaseModel] | None) -> Problem:
    known = list(shape.model_fields) if shape is not None else []
    meant = shape.MEANT.get(name, "") if shape is not None and issubclass(shape, Said) else ""
    near = [meant] if meant else get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean `{near[0]}`?" if near else "known are: " + ", ".join(f"`{one}`" for one in known)
    return error("unknown-key", place, f"there is no key `{_cut(name)}` here", "", hint if known else "leave it out")


def _pattern(given: Any, said: Mapping[str, Any]) -> Words:
    return f"`{_cut(given)}` cannot stand here", PATTERNS.get(str(said.get("pattern")), "")


def _one_of(given: Any, said: Mapping[str, Any]) -> Words:
    known = _QUOTED.findall(str(said.get("expected", "")))
    near = get_close_matches(given, known, n=1, cutoff=0.6) if isinstance(given, str) else []
    hint = f"did you mean `{near[0]}`?" if near else "it is one of " + ", ".join(f"`{one}`" for one in known)
    return f"`{_cut(given)}` is none of what may stand here", hint


def _long(of: str) -> Callable[[Any, Mapping[str, Any]], Words]:
    def words(_: Any, said: Mapping[str, Any]) -> Words:
        return f"this has more than {int(said['max_length']):,} {of}", "shorten it"

    return words


def _range(sign: str, of: str) -> Callable[[Any, Mapping[str, Any]], Words]:
    def words(given: Any, said: Mapping[str, Any]) -> Words:
        return f"{_cut(given)} is {'less' if sign == 'ge' else 'more'} than may be", f"write {of} {said[sign]:,}"

    return words


def _is_no(what: str, hint: str) -> Callable[[Any, Mapping[str, Any]], Words]:
    def words(given: Any, _: Mapping[str, Any]) -> Words:
        shown = f"`{_cut(given)}`" if isinstance(given, str | int | float) else "this"
        return f"{shown} is no {what}", hint

    return words


_NO_TEXT = _is_no("text", 'write it in quotation marks: "…"')
_NO_NUMBER = _is_no("whole number", "write digits alone, such as 24")
_NO_TRUTH = _is_no("truth", "write true or false")
_NO_OBJECT = _is_no("object of JSON", "write {…}, and send it with Content-Type: application/json")

WORDS: Mapping[str, Callable[[Any, Mapping[str, Any]], Words]] = {
    "json_invalid": lambda _, said: (
        f"this is no JSON: {_plain(str(said.get('error', '')))}",
        "send an object of JSON",
    ),
    "string_type": _NO_TEXT,
    "string_unicode": _NO_TEXT,
    "string_too_short": lambda _, __: ("nothing is written here", "write something"),
    "string_too_long": _long("characters"),
    "string_pattern_mismatch": _pattern,
    "literal_error": _one_of,
    "int_type": _NO_NUMBER,
    "int_parsing": _NO_NUMBER,
    "int_parsing_size": _NO_NUMBER,
    "int_from_float": _NO_NUMBER,
    "bool_type": _NO_TRUTH,
    "bool_parsing": _NO_TRUTH,
    "greater_than_equal": _range("ge", "at least"),
    "less_than_equal": _range("le", "at most"),
    "list_type": _is_no("list", "write […]"),
    "dict_type": _NO_OBJECT,
    "model_type": _NO_OBJECT,
    "model_attributes_type": _NO_OBJECT,
    "too_short": lambda _, __: ("nothing is in it", "name at least one"),
    "too_long": _long("entries"),
}
"""What is said of each type of error, given what was written and what the reader says of it."""


def _plain(text: str) -> str:
    return text[:1].lower() + text[1:]


def _cut(given: object) -> str:
    shown = "".join(sign if sign.isprintable() else "�" for sign in str(given))
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
