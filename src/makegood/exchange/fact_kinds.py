"""The kinds of fact and their keys: one table for each, led by the key that names the kind and gives the id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from makegood.contract.nodes import Keyed, Many
from makegood.contract.shape import Fields, Key, Report, Shape, list_of, mapping_of
from makegood.contract.values import YES_NO
from makegood.exchange.documents import ID, WORDS, like, optional
from makegood.exchange.moments import MOMENT, OPEN_SPAN, SPAN, written
from makegood.model.facts import (
    AnyFact,
    Cause,
    Item,
    ItemKind,
    Judgement,
    Maintenance,
    Notice,
    Retraction,
    Standing,
)
from makegood.model.spans import Instant, Span

RECORDED = Key("recorded", MOMENT, "when the fact became known")
BY = Key("by", like(WORDS, "ops@harbour.example"), "who recorded it")
SUPERSEDES = Key("supersedes", like(ID, "M-7"), "the id of the fact that this one corrects", "")

SERVICES = Key("services", list_of(ID), "the services worked on")
ANNOUNCED = Key("announced", SPAN, "the span that was announced")
KIND = Key("kind", WORDS, "the kind of work as announced, such as `standard` or `emergency`", "")
PURPOSE = Key("purpose", WORDS, "what the work was for, as announced", "")

OF = Key("of", like(ID, "M-7"), "the id of the maintenance or the change that the notice is about")
TO = Key("to", like(WORDS, "ops@northwind.example"), "the contact that it was sent to")
VIA = Key("via", WORDS, "how it was sent", "email")
ACCEPTED = optional("accepted", MOMENT, "when the contact's server accepted it")
BOUNCED = optional("bounced", MOMENT, "when it came back")
ORDER = Key("order", like(ID, "northwind-hosting"), "the order it was sent for, where it is for one only", "")

SERVICE = Key("service", ID, "the service that the cause concerns")
DURING = Key("during", SPAN, "the span that is attributed to it")
WHAT = Key("what", like(WORDS, "client actions"), "the cause, in the words of the exclusion that lists it")
EVIDENCE = Key("evidence", WORDS, "what shows it", "")
DIRECTED_BY = Key("directed by", WORDS, "who directed the client's act", "")
COMMITTED = Key("committed", WORDS, "what the provider had committed to", "")

ABOUT = Key("about", like(ID, "M-7"), "the id of the maintenance or the cause that is judged")
GATE = Key("gate", like(WORDS, "notice"), "the kind of the gate that is judged")
HOLDS = Key("holds", YES_NO, "whether the gate holds")
BECAUSE = Key("because", like(WORDS, "the parties agreed on it"), "the reasons")

OF_ORDER = Key("order", like(ID, "northwind-hosting"), "the order that it concerns")
STANDING = Key("is", like(WORDS, "overdue"), "the standing, such as `overdue`")
THROUGHOUT = Key("during", OPEN_SPAN, "from when to when it held; `from 2026-02-01T00:00:00Z` while it holds")
RETRACTED = Key("supersedes", like(ID, "M-7"), "the id of the fact that is withdrawn")


def _properties(node: Keyed, report: Report) -> tuple[tuple[str, str], ...]:
    found = [(key.text, WORDS.read(value, report)) for key, value in node.entries]
    return tuple((name, words) for name, words in found if words is not None)


def _events(node: Keyed, report: Report) -> tuple[tuple[str, Instant], ...]:
    """Each event with its instant, or with several where it happened again; in order of time."""
    found: list[tuple[str, Instant]] = []
    for key, value in node.entries:
        for moment in value.items if isinstance(value, Many) else (value,):
            at = MOMENT.read(moment, report)
            if at is not None:
                found.append((key.text, at))
    return tuple(sorted(found, key=lambda event: event[1]))


def _state(node: Keyed, report: Report) -> tuple[str, Span] | None:
    fields = Fields(node, STATE_TABLE, report, "a state")
    before = len(report.problems)
    state = fields.get(_IN_STATE), fields.get(_IN_SPAN)
    return state if len(report.problems) == before else None


_IN_STATE = Key("is", like(WORDS, "waiting for the customer"), "the state, in the words that a clock pauses for")
_IN_SPAN = Key("during", OPEN_SPAN, "from when to when; `from 2026-02-03T09:30:00Z` while it still is")
STATE_TABLE: tuple[Key[Any], ...] = (_IN_STATE, _IN_SPAN)
_STATES: Shape[tuple[tuple[str, Span], ...]] = list_of(
    mapping_of("a state", "{is: waiting for the customer, during: from 2026-02-03T09:30:00Z}", _state, STATE_TABLE)
)

CONCERNS = Key("service", ID, "the service that it concerns; any where not written", "")
FOR_ORDER = Key("order", like(ID, "northwind-hosting"), "the order that it belongs to; any where not written", "")
FACTS = Key(
    "facts",
    mapping_of("properties in words", "{impact: outage, users: all}", _properties, values=WORDS.schema),
    "its properties, which classes and conditions read",
    (),
)
EVENTS = Key(
    "events",
    mapping_of(
        "events with their instants", "{report received: 2026-02-03T09:00:00Z}", _events, values=list_of(MOMENT).schema
    ),
    "what happened when, in the words that clocks start and stop at; a list of instants where it happened again",
)
STATES = Key("states", _STATES, "the spans in which it was in a state that pauses clocks", ())


@dataclass(frozen=True)
class FactKind:
    """One kind: the keys of its facts beside its leading key, and how their values make a fact.

    `make` is given the values by key, id, recording and supersedes among them, and may report further problems.
    """

    name: str
    says: str
    keys: Sequence[Key[Any]]
    make: Callable[[Fields, dict[str, Any], Report], AnyFact | None]

    @property
    def every_key(self) -> tuple[Key[Any], ...]:
        own = {key.name for key in self.keys}
        shared = (key for key in (SUPERSEDES, RECORDED, BY) if key.name not in own)
        return (Key(self.name, like(ID, f"{self.name[0].upper()}-7"), f"the id of {self.says}"), *self.keys, *shared)

    def read(self, node: Keyed, report: Report, by: str = "") -> AnyFact | None:
        """The fact, or None with its problems in the report; other facts' problems do not count. `by` recorded it where
        it does not say who did."""
        before = len(report.problems)
        fields = Fields(node, self.every_key, report, self.says)
        keys = (replace(key, default=by) if by and key is BY else key for key in self.every_key)
        values = {key.name: fields.get(key) for key in keys}
        if any(p.severity == "error" for p in report.problems[before:]):
            return None
        values["id"] = values.pop(self.name)
        return self.make(fields, values, report)


def _base(values: dict[str, Any]) -> tuple[str, int, str, str]:
    return values["id"], values["recorded"], values["by"], values["supersedes"]


def _maintenance(_: Fields, v: dict[str, Any], __: Report) -> Maintenance:
    return Maintenance(*_base(v), v["services"], v["announced"], v["kind"], v["purpose"])


def _notice(fields: Fields, v: dict[str, Any], report: Report) -> Notice | None:
    accepted, bounced = v["accepted"], v["bounced"]
    where = fields.node.place
    if (accepted is None) == (bounced is None):
        what = f"this notice was {'neither accepted nor' if accepted is None else 'both accepted and'} bounced"
        report.error("notice-outcome", where, what, "a notice counts from its acceptance by the contact's server",
                     "write either `accepted: …` or `bounced: …` with the instant")  # fmt: skip
        return None
    happened = bounced if accepted is None else accepted
    if happened > v["recorded"]:
        word = "bounced" if accepted is None else "accepted"
        what = f"this notice was recorded at {written(v['recorded'])}, before it was {word} at {written(happened)}"
        report.error("recorded-early", where, what, "nothing is known before it happens", "write when it became known")
        return None
    return Notice(*_base(v), v["of"], v["to"], v["via"], accepted, v["order"])


def _cause(_: Fields, v: dict[str, Any], __: Report) -> Cause:
    return Cause(*_base(v), v["service"], v["during"], v["what"], v["evidence"], v["directed by"], v["committed"])


def _judgement(_: Fields, v: dict[str, Any], __: Report) -> Judgement:
    return Judgement(*_base(v), v["about"], v["gate"], v["holds"], v["because"])


def _standing(_: Fields, v: dict[str, Any], __: Report) -> Standing:
    return Standing(*_base(v), v["order"], v["during"], v["is"])


def _item(kind: ItemKind) -> Callable[[Fields, dict[str, Any], Report], Item | None]:
    def make(fields: Fields, v: dict[str, Any], report: Report) -> Item | None:
        late = [(name, at) for name, at in v["events"] if at > v["recorded"]]
        if late:
            what = f"this {kind.value} was recorded at {written(v['recorded'])}, before {late[0][0]} at "
            at, why = fields.node.get("events") or fields.node, "nothing is known before it happens"
            report.error("recorded-early", at.place, what + written(late[0][1]), why, "write when it became known")
            return None
        return Item(*_base(v), kind, v["service"], v["order"], v["facts"], v["events"], v["states"])

    return make


def _retraction(_: Fields, v: dict[str, Any], __: Report) -> Retraction:
    return Retraction(*_base(v), v["because"])


KINDS: Mapping[str, FactKind] = {
    kind.name: kind
    for kind in (
        FactKind("maintenance", "a maintenance", (SERVICES, ANNOUNCED, KIND, PURPOSE), _maintenance),
        FactKind("notice", "a notice", (OF, TO, VIA, ACCEPTED, BOUNCED, ORDER), _notice),
        FactKind("cause", "a cause", (SERVICE, DURING, WHAT, EVIDENCE, DIRECTED_BY, COMMITTED), _cause),
        FactKind("judgement", "a judgement", (ABOUT, GATE, HOLDS, BECAUSE), _judgement),
        FactKind("standing", "a standing", (OF_ORDER, STANDING, THROUGHOUT), _standing),
        *(
            FactKind(
                kind.value,
                f"{'an' if kind.value[0] in 'aeiou' else 'a'} {kind.value}",
                (CONCERNS, FOR_ORDER, FACTS, EVENTS, STATES),
                _item(kind),
            )
            for kind in ItemKind
        ),
        FactKind("retraction", "a retraction", (RETRACTED, BECAUSE), _retraction),
    )
}
"""Every kind of hand-written fact by its leading key."""
