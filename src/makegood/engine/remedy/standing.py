"""Whether an order's standing keeps a remedy back."""

from __future__ import annotations

from makegood.engine.judge.case import Case
from makegood.model.terms import RemedyRule


def withheld(remedy: RemedyRule, case: Case) -> str:
    """Why nothing is due while the order has a standing that the remedy excludes, when the statement is made."""
    order, as_of = case.world.order, case.world.as_of
    for standing in case.world.facts.standings:
        if standing.order == order.id and standing.standing in remedy.requires_standing and as_of in standing.span:
            return f"the order is {standing.standing} (fact {standing.id})"
    return ""
