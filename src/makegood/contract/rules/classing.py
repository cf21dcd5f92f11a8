"""`class`: facts to a label by a decision table; the first row that holds decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, list_of, mapping_of, optional, or_unstated
from makegood.model.terms import ClassRow, ClassRule, Unstated


def _conditions(node: Keyed, report: Report) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in node.entries:
        words = values.WORD_LIST.read(value, report)
        if words is not None:
            found[key.text] = words
    return found


IS = Key("is", values.WORDS, "the label", like="P1")
WHEN: Key[Mapping[str, tuple[str, ...]]] = Key(
    "when", mapping_of("facts", "{impact: outage, users: all}", _conditions), "the facts that give it", {}
)
SAYS = Key("says", values.WORDS, "the row in words, for the reader", "", like="a complete outage")
ROW_TABLE: tuple[Key[Any], ...] = (IS, WHEN, SAYS)


def _row(node: Keyed, report: Report) -> ClassRow | None:
    fields = Fields(node, ROW_TABLE, report, "a row of a class")
    return ClassRow(fields.get(IS), fields.get(WHEN), fields.get(SAYS))


_ROWS = list_of(mapping_of("a row", "{is: P1, when: {impact: outage}}", _row), single=False)
ROWS = Key(
    "rows",
    optional(or_unstated(_ROWS, "the table of classes")),
    "the rows, the first that holds first; `unstated` where the text leaves the table out, which gives no label",
)
TABLE: tuple[Key[Any], ...] = (ROWS,)


def read(name: str, node: Keyed, report: Report) -> ClassRule:
    """The rule as written."""
    rows = Fields(node, TABLE, report, "a class").get(ROWS)
    return ClassRule(name, report.clause, () if rows is None or isinstance(rows, Unstated) else rows)
