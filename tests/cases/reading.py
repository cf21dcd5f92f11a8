"""A case as written: one Markdown file, its shared blocks, and a section for each answer that it expects.

A block of facts, watched time, exceptions or a later version of the agreement adds to those shared by the file; any
other block takes the place of the shared one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.strict_yaml import read_yaml

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).resolve().parent
ADDING = ("facts", "watched", "measured", "instead", "version")
KINDS = ("agreement", "order", "judged", "expected", *ADDING)

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"

_FENCE = re.compile(r"(`{3,}|~{3,})\s*(\w*)\s*\Z")
_RULE = re.compile(r"```sla\n(?P<kind>[a-z]+): (?P<name>[a-z0-9-]+)\n.*?\n```\n", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Section:
    """One question and its answer. `written` are the texts of each kind, those shared by the file first."""

    path: Path
    title: str
    written: Mapping[str, tuple[str, ...]]

    @cached_property
    def blocks(self) -> Mapping[str, str]:
        """One text for each kind."""
        return {kind: "".join(texts) for kind, texts in self.written.items()}

    @property
    def name(self) -> str:
        part = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        file = self.path.relative_to(CASES).with_suffix("").as_posix()
        return f"{file}#{part}" if part else file

    def agreement(self) -> str:
        """The agreement's whole text: as written, or a file's with the rules written below it added or put instead."""
        first, _, more = self.blocks["agreement"].partition("\n")
        if not first.endswith(".sla.md") or first.startswith("#"):
            return self.blocks["agreement"]
        return with_rules((ROOT / first).read_text(encoding="utf-8"), more)

    def versions(self) -> tuple[str, ...]:
        """The agreement, and each later version: the rules of its block in place of those before, under its dates."""
        found = [self.agreement()]
        for written in self.written.get("version", ()):
            dates, _, more = written.partition("\n\n")
            text = with_rules(found[-1], more)
            for line in dates.splitlines():
                key = line.partition(":")[0]
                text = re.sub(rf"^{key}: .*$", line, text, count=1, flags=re.MULTILINE)
            found.append(text)
        return tuple(found)

    def order(self) -> str:
        """The order's text, with the exceptions that the case makes to rules."""
        instead = self.blocks.get("instead", "")
        more = "instead:\n" + "".join(f"  {line}\n" for line in instead.splitlines()) if instead.strip() else ""
        return f"{self.blocks['order']}\n{more}"


@dataclass
class _Part:
    title: str
    blocks: dict[str, list[str]] = field(default_factory=dict)


def read_case(path: Path) -> tuple[Section, ...]:
    """The sections of a file that expect something. Raises ValueError for a block of an unknown kind."""
    parts = [_Part("")]
    opened, kind, held = "", "", list[str]()
    for line in path.read_text(encoding="utf-8").splitlines():
        fence = _FENCE.match(line)
        if opened:
            if fence and fence[1].startswith(opened) and not fence[2]:
                if kind not in KINDS:
                    raise ValueError(f"{path}: a block is one of {', '.join(KINDS)}, not {kind!r}")
                parts[-1].blocks.setdefault(kind, []).append("\n".join(held) + "\n")
                opened = ""
            else:
                held.append(line)
        elif fence:
            opened, kind, held = fence[1], fence[2], []
        elif line.startswith("## "):
            parts.append(_Part(line.removeprefix("## ")))
    if opened:
        raise ValueError(f"{path}: a block is not closed")
    shared, *own = parts
    sections = [_section(path, shared, part) for part in own or [_Part("")]]
    return tuple(s for s in sections if "expected" in s.written)


def every_section() -> list[Section]:
    """All sections of all cases."""
    return [section for path in sorted(CASES.rglob("good/*.md")) for section in read_case(path)]


def _section(path: Path, shared: _Part, own: _Part) -> Section:
    written: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        mine, common = own.blocks.get(kind, []), shared.blocks.get(kind, [])
        if len(mine) > 1 and kind not in ADDING:
            raise ValueError(f"{path}: `{own.title}` has two blocks `{kind}`")
        texts = [*common, *mine] if kind in ADDING else mine or common
        if texts:
            written[kind] = tuple(texts)
    return Section(path, own.title, written)


def with_rules(text: str, more: str) -> str:
    """An agreement's text with further clauses; a rule of the same kind and name as one of the text takes its place."""
    for rule in _RULE.finditer(more):
        same = [r for r in _RULE.finditer(text) if (r["kind"], r["name"]) == (rule["kind"], rule["name"])]
        if same:
            text = text.replace(same[0][0], rule[0])
            more = more.replace(rule[0], "")
    return f"{text}\n{more}" if more.strip() else text


def plain(text: str, source: str) -> Plain:
    """Strict YAML as strings, lists and mappings. Raises ValueError with what is wrong."""
    node, problems = read_yaml(text, source)
    if node is None or problems:
        raise ValueError("\n".join(str(p) for p in problems) or f"{source}: nothing is written")
    return _plain(node)


def _plain(node: Node) -> Plain:
    match node:
        case Text(text):
            return text
        case Many(items):
            return [_plain(item) for item in items]
        case Keyed(entries):
            return {key.text: _plain(value) for key, value in entries}
