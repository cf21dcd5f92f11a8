"""What a JSON Schema says of one place: the keys that may stand there, and the words that a value may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from makegood.app.editing.cursor import Level
from makegood.contract.shape import EXAMPLE

Schema: TypeAlias = Mapping[str, Any]

_SHARED: Final = "x-shared"
"""Marks what may stand in the place of any value: a reading, or a choice by plan."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A key or a word that may stand somewhere: what it says, an example as written, and whether it must be there."""

    word: str
    says: str = ""
    example: str = ""
    required: bool = False


@dataclass(frozen=True)
class Place:
    """The alternatives that a schema has at one place, references followed."""

    root: Schema
    alternatives: tuple[Schema, ...]

    def keys(self, seen: frozenset[str]) -> Iterator[Offer]:
        """The keys that are missing; of several kinds, before any key is written, the one that leads each."""
        mappings = [s for s in fitting(self.alternatives, seen) if "properties" in s]
        kinds = len(mappings) > 1 and all("title" in s for s in mappings)
        told: set[str] = set()
        for schema in mappings:
            first_only = not seen and (kinds or _SHARED in schema)
            for name, value in list(schema["properties"].items())[: 1 if first_only else None]:
                if name not in seen and name not in told:
                    told.add(name)
                    yield Offer(name, _says(value), value.get(EXAMPLE, ""), name in _required(schema))

    def values(self) -> Iterator[Offer]:
        """The words that a value may be, or an example where it may be any of a kind."""
        told: set[str] = set()
        for schema in self.alternatives:
            for word in (*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())):
                if word not in told:
                    told.add(word)
                    yield Offer(str(word), _says(schema))
        for schema in self.alternatives:
            example = schema.get(EXAMPLE, "")
            if example and example not in told and not told:
                told.add(example)
                yield Offer(example, _says(schema), example)

    @property
    def says(self) -> str:
        """What the key that leads here says, with an example where there is one."""
        return next((s["description"] for s in self.alternatives if s.get("description")), "")

    @property
    def example(self) -> str:
        return next((str(s[EXAMPLE]) for s in self.alternatives if s.get(EXAMPLE)), "")


def place_of(root: Schema, path: Sequence[Level]) -> Place:
    """What the schema says at the end of a path; no alternatives where it says nothing."""
    found = tuple(_opened(root, root))
    for level in path:
        found = tuple(s for schema in fitting(found, level.seen) for s in _step(root, schema, level.step))
    return Place(root, found)


def fitting(schemas: Sequence[Schema], seen: frozenset[str]) -> list[Schema]:
    """The alternatives that have all keys written so far, or all of them where none has."""
    known = [s for s in schemas if seen <= set(s.get("properties", ())) or (seen and s.get("additionalProperties"))]
    exact = [s for s in known if seen & set(s.get("properties", ()))]
    return exact or known or list(schemas)


def _step(root: Schema, schema: Schema, step: str | int) -> Iterator[Schema]:
    if isinstance(step, int):
        if isinstance(schema.get("items"), Mapping):
            yield from _opened(root, schema["items"])
        return
    known = schema.get("properties", {}).get(step)
    more = schema.get("additionalProperties")
    if isinstance(known, Mapping):
        yield from _opened(root, known)
    elif isinstance(more, Mapping):
        yield from _opened(root, more)


def _opened(root: Schema, schema: Schema) -> Iterator[Schema]:
    """The schema as simple alternatives; what it says itself comes first."""
    if reference := schema.get("$ref"):
        yield from _opened(root, {**root["$defs"][reference.rpartition("/")[2]], _SHARED: True})
        return
    inside = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    if not any("required" in each and len(each) == 1 for each in inside):
        told = {key: schema[key] for key in ("description", EXAMPLE) if key in schema}
        if inside:
            yield from [told] if told else []
            for each in inside:
                yield from _opened(root, each)
            return
    yield schema


def _required(schema: Schema) -> tuple[str, ...]:
    """The keys that must be there; of a rule, where it is no exception to another."""
    if _SHARED in schema:
        return ()
    either = schema.get("anyOf", ())
    return (*schema.get("required", ()), *(either[0].get("required", ()) if either else ()))


def _says(schema: Schema) -> str:
    return str(schema.get("description", ""))
