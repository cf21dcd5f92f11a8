"""Values that are asked about and in no row: between two rows, just past the target, beyond the last row."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.lint.tiers.table import Piece, Table, values_in
from makegood.model.problem import Problem, warning
from makegood.model.terms import Counts


def gaps(table: Table) -> Iterator[Problem]:
    """Every run of neighbouring pieces without a row."""
    missing = [piece for piece in table.missing() if table.domain.occurs(piece.middle)]
    start: int | None = None
    for at, piece in enumerate([*missing, None]):
        if piece is not None and not piece.held:
            start = at if start is None else start
        elif start is not None:
            better = missing[start - 1] if start else None
            yield _gap(table, missing[start:at], better, piece)
            start = None


def _gap(table: Table, run: list[Piece], better: Piece | None, worse: Piece | None) -> Problem:
    """`run` goes from the least miss to the greatest, as `better` stands before it and `worse` behind."""
    low, high = (run[0], run[-1]) if table.domain.grows else (run[-1], run[0])
    values = values_in(table, low, high)
    missed = "the commitment is missed" if table.commitment is not None else "it is looked up"
    why = f"{_told(table, low, high)}: {missed}, and no row says what is owed"
    if better is None and worse is None:
        hint = "write rows, or `- {when: otherwise, gives: unstated}` if the text has none"
        return warning("tier-none", table.whole(), f"no row holds a value that misses {table.target}", why, hint)
    why += _beside(table, better, worse)
    if better is None and table.domain.of_each:
        each = table.remedy.each.value
        what = f"no row holds {values}: the shortest {each} has no credit that is stated"
        hint = "add a row for it, `gives: 0 %` if it earns nothing"
        hint += ", or leave such outages out with `shortest` in the outage rule" if each == "outage" else ""
        return warning("tier-gap", table.place(table.lowest()), what, why, hint)
    if better is None and table.domain.asked is not None and table.scale.of in ("", "downtime"):
        row = table.lowest() if table.domain.grows else table.highest()
        what = f"no row holds {values}, just below {table.target}"
        hint = f"let the rows begin at the target, or add a row for {values}"
        return warning("tier-gap-below-target", table.place(row), what.replace("below", _past(table)), why, hint)
    if worse is None:
        row = table.highest() if table.domain.grows else table.lowest()
        edge = table.value(run[0].low if table.domain.grows or run[0].high is None else run[0].high)
        what = f"no row holds {values}: the worst misses are in no row"
        hint = f"add a row `{_side(table, run[0])} {edge}`; it may give `unstated` if the text says nothing of it"
        return warning("tier-gap-at-bottom", table.place(row), what, why, hint)
    stretch = next((p for p in run if not p.is_point and p.high is not None), None)
    what = f"no row holds {values}"
    what += f", such as {table.value(stretch.middle)}" if stretch and table.domain.step is None else ""
    hint = "move one of the two edges so that the rows meet"
    if stretch is not None and table.domain.counts is Counts.SHARE:
        hint += ", or write `rounded: 2 places` in the measure if figures are rounded before the table is read"
    beside = (*(better.held if better is not None else ()), *worse.held)
    return warning("tier-gap", table.place(min(beside)), what, why, hint)


def _past(table: Table) -> str:
    return "above" if table.domain.grows else "below"


def _side(table: Table, first: Piece) -> str:
    if table.domain.grows:
        return "at least" if first.is_point else "more than"
    return "at most" if first.is_point else "below"


def _told(table: Table, low: Piece, high: Piece) -> str:
    if high.high is None:
        return f"from {table.told(low.low)} on"
    if low.low == high.high:
        return table.told(low.low)
    return table.told(high.high, low.low) if table.domain.time else table.told(low.low, high.high)


def _beside(table: Table, better: Piece | None, worse: Piece | None) -> str:
    """What the rows beside a gap give, which is what is in doubt."""
    given = ((table.gives(piece) if piece is not None else None) for piece in (better, worse))
    amounts = tuple(sorted({amount for amount in given if amount is not None}))
    return f"; the rows beside it give {table.priced(amounts)}" if amounts else ""
