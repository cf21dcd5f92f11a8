"""`basis`: named money, whose fees, of when, prorated how."""

from __future__ import annotations

from typing import Any

from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, mapped, one_of
from makegood.model.terms import BasisRule, FeesOf, FeesWhen

FEES = Key("fees of", mapped(one_of(*(f.value for f in FeesOf)), FeesOf), "the services whose fees count")
WHEN = Key("for", mapped(one_of(*(w.value for w in FeesWhen)), FeesWhen), "the time whose fees count, and their spread")
TABLE: tuple[Key[Any], ...] = (FEES, WHEN)


def read(name: str, node: Keyed, report: Report) -> BasisRule:
    """The rule as written."""
    fields = Fields(node, TABLE, report, "a basis")
    return BasisRule(name, report.clause, fields.get(FEES), fields.get(WHEN))
