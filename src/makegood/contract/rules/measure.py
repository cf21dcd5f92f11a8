"""`measure`: the figure that is judged."""

from __future__ import annotations

from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, mapped, one_of, optional
from makegood.model.terms import CountsAs, MeasureKind, MeasureRule

IS = Key("is", mapped(one_of(*(k.value for k in MeasureKind)), MeasureKind), "the kind of figure", MeasureKind.RATIO)
OF = Key("of", values.NAME, "the outages that are down time, or the clock that is measured", like="downtime")
HOURS = Key("service hours", values.NAME, "the calendar outside whose hours nothing counts", "", like="business-hours")
ROUNDED = Key(
    "rounded", optional(values.PLACES), "rounding of the percentage, half up, for target and rows alike", None
)
EXCUSED = Key(
    "excused counts as",
    optional(mapped(one_of(*(c.value for c in CountsAs)), CountsAs)),
    "whether excused time is up, or leaves numerator and denominator",
    None,
)
UNSEEN = Key("unseen counts as", one_of("up", "down"), "where the agreement decides the time nobody saw", "")
TABLE: tuple[Key[Any], ...] = (IS, OF, HOURS, ROUNDED, EXCUSED, UNSEEN)


def read(name: str, node: Keyed, report: Report) -> MeasureRule:
    """The rule as written."""
    fields = Fields(node, TABLE, report, "a measure")
    return MeasureRule(
        name,
        report.clause,
        fields.get(IS),
        fields.get(OF),
        fields.get(HOURS),
        fields.get(ROUNDED),
        fields.get(EXCUSED),
        fields.get(UNSEEN),
    )
