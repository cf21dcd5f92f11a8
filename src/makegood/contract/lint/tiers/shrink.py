"""Credits that shrink as downtime grows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from makegood.contract.lint.ground import example_words, share_words
from makegood.contract.lint.tiers.table import Piece, Table
from makegood.model.expression import Unit
from makegood.model.problem import Problem, warning


def shrinking(table: Table) -> Iterator[Problem]:
    """Every step down of the credit on the way from the target to 0 %."""
    above: tuple[Piece, Fraction] | None = None
    told: set[tuple[int, ...]] = set()
    for piece in table.missing():
        amount = table.gives(piece)
        if amount is None:
            continue
        if above is not None and amount < above[1] and piece.held not in told:
            told.add(piece.held)
            more, less = table.amount(above[1]), table.amount(amount)
            grown = f"as downtime grows past {table.down(piece.high)} in {table.example.words}"
            what = f"the credit shrinks from {more} to {less} {grown}"
            why = f"{share_words(above[0].middle)} earns {more}, and the worse {share_words(piece.middle)} only {less}"
            if table.scale.unit is Unit.SHARE:
                why += f": {example_words((above[1] - amount,), Unit.SHARE)} are lost by being down for longer"
            rows = table.deciding(piece)
            yield warning("tier-shrinks", table.place(rows[-1], "gives"), what, why, "exchange the two credits")
        if above is None or amount != above[1]:
            above = (piece, amount)
