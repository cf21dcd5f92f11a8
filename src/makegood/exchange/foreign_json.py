"""JSON of other programs: read whole, looked at field by field, with a problem for every value that cannot be right.

A field that a reader does not know is left aside and counted, since programs add fields; a known field of a wrong type
is an error, since it would not mean what the reader takes it to mean.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from makegood.contract.wrong import LONGEST, Wrong
from makegood.exchange.brought import Foreign
from makegood.exchange.columns import shown, why_no_name
from makegood.exchange.table import Unreadable
from makegood.exchange.time_column import read_time
from makegood.model.problem import Place, Problem, error
from makegood.model.spans import SECOND, Instant

MOST_PROBLEMS = 20
"""Of one file so many problems are told; the rest is counted."""

MOST_OF_AN_ID = 100

_LATEST_SECOND = 253_370_764_800


def json_of(file: Foreign) -> Any:
    """The value of a JSON file; whole numbers are int, others Decimal. Raises Unreadable, with the reason."""
    try:
        text = file.raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8, as JSON is") from None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except json.JSONDecodeError as failure:
        at = f"line {failure.lineno}, column {failure.colno}"
        if failure.pos >= len(text.rstrip()) or failure.msg.startswith("Unterminated"):
            raise Unreadable(f"the JSON breaks off at {at}: fetch the file again") from None
        raise Unreadable(f"the file is not JSON: {failure.msg[0].lower()}{failure.msg[1:]}, {at}") from None
    except RecursionError:
        raise Unreadable("the JSON is nested too deeply") from None
    except ValueError as failure:
        raise Unreadable(f"the file is not JSON: {failure}") from None


def looks_like_json(file: Foreign, *marks: bytes) -> bool:
    """Whether a file begins as an object or a list does and holds all these keys: enough to ask for more of it."""
    start = file.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        start[:1] in (b"{", b"[")
        and not file.path.name.lower().endswith((".jsonl", ".ndjson"))
        and all(b'"' + mark + b'"' in file.raw for mark in marks)
    )


def plain_words(text: str, most: int = LONGEST) -> str:
    """Foreign words as one line that may stand in a fact: no control or hidden characters, and not too long."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    words = " ".join(visible.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


@dataclass
class Findings:
    """Where the problems of one file gather, and which fields nobody looked at."""

    source: str
    problems: list[Problem] = field(default_factory=list)
    aside: Counter[str] = field(default_factory=Counter)
    more: int = 0

    def error(self, code: str, what: str, why: str = "", hint: str = "") -> None:
        """A problem with the file, at no line of it: `what` says which of its entries is meant."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(error(code, Place(self.source), what, why, hint))
        else:
            self.more += 1

    @property
    def count(self) -> int:
        """How many problems were found so far."""
        return len(self.problems) + self.more

    def all(self) -> tuple[Problem, ...]:
        """Every problem told, and how many more there are."""
        if not self.more:
            return tuple(self.problems)
        last = error("foreign-value", Place(self.source), f"{counted(self.more, 'more problem')} in this file")
        return (*self.problems, last)

    def left_aside(self) -> tuple[str, ...]:
        """A note on the fields that the reader does not know."""
        if not self.aside:
            return ()
        names = ", ".join(f"`{shown(name)}`" for name, _ in self.aside.most_common(5))
        more = f" and {len(self.aside) - 5} more" if len(self.aside) > 5 else ""
        return (f"left aside: {counted(sum(self.aside.values()), 'field')} not known here, {names}{more}",)


@dataclass(frozen=True)
class Record:
    """One object of a JSON file. `where` says which: `incidents[3]`."""

    value: Mapping[str, Any]
    where: str
    findings: Findings

    def knows(self, *names: str) -> None:
        """Count the fields that are none of these."""
        self.findings.aside.update(name for name in self.value if name not in names)

    def text(self, name: str, needed: bool = False) -> str:
        """A text, empty where there is none."""
        value = self.value.get(name)
        if isinstance(value, str) and (value or not needed):
            return value
        if value is None or value == "":
            if needed:
                self._error(name, "is missing", "the entry cannot be told from others without it")
            return ""
        self._error(name, f"is {_kind(value)}, where a text belongs")
        return ""

    def ident(self, name: str) -> str:
        """An id that the entry must have, fit to be a part of ours; empty after a problem."""
        text = self.text(name, needed=True)
        reason = why_no_name(text, None, "id") if text else ""
        if not reason and len(text) > MOST_OF_AN_ID:
            reason = f"`{shown(text)}` is longer than {MOST_OF_AN_ID} characters"
        if reason:
            self._error(name, f"cannot be kept: {reason}")
        return "" if reason else text

    def word(self, name: str, known: Collection[str], otherwise: str = "") -> str:
        """One of a few words; `otherwise` where none is written, or after a problem."""
        value = self.text(name)
        if value and value not in known:
            self._error(name, f"is `{shown(value)}`", "known are " + ", ".join(f"`{w}`" for w in known))
            return otherwise
        return value or otherwise

    def instant(self, name: str, needed: bool = False) -> Instant | None:
        """An RFC 3339 time, in µs UTC."""
        text = self.text(name, needed)
        if not text:
            return None
        read = read_time(text)
        if isinstance(read, Wrong):
            self._error(name, f"is no instant: {read.what}", read.why, read.hint)
            return None
        return read

    def seconds(self, name: str) -> Instant | None:
        """Whole seconds since 1970, in µs UTC."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LATEST_SECOND:
            said = f"`{shown(str(value))}`" if isinstance(value, (int, Decimal)) else _kind(value)
            self._error(name, f"is {said}, where seconds since 1970 belong")
            return None
        return value * SECOND

    def records(self, name: str) -> Iterator[Record]:
        """The objects of a list; none where the field is null or missing."""
        value = self.value.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            self._error(name, f"is {_kind(value)}, where a list belongs")
            return
        for i, item in enumerate(value):
            if isinstance(item, dict):
                yield Record(item, f"{self.where}.{name}[{i}]".removeprefix("."), self.findings)
            else:
                self._error(f"{name}[{i}]", f"is {_kind(item)}, where an object belongs")

    def record(self, name: str) -> Record:
        """An object; an empty one where the field is null or missing."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, dict):
            self._error(name, f"is {_kind(value)}, where an object belongs")
        found = value if isinstance(value, dict) else {}
        return Record(found, f"{self.where}.{name}".removeprefix("."), self.findings)

    def error(self, what: str, why: str = "", hint: str = "") -> None:
        """A problem with the object itself."""
        self.findings.error("foreign-value", f"{self.where} {what}", why, hint)

    def _error(self, name: str, what: str, why: str = "", hint: str = "") -> None:
        self.findings.error("foreign-value", f"{self.where}.{name} {what}".removeprefix("."), why, hint)


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | Decimal():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case None:
            return "null"
    return "an object"


def _no_number(text: str) -> None:
    raise ValueError(f"`{text}` is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the field `{shown(twice)}` twice")
    return found


def counted(count: int, word: str) -> str:
    """A number with its noun: `1 incident`, `1,035 components`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
