"""What hand-written documents share: bytes become nodes, every reader gathers its problems, and ids look alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from makegood.contract.encoding import read_bytes
from makegood.contract.nodes import Node
from makegood.contract.shape import Fields, Key, Report, Shape, from_words, mapped
from makegood.contract.strict_yaml import read_yaml
from makegood.contract.wrong import LONGEST, Wrong
from makegood.model.problem import Problem
from makegood.model.terms import Clause

T = TypeVar("T")

NOWHERE = Clause("")
"""Orders and facts have no clauses; a rule's reader asks for one."""


def read_document(raw: bytes, source: str) -> tuple[Node | None, list[Problem]]:
    """The nodes of a strict-YAML file, or None with what is wrong in its bytes or its structure."""
    text, problems = read_bytes(raw, source)
    return (None, problems) if text is None else read_yaml(text, source)


def gather() -> Report:
    """An empty report for one document."""
    return Report(NOWHERE)


def in_order(report: Report) -> list[Problem]:
    """The problems by file, line and column."""
    return sorted(report.problems, key=lambda problem: problem.where)


def _id(text: str) -> str | Wrong:
    if not text.strip():
        return Wrong("nothing is written here", "an id names something", "write a short name such as `web`")
    if len(text) > LONGEST:
        return Wrong(f"this id is {len(text):,} characters long", f"an id has at most {LONGEST}", "shorten it")
    if text != " ".join(text.split(" ")).strip() or not text.isprintable():
        return Wrong(f"`{text}` begins or ends with a space", "ids are compared letter by letter", "take it away")
    return text


def _words(text: str) -> str | Wrong:
    return text if text.strip() else Wrong("nothing is written here", "", "write some words, or leave the key out")


ID: Shape[str] = from_words("an id", "web", _id)
WORDS: Shape[str] = from_words("some words", "operating system upgrade", _words)


def like(shape: Shape[T], example: str) -> Shape[T]:
    """The same shape with an example that fits its key."""
    return replace(shape, example=example)


def asked(fields: Fields, key: Key[T]) -> T | None:
    """The value of a key, or None after a problem, for checks that go on without it."""
    return fields.get(key)


def optional(name: str, shape: Shape[T], says: str) -> Key[T | None]:
    """A key that need not be written, and is None then."""

    def same(value: T) -> T | None:
        return value

    return Key(name, mapped(shape, same), says, None)
