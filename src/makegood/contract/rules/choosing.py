"""Which tickets, incidents, claims, changes or drills are meant: those with the right facts."""

from __future__ import annotations

from collections.abc import Mapping

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Key, Report, mapping_of


def _facts(node: Keyed, report: Report) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in node.entries:
        words = values.WORD_LIST.read(value, report)
        if words is not None:
            found[key.text] = words
    return found


FACTS = mapping_of("facts", "{impact: outage, users: all}", _facts, values=values.WORD_LIST.schema)
WHERE: Key[Mapping[str, tuple[str, ...]]] = Key(
    "where", FACTS, "the facts that an item must have to count, each one of the words", {}, like="{what: virus}"
)
