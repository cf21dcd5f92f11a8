"""Rows that no miss can reach, rows that reach above the target, and rows that others always stand before."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.lint.tiers.table import Piece, Table
from makegood.model.problem import Problem, note, warning
from makegood.model.terms import Nesting, Tier, Unstated


def rows_out_of_reach(table: Table) -> Iterator[Problem]:
    """Every row that never decides, or not where it seems to."""
    if table.scale.nesting is Nesting.PARTS:
        return
    missing = list(table.missing())
    met = [piece for piece in table.pieces if not table.domain.asks(piece.middle)]
    for row, tier in enumerate(table.scale.tiers):
        held = [piece for piece in missing if row in piece.held]
        above = [piece for piece in met if row in piece.held]
        if not held:
            yield _above(table, row)
        elif not any(row in table.deciding(piece) for piece in held):
            yield _shadowed(table, row)
        elif above and _bounded(table, tier) and table.scale.of == "":
            yield _past(table, row, above)


def _bounded(table: Table, tier: Tier) -> bool:
    """Whether the row ends on the side of what is met, short of the best value there is."""
    if table.domain.grows:
        return tier.range.low is not None and tier.range.low > table.domain.low
    return tier.range.high is not None and tier.range.high != table.domain.high


def _above(table: Table, row: int) -> Problem:
    what = f"the row {table.says(row)} is never reached"
    why = f"every value in it meets {table.target}, and a credit needs a miss"
    tier = table.scale.tiers[row]
    worst = tier.range.high if table.domain.grows else tier.range.low
    if worst is not None:
        why += f": at most {table.told(worst)}"
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
    grows, tier, asked = table.domain.grows, table.scale.tiers[row], table.domain.asked
    edge = tier.range.low if grows else tier.range.high
    assert edge is not None
    assert asked is not None
    if len(above) == 1 and above[0].is_point:
        what = f"{table.value(edge)} exactly meets the target and is also in the row {table.says(row)}"
        why = f"the row gives nothing there: at {table.told(edge)} the commitment is kept"
        end = f"write `{'more than' if grows else 'below'} {table.value(edge)}` for its {'start' if grows else 'end'}"
        return note("tier-at-target", table.place(row), what, why, end)
    what = f"the row {table.says(row)} reaches {'below' if grows else 'above'} {table.target}"
    low, high = (edge, asked.edge) if grows else (asked.edge, edge)
    kept = f"from {table.value(low)} to {table.value(high)}"
    why = f"{kept} the commitment is kept, and nothing is given: {table.told(edge, asked.edge)}"
    return warning("tier-past-target", table.place(row), what, why, "end the row at the target, or move the target")
