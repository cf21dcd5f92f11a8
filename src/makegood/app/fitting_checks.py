"""Whether checks are what orders and the rules of their agreements need: names, services, slots, time and locations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from makegood.app.binding import bound
from makegood.app.refusals import nearest
from makegood.contract.written import Agreement
from makegood.exchange.checks.write import length
from makegood.exchange.orders import ReadOrder
from makegood.model.checks import HUB, Check
from makegood.model.detection import quorum_of
from makegood.model.order import CoveredService
from makegood.model.problem import Place, Problem, warning
from makegood.model.terms import DetectRule, EvidenceKind

MOST_TOLD = 3
"""Checks that no order covers, and are told of one by one."""


@dataclass(frozen=True)
class Placed:
    """A check, and where it is written."""

    check: Check
    place: Place


def misfits_of_checks(
    orders: Sequence[tuple[ReadOrder, str]],
    agreements: Sequence[Agreement],
    checks: Sequence[Placed],
    only: Collection[str] | None = None,
) -> list[Problem]:
    """What does not fit between orders (each with its source) and checks, under the rules that bind the orders.

    An order whose agreement is not among those given, or cannot bind it, is held against the names alone. `only` are
    the ids of the orders that are looked at so, all where it is None; the others may name and cover as well.
    """
    found: dict[tuple[str, Place, str], Problem] = {}
    named = {name for order, _ in orders for service in order.order.services for name in service.checks}
    by_name = {one.check.name: one for one in checks}
    watching: dict[str, list[Placed]] = {}
    for one in checks:
        watching.setdefault(one.check.service, []).append(one)
    for read, source in orders:
        if only is not None and read.order.id not in only:
            continue
        rules = _rules(read, agreements)
        place = read.places.get("services", Place(source))
        for service in read.order.services:
            told = [*_names(service, by_name, place, bool(rules))]
            told += _unnamed(service, watching.get(service.name, ()), named) if rules else ()
            told += _rules_and(service, [by_name[c] for c in service.checks if c in by_name], rules, place)
            for problem in told:
                found.setdefault((problem.code, problem.where, problem.what), problem)
    covered = {service.name for order, _ in orders for service in order.order.services}
    loose = [one for one in checks if one.check.service not in covered and one.check.name not in named]
    for problem in _uncovered(loose, sorted(covered)) if orders else ():
        found.setdefault((problem.code, problem.where, problem.what), problem)
    return list(found.values())


def _uncovered(checks: Sequence[Placed], covered: Sequence[str]) -> Iterator[Problem]:
    """Checks of services that no order covers: each, or all of them at once where there are many."""
    for one in checks if len(checks) <= MOST_TOLD else ():
        what = f"the check `{one.check.name}` watches `{one.check.service}`, which no order covers"
        hint = nearest(one.check.service, covered, "")
        yield warning("check-of-no-service", one.place, what, "its results count for nothing", hint)
    if len(checks) > MOST_TOLD:
        services = list(dict.fromkeys(f"`{one.check.service}`" for one in checks))
        more = f" and {len(services) - MOST_TOLD:,} more" if len(services) > MOST_TOLD else ""
        what = f"no order covers what {len(checks):,} checks watch: {', '.join(services[:MOST_TOLD])}{more}"
        why = "their results count for nothing until one does"
        yield warning("check-of-no-service", checks[0].place, what, why, "write these services into an order")


def _rules(read: ReadOrder, agreements: Sequence[Agreement]) -> list[DetectRule]:
    """The rules that read results of checks, of every version and plan that may bind the order."""
    versions = [a for a in agreements if a.header.name == read.order.agreement]
    if not versions:
        return []
    terms, _ = bound(sorted(versions, key=lambda a: a.header.effective), read.order, read.instead)
    every = (rule for one in terms.values() for rule in one.detects.values())
    return list(dict.fromkeys(rule for rule in every if rule.evidence is EvidenceKind.OBSERVATIONS))


def _names(service: CoveredService, by_name: Mapping[str, Placed], place: Place, observed: bool) -> Iterator[Problem]:
    if not service.checks and observed:
        what = f"no check watches the service `{service.name}`"
        why = "the agreement decides by results of checks, so all of its time would be unknown"
        yield warning("service-unwatched", place, what, why, f"write `checks: […]` at `service: {service.name}`")
    for name in service.checks:
        one = by_name.get(name)
        if one is None:
            what = f"the service `{service.name}` names the check `{name}`, which is in no file of checks"
            why = "nothing probes it; evidence of it could only be imported"
            yield warning("check-not-found", place, what, why, nearest(name, sorted(by_name), ""))
        elif one.check.service != service.name:
            what = f"the service `{service.name}` names the check `{name}`, which says `service: {one.check.service}`"
            hint = f"write `service: {service.name}` in the check, or name another one"
            yield warning("check-of-another", one.place, what, "one of the two is mistaken", hint)


def _unnamed(service: CoveredService, checks: Sequence[Placed], named: set[str]) -> Iterator[Problem]:
    for one in checks:
        if one.check.name not in named:
            what = f"the check `{one.check.name}` watches `{service.name}`, and no order names it"
            hint = f"write it into `checks:` of `service: {service.name}`"
            yield warning("check-unnamed", one.place, what, "its results count for nothing", hint)


def _rules_and(
    service: CoveredService, checks: Sequence[Placed], rules: Sequence[DetectRule], place: Place
) -> Iterator[Problem]:
    """Rules that could not be met by the checks of one service, whatever these find."""
    slots = {rule.every for rule in rules}
    for one in checks:
        if slots and one.check.every not in slots:
            yield _other_slots(one, min(rules, key=lambda rule: abs(rule.every - one.check.every)))
        for rule in rules:
            if rule.every == one.check.every:
                yield from _under(one, rule)
    for rule in rules:
        if checks and all(one.check.every in slots and one.check.every != rule.every for one in checks):
            what = f"{_said(rule)} reads slots of {length(rule.every)}, and no check of `{service.name}` has such"
            yield warning("check-slots", place, what, "all of its time would be unknown", "add a check with such slots")
        most = rule.checks.removeprefix("at least ")
        if most.isdecimal() and len(service.checks) < int(most):
            what = f"{_said(rule)} asks for {rule.checks} checks to be down, and `{service.name}` has"
            why = "it would never be down"
            yield warning("check-count", place, f"{what} {len(service.checks)}", why, "name more checks")


def _other_slots(one: Placed, rule: DetectRule) -> Problem:
    check = one.check
    what = f"the check `{check.name}` has slots of {length(check.every)}, and {_said(rule)} of {length(rule.every)}"
    why = "slots without a result are unknown"
    if check.every < rule.every:
        why = "of several results in one slot, those that differ make it unknown"
    hint = f"write `every: {length(rule.every)}` in the check, or `every: {length(check.every)}` in the rule"
    return warning("check-slots", one.place, what, why, hint)


def _under(one: Placed, rule: DetectRule) -> Iterator[Problem]:
    check = one.check
    if rule.timeout and not check.told and check.timeout != rule.timeout:
        limit, own = length(rule.timeout), length(check.timeout)
        what = f"the check `{check.name}` waits {own} for an answer, and {_said(rule)} asks for one within {limit}"
        why = "an answer in between would be judged otherwise than was agreed"
        yield warning("check-timeout", one.place, what, why, f"write `timeout: {limit}`")
    locations = (HUB,) if check.told else check.locations
    try:
        quorum_of(rule.locations, len(locations)) if locations else None
    except ValueError:
        has = "is told to the hub alone" if check.told else f"runs at {len(locations)}"
        what = f"{_said(rule)} asks for `locations: {rule.locations}`, and the check `{check.name}` {has}"
        hint = "use a rule of its own for it" if check.told else "add locations, or name none, and all of them run it"
        yield warning("check-locations", one.place, what, "so many can never fail at once", hint)


def _said(rule: DetectRule) -> str:
    return f"the rule `{rule.name}` (clause {rule.clause})"
