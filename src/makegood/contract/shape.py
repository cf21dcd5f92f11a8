"""How a rule is read: a table of keys, each with a shape that reads its value, describes it and gives an example.

One declaration serves the reader, its messages, the reference pages and the schema. A wrong value is a problem with its
place and repair; reading goes on, so that all of a rule's problems come at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Generic, TypeVar, cast

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.wrong import Wrong
from makegood.model.problem import Place, Problem, Severity, error
from makegood.model.terms import Clause, Unstated

T = TypeVar("T")
U = TypeVar("U")

UNSTATED = "unstated"
EXAMPLE = "x-example"
"""The keyword of a schema under which an example stands as it is written, in YAML."""


@dataclass
class Report:
    """Where the problems of one reading gather."""

    clause: Clause
    problems: list[Problem] = field(default_factory=list)

    def error(self, code: str, where: Place, what: str, why: str = "", hint: str = "") -> None:
        self.problems.append(error(code, where, what, why, hint))

    @property
    def failed(self) -> bool:
        return any(p.severity is Severity.ERROR for p in self.problems)


@dataclass(frozen=True)
class Shape(Generic[T]):
    """What a value may look like: in words, an example as written, as JSON Schema, and how it is read."""

    says: str
    example: str
    read: Callable[[Node, Report], T | None]
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})


class _Required:
    """The default of a key that must be written."""


REQUIRED = _Required()


@dataclass(frozen=True)
class Key(Generic[T]):
    """One key of a rule: its name as written, the shape of its value, and what it says to a reader."""

    name: str
    shape: Shape[T]
    says: str
    default: T | _Required = REQUIRED
    like: str = ""
    """A value as an example, where that of the shape is too general."""

    @property
    def required(self) -> bool:
        return isinstance(self.default, _Required)

    @property
    def example(self) -> str:
        return self.like or self.shape.example

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value under this key, with what it says and an example as it is written."""
        return {**self.shape.schema, "description": self.says, EXAMPLE: self.example}


class Fields:
    """The entries of one mapping being read. Every key of `table` may be asked for; what is not in it is unknown."""

    def __init__(self, node: Keyed, table: Sequence[Key[Any]], report: Report, what: str) -> None:
        self.node, self.report, self.what = node, report, what
        known = [k.name for k in table]
        for name, _ in node.entries:
            if name.text not in known:
                unknown_word(report, name, f"{what} has no key", known, "unknown-key")

    def get(self, key: Key[T]) -> T:
        """The value of a key, its default where it is not written; a problem is reported for what cannot be read.

        After a problem the value returned has no meaning: the caller drops the whole rule when `report.failed`.
        """
        node = self.node.get(key.name)
        if node is None:
            if isinstance(key.default, _Required):
                self.report.error(
                    "missing-key",
                    self.node.place,
                    f"{self.what} does not say `{key.name}`",
                    key.says,
                    f"write `{key.name}: {key.example}`",
                )
                return cast("T", None)
            return key.default
        value = key.shape.read(node, self.report)
        return cast("T", value)

    def has(self, key: Key[Any]) -> bool:
        return self.node.get(key.name) is not None


