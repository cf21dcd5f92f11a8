"""A signed webhook, as Standard Webhooks says: a POST of JSON whose sender, age and identity the receiver can check.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256, under the secret, over
`{webhook-id}.{webhook-timestamp}.{body}`. The timestamp is that of the attempt, in seconds since 1970 UTC; the id is
the same at each attempt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from makegood.door.fetch import fetch
from makegood.exchange.moments import written
from makegood.model.alerts import Channel, Webhook
from makegood.model.messages import Accepted, Failed, Message, Outcome
from makegood.model.spans import SECOND
from makegood.notify.context import Context

CAP = 64 * 1024
"""Bytes of an answer that are read."""
SHORTEST = 16
GONE = 410


async def send(channel: Channel, message: Message, context: Context) -> Outcome:
    """Post a message. Raises what goes wrong on the way."""
    way = channel.way
    assert isinstance(way, Webhook)
    key = key_of(context.revealed(way.secret))
    if len(key) < SHORTEST:
        return Failed(context.clock(), f"the secret has fewer than {SHORTEST} bytes, and signs nothing")
    body = json.dumps(document(message, context.acknowledging(message)), ensure_ascii=False).encode()
    stamp = str(context.clock() // SECOND)
    headers = {name: context.revealed(value) for name, value in way.headers}
    headers |= {
        "Content-Type": "application/json", "webhook-id": message.id, "webhook-timestamp": stamp,
        "webhook-signature": signature(key, message.id, stamp, body),
    }  # fmt: skip
    return await post(context.revealed(way.url), headers, body, channel, context)


async def post(url: str, headers: dict[str, str], body: bytes, channel: Channel, context: Context) -> Outcome:
    """One POST, and what its status means."""
    timeout = channel.timeout / SECOND
    answer = await fetch("POST", url, tuple(headers.items()), body, policy=context.policy, cap=CAP, timeout=timeout)
    if 200 <= answer.status < 300:
        return Accepted(context.clock(), f"status {answer.status}")
    return Failed(context.clock(), f"status {answer.status}", for_good=answer.status == GONE)


def key_of(secret: str) -> bytes:
    """The bytes that sign: those of base64 after `whsec_`, else the text itself."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return b""
    return secret.encode()


def signature(key: bytes, key_id: str, stamp: str, body: bytes) -> str:
    """The header that signs a body under an id, at a time in whole seconds."""
    made = hmac.new(key, f"{key_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def document(message: Message, acknowledge: str) -> dict[str, Any]:
    """The JSON of a message; instants are RFC 3339 in UTC."""
    return {
        "id": message.id,
        "kind": message.kind.value,
        "alert": message.thread,
        "number": message.number,
        "rule": message.rule,
        "state": message.state,
        "over": message.over,
        "made": written(message.made),
        "subject": message.subject,
        "text": message.text,
        "conditions": [
            {
                "subject": one.subject,
                "since": written(one.since),
                "ended": None if one.ended is None else written(one.ended),
                "orders": list(one.orders),
                "says": one.says,
                "retracted": one.retracted,
            }
            for one in message.conditions
        ],
        "link": message.link,
        "acknowledge": acknowledge,
    }
