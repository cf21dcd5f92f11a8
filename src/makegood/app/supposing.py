"""Use case: what if. Hypothetical facts, plans, clauses, fees and down time over the real ones; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from makegood.app.asked_periods import end_of
from makegood.app.binding import bound
from makegood.app.judging import Docket, binding, file_bytes, labels
from makegood.app.overlays import laid_over, read_overlays
from makegood.app.refusals import nearest, strangers, unknown_readings
from makegood.contract.nodes import Keyed, Text
from makegood.contract.wrong import Wrong
from makegood.engine.comparing import Compared, compared
from makegood.engine.judge.case import Supposed, World
from makegood.engine.statement import state
from makegood.engine.supposing import ended_well, facts_with, facts_without, ids_of, with_supposed
from makegood.exchange.documents import gather
from makegood.exchange.facts import read_fact_files
from makegood.exchange.moments import read_span
from makegood.exchange.order_values import PRICE, Price
from makegood.model.facts import AnyFact, Facts
from makegood.model.order import Fee, Order
from makegood.model.problem import Place, Problem, Refused, Severity, error, warning
from makegood.model.spans import Instant, Span
from makegood.model.statement import Answer, NotApplicable, Statement
from makegood.store.folder import FACTS

_CLOCK_ONLY = re.compile(r"([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)((?: [A-Za-z].*|Z|[+-][0-9]{2}:[0-9]{2})?)")


@dataclass(frozen=True)
class Hypothesis:
    """What is supposed, as it is written on the command line; empty supposes nothing.

    `down` and `up` are spans, `service` the one that they and a fee are about.
    """

    suppose: Sequence[Path] = ()
    without: Sequence[str] = ()
    plan: str | None = None
    instead: Sequence[str] = ()
    reading: Sequence[str] = ()
    down: Sequence[str] = ()
    up: Sequence[str] = ()
    service: str | None = None
    fee: str | None = None

    @property
    def empty(self) -> bool:
        return not any(
            (self.suppose, self.without, self.plan, self.instead, self.reading, self.down, self.up, self.fee)
        )


@dataclass(frozen=True)
class WhatIf:
    """Every statement before and after, order by order. `completed` are the periods that are not over yet: all that is
    still to come of them was taken as up, before and after alike. `not_applicable` is what would not bind the orders;
    `warnings` are problems of the hypothesis that do not stop it."""

    pairs: tuple[Compared, ...]
    completed: tuple[str, ...]
    not_applicable: tuple[NotApplicable, ...]
    warnings: tuple[Problem, ...]


def what_if(dockets: Sequence[Docket], folder: Path, period: str, at: Instant, hypothesis: Hypothesis) -> WhatIf:
    """Judge every order twice. Raises Refused with everything that is wrong in the hypothesis."""
    problems: list[Problem] = []
    supposed, found = _supposed_facts(folder, hypothesis.suppose)
    problems += found
    spans = _spans(hypothesis.down, "--down", problems), _spans(hypothesis.up, "--up", problems)
    problems += _unknown_ids(dockets[0].facts, hypothesis.without)
    problems += _unknown_service([d.order for d in dockets], hypothesis)
    overlays, found = read_overlays(hypothesis.instead, dockets[0].agreement)
    problems += found
    price = _price(hypothesis.fee, problems)
    readings = _readings(hypothesis.reading, problems)
    if supposed:
        everyone = replace(dockets[0].order, services=tuple(s for d in dockets for s in d.order.services))
        added = facts_with(Facts(), supposed, at)
        problems += strangers(everyone, added, "--suppose")
    changed = [_changed(d, hypothesis, overlays, readings, price, problems) for d in dockets]
    if any(p.severity is Severity.ERROR for p in problems):
        raise Refused(list(dict.fromkeys(problems)))
    pairs: list[Compared] = []
    completed: list[str] = []
    silent: list[NotApplicable] = []
    for before, after in zip(dockets, changed, strict=True):
        first, dots, last = period.partition("..")
        asked = labels(before, first, last if dots else first)
        end = end_of(before.terms, asked)
        known = before.facts.known_at(at)
        now = ended_well(World(before.order, known, at), end)
        facts = facts_with(facts_without(before.facts, set(hypothesis.without)), supposed, at).known_at(at)
        evidence = now.evidence_under(after.order, facts) if _alike(before, after) else {}
        then = World(after.order, facts, now.as_of, now.supposed, evidence)
        then = with_supposed(then, _supposed_spans(after.order, spans, hypothesis.service))
        completed += [label for label in asked if at < end_of(before.terms, [label]) and label not in completed]
        for label in asked:
            old, new = _judged(now, before, label), _judged(then, after, label)
            pairs += compared(old.statements, new.statements)
            silent += new.not_applicable
    return WhatIf(tuple(pairs), tuple(completed), tuple(dict.fromkeys(silent)), tuple(dict.fromkeys(problems)))


def _alike(before: Docket, after: Docket) -> bool:
    """Whether both orders cover the same services on the same dates of their terms."""
    covered = [[(s.name, s.checks, s.starts, s.ends) for s in d.order.services] for d in (before, after)]
    return covered[0] == covered[1]


def _judged(world: World, docket: Docket, label: str) -> Answer:
    _, terms = binding(world, docket, label)
    return state(world, terms, label, (), explain=False)


def _supposed_facts(folder: Path, files: Sequence[Path]) -> tuple[list[AnyFact], list[Problem]]:
    """The facts of hypothetical files, which may refer to the real ones; and what is wrong in them."""
    if not files:
        return [], []
    real = [(str(f), file_bytes(f)) for f in sorted(folder.glob(f"*{FACTS}"))]
    supposed, unreadable = [], list[Problem]()
    for file in dict.fromkeys(files):
        try:
            supposed.append((str(file), file_bytes(file)))
        except Refused as refused:
            unreadable += refused.problems
    if unreadable:
        return [], unreadable
    known, _ = read_fact_files(real)
    every, problems = read_fact_files([*real, *supposed])
    names = {name for name, _ in supposed}
    ids = {f.id for f in known}
    return [f for f in every if f.id not in ids], [p for p in problems if p.where.source in names]


def _spans(texts: Sequence[str], option: str, problems: list[Problem]) -> list[Span]:
    found = []
    for text in texts:
        read = read_span(_with_date(text))
        if isinstance(read, Wrong):
            problems.append(error("wrong-span", Place(option), read.what, read.why, read.hint))
        else:
            found.append(read[0])
            if read[1]:
                what = f"`{text}` meets a clock change"
                problems.append(
                    warning("clock-change", Place(option), what, read[1], "write the instants with offsets")
                )
    return found


def _with_date(text: str) -> str:
    """`2026-02-08 02:10 to 02:57 America/New_York`, with the first date written again before the second time."""
    first, to, last = text.partition(" to ")
    clock = _CLOCK_ONLY.fullmatch(last)
    if not to or clock is None:
        return text
    between = " " if clock[2].startswith(" ") or not clock[2] else "T"
    return f"{first} to {first[:10]}{between}{last}"


def _supposed_spans(order: Order, spans: tuple[list[Span], list[Span]], service: str | None) -> list[Supposed]:
    """Up first and down after it, so that down decides where both are said."""
    names = [s.name for s in order.services if service is None or s.name == service]
    down, up = spans
    return [
        *(Supposed(name, span, down=False) for span in up for name in names),
        *(Supposed(name, span, down=True) for span in down for name in names),
    ]


def _unknown_ids(facts: Facts, ids: Sequence[str]) -> list[Problem]:
    known = ids_of(facts)
    return [
        error(
            "unknown-id", Place("--without"), f"no fact has the id `{i}`", "", nearest(i, known, "there are no facts")
        )
        for i in ids
        if i not in known
    ]


def _unknown_service(orders: Sequence[Order], hypothesis: Hypothesis) -> list[Problem]:
    service, known = hypothesis.service, list(dict.fromkeys(s.name for o in orders for s in o.services))
    if service is not None and service not in known:
        what = f"no order covers a service `{service}`"
        return [error("unknown-service", Place("--service"), what, "", nearest(service, known, ""))]
    if service is not None and not (hypothesis.down or hypothesis.up or hypothesis.fee):
        hint = "say what of the service: --down, --up or --fee"
        return [error("nothing-supposed", Place("--service"), "a service alone supposes nothing", "", hint)]
    several = [o for o in orders if len(o.services) > 1]
    if service is None and (hypothesis.down or hypothesis.up) and several:
        what = f"the order `{several[0].id}` covers {len(several[0].services)} services, and none is named"
        return [
            error("which-service", Place("--service"), what, "", nearest("", [s.name for s in several[0].services], ""))
        ]
    return []


def _price(text: str | None, problems: list[Problem]) -> Price | None:
    if text is None:
        return None
    report = gather()
    price = PRICE.read(Text(text, Place("--fee")), report)
    problems += report.problems
    return price


def _readings(texts: Sequence[str], problems: list[Problem]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (sign and name and value):
            hint = "write for example `downtime.begins=confirmation`"
            problems.append(error("wrong-choice", Place("--reading"), f"`{text}` chooses nothing", "", hint))
        else:
            found[name] = value
    return found


def _changed(
    docket: Docket,
    hypothesis: Hypothesis,
    overlays: Sequence[Keyed],
    readings: dict[str, str],
    price: Price | None,
    problems: list[Problem],
) -> Docket:
    """The docket as it would be; where it cannot be, the problems are added and it is returned as it is."""
    order = docket.order
    if hypothesis.plan is not None:
        known = docket.agreement.header.plans
        if hypothesis.plan not in known:
            what = f"the agreement `{docket.agreement.header.name}` has no plan `{hypothesis.plan}`"
            hint = nearest(hypothesis.plan, known, "it knows no plans")
            problems.append(error("unknown-plan", Place("--plan"), what, "", hint))
            return docket
        order = replace(order, plans=((order.term.first, hypothesis.plan),))
    if price is not None:
        order = _with_fee(order, price, hypothesis.service)
    order = replace(order, readings={**(order.readings or {}), **readings})
    if price is not None and len({f.amount.currency for s in order.services for f in s.fees}) > 1:
        what = f"the fees of `{order.id}` would be in two currencies"
        problems.append(error("two-currencies", Place("--fee"), what, "its credits add up in one currency"))
    instead = laid_over(docket.instead, overlays)
    terms, found = bound(docket.agreements, order, instead)
    problems += [
        error(p.code, Place("--instead"), p.what, p.why, p.hint) if p.where.source == "order" else p for p in found
    ]
    if not terms:
        return docket
    problems += unknown_readings(terms, readings, "--reading")
    return replace(docket, order=order, instead=instead, terms=terms, readings={})


def _with_fee(order: Order, price: Price, service: str | None) -> Order:
    services = tuple(
        replace(s, fees=(Fee(price.amount, price.per, s.starts or order.term.first),))
        if service in (None, s.name)
        else s
        for s in order.services
    )
    return replace(order, services=services)


def statements_after(found: WhatIf) -> list[Statement]:
    """The hypothetical statements, for an exit code."""
    return [pair.after for pair in found.pairs if pair.after is not None]
