"""Paths into a JSON body, and what must stand there: `queue.length: below 100`, `items[0].name: is first`.

A path is keys with dots between them and indexes in brackets, from the root `$`, which is left out before a key. A key
with other characters stands in brackets as JSON writes it: `services["shop front"].up`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from makegood.contract.nodes import Keyed, Many, Node
from makegood.contract.quantities import number
from makegood.contract.shape import Report, Shape, list_of
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.texts import MOST_OF_A_TEXT, as_written, too_many, wrong_secret
from makegood.model.checks import Compares, JsonAssertion

Path = tuple[str | int, ...]

DEEPEST: Final = 32
MOST_INDEX: Final = 999_999
_PLAIN: Final = re.compile(r"[^\W\d][\w-]*")
_STEP: Final = re.compile(
    r"""(?P<dot>\.?)(?P<key>[^\W\d][\w-]*)|\[(?P<index>[0-9]+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]"""
)
_NUMERIC: Final = (Compares.AT_LEAST, Compares.AT_MOST, Compares.MORE_THAN, Compares.BELOW)
_WORDS: Final = sorted(Compares, key=lambda c: -len(c.value))
_ORDER: Final = {
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "below",
    "==": "is",
    "=": "is",
    "!=": "is not",
}
_OTHER: Final = {
    "above": "more than",
    "over": "more than",
    "greater than": "more than",
    "under": "below",
    "less than": "below",
    "equals": "is",
    "equal to": "is",
}
_HINT: Final = 'write as in `queue.length`, `items[0].name` or `["a key"].name`'


def json_path(text: str) -> Path | Wrong:
    """The keys and indexes of a path."""
    rest = text.removeprefix("$")
    at, steps = 0, list[str | int]()
    if not text:
        return Wrong("this path is empty", "", "write `$` for the whole body")
    while at < len(rest):
        found = _STEP.match(rest, at)
        bare = at == 0 and rest == text
        if found is None or (found["key"] is not None and (found["dot"] == "") != bare):
            return _no_path(text, rest[at:])
        if found["index"] is not None:
            if len(found["index"]) > 6 or found["index"] != str(int(found["index"])):
                return Wrong(f"`[{found['index'][:20]}]` is no index", f"it is 0 to {MOST_INDEX:,}", _HINT)
            steps.append(int(found["index"]))
        elif found["quoted"] is not None:
            try:
                steps.append(json.loads(found["quoted"]))
            except ValueError:
                return _no_path(text, found["quoted"])
        else:
            steps.append(found["key"])
        at = found.end()
    if len(steps) > DEEPEST:
        return Wrong(f"this path has {len(steps)} steps", f"at most {DEEPEST} are followed", "ask for something nearer")
    return tuple(steps)


def _no_path(text: str, rest: str) -> Wrong:
    what = f"`{text[:80]}` is no path into JSON"
    if "*" in rest or ".." in rest or "?" in rest:
        return Wrong(what, "a path leads to one value: there are no wildcards and no filters", _HINT)
    if re.match(r"\[-", rest):
        return Wrong(what, "indexes count from 0, and never from the end", _HINT)
    if rest.startswith("['"):
        return Wrong(what, "a key in brackets stands in double quotation marks, as in JSON", _HINT)
    return Wrong(what, f"it cannot be read from `{rest[:40]}` on", _HINT)


def path_words(path: Path) -> str:
    """The path as it is written."""
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            words += f".{step}" if words else step
        else:
            words += f"[{json.dumps(step, ensure_ascii=False)}]"
    return (f"${words}" if words.startswith("[") else words) or "$"


def comparison(text: str) -> tuple[Compares, str] | Wrong:
    """`is ok`, `at least 3`, `exists`: how a value is compared, and with what."""
    if (wrong := wrong_secret(text, False)) is not None:
        return wrong
    if len(text) > MOST_OF_A_TEXT:
        return Wrong(
            f"this text is {len(text):,} characters long", f"at most {MOST_OF_A_TEXT:,} are taken", "shorten it"
        )
    compares = next((c for c in _WORDS if text == c.value or text.startswith(f"{c.value} ")), None)
    if compares is None:
        return _no_comparison(text)
    value = text[len(compares.value) + 1 :]
    if compares is Compares.EXISTS:
        hint = "write `exists` alone, or `is …`"
        return (compares, "") if not value else Wrong(f"`{text[:80]}` says too much", "", hint)
    if not value.strip():
        return Wrong(
            f"`{text[:80]}` does not say what to compare with", "", f'write `{compares.value} …`; nothing is `""`'
        )
    if value.startswith('"'):
        try:
            value = str(json.loads(value))
        except ValueError:
            return Wrong(f"`{value[:80]}` is no text in quotation marks", "it is written as in JSON", "close the marks")
    return _compared(compares, value)


def _compared(compares: Compares, value: str) -> tuple[Compares, str] | Wrong:
    if compares in _NUMERIC:
        found = number(value)
        if isinstance(found, Wrong):
            return found
        value = value.replace(",", "").replace("\u2212", "-").strip()
    if compares is Compares.CONTAINS and not value:
        return Wrong("every text contains nothing", "", "write what it contains, or `exists`")
    return compares, value


def _no_comparison(text: str) -> Wrong:
    known = "write as in `is ok`, `is not failed`, `contains ready`, `at least 3`, `below 100` or `exists`"
    sign = re.match(r"([<>=!]=?) ?(.*)", text)
    if sign is not None:
        return Wrong(
            f"`{text[:80]}` has no side",
            "a comparison is written in words",
            f"write `{_ORDER.get(sign[1], 'is')} {sign[2]}`",
        )
    other = re.fullmatch(r"(above|over|greater than|under|less than|equals|equal to) (.+)", text)
    if other is not None:
        return Wrong(f"`{text[:80]}` does not say how to compare", "", f"write `{_OTHER[other[1]]} {other[2][:80]}`")
    if not text or len(text) > 80:
        return Wrong("this says nothing about the value", "", known)
    return Wrong(f"`{text}` does not say how to compare", "", f"write `is {text}`, if that is meant" if text else known)


def comparison_words(compares: Compares, value: str) -> str:
    """A comparison as it is written."""
    if compares is Compares.EXISTS:
        return compares.value
    plain = value and value == value.strip() and not value.startswith('"') and value.isprintable()
    return f"{compares.value} {value if plain else json.dumps(value, ensure_ascii=False)}"


COMPARISON: Final[Shape[tuple[Compares, str]]] = as_written(
    "how the value compares", "is ok", comparison, {"type": "string"}
)


def _assertions(node: Node, report: Report) -> tuple[JsonAssertion, ...] | None:
    if not isinstance(node, Keyed):
        what, hint = "expected paths into the body, each with how its value compares", "write `{status: is ok}`"
        report.error("wrong-shape", node.place, what, "", hint)
        return None
    found: list[JsonAssertion] = []
    several = list_of(COMPARISON)
    paths: dict[Path, str] = {}
    for key, value in node.entries:
        path = json_path(key.text)
        if isinstance(path, Wrong):
            report.error("wrong-path", key.place, path.what, path.why, path.hint)
            continue
        if (first := paths.setdefault(path, key.text)) != key.text:
            what = f"`{key.text}` and `{first}` are one path"
            report.error("duplicate-name", key.place, what, "", f"write `{first}: […]` with all comparisons")
        if isinstance(value, Many) and not value.items:
            report.error("missing-key", value.place, "nothing is compared here", "", "write `exists`")
        found += [JsonAssertion(path, *pair) for pair in several.read(value, report) or ()]
    return None if too_many(node, len(found), "assertions", report) else tuple(found)


_SCHEMA: Final[dict[str, Any]] = {"type": "object", "additionalProperties": list_of(COMPARISON).schema}
ASSERTIONS: Final[Shape[tuple[JsonAssertion, ...]]] = Shape(
    "paths into the body, each with how its value compares",
    "{status: is ok, queue.length: below 100}",
    _assertions,
    _SCHEMA,
)
PATH: Final[Shape[Path]] = as_written("a path into the body", "session.token", json_path, {"type": "string"})
