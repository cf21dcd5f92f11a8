"""An agreement: the document whose clauses carry rules, and the terms that it becomes for one order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from makegood.contract import link, values
from makegood.contract.choose import Chooser, written
from makegood.contract.document import Document, read_document
from makegood.contract.encoding import read_bytes
from makegood.contract.nodes import Keyed, Text
from makegood.contract.rules import (
    basis,
    calendar,
    classing,
    clock,
    count,
    detect,
    exclude,
    limit,
    measure,
    outage,
    period,
    remedy,
    scale,
    target,
)
from makegood.contract.shape import Fields, Key, Report, article, unknown_word
from makegood.model.problem import Place, Problem, Severity, error
from makegood.model.terms import Choice, Clause, Terms, Unstated, Variant
from makegood.model.when import Calendar

PRIMITIVES: Mapping[str, Any] = {
    "calendar": calendar,
    "period": period,
    "class": classing,
    "detect": detect,
    "outage": outage,
    "measure": measure,
    "target": target,
    "exclude": exclude,
    "count": count,
    "limit": limit,
    "scale": scale,
    "basis": basis,
    "remedy": remedy,
    "clock": clock,
}
"""The primitives that are blocks of their own. `scope` is part of `target`, and `reading` wraps any value."""

DEEPEST_EXCEPTION = 16
"""An exception to an exception, and so on: no more steps than this are read."""

_FOLLOWING = frozenset(("unknown-name", "wrong-kind"))
"""Problems that may only follow from a rule that could not be read."""

_TITLE = Key("title", values.WORDS, "the agreement's title", like="Web hosting service level agreement")
_VERSION = Key("version", values.WORDS, "the version, as the parties name it", like="2026-01-01")
_EFFECTIVE = Key("effective", values.DAY, "the first date on which it is in force", like="2026-01-01")
_PROVIDER = Key("provider", values.WORDS, "who gives the promises", like="Example Hosting")
_PREVAILING = Key(
    "prevailing language", values.WORDS, "the language that decides between translations", "", like="English"
)
_PRECEDENCE = Key(
    "order of precedence",
    values.WORD_LIST,
    "the documents that stand above it, the highest first",
    (),
    like="[order form, service level agreement]",
)
_PLANS = Key("plans", values.WORD_LIST, "the plans that an order may name", (), like="[standard, premium]")
_DEPLOYMENTS = Key(
    "deployments", values.WORD_LIST, "the deployments that an order may name", (), like="[saas, on-premises]"
)
HEADER_TABLE: tuple[Key[Any], ...] = (
    *(_TITLE, _VERSION, _EFFECTIVE, _PROVIDER),
    *(_PREVAILING, _PRECEDENCE, _PLANS, _DEPLOYMENTS),
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the agreement says of itself."""

    name: str
    title: str
    version: str
    effective: date
    provider: str
    prevailing_language: str
    precedence: tuple[str, ...]
    plans: tuple[str, ...]
    deployments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawRule:
    """A rule as written, before any choice: its primitive, name, clause, and the conditions under which it applies."""

    primitive: str
    name: str
    clause: Clause
    node: Keyed
    applies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exception_to: Text | None = None


@dataclass(frozen=True)
class Agreement:
    """A document that was read: its header and its rules as written. `digest` is the SHA-256 of its bytes."""

    document: Document
    header: Header
    rules: tuple[RawRule, ...]
    digest: str

    def situations(self) -> Iterator[dict[str, str]]:
        """Every combination of plan and deployment that an order may have."""
        for plan in self.header.plans or ("",):
            for deployment in self.header.deployments or ("",):
                yield {"plan": plan, "deployment": deployment}


def read_agreement(raw: bytes, source: str) -> tuple[Agreement | None, list[Problem]]:
    """The agreement in a file's bytes, or None; and every problem of its text, its rules and their names."""
    text, problems = read_bytes(raw, source)
    if text is None:
        return None, problems
    document, found = read_document(text, source)
    problems = [*problems, *found]
    header, rules, found = _rules(document)
    if header is None:
        unread = any(p.severity is Severity.ERROR for p in problems)
        return None, [*problems, *found, *([] if unread else [_no_header(source)])]
    problems += found
    spoilt = any(p.severity is Severity.ERROR for p in problems)
    agreement = Agreement(document, header, rules, hashlib.sha256(raw).hexdigest())
    seen = set(problems)
    for situation in agreement.situations():
        _, found = terms_for(agreement, situation)
        problems += [p for p in found if p not in seen and not (spoilt and p.code in _FOLLOWING)]
        seen.update(found)
    failed = any(p.severity is Severity.ERROR for p in problems)
    return (None if failed else agreement), problems


