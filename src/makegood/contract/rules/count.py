"""`count`: how many breaches or days of credit fall in a span."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.rules.choosing import WHERE
from makegood.contract.rules.spans_of import SPAN_OF
from makegood.contract.shape import Fields, Key, Report, mapped, one_of, optional
from makegood.model.facts import ItemKind
from makegood.model.terms import CountRule, Over

OF = Key(
    "of",
    values.NAMES,
    "the remedies whose days, points or awards, the commitments whose breaches, or the outages that are counted",
    (),
    like="monthly-uptime",
)
ITEMS = Key("items", optional(mapped(one_of(*(k.value for k in ItemKind)), ItemKind)), "what is counted instead", None)
OVER: Key[Over | None] = Key(
    "over",
    optional(SPAN_OF),
    "the span in which they are counted; the judged period where not written",
    None,
    like="any 90 days",
)
IN = Key("in", values.NAME, "the calendar whose dates a span of days counts", "", like="eastern")
DATED = Key("dated", one_of("period end", "period start"), "the date that an item has", "period end")
IN_A_ROW = Key(
    "in a row", values.YES_NO, "whether only periods count that follow each other up to the judged one", False
)
ALIKE = Key("alike in", values.WORDS, "a fact that must be the same: the largest such group counts", "", like="cause")
CLAIMED = Key("only what was claimed", values.YES_NO, "whether only what a claim was received for counts", False)
TABLE: tuple[Key[Any], ...] = (OF, ITEMS, WHERE, OVER, IN, DATED, IN_A_ROW, ALIKE, CLAIMED)


def read(name: str, node: Keyed, report: Report) -> CountRule:
    """The rule; its zone still holds the calendar's name, which linking replaces."""
    fields = Fields(node, TABLE, report, "a count")
    if (node.get("of") is None) == (node.get("items") is None):
        what = "a count says either `of` or `items`"
        report.error("missing-key", node.place, what, "", "write `of: monthly-uptime`, or `items: incident`")
    over = fields.get(OVER) or Over()
    if over.days and not fields.has(IN):
        what, why = "a count over days does not say `in`", "days are dates of a place"
        report.error("missing-key", node.place, what, why, "write `in: eastern`")
    return CountRule(
        name,
        report.clause,
        fields.get(OF),
        replace(over, zone=fields.get(IN)),
        fields.get(DATED),
        fields.get(ITEMS),
        fields.get(WHERE) or {},
        fields.get(IN_A_ROW),
        fields.get(ALIKE),
        fields.get(CLAIMED),
    )
