"""A file of alerts as a whole: its keys, and whether everything that is named in it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from makegood.contract.nodes import Keyed, Text
from makegood.contract.shape import Fields, Key, Report, list_of, mapping_of, object_schema, unknown_word
from makegood.exchange.alerts.channels import CHANNEL_SHAPE
from makegood.exchange.alerts.people import ESCALATIONS, PEOPLE, ROTATIONS, named_in
from makegood.exchange.alerts.references import check_references
from makegood.exchange.alerts.rules import RULE_SHAPE
from makegood.exchange.alerts.values import LINK, SOME_LENGTH, URL, is_mail_address
from makegood.exchange.documents import gather, in_order, optional, read_document
from makegood.model.alerts import Alerts, Channel, DeadMan, Mail, Person
from makegood.model.problem import Place, Problem, error, warning
from makegood.model.spans import MINUTE

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

LINK_KEY = Key("link", LINK, "the address of the hub for people: messages link to it", "")
CHANNELS = Key("channels", list_of(CHANNEL_SHAPE), "the ways to reach people")
PEOPLE_KEY = Key("people", PEOPLE, "who is told", ())
ROTATIONS_KEY = Key("rotations", ROTATIONS, "who is on call when", ())
ESCALATIONS_KEY = Key("escalations", ESCALATIONS, "who is told one after the other")
RULES = Key("rules", list_of(RULE_SHAPE), "what is told")

ASK = Key("ask", URL, "the URL that the hub asks for while it works; whoever is behind it watches that it does")
EVERY = Key("every", SOME_LENGTH, "how often", MINUTE)
DEAD_MAN_KEYS: Sequence[Key[Any]] = (ASK, EVERY)


def _dead_man(node: Keyed, report: Report) -> DeadMan | None:
    before = len(report.problems)
    fields = Fields(node, DEAD_MAN_KEYS, report, "a dead man's switch")
    made = DeadMan(fields.get(ASK), fields.get(EVERY))
    return made if len(report.problems) == before else None


DEAD_MAN = optional(
    "dead man",
    mapping_of("a dead man's switch", '{ask: "https://watch.example.com/{secret.PING}"}', _dead_man, DEAD_MAN_KEYS),
    "a URL by which others notice that the hub is silent",
)
ALERTS_KEYS: Sequence[Key[Any]] = (LINK_KEY, CHANNELS, PEOPLE_KEY, ROTATIONS_KEY, ESCALATIONS_KEY, RULES, DEAD_MAN)


def read_alerts(raw: bytes, source: str) -> tuple[Alerts | None, list[Problem]]:
    """What a file of alerts says, and every problem in it; None when any problem is an error."""
    node, problems = read_document(raw, source)
    if node is None:
        hint = "write it as docs/alerts.md shows"
        return None, problems or [error("empty-alerts", Place(source, 1, 1), "this file says nothing", "", hint)]
    report = gather()
    report.problems.extend(problems)
    alerts = mapping_of("alerts", "rules: […]", _read).read(node, report)
    return (None if report.failed else alerts), in_order(report)


def alerts_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a file of alerts, `NAME.alerts.yaml`."""
    return {
        "$schema": _DIALECT,
        "title": "alerts",
        "description": "who is told of what, how and when",
        **object_schema(ALERTS_KEYS),
    }


def _read(node: Keyed, report: Report) -> Alerts:
    fields = Fields(node, ALERTS_KEYS, report, "a file of alerts")
    found = Alerts(
        fields.get(CHANNELS) or (), fields.get(PEOPLE_KEY) or (), fields.get(ROTATIONS_KEY) or (),
        fields.get(ESCALATIONS_KEY) or (), fields.get(RULES) or (), fields.get(DEAD_MAN), fields.get(LINK_KEY) or "",
    )  # fmt: skip
    if not report.failed:
        _check_names(node, found, report)
        _check_reach(node, found, report)
        _check_told(node, found, report)
    else:
        check_references(node, report)
    return found


def _check_names(node: Keyed, alerts: Alerts, report: Report) -> None:
    """People, rotations and channels are told by their names alone, so one name is one of them."""
    kinds: Sequence[tuple[str, Iterable[str]]] = (
        ("channels", (c.name for c in alerts.channels)),
        ("people", (p.name for p in alerts.people)),
        ("rotations", (r.name for r in alerts.rotations)),
    )
    seen: dict[str, str] = {}
    for key, names in kinds:
        for name in names:
            if name in seen:
                _twice(node, key, name, f"among `{seen[name]}`", report)
            seen.setdefault(name, key)
    for key, several in (("escalations", alerts.escalations), ("rules", alerts.rules)):
        names = [one.name for one in several]
        for name in sorted({name for name in names if names.count(name) > 1}):
            _twice(node, key, name, f"among `{key}`", report)