def terms_for(
    agreement: Agreement,
    facts: Mapping[str, str],
    chosen: Mapping[str, str] | None = None,
    instead: tuple[Keyed, ...] = (),
) -> tuple[Terms | None, list[Problem]]:
    """The terms that bind an order with these facts (plan, deployment), readings and overlays; None after an error."""
    problems: list[Problem] = []
    header = agreement.header
    for fact, known in (("plan", header.plans), ("deployment", header.deployments)):
        word = facts.get(fact, "")
        if known and word not in known:
            report = Report(Clause("order"), problems)
            place = Place("order")
            unknown_word(
                report, Text(word, place), f"the agreement `{header.name}` has no {fact}", known, f"unknown-{fact}"
            )
    if problems:
        return None, problems
    applying, gone = _binding(agreement, facts, instead, problems)
    known_names = {r.name: r.primitive for r in applying}
    reading: list[tuple[RawRule, Any]] = []
    choices: list[Choice] = []
    for rule in _without_orphans(applying, gone):
        report = Report(rule.clause, problems)
        chooser = Chooser(rule.name, facts, chosen or {}, report)
        node = cast("Keyed", chooser.resolve(rule.node, rule.name))
        choices += chooser.choices
        link.check(rule.primitive, node, known_names, report)
        reading.append((rule, PRIMITIVES[rule.primitive].read(rule.name, node, report)))
    if any(p.severity is Severity.ERROR for p in problems):
        return None, problems
    return _linked(agreement, reading, gone, tuple(choices)), problems


def rules_for(agreement: Agreement, facts: Mapping[str, str]) -> tuple[RawRule, ...]:
    """The rules that `terms_for` reads for these facts, as nodes with their places, every choice made."""
    problems: list[Problem] = []
    applying, gone = _binding(agreement, facts, (), problems)
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
    """The same terms once for every alternative of every reading that was used, one changed at a time."""
    found: list[Variant] = []
    for choice in terms.choices:
        for index, label in enumerate(choice.alternatives):
            if index != choice.chosen:
                other, _ = terms_for(agreement, facts, {**(chosen or {}), choice.id: label}, instead)
                if other is not None:
                    found.append(Variant(choice, index, other))
    return tuple(found)


def _rules(document: Document) -> tuple[Header | None, tuple[RawRule, ...], list[Problem]]:
    problems: list[Problem] = []
    header: Header | None = None
    rules: list[RawRule] = []
    for clause in document.clauses:
        for block in clause.rules:
            at = Clause(clause.id, clause.number, clause.title, block.place.line)
            report = Report(at, problems)
            (first, value), *rest = block.node.entries
            body = Keyed(tuple(rest), block.place)
            name = values.NAME.read(value, report)
            if first.text == "agreement" and header is not None:
                what, why = "a second block says which agreement this is", "the first one decides"
                report.error("second-header", first.place, what, why, "delete one of the two, or make two documents")
            elif first.text == "agreement":
                header = _header(name or "", body, report)
            elif first.text not in PRIMITIVES:
                known = ("agreement", *PRIMITIVES)
                unknown_word(
                    report,
                    first,
                    "a block starts with the primitive it is; there is none called",
                    known,
                    "unknown-primitive",
                )
            elif name is not None:
                rules.append(_raw(first.text, name, at, body, report))
    problems += _twice(rules, document.source)
    return header, tuple(rules), problems


def _no_header(source: str) -> Problem:
    what = "the document does not say which agreement it is"
    why = "orders and statements name an agreement, its version and the day from which it is in force"
    hint = "write a block `agreement: NAME` with title, version, effective and provider under the first heading"
    return error("no-header", Place(source, 1, 1), what, why, hint)


def _header(name: str, node: Keyed, report: Report) -> Header:
    f = Fields(node, HEADER_TABLE, report, "an agreement")
    return Header(
        name,
        f.get(_TITLE),
        f.get(_VERSION),
        f.get(_EFFECTIVE),
        f.get(_PROVIDER),
        f.get(_PREVAILING),
        f.get(_PRECEDENCE),
        f.get(_PLANS),
        f.get(_DEPLOYMENTS),
    )


