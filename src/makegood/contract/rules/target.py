"""`target`: a commitment, with its subject, period, measure, number and strength."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from makegood.contract import values
from makegood.contract.edges import Edge
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.rules.choosing import FACTS
from makegood.contract.shape import UNSTATED, Fields, Key, Report, Shape, from_words, mapped, one_of, optional
from makegood.contract.wrong import Wrong
from makegood.model.terms import (
    Combined,
    Commitment,
    Counts,
    Each,
    InTime,
    MeasureKind,
    MeasureRule,
    Scope,
    Strength,
    Unstated,
)
from makegood.model.threshold import Threshold


def _target(node: Node, report: Report) -> Threshold[Edge] | InTime | Unstated | None:
    """A share, a length of time or a number with its side, `in time`, or `unstated`."""
    if isinstance(node, Text) and node.text == UNSTATED:
        return Unstated(report.clause, "the target")
    if isinstance(node, Text) and node.text == InTime.IN_TIME:
        return InTime.IN_TIME
    return values.TARGET.read(node, report)


def _of(text: str) -> tuple[Combined, int, str] | Wrong:
    """`any`, `all`, `at least 2`, `pooled`, or `weighted by seats`, a number that the order says of each service."""
    if text in ("any", "all", "pooled"):
        return Combined(text), 1, ""
    if found := re.fullmatch(r"at least ([1-9][0-9]{0,3})", text):
        return Combined.AT_LEAST, int(found[1]), ""
    if found := re.fullmatch(r"weighted by (\S.*)", text):
        return Combined.WEIGHTED, 1, found[1]
    hint = "write `any`, `all`, `at least 2`, `pooled` or `weighted by seats`"
    return Wrong(f"`{text}` does not say how services make up a subject", "", hint)


EACH = Key("each", mapped(one_of(*(e.value for e in Each)), Each), "what one statement is about", Each.SERVICE)
_OF_SCHEMA = {"anyOf": [{"enum": ["any", "all", "pooled"]}, {"pattern": "^(at least [1-9][0-9]{0,3}|weighted by .+)$"}]}
OF: Key[tuple[Combined, int, str] | None] = Key(
    "of",
    optional(from_words("how services make up a subject", "any", _of, schema=_OF_SCHEMA)),
    "how many of a subject's services must be down for it to be down: `any`, `all`, `at least 2`; `pooled` adds their "
    "figures up, `weighted by` a number that the order says of each",
    (Combined.ANY, 1, ""),
)
ONLY = Key("only where", FACTS, "what the order must say of a service for it to be covered", {}, like="{zones: [2, 3]}")
STAGES = Key(
    "not stages", values.WORD_LIST, "stages of a service that are not covered, such as beta", (), like="[beta, preview]"
)
INSTANCES = Key(
    "only instances",
    values.WORD_LIST,
    "the instances that alone are covered, such as production",
    (),
    like="[production]",
)
OVER = Key("over", values.NAME, "the period it is judged over", like="month")
MEASURES = Key("measures", values.NAME, "the measure that is held against the target", like="monthly-availability")
_IS = {"anyOf": [{"enum": [InTime.IN_TIME.value, UNSTATED]}, values.TARGET.schema]}
IS: Key[Threshold[Edge] | InTime | Unstated] = Key(
    "is",
    Shape(
        "a share, a length of time or a number with its side, `in time`, or `unstated`", "at least 99.9 %", _target, _IS
    ),
    "the target",
)
STRENGTH = Key("strength", values.STRENGTH, "promise, efforts or aim: only an aim cannot be breached", Strength.PROMISE)
ALLOWS = Key(
    "allows", optional(values.DURATION), "the downtime that the text says this allows", None, like="43 min 12 s"
)
TABLE: tuple[Key[Any], ...] = (EACH, OF, ONLY, STAGES, INSTANCES, OVER, MEASURES, IS, STRENGTH, ALLOWS)


def check_fit(rule: Commitment, rules: Mapping[str, Any], node: Keyed, report: Report) -> None:
    """Report a target that counts something else than its measure, and scopes that cannot be judged so."""
    measure = rules.get(rule.measure)
    if not isinstance(measure, MeasureRule) or isinstance(rule.target, Unstated):
        return
    if measure.kind is MeasureKind.UNSTATED:
        return
    at = node.get(IS.name) or node
    in_time = isinstance(rule.target, InTime)
    if in_time and measure.kind is not MeasureKind.ELAPSED:
        what, hint = (
            f"`{measure.name}` is a {measure.kind.value}, and only what is elapsed can be in time",
            "write a number",
        )
        report.error("wrong-unit", at.place, what, "", hint)
    elif not in_time and rule.counts is not measure.counts:
        what = f"the target is {rule.counts.value}, and `{measure.name}` measures {measure.counts.value}"
        examples = {Counts.SHARE: "at least 99.9 %", Counts.TIME: "at most 4 h", Counts.NUMBER: "at most 3 incidents"}
        hint = f"write for example `{examples.get(measure.counts, 'at least 99.9 %')}`"
        report.error("wrong-unit", at.place, what, "they could never be compared", hint)
    if (measure.kind is MeasureKind.ELAPSED) != (rule.scope.each.item is not None):
        what = "a statement about one ticket or the like measures what is elapsed, and what is elapsed is that of one"
        hint = "write `each: ticket` with `is: elapsed`, or measure a `share in time`"
        report.error("wrong-scope", (node.get(EACH.name) or node).place, what, "", hint)


def read(name: str, node: Keyed, report: Report) -> Commitment:
    """The commitment as written."""
    fields = Fields(node, TABLE, report, "a target")
    combined, k, weight = fields.get(OF) or (Combined.ANY, 1, "")
    written, counts = fields.get(IS), Counts.SHARE
    if isinstance(written, Threshold):
        counts = written.edge.counts
        target: Threshold[Fraction] | InTime | Unstated = Threshold(written.side, written.edge.value, written.written)
    else:
        target = written
        counts = Counts.TIME if isinstance(written, InTime) else counts
    return Commitment(
        name,
        report.clause,
        Scope(fields.get(EACH), fields.get(STAGES), fields.get(INSTANCES), fields.get(ONLY) or {}, combined, k, weight),
        fields.get(OVER),
        fields.get(MEASURES),
        target,
        fields.get(STRENGTH),
        fields.get(ALLOWS),
        counts,
    )
