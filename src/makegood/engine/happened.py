"""What starts the clocks of a statement: its outages, and the instant from which its target is out of reach."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure, Time
from makegood.engine.judge.outages import Down
from makegood.model.spans import Instant, Span, Spans
from makegood.model.terms import MeasureKind
from makegood.model.threshold import Side, Threshold


@dataclass(frozen=True, slots=True)
class Happened:
    """What starts a statement's clocks beside the end of its period: its outages, and when it was out of reach."""

    outages: tuple[Span, ...] = ()
    out_of_reach: Instant | None = None


def happened_in(case: Case, down: Down, time: Time, figure: Figure) -> Happened:
    """The outages of a period that count, whole, and when the target was lost."""
    outages = tuple(s for s in down.lasting.touching(case.judged) if (Spans([s]) & time.down).total)
    return Happened(outages, _out_of_reach(case, time, figure))


def _out_of_reach(case: Case, time: Time, figure: Figure) -> Instant | None:
    """The first instant at which not even a perfect remainder of the period could reach the target; None where it never
    was, or where the figure is no share of time."""
    target, whole = case.commitment.target, figure.denominator.value
    if case.measure.kind is not MeasureKind.RATIO or not isinstance(target, Threshold) or case.running:
        return None
    if target.side not in (Side.AT_LEAST, Side.MORE_THAN) or not isinstance(whole, Fraction):
        return None
    allowed = (1 - Fraction(target.edge)) * whole
    used = Fraction()
    for span in time.down:
        if used + span.length > allowed or (target.side is Side.MORE_THAN and used + span.length >= allowed):
            return span.start + int(allowed - used)
        used += span.length
    return None
