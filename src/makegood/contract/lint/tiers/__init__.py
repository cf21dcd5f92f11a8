"""Tables of credits: gaps, overlaps, shared edges, rows that never decide, credits that shrink as downtime grows."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.lint.ground import Situation
from makegood.contract.lint.tiers.beside import tables_beside
from makegood.contract.lint.tiers.gaps import gaps
from makegood.contract.lint.tiers.reach import rows_out_of_reach
from makegood.contract.lint.tiers.shrink import shrinking, uncapped
from makegood.contract.lint.tiers.table import tables
from makegood.contract.lint.tiers.together import together
from makegood.model.problem import Problem


def tier_findings(situation: Situation) -> Iterator[Problem]:
    """Every finding about the tables of credits of one situation."""
    for table in tables(situation):
        if table.scale.tiers:
            yield from gaps(table)
            yield from together(table)
            yield from rows_out_of_reach(table)
            yield from shrinking(table)
            yield from uncapped(table)
    yield from tables_beside(situation)
