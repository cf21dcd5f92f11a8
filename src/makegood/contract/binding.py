"""An agreement binding an order: choices made, exceptions laid over rules, names linked; text becomes terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from makegood.contract import link
from makegood.contract.choose import Chooser, unknown_code, written
from makegood.contract.nodes import Keyed, Text
from makegood.contract.precedence import Stated, prevailing, stated_by
from makegood.contract.rules import clock, limit, measure, remedy, scale, target
from makegood.contract.shape import Report, article, unknown_word
from makegood.contract.written import PRIMITIVES, Agreement, RawRule
from makegood.model.problem import Place, Problem, Severity
from makegood.model.terms import (
    Choice,
    Clause,
    ClockRule,
    Commitment,
    LimitRule,
    MeasureRule,
    RemedyRule,
    ScaleRule,
    Terms,
    Unstated,
    Variant,
)
from makegood.model.when import Calendar

DEEPEST_EXCEPTION = 16
"""An exception to an exception, and so on: no more steps than this are read."""


def terms_for(
    agreement: Agreement,
    facts: Mapping[str, str],
    chosen: Mapping[str, str] | None = None,
    instead: tuple[Keyed, ...] = (),
) -> tuple[Terms | None, list[Problem]]:
    """The terms that bind an order with these facts (plan, deployment), readings and overlays; None after an error.

    Of other facts the order may be silent while no rule depends on them: its services may say them instead.
    """
    problems: list[Problem] = []
    header = agreement.header
    facts = {**dict.fromkeys(header.chosen_by, ""), **facts}
    for fact, known in header.chosen_by.items():
        word = facts[fact]
        if known and word not in known and (word or fact in ("plan", "deployment")):
            report = Report(Clause("order"), problems)
            place = Place("order")
            unknown_word(
                report, Text(word, place), f"the agreement `{header.name}` has no {fact}", known, unknown_code(fact)
            )
    if problems:
        return None, problems
    applying, gone, notes = _binding(agreement, facts, instead, problems)
    known_names = {r.name: r.primitive for r in applying}
    reading: list[tuple[RawRule, Any]] = []
    choices: list[Choice] = []
    for rule in _without_orphans(applying, gone):
        report = Report(rule.clause, problems)
        chooser = Chooser(rule.name, facts, chosen or {}, report)
        node = cast("Keyed", chooser.resolve(rule.node, rule.name))
        choices += chooser.choices
        link.check(rule.primitive, node, known_names, report, header)
        reading.append((rule, PRIMITIVES[rule.primitive].read(rule.name, node, report)))
    if not problems:
        _check_fit(reading, problems)
    if any(p.severity is Severity.ERROR for p in problems):
        return None, problems
    return replace(_linked(agreement, reading, gone, tuple(choices)), prevailing=notes), problems


def rules_for(agreement: Agreement, facts: Mapping[str, str]) -> tuple[RawRule, ...]:
    """The rules that `terms_for` reads for these facts, as nodes with their places, every choice made."""
    problems: list[Problem] = []
    facts = {**dict.fromkeys(agreement.header.chosen_by, ""), **facts}
    applying, gone, _ = _binding(agreement, facts, (), problems)
    found: list[RawRule] = []
    for rule in _without_orphans(applying, gone):
        chooser = Chooser(rule.name, facts, {}, Report(rule.clause, problems))
        found.append(replace(rule, node=cast("Keyed", chooser.resolve(rule.node, rule.name))))
    return tuple(found)


def variants(
    agreement: Agreement,
    facts: Mapping[str, str],
    terms: Terms,
    chosen: Mapping[str, str] | None = None,
    instead: tuple[Keyed, ...] = (),
) -> tuple[Variant, ...]:
    """The same terms once for every alternative of every reading that was used, one changed at a time; those that
    cannot be read are left out, and `ill` names them."""
    among = _alternatives(agreement, facts, terms, chosen, instead)
    return tuple(Variant(choice, index, other) for choice, index, other, _ in among if other is not None)


def ill(
    agreement: Agreement,
    facts: Mapping[str, str],
    terms: Terms,
    chosen: Mapping[str, str] | None = None,
    instead: tuple[Keyed, ...] = (),
) -> dict[tuple[str, str], tuple[Problem, ...]]:
    """The alternatives of readings with which the rules cannot be read or contradict each other, by the reading's id
    and the alternative's text, each with its problems."""
    return {
        (choice.id, choice.alternatives[index]): tuple(p for p in problems if p.severity is Severity.ERROR)
        for choice, index, other, problems in _alternatives(agreement, facts, terms, chosen, instead)
        if other is None
    }


