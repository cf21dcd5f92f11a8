"""Rows that hold one value together: a tie, an edge in two rows, rows that nest, rows that overlap in part."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from makegood.contract.lint.ground import example_words
from makegood.contract.lint.tiers.table import Piece, Table, values_in
from makegood.model.problem import Problem, warning
from makegood.model.terms import Nesting, ScaleRule

_NESTING_KEY: Final = "rows that hold together"
_EDGES_KEY: Final = "shared edges go to"


def together(table: Table) -> Iterator[Problem]:
    """Every set of rows that hold a value together, where the rule does not say how they combine."""
    scale, situation = table.scale, table.situation
    if scale.nesting is Nesting.PARTS:
        return
    nesting_said = situation.writes(scale.name, _NESTING_KEY)
    nested: Piece | None = None
    seen: set[tuple[int, ...]] = set()
    for piece in table.missing():
        if len(piece.held) < 2 or piece.held in seen:
            continue
        seen.add(piece.held)
        deciding = table.deciding(piece)
        if len(deciding) > 1 and scale.nesting is Nesting.DEEPEST:
            yield _tie(table, piece, deciding)
        elif nesting_said:
            continue
        elif piece.is_point and _meet(scale, piece):
            if not situation.writes(scale.name, _EDGES_KEY):
                yield _shared(table, piece)
        elif _one_in_another(scale, piece.held):
            nested = piece
        else:
            yield _overlap(table, piece)
    if nested is not None:
        yield _nested(table, nested)


def _meet(scale: ScaleRule, piece: Piece) -> bool:
    ranges = [scale.tiers[n].range for n in piece.held]
    return any(r.low == piece.low for r in ranges) and any(r.high == piece.low for r in ranges)


def _one_in_another(scale: ScaleRule, rows: tuple[int, ...]) -> bool:
    """Whether the rows begin or go on together, as rows that only say `below`, or `more than`, do; or one has no bounds
    at all (`otherwise`)."""
    ranges = [scale.tiers[n].range for n in rows]
    bounded = [r for r in ranges if r.low is not None or r.high is not None]
    begin_alike = len({(r.low, r.low_inside) for r in bounded}) <= 1
    return begin_alike or all(r.high is None for r in ranges) or len(bounded) < 2


def _both(table: Table, rows: tuple[int, ...]) -> str:
    return " and ".join(table.says(n) for n in rows)


def _tie(table: Table, piece: Piece, rows: tuple[int, ...]) -> Problem:
    where = values_in(table, piece, piece)
    what = f"{_both(table, rows)} both hold {where} and end at the same value"
    if all(table.scale.tiers[row].range.high is None for row in rows):
        what = f"{_both(table, rows)} both hold {where} and have no upper end"
    why = f"neither is deeper, so that at {table.told(piece.middle)} the credit cannot be told: {table.either(rows)}"
    return warning("tier-tie", table.place(rows[-1]), what, why, "give one of them another upper end")


def _shared(table: Table, piece: Piece) -> Problem:
    what = f"{table.value(piece.low)} exactly is in two rows: {_both(table, piece.held)}"
    why = f"at {table.told(piece.low)} the credit is {table.either(piece.held)}"
    hint = (
        f"write one edge with its side, as in `below {table.value(piece.low)}`; or, where the text prints both, "
        f"`{_EDGES_KEY}: {{among: [the smaller credit, the larger credit], chosen: …, because: …}}`"
    )
    return warning("tier-shared-edge", table.place(piece.held[-1]), what, why, hint)


def _nested(table: Table, piece: Piece) -> Problem:
    amounts = table.amounts(piece.held)
    deepest = table.gives(piece)
    what = f"{table.value(piece.middle)} is in {len(piece.held)} rows, and the rule does not say how they combine"
    why = "nested rows are read so that the deepest counts"
    if deepest is not None and len(amounts) > 1:
        added = sum(amounts, Fraction(0))
        why = f"if the deepest counts it earns {table.amount(deepest)}, if they add up {table.amount(added)}"
        money = example_words((deepest, added), table.scale.unit)
        why += f": {money}" if money else ""
    why = f"at {table.told(piece.middle)}, " + why
    hint = f"write `{_NESTING_KEY}: the deepest counts`, or `add up`"
    return warning("tier-nested", table.place(piece.held[-1]), what, why, hint)


def _overlap(table: Table, piece: Piece) -> Problem:
    what = f"{_both(table, piece.held)} overlap: both hold {values_in(table, piece, piece)}"
    why = f"at {table.told(piece.middle)} the credit is {table.either(piece.held)}"
    hint = f"end the one where the other begins, or write `{_NESTING_KEY}: the deepest counts`"
    return warning("tier-overlap", table.place(piece.held[-1]), what, why, hint)
