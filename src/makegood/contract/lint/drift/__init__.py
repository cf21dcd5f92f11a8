"""Drift: a number, unit, weekday or zone in a clause's prose that its rules do not carry, or the other way round.

Both directions are needed. A number that is changed in the prose is no longer what a rule says; and the rule's own
number is then mentioned nowhere, which is seen even where another rule happens to carry the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from makegood.contract.document import Clause
from makegood.contract.lint.drift.apart import apart
from makegood.contract.lint.drift.carried import (
    Carried,
    carried_by,
    everywhere,
    header_carries,
    same_day,
)
from makegood.contract.lint.drift.pointers import Part, Web, heads, marks, number_of, parts, pointed_at, pointers
from makegood.contract.lint.drift.quantities import ALWAYS, COUNT, Quantity, is_aside, quantities
from makegood.contract.lint.drift.ranks import labels_of, rank_of, ranks_in
from makegood.contract.lint.drift.whole import Meaning, ground_of
from makegood.contract.nodes import Text
from makegood.contract.written import Agreement, RawRule
from makegood.model.problem import Place, Problem, note, warning

_MASKED = re.compile(
    r"^ {0,3}(`{3,}|~{3,}).*?^ {0,3}\1[`~]*[ \t]*$|\]\([^)\n]*\)|<[^>\n]*>|https?://\S+|(?<![\w.+-])[\w.+-]+@[\w.-]+\w"
    r"|^[ \t]*\d+[.)](?=\s)",
    re.MULTILINE | re.DOTALL,
)
_FOR = re.compile(r"\s+for\s+((?:[\w-]+\s*){1,2})")
_WHY = "people read the text, and the figures follow the rules"


def drift_findings(agreement: Agreement) -> Iterator[Problem]:
    """Every number that the prose and the rules of a clause do not share."""
    clauses = agreement.document.clauses
    rules = _rules(agreement)
    ground, web = ground_of(agreement.rules), Web(agreement)
    own = {clause.id: carried_by(rules[clause.id], ground) for clause in clauses}
    heads: set[str] = set()
    for clause in clauses:
        for block in clause.rules:
            if block.node.get("agreement") is not None:
                heads.add(clause.id)
                own[clause.id].take(header_carries(block.node))
                own[clause.id].take(everywhere(agreement.rules))
    text = {clause.id: _text(clause) for clause in clauses}
    numbered = parts(agreement.document, text)
    known = {part.number for part in numbered}
    labels = labels_of(agreement.rules)
    prose = {clause.id: _prose(clause, text[clause.id], known) for clause in clauses}
    said = {clause.id: quantities(prose[clause.id]) for clause in clauses}
    zones: set[Meaning] = set()
    every_zone = {q.meaning for clause in clauses for q in said[clause.id] if q.kind == "zone"}
    for number, clause in enumerate(clauses):
        above, below = _above(clauses, number), _below(clauses, number)
        carried = Carried()
        for other in (clause, *below, *_linked(clauses, text[clause.id], known)):
            carried.take(own[other.id])
        carried.take(carried_by(web.named(rules[clause.id]), ground))
        ruled = bool(rules[clause.id]) or clause.id in heads
        for quantity in said[clause.id]:
            shown = prose[clause.id][quantity.start : quantity.end]
            each = shown.lower().startswith(("every", "each")) and (not ruled or quantity.meaning in ground.periods)
            if each or (quantity.kind == COUNT and (not ruled or is_aside(prose[clause.id], quantity))):
                continue
            if not carried.carries(quantity, shown):
                why = _WHY if ruled else "this clause has no rule at all"
                meant = [n for n in own[clause.id].needed if n.meaning not in {q.meaning for q in said[clause.id]}]
                yield _in_prose_only(agreement, clause, prose[clause.id], quantity, why + apart(quantity, meant))
            elif (label := _labelled(text[clause.id], quantity, carried)) is not None:
                what = f"the text says “{_one_line(shown)} for {label}”, and no rule of this clause gives {label} that"
                place = _place(agreement, clause, prose[clause.id], quantity.start)
                yield warning("drift-label", place, what, _WHY, "correct the one that is wrong")
        yield from _references(agreement, clause, text[clause.id], rules[clause.id], numbered, web)
        yield from _ranks(agreement, clause, text[clause.id], labels, rules[clause.id])
        zones |= {q.meaning for q in said[clause.id] if q.kind == "zone"}
        mentioned = (every_zone if clause.id in heads else zones) | {
            q.meaning for c in (clause, *above, *below) for q in said[c.id]
        }
        yield from _in_rule_only(own[clause.id], mentioned, said[clause.id], bool(prose[clause.id].strip()))


def _rules(agreement: Agreement) -> Mapping[str, list[RawRule]]:
    found: dict[str, list[RawRule]] = {clause.id: [] for clause in agreement.document.clauses}
    for rule in agreement.rules:
        found.setdefault(rule.clause.id, []).append(rule)
    return found


def _text(clause: Clause) -> str:
    """The clause's prose with everything that is no prose blanked, so that every character keeps its place."""
    return _MASKED.sub(lambda m: _blank(m[0]), clause.prose)


