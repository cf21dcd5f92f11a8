"""Edges of targets and tables from words: a share, a length of time, money, or a number and what it counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from makegood.contract import numbers
from makegood.contract.lengths import is_time_unit
from makegood.contract.quantities import is_share_word, number_before
from makegood.contract.wrong import Wrong, prepared
from makegood.model.money import known_currency
from makegood.model.terms import Counts, Range
from makegood.model.threshold import Side, Threshold

_COUNTED: Final = re.compile(r"(-?[0-9][0-9,.]*) ?([a-zA-Z][a-zA-Z /-]*)\Z")


@dataclass(frozen=True, slots=True)
class Edge:
    """A value and what it counts: a share of one, microseconds, minor units of `unit`, or a plain number of `unit`."""

    value: Fraction
    counts: Counts
    unit: str = ""

    def __lt__(self, other: Edge) -> bool:
        return self.value < other.value


def edge(text: str) -> Edge | Wrong:
    """`99.9 %`, `250 ms`, `4 h 30 min`, `1,000.00 USD`, `3 interruptions`, `4.0 MOS`. A number without a unit is
    refused."""
    plain = prepared(text)
    if isinstance(plain, Wrong):
        return plain
    if plain.endswith("%") or not (found := _COUNTED.match(plain)):
        return _time(plain) if re.search(r"[a-z]\Z", plain) and plain[:1].isdigit() else _share(plain)
    word = found[2]
    if is_share_word(word):
        return _share(plain)
    if is_time_unit(word):
        return _time(plain)
    if known_currency(word):
        money = numbers.money(plain)
        return money if isinstance(money, Wrong) else Edge(money.minor, Counts.MONEY, money.currency)
    value = number_before(found[1], f" {word}")
    return value if isinstance(value, Wrong) else Edge(value, Counts.NUMBER, word)


def _share(plain: str) -> Edge | Wrong:
    share = numbers.percent(plain)
    return share if isinstance(share, Wrong) else Edge(share, Counts.SHARE)


def _time(plain: str) -> Edge | Wrong:
    length = numbers.duration(plain)
    return length if isinstance(length, Wrong) else Edge(Fraction(length), Counts.TIME)


def edge_threshold(text: str) -> Threshold[Edge] | Wrong:
    """A side and an edge: `at least 99.9 %`, `at most 250 ms`, `more than 2 interruptions`."""
    return numbers.threshold(text, edge)


def edge_range(text: str) -> tuple[Range, Counts | None] | Wrong:
    """`below 95 %`, `at least 4 h and below 8 h`, `from 95.0 % to 99.0 %` (both ends inside), `otherwise` (None)."""
    if text == "otherwise":
        return Range(None, False, None, False), None
    if found := re.fullmatch(r"from (.{1,40}) to (.{1,40})", text):
        return _from_to(text, found[1], found[2])
    low_end: tuple[Fraction, bool] | None = None
    high_end: tuple[Fraction, bool] | None = None
    kinds: list[Counts] = []
    for part in re.split(r" and |, ", text):
        one = edge_threshold(part)
        if isinstance(one, Wrong):
            return one
        value = one.edge.value
        kinds.append(one.edge.counts)
        if one.side is Side.EXACTLY:
            low_end = high_end = (value, True)
        elif one.side in (Side.AT_LEAST, Side.MORE_THAN):
            low_end = (value, one.edge_inside)
        else:
            high_end = (value, one.edge_inside)
    if len(set(kinds)) > 1:
        return Wrong(f"`{text}` mixes {kinds[0].value} with {kinds[1].value}", "a value is one of them", "use one unit")
    low, low_inside = low_end or (None, False)
    high, high_inside = high_end or (None, False)
    if low is not None and high is not None and (low > high or (low == high and not (low_inside and high_inside))):
        return Wrong(f"`{text}` holds nothing", "no value is on both sides", "exchange the two edges")
    return Range(low, low_inside, high, high_inside), kinds[0]


def _from_to(text: str, first: str, last: str) -> tuple[Range, Counts | None] | Wrong:
    low, high = edge(first), edge(last)
    if isinstance(low, Wrong):
        return low
    if isinstance(high, Wrong):
        return high
    if low.counts is not high.counts:
        return Wrong(f"`{text}` mixes {low.counts.value} with {high.counts.value}", "", "use one unit")
    if low.value >= high.value:
        return Wrong(f"`{text}` holds nothing", "it starts at its higher end", f"write `from {last} to {first}`")
    return Range(low.value, True, high.value, True), low.counts


def sized(text: str, wanted: Callable[[Edge], bool], example: str) -> Edge | Wrong:
    """An edge of a wanted kind, or what is wrong with it."""
    found = edge(text)
    if isinstance(found, Wrong) or wanted(found):
        return found
    return Wrong(f"`{text}` is {found.counts.value}", "it cannot stand here", f"write for example `{example}`")
