"""What may be written at a place, what stands there, and where a name comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from makegood.app.editing.cursor import Cursor, cursor_at
from makegood.app.editing.names import Named, by_name, name_at, names_in, wanted_at
from makegood.app.editing.regions import Kind, Region, region_at
from makegood.app.editing.schemas import Place, place_of
from makegood.contract.link import BUILT_IN

_KEY = re.compile(r"(?:^|[{,]|- )[ ]*([A-Za-z][^:#{}\[\],]*?):(?= |$)")

What: TypeAlias = Literal["kind", "key", "value", "name"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that may stand at the cursor: what it is, what is inserted from column `start` (from 0), and its text."""

    word: str
    what: What
    start: int
    insert: str
    detail: str = ""
    says: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What stands at a place, as Markdown, and the columns (from 0) of its line that it is about."""

    text: str
    start: int
    end: int


def suggestions(kind: Kind, text: str, line: int, column: int) -> list[Suggestion]:
    """What may be written at a place; lines and columns count from 0."""
    found = _at(kind, text, line, column)
    if found is None:
        return []
    region, cursor, place = found
    start = cursor.start + region.indent
    offered: list[Suggestion] = []
    if cursor.at_key:
        leads = not cursor.path and not cursor.seen and kind == "agreement"
        for offer in place.keys(cursor.seen):
            detail = f"{offer.word}: {offer.example}" if offer.example else ""
            what: What = "kind" if leads else "key"
            offered.append(Suggestion(offer.word, what, start, f"{offer.word}: ", detail, offer.says, offer.required))
    if not cursor.at_key or not offered:
        names = list(_names(kind, text, region, line, cursor, start))
        offered += names or [
            Suggestion(offer.word, "value", start, offer.word, "", offer.says) for offer in place.values()
        ]
    return offered


def hover(kind: Kind, text: str, line: int, column: int) -> Told | None:
    """What the key or the name at a place says; None where nothing is known of it."""
    region = region_at(kind, text, line)
    if region is None:
        return None
    shown, at, indent = region.lines[line - region.first], column - region.indent, region.indent
    if kind == "agreement" and (named := _named(text, region, line, column)) is not None:
        word, start = name_at(shown, at)
        kept = f"`{named.primitive}: {named.name}`\n\n{named.clause}, line {named.line + 1}"
        return Told(kept, start + indent, start + len(word) + indent)
    key = next((k for k in _KEY.finditer(shown) if k.start(1) <= at <= k.end(1)), None)
    if key is not None:
        cursor = cursor_at(region.lines, line - region.first, key.start(1))
        offers = place_of(region.schema, cursor.path).keys(cursor.seen - {key[1]})
        offer = next((o for o in offers if o.word == key[1]), None)
        if offer is None:
            return None
        return Told(_words(key[1], offer.says, offer.example), key.start(1) + indent, key.end(1) + indent)
    cursor = cursor_at(region.lines, line - region.first, at)
    place = place_of(region.schema, cursor.path)
    leads = next((level.step for level in reversed(cursor.path) if isinstance(level.step, str)), "")
    if cursor.at_key or not place.says or not shown.strip():
        return None
    return Told(_words(leads, place.says, place.example), cursor.start + indent, column)


def definition(kind: Kind, text: str, line: int, column: int) -> Named | None:
    """The rule or clause that the name at a place leads to."""
    region = region_at(kind, text, line)
    return _named(text, region, line, column) if kind == "agreement" and region is not None else None


def _at(kind: Kind, text: str, line: int, column: int) -> tuple[Region, Cursor, Place] | None:
    region = region_at(kind, text, line)
    if region is None:
        return None
    cursor = cursor_at(region.lines, line - region.first, max(column - region.indent, 0))
    return region, cursor, place_of(region.schema, cursor.path)


def _names(kind: Kind, text: str, region: Region, line: int, cursor: Cursor, start: int) -> Iterator[Suggestion]:
    if kind != "agreement" or (cursor.at_key and not _in_list(cursor)):
        return
    known = names_in(text)
    steps = [level.step for level in cursor.path]
    for key, words in (("plan", known.plans), ("deployment", known.deployments)):
        if steps[-2:] == ["applies to", key] or steps[-3:-1] == ["applies to", key]:
            yield from (Suggestion(word, "name", start, word, key) for word in words)
            return
    wanted = wanted_at(region, line - region.first, cursor)
    last = len(cursor.word) - len(cursor.word.rsplit(" ", 1)[-1].rsplit("(", 1)[-1])
    for named in known.clauses if wanted == ("clause",) else known.of(wanted):
        yield Suggestion(named.name, "name", start + last, named.name, named.primitive, named.clause)
    if "basis" in wanted:
        yield from (Suggestion(word, "name", start + last, word, "a figure of the statement") for word in BUILT_IN)


def _in_list(cursor: Cursor) -> bool:
    return bool(cursor.path) and isinstance(cursor.path[-1].step, int)


def _named(text: str, region: Region, line: int, column: int) -> Named | None:
    """The rule that the word at a place names: only where a name may stand, and of a kind that may stand there."""
    shown = region.lines[line - region.first]
    word, start = name_at(shown, column - region.indent)
    known = names_in(text)
    if not word:
        return None
    cursor = cursor_at(region.lines, line - region.first, start + len(word))
    if cursor.at_key and not _in_list(cursor):
        return None
    wanted = wanted_at(region, line - region.first, cursor)
    return by_name(known.clauses if wanted == ("clause",) else known.of(wanted)).get(word)


def _words(key: str, says: str, example: str) -> str:
    return f"**{key}**: {says}" + (f"\n\nfor example `{key}: {example}`" if example else "")
