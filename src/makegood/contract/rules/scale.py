"""`scale`: value to amount by rows, each with the sides of its edges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from makegood.contract import patterns, values
from makegood.contract.edges import edge
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.patterns import whole
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
    or_unstated,
    text_of,
)
from makegood.contract.wrong import Wrong
from makegood.model.expression import Unit
from makegood.model.terms import (
    BasisRule,
    Commitment,
    CountRule,
    Counts,
    Nesting,
    Range,
    ScaleRule,
    Step,
    Tier,
    Unstated,
)

_STEP = re.compile(r"(.+?) for each (started|complete) (.+?)(?: beyond (.+))?")
_COUNTED = {"day": Unit.DAYS, "days": Unit.DAYS, "point": Unit.POINTS, "points": Unit.POINTS}


@dataclass(frozen=True, slots=True)
class _Gives:
    """What a row gives, in which unit, and for each of which steps, with what those count."""

    amount: Fraction | Unstated
    unit: Unit | None
    currency: str = ""
    step: Step | None = None
    counts: Counts | None = None


def _gives(node: Node, report: Report) -> _Gives | None:
    """`10 %`, `5 days`, `2 points`, `500.00 USD`, `unstated`, or so much for each step:
    `5 % for each started 30 min beyond 4 h`."""
    text = text_of(node, report, "a share, a number of days, or money", "10 %")
    if text is None:
        return None
    if text.text == UNSTATED:
        return _Gives(Unstated(report.clause, "the credit of this row"), None)
    found = _STEP.fullmatch(text.text)
    if found is None:
        return _amount(text, report)
    given = _amount(Text(found[1], text.place), report)
    size, beyond = edge(found[3]), edge(found[4]) if found[4] else None
    for wrong in (size, beyond):
        if isinstance(wrong, Wrong):
            report.error("wrong-value", text.place, wrong.what, wrong.why, wrong.hint)
            return None
    assert not isinstance(size, Wrong)
    assert not isinstance(beyond, Wrong)
    if size.value <= 0 or (beyond is not None and beyond.counts is not size.counts):
        hint = "write for example `5 % for each started 30 min`"
        report.error("wrong-value", text.place, f"`{text.text}` has no steps", "a step is more than nothing", hint)
        return None
    step = Step(size.value, found[2] == "started", None if beyond is None else beyond.value)
    return None if given is None else replace(given, step=step, counts=size.counts)


def _amount(text: Text, report: Report) -> _Gives | None:
    number, _, word = text.text.rpartition(" ")
    if text.text.endswith("%"):
        share = values.SHARE.read(text, report)
        return None if share is None else _Gives(share, Unit.SHARE)
    if word in _COUNTED:
        count = values.NUMBER.read(Text(number, text.place), report)
        return None if count is None else _Gives(count, _COUNTED[word])
    money = values.MONEY.read(text, report)
    return None if money is None else _Gives(money.minor, Unit.MONEY, money.currency)


WHEN = Key("when", optional(values.RANGE), "the stretch of values of this row, each end with its side")
_AMOUNTS = patterns.any_of(patterns.SHARE, f"{patterns.NUMBER} (?:day|days|point|points)", patterns.MONEY)
_EACH = f"(?: for each (?:started|complete) {patterns.EDGE}(?: beyond {patterns.EDGE})?)?"
_GIVES = {"type": "string", "pattern": whole(UNSTATED, f"{_AMOUNTS}{_EACH}")}
GIVES = Key(
    "gives",
    optional(Shape("a share, days, points, money or `unstated`, once or for each step", "10 %", _gives, _GIVES)),
    "what this row gives, or gives `for each started 30 min` or `for each complete 1 %` of the value, from nothing or "
    "`beyond` an edge on",
)
ROW_TABLE: tuple[Key[Any], ...] = (WHEN, GIVES)


def _row(node: Keyed, report: Report) -> tuple[Tier, _Gives, Counts | None] | None:
    fields = Fields(node, ROW_TABLE, report, "a row of a scale")
    found, gives = fields.get(WHEN), fields.get(GIVES)
    if found is None or gives is None:
        return None
    written = node.get(WHEN.name)
    says = written.text if isinstance(written, Text) else ""
    span, counts = found
    return Tier(span, gives.amount, says, report.clause, gives.step), gives, counts


_ROWS = list_of(mapping_of("a row", "{when: below 95 %, gives: 50 %}", _row, ROW_TABLE), single=False)
ROWS = Key("rows", optional(or_unstated(_ROWS, "the table")), "the rows, in any order")
EDGES = Key(
    "shared edges go to",
    one_of("the smaller credit", "the larger credit", "each row"),
    "which of two rows has an edge that both print; `each row` needs `rows that hold together` to say what it earns",
    "each row",
)
_NESTINGS = {"the deepest counts": Nesting.DEEPEST, "add up": Nesting.ADDING, "count for their part": Nesting.PARTS}
NESTED = Key(
    "rows that hold together",
    mapped(one_of(*_NESTINGS), _NESTINGS.__getitem__),
    "whether only the innermost row counts, all that hold, or each for the part of the value in it",
    Nesting.DEEPEST,
)
OF = Key(
    "of",
    values.WORDS,
    "the value that is looked up: `downtime`, `shortfall`, or the name of a target, a count, a basis or another "
    "scale; the figure of the commitment where not written",
    "",
    like="downtime",
)
TABLE: tuple[Key[Any], ...] = (OF, ROWS, EDGES, NESTED)


def _circle(rule: ScaleRule, rules: Mapping[str, Any], node: Keyed, report: Report) -> None:
    """Report a table whose value is looked up in itself, by way of others or not."""
    seen, other = [rule.name], rules.get(rule.of)
    while isinstance(other, ScaleRule) and other.name not in seen:
        seen.append(other.name)
        other = rules.get(other.of)
    if other is rule:
        at, hint = node.get(OF.name) or node, "write of which figure one of them is"
        report.error("scale-circle", at.place, f"`{rule.name}` looks its value up in itself", "", hint)


def read(name: str, node: Keyed, report: Report) -> ScaleRule:
    """The rule, with shared edges given to one row where the rule says to which."""
    fields = Fields(node, TABLE, report, "a scale")
    written = fields.get(ROWS) or ()
    rows = () if isinstance(written, Unstated) else written
    units = {gives.unit for _, gives, _ in rows if gives.unit is not None}
    if len(units) > 1:
        why = "a row is a share, days or money, and what is multiplied by fees cannot be days"
        report.error("mixed-units", node.place, "the rows give different units", why, "use one scale for each unit")
    counted = {c for _, gives, at in rows for c in (at, gives.counts) if c is not None}
    if len(counted) > 1:
        why = f"they count {' and '.join(sorted(c.value for c in counted))}"
        report.error("mixed-edges", node.place, "the rows are about different things", why, "use one scale for each")
    currencies = {gives.currency for _, gives, _ in rows if gives.currency}
    nesting = fields.get(NESTED)
    if nesting is Nesting.PARTS and any(tier.step is None for tier, _, _ in rows):
        what, why = "a row that counts for its part gives something for each step of it", "a part has a length"
        report.error("no-step", node.place, what, why, "write for example `gives: 5 % for each started 30 min`")
    tiers = tuple(tier for tier, _, _ in rows)
    if isinstance(written, Unstated):
        tiers = (Tier(Range(None, False, None, False), written, "otherwise", report.clause),)
    edges = fields.get(EDGES)
    if fields.has(EDGES) and edges == "each row" and not fields.has(NESTED) and _shared(tiers):
        what = "an edge that goes to each row is in two of them, and nothing says what it earns"
        hint = (
            "write `rows that hold together: add up`, or give the edge to `the smaller credit` or `the larger credit`"
        )
        report.error("edge-in-each-row", (node.get(EDGES.name) or node).place, what, "either could be asked for", hint)
    if edges in ("the smaller credit", "the larger credit"):
        tiers = _divided(tiers, smaller=edges == "the smaller credit")
    return ScaleRule(
        name,
        report.clause,
        units.pop() if units else Unit.SHARE,
        tiers,
        nesting,
        currencies.pop() if currencies else "",
        fields.get(OF),
        counted.pop() if counted else Counts.SHARE,
    )


_KNOWN_VALUES = {"downtime": Counts.TIME, "covered-time": Counts.TIME, "allowed-downtime": Counts.TIME,
                 "excess-downtime": Counts.TIME, "outages": Counts.NUMBER}  # fmt: skip


def check_fit(rule: ScaleRule, rules: Mapping[str, Any], node: Keyed, report: Report) -> None:
    """Report a table whose rows count something else than the value that it looks up, or that looks itself up."""
    _circle(rule, rules, node, report)
    looked_up = rules.get(rule.of)
    value = _KNOWN_VALUES.get(rule.of)
    if isinstance(looked_up, Commitment) and not isinstance(looked_up.target, Unstated):
        value = looked_up.counts
    elif isinstance(looked_up, BasisRule):
        value = Counts.MONEY
    elif isinstance(looked_up, CountRule):
        value = Counts.NUMBER
    if value is not None and value is not rule.counts:
        what = f"the rows are about {rule.counts.value}, and `{rule.of}` is {value.value}"
        report.error("wrong-unit", (node.get(ROWS.name) or node).place, what, "no row could ever hold", "use its unit")


def _shared(tiers: tuple[Tier, ...]) -> set[Fraction]:
    """The edges that end one row and begin another, and are inside both."""
    lows = {t.range.low for t in tiers if t.range.low_inside and t.range.low is not None}
    return lows & {t.range.high for t in tiers if t.range.high_inside and t.range.high is not None}


def _divided(tiers: tuple[Tier, ...], smaller: bool) -> tuple[Tier, ...]:
    """Each edge that two rows hold goes to the row above it (better service, smaller credit) or to the one below."""
    shared = _shared(tiers)

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
