"""Files of alerts: what is read, what is refused and in which words, and what nobody could write by mistake unseen."""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.strict_yaml import read_yaml
from makegood.exchange.alerts.reading import ALERTS_KEYS, alerts_schema, read_alerts
from makegood.exchange.alerts.rules import OWN
from makegood.exchange.alerts.values import CHATS, TEXTS
from makegood.exchange.documents import gather
from makegood.model.alerts import Alerts, Chat, Layer, Mail, Rule, Trigger, Webhook
from makegood.model.spans import HOUR, MINUTE
from makegood.model.when import ClockTime
from tests.exchange.cases import bad, expected, good, told

GOOD = good("alerts", "harbour.alerts.yaml")
SCHEMA = Draft202012Validator(alerts_schema())


def alerts_of(raw: bytes) -> Alerts:
    alerts, problems = read_alerts(raw, "an.alerts.yaml")
    assert told(problems) == ""
    assert alerts is not None
    return alerts


def test_a_file_is_read_as_written() -> None:
    alerts = alerts_of(GOOD)
    mail, text, room, hook = (c.way for c in alerts.channels)
    assert mail == Mail("smtp.example.com", 587, "alerts@example.com", user="alerts", password="{secret.SMTP_PASSWORD}")
    assert (text, room) == (Chat("twilio://{secret.TWILIO}/{to}"), Chat("slack://{secret.SLACK}/#ops"))
    assert hook == Webhook("https://hooks.example.com/makegood", "{secret.HOOK}")
    assert [c.personal for c in alerts.channels] == [True, True, False, False]
    (rotation,) = alerts.rotations
    assert rotation.layers == (Layer(("ada", "grace"), 7, rotation.layers[0].starts, ClockTime(9 * 3600)),)
    (ops,) = alerts.escalations
    assert [(s.tell, s.after) for s in ops.steps] == [(("primary", "ops-room", "hook"), 0), (("grace",), 15 * MINUTE)]
    assert [r.on for r in alerts.rules] == list(Trigger)
    assert alerts.rule("errors") is not None
    assert alerts.rules[0].remind == 12 * HOUR
    assert alerts.rules[1].remind is None


@pytest.mark.parametrize("path", bad("alerts"), ids=lambda p: p.stem)
def test_a_bad_file_is_told_with_every_mistake(path: Path) -> None:
    alerts, problems = read_alerts(path.read_bytes(), path.name)
    assert told(problems) == expected(path)
    assert (alerts is None) == any(p.severity == "error" for p in problems)


def test_every_line_of_a_file_matters() -> None:
    """Leaving out a line changes what is said, or is refused: nothing is read and forgotten."""
    lines = GOOD.decode().splitlines(keepends=True)
    whole = alerts_of(GOOD)
    for number, line in enumerate(lines):
        without = "".join(lines[:number] + lines[number + 1 :]).encode()
        alerts, problems = read_alerts(without, "an.alerts.yaml")
        assert problems or alerts != whole, line


def plain(node: Node | None) -> object:
    match node:
        case Text():
            return node.text
        case Many():
            return [plain(item) for item in node.items]
        case Keyed():
            return {key.text: plain(value) for key, value in node.entries}
    return None


def test_the_schema_takes_what_the_reader_takes() -> None:
    node, _ = read_yaml(GOOD.decode(), "x")
    assert [e.message for e in SCHEMA.iter_errors(plain(node))] == []
    Draft202012Validator.check_schema(alerts_schema())


@pytest.mark.parametrize(
    "path", [p for p in bad("alerts") if p.stem.split(".")[0] in ("channels", "rules", "rotations")]
)
def test_the_schema_refuses_what_is_refused_for_its_shape(path: Path) -> None:
    node, _ = read_yaml(path.read_text(encoding="utf-8"), "x")
    assert list(SCHEMA.iter_errors(plain(node)))


def test_every_trigger_has_its_keys_and_every_key_an_example_that_is_read() -> None:
    assert set(OWN) == set(Trigger)
    assert [key.name for key in ALERTS_KEYS] == list(alerts_schema()["properties"])
    for trigger, keys in OWN.items():
        for key in keys:
            node, _ = read_yaml(f"x: {key.example}", "x")
            assert isinstance(node, Keyed)
            report = gather()
            value = node.get("x")
            assert value is not None
            key.shape.read(value, report)
            assert told(report.problems) == "", (trigger, key.name)


