"""Use case: take pings in. Many that come at once share a transaction; none is answered before it is on the disk."""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from queue import SimpleQueue
from threading import Thread
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from makegood.model.checks import Check, HeartbeatProbe
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.pings import Ping, insert_pings
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import heartbeat
from makegood.store.sql.store import unwritable

MOST_AT_ONCE = 1_000
"""Pings of one transaction."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
_ID = 8


class Hearing:
    """Takes pings into a store by one thread of its own, until it is closed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: SimpleQueue[tuple[Ping, Future[None]] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="pings", daemon=True)
        self._thread.start()

    def take(self, one: Ping) -> Future[None]:
        """Take one ping; the future is done when it is on the disk, or raises Refused where it could not be."""
        told: Future[None] = Future()
        self._queue.put((one, told))
        return told

    def close(self) -> None:
        """Write what came, and end."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        ended = False
        while not ended:
            group = [self._queue.get()]
            while not self._queue.empty() and len(group) < MOST_AT_ONCE:
                group.append(self._queue.get())
            ended = None in group
            came = [one for one in group if one is not None and one[1].set_running_or_notify_cancel()]
            if came:
                self._write(came)

    def _write(self, came: list[tuple[Ping, Future[None]]]) -> None:
        failure: Exception | None = None
        try:
            with writing(self._store.engine) as connection:
                insert_pings(connection, [one for one, _ in came])
        except DBAPIError as refused:
            failure = Refused([unwritable(self._store.engine, refused)])
        except Exception as fault:  # noqa: BLE001 -- raised by each that waits for it
            failure = fault
        for _, told in came:
            told.set_result(None) if failure is None else told.set_exception(failure)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to ping, as far as it may be shown. `check` is empty where the URL names it after the secret."""

    id: str
    check: str
    by: str
    made: Instant


def make_address(store: Store, check: str, *, by: str, now: Instant, secret: str = "") -> tuple[Address, str]:
    """A new address of a check, or with `check` empty of all of them, and its secret, which is shown once.

    `secret` may be one that is in use with another program, so that its URL goes on to work. Raises Refused for one
    that can be guessed or is there already.
    """
    said = secret or str(uuid4())
    if not _SECRET.fullmatch(said) or len(set(said)) < _ID:
        what, hint = "this is no secret of a URL", "give 16 or more letters, digits, - and _ that nobody can guess"
        raise Refused([error("heartbeat-secret", Place("secret"), what, "", hint)])
    digest = _digest(said)
    made = Address(digest.hex()[:_ID], check, by, now)
    try:
        with writing(store.engine) as connection:
            row = {"sha256": digest, "id": made.id, "check": check, "by": by, "made": now}
            connection.execute(insert(heartbeat).values(**row))
    except IntegrityError:
        what = "this secret is in use here already"
        raise Refused([error("heartbeat-exists", Place("secret"), what, "", "use another one")]) from None
    return made, said


def addresses(store: Store) -> list[Address]:
    """All addresses that hold."""
    h = heartbeat.c
    asked = select(h.id, h.check, h.by, h.made).where(h.revoked.is_(None)).order_by(h.check, h.made)
    with reading(store.engine) as connection:
        return [Address(*row) for row in connection.execute(asked)]


def revoke_address(store: Store, name: str, now: Instant) -> None:
    """Let an address hold no more. Raises Refused where there is none."""
    asked = update(heartbeat).where(heartbeat.c.id == name, heartbeat.c.revoked.is_(None)).values(revoked=now)
    with writing(store.engine) as connection:
        if not connection.execute(asked).rowcount:
            raise Refused([error("no-heartbeat", Place("id"), f"there is no address `{name}`")])


def check_at(store: Store, secret: str) -> str | None:
    """The check whose address has this secret, empty for that of all of them; None where there is none."""
    with reading(store.engine) as connection:
        return _check_at(connection, secret)


def _check_at(connection: Connection, secret: str) -> str | None:
    asked = select(heartbeat.c.check).where(heartbeat.c.sha256 == _digest(secret), heartbeat.c.revoked.is_(None))
    found: str | None = connection.execute(asked).scalar()
    return found


def _digest(secret: str) -> bytes:
    """What the store looks an address up by: how long that takes tells nothing about a secret that is not known."""
    return sha256(secret.strip().lower().encode("utf-8", "replace") if _is_uuid(secret) else secret.encode()).digest()


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def slug(name: str) -> str:
    """The name of a check as it stands in a URL: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")


def by_slug(checks: dict[str, Check], said: str) -> list[str]:
    """The heartbeats that a slug names: the one whose name it is, else all whose name is written so in a URL."""
    told = [name for name, check in checks.items() if isinstance(check.probe, HeartbeatProbe)]
    return [said] if said in told else [name for name in told if slug(name) == said]
