"""`measure`: the figure that is judged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from makegood.contract import numbers, patterns, values
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.patterns import whole
from makegood.contract.rules.choosing import WHERE
from makegood.contract.shape import Fields, Key, Report, Shape, from_words, mapped, one_of, optional
from makegood.contract.wrong import Wrong
from makegood.model.facts import ItemKind
from makegood.model.terms import (
    OF_INTERVALS,
    OF_ITEMS,
    OF_OUTAGES,
    ClockRule,
    CountRule,
    Counts,
    CountsAs,
    MeasureKind,
    MeasureRule,
    OutageRule,
)

LEFT_OUT = "left out"


def _empty(text: str) -> Fraction | str | Wrong:
    return text if text == LEFT_OUT else numbers.percent(text)


def _rank(text: str) -> Fraction | Wrong:
    rank = numbers.percent(text)
    if isinstance(rank, Wrong) or 0 < rank < 1:
        return rank
    return Wrong(f"`{text}` is the rank of no percentile", "it lies between 0 % and 100 %", "write for example `95 %`")


def _unit(text: str) -> str | Wrong:
    if re.fullmatch(r"%|[a-zA-Z][a-zA-Z /-]*", text):
        return text
    return Wrong(f"`{text}` is no unit", "", "write `ms`, `s`, `min`, `h`, `%`, or a word of your own")


IS = Key("is", mapped(one_of(*(k.value for k in MeasureKind)), MeasureKind), "the kind of figure", MeasureKind.RATIO)
OF = Key(
    "of", values.NAME, "the outages, the clock, the measure or the count that it is a figure of", "", like="downtime"
)
HOURS = Key("service hours", values.NAME, "the calendar outside whose hours nothing counts", "", like="business-hours")
NOT_ROUNDED: Final = "not at all"


def _rounded(node: Node, report: Report) -> int | None:
    if isinstance(node, Text) and node.text == NOT_ROUNDED:
        return None
    return values.PLACES.read(node, report)


ROUNDED: Key[int | None] = Key(
    "rounded",
    Shape(
        f"{values.PLACES.says}, or `{NOT_ROUNDED}`",
        values.PLACES.example,
        _rounded,
        {"anyOf": [values.PLACES.schema, {"const": NOT_ROUNDED}]},
    ),
    "rounding of the percentage, half up, for target and rows alike",
    None,
)
EXCUSED = Key(
    "excused counts as",
    optional(mapped(one_of(*(c.value for c in CountsAs)), CountsAs)),
    "whether excused time is up, or leaves numerator and denominator",
    None,
)
UNSEEN = Key(
    "unseen counts as",
    one_of("up", "down", "nothing"),
    "where the agreement decides what nobody saw: `nothing` leaves intervals without a record out",
    "",
)
METRIC = Key("metric", values.WORDS, "the metric of the measurements", "", like="requests")
SOURCE = Key("source", values.WORDS, "the one source of measurements that counts", "", like="gateway")
GOOD = Key("good", values.WORDS, "the column of what succeeded", "good")
VALID = Key("valid", values.WORDS, "the column of all that counts", "valid")
VALUE = Key("value", values.WORDS, "the column of a measured quantity, instead of good and valid", "", like="p95")
UNIT = Key(
    "unit",
    from_words("the unit of a value", "ms", _unit, whole("%", "[a-zA-Z][a-zA-Z /-]*")),
    "what a value counts",
    "",
    like="ms",
)
INTERVAL = Key(
    "interval",
    optional(values.POSITIVE),
    "the length of the intervals, each of which is expected; as they are recorded where not written",
    None,
    like="5 min",
)
EMPTY = Key(
    "an empty interval is",
    from_words("a share, or `left out`", "100 %", _empty, whole(LEFT_OUT, patterns.SHARE)),
    "what an interval counts in which nothing was valid",
    LEFT_OUT,
    like="100 %",
)
RANK = Key(
    "percentile",
    optional(from_words("a rank", "95 %", _rank, whole(patterns.SHARE))),
    "the share of the intervals whose value is at or below the figure",
    None,
    like="95 %",
)
PERIODS = Key("periods", optional(values.NUMBER), "how many periods a mean goes over, the judged one last", None,
              like="2")  # fmt: skip
ITEMS = Key(
    "items", optional(mapped(one_of(*(k.value for k in ItemKind)), ItemKind)), "what is counted, or timed", None
)
CREDITED = Key(
    "once credited counts as", one_of("up"), "`up` where downtime whose credit was paid does not count again", ""
)
TABLE: tuple[Key[Any], ...] = (
    *(IS, OF, HOURS, ROUNDED, EXCUSED, UNSEEN, METRIC, SOURCE, GOOD, VALID, VALUE, UNIT),
    *(INTERVAL, EMPTY, RANK, PERIODS, ITEMS, WHERE, CREDITED),
)

_NEEDS: Final[dict[MeasureKind, tuple[Key[Any], ...]]] = {
    **dict.fromkeys((*OF_OUTAGES, *OF_ITEMS), (OF,)),
    **dict.fromkeys(OF_INTERVALS, (METRIC,)),
    MeasureKind.SUM: (METRIC, VALUE),
    MeasureKind.GREATEST: (METRIC, VALUE),
    MeasureKind.LEAST: (METRIC, VALUE),
    MeasureKind.PERCENTILE: (METRIC, VALUE, RANK),
    MeasureKind.PERIODS: (OF, PERIODS),
}
_ALWAYS: tuple[Key[Any], ...] = (IS, ROUNDED, EXCUSED)
_TAKES: Final[dict[MeasureKind, tuple[Key[Any], ...]]] = {
    **dict.fromkeys(OF_OUTAGES, (OF, HOURS, UNSEEN, CREDITED)),
    **dict.fromkeys(OF_INTERVALS, (METRIC, SOURCE, GOOD, VALID, VALUE, UNIT, INTERVAL, EMPTY, RANK, HOURS, UNSEEN)),
    **dict.fromkeys(OF_ITEMS, (OF, ITEMS, WHERE)),
    MeasureKind.COUNT: (OF, ITEMS, WHERE, HOURS, UNSEEN),
    MeasureKind.PERIODS: (OF, PERIODS),
}


def read(name: str, node: Keyed, report: Report) -> MeasureRule:
    """The rule as written; keys that its kind does not read are refused."""
    fields = Fields(node, TABLE, report, "a measure")
    kind = fields.get(IS)
    _fitting(kind, node, report)
    empty, periods = fields.get(EMPTY), fields.get(PERIODS)
    return MeasureRule(
        name,
        report.clause,
        kind,
        fields.get(OF),
        fields.get(HOURS),
        fields.get(ROUNDED),
        fields.get(EXCUSED),
        fields.get(UNSEEN),
        fields.get(METRIC),
        fields.get(SOURCE),
        fields.get(GOOD),
        fields.get(VALID),
        fields.get(VALUE),
        fields.get(UNIT),
        fields.get(INTERVAL),
        empty if isinstance(empty, Fraction) else None,
        fields.get(RANK),
        int(periods) if periods is not None else 0,
        fields.get(ITEMS),
        fields.get(WHERE),
        fields.get(CREDITED),
    )


def check_fit(rule: MeasureRule, rules: Mapping[str, Any], node: Keyed, report: Report) -> None:
    """Report a measure of something that it cannot be a figure of."""
    found, at = rules.get(rule.of), node.get(OF.name) or node
    wanted, word = _OF_KIND.get(rule.kind, (None, ""))
    if found is None or wanted is None:
        return
    if not isinstance(found, wanted):
        what = f"`is: {rule.kind.value}` is a figure of {word}, and `{rule.of}` is none"
        report.error("wrong-kind", at.place, what, "", f"name {word}")
    elif isinstance(found, ClockRule) and (never := [event for event in found.starts if event in OF_STATEMENTS]):
        what = f"`{rule.of}` starts from `{never[0]}`, which is no event of a ticket, a claim or the like"
        why = f"`is: {rule.kind.value}` times each of them by its own events, and this clock would never start"
        hint = "count from one of their events, such as `claim received`; a statement dates a clock `for` a remedy"
        report.error("never-starts", at.place, what, why, hint)
    elif isinstance(found, MeasureRule) and (found.counts is not Counts.SHARE or found.kind is MeasureKind.PERIODS):
        what = f"a mean of periods is one of shares, and `{rule.of}` is a {found.kind.value}"
        report.error("wrong-kind", at.place, what, "", "name a measure that is a share of something")


OF_STATEMENTS: Final = ("end of period", "end of the period of the claim", "order starts", "order ends")
"""Events that belong to a statement and its order, and never to a ticket, an incident, a claim, a change or a drill."""

_OF_KIND: Final[dict[MeasureKind, tuple[type | tuple[type, ...], str]]] = {
    **dict.fromkeys(OF_OUTAGES, (OutageRule, "an outage")),
    MeasureKind.COUNT: ((OutageRule, CountRule), "an outage or a count"),
    **dict.fromkeys(OF_ITEMS, (ClockRule, "a clock")),
    MeasureKind.PERIODS: (MeasureRule, "a measure"),
}


def _fitting(kind: MeasureKind | None, node: Keyed, report: Report) -> None:
    if kind in (None, MeasureKind.UNSTATED):
        return
    for key in _NEEDS.get(kind, ()):
        if node.get(key.name) is None:
            what, hint = (
                f"`is: {kind.value}` needs `{key.name}`, which is not written",
                f"write `{key.name}: {key.example}`",
            )
            report.error("missing-key", node.place, what, key.says, hint)
    taken = {k.name for k in (*_ALWAYS, *_TAKES.get(kind, ()))}
    known = {k.name for k in TABLE}
    for written, _ in node.entries:
        if written.text in known - taken:
            what = f"`is: {kind.value}` does not read `{written.text}`"
            report.error(
                "unused-key", written.place, what, "nothing would read it", "take it away, or write another `is`"
            )
    if kind is MeasureKind.COUNT and (node.get("of") is None) == (node.get("items") is None):
        what = "a count says either `of`, for outages, or `items`, for tickets and the like"
        report.error("missing-key", node.place, what, "", "write `of: downtime`, or `items: incident`")
