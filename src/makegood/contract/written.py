"""An agreement as written: its header, and its rules before any choice is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, product
from typing import Any, cast

from makegood.contract import values
from makegood.contract.changes import CHANGES
from makegood.contract.document import Document
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
from makegood.contract.shape import Fields, Key, Report, mapping_of, optional, unknown_word
from makegood.model.change import ChangeRules
from makegood.model.problem import Place, Problem, error
from makegood.model.terms import Clause

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


NUMBER = "a number"
"""The words of a fact that is a number."""


def _order_facts(node: Keyed, report: Report) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in node.entries:
        words = values.WORD_LIST.read(value, report)
        if words is not None:
            found[key.text] = words
    return found


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
    "the documents that prevail over each other, the highest first; this one stands below all where it is not named",
    (),
    like="[order form, service level agreement]",
)
_DOCUMENT = Key(
    "document", values.WORDS, "what this document is called in the order of precedence", "service level agreement",
    like="service level agreement",
)  # fmt: skip
_PLANS = Key("plans", values.WORD_LIST, "the plans that an order may name", (), like="[standard, premium]")
_DEPLOYMENTS = Key(
    "deployments", values.WORD_LIST, "the deployments that an order may name", (), like="[saas, on-premises]"
)
_FACTS: Key[Mapping[str, tuple[str, ...]]] = Key(
    "facts of orders",
    mapping_of(
        "facts with their words",
        "{region: [EMEA, APAC], seats: a number}",
        _order_facts,
        values=values.WORD_LIST.schema,
    ),
    "what else an order or a service of it may say, with the words that it may have, or `a number`, which amounts read",
    {},
)
_EVENTS = Key(
    "events", values.WORD_LIST, "events of its own from which clocks start", (), like="[call received, fault isolated]"
)
_CHANGES = Key("changes", optional(CHANGES), "how a later version comes into force for an order", None)
HEADER_TABLE: tuple[Key[Any], ...] = (
    *(_TITLE, _VERSION, _EFFECTIVE, _PROVIDER),
    *(_PREVAILING, _PRECEDENCE, _DOCUMENT, _PLANS, _DEPLOYMENTS, _FACTS, _EVENTS, _CHANGES),
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
    changes: ChangeRules
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What else an order may say, with the words that it may have; (NUMBER,) is any number."""
    events: tuple[str, ...] = ()
    document: str = "service level agreement"
    """What this document is called in the order of precedence."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The facts of an order that are numbers."""
        return tuple(name for name, words in self.facts.items() if words == (NUMBER,))

    @property
    def chosen_by(self) -> Mapping[str, tuple[str, ...]]:
        """What a value or a rule may depend on, with the words that each may be."""
        words = {name: words for name, words in self.facts.items() if words != (NUMBER,)}
        return {"plan": self.plans, "deployment": self.deployments, **words}


@dataclass(frozen=True, slots=True)
class RawRule:
    """A rule as written, before any choice: its primitive, name, clause, and the conditions under which it applies."""

    primitive: str
    name: str
    clause: Clause
    node: Keyed
    applies: tuple[tuple[Text, tuple[str, ...]], ...] = ()
    exception_to: Text | None = None


@dataclass(frozen=True)
class Agreement:
    """A document that was read: its header and its rules as written. `digest` is the SHA-256 of its bytes."""

    document: Document
    header: Header
    rules: tuple[RawRule, ...]
    digest: str

    def situations(self) -> Iterator[dict[str, str]]:
        """The combinations of plan, deployment and other words that an order may have, at most MOST_SITUATIONS."""
        known = self.header.chosen_by
        combined = product(*(words or ("",) for words in known.values()))
        for words in islice(combined, MOST_SITUATIONS):
            yield dict(zip(known, words, strict=True))


MOST_SITUATIONS = 256
"""An agreement may tell apart more kinds of order than can be tried one by one; lint looks at so many of them."""


def rules_of(document: Document) -> tuple[Header | None, tuple[RawRule, ...], list[Problem]]:
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
    known = tuple(header.chosen_by) if header is not None else ("plan", "deployment")
    for rule in rules:
        for key, _ in rule.applies:
            if key.text not in known:
                unknown_word(Report(rule.clause, problems), key, "a rule cannot depend on", known, "unknown-condition")
    problems += _twice(rules, document.source)
    return header, tuple(rules), problems


def no_header(source: str) -> Problem:
    what = "the document does not say which agreement it is"
    why = "orders and statements name an agreement, its version and the day from which it is in force"
    hint = "write a block `agreement: NAME` with title, version, effective and provider under the first heading"
    return error("no-header", Place(source, 1, 1), what, why, hint)


def _header(name: str, node: Keyed, report: Report) -> Header:
    f = Fields(node, HEADER_TABLE, report, "an agreement")
    precedence = f.get(_PRECEDENCE)
    if twice := next((word for word in precedence if precedence.count(word) > 1), ""):
        place = (node.get(_PRECEDENCE.name) or node).place
        report.error(
            "duplicate-name", place, f"the `{twice}` has two places in the order of precedence", "", "keep one"
        )
    return Header(
        name,
        f.get(_TITLE),
        f.get(_VERSION),
        f.get(_EFFECTIVE),
        f.get(_PROVIDER),
        f.get(_PREVAILING),
        precedence,
        f.get(_PLANS),
        f.get(_DEPLOYMENTS),
        f.get(_CHANGES) or ChangeRules(report.clause),
        f.get(_FACTS),
        f.get(_EVENTS),
        f.get(_DOCUMENT),
    )


def _raw(primitive: str, name: str, clause: Clause, body: Keyed, report: Report) -> RawRule:
    applies: list[tuple[Text, tuple[str, ...]]] = []
    condition = body.get("applies to")
    if isinstance(condition, Keyed):
        for key, value in condition.entries:
            applies.append((key, values.WORD_LIST.read(value, report) or ()))
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
