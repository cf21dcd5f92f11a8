"""Clocks that start with something which the commitment that they time never has: no statement could date them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from makegood.contract.lint.ground import Situation
from makegood.model.problem import Problem, warning
from makegood.model.terms import OF_OUTAGES, ClockRule, Commitment, MeasureKind, MeasureRule, Terms
from makegood.model.threshold import Side, Threshold

_OUTAGES: Final = ("outage begins", "outage ends", "first outage begins", "last outage ends")
_OUT_OF_REACH: Final = "target is out of reach"


def undated_findings(situation: Situation) -> Iterator[Problem]:
    """Every clock of one situation that has no date, whatever happens."""
    terms = situation.terms
    for clock in terms.clocks.values():
        remedy = terms.remedies.get(clock.of)
        commitment = terms.commitments.get(remedy.commitment if remedy is not None else clock.of)
        measure = terms.measures.get(commitment.measure) if commitment is not None else None
        if commitment is None or measure is None or measure.kind is MeasureKind.UNSTATED:
            continue
        never = [event for event in clock.starts if _never(event, commitment, measure, terms)]
        if never and (not clock.earliest or len(never) == len(clock.starts)):
            yield _undated(situation, clock, never[0], commitment, measure)


def _never(event: str, commitment: Commitment, measure: MeasureRule, terms: Terms) -> bool:
    if event in _OUTAGES:
        return not _has_outages(measure, terms)
    if event != _OUT_OF_REACH:
        return False
    target = commitment.target
    floor = isinstance(target, Threshold) and target.side in (Side.AT_LEAST, Side.MORE_THAN)
    return measure.kind is not MeasureKind.RATIO or not floor


def _has_outages(measure: MeasureRule, terms: Terms) -> bool:
    """Whether the figure is one of time that is down; that of intervals, counts or tickets is not."""
    if measure.kind is MeasureKind.PERIODS and measure.of in terms.measures:
        return _has_outages(terms.measures[measure.of], terms)
    return measure.kind in OF_OUTAGES or (measure.kind is MeasureKind.COUNT and measure.of in terms.outages)


def _undated(
    situation: Situation, clock: ClockRule, event: str, commitment: Commitment, measure: MeasureRule
) -> Problem:
    if event == _OUT_OF_REACH:
        what = (
            f"`{clock.name}` starts when the target of `{commitment.name}` is out of reach, and nothing says when it is"
        )
        why = "that is known only of a share of time that must be at least so much"
    else:
        what = f"`{clock.name}` starts from `{event}`, and `{commitment.name}` has no outages"
        why = f"`{measure.name}` is a {measure.kind.value}, and only time that is down has them"
    why += ": no statement gives the deadline a date"
    hint = "count from `end of period`, or from an event of the claim such as `claim received`"
    return warning("clock-never-starts", situation.place(clock.name, "from"), what, why, hint)
