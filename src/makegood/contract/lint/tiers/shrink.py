"""Credits that shrink as a miss grows, and credits that grow past the fees without a limit."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from makegood.contract.lint.ground import example_words
from makegood.contract.lint.tiers.steps import ends
from makegood.contract.lint.tiers.table import Piece, Table
from makegood.model.expression import Name, Operation, Operator, Unit
from makegood.model.problem import Problem, note, warning
from makegood.model.terms import Nesting, Tier, Unstated


def shrinking(table: Table) -> Iterator[Problem]:
    """Every step down of the credit on the way from the least miss to the greatest."""
    better: tuple[Piece, Fraction] | None = None
    told: set[tuple[int, ...]] = set()
    for piece in table.missing():
        best, worst = ends(table, piece)
        if best is not None and better is not None and best < better[1] and piece.held not in told:
            told.add(piece.held)
            yield _shrinks(table, better, piece, best)
        if worst is not None and (better is None or worst != better[1]):
            better = (piece, worst)


def _shrinks(table: Table, better: tuple[Piece, Fraction], piece: Piece, best: Fraction) -> Problem:
    more, less = table.amount(better[1]), table.amount(best)
    past = piece.low if table.domain.grows or piece.high is None else piece.high
    what = f"the credit shrinks from {more} to {less} past {table.told(past)}"
    why = f"{table.value(better[0].middle)} earns {more}, and the worse {table.value(piece.middle)} only {less}"
    if table.scale.unit is Unit.SHARE:
        why += f": {example_words((better[1] - best,), Unit.SHARE)} are lost by a greater miss"
    rows = table.deciding(piece)
    return warning("tier-shrinks", table.place(rows[-1], "gives"), what, why, "exchange the two credits")


def uncapped(table: Table) -> Iterator[Problem]:
    """Shares of fees that are given for each step, and that no limit keeps below all of them."""
    terms = table.situation.terms
    limited = any(table.remedy.name in limit.on and limit.most != Name("unlimited") for limit in terms.limits)
    amount = table.remedy.amount
    least = isinstance(amount, Operation) and amount.operator is Operator.LEAST
    if table.scale.unit is not Unit.SHARE or limited or least or table.scale.nesting is Nesting.PARTS:
        return
    for row, tier in enumerate(table.scale.tiers):
        passed = _passes(tier)
        if passed is None or not _reaches(table, tier, passed):
            continue
        what = f"the row {table.says(row)} gives more than all fees, and no limit holds it"
        assert isinstance(tier.amount, Fraction)
        why = f"past {table.told(passed)} it is more than 100 % of the fees, and it goes on growing"
        hint = "write a `limit` on the remedy, or `most: unlimited` if the text has none"
        yield note("tier-uncapped", table.place(row, "gives"), what, why, hint)


def _passes(tier: Tier) -> Fraction | None:
    """The value up to which a row's steps come to no more than the whole."""
    if isinstance(tier.amount, Unstated) or tier.step is None or tier.amount <= 0:
        return None
    return (tier.step.beyond or 0) + floor(1 / tier.amount) * tier.step.size


def _reaches(table: Table, tier: Tier, value: Fraction) -> bool:
    ends_at = [end for end in (tier.range.high, table.domain.high) if end is not None]
    return all(value < end for end in ends_at)
