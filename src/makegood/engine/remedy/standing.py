"""What keeps a remedy back: the order's standing, or a claim that came too late."""

from __future__ import annotations

from makegood.calendar.wording import at_words
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.engine.remedy.reach import RECEIVED, claim_of
from makegood.model.spans import Span
from makegood.model.terms import RemedyRule, StandingAt


def withheld(remedy: RemedyRule, case: Case) -> str:
    """Why nothing is due while the order has a standing that the remedy excludes, at the instant that it names."""
    order = case.world.order
    over = _tested(remedy, case)
    for standing in case.world.facts.standings:
        named = standing.order == order.id and standing.standing in remedy.requires_standing
        if named and over is not None and standing.span.overlaps(over):
            when = "" if remedy.standing_at is StandingAt.STATEMENT else f" {_words(over, case)}"
            return f"the order {'is' if not when else 'was'} {standing.standing}{when} (fact {standing.id})"
    return ""


def _tested(remedy: RemedyRule, case: Case) -> Span | None:
    """The instants at which the standing is looked at; None where there is no claim whose instant it would be."""
    match remedy.standing_at:
        case StandingAt.PERIOD_END:
            return Span(case.span.end - 1, case.span.end)
        case StandingAt.PERIOD:
            return case.judged
        case StandingAt.CLAIM:
            claim = claim_of(case, (remedy.name,))
            received = claim.at(RECEIVED) if claim is not None else ()
            return Span(received[0], received[0] + 1) if received else None
    return Span(case.world.as_of, case.world.as_of + 1)


def _words(over: Span, case: Case) -> str:
    zone = Zone.named(case.period.zone)
    if over.length == 1:
        return f"on {at_words(zone.shown(over.start))}"
    return "in the period"
