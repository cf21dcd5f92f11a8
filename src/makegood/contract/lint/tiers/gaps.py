"""Values that miss the target and are in no row: between two rows, just below the target, below the lowest row."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from makegood.contract.lint.ground import share_words
from makegood.contract.lint.tiers.table import Piece, Table, top, values_in
from makegood.model.problem import Problem, warning


def gaps(table: Table) -> Iterator[Problem]:
    """Every run of neighbouring pieces without a row."""
    missing = list(table.missing())
    start: int | None = None
    for at, piece in enumerate([*missing, None]):
        if piece is not None and not piece.held:
            start = at if start is None else start
        elif start is not None:
            before = missing[start - 1] if start else None
            yield _gap(table, missing[start:at], before, piece)
            start = None


def _gap(table: Table, run: list[Piece], above: Piece | None, below: Piece | None) -> Problem:
    high, low = run[0], run[-1]
    values = values_in(low, high)
    down = table.down(high.high) if low.low == high.high else f"{table.down(high.high)} to {table.down(low.low)}"
    why = f"{down} down in {table.example.words}: the commitment is missed, and no row says what is owed"
    if above is None and below is None:
        hint = "write rows, or `- {when: otherwise, gives: unstated}` if the text has none"
        return warning("tier-none", table.whole(), f"no row holds a value that misses {table.target}", why, hint)
    why += _beside(table, above, below)
    if above is None:
        hint = f"raise the highest row so that it ends at the target, or add a row for {values}"
        what = f"no row holds {values}, just below the target of {table.target}"
        return warning("tier-gap-below-target", table.place(_highest(table)), what, why, hint)
    if below is None:
        side = "at most" if high.is_point else "below"
        what = f"no row holds {values}: the worst misses are in no row"
        hint = f"add a row `{side} {share_words(high.high)}`; it may give `unstated` if the text says nothing of it"
        return warning("tier-gap-at-bottom", table.place(_lowest(table)), what, why, hint)
    stretch = next((p for p in run if not p.is_point), None)
    what = f"no row holds {values}" + (f", such as {share_words(stretch.middle)}" if stretch else "")
    hint = "move one of the two edges so that the rows meet"
    if stretch is not None:
        hint += ", or write `rounded: 2 places` in the measure if figures are rounded before the table is read"
    rows = range(len(table.scale.tiers))
    row = next(n for n in rows if n in above.held or n in below.held)
    return warning("tier-gap", table.place(row), what, why, hint)


def _beside(table: Table, above: Piece | None, below: Piece | None) -> str:
    """What the rows beside a gap give, which is what is in doubt."""
    given = ((table.gives(piece) if piece is not None else None) for piece in (above, below))
    amounts = tuple(sorted({amount for amount in given if amount is not None}))
    return f"; the rows beside it give {table.priced(amounts)}" if amounts else ""


def _highest(table: Table) -> int:
    return max(range(len(table.scale.tiers)), key=lambda n: top(table.scale.tiers[n]))


def _lowest(table: Table) -> int:
    lows = [t.range.low if t.range.low is not None else Fraction(-1) for t in table.scale.tiers]
    return min(range(len(lows)), key=lambda n: lows[n])
