"""What a remedy may look at beyond its own period: earlier periods, other commitments, counts, and claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from makegood.engine.happened import Happened
from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import PAID
from makegood.model.facts import Item, ItemKind
from makegood.model.spans import Instant, Span
from makegood.model.statement import Line, Verdict
from makegood.model.trace import Node
from makegood.model.when import Period

RECEIVED = "claim received"
"""The event of a claim by which it was filed."""

__all__ = ["PAID", "RECEIVED", "Earlier", "Reach", "claim_of"]


@dataclass(frozen=True, eq=False)
class Earlier:
    """What a commitment came to for one subject in a period; `dated` is the date that its items have."""

    dated: date
    commitment: str
    subject: str
    verdict: Verdict
    lines: tuple[Line, ...]
    period: Period


@dataclass(frozen=True, eq=False)
class Reach:
    """Asked of the chain: `past` is what came of the periods of a case's rule up to its own whose first or last date
    (`period start`, `period end`) lies between two dates, with what the named remedies owed for them, or all where none
    is named; `verdicts` the same of the case's commitment alone and without what was owed.

    `outages` are those of a case that count and begin between two dates. `other` is the figure of another commitment
    for the same subject, and `first_outage` the begin of the first outage of the case. `happened` is what starts its
    clocks.
    """

    past: Callable[[Case, date, date, str, tuple[str, ...]], Sequence[Earlier]]
    verdicts: Callable[[Case, date, date, str], Sequence[Earlier]]
    outages: Callable[[Case, date, date], Sequence[Span]]
    sibling: Callable[[Case, str], Case | None]
    figure_of: Callable[[Case], Node | None]
    first_outage: Callable[[Case], Instant | None]
    happened: Callable[[Case], Happened]


def claim_of(case: Case, remedies: Sequence[str]) -> Item | None:
    """The first recorded claim for one of the remedies and this period and subject."""
    found = [
        claim
        for claim in case.world.facts.items
        if claim.kind is ItemKind.CLAIM
        and claim.fact("for") in remedies
        and claim.fact("period") == case.period.label
        and claim.order in ("", case.world.order.id)
        and claim.service in ("", case.subject, *(s.name for s in case.services))
    ]
    return min(found, key=lambda claim: (min((at for _, at in claim.events), default=0), claim.id), default=None)
