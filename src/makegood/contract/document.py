"""A Markdown file becomes clauses: prose for people, and under each heading the `sla` blocks that are its rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from makegood.contract.encoding import MOST_BYTES, control_characters, hidden_characters, without_unwelcome
from makegood.contract.fence_tags import is_rule, meant_as_rule
from makegood.contract.headings import Heading, read_headings
from makegood.contract.nodes import Keyed
from makegood.contract.outline import Fence, outline
from makegood.contract.strict_yaml import read_yaml
from makegood.model.problem import Place, Problem, error, warning

MOST_LINES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Block:
    """One `sla` block: the rule as nodes and as text, the clause it stands in, and the place of its opening fence."""

    clause: str
    node: Keyed
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A heading and what stands under it, up to the next heading.

    `id` is the anchor, or a slug of the title; `number` as written, as in `2.`; `line` that of the heading. `prose` has
    the lines from `prose_line` on, its rules left blank so that every line keeps its number.
    """

    id: str
    number: str
    title: str
    level: int
    line: int
    prose: str
    prose_line: int
    rules: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: its title (the first heading of level 1, or the first heading) and its clauses in order."""

    source: str
    title: str
    clauses: tuple[Clause, ...]
    text: str


def prose_lines(clause: Clause) -> Iterator[tuple[int, str]]:
    """Each line of a clause's prose with its line number in the file; a character's column is its index plus one."""
    return enumerate(clause.prose.split("\n"), clause.prose_line) if clause.prose else iter(())


def read_document(text: str, source: str) -> tuple[Document, list[Problem]]:
    """The clauses of a document, and every problem of its structure and of the YAML of its rules."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if too_long := _too_long(plain, source):
        return Document(source, "", (), text), [too_long]
    problems = [*control_characters(plain, source), *hidden_characters(plain, source)]
    plain = without_unwelcome(plain)
    parts = outline(plain, source)
    headings, found = read_headings(parts.headings, source)
    problems += [*parts.problems, *found]
    lines, fences = plain.split("\n"), list(parts.fences)
    clauses: list[Clause] = []
    while fences and fences[0].line < (headings[0].line if headings else len(lines)):
        _before_any_heading(fences.pop(0), source, problems)
    fences.reverse()
    ends = [*(heading.line for heading in headings[1:]), len(lines)]
    for heading, end in zip(headings, ends, strict=False):
        here: list[Fence] = []
        while fences and fences[-1].line < end:
            here.append(fences.pop())
        clauses.append(_clause(heading, end, here, lines, source, problems))
    title = next((h.title for h in headings if h.level == 1), headings[0].title if headings else "")
    unique = dict.fromkeys(sorted(problems, key=lambda p: (p.where.line, p.where.column)))
    return Document(source, title, tuple(clauses), text), list(unique)


def _too_long(plain: str, source: str) -> Problem | None:
    split = "split it into several documents"
    if len(plain) > MOST_BYTES:
        what = f"this document has {len(plain):,} characters"
        return error("text-too-long", Place(source), what, f"at most {MOST_BYTES:,} are read", split)
    if (lines := plain.count("\n") + 1) > MOST_LINES:
        what = f"this document has {lines:,} lines"
        return error("text-too-long", Place(source), what, f"at most {MOST_LINES:,} are read", split)
    return None


def _clause(
    heading: Heading, end: int, fences: list[Fence], lines: list[str], source: str, problems: list[Problem]
) -> Clause:
    first = heading.line + 1
    prose = lines[first:end]
    rules: list[Block] = []
    for fence in fences:
        _check_fence(fence, source, heading.id, problems)
        if is_rule(fence.info):
            prose[fence.line - first : fence.end - first] = [""] * (fence.end - fence.line)
            if (block := _block(fence, source, heading.id, problems)) is not None:
                rules.append(block)
    while prose and not prose[-1].strip():
        prose.pop()
    return Clause(
        heading.id, heading.number, heading.title, heading.level, first, "\n".join(prose), first + 1, tuple(rules)
    )


def _check_fence(fence: Fence, source: str, clause: str, problems: list[Problem]) -> None:
    place = Place(source, fence.line + 1, fence.indent + 1, clause)
    if not fence.closed:
        what = "this block is never closed"
        why = "everything after it is part of it"
        problems.append(error("document-open-block", place, what, why, f"end it with a line of {fence.marker}"))
    if not is_rule(fence.info) and meant_as_rule(fence.info):
        what = f"`{fence.info[:40]}` does not make this block a rule"
        why = "only sla does, in small letters and with nothing beside it"
        hint = f"did you mean {fence.marker}sla?"
        problems.append(warning("document-block-tag", place, what, why, hint))


def _before_any_heading(fence: Fence, source: str, problems: list[Problem]) -> None:
    _check_fence(fence, source, "", problems)
    if is_rule(fence.info):
        what, why = "this rule stands before the first heading", "a rule belongs to a clause"
        hint = "write a heading above it, as in ## Availability {#availability}"
        place = Place(source, fence.line + 1, fence.indent + 1)
        problems.append(error("document-rule-without-clause", place, what, why, hint))


def _block(fence: Fence, source: str, clause: str, problems: list[Problem]) -> Block | None:
    place = Place(source, fence.line + 1, fence.indent + 1, clause)
    if not fence.closed:
        return None
    if (inner := _opening(fence)) is not None:
        why = f"line {inner} begins another block inside it"
        hint = f"end it with a line of {fence.marker} before that line"
        problems.append(error("document-open-block", place, "this block is not closed where it should be", why, hint))
        return None
    node, found = read_yaml(fence.content, source, fence.line + 2, fence.indent + 1, clause)
    problems += found
    if isinstance(node, Keyed) and node.entries:
        return Block(clause, node, place, fence.content)
    if (node is None or isinstance(node, Keyed)) and not found:
        hint = "write a rule, or delete the block"
        problems.append(error("document-empty-rule", place, "this rule is empty", "nothing is promised by it", hint))
    elif node is not None and not isinstance(node, Keyed):
        why, hint = "a rule is made of keys and values", "write key: value, with a space after the colon"
        problems.append(error("document-rule-not-keyed", node.place, "this is not a rule", why, hint))
    return None


def _opening(fence: Fence) -> int | None:
    """The line of a fence that opens inside this one, for the block above it was left open."""
    for number, line in enumerate(fence.content.split("\n")):
        if line.startswith(("```", "~~~")) or (line[:3].strip() == "" and line.lstrip(" ").startswith(("```", "~~~"))):
            return fence.line + 2 + number
    return None
