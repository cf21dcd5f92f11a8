"""Headings of clauses: `## 2.1 Maintenance {#maintenance}` has a number, a title, and an id that is unique."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from makegood.model.problem import Place, Problem, error

_ANCHOR = re.compile(r"\{#([^{}]*)\}[ \t]*\Z")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}\Z")
_NUMBER = re.compile(r"((?:[0-9]{1,3}\.)+(?:[0-9]{1,3})?|[0-9]{1,3}\))[ \t]+(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Heading:
    """One clause heading. `line` counts from 0."""

    line: int
    level: int
    number: str
    title: str
    id: str


def read_headings(found: tuple[tuple[int, int, str], ...], source: str) -> tuple[list[Heading], list[Problem]]:
    """Every heading with its id: the anchor that is written, else a slug of the title that no other has."""
    problems: list[Problem] = []
    anchors: dict[str, int] = {}
    parts: list[tuple[int, int, str, str]] = []
    for line, level, content in found:
        title, anchor = _anchored(content, Place(source, line + 1, 1), problems)
        if anchor and anchor.casefold() in anchors:
            why = f"line {anchors[anchor.casefold()]} has it, and a reference could mean either"
            problems.append(
                error(
                    "document-duplicate-anchor",
                    Place(source, line + 1, 1),
                    f"the anchor `{anchor}` is written twice",
                    why,
                    "give one of the clauses another anchor",
                )
            )
            anchor = ""
        elif anchor:
            anchors[anchor.casefold()] = line + 1
        parts.append((line, level, title, anchor))
    taken, headings = set(anchors), []
    next_free: dict[str, int] = {}
    for line, level, words, anchor in parts:
        number = _NUMBER.match(words)
        title = words[number.end() :] if number else words
        slug = anchor or _free(_slug(title), taken, next_free)
        headings.append(Heading(line, level, number[1] if number else "", title, slug))
    return headings, problems


def _anchored(content: str, place: Place, problems: list[Problem]) -> tuple[str, str]:
    words = content.strip()
    if not (found := _ANCHOR.search(words)):
        return words, ""
    title, anchor = words[: found.start()].rstrip(), found[1]
    if _ID.match(anchor):
        return title, anchor
    why = "an anchor begins with a letter and has letters, digits, hyphens, dots and underscores"
    problems.append(
        error(
            "document-anchor",
            place,
            f"`{{#{anchor[:60]}}}` is not an anchor",
            why,
            f"write {{#{_slug(anchor or title)}}}",
        )
    )
    return title, ""


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")
    return slug if slug[:1].isalpha() else f"clause-{slug}".rstrip("-")


def _free(slug: str, taken: set[str], next_free: dict[str, int]) -> str:
    """The slug, or with the first number behind it that makes it unlike every other id."""
    candidate, count = slug, next_free.get(slug, 2)
    while candidate in taken:
        candidate, count = f"{slug}-{count}", count + 1
    next_free[slug] = count
    taken.add(candidate)
    return candidate
