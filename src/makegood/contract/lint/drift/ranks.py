"""Labels as prose names them, `Severity 1`, `levels 2 and 3`: a word of rank and a number, which counts nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from makegood.contract.nodes import Keyed, Many, Text
from makegood.contract.written import RawRule

_COUNTED: Final = r"\s*%|[\s-]+(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|business|working|ms|min|h|s)\b"
_NUMBERED: Final = rf"\d{{1,2}}\b(?![.,]?\d|{_COUNTED})"
_NAMED: Final = re.compile(
    r"\b(?:severity|sev|priority|prio|level|class|category|tier|grade|urgency|impact)(?:\s+(?:levels?|class(?:es)?))?s?"
    rf"[ \t\u00a0]+({_NUMBERED}(?:\s*(?:,|/|-|–|\bor\b|\band\b|\bto\b)\s*{_NUMBERED})*)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d+")
_LABEL: Final = re.compile(r"[A-Za-z]{0,12}[ -]?(\d{1,2})\Z")


@dataclass(frozen=True, slots=True)
class Rank:
    """A label's number in the prose: `prose[start:end]`."""

    number: str
    start: int
    end: int


def ranks_in(prose: str) -> Iterator[Rank]:
    """Every label that the prose names by a word of rank and a number."""
    for match in _NAMED.finditer(prose):
        for number in _NUMBER.finditer(match[1]):
            at = match.start(1) + number.start()
            yield Rank(number[0], at, at + len(number[0]))


def rank_of(label: str) -> str:
    """The number at the end of a label, `1` of `S1` and `Sev-1`; empty where it has none."""
    found = _LABEL.match(label)
    return found[1] if found else ""


def labels_of(rules: Iterable[RawRule]) -> dict[str, tuple[Text, str]]:
    """The labels with a number that classes give, by that number: as written, and of which rule."""
    found: dict[str, tuple[Text, str]] = {}
    for rule in rules:
        rows = rule.node.get("rows") if rule.primitive == "class" else None
        for row in rows.items if isinstance(rows, Many) else ():
            label = row.get("is") if isinstance(row, Keyed) else None
            if isinstance(label, Text) and (number := rank_of(label.text)):
                found.setdefault(number, (label, rule.name))
    return found
