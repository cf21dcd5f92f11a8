"""What one more outage would cost, judged again with it supposed; and which kinds of budget cannot be told so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from makegood.engine.judge.case import Case, Supposed, World
from makegood.engine.statement import state
from makegood.engine.sums import Owed, owed_by
from makegood.engine.supposing import with_supposed
from makegood.model.expression import names_in
from makegood.model.spans import HOUR, MINUTE, SECOND, Duration, Instant, Span
from makegood.model.statement import RestsOn, Statement, Verdict
from makegood.model.terms import MeasureKind, RemedyEach, Terms

LENGTHS: tuple[Duration, ...] = (5 * MINUTE, 30 * MINUTE, 30 * MINUTE + SECOND, HOUR, HOUR + SECOND, 4 * HOUR)
"""Outages of these lengths are tried, beside the shortest one that counts."""


@dataclass(frozen=True, eq=False)
class Further:
    """One more outage of a length (µs) in time that is up, and what it costs beyond what is owed without it."""

    length: Duration
    verdict: Verdict
    amount: str
    cost: Owed


def further(later: World, terms: Terms, label: str, end: Statement, case: Case, now: Instant) -> Iterator[Further]:
    """One more outage of each length that fits into the longest stretch that is up: in the rest of the period after
    `now`, or anywhere in a period that is over.

    None where the steps of the down time say all: where the figure is a share of time, and no credit is given for each
    outage or date, or by a table of its own.
    """
    if end.rests_on is not RestsOn.TIME or not _by_outage(case):
        return
    shortest = case.outage.shortest
    least = int(shortest.edge) if shortest is not None else SECOND
    ahead = end.classes.up.within(Span(now, end.span.end)) if now < end.span.end else end.classes.up
    room = max(ahead, key=lambda span: span.length, default=None)
    if room is None:
        return
    start = room.start + MINUTE
    for length in sorted({least, least + SECOND, *(x for x in LENGTHS if x > least)}):
        if start + length + MINUTE > room.end:
            return
        down = [Supposed(s.name, Span(start, start + length), down=True) for s in case.services]
        found = state(with_supposed(later, down), terms, label, (), explain=False).statements
        then = next((s for s in found if (s.commitment, s.subject) == (end.commitment, end.subject)), None)
        if then is not None:
            yield Further(length, then.verdict, then.amount, owed_by(then) - owed_by(end))


def _by_outage(case: Case) -> bool:
    """Whether a further outage may cost something that no more seconds of down time tell."""
    remedies = [r for r in case.terms.remedies.values() if r.commitment == case.commitment.name and r.amount]
    names = {name for r in remedies if r.amount is not None for name in names_in(r.amount)}
    tables = [scale for name, scale in case.terms.scales.items() if name in names]
    return (
        case.measure.kind is not MeasureKind.RATIO
        or any(r.each is not RemedyEach.PERIOD for r in remedies)
        or any(scale.of for scale in tables)
        or bool(names & {"downtime", "excess-downtime", "outages"})
        or bool(names & set(case.terms.counts))
    )


def not_told(end: Statement) -> str:
    """What of a budget no outage can tell of, in words; empty where further outages are priced."""
    match end.rests_on:
        case RestsOn.INTERVALS:
            return "what more failures would cost is not told: it depends on how many requests are still to come"
        case RestsOn.ITEMS:
            return (
                "what one more that is late would cost is not told: it depends on its class and on how many are to come"
            )
        case _:
            return ""
