"""Two tables of one commitment, one by the share of time and one by the downtime, that do not say the same."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from makegood.contract.lint.ground import Situation, length_name, length_words, lengths_of, share_words
from makegood.contract.lint.tiers.table import Piece, Table, tables
from makegood.model.problem import Problem, warning
from makegood.model.spans import Duration


def tables_beside(situation: Situation) -> Iterator[Problem]:
    """Every table by downtime whose amounts are those of a table by share, and stand elsewhere."""
    found = list(tables(situation))
    for share in (t for t in found if t.domain.time):
        for down in (t for t in found if t.scale.of == "downtime" and t.commitment == share.commitment):
            every = range(len(share.scale.tiers)), range(len(down.scale.tiers))
            same = share.amounts(tuple(every[0])) == down.amounts(tuple(every[1]))
            if same and share.scale.unit is down.scale.unit:
                yield from _differing(situation, share, down)


def _differing(situation: Situation, share: Table, down: Table) -> Iterator[Problem]:
    commitment = share.commitment
    period = situation.terms.periods.get(commitment.period) if commitment is not None else None
    if period is None:
        return
    lengths = lengths_of(period, situation.terms.effective)
    apart = [(length, found) for length in lengths if (found := _first(share, down, length)) is not None]
    if not apart:
        return
    length, (value, one, other) = apart[-1]
    agreeing = [length_name(n, period.kind) for n in lengths if n not in {n for n, _ in apart}]
    what = f"`{down.scale.name}` counts downtime, `{share.scale.name}` its share, and they do not agree"
    why = (
        f"in {length_name(length, period.kind)} {length_words((1 - value) * length)} down are {share_words(value)}: "
        f"one table gives {share.amount(one)} and the other {share.amount(other)}; "
        + (f"they agree in {' and '.join(agreeing)} only" if agreeing else "they agree in no period")
    )
    hint = "keep one of the two, or write a `nominal length` for which both are right"
    yield warning("tables-disagree", down.whole(), what, why, hint)


def _first(share: Table, down: Table, length: Duration) -> tuple[Fraction, Fraction, Fraction] | None:
    """The first stretch, or edge, of shares at which both tables give something, and not the same."""
    edges = {e for piece in share.pieces for e in (piece.low, piece.high) if e is not None}
    edges |= {1 - piece.low / length for piece in down.pieces if piece.low <= length}
    ordered = sorted(edges, reverse=True)
    values = [ordered[0], *(v for high, low in pairwise(ordered) for v in ((high + low) / 2, low))]
    for value in values:
        if share.domain.asks(value) and down.domain.asks((1 - value) * length):
            one, other = _given(share, value), _given(down, (1 - value) * length)
            if one is not None and other is not None and one != other:
                return value, one, other
    return None


def _given(table: Table, value: Fraction) -> Fraction | None:
    held = tuple(n for n, tier in enumerate(table.scale.tiers) if tier.range.holds(value))
    return table.gives(Piece(value, value, held))