def _twice(node: Keyed, key: str, name: str, where: str, report: Report) -> None:
    at = named_in(node, key, name)
    what = f"the name `{name}` is taken {where}"
    report.error("duplicate-name", at.place if at else node.place, what, "each is known by its name", "rename one")


def _check_reach(node: Keyed, alerts: Alerts, report: Report) -> None:
    """Each person is reached by channels that there are, at addresses that these can use."""
    for person in alerts.people:
        if not person.reach:
            at = named_in(node, "people", person.name)
            report.error("missing-key", at.place if at else node.place, f"`{person.name}` cannot be reached", "",
                         "write `reach: {mail: ada@example.com}`")  # fmt: skip
        for reach in person.reach:
            channel = alerts.channel(reach.channel)
            at = named_in(_of(node, person), "reach", reach.channel)
            if channel is None:
                unknown_word(report, at or Text(reach.channel, node.place), "there is no channel",
                             [c.name for c in alerts.channels], "unknown-channel")  # fmt: skip
            elif wrong := _wrong_address(channel, reach.address):
                value = named_in(_of(node, person), "reach", reach.address)
                report.error("wrong-value", value.place if value else node.place, *wrong)


def _of(node: Keyed, person: Person) -> Keyed:
    """Where a person is written."""
    people = node.get("people")
    for one in getattr(people, "items", (people,)):
        said = one.get("person") if isinstance(one, Keyed) else None
        if isinstance(said, Text) and said.text == person.name:
            return one  # type: ignore[return-value]
    return node


def _wrong_address(channel: Channel, address: str) -> tuple[str, str, str] | None:
    if not channel.personal:
        why = f"`{channel.name}` reaches whoever it reaches, without an address"
        return f"`{channel.name}` is nobody's own", why, "tell the channel itself, in a step"
    if isinstance(channel.way, Mail) and not is_mail_address(address):
        return f"`{address}` is no address of e-mail", "", "write the address alone, as in `ada@example.com`"
    if not address.isprintable() or any(c.isspace() for c in address):
        return "this address has spaces in it", "", "write it as the channel's provider does, such as `+4366012345`"
    return None


def _check_told(node: Keyed, alerts: Alerts, report: Report) -> None:
    people = [p.name for p in alerts.people]
    for rotation in alerts.rotations:
        named = [*(p for layer in rotation.layers for p in layer.people), *(o.person for o in rotation.overrides)]
        for name in dict.fromkeys(named):
            _known(node, "rotations", name, people, "there is no person", "unknown-person", report)
    tellable = [*people, *(r.name for r in alerts.rotations), *(c.name for c in alerts.channels if not c.personal)]
    for name in dict.fromkeys(n for e in alerts.escalations for step in e.steps for n in step.tell):
        channel = alerts.channel(name)
        if channel is not None and channel.personal:
            at = named_in(node, "escalations", name)
            what = f"`{name}` needs somebody's address"
            report.error("wrong-value", at.place if at else node.place, what, "", "tell a person or a rotation instead")
            continue
        _known(node, "escalations", name, tellable, "nobody is known as", "unknown-person", report)
    for rule in alerts.rules:
        _known(node, "rules", rule.tell, [e.name for e in alerts.escalations], "there is no escalation",
               "unknown-escalation", report)  # fmt: skip
    if not report.failed:
        report.problems.extend(_unused(node, alerts))


def _known(
    node: Keyed, key: str, name: str, known: Sequence[str], what: str, code: str, report: Report
) -> None:  # fmt: skip
    if name not in known:
        unknown_word(report, named_in(node, key, name) or Text(name, node.place), what, known, code)


def _unused(node: Keyed, alerts: Alerts) -> Iterator[Problem]:
    """What is written and never used is likely a mistake: somebody believes to be told."""
    told = {n for e in alerts.escalations for step in e.steps for n in step.tell}
    turns = {p for r in alerts.rotations for layer in r.layers for p in layer.people}
    turns |= {o.person for r in alerts.rotations for o in r.overrides}
    reached = {reach.channel for person in alerts.people for reach in person.reach}
    tells = {rule.tell for rule in alerts.rules}
    unused = [("people", p.name) for p in alerts.people if p.name not in told | turns]
    unused += [("rotations", r.name) for r in alerts.rotations if r.name not in told]
    unused += [("channels", c.name) for c in alerts.channels if c.name not in told | reached]
    unused += [("escalations", e.name) for e in alerts.escalations if e.name not in tells]
    for key, name in unused:
        at = named_in(node, key, name)
        yield warning("never-told", at.place if at else node.place, f"`{name}` is told by nothing", "",
                      "name it in a step or a rule, or take it away")  # fmt: skip