def test_a_rule_has_no_part_that_no_file_can_say() -> None:
    """Each field of a rule but its name and what belongs to other triggers differs in some file from its default."""
    assert is_dataclass(Rule)
    names = {f.name for f in fields(Rule)}
    written = "wait: 1 min, gather: 1 min, settle: 1 min, remind: 1 h, subject: x, text: y, services: [a], tell: ops"
    rules = [
        f"{{rule: a, when: outage, orders: [o], {written}}}",
        f"{{rule: b, when: error rate, is: more than 1 %, over: 1 min, fewest: 3, {written}}}",
        f"{{rule: c, when: latency, is: more than 1 s, quantile: p50, {written}}}",
        f"{{rule: d, when: budget, left: below 1 %, {written}}}",
        "{rule: e, when: silent location, is: at least 1 min, locations: [fra], tell: ops}",
    ]
    file = '{channels: [{channel: room, chat: "slack://{secret.S}"}]'
    file += ", escalations: [{escalation: ops, steps: [{tell: room}]}]"
    alerts = alerts_of((file + f", rules: [{', '.join(rules)}]}}").encode())
    usual = Rule("x", Trigger.SILENT_HUB, "x")
    moved = {name for name in names for rule in alerts.rules if getattr(rule, name) != getattr(usual, name)}
    assert moved == names


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_chat_and_text_that_may_be_named_is_known_to_the_library_and_asks_over_http_alone() -> None:
    from apprise.manager_plugins import NotificationManager

    manager = NotificationManager()  # type: ignore[no-untyped-call]
    for scheme in (*CHATS, *TEXTS):
        module = sys.modules[manager[scheme].__module__]
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert hasattr(module, "requests") or "requests" in source, scheme
        for word in ("subprocess", "smtplib", "paho", "import socket", "ctypes", "websocket"):
            assert word not in source, (scheme, word)


NAMES = """\
channels:
  - {channel: mail, e-mail: "smtp.example.com:587", from: a@example.com}
people:
  - {person: ada, zone: ZONE, reach: {mail: ada@example.com, pager: "7"}}
rotations:
  - rotation: primary
    zone: Europe/London
    layers: [{people: [ada, grace], every: week, from: 2026-01-05}]
    overrides: [{person: alan, during: 2026-02-08 09:00 to 2026-02-09 09:00 Europe/London}]
escalations:
  - {escalation: ops, steps: [{tell: [primary, nobody]}]}
rules:
  - {rule: outages, when: outage, tell: opps, remind: REMIND}
  - {rule: burn, when: WHEN, tell: opsx}
"""


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"REMIND": "soon"}, "wrong-value"), ({"WHEN": "burning"}, "unknown-word"), ({"ZONE": "Mars"}, "wrong-value")],
)
def test_names_that_lead_nowhere_are_told_also_while_another_value_is_wrong(wrong: dict[str, str], code: str) -> None:
    text = NAMES
    for name, value in ({"ZONE": "Europe/London", "REMIND": "never", "WHEN": "outage"} | wrong).items():
        text = text.replace(name, value)
    alerts, problems = read_alerts(text.encode(), "an.alerts.yaml")
    assert alerts is None
    assert len(problems) == 7, told(problems)
    assert code in [p.code for p in problems]
    assert [p.code for p in problems if p.code.startswith("unknown-") and p.code != "unknown-word"] == [
        "unknown-channel", "unknown-person", "unknown-person", "unknown-person", "unknown-escalation",
        "unknown-escalation",
    ]  # fmt: skip
    assert "did you mean `ops`?" in told(problems)


def test_what_names_people_that_cannot_be_read_is_not_told_as_wrong_too() -> None:
    text = NAMES.replace("WHEN", "outage").replace("REMIND", "never").replace("opps", "ops").replace("opsx", "ops")
    text = text.replace(', pager: "7"', "").replace("ZONE", "Mars").replace(", grace", "").replace("alan", "ada")
    _, problems = read_alerts(text.replace(", nobody", "").encode(), "an.alerts.yaml")
    assert [p.where.line for p in problems] == [4]
    _, problems = read_alerts(b"rules: [{rule: a, when: outage, tell: ops}]\n", "an.alerts.yaml")
    assert [p.code for p in problems] == ["missing-key", "missing-key"]
