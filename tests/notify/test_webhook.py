"""Webhooks that a receiver can check, and the two formats of Alertmanager."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from makegood.door.policy import Policy
from makegood.exchange.alertmanager import read_webhook
from makegood.model.alerts import Alertmanager, AlertmanagerForm, Channel, Webhook
from makegood.model.messages import Accepted, Failed, Message, MessageKind, Outcome, Told
from makegood.model.spans import SECOND
from makegood.notify.alertmanager import api_alerts, webhook
from makegood.notify.context import Context
from makegood.notify.sending import send
from makegood.notify.webhook import key_of
from tests.notify.servers import NOW, context, message, web

TWO = message(
    conditions=(Told("web", NOW - 60 * SECOND, None, ("acme", "northwind"), "connect timeout"),
                Told("shop", NOW - 90 * SECOND, NOW - 10 * SECOND)),
)  # fmt: skip


def sent(way: Webhook | Alertmanager, what: Message | None = None, within: Context | None = None) -> Outcome:
    return asyncio.run(send(Channel("c", way, timeout=5 * SECOND), what or message(), within or context()))


def is_good(headers: dict[str, str], body: bytes, secret: bytes, now: int) -> bool:
    """What docs/alerts.md tells a receiver to do."""
    stamp, said = headers["webhook-timestamp"], headers["webhook-signature"]
    made = hmac.new(secret, f"{headers['webhook-id']}.{stamp}.".encode() + body, hashlib.sha256).digest()
    fresh = abs(now - int(stamp)) <= 300
    return fresh and any(hmac.compare_digest(one, "v1," + base64.b64encode(made).decode()) for one in said.split(" "))


def test_a_receiver_can_check_who_sent_it_and_when_and_that_it_is_whole() -> None:
    with web() as server:
        outcome = sent(Webhook(f"{server.url}/hook?a=1", "{secret.HOOK}", (("X-Token", "{secret.TOKEN}"),)))
    assert outcome == Accepted(NOW, "status 200")
    ((method, path, headers, body),) = server.got
    assert (method, path, headers["x-token"], headers["content-type"]) == (
        "POST",
        "/hook?a=1",
        "t-0-k-e-n",
        "application/json",
    )
    secret, now = b"a secret of some length", NOW // SECOND
    assert headers["webhook-id"] == message().id
    assert is_good(headers, body, secret, now)
    assert not is_good(headers, body + b" ", secret, now)
    assert not is_good(headers, body, b"another secret, of some length", now)
    assert not is_good(headers, body, secret, now + 301)
    assert not is_good({**headers, "webhook-id": "other"}, body, secret, now)
    assert not is_good({**headers, "webhook-timestamp": str(now + 1)}, body, secret, now)
    said = json.loads(body)
    assert said["conditions"] == [
        {"subject": "web", "since": "2026-02-02T02:39:00Z", "ended": None, "orders": ["acme"],
         "says": "connect timeout", "retracted": False}
    ]  # fmt: skip
    assert (said["id"], said["alert"], said["state"], said["over"]) == (message().id, "a1", "opened", False)


def test_a_secret_may_be_written_as_the_standard_does() -> None:
    assert key_of("whsec_" + base64.b64encode(b"0123456789abcdef").decode()) == b"0123456789abcdef"
    assert key_of("whsec_no base64") == b""


@pytest.mark.parametrize("secret", ["short", "whsec_c2hvcnQ=", "whsec_%%%"])
def test_a_secret_that_is_too_short_signs_nothing(secret: str) -> None:
    with web() as server:
        outcome = sent(Webhook(server.url, "{secret.HOOK}"), within=context(HOOK=secret))
    assert isinstance(outcome, Failed)
    assert server.got == []


@pytest.mark.parametrize(("status", "taken", "for_good"), [(204, True, False), (302, False, False), (404, False, False),
                                                           (410, False, True), (500, False, False)])  # fmt: skip
def test_a_status_decides_whether_it_was_taken_and_whether_it_is_tried_again(
    status: int, taken: bool, for_good: bool
) -> None:
    with web() as server:
        server.status = status
        outcome = sent(Webhook(server.url, "{secret.HOOK}"))
    assert isinstance(outcome, Accepted) is taken
    assert getattr(outcome, "for_good", False) is for_good


def test_a_secret_that_is_not_known_is_named_and_none_is_told() -> None:
    outcome = sent(Webhook("http://127.0.0.1:1/{secret.NONE}", "{secret.HOOK}"))
    assert outcome == Failed(NOW, "the secret NONE is not known here: set MAKEGOOD_SECRET_NONE")
    outcome = sent(Webhook("http://127.0.0.1:1/{secret.TOKEN}", "{secret.HOOK}"))
    assert isinstance(outcome, Failed)
    assert "t-0-k-e-n" not in outcome.why


def test_the_guard_keeps_webhooks_from_addresses_that_are_not_public() -> None:
    with web() as server:
        for way in (Webhook(server.url, "{secret.HOOK}"), Alertmanager(server.url)):
            outcome = sent(way, within=context(Policy()))
            assert isinstance(outcome, Failed)
            assert "may not be connected to" in outcome.why
    assert server.got == []


def test_an_alertmanager_is_given_each_condition_as_an_alert_that_ends_or_lasts() -> None:
    with web() as server:
        sent(Alertmanager(f"{server.url}/prefix"), TWO)
    ((_, path, _, body),) = server.got
    assert path == "/prefix/api/v2/alerts"
    web_alert, shop = json.loads(body)
    assert web_alert == {
        "labels": {"alertname": "outages", "service": "web", "makegood_alert": "a1"},
        "annotations": {"summary": "NEW: web is down", "description": "connect timeout", "orders": "acme, northwind"},
        "startsAt": "2026-02-02T02:39:00Z", "endsAt": "2026-02-09T02:40:00Z",
        "generatorURL": "https://status.example.com/alerts/a1",
    }  # fmt: skip
    assert shop["endsAt"] == "2026-02-02T02:39:50Z"
    assert all(value for alert in (web_alert, shop) for value in alert["annotations"].values())


def test_the_webhook_of_an_alertmanager_that_we_send_is_one_that_we_read() -> None:
    with web() as server:
        sent(Alertmanager(f"{server.url}/hook", AlertmanagerForm.WEBHOOK), TWO)
    ((_, path, _, body),) = server.got
    assert path == "/hook"
    said = json.loads(body)
    assert (said["version"], said["status"], said["alerts"][1]["status"]) == ("4", "firing", "resolved")
    told, problems = read_webhook(body, "am", NOW)
    assert problems == []
    assert [(one.began.service, one.ended is None) for one in told] == [("web", True), ("shop", False)]


def test_a_test_is_an_alert_that_is_over_at_once() -> None:
    test = replace(message(), kind=MessageKind.TEST, conditions=(), rule="", thread="")
    (alert,) = api_alerts(test)
    assert alert["endsAt"] < "2026-02-02T02:40:01Z"
    assert webhook(test)["status"] == "resolved"


def test_the_fingerprint_is_of_the_labels_alone() -> None:
    first, later = webhook(TWO), webhook(replace(TWO, subject="MORE", number=2))
    assert [a["fingerprint"] for a in first["alerts"]] == [a["fingerprint"] for a in later["alerts"]]
    assert len({a["fingerprint"] for a in first["alerts"]}) == 2
