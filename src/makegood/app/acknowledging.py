"""Use case: acknowledge an alert by a link, or by name. Asking for the link shows; only posting to it acts.

The token in a link is made from the key of the store, which is in no database and no backup; it is for one alert and
one person, and acts for as long as the alert is open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from makegood.engine.alerting.alert import Alert, Note, acknowledge
from makegood.evidence.signing import SigningKey
from makegood.model.messages import Message
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql import alerts as kept
from makegood.store.sql.database import reading, writing

_PURPOSE = b"makegood.acknowledge/1\n"
_MAC = 24


@dataclass(frozen=True)
class Shown:
    """What the page behind a link shows: an alert, who would acknowledge it, and all that was decided about it."""

    alert: Alert
    name: str
    notes: tuple[Note, ...]


def links(key: SigningKey) -> Callable[[Message], str]:
    """Makes the link by which the receiver of a message acknowledges; empty for messages that nobody has to."""
    secret = _secret(key)

    def link(message: Message) -> str:
        return f"{message.acknowledge}{_token(secret, message.thread, message.name)}" if message.acknowledge else ""

    return link


def show(store: Store, token: str) -> Shown:
    """The alert that a link is about; nothing is changed. Raises Refused for a token that is none of ours."""
    alert, name = _read(store.key, token)
    with reading(store.engine) as connection:
        held = kept.one(connection, alert)
        if held is None:
            raise Refused([_unknown()])
        return Shown(held.alert, name, tuple(kept.notes(connection, alert)))


def act(store: Store, token: str, now: Instant) -> Shown:
    """Acknowledge, as whom the link was sent to. Raises Refused for a token that is none of ours."""
    alert, name = _read(store.key, token)
    return acknowledged(store, alert, name, now)


def acknowledged(store: Store, alert: str, by: str, now: Instant) -> Shown:
    """Acknowledge an alert by its id, as somebody. Raises Refused where there is no such alert."""
    with writing(store.engine) as connection:
        kept.lock(connection)
        held = kept.one(connection, alert)
        if held is None:
            hint = "`makegood outbox STORE` lists those that are open, with their ids"
            raise Refused([error("unknown-alert", Place("alert"), f"there is no alert `{alert[:80]}`", "", hint)])
        after, note = acknowledge(held.alert, by, now)
        if after != held.alert:
            kept.save(connection, held, after, now)
        kept.note(connection, alert, [note])
        return Shown(after, by, tuple(kept.notes(connection, alert)))


def _secret(key: SigningKey) -> bytes:
    """32 bytes that only who has the key can make: a signature of it that is never shown, hashed."""
    return hashlib.sha256(key.sign(_PURPOSE)).digest()


def _token(secret: bytes, alert: str, name: str) -> str:
    said = f"{alert}.{name}".encode()
    mac = hmac.new(secret, said, hashlib.sha256).digest()[:_MAC]
    return f"{_letters(said)}.{_letters(mac)}"


def _read(key: SigningKey, token: str) -> tuple[str, str]:
    said, dot, _ = token.partition(".")
    try:
        alert, _, name = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode().partition(".")
    except ValueError:
        raise Refused([_unknown()]) from None
    if not dot or not hmac.compare_digest(token.encode(), _token(_secret(key), alert, name).encode()):
        raise Refused([_unknown()])
    return alert, name


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unknown() -> Problem:
    hint = "open the link as it stands in the message; it may be cut at the end of a line"
    return error("unknown-alert", Place("token"), "there is no such alert", "", hint)
