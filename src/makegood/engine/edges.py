"""Where a verdict or a credit can change: the target of a commitment, and the rows of tables that its credits read."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.model.expression import names_in
from makegood.model.terms import Commitment, Terms
from makegood.model.threshold import Threshold


def edges(terms: Terms, commitment: Commitment) -> Iterator[Fraction]:
    """The edges of a commitment, in what its figure counts; of tables, those that look that figure up."""
    if isinstance(commitment.target, Threshold):
        yield Fraction(commitment.target.edge)
    amounts = [r.amount for r in terms.remedies.values() if r.commitment == commitment.name and r.amount]
    for name in sorted({name for amount in amounts for name in names_in(amount)} & set(terms.scales)):
        if not terms.scales[name].of:
            for tier in terms.scales[name].tiers:
                yield from (e for e in (tier.range.low, tier.range.high) if e is not None)


def edges_of(case: Case) -> set[Fraction]:
    """The edges of a case; and where the agreement rounds its share, the halves between places around each, which
    decide it."""
    return rounded_edges(set(edges(case.terms, case.commitment)), case)


def rounded_edges(among: set[Fraction], case: Case) -> set[Fraction]:
    """Edges with the values around them at which rounding changes."""
    if case.measure.rounding is None:
        return among
    place = Fraction(1, 10 ** (case.measure.rounding + 2))
    halves = {(e // place + half) * place for e in among for half in (Fraction(-1, 2), Fraction(1, 2), Fraction(3, 2))}
    return among | halves
