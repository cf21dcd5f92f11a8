"""Use case: judge one order under its agreement, from files, for one period or many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from makegood.calendar.period import NoSuchPeriod, expected_label, period_named, periods, span_of
from makegood.calendar.zone import Zone
from makegood.contract.agreement import Agreement, read_agreement, terms_for, variants
from makegood.contract.nodes import Keyed
from makegood.engine.chain import judged_commitments
from makegood.engine.judge.case import World
from makegood.engine.statement import state
from makegood.exchange.orders import read_order
from makegood.model.facts import Facts
from makegood.model.order import OPEN_END, Order, Term
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

    `warnings` are problems that do not stop it.
    """

    agreement: Agreement
    order: Order
    instead: tuple[Keyed, ...]
    facts: Facts
    terms: Terms
    warnings: tuple[Problem, ...]


def open_docket(agreement: Path, order: Path, facts: Path, other_services: bool = False) -> Docket:
    """Read the three inputs. Raises Refused with every problem of all of them together."""
    problems: list[Problem] = []
    read = _read(agreement, read_agreement, problems)
    ordered = _read(order, read_order, problems)
    known, found = read_folder(facts)
    problems += in_folder(facts, found)
    if ordered is not None and not other_services:
        problems += _strangers(ordered.order, known, str(facts))
    if read is not None and ordered is not None:
        problems += _misfits(read, ordered.order, str(order))
    terms = None
    if read is not None and ordered is not None and not _failed(problems):
        chosen = ordered.order.readings or {}
        terms, found = terms_for(read, _situation(ordered.order), chosen, ordered.instead)
        problems += _placed(found, str(order))
        if terms is not None:
            problems += _unknown_readings(terms, chosen, str(order))
    if read is None or ordered is None or terms is None or _failed(problems):
        raise Refused(problems)
    return Docket(read, ordered.order, ordered.instead, known, terms, tuple(problems))


def judge(docket: Docket, label: str, as_of: Instant, explain: bool = True) -> Answer:
    """The statements of a period, as known at an instant. Raises Refused for a period that cannot be judged."""
    return judge_in(world_at(docket, as_of), docket, label, explain)


def world_at(docket: Docket, as_of: Instant) -> World:
    """The facts as they were known at an instant; several periods may share it."""
    return World(docket.order, docket.facts.known_at(as_of), as_of)


def judge_in(world: World, docket: Docket, label: str, explain: bool = True) -> Answer:
    """The statements of a period in a world that is shared with other periods."""
    terms = _terms_in(docket, world, label)
    others = _variants(docket, world, label, terms) if explain else ()
    answer = state(world, terms, label, others, explain)
    for statement in answer.statements:
        if statement.span.start >= world.as_of:
            raise Refused([_future(label)])
    return answer


def labels(docket: Docket, first: str, last: str) -> list[str]:
    """The periods from one to another that the order's term meets, by the first commitment that has such periods.

    Raises Refused for a label that is no period, for two in the wrong order, and where the term meets none.
    """
    rules = [docket.terms.periods[c.period] for c in judged_commitments(docket.terms)]
    if not rules:
        return [first]
    rule = next((r for r in rules if _named(r, first) and _named(r, last)), None)
    if rule is None:
        wrong = next((label for label in (first, last) if not any(_named(r, label) for r in rules)), f"{first}..{last}")
        raise Refused([_no_period(docket.terms, wrong)])
    start, end = period_named(rule, first), period_named(rule, last)
    if end.last < start.first:
        hint = "write the earlier one first"
        raise Refused([error("period-order", Place("--period"), f"{last} is before {first}", "", hint)])
    bound = [term for term in (docket.order.term, docket.order.renewal) if term is not None]
    among = [start] if start == end else periods(rule, _between(start, end, bound))
    found = [p.label for p in among if any(t.first <= p.last and p.first <= t.last for t in bound)]
    if not found:
        raise Refused([_outside(docket.order, first, last)])
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


def _plan(order: Order) -> str:
    return order.plans[0][1] if order.plans else ""


def _situation(order: Order, plan: str | None = None) -> dict[str, str]:
    return {"plan": _plan(order) if plan is None else plan, "deployment": order.deployment}


def _first_day_plan(docket: Docket, label: str) -> str:
    """The plan in force at the period's first instant (DESIGN 3.11)."""
    for commitment in judged_commitments(docket.terms):
        try:
            return docket.order.plan_on(period_named(docket.terms.periods[commitment.period], label).first)
        except NoSuchPeriod:
            continue
    if judged_commitments(docket.terms):
        raise Refused([_no_period(docket.terms, label)])
    return _plan(docket.order)


