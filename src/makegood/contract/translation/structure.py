"""The clauses of a translation and of the prevailing text: the same ones, in the same order, numbered alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from makegood.contract.document import Clause
from makegood.contract.moved import in_place
from makegood.model.problem import Place, Problem, warning


def structure_findings(ours: Sequence[Clause], theirs: Sequence[Clause], source: str) -> Iterator[Problem]:
    """Clauses that only one of the two has, that stand elsewhere, or that have another number.

    `ours` are those of the prevailing text; `source` is the translation, whose places the problems have.
    """
    at = {clause.id: n for n, clause in enumerate(ours)}
    there = {clause.id for clause in theirs}
    missing = [clause for clause in ours if clause.id not in there]
    yield from (_extra(clause, missing, source) for clause in theirs if clause.id not in at)
    for clause in missing:
        before = next((c for c in reversed(theirs) if at.get(c.id, len(ours)) < at[clause.id]), theirs[0])
        yield _missing(clause, before, source)
    common = [clause for clause in theirs if clause.id in at]
    kept = in_place([at[clause.id] for clause in common])
    for n, clause in enumerate(common):
        own = ours[at[clause.id]]
        if n not in kept:
            yield _elsewhere(clause, ours[at[clause.id] - 1] if at[clause.id] else None, source)
        elif own.number.rstrip(".)") != clause.number.rstrip(".)"):
            numbers = f"number {clause.number or 'none'} here, and {own.number or 'none'} in the prevailing text"
            why = "references would lead to another clause"
            yield warning(
                "translation-number", _at(clause, source), f"`{clause.id}` is {numbers}", why, "number it alike"
            )


def _extra(clause: Clause, missing: Sequence[Clause], source: str) -> Problem:
    like = next((c for c in missing if c.number and c.number == clause.number), None)
    hint = "take it out, or correct its anchor"
    if like is not None:
        hint = f"write {{#{like.id}}} behind its heading if it is clause {like.number} {like.title}"
    what, why = f"the prevailing text has no clause `{clause.id}`", "clauses are aligned by their anchors"
    return warning("translation-extra-clause", _at(clause, source), what, why, hint)


def _missing(clause: Clause, before: Clause, source: str) -> Problem:
    named = f"{clause.number} {clause.title}".strip()
    hint = f"add it after `{before.id}`, with {{#{clause.id}}} behind its heading"
    what = f"clause {named} (`{clause.id}`) is not translated"
    return warning("translation-missing-clause", _at(before, source), what, "", hint)


def _elsewhere(clause: Clause, after: Clause | None, source: str) -> Problem:
    hint = f"move it behind `{after.id}`" if after is not None else "move it to the beginning"
    what, why = f"`{clause.id}` stands elsewhere in the prevailing text", "clauses are cited by their place"
    return warning("translation-order", _at(clause, source), what, why, hint)


def _at(clause: Clause, source: str) -> Place:
    return Place(source, clause.line, 1, clause.id)
