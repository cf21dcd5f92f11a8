"""`scale`: value to amount by rows, each with the sides of its edges."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.shape import (
    UNSTATED,
    Fields,
    Key,
    Report,
    Shape,
    list_of,
    mapped,
    mapping_of,
    one_of,
    optional,
    text_of,
)
from makegood.model.expression import Unit
from makegood.model.terms import Nesting, ScaleRule, Tier, Unstated


def _amount(node: Node, report: Report) -> tuple[Fraction | Unstated, Unit, str] | None:
    text = text_of(node, report, "a share, a number of days, or money", "10 %")
    if text is None:
        return None
    if text.text == UNSTATED:
        return Unstated(report.clause, "the credit of this row"), Unit.SHARE, ""
    if text.text.endswith("%"):
        share = values.SHARE.read(text, report)
        return None if share is None else (share, Unit.SHARE, "")
    if text.text.endswith((" day", " days")):
        days = values.NUMBER.read(Text(text.text.rpartition(" ")[0], text.place), report)
        return None if days is None else (days, Unit.DAYS, "")
    money = values.MONEY.read(text, report)
    return None if money is None else (money.minor, Unit.MONEY, money.currency)


WHEN = Key("when", optional(values.RANGE), "the stretch of values of this row, each end with its side")
GIVES = Key("gives", optional(Shape("a share, days, money or `unstated`", "10 %", _amount)), "what this row gives")
ROW_TABLE: tuple[Key[Any], ...] = (WHEN, GIVES)


def _row(node: Keyed, report: Report) -> tuple[Tier, Unit, str] | None:
    fields = Fields(node, ROW_TABLE, report, "a row of a scale")
    found, gives = fields.get(WHEN), fields.get(GIVES)
    if found is None or gives is None:
        return None
    written = node.get(WHEN.name)
    says = written.text if isinstance(written, Text) else ""
    return Tier(found, gives[0], says, report.clause), gives[1], gives[2]


ROWS = Key(
    "rows",
    optional(list_of(mapping_of("a row", "{when: below 95 %, gives: 50 %}", _row), single=False)),
    "the rows, in any order",
)
EDGES = Key(
    "shared edges go to",
    one_of("the smaller credit", "the larger credit", "each row"),
    "which of two rows has an edge that both print",
    "each row",
)
NESTED = Key(
    "rows that hold together",
    mapped(one_of("the deepest counts", "add up"), lambda w: Nesting.ADDING if w == "add up" else Nesting.DEEPEST),
    "whether only the row with the lowest edge counts, or all that hold",
    Nesting.DEEPEST,
)
TABLE: tuple[Key[Any], ...] = (ROWS, EDGES, NESTED)


def read(name: str, node: Keyed, report: Report) -> ScaleRule:
    """The rule, with shared edges given to one row where the rule says to which."""
    fields = Fields(node, TABLE, report, "a scale")
    rows = fields.get(ROWS) or ()
    units = {unit for tier, unit, _ in rows if not isinstance(tier.amount, Unstated)}
    if len(units) > 1:
        why = "a row is a share, days or money, and what is multiplied by fees cannot be days"
        report.error("mixed-units", node.place, "the rows give different units", why, "use one scale for each unit")
    currencies = {c for _, _, c in rows if c}
    tiers = tuple(tier for tier, _, _ in rows)
    edges = fields.get(EDGES)
    if edges in ("the smaller credit", "the larger credit"):
        tiers = _divided(tiers, smaller=edges == "the smaller credit")
    unit = units.pop() if units else Unit.SHARE
    return ScaleRule(name, report.clause, unit, tiers, fields.get(NESTED), currencies.pop() if currencies else "")


def _divided(tiers: tuple[Tier, ...], smaller: bool) -> tuple[Tier, ...]:
    """Each edge that two rows hold goes to the row above it (better service, smaller credit) or to the one below."""
    lows = {t.range.low for t in tiers if t.range.low_inside}
    highs = {t.range.high for t in tiers if t.range.high_inside}
    shared = (lows & highs) - {None}

    def cut(tier: Tier) -> Tier:
        r = tier.range
        if r.low == r.high:
            return tier
        if smaller and r.high in shared:
            r = replace(r, high_inside=False)
        if not smaller and r.low in shared:
            r = replace(r, low_inside=False)
        return replace(tier, range=r)

    return tuple(cut(tier) for tier in tiers)
