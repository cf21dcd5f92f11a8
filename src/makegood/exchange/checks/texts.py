"""Texts of a check as they are sent and looked for, and what stands in braces in them: secrets and captured values.

`{secret.NAME}` is the secret NAME of the location that probes. In a workflow, `{name}` is what an earlier step has
captured; anywhere else such braces are text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar
from unicodedata import category

from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.shape import Report, Shape, from_words, text_of
from makegood.contract.wrong import Wrong
from makegood.model.problem import Severity

T = TypeVar("T")

MOST_OF_A_TEXT: Final = 4_096
MOST_OF_A_BODY: Final = 65_536
MOST_LISTED: Final = 100
"""Of headers, texts, assertions, labels and captures so many may be listed."""

SECRET: Final = re.compile(r"\{secret\.([A-Z][A-Z0-9_]{0,63})\}")
CAPTURED: Final = re.compile(r"\{([a-z][a-z0-9_-]{0,63})\}")
_UNWELCOME: Final = ("Cc", "Cs", "Zl", "Zp")
_NEARLY: Final = re.compile(r"[{$]\{?[ ]*secrets?\b[^{}]*\}?\}?", re.IGNORECASE)


def errors(report: Report) -> int:
    """How many errors a report holds: what is wrong in one place is more than before it was read."""
    return sum(p.severity is Severity.ERROR for p in report.problems)


def wrong_secret(text: str, allowed: bool) -> Wrong | None:
    """What is wrong with how a text names secrets, if anything is."""
    for found in _NEARLY.finditer(text):
        exact = SECRET.fullmatch(found[0])
        if exact is None:
            word = re.sub(r"[^A-Za-z0-9_]", "", re.sub(r"(?i)^.*?secrets?", "", found[0])).upper() or "NAME"
            name = word if re.fullmatch(r"[A-Z][A-Z0-9_]*", word) else "NAME"
            why = "a secret is named in capital letters, digits and `_`, in single braces"
            return Wrong(f"`{found[0]}` names no secret", why, f"write {{secret.{name}}}")
        if not allowed:
            why = "secrets are sent, and never looked for or shown"
            return Wrong(f"the secret `{exact[1]}` cannot stand here", why, "put it into a header, the URL or the body")
    return None


def sent(most: int = MOST_OF_A_TEXT, lines: bool = True, secrets: bool = True) -> Callable[[str], str | Wrong]:
    """Reads a text that is sent or looked for, as it is written: with `lines` it may have several."""

    def convert(text: str) -> str | Wrong:
        if not text:
            return Wrong("nothing is written here", "", "write the text, or leave the key out")
        if len(text) > most:
            return Wrong(
                f"this text is {len(text):,} characters long", f"at most {most:,} are taken here", "shorten it"
            )
        odd = next((c for c in text if category(c) in _UNWELCOME and not (lines and c in "\t\r\n")), None)
        if odd is not None:
            named = {"\n": "a line feed", "\r": "a carriage return", "\t": "a tab"}.get(odd, f"U+{ord(odd):04X}")
            why = "with a control character in it, it could be read as something else"
            return Wrong(f"{named} cannot stand here", why, "take it away")
        return wrong_secret(text, secrets) or text

    return convert


def as_written(
    says: str, example: str, convert: Callable[[str], T | Wrong], schema: dict[str, Any] | None = None
) -> Shape[T]:
    """A shape for a text of which every character counts; no word of it has a meaning of its own."""

    def read(node: Node, report: Report) -> T | None:
        text = text_of(node, report, says, example)
        if text is None:
            return None
        value = convert(text.text)
        if isinstance(value, Wrong):
            report.error("wrong-value", text.place, value.what, value.why, value.hint)
            return None
        return value

    return Shape(says, example, read, schema or {"type": ["string", "number", "boolean"]})


def counted(says: str, example: str, least: int, most: int, words: str = "") -> Shape[int]:
    """A shape for a whole number between two, after some words such as `at least`."""

    def convert(text: str) -> int | Wrong:
        found = re.fullmatch(rf"{words} ?([0-9]{{1,9}})" if words else r"([0-9]{1,9})", text)
        if found is None:
            return Wrong(f"`{text[:80]}` is not {says}", "", f"write for example `{example}`")
        if not least <= int(found[1]) <= most:
            return Wrong(f"{found[1]} is not between {least:,} and {most:,}", "", f"write for example `{example}`")
        return int(found[1])

    pattern = rf"^{words} ?[0-9]{{1,9}}$" if words else r"^[0-9]{1,9}$"
    return from_words(says, example, convert, schema={"type": ["string", "integer"], "pattern": pattern})


def too_many(node: Node, count: int, what: str, report: Report, most: int = MOST_LISTED) -> bool:
    """Whether more are listed than are taken, which is a problem."""
    if count > most:
        report.error("too-many", node.place, f"{count:,} {what} are listed", f"at most {most:,} are", "split the check")
    return count > most


def place_text(node: Keyed, key: str) -> Node:
    """The value under a key, or the mapping where it is not written, for a problem that is about it."""
    found = node.get(key)
    return node if found is None else found


def key_text(node: Keyed, key: str) -> Text:
    """The key itself, or its place, for a problem that is about its being there."""
    return node.key(key) or Text(key, node.place)
