"""`class`: facts to a label by a decision table; the first row that holds decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.rules.choosing import FACTS
from makegood.contract.shape import Fields, Key, Report, list_of, mapped, mapping_of, one_of, optional, or_unstated
from makegood.model.terms import ClassRow, ClassRule, Unstated

IS = Key("is", values.WORDS, "the label", like="P1")
WHEN: Key[Mapping[str, tuple[str, ...]]] = Key(
    "when",
    FACTS,
    "the facts that give it; `EVENT within: CALENDAR` holds where the event came in the hours of a calendar",
    {},
)
SAYS = Key("says", values.WORDS, "the row in words, for the reader", "", like="a complete outage")
ROW_TABLE: tuple[Key[Any], ...] = (IS, WHEN, SAYS)


def _row(node: Keyed, report: Report) -> ClassRow | None:
    fields = Fields(node, ROW_TABLE, report, "a row of a class")
    return ClassRow(fields.get(IS), fields.get(WHEN), fields.get(SAYS))


_ROWS = list_of(mapping_of("a row", "{is: P1, when: {impact: outage}}", _row, ROW_TABLE), single=False)
ROWS = Key(
    "rows",
    optional(or_unstated(_ROWS, "the table of classes")),
    "the rows, the first that holds first; `unstated` where the text leaves the table out, which gives no label",
)
COUNTS = Key(
    "counts",
    mapped(one_of("the first", "the last", "the highest"), lambda words: words.removeprefix("the ")),
    "which class decides where an item was put into another: the earliest row is the highest",
    "first",
)
TABLE: tuple[Key[Any], ...] = (ROWS, COUNTS)


def read(name: str, node: Keyed, report: Report) -> ClassRule:
    """The rule as written."""
    fields = Fields(node, TABLE, report, "a class")
    rows = fields.get(ROWS)
    known = () if rows is None or isinstance(rows, Unstated) else rows
    return ClassRule(name, report.clause, known, fields.get(COUNTS))
