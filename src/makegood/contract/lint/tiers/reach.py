"""Rows that no miss can reach, rows that reach above the target, and rows that others always stand before."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.lint.ground import share_words
from makegood.contract.lint.tiers.table import Piece, Table
from makegood.model.problem import Problem, note, warning
from makegood.model.terms import Unstated


def rows_out_of_reach(table: Table) -> Iterator[Problem]:
    """Every row that never decides, or not where it seems to."""
    missing = list(table.missing())
    met = [piece for piece in table.pieces if table.target.holds(piece.middle)]
    for row, tier in enumerate(table.scale.tiers):
        held = [piece for piece in missing if row in piece.held]
        above = [piece for piece in met if row in piece.held]
        if not held:
            yield _above(table, row)
        elif not any(row in table.deciding(piece) for piece in held):
            yield _shadowed(table, row)
        elif tier.range.high is not None and above and tier.range.high < 1:
            yield _past(table, row, above)


def _above(table: Table, row: int) -> Problem:
    what = f"the row {table.says(row)} is never reached"
    why = f"every value in it meets the target of {table.target}, and a credit needs a miss"
    lowest = table.scale.tiers[row].range.low
    if lowest is not None:
        why += f": at most {table.down(lowest)} down in {table.example.words}"
    return warning(
        "tier-above-target", table.place(row), what, why, "lower the row, raise the target, or delete the row"
    )


def _shadowed(table: Table, row: int) -> Problem:
    tier = table.scale.tiers[row]
    what = f"the row {table.says(row)} never decides"
    why = "wherever it holds, a deeper row holds too and counts"
    if not isinstance(tier.amount, Unstated):
        why += f", so that {table.priced((tier.amount,))} are never given"
    if tier.range.low is None and tier.range.high is None:
        return note("tier-never-decides", table.place(row), what, "every miss is in another row", "delete the row")
    return warning("tier-never-decides", table.place(row), what, why, "move its ends, or delete the row")


def _past(table: Table, row: int, above: list[Piece]) -> Problem:
    edge = table.scale.tiers[row].range.high
    assert edge is not None
    if len(above) == 1 and above[0].is_point:
        what = f"{share_words(edge)} exactly meets the target and is also in the row {table.says(row)}"
        why = f"the row gives nothing there: at {table.down(edge)} down in {table.example.words} the commitment is kept"
        return note("tier-at-target", table.place(row), what, why, f"write `below {share_words(edge)}` for its end")
    what = f"the row {table.says(row)} reaches above the target of {table.target}"
    down = f"{table.down(edge)} to {table.down(table.target.edge)} down in {table.example.words}"
    kept = f"from {share_words(table.target.edge)} to {share_words(edge)}"
    why = f"{kept} the commitment is kept, and nothing is given: {down}"
    return warning("tier-past-target", table.place(row), what, why, "end the row at the target, or raise the target")
