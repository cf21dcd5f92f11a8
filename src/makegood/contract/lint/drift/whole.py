"""What a whole document says that bears on each of its clauses: its calendars, and how long its periods are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from makegood.contract import link
from makegood.contract.lint.drift.quantities import Quantity, quantities
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.written import RawRule

Meaning = tuple[str, Fraction | str]


@dataclass(frozen=True)
class Ground:
    """What the whole document says that bears on each of its clauses.

    `weekdays_only` are calendars of Monday to Friday in which nothing but business days is counted, so that their hours
    decide nothing and their days go without saying. `periods` are the lengths of the periods, as `every month` is one.
    """

    calendars: Mapping[str, RawRule]
    weekdays_only: frozenset[str]
    periods: frozenset[Meaning]


def ground_of(rules: Sequence[RawRule]) -> Ground:
    """What the rules of a document are, beside what each of its clauses says."""
    calendars = {rule.name: rule for rule in rules if rule.primitive == "calendar"}
    hours, days = set[str](), set[str]()
    for rule in rules:
        named = {text.text for text, _ in link.references(rule.primitive, rule.node)} & calendars.keys()
        texts = [text.text for text in leaves(rule.node)]
        only = any("business day" in text for text in texts) and not any("business hour" in text for text in texts)
        by_hours = _named_under(rule.node, ("hours of", "service hours"))
        by_hours |= named if rule.primitive == "class" or not only else set()
        hours |= by_hours
        days |= named - by_hours
    plain = {name for name in days - hours if _is_monday_to_friday(calendars[name])}
    lengths = {q.meaning for rule in rules if rule.primitive == "period" for q in _length_of(rule)}
    return Ground(calendars, frozenset(plain), frozenset(lengths))


def _named_under(node: Node, keys: Sequence[str]) -> set[str]:
    """Every name that stands under one of these keys, however deep."""
    if isinstance(node, Many):
        return {name for item in node.items for name in _named_under(item, keys)}
    if isinstance(node, Text):
        return set()
    found = set[str]()
    for key, value in node.entries:
        found |= {text.text for text in leaves(value)} if key.text in keys else _named_under(value, keys)
    return found


def _is_monday_to_friday(calendar: RawRule) -> bool:
    windows = list(leaves(calendar.node.get("hours")))
    return len(windows) == 1 and windows[0].text.startswith("Monday to Friday ")


def _length_of(period: RawRule) -> Iterator[Quantity]:
    for text in leaves(period.node.get("is")):
        yield from quantities(f"1 {text.text}")
    for text in leaves(period.node.get("days")):
        yield from quantities(f"{text.text} days")


def leaves(node: Node | None) -> Iterator[Text]:
    if isinstance(node, Text):
        yield node
    elif isinstance(node, Many):
        for item in node.items:
            yield from leaves(item)
    elif isinstance(node, Keyed):
        for key, value in node.entries:
            yield key
            yield from leaves(value)
