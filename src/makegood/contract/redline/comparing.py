"""Two versions compared: clauses are aligned by their anchors, else by how alike their headings and words are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from makegood.contract.document import Block, Clause
from makegood.contract.moved import in_place
from makegood.contract.nodes import Keyed
from makegood.contract.redline.difference import ClauseChange, Kind, Mark, Piece, Redline
from makegood.contract.redline.prose import likeness, passages, words
from makegood.contract.redline.rules import (
    HEADER,
    body_of,
    header_changes,
    primitive_of,
    rule_changes,
    rules_by_name,
    rules_gone,
)
from makegood.contract.written import Agreement

ALIKE: Final = 0.6
"""Clauses without a common anchor are one clause where their headings or their words are at least so alike."""


def redline(old: Agreement, new: Agreement) -> Redline:
    """What became of each clause of an agreement, in the order of the new version, removed ones where they stood."""
    before, after = old.document.clauses, new.document.clauses
    aligned = _aligned(before, after)
    rules = _rules(before), _rules(after)
    kept = [n for n in range(len(after)) if n in aligned]
    placed = in_place([aligned[n] for n in kept])
    moved = {n for place, n in enumerate(kept) if place not in placed}
    found: list[ClauseChange] = []
    for n, clause in enumerate(after):
        if n not in aligned:
            found.append(_added(clause, rules))
            continue
        one = aligned[n]
        change = _changed(before[one], clause, rules)
        stood_after = before[one - 1].id if one else ""
        found.append(replace(change, moved=n in moved, after=stood_after) if n in moved else change)
    for one, clause in enumerate(before):
        if one not in aligned.values():
            gone = _removed(clause, rules)
            found.insert(_place_of(one, before, found), gone)
    return Redline(old.header, new.header, header_changes(_header(old), _header(new)), tuple(found))


def _aligned(before: Sequence[Clause], after: Sequence[Clause]) -> dict[int, int]:
    """The place of each new clause's old self, where it has one."""
    by_id = {clause.id: n for n, clause in enumerate(before)}
    found = {n: by_id[clause.id] for n, clause in enumerate(after) if clause.id in by_id}
    left = [n for n in range(len(before)) if n not in found.values()]
    rated = [
        (
            max(
                likeness(before[one].title.casefold(), after[n].title.casefold()),
                likeness(before[one].prose, after[n].prose),
            ),
            one,
            n,
        )
        for n in range(len(after))
        if n not in found
        for one in left
    ]
    taken: set[int] = set()
    for rate, one, n in sorted(rated, key=lambda r: (-r[0], r[2], r[1])):
        if rate >= ALIKE and n not in found and one not in taken:
            found[n] = one
            taken.add(one)
    return found


def _rules(clauses: Sequence[Clause]) -> dict[str, Block]:
    return rules_by_name([block for clause in clauses for block in clause.rules])


def _header(agreement: Agreement) -> Keyed:
    blocks = (block for clause in agreement.document.clauses for block in clause.rules)
    return next(body_of(block) for block in blocks if primitive_of(block) == HEADER)


def _changed(old: Clause, new: Clause, rules: tuple[Mapping[str, Block], Mapping[str, Block]]) -> ClauseChange:
    heading = words(_heading(old), _heading(new))
    prose = passages(old.prose, new.prose)
    changes = [*rule_changes(new.rules, *rules), *rules_gone(old.rules, *rules)]
    told = tuple(change for change in changes if change.kind is not Kind.SAME)
    same = not told and not any(p.changed for p in prose) and all(p.mark is Mark.SAME for p in heading)
    return ClauseChange(Kind.SAME if same else Kind.CHANGED, old, new, heading, prose, told)


def _added(clause: Clause, rules: tuple[Mapping[str, Block], Mapping[str, Block]]) -> ClauseChange:
    told = tuple(change for change in rule_changes(clause.rules, *rules) if change.kind is not Kind.SAME)
    heading = (Piece(Mark.ADDED, _heading(clause)),)
    return ClauseChange(Kind.ADDED, None, clause, heading, passages("", clause.prose), told)


def _removed(clause: Clause, rules: tuple[Mapping[str, Block], Mapping[str, Block]]) -> ClauseChange:
    heading = (Piece(Mark.REMOVED, _heading(clause)),)
    return ClauseChange(
        Kind.REMOVED, clause, None, heading, passages(clause.prose, ""), tuple(rules_gone(clause.rules, *rules))
    )


def _heading(clause: Clause) -> str:
    return f"{clause.number} {clause.title}".strip()


def _place_of(one: int, before: Sequence[Clause], found: Sequence[ClauseChange]) -> int:
    """Where a removed clause is shown: behind the nearest clause that stood before it and is still there."""
    for earlier in reversed(before[:one]):
        for place, change in enumerate(found):
            if change.old is earlier:
                return place + 1
    return 0
