"""`clock`: a deadline measured in its own time: notice, claim, answer, payment, response, update, amendment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from makegood.contract import numbers, patterns, values
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.patterns import whole
from makegood.contract.shape import UNSTATED, Fields, Key, Report, Shape, one_of, optional
from makegood.contract.wrong import Wrong
from makegood.model.terms import Allowed, ClockRule, Multiple, PeriodEnd, Strength, Unstated

EVENTS = (
    "end of period",
    "end of the period of the claim",
    "claim received",
    "claim confirmed",
    "report received",
    "everything requested received",
    "error reproduced",
    "incident detected",
    "change announced",
    "outage begins",
    "outage ends",
    "first outage begins",
    "last outage ends",
    "target is out of reach",
    "order starts",
    "order ends",
    "drill begun",
    "service restored",
)
"""Events from which a clock can start or at which it stops, beside those that the agreement's header lists."""


@dataclass(frozen=True, slots=True)
class _From:
    events: tuple[str, ...]
    earliest: bool


def _events(node: Node, report: Report) -> _From | None:
    """An event, the later of several (`A and B`), or the earlier (`A or B`). Whether they exist is linked later."""
    text = values.WORDS.read(node, report)
    if text is None:
        return None
    if " and " in text and " or " in text:
        what, hint = f"`{text}` mixes `and` with `or`", "name the combined event in the header's `events`"
        report.error("unknown-event", node.place, what, "the later of some and the earlier of others", hint)
    earliest = " or " in text
    return _From(tuple(text.split(" or " if earliest else " and ")), earliest)


_ORDINALS = {"": 1, "first": 1, "second": 2, "third": 3, "fourth": 4}
_END = re.compile(r"end of the (same|following|first|second|third|fourth|[0-9]{1,3}(?:st|nd|rd|th)) (\S+?)(?: after)?")


def _period_end(text: str) -> PeriodEnd | None:
    """`end of the same month`, `end of the following month`, `end of the second billing-month after`: the period that
    holds the event is number 0."""
    found = _END.fullmatch(text)
    if found is None:
        return None
    word = found[1]
    count = {"same": 0, "following": 1}.get(word, _ORDINALS.get(word, -1))
    return PeriodEnd(count if count >= 0 else int(word[:-2]), found[2])


def _one_allowance(node: Node, report: Report) -> Allowed:
    if isinstance(node, Text) and node.text == UNSTATED:
        return Unstated(report.clause, "how long it may take")
    if isinstance(node, Text) and node.text == "best effort":
        return None
    if isinstance(node, Text) and (end := _period_end(node.text)) is not None:
        return end
    if isinstance(node, Text) and (found := re.fullmatch(r"(\S+) x ([a-z][a-z0-9-]*)", node.text)):
        times = numbers.number(found[1])
        if isinstance(times, Wrong):
            report.error("wrong-value", node.place, times.what, times.why, times.hint)
            return None
        return Multiple(times, found[2])
    return values.ALLOWANCE.read(node, report)


def _allow(node: Node, report: Report) -> tuple[str, Mapping[str, Allowed]] | None:
    if not isinstance(node, Keyed):
        return "", {"": _one_allowance(node, report)}
    by = node.get("by")
    if not isinstance(by, Text):
        report.error("missing-key", node.place, "a table of allowances does not say `by`", "", "write `by: severity`")
        return None
    labels = {key.text: _one_allowance(value, report) for key, value in node.entries if key.text != "by"}
    return by.text, labels