def _alternatives(
    agreement: Agreement,
    facts: Mapping[str, str],
    terms: Terms,
    chosen: Mapping[str, str] | None,
    instead: tuple[Keyed, ...],
) -> Iterator[tuple[Choice, int, Terms | None, list[Problem]]]:
    for choice in terms.choices:
        for index, label in enumerate(choice.alternatives):
            if index != choice.chosen:
                other, problems = terms_for(agreement, facts, {**(chosen or {}), choice.id: label}, instead)
                yield choice, index, other, problems


def _binding(
    agreement: Agreement, facts: Mapping[str, str], instead: tuple[Keyed, ...], problems: list[Problem]
) -> tuple[list[RawRule], dict[str, tuple[Clause, str]], tuple[tuple[str, str], ...]]:
    """The rules that apply, exceptions and the order's overlay laid over them; the others, with the reason; and what
    is to be said of the documents that differ, by the rule.

    What the parties wrote into their order is the deepest exception of all, unless the agreement ranks documents.
    """
    applying, gone = _applying(list(agreement.rules), facts)
    rules, notes = _overlaid(agreement, _excepted(applying, gone, problems), gone, instead, problems)
    return rules, gone, notes


def _overlaid(
    agreement: Agreement,
    rules: list[RawRule],
    gone: Mapping[str, tuple[Clause, str]],
    instead: tuple[Keyed, ...],
    problems: list[Problem],
) -> tuple[list[RawRule], tuple[tuple[str, str], ...]]:
    """The rules with what other documents say laid over them, key by key, and what is to be said of each rule."""
    by_name = {r.name: r for r in rules}
    stated: dict[str, list[Stated]] = {}
    report = Report(Clause("order"), problems)
    for overlay in instead:
        named = overlay.get("rule")
        at = named if isinstance(named, Text) else Text("", overlay.place)
        if at.text in gone:
            continue
        if at.text not in by_name:
            unknown_word(report, at, "the agreement has no rule", tuple(by_name), "unknown-name")
            continue
        stated.setdefault(at.text, []).extend(stated_by(overlay, report))
    notes: list[tuple[str, str]] = []
    for name, mine in stated.items():
        by_name[name], found = prevailing(agreement.header, by_name[name], mine, report)
        notes += [(name, says) for says in found]
    return list(by_name.values()), tuple(notes)


def _laid_over(under: Keyed, over: Keyed) -> Keyed:
    kept = tuple((k, v) for k, v in under.entries if over.get(k.text) is None)
    return Keyed((*kept, *over.entries), under.place)


def _applying(rules: list[RawRule], facts: Mapping[str, str]) -> tuple[list[RawRule], dict[str, tuple[Clause, str]]]:
    applying: list[RawRule] = []
    gone: dict[str, tuple[Clause, str]] = {}
    for rule in rules:
        missed = [(k.text, v) for k, v in rule.applies if facts.get(k.text, "") not in v]
        if missed:
            fact, wanted = missed[0]
            gone[rule.name] = (
                rule.clause,
                f"it applies to {fact} {' or '.join(wanted)}, and this order is {facts.get(fact, '') or 'silent'}",
            )
        else:
            applying.append(rule)
    return applying, gone


def _excepted(rules: list[RawRule], gone: Mapping[str, tuple[Clause, str]], problems: list[Problem]) -> list[RawRule]:
    """Each rule with its exceptions laid over it, the deepest last; equal ones that differ in a key are a conflict."""
    by_name = {rule.name: rule for rule in rules}
    by_target: dict[str, list[RawRule]] = {}
    for rule in rules:
        at = rule.exception_to
        if at is not None and at.text not in gone and _is_exception(rule, at, by_name, Report(rule.clause, problems)):
            by_target.setdefault(at.text, []).append(rule)

    def deep(rule: RawRule) -> Keyed:
        node = rule.node
        taken: dict[str, tuple[RawRule, Any]] = {}
        for exception in by_target.get(rule.name, []):
            over = deep(exception)
            for key, value in over.entries:
                if key.text in taken and written(taken[key.text][1]) != written(value):
                    _conflict(rule, taken[key.text][0], exception, key, Report(exception.clause, problems))
                taken[key.text] = (exception, value)
            node = _laid_over(node, over)
        return node

    return [replace(rule, node=deep(rule)) for rule in rules if rule.exception_to is None]


