"""The rules of a file of alerts: what each looks at, and the keys that go with that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from makegood.contract.nodes import Keyed, Text
from makegood.contract.shape import Fields, Key, Report, Shape, list_of, mapping_of, object_schema, one_of, unknown_word
from makegood.exchange.alerts.values import (
    COUNT,
    LENGTH,
    LENGTH_OR_NEVER,
    LENGTH_SIDED,
    QUANTILE,
    SHARE_SIDED,
    SOME_LENGTH,
    SOON,
    SUBJECT,
    TEXT,
    THROUGHPUT_SIDED,
    TIMES_SIDED,
)
from makegood.exchange.documents import ID, like, optional
from makegood.model.alerts import Burn, Rule, Trigger
from makegood.model.spans import HOUR, MINUTE, SECOND

RULE = Key("rule", like(ID, "outages"), "a short name for what is told")
WHEN = Key("when", one_of(*(t.value for t in Trigger)), "what it looks at")
TELL = Key("tell", like(ID, "ops"), "the escalation that is told")
WAIT = Key(
    "wait", LENGTH, "the first message waits so long, so that what happens together is told together", 30 * SECOND
)
GATHER = Key("gather", LENGTH, "what joins later is told at most so often", 5 * MINUTE)
SETTLE = Key("settle", LENGTH, "what has ended for less than this, and comes back, is the same", 5 * MINUTE)
REMIND = Key(
    "remind", LENGTH_OR_NEVER, "while it lasts it is told again so often, acknowledged or not; or `never`", 12 * HOUR
)
SUBJECT_KEY = Key("subject", SUBJECT, "the subject of messages, where the usual one is not wanted", "")
TEXT_KEY = Key("text", TEXT, "the text of messages, where the usual one is not wanted", "")
SHARED: Sequence[Key[Any]] = (RULE, WHEN, TELL, WAIT, GATHER, SETTLE, REMIND, SUBJECT_KEY, TEXT_KEY)

SERVICES = Key("services", list_of(ID), "the services that it is about; all where not written", ())
ORDERS = Key("orders", list_of(ID), "the orders that it is about; all where not written", ())
LOCATIONS = Key("locations", list_of(ID), "the locations that it is about; all where not written", ())
OVER = Key("over", SOME_LENGTH, "how far it looks back", 10 * MINUTE)
FEWEST = Key("fewest", COUNT, "with fewer results than this it cannot tell", 10)
QUANTILE_KEY = Key("quantile", QUANTILE, "which of the latencies", Fraction(95, 100))
ERRORS = Key("is", SHARE_SIDED, "the share of failures of which people are told")
TOOK = Key("is", LENGTH_SIDED, "the latency of which people are told")
FLOW = Key("is", THROUGHPUT_SIDED, "the throughput of which people are told")
REMAINS = Key("is", like(LENGTH_SIDED, "below 14 days"), "for how long a certificate still holds")
SILENT = Key("is", like(LENGTH_SIDED, "at least 5 min"), "for how long nothing was heard")
LEFT = optional("left", like(SHARE_SIDED, "below 25 %"), "the share of what was allowed that is left")
PACE = optional("pace", TIMES_SIDED, "how many times as fast as the period passes it is used")
GONE = optional("gone", like(SOON, "below 3 days"), "how soon the rest is used up at the pace so far")

OWN: Mapping[Trigger, Sequence[Key[Any]]] = {
    Trigger.OUTAGE: (SERVICES, ORDERS),
    Trigger.ERROR_RATE: (ERRORS, OVER, FEWEST, SERVICES),
    Trigger.LATENCY: (TOOK, QUANTILE_KEY, OVER, FEWEST, SERVICES),
    Trigger.THROUGHPUT: (FLOW, OVER, SERVICES),
    Trigger.CERTIFICATE: (REMAINS, SERVICES),
    Trigger.SILENT_LOCATION: (SILENT, LOCATIONS),
    Trigger.SILENT_HUB: (SILENT,),
    Trigger.BUDGET: (LEFT, PACE, GONE, SERVICES, ORDERS),
}
"""The keys that go with what a rule looks at."""


def keys_of(trigger: Trigger) -> tuple[Key[Any], ...]:
    """Every key of a rule that looks at this."""
    return (*SHARED, *OWN[trigger])


def _read(node: Keyed, report: Report) -> Rule | None:
    before = len(report.problems)
    said = node.get("when")
    trigger = next((t for t in Trigger if isinstance(said, Text) and said.text == t.value), None)
    if trigger is None:
        if isinstance(said, Text):
            unknown_word(report, said, "no rule can look at", [t.value for t in Trigger], "unknown-word")
        else:
            hint = "write for example `when: outage`"
            report.error("missing-key", node.place, "this rule does not say `when`", WHEN.says, hint)
        return None
    fields = Fields(node, keys_of(trigger), report, f"a rule on `{trigger.value}`")
    burn = Burn()
    if trigger is Trigger.BUDGET:
        burn = Burn(fields.get(LEFT), fields.get(PACE), fields.get(GONE))
        if burn == Burn() and len(report.problems) == before:
            what, hint = "this rule says not when a budget burns too fast", "write for example `gone: below 3 days`"
            report.error("missing-key", node.place, what, "", hint)
    own = {key.name: fields.get(key) for key in OWN[trigger]}
    rule = Rule(
        fields.get(RULE), trigger, fields.get(TELL), own.get("is"), burn, own.get("over") or 10 * MINUTE,
        own.get("fewest") or 10, own.get("quantile") or Fraction(95, 100), own.get("services") or (),
        own.get("orders") or (), own.get("locations") or (), fields.get(WAIT), fields.get(GATHER), fields.get(SETTLE),
        fields.get(REMIND) or None, fields.get(SUBJECT_KEY), fields.get(TEXT_KEY),
    )  # fmt: skip
    return rule if len(report.problems) == before else None


def _rules() -> Shape[Rule]:
    shape = mapping_of("a rule", "{rule: outages, when: outage, tell: ops}", _read)
    schemas = []
    for trigger in Trigger:
        schema = object_schema(keys_of(trigger))
        schema["properties"]["when"] = {**schema["properties"]["when"], "enum": [trigger.value]}
        schemas.append(schema)
    return Shape(shape.says, shape.example, shape.read, {"anyOf": schemas})


RULE_SHAPE = _rules()
