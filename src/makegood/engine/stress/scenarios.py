"""Hypothetical periods: outages at and around every edge of target and table, short ones, excused ones, ill-seen ones.

Where one agreement has several readings, the edges of all of them are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from makegood.calendar.period import following, period_holding, span_of
from makegood.calendar.zone import Zone
from makegood.engine.edges import edges
from makegood.engine.judge.case import Supposed, World
from makegood.engine.statement import state
from makegood.engine.stress.drawing import PLACES, Drawing, Scenario
from makegood.engine.stress.excusable import exclusions, excusable
from makegood.model.facts import Facts
from makegood.model.order import Order
from makegood.model.spans import DAY, SECOND, Duration, Span, Spans
from makegood.model.statement import Statement
from makegood.model.terms import Commitment, EvidenceKind, Terms

PERIODS = 4
"""Periods that are looked at for one whose length has an edge on a whole step: months of 31, 28 and 30 days."""


def scenarios(terms: Terms, everyone: Sequence[Terms], commitment: Commitment, order: Order) -> Iterator[Scenario]:
    """The hypothetical periods of one commitment; none where it has no covered time to be down in."""
    found = list(_perfect(terms, commitment, order))
    if not found:
        return
    perfect = found[0]
    step = max((d.every for one in everyone for d in one.detects.values() if d.every), default=SECOND)
    draw = Drawing(commitment.name, perfect, _free(perfect), step)
    alike = [(one, one.commitments[commitment.name]) for one in everyone if commitment.name in one.commitments]
    found_edges = {e for one, same in alike for e in edges(one, same) if 0 <= e < 1}
    among = sorted(found_edges, reverse=True)
    middles = [draw.steps((2 - high - low) / 2) for high, low in pairwise([*among, Fraction()])]
    for edge in among:
        at = draw.steps(1 - edge)
        yield from (draw.outage(length) for length in (at - step, at, at + step) if length > 0)
        yield from _exactly(edge, commitment.name, found, step)
    yield from (draw.outage(length) for length in middles if length > 0)
    usual = max(middles[0] if middles else draw.steps(Fraction(1, 100)), step)
    yield draw.at_the_end(usual)
    if any(d.evidence is EvidenceKind.OBSERVATIONS for one in everyone for d in one.detects.values()):
        yield from (draw.outage(usual, seen_by=n) for n in range(1, PLACES))
    for length in sorted({length for one in everyone for length in _short(one, step)}):
        yield draw.short_ones(length, usual)
    for rule in exclusions(everyone, commitment):
        yield from excusable(rule, everyone, draw, usual)


def _exactly(edge: Fraction, name: str, perfect: Sequence[Statement], step: Duration) -> Iterator[Scenario]:
    """An outage that ends exactly on an edge, in a period whose length allows one, where the first one's does not."""
    fitting = (s for s in perfect if (1 - edge) * s.favourable.denominator % step == 0)
    there = next(fitting, None)
    if there is not None and there is not perfect[0] and edge < 1:
        draw = Drawing(name, there, _free(there), step)
        yield draw.outage(draw.steps(1 - edge), exactly=True)


def _perfect(terms: Terms, commitment: Commitment, order: Order) -> Iterator[Statement]:
    """The statements of the first whole periods from the agreement's first date on, if all of the time is up."""
    rule = terms.periods[commitment.period]
    start = Zone.named(rule.zone).day(terms.effective).start
    period = period_holding(rule, start)
    if span_of(period).start < start:
        period = following(rule, period)
    for one in (following(rule, period, n) for n in range(PERIODS)):
        whole = span_of(one)
        up = tuple(Supposed(s.name, whole, down=False) for s in order.services)
        found = state(World(order, Facts(), whole.end, up), terms, one.label, (), explain=False).statements
        yield from (s for s in found if s.commitment == commitment.name and s.favourable.denominator)


def _free(perfect: Statement) -> Spans:
    """The judged time from noon of the second date on, or all of it where there is no more than one date."""
    second = perfect.period.first + timedelta(days=1)
    late = Zone.named(perfect.period.zone).day(second).start + DAY // 2
    return perfect.classes.up.within(Span(late, max(late, perfect.span.end))) or perfect.classes.up


def _short(terms: Terms, step: Duration) -> Iterator[Duration]:
    """Lengths at which an outage begins to be confirmed, or to count."""
    for detect in terms.detects.values():
        if detect.evidence is EvidenceKind.OBSERVATIONS and detect.every:
            yield detect.fails_after * detect.every
    for outage in terms.outages.values():
        if outage.shortest is not None:
            at = int(outage.shortest.edge) // step * step
            yield from (length for length in (at - step, at, at + step) if length > 0)
