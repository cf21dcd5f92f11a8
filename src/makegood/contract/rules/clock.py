"""`clock`: a deadline measured in its own time: notice, claim, answer, payment, response, update, amendment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.shape import UNSTATED, Fields, Key, Report, Shape, one_of, optional
from makegood.model.terms import ClockRule, Strength, Unstated
from makegood.model.when import Allowance

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
    "order ends",
)
"""Events from which a clock can start or at which it stops; `A and B` is the later of two."""


def _event(text: str) -> bool:
    return all(part in EVENTS for part in text.split(" and "))


def _events(node: Node, report: Report) -> tuple[str, ...] | None:
    text = values.WORDS.read(node, report)
    if text is None:
        return None
    if not _event(text):
        report.error(
            "unknown-event", node.place, f"no clock starts from `{text}`", "", "events are: " + ", ".join(EVENTS)
        )
    return tuple(text.split(" and "))


def _one_allowance(node: Node, report: Report) -> Allowance | Unstated | None:
    if isinstance(node, Text) and node.text == UNSTATED:
        return Unstated(report.clause, "how long it may take")
    if isinstance(node, Text) and node.text == "best effort":
        return None
    return values.ALLOWANCE.read(node, report)


def _allow(node: Node, report: Report) -> tuple[str, Mapping[str, Allowance | Unstated | None]] | None:
    if not isinstance(node, Keyed):
        return "", {"": _one_allowance(node, report)}
    by = node.get("by")
    if not isinstance(by, Text):
        report.error("missing-key", node.place, "a table of allowances does not say `by`", "", "write `by: severity`")
        return None
    labels = {key.text: _one_allowance(value, report) for key, value in node.entries if key.text != "by"}
    return by.text, labels


ALLOW: Shape[tuple[str, Mapping[str, Allowance | Unstated | None]]] = Shape(
    "how long, `best effort`, `unstated`, or a table by class", "30 days", _allow, {}
)
FROM = Key("from", Shape("an event, or two joined by `and`", "end of period", _events), "the event that starts it")
ALLOWS = Key("allow", optional(ALLOW), "how long; late is the first instant after it")
FOR = Key("for", values.NAME, "the remedy or commitment whose consequence it times", "", like="uptime-credit")
IN = Key("in", values.NAME, "the calendar whose dates, hours or business days it counts", "", like="business-days")
WHO = Key("who", one_of("provider", "customer"), "who must act in time", "provider")
REPEATS = Key("repeats", values.YES_NO, "whether it starts anew each time it is kept, as updates do", False)
PAUSES = Key("pauses while", values.WORD_LIST, "states in which it does not run", (), like="[waiting for the customer]")
STOPS = Key("stops at", values.WORDS, "what keeps it", "", like="acknowledgement")
REQUIRES = Key("requires", values.WORD_LIST, "what the act must contain", (), like="[dates and times of the downtime]")
TELLS = Key("to", values.WORD_LIST, "who is told", (), like="legal desk")
VIA = Key("via", values.WORD_LIST, "the channels or the address", (), like="email")
STRENGTH = Key("strength", values.STRENGTH, "the force of the deadline", Strength.PROMISE)
TABLE: tuple[Key[Any], ...] = (
    *(FROM, ALLOWS, FOR, IN, WHO, REPEATS, PAUSES, STOPS),
    *(REQUIRES, TELLS, VIA, STRENGTH),
)


def read(name: str, node: Keyed, report: Report) -> ClockRule:
    """The rule as written."""
    fields = Fields(node, TABLE, report, "a clock")
    by, allow = fields.get(ALLOWS) or ("", {})
    return ClockRule(
        name,
        report.clause,
        fields.get(FROM),
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
    )
