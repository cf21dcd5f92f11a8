"""Amounts that count again for each step of a value: at a value, and just beside it."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from makegood.contract.lint.tiers.table import Piece, Table
from makegood.model.terms import Nesting, Step, Tier, Unstated


def ends(table: Table, piece: Piece) -> tuple[Fraction | None, Fraction | None]:
    """The credit at the better and at the worse end of a piece, a stretch's ends being just inside it.

    None where no row, a tie or an unstated row decides, and at an end that is nowhere.
    """
    rows = table.deciding(piece)
    if not rows or table.scale.nesting is Nesting.PARTS or (len(rows) > 1 and table.scale.nesting is Nesting.DEEPEST):
        return None, None
    low = _sum(table, rows, piece.low, 0 if piece.is_point else 1)
    high = None if piece.high is None else _sum(table, rows, piece.high, 0 if piece.is_point else -1)
    return (low, high) if table.domain.grows else (high, low)


def _sum(table: Table, rows: tuple[int, ...], value: Fraction, beside: int) -> Fraction | None:
    total = Fraction(0)
    for row in rows:
        amount = amount_at(table.scale.tiers[row], value, beside)
        if amount is None:
            return None
        total += amount
    return total


def amount_at(tier: Tier, value: Fraction, beside: int) -> Fraction | None:
    """What a row gives at a value, or just above (1) or below (-1) it; None where it is unstated."""
    if isinstance(tier.amount, Unstated):
        return None
    return tier.amount if tier.step is None else tier.amount * _count(tier.step, value, beside)


def _count(step: Step, value: Fraction, beside: int) -> int:
    steps = (value - (step.beyond or 0)) / step.size
    if step.started:
        count = floor(steps) + 1 if beside > 0 else ceil(steps)
    else:
        count = ceil(steps) - 1 if beside < 0 else floor(steps)
    return max(count, 0)