_PERIOD_END = "end of the (?:same|following|first|second|third|fourth|[0-9]{1,3}(?:st|nd|rd|th)) [^ ]+(?: after)?"
_HOW_LONG = {
    "anyOf": [
        {"enum": ["best effort", UNSTATED]},
        {"type": "string", "pattern": whole(patterns.ALLOWANCE, _PERIOD_END, f"{patterns.NUMBER} x {patterns.NAME}")},
    ]
}
_BY_CLASS = {
    "type": "object",
    "properties": {"by": values.NAME.schema},
    "required": ["by"],
    "additionalProperties": _HOW_LONG,
}
_EVENT = {"anyOf": [{"enum": list(EVENTS)}, {"type": "string", "description": "or one of the header's own events"}]}
ALLOW: Shape[tuple[str, Mapping[str, Allowed]]] = Shape(
    "how long, `end of the second month after`, `2 x NAME`, `best effort`, `unstated`, or a table by class",
    "30 days",
    _allow,
    {"anyOf": [_HOW_LONG, _BY_CLASS]},
)
FROM: Key[_From | None] = Key(
    "from",
    optional(Shape("an event, the later of two (`and`) or the earlier (`or`)", "end of period", _events, _EVENT)),
    "the event that starts it",
)
ALLOWS = Key(
    "allow",
    optional(ALLOW),
    "how long; late is the first instant after it. `end of the second month after` names a period, the one that holds "
    "the event being number 0; `2 x NAME` is a multiple of another clock",
)
FOR = Key("for", values.NAME, "the remedy or commitment whose consequence it times", "", like="uptime-credit")
IN = Key("in", values.NAME, "the calendar whose dates, hours or business days it counts", "", like="business-days")
WHO = Key("who", one_of("provider", "customer"), "who must act in time", "provider")
REPEATS = Key("repeats", values.YES_NO, "whether it starts anew each time it is kept, as updates do", False)
PAUSES = Key("pauses while", values.WORD_LIST, "states in which it does not run", (), like="[waiting for the customer]")
STOPS = Key("stops at", values.WORDS, "what keeps it", "", like="acknowledgement")
UNTIL = Key("until", values.WORDS, "the event after which one that repeats is over", "", like="service restored")
LAPSES = Key(
    "late loses it",
    values.YES_NO,
    "whether a recorded claim that is late, or lacks what stops the clock, takes the remedy away",
    False,
)
REQUIRES = Key("requires", values.WORD_LIST, "what the act must contain", (), like="[dates and times of the downtime]")
TELLS = Key("to", values.WORD_LIST, "who is told", (), like="legal desk")
VIA = Key("via", values.WORD_LIST, "the channels or the address", (), like="email")
STRENGTH = Key("strength", values.STRENGTH, "the force of the deadline", Strength.PROMISE)
TABLE: tuple[Key[Any], ...] = (
    *(FROM, ALLOWS, FOR, IN, WHO, REPEATS, UNTIL, PAUSES, STOPS, LAPSES),
    *(REQUIRES, TELLS, VIA, STRENGTH),
)


def check_fit(rule: ClockRule, rules: Mapping[str, Any], node: Keyed, report: Report) -> None:
    """Report a clock that is a multiple of itself, by way of others or not."""
    seen, named = [rule.name], _multiples(rule)
    while named:
        other = rules.get(named.pop())
        if other is rule:
            at = node.get(ALLOWS.name) or node
            what, hint = f"`{rule.name}` is a multiple of itself", "write how long one of them allows"
            report.error("clock-circle", at.place, what, "it would have no length", hint)
            return
        if isinstance(other, ClockRule) and other.name not in seen:
            seen.append(other.name)
            named += _multiples(other)


def _multiples(rule: ClockRule) -> list[str]:
    return [allowed.clock for allowed in rule.allow.values() if isinstance(allowed, Multiple)]


def read(name: str, node: Keyed, report: Report) -> ClockRule:
    """The rule as written."""
    fields = Fields(node, TABLE, report, "a clock")
    by, allow = fields.get(ALLOWS) or ("", {})
    start = fields.get(FROM) or _From((), False)
    return ClockRule(
        name,
        report.clause,
        start.events,
        allow,
        by,
        fields.get(IN),
        fields.get(REPEATS),
        fields.get(PAUSES),
        fields.get(STOPS),
        fields.get(REQUIRES),
        fields.get(TELLS),
        fields.get(VIA),
        fields.get(STRENGTH),
        fields.get(WHO),
        fields.get(FOR),
        start.earliest,
        fields.get(UNTIL),
        fields.get(LAPSES),
    )
