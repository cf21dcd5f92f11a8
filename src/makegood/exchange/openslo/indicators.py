"""Indicators of OpenSLO: which metric is meant, how its good and its valid ones are counted, and the queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.exchange.openslo.objectives import Lost

SUCCESSES: Final = "successes"
"""The column of shares that are recorded as such."""

_OPS: Final = {"lte": "at most", "gte": "at least", "lt": "below", "gt": "more than"}


@dataclass(frozen=True, slots=True)
class Measured:
    """The metric's name, in words how its columns are filled, the queries as written, and the columns by name."""

    metric: str
    told: tuple[str, ...]
    query: str
    raw: str = ""
    good: str = "good"
    valid: str = "valid"


def measured(indicator: Keyed, spec: Keyed, lost: list[Lost], where: str) -> Measured:
    """What an indicator measures; `lost` gains what it does not say."""
    inner = indicator.get("spec")
    name = words_at(indicator, "metadata", "name") or words_at(spec, "service") or "metric"
    ratio = inner.get("ratioMetric") if isinstance(inner, Keyed) else None
    threshold = inner.get("thresholdMetric") if isinstance(inner, Keyed) else None
    if isinstance(ratio, Keyed):
        if ratio.get("raw") is not None:
            failures = words_at(ratio, "rawType") == "failure"
            told = "successes are recorded in percent" + (": what is left of the failures" if failures else "")
            return Measured(name, (told,), _query(ratio), _column(ratio, "raw") or SUCCESSES)
        bad = ratio.get("bad") is not None
        told_bad = ("good is the total without the bad ones",) if bad else ()
        good, valid = _column(ratio, "good") or "good", _column(ratio, "total") or "valid"
        return Measured(name, told_bad, _query(ratio), "", good, valid)
    listed = spec.get("objectives")
    first = listed.items[0] if isinstance(listed, Many) and listed.items else None
    side, value = _OPS.get(words_at(first, "op")), words_at(first, "value")
    if not side or not value:
        lost.append(Lost(where, "the side or the value of a threshold", "it is not written"))
        return Measured(name, ("a point is good as the source defines it",), _query(threshold))
    return Measured(name, (f"a point is good where its value is {side} {value}",), _query(threshold))


def _column(ratio: Keyed, part: str) -> str:
    """The column of a metric that a source of our own names."""
    return words_at(ratio, part, "metricSource", "spec", "column")


def _query(node: Node | None) -> str:
    """The metric sources in YAML's own words, for the reader of the agreement."""
    return "\n".join(_lines(node, 0)) if node is not None else ""


def _lines(node: Node, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(node, Text):
        yield pad + node.text.replace("\n", f"\n{pad}")
    elif isinstance(node, Many):
        for item in node.items:
            yield from _lines(item, depth)
    else:
        for key, value in node.entries:
            if isinstance(value, Text):
                yield f"{pad}{key.text}: {value.text}"
            else:
                yield f"{pad}{key.text}:"
                yield from _lines(value, depth + 1)


def words_at(node: Node | None, *path: str) -> str:
    """The text at the end of a path of keys; empty where there is none."""
    for key in path:
        node = node.get(key) if isinstance(node, Keyed) else None
    return node.text if isinstance(node, Text) else ""
