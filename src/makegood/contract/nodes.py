"""What a rule's text is made of, before it means anything: text as written, lists and mappings, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from makegood.model.problem import Place


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: always a string as written, so that `NO`, `10:00` and `99.90` mean what they look like."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Many:
    """A list, in the order written."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Keyed:
    """A mapping, in the order written; every key once, with the place of the key and of the value."""

    entries: tuple[tuple[Text, Node], ...]
    place: Place

    def get(self, key: str) -> Node | None:
        """The value under a key, or None where the key is not written."""
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> Text | None:
        """The key itself, for a problem that points at it."""
        return next((name for name, _ in self.entries if name.text == key), None)

    def keys(self) -> tuple[str, ...]:
        """The keys in the order written."""
        return tuple(name.text for name, _ in self.entries)


Node: TypeAlias = Text | Many | Keyed