def _prose(clause: Clause, text: str, known: set[str]) -> str:
    """The same without what is a number and no quantity: of a paragraph, of what is pointed to, of a label."""
    places = [*((start, end) for _, start, end in heads(clause, text)), *marks(text)]
    places += [(p.start, p.end) for p in pointers(text, known) if p.number in known]
    places += [(rank.start, rank.end) for rank in ranks_in(text)]
    shown = list(text)
    for start, end in places:
        shown[start:end] = _blank(text[start:end])
    return "".join(shown)


def _blank(shown: str) -> str:
    return re.sub(r"[^\n]", " ", shown)


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


def _linked(clauses: tuple[Clause, ...], prose: str, known: set[str]) -> Iterator[Clause]:
    """The clauses that the prose points to, as in `see clause 4`, with their parts; of a paragraph its clause."""
    wanted = {pointer.number for pointer in pointers(prose, known)}
    for number, clause in enumerate(clauses):
        own = number_of(clause)
        if own and (own in wanted or any(n.startswith(f"{own}.") and n in known for n in wanted)):
            yield clause
            yield from _below(clauses, number)


def _labelled(prose: str, quantity: Quantity, carried: Carried) -> str | None:
    """The label of `24 hours for P3`, where the tables of the clause know it and never give it this quantity."""
    match = _FOR.match(prose, quantity.end)
    label = next((w for w in (match[1].split() if match else ()) if w in carried.labels), None)
    rank = next((r for r in ranks_in(prose) if match and match.start(1) <= r.start < match.end()), None)
    if label is None and rank is not None:
        label = next((known for known in carried.labels if rank_of(known) == rank.number), None)
    return label if label is not None and quantity.meaning not in carried.labels[label] else None


def _references(
    agreement: Agreement, clause: Clause, prose: str, rules: list[RawRule], numbered: list[Part], web: Web
) -> Iterator[Problem]:
    """References to clauses that the document does not have, where it numbers its clauses; and to the wrong one."""
    known = {part.number for part in numbered}
    found = list(pointers(prose, known)) if known else []
    said = {pointer.number for pointer in found}
    for pointer in found:
        place = _place(agreement, clause, prose, pointer.start)
        to = pointed_at(pointer, numbered)
        if to is None:
            what = f"the text points to clause {pointer.number}, and there is none"
            why = "clauses may have been numbered anew since this was written"
            yield warning("drift-reference", place, what, why, "write the number of the clause that is meant")
            continue
        meant = web.meant(place.line, rules, to, said, numbered)
        if meant is not None:
            what = f"the text points to {pointer.number}, and the rules here use what stands in {meant.number}"
            why = "no rule leads from one to the other; whoever follows the text finds something else"
            hint = f"write {meant.number}, or name {meant.number} beside {pointer.number} if both are meant"
            yield warning("drift-reference", place, what, why, hint)


def _ranks(
    agreement: Agreement, clause: Clause, prose: str, labels: Mapping[str, tuple[Text, str]], rules: list[RawRule]
) -> Iterator[Problem]:
    """Labels that the prose names by a number that no class gives; in the clause of a class the other way round too."""
    found = list(ranks_in(prose)) if labels else []
    for rank in found:
        if rank.number not in labels:
            place = _place(agreement, clause, prose, rank.start)
            what = f"the text names a label with the number {rank.number}, and no class gives one"
            why = "labels are " + ", ".join(f"`{label.text}`" for label, _ in labels.values())
            yield warning("drift-label", place, what, why, "correct the one that is wrong")
    own = {rule.name for rule in rules}
    for number, (label, rule) in labels.items() if found else ():
        if rule in own and number not in {rank.number for rank in found}:
            what = f"`{rule}` gives “{label.text}”, and the text of this clause does not name it"
            yield warning(
                "drift-label", label.place, what, _WHY, "correct the one that is wrong, or say it in the text"
            )


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


def _in_rule_only(
    carried: Carried, mentioned: set[Meaning], said: Sequence[Quantity], has_prose: bool
) -> Iterator[Problem]:
    kinds = {quantity.kind for quantity in said}
    if not has_prose and carried.needed:
        first = carried.needed[0]
        what = "the rules of this clause stand without words"
        why = "what people read and publish does not have them: " + ", ".join(f"`{n.rule}`" for n in carried.needed[:1])
        yield note("drift-no-text", first.place, what, why, "say in a sentence above what the rule says")
        return
    for needed in dict.fromkeys(carried.needed):
        if needed.plain and not kinds & {"weekday", "clock"}:
            continue
        if needed.meaning in mentioned or needed.meaning[0] == ALWAYS or _day_of(needed.meaning, mentioned):
            continue
        what = f"`{needed.rule}` says “{needed.shown}”, and the text of this clause does not"
        yield warning("drift-rule", needed.place, what, _WHY, "correct the one that is wrong, or say it in the text")


def _day_of(meaning: Meaning, mentioned: set[Meaning]) -> bool:
    return any(same_day(meaning, other) for other in mentioned)
