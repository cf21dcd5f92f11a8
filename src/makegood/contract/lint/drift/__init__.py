"""Drift: a number, unit, weekday or zone in a clause's prose that its rules do not carry, or the other way round.

Both directions are needed. A number that is changed in the prose is no longer what a rule says; and the rule's own
number is then mentioned nowhere, which is seen even where another rule happens to carry the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from makegood.contract.document import Clause
from makegood.contract.lint.drift.apart import apart
from makegood.contract.lint.drift.carried import Carried, Meaning, carried_by, header_carries, same_day
from makegood.contract.lint.drift.quantities import ALWAYS, COUNT, Quantity, quantities
from makegood.contract.written import Agreement, RawRule
from makegood.model.problem import Place, Problem, note, warning

_MASKED = re.compile(
    r"^ {0,3}(`{3,}|~{3,}).*?^ {0,3}\1[`~]*[ \t]*$|\]\([^)\n]*\)|<[^>\n]*>|https?://\S+|[\w.+-]+@[\w.-]+\w"
    r"|^[ \t]*\d+[.)](?=\s)",
    re.MULTILINE | re.DOTALL,
)
_SEE = re.compile(r"\b(?:clauses?|sections?|§)\s*((?:\d[\w.]*(?:\s*(?:,|and|or|to)\s*)?)+)", re.IGNORECASE)


_FOR = re.compile(r"\s+for\s+((?:[\w-]+\s*){1,2})")
_WHY = "people read the text, and the figures follow the rules"


def drift_findings(agreement: Agreement) -> Iterator[Problem]:
    """Every number that the prose and the rules of a clause do not share."""
    clauses = agreement.document.clauses
    rules = _rules(agreement)
    calendars = {rule.name: rule for rule in agreement.rules if rule.primitive == "calendar"}
    own = {clause.id: carried_by(rules[clause.id], calendars) for clause in clauses}
    heads: set[str] = set()
    for clause in clauses:
        for block in clause.rules:
            if block.node.get("agreement") is not None:
                heads.add(clause.id)
                own[clause.id].take(header_carries(block.node))
    prose = {clause.id: _prose(clause) for clause in clauses}
    said = {clause.id: quantities(prose[clause.id]) for clause in clauses}
    zones: set[Meaning] = set()
    for number, clause in enumerate(clauses):
        above, below = _above(clauses, number), _below(clauses, number)
        carried = Carried()
        for other in (clause, *below, *_linked(clauses, prose[clause.id])):
            carried.take(own[other.id])
        ruled = bool(rules[clause.id]) or clause.id in heads
        for quantity in said[clause.id]:
            shown = prose[clause.id][quantity.start : quantity.end]
            if quantity.kind == COUNT and not ruled:
                continue
            if not carried.carries(quantity, shown):
                why = _WHY if ruled else "this clause has no rule at all"
                meant = [n for n in own[clause.id].needed if n.meaning not in {q.meaning for q in said[clause.id]}]
                yield _in_prose_only(agreement, clause, prose[clause.id], quantity, why + apart(quantity, meant))
            elif (label := _labelled(prose[clause.id], quantity, carried)) is not None:
                what = f"the text says “{_one_line(shown)} for {label}”, and no rule of this clause gives {label} that"
                place = _place(agreement, clause, prose[clause.id], quantity.start)
                yield warning("drift-label", place, what, _WHY, "correct the one that is wrong")
        yield from _references(agreement, clause, prose[clause.id])
        zones |= {q.meaning for q in said[clause.id] if q.kind == "zone"}
        mentioned = zones | {q.meaning for c in (clause, *above, *below) for q in said[c.id]}
        yield from _in_rule_only(own[clause.id], mentioned, bool(prose[clause.id].strip()))


def _rules(agreement: Agreement) -> Mapping[str, list[RawRule]]:
    found: dict[str, list[RawRule]] = {clause.id: [] for clause in agreement.document.clauses}
    for rule in agreement.rules:
        found.setdefault(rule.clause.id, []).append(rule)
    return found


def _prose(clause: Clause) -> str:
    """The clause's prose with everything that is no prose blanked, so that every character keeps its place."""
    return _MASKED.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), clause.prose)