def _terms_in(docket: Docket, world: World, label: str) -> Terms:
    plan = _first_day_plan(docket, label)
    key = (_terms_in, plan)
    if key not in world.memo:
        chosen = docket.order.readings or {}
        terms, problems = terms_for(docket.agreement, _situation(docket.order, plan), chosen, docket.instead)
        if terms is None:
            raise Refused(problems)
        world.memo[key] = terms
    found: Terms = world.memo[key]
    return found


def _variants(docket: Docket, world: World, label: str, terms: Terms) -> tuple[Variant, ...]:
    plan = _first_day_plan(docket, label)
    key = (_variants, plan)
    if key not in world.memo:
        chosen = docket.order.readings or {}
        situation = _situation(docket.order, plan)
        world.memo[key] = variants(docket.agreement, situation, terms, chosen, docket.instead)
    found: tuple[Variant, ...] = world.memo[key]
    return found


def _failed(problems: list[Problem]) -> bool:
    return any(p.severity is Severity.ERROR for p in problems)


def _placed(problems: list[Problem], order: str) -> list[Problem]:
    return [error(p.code, Place(order), p.what, p.why, p.hint) if p.where.source == "order" else p for p in problems]


def _misfits(agreement: Agreement, order: Order, source: str) -> list[Problem]:
    if order.agreement == agreement.header.name:
        return []
    return [
        error(
            "other-agreement",
            Place(source),
            f"the order is under the agreement `{order.agreement}`, and this is `{agreement.header.name}`",
            "an order is judged by the agreement that it names",
            f"write `agreement: {agreement.header.name}`, or name the other agreement",
        )
    ]


def _unknown_readings(terms: Terms, chosen: Mapping[str, str], source: str) -> list[Problem]:
    by_id = {c.id: c for c in terms.choices}
    found = []
    for name, value in chosen.items():
        if name not in by_id:
            what = f"the agreement has no reading `{name}`"
            found.append(error("unknown-reading", Place(source), what, "", _nearest(name, by_id, "take it away")))
        elif value not in by_id[name].alternatives:
            what = f"`{value}` is no alternative of `{name}`"
            hint = _nearest(value, by_id[name].alternatives, "")
            found.append(error("unknown-alternative", Place(source), what, "", hint))
    return found


def _nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """The repair of a name that is none of those known."""
    words = list(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"there are {', '.join(f'`{w}`' for w in words)}" if words else otherwise


def _strangers(order: Order, facts: Facts, source: str) -> list[Problem]:
    """Facts and states about services that the order does not cover."""
    known = {s.name for s in order.services}
    checks = {c for s in order.services for c in s.checks}
    named: dict[str, str] = {}
    for work in facts.maintenances:
        named |= {s: f"maintenance {work.id}" for s in work.services if not known & set(work.services)}
    named |= {c.service: f"cause {c.id}" for c in facts.causes}
    named |= dict.fromkeys(facts.states, "a status log")
    found = []
    for service, where in named.items():
        if service not in known:
            what = f"{where} names the service `{service}`, which the order does not cover"
            found.append(error("unknown-service", Place(source), what, "", _meant(service, known, "service")))
    for check in facts.results:
        if check not in checks:
            what = f"no service of the order has the check `{check}`, and the folder has its results"
            found.append(error("unknown-check", Place(source), what, "", _meant(check, checks, "check")))
    return found


def _meant(word: str, known: Collection[str], kind: str) -> str:
    near = _nearest(word, sorted(known), f"the order names no {kind}")
    return f"{near}; else add the {kind} to the order, or say --other-services if the facts are shared"


def _no_period(terms: Terms, label: str) -> Problem:
    forms = {expected_label(terms.periods[c.period]) for c in judged_commitments(terms)}
    what = f"`{label}` is no period of this agreement"
    if label == "":
        what = "a period is missing here"
    elif ".." in label:
        what = f"`{label}` are not two periods of one kind with `..` between"
    return error("no-such-period", Place("--period"), what, "", ", or ".join(sorted(forms)))


def _outside(order: Order, first: str, last: str) -> Problem:
    terms = [t for t in (order.term, order.renewal) if t is not None]
    said = " and ".join(f"from {t.first}" if t.last == OPEN_END else f"{t.first} to {t.last}" for t in terms)
    what = f"the order does not cover {first if first == last else f'{first} to {last}'}"
    hint = "name a period in the term"
    return error("outside-term", Place("--period"), what, f"the term of `{order.id}` is {said}", hint)


def _future(label: str) -> Problem:
    why = "nothing of it can be judged yet"
    return error(
        "future-period", Place("--period"), f"{label} has not begun", why, "name an earlier period, or a later --as-of"
    )
