"""People, rotations and escalations of a file of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from makegood.contract.nodes import Keyed, Text
from makegood.contract.shape import Fields, Key, Report, list_of, mapping_of
from makegood.contract.values import DAY, WINDOWS
from makegood.exchange.alerts.values import CLOCK, LENGTH, SOME_LENGTH, TURN
from makegood.exchange.documents import ID, WORDS, like, optional
from makegood.exchange.moments import SPAN
from makegood.exchange.order_values import ZONE
from makegood.model.alerts import Escalation, Layer, Override, Person, Reach, Rotation, Step
from makegood.model.when import ClockTime

PERSON = Key("person", like(ID, "ada"), "a short name for somebody who is told")
TITLE = Key("title", like(WORDS, "Ada Lovelace"), "their name for people", "")
ZONE_KEY = Key("zone", ZONE, "whose clock the times are on", "UTC")


def _reach(node: Keyed, report: Report) -> tuple[Reach, ...]:
    found = [(key.text, WORDS.read(value, report)) for key, value in node.entries]
    return tuple(Reach(channel, address) for channel, address in found if address is not None)


REACH = Key(
    "reach",
    mapping_of("addresses by channel", "{mail: ada@example.com}", _reach, values=WORDS.schema),
    "the channels by which they are told, all of them, each with their address there",
)
PERSON_KEYS: Sequence[Key[Any]] = (PERSON, TITLE, ZONE_KEY, REACH)


def _person(node: Keyed, report: Report) -> Person | None:
    before = len(report.problems)
    fields = Fields(node, PERSON_KEYS, report, "a person")
    made = Person(fields.get(PERSON), fields.get(REACH) or (), fields.get(ZONE_KEY), fields.get(TITLE))
    return made if len(report.problems) == before else None


LAYER_PEOPLE = Key("people", list_of(ID), "who takes turns, in this order")
EVERY = Key("every", TURN, "how long a turn is: `day`, `week`, `2 weeks`")
FROM = Key("from", DAY, "the local date on which the first of them begins")
AT = Key("at", CLOCK, "the local time of the hand-over", ClockTime(9 * 3600))
HOURS = Key("hours", WINDOWS, "the weekly hours of this layer; always where not written", ())
LAYER_KEYS: Sequence[Key[Any]] = (LAYER_PEOPLE, EVERY, FROM, AT, HOURS)


def _layer(node: Keyed, report: Report) -> Layer | None:
    before = len(report.problems)
    fields = Fields(node, LAYER_KEYS, report, "a layer")
    people = fields.get(LAYER_PEOPLE)
    made = Layer(people, fields.get(EVERY), fields.get(FROM), fields.get(AT), fields.get(HOURS) or ())
    if people == () and len(report.problems) == before:
        report.error("missing-key", node.place, "nobody takes turns in this layer", "", "write `people: [ada]`")
    return made if len(report.problems) == before else None


INSTEAD = Key("person", like(ID, "grace"), "who is on call then, whoever's turn it is")
DURING = Key("during", SPAN, "from when to when")
OVERRIDE_KEYS: Sequence[Key[Any]] = (INSTEAD, DURING)


def _override(node: Keyed, report: Report) -> Override | None:
    before = len(report.problems)
    fields = Fields(node, OVERRIDE_KEYS, report, "an override")
    made = Override(fields.get(INSTEAD), fields.get(DURING))
    return made if len(report.problems) == before else None


ROTATION = Key("rotation", like(ID, "primary"), "a short name for who is on call when")
LAYERS = Key(
    "layers",
    list_of(mapping_of("a layer", "{people: [ada, grace], every: week, from: 2026-01-05}", _layer, LAYER_KEYS)),
    "who takes turns; the first layer that has somebody at an instant says who is on call",
)
OVERRIDES = Key(
    "overrides",
    list_of(
        mapping_of(
            "an override", "{person: grace, during: 2026-02-08 09:00 to 2026-02-09 09:00 Europe/London}", _override,
            OVERRIDE_KEYS,
        )
    ),
    "swaps and holidays: who is on call in a span instead; of two that overlap the last written one counts",
    (),
)  # fmt: skip
ROTATION_ZONE = Key("zone", ZONE, "the place whose dates and times the hand-overs are")
ROTATION_KEYS: Sequence[Key[Any]] = (ROTATION, ROTATION_ZONE, LAYERS, OVERRIDES)


def _rotation(node: Keyed, report: Report) -> Rotation | None:
    before = len(report.problems)
    fields = Fields(node, ROTATION_KEYS, report, "a rotation")
    made = Rotation(fields.get(ROTATION), fields.get(ROTATION_ZONE), fields.get(LAYERS), fields.get(OVERRIDES) or ())
    if made.layers == () and not any(p.where == _place(node, "layers") for p in report.problems):
        hint = "write `layers: [{people: [ada], every: week, from: 2026-01-05}]`"
        report.error("missing-key", _place(node, "layers"), "nobody takes turns in this rotation", "", hint)
    return made if len(report.problems) == before else None


TELL = Key("tell", list_of(ID), "people, rotations and channels that are told")
AFTER = Key("after", LENGTH, "how long after the step before, where nobody acknowledged", 0)
STEP_KEYS: Sequence[Key[Any]] = (TELL, AFTER)


def _step(node: Keyed, report: Report) -> Step | None:
    before = len(report.problems)
    fields = Fields(node, STEP_KEYS, report, "a step")
    made = Step(fields.get(TELL), fields.get(AFTER))
    if made.tell == () and len(report.problems) == before:
        report.error("missing-key", node.place, "this step tells nobody", "", "write `tell: [primary]`")
    return made if len(report.problems) == before else None


ESCALATION = Key("escalation", like(ID, "ops"), "a short name for who is told one after the other")
STEPS = Key("steps", list_of(mapping_of("a step", "{tell: [primary], after: 15 min}", _step, STEP_KEYS)), "who is told")
REPEAT = optional("repeat", SOME_LENGTH, "after the last step all are told again so often, until somebody acknowledges")
ESCALATION_KEYS: Sequence[Key[Any]] = (ESCALATION, STEPS, REPEAT)


def _escalation(node: Keyed, report: Report) -> Escalation | None:
    before = len(report.problems)
    fields = Fields(node, ESCALATION_KEYS, report, "an escalation")
    made = Escalation(fields.get(ESCALATION), fields.get(STEPS), fields.get(REPEAT))
    if made.steps == () and len(report.problems) == before:
        report.error(
            "missing-key", node.place, "this escalation has no steps", "", "write `steps: [{tell: [primary]}]`"
        )
    for step in (made.steps or ())[1:]:
        if not step.after:
            what, hint = (
                "a later step says not after how long",
                "write `after: 15 min`, or join it with the step before",
            )
            report.error("missing-key", _place(node, "steps"), what, "it would be told at once too", hint)
    if (made.steps or ()) and made.steps[0].after:
        what, why = "the first step waits", "a rule says how long the first message waits"
        report.error(
            "wrong-value", _place(node, "steps"), what, why, "take its `after` away, and write `wait` in the rule"
        )
    return made if len(report.problems) == before else None


def _place(node: Keyed, key: str) -> Any:
    value = node.get(key)
    return node.place if value is None else value.place


PEOPLE = list_of(mapping_of("a person", "{person: ada, reach: {mail: ada@example.com}}", _person, PERSON_KEYS))
ROTATIONS = list_of(
    mapping_of(
        "a rotation",
        "{rotation: primary, zone: Europe/London, layers: [{people: [ada], every: week, from: 2026-01-05}]}",
        _rotation, ROTATION_KEYS,
    )
)  # fmt: skip
ESCALATIONS = list_of(
    mapping_of("an escalation", "{escalation: ops, steps: [{tell: [primary]}]}", _escalation, ESCALATION_KEYS)
)


def named_in(node: Keyed, key: str, name: str) -> Text | None:
    """Where a name stands in a list under a key, or anywhere below it, for a problem that points at it."""
    found: list[Text] = []

    def walk(one: object) -> None:
        if isinstance(one, Text) and one.text == name:
            found.append(one)
        elif isinstance(one, Keyed):
            for named, value in one.entries:
                walk(named)
                walk(value)
        elif one is not None and not isinstance(one, Text):
            for item in one.items:  # type: ignore[attr-defined]
                walk(item)

    walk(node.get(key))
    return found[0] if found else None
