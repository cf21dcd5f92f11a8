"""What binds an order: the terms of each version of its agreement on each of its plans, and their other readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from makegood.calendar.period import NoSuchPeriod, period_named
from makegood.contract.binding import ill, terms_for, variants
from makegood.contract.nodes import Keyed, Text
from makegood.contract.written import Agreement
from makegood.engine.chain import judged_commitments
from makegood.engine.change.versions import timeline
from makegood.model.change import InForce, Version
from makegood.model.order import Order
from makegood.model.problem import Place, Problem, error
from makegood.model.terms import Terms, Variant
from makegood.model.when import PeriodRule

Key: TypeAlias = tuple[str, str]
"""A version and a plan."""

OF_ORDER = "order"
"""The source of a problem with a plan, a deployment or another fact of the order that an agreement does not know."""


def bound(
    agreements: Sequence[Agreement], order: Order, instead: tuple[Keyed, ...]
) -> tuple[dict[Key, Terms], list[Problem]]:
    """The terms by version and plan, the first of each first; empty where the agreement cannot bind the order.

    A version that does not know a plan is left out for it, as long as it knows another of the order's.
    """
    found: dict[Key, Terms] = {}
    problems: list[Problem] = []
    for agreement in agreements:
        here = _fitting(agreement, agreements, instead)
        for plan in _plans(order):
            terms, wrong = _terms(agreement, order, plan, here)
            if terms is not None:
                found[agreement.header.version, plan] = terms
            elif len(agreements) == 1 or any(p.where.source != OF_ORDER for p in wrong):
                problems += [p for p in wrong if p not in problems]
                return {}, problems
            problems += [p for p in wrong if p not in problems and terms is not None]
    if not found:
        _, problems = _terms(agreements[-1], order, _plans(order)[-1], instead)
    return found, problems


def _terms(
    agreement: Agreement, order: Order, plan: str, instead: tuple[Keyed, ...]
) -> tuple[Terms | None, list[Problem]]:
    """The terms on one plan; None, with the problems, where the agreement knows no such order or service."""
    unknown = list(_unknown_of_services(agreement, order))
    if unknown:
        return None, unknown
    return terms_for(agreement, _situation(order, plan), order.readings or {}, instead)


def _unknown_of_services(agreement: Agreement, order: Order) -> Iterator[Problem]:
    """Words that services say of themselves and that the agreement does not have."""
    for service in order.services:
        for said in service.says:
            known = agreement.header.chosen_by.get(said.name, ())
            for word in dict.fromkeys(word for _, word in said.steps if known and word not in known):
                what = f"the agreement `{agreement.header.name}` has no {said.name} `{word}`"
                why = f"the service `{service.name}` says it of itself"
                hint = "known are: " + ", ".join(f"`{k}`" for k in known)
                yield error("unknown-fact", Place(OF_ORDER), what, why, hint)


def offered(agreements: Sequence[Agreement], terms: Mapping[Key, Terms]) -> list[Version]:
    """The versions with their own rules of change and their terms by plan."""
    return [
        Version(
            a.header.version,
            a.header.effective,
            a.header.changes,
            {plan: t for (version, plan), t in terms.items() if version == a.header.version},
        )
        for a in agreements
    ]


def together(terms: Mapping[Key, Terms], decided: Sequence[InForce]) -> dict[Key, Terms]:
    """The terms of each version and plan, knowing those of the others and when each version binds the order."""
    if len(terms) == 1:
        return dict(terms)
    spans = timeline(decided)
    reasons = {d.version: because(d) for d in decided} if len(decided) > 1 else {}
    shared: dict[Key, Terms] = {}
    for key, own in terms.items():
        shared[key] = replace(own, others=shared, in_force=spans, because=reasons.get(key[0], ""))
    return shared


def because(decided: InForce) -> str:
    """Why a version binds the order, for its statements; nothing of the one that the order began with."""
    clauses = [r for r in decided.reasons if r.clause is not None]
    if decided.first is None or not clauses:
        return ""
    told = "; ".join(f"{r.says} (clause {r.clause})" for r in clauses)
    return f"version {decided.version} is in force for this order from {decided.first}: {told}"


def in_period(terms: Mapping[Key, Terms], order: Order, label: str) -> tuple[Key, date] | None:
    """The version and plan in force at the first instant of a period (DESIGN 3.11), and its first date.

    None where no commitment has such periods. The terms are those of `together`; the key may be one that is not bound.
    """
    if not any(judged_commitments(one) for one in terms.values()):
        return next(iter(terms)), order.term.first
    begins = None
    for one in terms.values():
        for rule in _rules_of(one):
            try:
                first = period_named(rule, label).first
            except NoSuchPeriod:
                continue
            plan = order.plan_on(first)
            binding = one.on(first, plan)
            key = (one.version_on(first), plan)
            begins = begins or (key, first)
            if key not in terms or any(_knows(own, label) for own in _rules_of(binding)):
                return key, first
    return begins


def _knows(rule: PeriodRule, label: str) -> bool:
    try:
        period_named(rule, label)
    except NoSuchPeriod:
        return False
    return True


def rules(terms: Mapping[Key, Terms]) -> Iterator[PeriodRule]:
    """The period rules of every commitment that is judged in some version on some plan."""
    for one in terms.values():
        yield from _rules_of(one)


def _rules_of(terms: Terms) -> Iterator[PeriodRule]:
    return (terms.periods[commitment.period] for commitment in judged_commitments(terms))


def other_readings(
    agreements: Sequence[Agreement],
    order: Order,
    instead: tuple[Keyed, ...],
    terms: Mapping[Key, Terms],
    decided: Sequence[InForce],
    key: Key,
) -> tuple[Variant, ...]:
    """The terms under every alternative of every reading, each with its other versions and plans read alike."""
    version, plan = key
    own = next(a for a in agreements if a.header.version == version)
    here = _fitting(own, agreements, instead)
    found = variants(own, _situation(order, plan), terms[key], order.readings or {}, here)
    if len(terms) == 1:
        return found

    def read_alike(variant: Variant) -> Terms:
        chosen = {**(order.readings or {}), variant.choice.id: variant.text}
        others, _ = bound(agreements, replace(order, readings=chosen), instead)
        return together({**others, key: variant.terms}, decided)[key]

    return tuple(replace(v, terms=read_alike(v)) for v in found)


def ill_readings(
    agreements: Sequence[Agreement], order: Order, instead: tuple[Keyed, ...], terms: Mapping[Key, Terms], key: Key
) -> dict[tuple[str, str], tuple[Problem, ...]]:
    """The alternatives of readings that a version cannot be read with for an order, each with its problems."""
    version, plan = key
    own = next(a for a in agreements if a.header.version == version)
    here = _fitting(own, agreements, instead)
    return ill(own, _situation(order, plan), terms[key], order.readings or {}, here)


def _fitting(agreement: Agreement, agreements: Sequence[Agreement], instead: tuple[Keyed, ...]) -> tuple[Keyed, ...]:
    """The order's exceptions without those to rules that only other versions have."""
    own = {rule.name for rule in agreement.rules}
    known = {rule.name for a in agreements for rule in a.rules}
    names = [named.text if isinstance(named := over.get("rule"), Text) else "" for over in instead]
    return tuple(over for over, name in zip(instead, names, strict=True) if name in own or name not in known)


def _plans(order: Order) -> list[str]:
    return list(dict.fromkeys(name for _, name in order.plans)) or [""]


def _situation(order: Order, plan: str) -> dict[str, str]:
    said = {said.name: said.on(order.term.first) for said in order.says}
    return {**said, "plan": plan, "deployment": order.deployment}
