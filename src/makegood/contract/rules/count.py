"""`count`: how many breaches or days of credit fall in a span."""

from __future__ import annotations

from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, one_of
from makegood.model.terms import CountRule

OF = Key(
    "of",
    values.NAME,
    "the remedy whose days or awards, or the commitment whose breaches, are counted",
    like="monthly-uptime",
)
OVER = Key("over", values.ANY_DAYS, "the consecutive local dates in which they are counted")
IN = Key("in", values.NAME, "the calendar whose dates they are", like="eastern")
DATED = Key("dated", one_of("period end", "period start"), "the date that an item has", "period end")
TABLE: tuple[Key[Any], ...] = (OF, OVER, IN, DATED)


def read(name: str, node: Keyed, report: Report) -> CountRule:
    """The rule; its zone still holds the calendar's name, which linking replaces."""
    fields = Fields(node, TABLE, report, "a count")
    return CountRule(name, report.clause, fields.get(OF), fields.get(OVER), fields.get(IN), fields.get(DATED))
