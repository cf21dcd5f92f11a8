"""Use case: judge one order under its agreement, from files, for one period or many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from makegood.calendar.period import NoSuchPeriod, expected_label, period_named, periods, span_of
from makegood.contract.agreement import Agreement, read_agreement, terms_for, variants
from makegood.contract.nodes import Keyed
from makegood.engine.chain import judged_commitments
from makegood.engine.judge.case import World
from makegood.engine.statement import state
from makegood.exchange.orders import read_order
from makegood.model.facts import Facts
from makegood.model.order import Order
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant, Span
from makegood.model.statement import Answer
from makegood.model.terms import Terms, Variant
from makegood.store.folder import read_folder


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
    read, problems = read_agreement(file_bytes(agreement), str(agreement))
    ordered, found = read_order(file_bytes(order), str(order))
    problems = [*problems, *found]
    known, found = read_folder(facts)
    problems += found
    if ordered is not None and not other_services:
        problems += _strangers(ordered.order, known, str(facts))
    if read is not None and ordered is not None:
        problems += _misfits(read, ordered.order, str(order))
    terms = None
    if read is not None and ordered is not None and not _failed(problems):
        chosen = ordered.order.readings or {}
        terms, found = terms_for(read, _situation(ordered.order), chosen, ordered.instead)
        problems += _placed(found, str(order))
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


def labels(docket: Docket, first: str, last: str) -> Iterator[str]:
    """Every period label from one to another, of the first commitment that has such periods."""
    for commitment in judged_commitments(docket.terms):
        rule = docket.terms.periods[commitment.period]
        try:
            start, end = span_of(period_named(rule, first)).start, span_of(period_named(rule, last)).end
        except NoSuchPeriod:
            continue
        if end <= start:
            where = Place("--period")
            raise Refused(
                [error("period-order", where, f"{last} is before {first}", "", "write the earlier one first")]
            )
        yield from (period.label for period in periods(rule, Span(start, end)))
        return
    raise Refused([_no_period(docket.terms, f"{first}..{last}")])


def file_bytes(path: Path) -> bytes:
    """A file's bytes. Raises Refused where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as failure:
        said = (failure.strerror or str(failure)).lower()
        raise Refused(
            [error("unreadable", Place(str(path)), f"cannot be read: {said}", "", "check the path")]
        ) from None


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


def _unknown_readings(terms: Terms | None, chosen: Mapping[str, str], source: str) -> list[Problem]:
    if terms is None:
        return []
    by_id = {c.id: c for c in terms.choices}
    found = []
    for name, value in chosen.items():
        if name not in by_id:
            known = ", ".join(f"`{i}`" for i in by_id)
            found.append(
                error(
                    "unknown-reading",
                    Place(source),
                    f"the agreement has no reading `{name}`",
                    "",
                    f"readings are: {known}",
                )
            )
        elif value not in by_id[name].alternatives:
            known = ", ".join(f"`{a}`" for a in by_id[name].alternatives)
            found.append(
                error(
                    "unknown-alternative",
                    Place(source),
                    f"`{value}` is no alternative of `{name}`",
                    "",
                    f"they are: {known}",
                )
            )
    return found


def _strangers(order: Order, facts: Facts, source: str) -> list[Problem]:
    """Facts and states about services that the order does not cover."""
    known = {s.name for s in order.services}
    checks = {c for s in order.services for c in s.checks}
    named: dict[str, str] = {}
    for work in facts.maintenances:
        named |= {s: f"maintenance {work.id}" for s in work.services if not known & set(work.services)}
    named |= {c.service: f"cause {c.id}" for c in facts.causes}
    named |= dict.fromkeys(facts.states, "reported states")
    found = [
        error(
            "unknown-service",
            Place(source),
            f"{where} names the service `{service}`, which the order does not cover",
            f"it covers {', '.join(sorted(known))}",
            "mend the name, add the service to the order, or say --other-services if the facts are shared",
        )
        for service, where in named.items()
        if service not in known
    ]
    for check in facts.results:
        if check not in checks:
            hint = "name the check under a service, or say --other-services if the facts are shared"
            where = Place(source)
            found.append(error("unknown-check", where, f"no service of the order has the check `{check}`", "", hint))
    return found


def _no_period(terms: Terms, label: str) -> Problem:
    forms = {expected_label(terms.periods[c.period]) for c in judged_commitments(terms)}
    hint = f"write {' or '.join(sorted(forms))}"
    return error("no-such-period", Place("--period"), f"`{label}` is no period of this agreement", "", hint)


def _future(label: str) -> Problem:
    why = "nothing of it can be judged yet"
    return error(
        "future-period", Place("--period"), f"{label} has not begun", why, "name an earlier period, or a later --as-of"
    )
