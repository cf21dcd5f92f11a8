"""Facts as plain values for JSON, exact and complete, as a store keeps them and an evidence bundle shows them.

Every value is a text, a truth, null or a list: instants are decimal microseconds since 1970 UTC as texts, an open
end is the empty text, a span is a list of its two instants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from makegood.model.facts import (
    AnyFact,
    Cause,
    Item,
    ItemKind,
    Judgement,
    Maintenance,
    Notice,
    Retraction,
    Standing,
)
from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, Span

TYPES: Mapping[str, type[AnyFact]] = {
    **{kind.__name__.lower(): kind for kind in (Maintenance, Notice, Cause, Judgement, Standing, Retraction)},
    **{kind.value: Item for kind in ItemKind},
}
"""The type of each kind of fact, by the word that it begins with in a file."""


def kind_of(fact: AnyFact) -> str:
    """The word for the kind of a fact."""
    return fact.kind.value if isinstance(fact, Item) else type(fact).__name__.lower()


def fact_to_json(fact: AnyFact) -> dict[str, Any]:
    """The fact as plain values; `fact_from_json` reads it back equal."""
    return {"fact": kind_of(fact), **{name: _plain(getattr(fact, name)) for name in _hints(kind_of(fact))}}


def fact_from_json(said: Mapping[str, Any]) -> AnyFact:
    """The fact. Raises ValueError for anything that `fact_to_json` does not write."""
    kind = said.get("fact")
    if not isinstance(kind, str) or kind not in TYPES:
        raise ValueError(f"there is no kind of fact {kind!r}")
    made, hints = TYPES[kind], _hints(kind)
    if said.keys() != {"fact", *hints}:
        raise ValueError(f"a {kind} has {', '.join(hints)}, not {', '.join(said)}")
    values = {name: _read(hint, said[name]) for name, hint in hints.items()}
    return made(kind=ItemKind(kind), **values) if made is Item else made(**values)


@cache
def _hints(kind: str) -> dict[str, Any]:
    """The fields of a kind of facts with their types, without what the word for the kind says."""
    made = TYPES[kind]
    hints = get_type_hints(made)
    return {field.name: hints[field.name] for field in fields(made) if made is not Item or field.name != "kind"}


def _plain(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case Span():
            return [_instant(value.start), _instant(value.end)]
        case int():
            return _instant(value)
        case tuple():
            return [_plain(one) for one in value]
    raise TypeError(f"{value!r} is no value of a fact")


def _instant(at: int) -> str:
    return "" if at in (BEGINNING_OF_TIME, END_OF_TIME) else str(at)


def _read(hint: Any, value: Any) -> Any:
    if hint is str or hint is bool:
        if type(value) is not hint:
            raise ValueError(f"{value!r} is no {hint.__name__}")
        return value
    if hint is int:
        return _whole(value)
    if hint is Span:
        return _span(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if get_origin(hint) in (UnionType, Union):
        (other,) = (one for one in get_args(hint) if one is not type(None))
        return None if value is None else _read(other, value)
    return _several(get_args(hint), value)


def _several(hints: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    if len(hints) == 2 and hints[1] is ...:
        return tuple(_read(hints[0], one) for one in value)
    if len(value) != len(hints):
        raise ValueError(f"{value!r} is not of {len(hints)} parts")
    return tuple(_read(hint, one) for hint, one in zip(hints, value, strict=True))


def _span(value: Any) -> Span:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{value!r} is no span")
    start, end = value
    return Span(
        BEGINNING_OF_TIME if start == "" else _whole(start),
        END_OF_TIME if end == "" else _whole(end),
    )


def _whole(value: Any) -> int:
    if not isinstance(value, str) or str(number := int(value)) != value:
        raise ValueError(f"{value!r} is no whole number as it is written")
    return number
