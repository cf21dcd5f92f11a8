"""Alertmanager: alerts to its API v2, or in the format of its webhook (version 4) to whoever understands that."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from makegood.exchange.moments import written
from makegood.model.alerts import Alertmanager, AlertmanagerForm, Channel
from makegood.model.messages import Message, Outcome, Told
from makegood.model.spans import DAY, Duration
from makegood.notify.context import Context
from makegood.notify.webhook import post

HOLDS: Duration = 7 * DAY
"""An Alertmanager forgets an alert whose end it is not told: what lasts is said to last so long from each message."""
NO_END = "0001-01-01T00:00:00Z"


async def send(channel: Channel, message: Message, context: Context) -> Outcome:
    """Post a message. Raises what goes wrong on the way."""
    way = channel.way
    assert isinstance(way, Alertmanager)
    headers = {name: context.revealed(value) for name, value in way.headers} | {"Content-Type": "application/json"}
    url = context.revealed(way.url)
    if way.form is AlertmanagerForm.API:
        return await post(f"{url}/api/v2/alerts", headers, _json(api_alerts(message)), channel, context)
    return await post(url, headers, _json(webhook(message)), channel, context)


def api_alerts(message: Message) -> list[dict[str, Any]]:
    """What `POST /api/v2/alerts` takes: one alert for each condition."""
    return [
        {
            "labels": _labels(message, one),
            "annotations": _annotations(message, one),
            "startsAt": written(one.since),
            "endsAt": written(message.made + HOLDS if one.ended is None else max(one.ended, one.since + 1)),
            "generatorURL": message.link,
        }
        for one in _conditions(message)
    ]


def webhook(message: Message) -> dict[str, Any]:
    """What an Alertmanager posts to a webhook of its own."""
    alerts = [
        {
            "status": "firing" if one.ended is None else "resolved",
            "labels": _labels(message, one),
            "annotations": _annotations(message, one),
            "startsAt": written(one.since),
            "endsAt": NO_END if one.ended is None else written(one.ended),
            "generatorURL": message.link,
            "fingerprint": sha256(_json(_labels(message, one))).hexdigest()[:16],
        }
        for one in _conditions(message)
    ]
    firing = any(one["status"] == "firing" for one in alerts)
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{message.rule or message.kind.value}"}}',
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": message.channel,
        "groupLabels": {"alertname": message.rule or message.kind.value},
        "commonLabels": {"alertname": message.rule or message.kind.value, "makegood_alert": message.thread},
        "commonAnnotations": {"summary": message.subject},
        "externalURL": message.link,
        "alerts": alerts,
    }


def _conditions(message: Message) -> tuple[Told, ...]:
    """The conditions of a message; of a test, which has none, one that is over at once."""
    return message.conditions or (Told("test", message.made, message.made + 1, says=message.text),)


def _labels(message: Message, one: Told) -> dict[str, str]:
    return {
        "alertname": message.rule or message.kind.value,
        "service": one.subject,
        "makegood_alert": message.thread or message.id,
    }


def _annotations(message: Message, one: Told) -> dict[str, str]:
    said = {"summary": message.subject, "description": one.says, "orders": ", ".join(one.orders)}
    return {name: value for name, value in said.items() if value}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
