"""Use case: what is left of each target of an order, in minutes and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from makegood.app.asked_periods import at_hand, end_of
from makegood.app.judging import Docket, binding, labels, world_at
from makegood.app.refusals import not_begun, outside_term
from makegood.engine.budget import Budget, budgets
from makegood.engine.statement import state
from makegood.model.problem import Refused
from makegood.model.spans import Instant
from makegood.model.statement import NotApplicable


@dataclass(frozen=True)
class Budgets:
    """The budget of every commitment and subject of every order, and what does not apply to them."""

    budgets: tuple[Budget, ...]
    not_applicable: tuple[NotApplicable, ...]


def budget(dockets: Sequence[Docket], period: str | None, at: Instant) -> Budgets:
    """The budgets of a period, or of those that hold the instant. Raises Refused for one that has not begun."""
    found: list[Budget] = []
    silent: list[NotApplicable] = []
    for docket in dockets:
        world = world_at(docket, at)
        asked = labels(docket, period, period) if period is not None else at_hand(docket.terms, at)
        for label in asked:
            _, terms = binding(world, docket, label)
            made = budgets(world, terms, label, end_of(docket.terms, [label]))
            if any(b.now.span.start >= at for b in made):
                raise Refused([not_begun(label)])
            found += made
            silent += state(world, terms, label, (), explain=False).not_applicable
        if period is None and asked and not any(b.now.order == docket.order.id for b in found) and not silent:
            raise Refused([outside_term(world.lifetime, asked[0], asked[-1])])
    return Budgets(tuple(found), tuple(dict.fromkeys(silent)))