def article(word: str) -> str:
    """A noun with its article: `a target`, `an outage`."""
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def either(words: Sequence[str]) -> str:
    """Words as alternatives: `scale, basis or count`."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def unknown_word(report: Report, at: Text, what: str, known: Sequence[str], code: str) -> None:
    """Report a word that is none of the known ones, with the nearest as a repair."""
    near = get_close_matches(at.text, known, n=1, cutoff=0.6)
    hint = f"did you mean `{near[0]}`?" if near else "known are: " + ", ".join(f"`{k}`" for k in known)
    hint = hint if known else "there is none yet: write one, or correct the name"
    report.error(code, at.place, f"{what} `{at.text}`", "", hint)


def text_of(node: Node, report: Report, says: str, example: str) -> Text | None:
    """The scalar, or a problem that says what was expected here."""
    if isinstance(node, Text):
        return node
    kind = "a list" if isinstance(node, Many) else "a mapping"
    report.error("wrong-shape", node.place, f"expected {says}, found {kind}", "", f"write for example `{example}`")
    return None


def _not_unstated(report: Report, text: Text, says: str) -> None:
    report.error(
        "not-unstated",
        text.place,
        f"{says} is needed here and cannot be `unstated`",
        "nothing could be measured or counted without it",
        "choose a reading: `{among: […], chosen: …, because: …}`",
    )


def object_schema(table: Sequence[Key[Any]]) -> dict[str, Any]:
    """The JSON Schema of a mapping that a table reads: its keys, those that must be there, and no others."""
    return {
        "type": "object",
        "properties": {key.name: key.schema for key in table},
        "required": [key.name for key in table if key.required],
        "additionalProperties": False,
    }


def from_words(
    says: str,
    example: str,
    convert: Callable[[str], T | Wrong],
    pattern: str = "",
    schema: dict[str, Any] | None = None,
) -> Shape[T]:
    """A shape for a scalar whose words are converted to a value, or to what is wrong with them.

    `pattern` is a regular expression for the whole text, which JSON Schema reads too; `schema` says it in another way.
    Without either, any text or number may stand here.
    """

    def read(node: Node, report: Report) -> T | None:
        text = text_of(node, report, says, example)
        if text is None:
            return None
        if text.text == UNSTATED:
            _not_unstated(report, text, says)
            return None
        value = convert(text.text)
        if isinstance(value, Wrong):
            report.error("wrong-value", text.place, value.what, value.why, value.hint)
            return None
        return value

    if schema is None:
        schema = {"type": "string", "pattern": pattern} if pattern else {"type": ["string", "number"]}
    return Shape(says, example, read, schema)


def one_of(*words: str, example: str = "") -> Shape[str]:
    """A shape for one of a few words."""
    says = "one of " + ", ".join(f"`{w}`" for w in words)

    def read(node: Node, report: Report) -> str | None:
        text = text_of(node, report, says, example or words[0])
        if text is None:
            return None
        if text.text not in words:
            if text.text == UNSTATED:
                _not_unstated(report, text, says)
            else:
                unknown_word(report, text, "no such word can stand here:", words, "unknown-word")
            return None
        return text.text

    return Shape(says, example or words[0], read, {"enum": list(words)})


def mapped(shape: Shape[T], convert: Callable[[T], U]) -> Shape[U]:
    """The same shape, with its value turned into another."""

    def read(node: Node, report: Report) -> U | None:
        value = shape.read(node, report)
        return None if value is None else convert(value)

    return Shape(shape.says, shape.example, read, shape.schema)


def or_unstated(shape: Shape[T], what: str) -> Shape[T | Unstated]:
    """The shape, or the word `unstated` where the agreement's text leaves the value out."""

    def read(node: Node, report: Report) -> T | Unstated | None:
        if isinstance(node, Text) and node.text == UNSTATED:
            return Unstated(report.clause, what)
        return shape.read(node, report)

    return Shape(f"{shape.says}, or `unstated`", shape.example, read, {"anyOf": [shape.schema, {"const": UNSTATED}]})


def list_of(shape: Shape[T], single: bool = True) -> Shape[tuple[T, ...]]:
    """A list; a single value may stand for a list of one."""

    def read(node: Node, report: Report) -> tuple[T, ...] | None:
        if single and not isinstance(node, Many):
            value = shape.read(node, report)
            return None if value is None else (value,)
        if not isinstance(node, Many):
            report.error(
                "wrong-shape", node.place, f"expected a list of {shape.says}", "", f"write `[{shape.example}]`"
            )
            return None
        values = [shape.read(item, report) for item in node.items]
        return tuple(v for v in values if v is not None)

    many: dict[str, Any] = {"type": "array", "items": shape.schema}
    schema = {"anyOf": [shape.schema, many]} if single else many
    return Shape(f"a list of {shape.says}", f"[{shape.example}]", read, schema)


def mapping_of(
    says: str,
    example: str,
    read_fields: Callable[[Keyed, Report], T | None],
    table: Sequence[Key[Any]] = (),
    values: dict[str, Any] | None = None,
) -> Shape[T]:
    """A shape for a nested mapping: with the keys of another table, or with any keys whose `values` have a schema."""

    def read(node: Node, report: Report) -> T | None:
        if not isinstance(node, Keyed):
            report.error("wrong-shape", node.place, f"expected {says}", "", f"write for example `{example}`")
            return None
        return read_fields(node, report)

    schema = object_schema(table) if table else {"type": "object", "additionalProperties": values or {}}
    return Shape(says, example, read, schema)


def optional(shape: Shape[T]) -> Shape[T | None]:
    """The same shape for a key that may be left out, or whose value may have been refused."""
    return cast("Shape[T | None]", shape)
