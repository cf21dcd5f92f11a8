"""Use case: judge one order under its agreement, from files, for one period or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from makegood.app.binding import bound, other_readings, plan_in, rules
from makegood.app.refusals import (
    NOT_BEGUN,
    misfits,
    no_period,
    not_begun,
    outside_term,
    strangers,
    twice,
    two_sources,
    unknown_readings,
)
from makegood.calendar.period import period_named, periods, span_of
from makegood.calendar.zone import Zone
from makegood.contract.agreement import read_agreement
from makegood.contract.nodes import Keyed
from makegood.contract.written import Agreement
from makegood.engine.judge.case import World
from makegood.engine.statement import state
from makegood.exchange.orders import read_order
from makegood.model.facts import Facts
from makegood.model.order import Order, Term
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant, Span
from makegood.model.statement import Answer
from makegood.model.terms import Terms, Variant
from makegood.model.when import Period, PeriodRule
from makegood.store.folder import read_folder

T = TypeVar("T")

MOST_READ = 1 << 26
"""Bytes of one document that are read at most, be it without end; every reader refuses fewer."""


@dataclass(frozen=True)
class Docket:
    """An order with its agreement and facts, read and found in order: ready to be judged for any period.

    `terms` are those of each plan that the order has had, the first one first. `warnings` are problems that do not
    stop it.
    """

    agreement: Agreement
    order: Order
    instead: tuple[Keyed, ...]
    facts: Facts
    terms: Mapping[str, Terms]
    warnings: tuple[Problem, ...]
    readings: dict[str, tuple[Variant, ...]] = field(default_factory=dict)
    """The terms under other readings by plan, worked out when they are first asked for."""


def open_docket(agreement: Path, order: Path, facts: Path, other_services: bool = False) -> Docket:
    """Read the three inputs. Raises Refused with every problem of all of them together."""
    return open_dockets(agreement, [order], facts, other_services)[0]


def open_dockets(agreement: Path, orders: Sequence[Path], facts: Path, other_services: bool = False) -> list[Docket]:
    """Read an agreement, the facts, and every order that is under both. Raises Refused with all problems together.

    A service is a stranger to the facts where none of the orders covers it.
    """
    problems: list[Problem] = []
    read = _read(agreement, read_agreement, problems)
    ordered = [(path, one) for path in dict.fromkeys(orders) if (one := _read(path, read_order, problems)) is not None]
    known, found = read_folder(facts)
    problems += in_folder(facts, found)
    if ordered and not other_services:
        everyone = replace(ordered[0][1].order, services=tuple(s for _, o in ordered for s in o.order.services))
        problems += strangers(everyone, known, str(facts))
    problems += twice([(str(path), one.order) for path, one in ordered])
    dockets: list[Docket] = []
    unread = _failed(problems)
    for path, one in ordered:
        problems += [p for p in two_sources(one.order, known, str(facts)) if p not in problems]
        wrong = misfits(read, one.order, str(path)) if read is not None else []
        problems += wrong
        if read is None or unread or wrong:
            continue
        terms, found = bound(read, one.order, one.instead)
        problems += _placed(found, str(path))
        problems += [] if not terms else unknown_readings(terms, one.order.readings or {}, str(path))
        dockets.append(Docket(read, one.order, one.instead, known, terms, ()))
    if _failed(problems) or not dockets or not all(docket.terms for docket in dockets):
        raise Refused(problems)
    return [replace(docket, warnings=tuple(problems)) for docket in dockets]


def with_order(docket: Docket, order: Order) -> Docket:
    """The docket of another order under the same agreement and facts. Raises Refused where it cannot be bound."""
    terms, problems = bound(docket.agreement, order, docket.instead)
    if not terms:
        raise Refused(problems)
    return replace(docket, order=order, terms=terms, readings={})


def judge(docket: Docket, label: str, as_of: Instant, explain: bool = True) -> Answer:
    """The statements of a period, as known at an instant. Raises Refused for a period that cannot be judged."""
    return judge_in(world_at(docket, as_of), docket, label, explain)


def world_at(docket: Docket, as_of: Instant) -> World:
    """The facts as they were known at an instant; several periods may share it."""
    return World(docket.order, docket.facts.known_at(as_of), as_of)


def judge_in(world: World, docket: Docket, label: str, explain: bool = True) -> Answer:
    """The statements of a period in a world that is shared with other periods."""
    plan = plan_in(docket.terms, docket.order, label)
    if plan is None:
        raise Refused([no_period(docket.terms, label)])
    answer = state(world, docket.terms[plan], label, other_terms(docket, plan) if explain else (), explain)
    for statement in answer.statements:
        if statement.span.start >= world.as_of:
            raise Refused([not_begun(label)])
    return answer


def judge_range(
    world: World, docket: Docket, labels: Sequence[str], explain: bool = True
) -> tuple[list[Answer], Problem | None]:
    """The answers of the periods that have begun, and what is to be said of the first one that has not.

    Raises Refused for a period that cannot be judged, and where none has begun.
    """
    answers: list[Answer] = []
    for label in labels:
        try:
            answers.append(judge_in(world, docket, label, explain))
        except Refused as refused:
            if not answers or [p.code for p in refused.problems] != [NOT_BEGUN]:
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
    terms = [term for term in (docket.order.term, docket.order.renewal) if term is not None]
    asked = [start] if start == end else periods(rule, _between(start, end, terms))
    found = [p.label for p in asked if any(t.first <= p.last and p.first <= t.last for t in terms)]
    if not found:
        raise Refused([outside_term(docket.order, first, last)])
    return found


def _named(rule: PeriodRule, label: str) -> bool:
    try:
        span_of(period_named(rule, label))
    except ValueError:  # no such period, or one in a year that no clock is known for
        return False
    return True


def _between(start: Period, end: Period, bound: Sequence[Term]) -> Span:
    """The asked time, no further than a day beyond what the order covers."""
    zone = Zone.named(start.zone)
    first, last = min(t.first for t in bound), max(t.last for t in bound)
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


def file_bytes(path: Path) -> bytes:
    """A file's bytes, up to more than any reader takes. Raises Refused where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_READ)
    except OSError as failure:
        said = (failure.strerror or str(failure)).lower()
        hint = "name a file in it" if isinstance(failure, IsADirectoryError) else "check the path"
        if isinstance(failure, PermissionError):
            hint = "allow yourself to read it"
        raise Refused([error("unreadable", Place(str(path)), f"cannot be read: {said}", "", hint)]) from None
    except ValueError:
        what = "no file can have such a name"
        raise Refused([error("unreadable", Place(str(path)), what, "it holds a NUL character")]) from None


def _read(
    path: Path, reader: Callable[[bytes, str], tuple[T | None, list[Problem]]], problems: list[Problem]
) -> T | None:
    """What a reader makes of a file; every problem is added to those given."""
    try:
        found, wrong = reader(file_bytes(path), str(path))
    except Refused as refused:
        found, wrong = None, list(refused.problems)
    problems += wrong
    return found


def other_terms(docket: Docket, plan: str) -> tuple[Variant, ...]:
    """The terms of a plan under every alternative of every reading, worked out once."""
    if plan not in docket.readings:
        found = other_readings(docket.agreement, docket.order, docket.instead, docket.terms, plan)
        docket.readings[plan] = found
    return docket.readings[plan]


def _failed(problems: list[Problem]) -> bool:
    return any(p.severity is Severity.ERROR for p in problems)


def _placed(problems: list[Problem], order: str) -> list[Problem]:
    return [error(p.code, Place(order), p.what, p.why, p.hint) if p.where.source == "order" else p for p in problems]
