"""`target`: a commitment, with its subject, period, measure, number and strength."""

from __future__ import annotations

from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.shape import UNSTATED, Fields, Key, Report, Shape, mapped, one_of, optional
from makegood.model.terms import Commitment, Each, Scope, Strength, Unstated


def _target(node: Node, report: Report) -> Any:
    """A share with its side, a length of time with its side, or `unstated`."""
    if isinstance(node, Text) and node.text == UNSTATED:
        return Unstated(report.clause, "the target")
    if isinstance(node, Text) and "%" not in node.text and any(c.isalpha() for c in node.text[9:]):
        return values.THRESHOLD_DURATION.read(node, report)
    return values.TARGET_SHARE.read(node, report)


EACH = Key("each", mapped(one_of(*(e.value for e in Each)), Each), "what one statement is about", Each.SERVICE)
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
IS = Key("is", Shape("a share or a time with its side, or `unstated`", "at least 99.9 %", _target), "the target")
STRENGTH = Key("strength", values.STRENGTH, "promise, efforts or aim: only an aim cannot be breached", Strength.PROMISE)
ALLOWS = Key(
    "allows", optional(values.DURATION), "the downtime that the text says this allows", None, like="43 min 12 s"
)
TABLE: tuple[Key[Any], ...] = (EACH, STAGES, INSTANCES, OVER, MEASURES, IS, STRENGTH, ALLOWS)


def read(name: str, node: Keyed, report: Report) -> Commitment:
    """The commitment as written."""
    fields = Fields(node, TABLE, report, "a target")
    return Commitment(
        name,
        report.clause,
        Scope(fields.get(EACH), fields.get(STAGES), fields.get(INSTANCES)),
        fields.get(OVER),
        fields.get(MEASURES),
        fields.get(IS),
        fields.get(STRENGTH),
        fields.get(ALLOWS),
    )