def _above(clauses: tuple[Clause, ...], number: int) -> list[Clause]:
    """The clauses that this one is a part of."""
    found: list[Clause] = []
    level = clauses[number].level
    for clause in reversed(clauses[:number]):
        if clause.level < level:
            level = clause.level
            if level > 1:
                found.append(clause)
    return found


def _below(clauses: tuple[Clause, ...], number: int) -> list[Clause]:
    """The clauses that are parts of this one; a document's title has none."""
    level = clauses[number].level
    found: list[Clause] = []
    for clause in clauses[number + 1 :] if level > 1 else ():
        if clause.level <= level:
            break
        found.append(clause)
    return found


def _linked(clauses: tuple[Clause, ...], prose: str) -> Iterator[Clause]:
    """The clauses that the prose points to, as in `see clause 4`, with their parts."""
    wanted = {word.strip(".,") for match in _SEE.finditer(prose) for word in re.findall(r"\d[\w.]*", match[1])}
    for number, clause in enumerate(clauses):
        if clause.number.rstrip(".)") in wanted:
            yield clause
            yield from _below(clauses, number)


def _labelled(prose: str, quantity: Quantity, carried: Carried) -> str | None:
    """The label of `24 hours for P3`, where the tables of the clause know it and never give it this quantity."""
    match = _FOR.match(prose, quantity.end)
    label = next((w for w in (match[1].split() if match else ()) if w in carried.labels), None)
    return label if label is not None and quantity.meaning not in carried.labels[label] else None


def _references(agreement: Agreement, clause: Clause, prose: str) -> Iterator[Problem]:
    """References to clauses that the document does not have, where it numbers its clauses."""
    known = {c.number.rstrip(".)") for c in agreement.document.clauses if c.number}
    known |= {n for c in agreement.document.clauses if (n := c.title.partition(" ")[0].rstrip(".)")) and n[0].isdigit()}
    for match in _SEE.finditer(prose) if known else ():
        for number in re.finditer(r"\d[\w.]*", match[1]):
            if number[0].rstrip(".") not in known:
                place = _place(agreement, clause, prose, match.start(1) + number.start())
                what = f"the text points to clause {number[0].rstrip('.')}, and there is none"
                why = "clauses may have been numbered anew since this was written"
                yield warning("drift-reference", place, what, why, "write the number of the clause that is meant")


def _place(agreement: Agreement, clause: Clause, prose: str, start: int) -> Place:
    before = prose[:start]
    column = start - (before.rfind("\n") + 1) + 1
    return Place(agreement.document.source, clause.prose_line + before.count("\n"), column, clause.id)


def _one_line(shown: str) -> str:
    return " ".join(shown.split())


def _in_prose_only(agreement: Agreement, clause: Clause, prose: str, quantity: Quantity, why: str) -> Problem:
    place = _place(agreement, clause, prose, quantity.start)
    shown = _one_line(prose[quantity.start : quantity.end])
    what = f"the text says “{shown}”, and no rule of this clause does"
    hint = "correct the one that is wrong, write a rule for it, or point to the clause that has one: `see clause N`"
    return warning("drift-text", place, what, why, hint)


def _in_rule_only(carried: Carried, mentioned: set[Meaning], has_prose: bool) -> Iterator[Problem]:
    if not has_prose and carried.needed:
        first = carried.needed[0]
        what = "the rules of this clause stand without words"
        why = "what people read and publish does not have them: " + ", ".join(f"`{n.rule}`" for n in carried.needed[:1])
        yield note("drift-no-text", first.place, what, why, "say in a sentence above what the rule says")
        return
    for needed in dict.fromkeys(carried.needed):
        if needed.meaning in mentioned or needed.meaning[0] == ALWAYS or _day_of(needed.meaning, mentioned):
            continue
        what = f"`{needed.rule}` says “{needed.shown}”, and the text of this clause does not"
        yield warning("drift-rule", needed.place, what, _WHY, "correct the one that is wrong, or say it in the text")


def _day_of(meaning: Meaning, mentioned: set[Meaning]) -> bool:
    return any(same_day(meaning, other) for other in mentioned)
