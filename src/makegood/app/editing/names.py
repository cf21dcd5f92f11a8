"""The names of an agreement that is being written: which rules there are, and which of them a place may name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from makegood.app.editing.cursor import Cursor
from makegood.app.editing.regions import Region
from makegood.contract import link
from makegood.contract.fence_tags import is_rule
from makegood.contract.headings import read_headings
from makegood.contract.nodes import Keyed
from makegood.contract.outline import outline
from makegood.contract.strict_yaml import read_yaml
from makegood.contract.written import PRIMITIVES

_FIRST = re.compile(r"([a-z]+):[ ]+([a-z][a-z0-9-]*)[ ]*(?:#.*)?$")
_LIST = re.compile(r"(plans|deployments):[ ]+\[([^\]]*)\]")
_HERE = "here-it-is"


@dataclass(frozen=True, slots=True)
class Named:
    """A rule or a clause: its name, its primitive (`clause` for a clause), where the name stands, and its clause."""

    name: str
    primitive: str
    line: int
    column: int
    clause: str


@dataclass(frozen=True)
class Names:
    """Everything in an agreement that another place may name; `plans` and `deployments` are those of its header."""

    rules: tuple[Named, ...]
    clauses: tuple[Named, ...]
    plans: tuple[str, ...] = ()
    deployments: tuple[str, ...] = ()

    def of(self, primitives: Sequence[str]) -> list[Named]:
        """The rules of some kinds, in the order of the text."""
        return [rule for rule in self.rules if rule.primitive in primitives]


def names_in(text: str) -> Names:
    """The names of an agreement's text, read from the first line of each block, so that unfinished ones count too."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = outline(plain, "")
    headings, _ = read_headings(parts.headings, "")
    clauses = tuple(Named(h.id, "clause", h.line, 0, f"{h.number} {h.title}".strip()) for h in headings)
    rules: list[Named] = []
    listed: dict[str, tuple[str, ...]] = {}
    for fence in parts.fences:
        if not is_rule(fence.info):
            continue
        above = next((c for c in reversed(clauses) if c.line < fence.line), None)
        for number, line in enumerate(fence.content.split("\n")):
            if (found := _FIRST.match(line)) and not _is_second(fence.content, number):
                at = fence.line + 1 + number
                rules.append(
                    Named(found[2], found[1], at, fence.indent + found.start(2), above.clause if above else "")
                )
            if found := _LIST.match(line):
                listed[found[1]] = tuple(word.strip() for word in found[2].split(",") if word.strip())
    known = tuple(rule for rule in rules if rule.primitive in PRIMITIVES)
    return Names(known, clauses, listed.get("plans", ()), listed.get("deployments", ()))


def _is_second(content: str, number: int) -> bool:
    """Whether another line of the block comes before this one: only the first names the rule."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in content.split("\n")[:number])


def wanted_at(region: Region, line: int, cursor: Cursor) -> tuple[str, ...]:
    """The primitives of which a rule may be named at a place of a block: the same question that linking asks.

    `line` counts from 0 inside the region. A word that is none of a rule is no name, and nothing is wanted.
    """
    steps = [level.step for level in cursor.path]
    if steps[-1:] == ["exception to"]:
        return tuple(_primitive(region.lines))
    if "clauses" in steps[-2:]:
        return ("clause",)
    lines = list(region.lines)
    before = lines[line][: cursor.start]
    name = re.search(r"[a-z0-9-]*\Z", cursor.word)
    kept = cursor.word[: name.start()] if name else ""
    ends = ")" * (kept.count("(") - kept.count(")")) + _closing(before)
    lines[line] = f"{before}{kept}{_HERE}{ends}"
    for last in (len(lines), line + 1):
        node, _ = read_yaml("\n".join(lines[:last]), "")
        if isinstance(node, Keyed) and node.entries:
            (first, _name), *rest = node.entries
            found = link.references(first.text, Keyed(tuple(rest), node.place))
            return next((kinds for text, kinds in found if _HERE in text.text), ())
    return ()


def _closing(before: str) -> str:
    """The brackets and braces that a line has open, closed."""
    opened = [c for c in before if c in "{["]
    closed = sum(c in "}]" for c in before)
    return "".join("}" if c == "{" else "]" for c in reversed(opened[: len(opened) - closed]))


def _primitive(lines: Sequence[str]) -> list[str]:
    return [found[1] for line in lines if (found := _FIRST.match(line))][:1]


def name_at(line: str, column: int) -> tuple[str, int]:
    """The name around a column (from 0) of a line and where it starts; nothing where there is none."""
    for found in re.finditer(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", line):
        if found.start() <= column <= found.end():
            return found[0], found.start()
    return "", column


def by_name(rules: Sequence[Named]) -> Mapping[str, Named]:
    """The rules by name, the first of several."""
    return {rule.name: rule for rule in reversed(rules)}