def _is_exception(rule: RawRule, at: Text, by_name: Mapping[str, RawRule], report: Report) -> bool:
    """Whether the rule may be laid over the one that it names: of the same kind, at the end of no circle."""
    target = by_name.get(at.text)
    if target is None:
        unknown_word(report, at, "there is no rule named", sorted(by_name), "unknown-name")
        return False
    if target.primitive != rule.primitive:
        what = f"`{rule.name}` is {article(rule.primitive)}, and `{target.name}` is {article(target.primitive)}"
        why = "an exception changes keys of a rule of its own kind"
        report.error("exception-of-another-kind", at.place, what, why, f"name {article(rule.primitive)}")
        return False
    chain = [rule.name]
    while target is not None and target.exception_to is not None and target.name not in chain:
        chain.append(target.name)
        target = by_name.get(target.exception_to.text)
    if target is not None and target.name in chain:
        steps = [*chain[chain.index(target.name) :], target.name]
        circle = f"`{steps[0]}` changes " + ", which changes ".join(f"`{name}`" for name in steps[1:])
        hint = "make one of them a rule of its own, without `exception to`"
        report.error("exception-circle", at.place, "these exceptions go in a circle", circle, hint)
        return False
    if len(chain) > DEEPEST_EXCEPTION:
        what, why = (
            "this is an exception to an exception, and so on, too many times",
            f"at most {DEEPEST_EXCEPTION} are read",
        )
        report.error("exception-too-deep", at.place, what, why, "make it an exception to an earlier rule")
        return False
    return True


def _conflict(rule: RawRule, one: RawRule, other: RawRule, key: Text, report: Report) -> None:
    what = f"`{other.name}` and `{one.name}` are both exceptions to `{rule.name}` and differ in `{key.text}`"
    why = f"clause {one.clause} and clause {other.clause} are equally deep"
    if one.clause == other.clause or one.clause.id == other.clause.id:
        why = "neither is deeper than the other"
    why += ", and neither the order of the text nor the longer rule decides"
    report.error("conflict", key.place, what, why, "make one of them an exception to the other")


def _without_orphans(rules: list[RawRule], gone: dict[str, tuple[Clause, str]]) -> list[RawRule]:
    """Rules that lean on a rule that does not apply do not apply either; a list of names only loses that name."""
    kept, again = [replace(rule, node=link.without(rule.primitive, rule.node, gone)) for rule in rules], True
    while again:
        again = False
        for rule in list(kept):
            node = link.without(rule.primitive, rule.node, gone)
            leans = [t.text for t, _ in link.references(rule.primitive, node) if t.text in gone]
            if not leans and node is not rule.node:
                kept[kept.index(rule)] = replace(rule, node=node)
            if leans:
                kept.remove(rule)
                gone[rule.name] = (rule.clause, f"it rests on `{leans[0]}`, which does not apply")
                again = True
    return kept


def _check_fit(reading: list[tuple[RawRule, Any]], problems: list[Problem]) -> None:
    """Report rules that name others which count something else."""
    by_name = {rule.name: value for rule, value in reading}
    for rule, value in reading:
        report = Report(rule.clause, problems)
        if isinstance(value, LimitRule):
            limit.check_fit(value, by_name, rule.node.place, report)
        if isinstance(value, Commitment):
            target.check_fit(value, by_name, rule.node, report)
        if isinstance(value, MeasureRule):
            measure.check_fit(value, by_name, rule.node, report)
        if isinstance(value, ClockRule):
            clock.check_fit(value, by_name, rule.node, report)
        if isinstance(value, RemedyRule):
            remedy.check_fit(value, by_name, rule.node, report)
        if isinstance(value, ScaleRule):
            scale.check_fit(value, by_name, rule.node, report)


def _linked(
    agreement: Agreement,
    reading: list[tuple[RawRule, Any]],
    gone: dict[str, tuple[Clause, str]],
    choices: tuple[Choice, ...],
) -> Terms:
    by_kind: dict[str, dict[str, Any]] = {kind: {} for kind in PRIMITIVES}
    for rule, value in reading:
        by_kind[rule.primitive][rule.name] = value
    calendars: Mapping[str, Calendar | Unstated] = by_kind["calendar"]

    def zone(name: str) -> str:
        found = calendars.get(name)
        return found.zone if isinstance(found, Calendar) else ""

    def dated(rules: Mapping[str, Any]) -> dict[str, Any]:
        return {name: replace(rule, zone=zone(rule.zone)) for name, rule in rules.items()}

    def over(rules: Mapping[str, Any]) -> dict[str, Any]:
        return {name: replace(r, over=replace(r.over, zone=zone(r.over.zone))) for name, r in rules.items()}

    header = agreement.header
    return Terms(
        header.name,
        header.title,
        header.version,
        header.effective,
        header.provider,
        calendars,
        dated(by_kind["period"]),
        {rule.name: rule.clause for rule, _ in reading if rule.primitive == "period"},
        by_kind["detect"],
        by_kind["outage"],
        by_kind["measure"],
        by_kind["target"],
        tuple(by_kind["exclude"].values()),
        tuple(over(by_kind["limit"]).values()),
        over(by_kind["count"]),
        by_kind["scale"],
        by_kind["basis"],
        by_kind["remedy"],
        by_kind["clock"],
        by_kind["class"],
        gone,
        choices,
        agreement.digest,
        numbers=header.numbers,
    )
