"""Use case: judge one order under its agreement, from files, for one period or many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from makegood.app.binding import Key, bound, in_period, offered, other_readings, rules, together
from makegood.app.deployed import CHECK, deployed_in
from makegood.app.reading import file_bytes as file_bytes
from makegood.app.reading import read_from
from makegood.app.refusals import (
    NOT_BEGUN,
    OUTSIDE_TERM,
    misfits,
    no_period,
    not_begun,
    not_bound,
    outside_term,
    strangers,
    twice,
    two_sources,
    unknown_changes,
    unknown_readings,
    unknown_version,
    vain_notices,
)
from makegood.app.versions import read_versions
from makegood.calendar.period import period_named, periods, span_of
from makegood.calendar.zone import Zone
from makegood.contract.nodes import Keyed
from makegood.contract.written import Agreement
from makegood.engine.change.versions import in_force
from makegood.engine.judge.case import World
from makegood.engine.lifetime import lifetime
from makegood.engine.statement import state
from makegood.exchange.orders import read_order
from makegood.model.change import InForce
from makegood.model.facts import Facts
from makegood.model.order import Order, Term
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant, Span
from makegood.model.statement import Answer
from makegood.model.terms import Terms, Variant
from makegood.model.when import Period, PeriodRule
from makegood.store.folder import read_folder
from makegood.store.opened import opened
from makegood.store.place import is_store
from makegood.store.sql.database import reading
from makegood.store.sql.deploying import ever


@dataclass(frozen=True)
class Docket:
    """An order with the versions of its agreement and the facts, read and found in order: ready to be judged.

    `agreements` are the versions by effective date, `terms` those of each version on each plan that the order has had.
    `warnings` are problems that do not stop it.
    """

    agreements: tuple[Agreement, ...]
    order: Order
    instead: tuple[Keyed, ...]
    facts: Facts
    terms: Mapping[Key, Terms]
    warnings: tuple[Problem, ...]
    readings: dict[tuple[Key, tuple[InForce, ...]], tuple[Variant, ...]] = field(default_factory=dict)
    """The terms under other readings by version and plan, worked out when they are first asked for."""

    @property
    def agreement(self) -> Agreement:
        """The latest version."""
        return self.agreements[-1]


def open_docket(
    agreement: Path, order: Path, facts: Path, other_services: bool = False, size: int | None = None
) -> Docket:
    """Read the three inputs; `agreement` is a file, or a folder of versions.

    Raises Refused with every problem of all of them together.
    """
    return open_dockets(agreement, [order], facts, other_services, size)[0]


def open_dockets(
    agreement: Path, orders: Sequence[Path], facts: Path, other_services: bool = False, size: int | None = None
) -> list[Docket]:
    """Read an agreement (a file, or a folder of versions), the facts, and every order that is under both.

    Of a store the first `size` entries of its log count, or all. Raises Refused with all problems together. A service
    is a stranger to the facts where none of the orders covers it.
    """
    problems: list[Problem] = []
    read = ((path, read_from(path, read_order, problems)) for path in dict.fromkeys(orders))
    ordered = [(path, one) for path, one in read if one is not None]
    versions = read_versions(agreement, ordered[0][1].order.agreement if ordered else "", problems)
    known, found = read_folder(facts, size)
    problems += in_folder(facts, found)
    if ordered and not other_services:
        everyone = replace(ordered[0][1].order, services=tuple(s for _, o in ordered for s in o.order.services))
        problems += strangers(everyone, known, str(facts), *_applied(facts))
    problems += twice([(str(path), one.order) for path, one in ordered])
    dockets: list[Docket] = []
    unread = not versions or _failed(problems)
    for path, one in ordered:
        problems += [p for p in two_sources(one.order, known, str(facts)) if p not in problems]
        problems += [p for p in vain_notices(one.order, known, str(facts)) if p not in problems]
        wrong = misfits(versions[-1], one.order, str(path)) if versions else []
        wrong += unknown_version(versions, one.order, str(path)) if versions and not wrong else []
        problems += wrong
        if unread or wrong:
            continue
        if agreement.is_dir():
            problems += [p for p in unknown_changes(versions, one.order, known, str(facts)) if p not in problems]
        terms, found = bound(versions, one.order, one.instead)
        problems += _placed(found, str(path))
        problems += [] if not terms else unknown_readings(terms, one.order.readings or {}, str(path))
        dockets.append(Docket(versions, one.order, one.instead, known, terms, ()))
    if _failed(problems) or not dockets or not all(docket.terms for docket in dockets):
        raise Refused(problems)
    return [replace(docket, warnings=tuple(problems)) for docket in dockets]


def _applied(facts: Path) -> tuple[set[str], set[str]]:
    """The services and the checks of a store that were ever applied, whoever's they are: nobody misspelt these. Of a
    folder nothing is known."""
    if not is_store(facts):
        return set(), set()
    with opened(facts) as store, reading(store.engine) as connection:
        checks = set(ever(connection, CHECK))
        try:
            orders = deployed_in(connection).orders
        except Refused:  # whoever asks what is deployed is told why
            orders = ()
    return {s.name for one in orders for s in one.order.services}, checks


def with_order(docket: Docket, order: Order) -> Docket:
    """The docket of another order under the same agreement and facts. Raises Refused where it cannot be bound."""
    terms, problems = bound(docket.agreements, order, docket.instead)
    if not terms:
        raise Refused(problems)
    return replace(docket, order=order, terms=terms, readings={})


def versions_known(docket: Docket, facts: Facts) -> tuple[InForce, ...]:
    """When each version binds the order, by what is known."""
    versions = offered(docket.agreements, docket.terms)
    return in_force(docket.order, versions, facts, docket.order.agreement)


def terms_in(world: World, docket: Docket) -> tuple[tuple[InForce, ...], Mapping[Key, Terms]]:
    """The versions as a world knows them, and the terms of each with that knowledge; the same ones each time."""

    def made() -> tuple[Docket, tuple[InForce, ...], Mapping[Key, Terms]]:
        decided = versions_known(docket, world.facts)
        return docket, decided, together(docket.terms, decided)

    _, decided, terms = world.once((terms_in, id(docket.terms)), made)
    return decided, terms


def binding(world: World, docket: Docket, label: str) -> tuple[Key, Terms]:
    """The version and plan that bind the order in a period, as a world knows them, and their terms.

    Raises Refused for a label that is no period of them, and for a version that does not know the order.
    """
    _, terms = terms_in(world, docket)
    found = in_period(terms, docket.order, label)
    if found is None:
        raise Refused([no_period(docket.terms, label)])
    key, first = found
    if key not in terms:
        raise Refused([not_bound(docket.order, key, label, first)])
    return key, terms[key]


def judge(docket: Docket, label: str, as_of: Instant, explain: bool = True) -> Answer:
    """The statements of a period, as known at an instant. Raises Refused for a period that cannot be judged."""
    return judge_in(world_at(docket, as_of), docket, label, explain)


def world_at(docket: Docket, as_of: Instant) -> World:
    """The facts as they were known at an instant; several periods may share it."""
    return World(docket.order, docket.facts.known_at(as_of), as_of)


def judge_in(world: World, docket: Docket, label: str, explain: bool = True) -> Answer:
    """The statements of a period in a world that is shared with other periods."""
    key, terms = binding(world, docket, label)
    answer = state(world, terms, label, other_terms(world, docket, key) if explain else (), explain)
    for statement in answer.statements:
        if statement.span.start >= world.as_of:
            raise Refused([not_begun(label)])
    if not answer.statements and world.lifetime.ended_by and _after(world, terms, label):
        raise Refused([outside_term(world.lifetime, label, label)])
    return answer


def _after(world: World, terms: Terms, label: str) -> bool:
    """Whether a period begins when the order has ended, by what the world knows."""
    found = [rule for rule in terms.periods.values() if _named(rule, label)]
    return bool(found) and all(period_named(rule, label).first > world.lifetime.last for rule in found)


def judge_range(
    world: World, docket: Docket, labels: Sequence[str], explain: bool = True
) -> tuple[list[Answer], Problem | None]:
    """The answers of the periods that have begun, and what is to be said of the first one that has not, or that begins
    when the order has ended.

    Raises Refused for a period that cannot be judged, and where none has begun.
    """
    answers: list[Answer] = []
    for label in labels:
        try:
            answers.append(judge_in(world, docket, label, explain))
        except Refused as refused:
            if not answers or [p.code for p in refused.problems] not in ([NOT_BEGUN], [OUTSIDE_TERM]):
                raise
            return answers, refused.problems[0]
    return answers, None


def labels(docket: Docket, first: str, last: str) -> list[str]:
    """The periods from one to another that the order's term meets, by the first commitment that has such periods.

    Raises Refused for a label that is no period, for two in the wrong order, and where the term meets none.
    """
    among = list(rules(docket.terms))
    if not among:
        return [first]
    rule = next((r for r in among if _named(r, first) and _named(r, last)), None)
    if rule is None:
        wrong = next((label for label in (first, last) if not any(_named(r, label) for r in among)), f"{first}..{last}")
        raise Refused([no_period(docket.terms, wrong)])
    start, end = period_named(rule, first), period_named(rule, last)
    if end.last < start.first:
        hint = "write the earlier one first"
        raise Refused([error("period-order", Place("--period"), f"{last} is before {first}", "", hint)])
    terms = lifetime(docket.order)
    asked = [start] if start == end else periods(rule, _between(start, end, terms.whole))
    found = [p.label for p in asked if terms.first <= p.last and p.first <= terms.last]
    if not found:
        raise Refused([outside_term(terms, first, last)])
    return found


def _named(rule: PeriodRule, label: str) -> bool:
    try:
        span_of(period_named(rule, label))
    except ValueError:  # no such period, or one in a year that no clock is known for
        return False
    return True


def _between(start: Period, end: Period, bound: Term) -> Span:
    """The asked time, no further than a day beyond what the order covers."""
    zone = Zone.named(start.zone)
    first, last = bound.first, bound.last
    return Span(
        span_of(start).start if first <= start.first else min(zone.day(first).start, span_of(end).end),
        span_of(end).end if end.last <= last else max(zone.day(last).end, span_of(start).start),
    )


def in_folder(folder: Path, problems: Iterable[Problem]) -> list[Problem]:
    """Problems of a folder's files, whose places are relative to it, with places as its user would write them."""
    return [
        p if p.where.source == str(folder) else replace(p, where=replace(p.where, source=str(folder / p.where.source)))
        for p in problems
    ]


def other_terms(world: World, docket: Docket, key: Key) -> tuple[Variant, ...]:
    """The terms of a version and plan under every alternative of every reading, worked out once."""
    decided, terms = terms_in(world, docket)
    if (key, decided) not in docket.readings:
        found = other_readings(docket.agreements, docket.order, docket.instead, terms, decided, key)
        docket.readings[key, decided] = found
    return docket.readings[key, decided]


def _failed(problems: list[Problem]) -> bool:
    return any(p.severity is Severity.ERROR for p in problems)


def _placed(problems: list[Problem], order: str) -> list[Problem]:
    return [error(p.code, Place(order), p.what, p.why, p.hint) if p.where.source == "order" else p for p in problems]
