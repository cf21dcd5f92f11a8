"""What binds an order: the terms of its agreement on each plan that it has had, and their other readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from makegood.calendar.period import NoSuchPeriod, period_named
from makegood.contract.binding import terms_for, variants
from makegood.contract.nodes import Keyed
from makegood.contract.written import Agreement
from makegood.engine.chain import judged_commitments
from makegood.model.order import Order
from makegood.model.problem import Problem
from makegood.model.terms import Terms, Variant
from makegood.model.when import PeriodRule


def bound(agreement: Agreement, order: Order, instead: tuple[Keyed, ...]) -> tuple[dict[str, Terms], list[Problem]]:
    """The terms by plan, the first plan first; empty where the agreement cannot bind the order on one of them."""
    by_plan: dict[str, Terms] = {}
    problems: list[Problem] = []
    for plan in _plans(order):
        terms, found = terms_for(agreement, _situation(order, plan), order.readings or {}, instead)
        problems += [p for p in found if p not in problems]
        if terms is None:
            return {}, problems
        by_plan[plan] = terms
    return _together(by_plan), problems


def plan_in(by_plan: Mapping[str, Terms], order: Order, label: str) -> str | None:
    """The plan in force at the first instant of a period (DESIGN 3.11); None where no commitment has such periods."""
    if not any(judged_commitments(terms) for terms in by_plan.values()):
        return next(iter(by_plan))
    for rule in rules(by_plan):
        try:
            return order.plan_on(period_named(rule, label).first)
        except NoSuchPeriod:
            continue
    return None


def rules(by_plan: Mapping[str, Terms]) -> Iterator[PeriodRule]:
    """The period rules of every commitment that is judged on some plan."""
    for terms in by_plan.values():
        yield from (terms.periods[commitment.period] for commitment in judged_commitments(terms))


def other_readings(
    agreement: Agreement, order: Order, instead: tuple[Keyed, ...], by_plan: Mapping[str, Terms], plan: str
) -> tuple[Variant, ...]:
    """The terms on a plan under every alternative of every reading, each with its other plans read alike."""
    chosen = order.readings or {}
    found = variants(agreement, _situation(order, plan), by_plan[plan], chosen, instead)
    if len(by_plan) == 1:
        return found
    return tuple(replace(v, terms=_on_all_plans(agreement, order, instead, v, plan)) for v in found)


def _on_all_plans(agreement: Agreement, order: Order, instead: tuple[Keyed, ...], variant: Variant, plan: str) -> Terms:
    chosen = {**(order.readings or {}), variant.choice.id: variant.text}
    by_plan = {plan: variant.terms}
    for other in _plans(order):
        terms, _ = terms_for(agreement, _situation(order, other), chosen, instead)
        if terms is not None:
            by_plan.setdefault(other, terms)
    return _together(by_plan)[plan]


def _together(by_plan: Mapping[str, Terms]) -> dict[str, Terms]:
    """The terms of each plan, knowing those of the others."""
    if len(by_plan) == 1:
        return dict(by_plan)
    shared: dict[str, Terms] = {}
    for plan, terms in by_plan.items():
        shared[plan] = replace(terms, plans=shared)
    return shared


def _plans(order: Order) -> list[str]:
    return list(dict.fromkeys(name for _, name in order.plans)) or [""]


def _situation(order: Order, plan: str) -> dict[str, str]:
    said = {said.name: said.on(order.term.first) for said in order.says}
    return {**said, "plan": plan, "deployment": order.deployment}
