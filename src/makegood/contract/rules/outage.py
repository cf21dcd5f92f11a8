"""`outage`: when one begins and ends, its grain, and the shortest that counts."""

from __future__ import annotations

from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, mapped, one_of, optional
from makegood.model.detection import Begins, Ends
from makegood.model.terms import Counted, OutageRule

FROM = Key("from", values.NAME, "the detection whose states become outages", like="monitoring")
BEGINS = Key("begins", mapped(one_of(*(b.value for b in Begins)), Begins), "its first instant", Begins.FIRST_FAILURE)
ENDS = Key("ends", mapped(one_of(*(e.value for e in Ends)), Ends), "the first instant after it", Ends.FIRST_SUCCESS)
SHORTEST = Key("shortest", optional(values.THRESHOLD_DURATION), "how long an outage must be to count", None)
COUNTS = Key("counts", mapped(one_of(*(c.value for c in Counted)), Counted), "how much of it counts", Counted.ALL)
GRAIN = Key(
    "grain", optional(values.POSITIVE), "the cell in which it is counted, from local midnight", None, like="1 min"
)
CELL = Key(
    "a cell is down when",
    one_of("any of it is", "all of it is", "half of it is"),
    "how much of a cell makes it down",
    "any of it is",
)
TABLE: tuple[Key[Any], ...] = (FROM, BEGINS, ENDS, SHORTEST, COUNTS, GRAIN, CELL)


def read(name: str, node: Keyed, report: Report) -> OutageRule:
    """The rule as written."""
    fields = Fields(node, TABLE, report, "an outage")
    return OutageRule(
        name,
        report.clause,
        fields.get(FROM),
        fields.get(BEGINS),
        fields.get(ENDS),
        fields.get(SHORTEST),
        fields.get(COUNTS),
        fields.get(GRAIN),
        fields.get(CELL).partition(" ")[0] if fields.get(CELL) else "any",
    )
