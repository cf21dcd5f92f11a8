"""`detect`: from evidence to states."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from makegood.contract import numbers, patterns, values
from makegood.contract.edges import Edge, edge_threshold
from makegood.contract.nodes import Keyed
from makegood.contract.patterns import sided, whole
from makegood.contract.shape import Fields, Key, Report, from_words, mapped, mapping_of, one_of, optional
from makegood.contract.wrong import Wrong
from makegood.model.detection import quorum_of
from makegood.model.spans import MINUTE
from makegood.model.terms import FAILED, TIME_UNITS, Condition, Counts, DetectRule, EvidenceKind
from makegood.model.threshold import Side, Threshold


def _quorum(text: str) -> str | Wrong:
    try:
        quorum_of(text, 1_000)
    except ValueError:
        why = "what counts is how many locations fail at the same time"
        return Wrong(
            f"`{text}` is no number of locations", why, "write `at least 2`, `all`, `a majority` or `at least 60 %`"
        )
    return text


def _how_many(text: str) -> str | Wrong:
    if text in ("any", "all") or re.fullmatch(r"at least [1-9][0-9]{0,3}", text):
        return text
    return Wrong(f"`{text}` is no number of checks", "", "write `any`, `all` or `at least 2`")


def _conditions(node: Keyed, report: Report) -> tuple[Condition, ...]:
    found = [_condition(key.text, _EDGE.read(value, report)) for key, value in node.entries]
    return tuple(condition for condition in found if condition is not None)


def _condition(quantity: str, found: tuple[Threshold[Edge], str] | None) -> Condition | None:
    """A measured length of time is recorded in the unit that the edge is written in."""
    if found is None:
        return None
    threshold, times = found
    value = threshold.edge.value
    unit = threshold.written.rpartition(" ")[2]
    if unit in TIME_UNITS:
        value /= TIME_UNITS[unit]
    if threshold.written.endswith("%") and quantity != FAILED:
        value *= 100
    return Condition(quantity, Threshold(threshold.side, value, threshold.written), times)


def _edge(text: str) -> tuple[Threshold[Edge], str] | Wrong:
    """`more than 5 %`, `more than 95 F`, `more than 2 x baseline`, `more than 150 % of baseline`."""
    if found := re.fullmatch(r"(.+?) (\S+) (?:x|times) (\S+)", text):
        factor = numbers.threshold(f"{found[1]} {found[2]}", numbers.number)
        if isinstance(factor, Wrong):
            return factor
        return _multiple(factor.side, factor.edge, text), found[3]
    if found := re.fullmatch(r"(.+) of (\S+)", text):
        share = numbers.threshold(found[1], numbers.percent)
        return share if isinstance(share, Wrong) else (_multiple(share.side, share.edge, text), found[2])
    threshold = edge_threshold(text)
    return threshold if isinstance(threshold, Wrong) else (threshold, "")


def _multiple(side: Side, factor: Fraction, text: str) -> Threshold[Edge]:
    return Threshold(side, Edge(factor, Counts.NUMBER), text.removeprefix(side.value).strip())


_EDGE = from_words(
    "a quantity with its side",
    "more than 5 %",
    _edge,
    whole(sided(f"(?:{patterns.EDGE}|{patterns.NUMBER} (?:x|times) [^ ]+)(?: of [^ ]+)?")),
)

QUORUM = from_words("a number of locations", "at least 2", _quorum)
READS = Key(
    "reads",
    mapped(one_of(*(k.value for k in EvidenceKind)), EvidenceKind),
    "results of checks in slots, states that a source reports, or measurements of intervals",
    EvidenceKind.OBSERVATIONS,
)
EVERY = Key(
    "every", values.POSITIVE, "the length of a slot: one result for each check and location", MINUTE, like="1 min"
)
WITHIN = Key("answers within", values.DURATION, "how long a check may take before it has failed", 0, like="30 s")
SUCCEEDS = Key(
    "succeeds on", values.WORDS, "what a success is, for the reader and the probe", "", like="HTTP 200 to 399"
)
FAILS = Key("fails after", values.FAILURES, "how many consecutive failures make a location failing", 1)
RECOVERS = Key("recovers after", values.SUCCESSES, "how many consecutive successes end it", 1, like="2 successes")
LOCATIONS = Key(
    "locations", QUORUM, "how many locations must be failing at once: `at least 2`, `all`", "1", like="at least 2"
)
_HOW_MANY = {"anyOf": [{"enum": ["any", "all"]}, {"type": "string", "pattern": "^at least [1-9][0-9]{0,3}$"}]}
CHECKS = Key(
    "checks",
    from_words("`any`, `all` or `at least 2`", "any", _how_many, schema=_HOW_MANY),
    "how many of a service's checks must be down",
    "any",
)
HOLDS = Key(
    "holds", optional(values.DURATION), "how long a reported state is believed without a newer one", None, like="10 min"
)
SOURCE = Key(
    "source", values.WORDS, "the one source whose states or measurements count", "", like="third-party monitor"
)
METRIC = Key("metric", values.WORDS, "the metric of the measurements", "", like="requests")
DOWN_WHEN: Key[tuple[Condition, ...]] = Key(
    "down when",
    mapping_of(
        "conditions of an interval",
        "{failed: more than 5 %, valid: at least 2000 requests}",
        _conditions,
        values=_EDGE.schema,
    ),
    "quantities of an interval, all of which must be on the written side for it to be down; `failed` is the share of "
    "the valid ones that were not good",
    (),
)
TABLE: tuple[Key[Any], ...] = (
    *(READS, EVERY, WITHIN, SUCCEEDS, FAILS, RECOVERS, LOCATIONS, CHECKS, HOLDS),
    *(SOURCE, METRIC, DOWN_WHEN),
)


def read(name: str, node: Keyed, report: Report) -> DetectRule:
    """The rule as written; the quorum is resolved against a check's locations when there are some."""
    fields = Fields(node, TABLE, report, "a detection")
    if fields.get(READS) is EvidenceKind.MEASUREMENTS:
        for key in (METRIC, DOWN_WHEN):
            if not fields.has(key):
                what = f"a detection that reads measurements does not say `{key.name}`"
                report.error("missing-key", node.place, what, key.says, f"write `{key.name}: {key.example}`")
    return DetectRule(
        name,
        report.clause,
        fields.get(READS),
        fields.get(EVERY),
        fields.get(WITHIN),
        fields.get(FAILS),
        fields.get(RECOVERS),
        fields.get(LOCATIONS),
        fields.get(CHECKS),
        fields.get(HOLDS),
        fields.get(SUCCEEDS),
        fields.get(SOURCE),
        fields.get(METRIC),
        fields.get(DOWN_WHEN) or (),
    )
