"""`period`: the spans that are judged."""

from __future__ import annotations

from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, mapped, one_of, optional
from makegood.model.when import Partial, PeriodKind, PeriodRule, Weekday

IS = Key("is", mapped(one_of(*(k.value for k in PeriodKind)), PeriodKind), "the kind of span")
IN = Key("in", values.NAME, "the calendar whose zone cuts the spans", like="eastern")
STARTS = Key("year starts", values.MONTH, "the first month of a fiscal year, for its quarters and years", 1)
ANCHOR = Key("anchor", optional(values.NUMBER), "the day of the month on which a billing month starts", None, like="15")
WEEK = Key("week starts", values.WEEKDAY, "the first day of a week", Weekday.MONDAY)
DAYS = Key("days", optional(values.NUMBER), "how many consecutive local dates a window of days has", None, like="30")
NOMINAL = Key("nominal length", optional(values.DURATION), "a length that replaces the true one", None, like="720 h")
PARTIAL = Key(
    "partial",
    mapped(one_of(*(p.value for p in Partial)), Partial),
    "what becomes of a span covered in part: its covered part is judged, nothing is, or all of it, the rest being up",
    Partial.JUDGED,
)
TABLE: tuple[Key[Any], ...] = (IS, IN, STARTS, ANCHOR, WEEK, DAYS, NOMINAL, PARTIAL)


def read(name: str, node: Keyed, report: Report) -> PeriodRule:
    """The rule; its zone still holds the calendar's name, which linking replaces by the calendar's zone."""
    fields = Fields(node, TABLE, report, "a period")
    anchor, days = fields.get(ANCHOR), fields.get(DAYS)
    kind = fields.get(IS)
    if anchor is not None and not (1 <= anchor <= 31 and anchor.denominator == 1):
        at = node.get(ANCHOR.name) or node
        report.error(
            "no-day", at.place, "a billing month starts on a day from 1 to 31", "", "write for example `anchor: 15`"
        )
    if days is not None and not (1 <= days <= 3660 and days.denominator == 1):
        at = node.get(DAYS.name) or node
        report.error("no-days", at.place, "a window has a whole number of days", "", "write for example `days: 30`")
    if kind is PeriodKind.DAYS and days is None:
        report.error(
            "missing-key", node.place, "a window of days does not say how many", "", "write for example `days: 30`"
        )
    return PeriodRule(
        name,
        kind,
        fields.get(IN),
        fields.get(STARTS),
        int(anchor) if anchor is not None else 1,
        fields.get(WEEK),
        int(days) if days is not None else 0,
        fields.get(NOMINAL),
        fields.get(PARTIAL),
    )