def _raw(primitive: str, name: str, clause: Clause, body: Keyed, report: Report) -> RawRule:
    applies: list[tuple[str, tuple[str, ...]]] = []
    condition = body.get("applies to")
    if isinstance(condition, Keyed):
        for key, value in condition.entries:
            if key.text not in ("plan", "deployment"):
                unknown_word(report, key, "a rule cannot depend on", ("plan", "deployment"), "unknown-condition")
            applies.append((key.text, values.WORD_LIST.read(value, report) or ()))
    elif condition is not None:
        report.error(
            "wrong-shape", condition.place, "expected conditions", "", "write `applies to: {deployment: saas}`"
        )
    exception = body.get("exception to")
    named = exception if exception is not None and values.NAME.read(exception, report) is not None else None
    rest = tuple((k, v) for k, v in body.entries if k.text not in ("applies to", "exception to"))
    return RawRule(primitive, name, clause, Keyed(rest, body.place), tuple(applies), cast("Text | None", named))


def _twice(rules: list[RawRule], source: str) -> list[Problem]:
    problems: list[Problem] = []
    first: dict[str, RawRule] = {}
    for rule in rules:
        if rule.name in first:
            Report(rule.clause, problems).error(
                "duplicate-rule",
                Place(source, rule.clause.line, 1, rule.clause.id),
                f"`{rule.name}` names two rules",
                f"the first is a {first[rule.name].primitive} on line {first[rule.name].clause.line}",
                "give one of them another name",
            )
        first.setdefault(rule.name, rule)
    return problems


def _binding(
    agreement: Agreement, facts: Mapping[str, str], instead: tuple[Keyed, ...], problems: list[Problem]
) -> tuple[list[RawRule], dict[str, tuple[Clause, str]]]:
    """The rules that apply, with overlays and exceptions laid over them; and those that do not, with the reason."""
    applying, gone = _applying(_overlaid(agreement.rules, instead, problems), facts)
    return _excepted(applying, gone, problems), gone


def _overlaid(rules: tuple[RawRule, ...], instead: tuple[Keyed, ...], problems: list[Problem]) -> list[RawRule]:
    """The rules with an order's exceptions laid over them, key by key."""
    by_name = {r.name: r for r in rules}
    for overlay in instead:
        report = Report(Clause("order"), problems)
        named = overlay.get("rule")
        if not isinstance(named, Text) or named.text not in by_name:
            at = named if isinstance(named, Text) else Text("", overlay.place)
            unknown_word(report, at, "the agreement has no rule", tuple(by_name), "unknown-name")
            continue
        rule = by_name[named.text]
        body = Keyed(tuple((k, v) for k, v in overlay.entries if k.text != "rule"), overlay.place)
        by_name[rule.name] = replace(rule, node=_laid_over(rule.node, body))
    return list(by_name.values())


def _laid_over(under: Keyed, over: Keyed) -> Keyed:
    kept = tuple((k, v) for k, v in under.entries if over.get(k.text) is None)
    return Keyed((*kept, *over.entries), under.place)


def _applying(rules: list[RawRule], facts: Mapping[str, str]) -> tuple[list[RawRule], dict[str, tuple[Clause, str]]]:
    applying: list[RawRule] = []
    gone: dict[str, tuple[Clause, str]] = {}
    for rule in rules:
        missed = [(k, v) for k, v in rule.applies if facts.get(k, "") not in v]
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
    """Rules that lean on a rule that does not apply do not apply either."""
    kept, again = list(rules), True
    while again:
        again = False
        for rule in list(kept):
            leans = [t.text for t, _ in link.references(rule.primitive, rule.node) if t.text in gone]
            if leans:
                kept.remove(rule)
                gone[rule.name] = (rule.clause, f"it rests on `{leans[0]}`, which does not apply")
                again = True
    return kept


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
        tuple(dated(by_kind["limit"]).values()),
        dated(by_kind["count"]),
        by_kind["scale"],
        by_kind["basis"],
        by_kind["remedy"],
        by_kind["clock"],
        by_kind["class"],
        gone,
        choices,
        agreement.digest,
    )
