"""Alerts with their notes, and mutes, as a store keeps them; each written by compare-and-set on its version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, or_, select, update

from makegood.engine.alerting.alert import Alert, Note
from makegood.exchange.message_json import alert_bytes, alert_from
from makegood.model.alerts import Mute
from makegood.model.spans import Instant, Span
from makegood.store.sql.log import extent
from makegood.store.sql.notify_tables import alert, alert_note, mute


class Overtaken(Exception):
    """Somebody else wrote the alert in between: undo the transaction and do it again."""


@dataclass(frozen=True, slots=True)
class Held:
    """An alert as it was read, with its version; 0 for one that is new."""

    alert: Alert
    version: int = 0


def lock(connection: Connection) -> None:
    """Let whoever changes alerts take turns, until the transaction ends."""
    extent(connection, lock=True)


def of_rules(connection: Connection, rules: Iterable[str], closed_since: Instant) -> list[Held]:
    """The alerts of some rules that are open, or were closed since an instant; the earliest first."""
    c = alert.c
    asked = select(c.body, c.version).where(c.rule.in_(list(rules)), or_(c.closed.is_(None), c.closed >= closed_since))
    return [
        Held(alert_from(bytes(body)), version) for body, version in connection.execute(asked.order_by(c.opened, c.id))
    ]


def due(connection: Connection, now: Instant) -> list[Held]:
    """The open alerts that are to be looked at by an instant."""
    c = alert.c
    asked = select(c.body, c.version).where(c.due <= now, c.closed.is_(None)).order_by(c.due, c.id)
    return [Held(alert_from(bytes(body)), version) for body, version in connection.execute(asked)]


def one(connection: Connection, key: str) -> Held | None:
    """An alert by its id."""
    row = connection.execute(select(alert.c.body, alert.c.version).where(alert.c.id == key)).first()
    return None if row is None else Held(alert_from(bytes(row.body)), row.version)


def open_alerts(connection: Connection) -> list[Alert]:
    """Every alert that is not over, the earliest first."""
    c = alert.c
    asked = select(c.body).where(c.closed.is_(None)).order_by(c.opened, c.id)
    return [alert_from(bytes(body)) for body in connection.execute(asked).scalars()]


def recent_alerts(connection: Connection, since: Instant, most: int) -> list[Alert]:
    """The alerts that were over since an instant, the latest first, up to so many."""
    c = alert.c
    asked = select(c.body).where(c.closed >= since).order_by(c.closed.desc(), c.id).limit(most)
    return [alert_from(bytes(body)) for body in connection.execute(asked).scalars()]


def save(connection: Connection, held: Held, now: Alert, due_at: Instant | None) -> None:
    """Write an alert as it is now. Raises Overtaken where its version is no longer the one that was read."""
    values = {"closed": now.closed, "due": due_at, "version": held.version + 1, "body": alert_bytes(now)}
    if not held.version:
        connection.execute(insert(alert).values(id=now.id, rule=now.rule, opened=now.opened, **values))
        return
    mine = (alert.c.id == now.id, alert.c.version == held.version)
    if connection.execute(update(alert).where(*mine).values(**values)).rowcount != 1:
        raise Overtaken


def note(connection: Connection, key: str, notes: Sequence[Note]) -> None:
    """Add notes to an alert."""
    last = connection.execute(select(func.max(alert_note.c.number)).where(alert_note.c.alert == key)).scalar() or 0
    for number, said in enumerate(notes, last + 1):
        connection.execute(
            insert(alert_note).values(alert=key, number=number, at=said.at, what=said.what, why=said.why)
        )


def notes(connection: Connection, key: str) -> list[Note]:
    """The notes of an alert, in order."""
    c = alert_note.c
    asked = select(c.at, c.what, c.why).where(c.alert == key).order_by(c.number)
    return [Note(*row) for row in connection.execute(asked).all()]


def add_mute(connection: Connection, made: Mute, now: Instant) -> None:
    """Record a mute."""
    connection.execute(
        insert(mute).values(
            id=made.id, starts=made.span.start, ends=made.span.end, by=made.by, because=made.because,
            subjects=json.dumps(made.subjects).encode(), rules=json.dumps(made.rules).encode(), recorded=now,
            released=made.released, released_by=made.released_by,
        )
    )  # fmt: skip


def release_mute(connection: Connection, key: str, now: Instant, by: str) -> bool:
    """End a mute early; False where there is none, or it has ended."""
    running = (mute.c.id == key, mute.c.released.is_(None), mute.c.ends > now)
    return connection.execute(update(mute).where(*running).values(released=now, released_by=by)).rowcount == 1


def mutes(connection: Connection, since: Instant | None = None) -> list[Mute]:
    """The mutes that end after an instant, or all there ever were, the earliest first."""
    asked = select(mute).order_by(mute.c.starts, mute.c.id)
    rows = connection.execute(asked if since is None else asked.where(mute.c.ends > since)).all()
    return [
        Mute(
            row.id, Span(row.starts, row.ends), row.by, row.because, tuple(json.loads(row.subjects)),
            tuple(json.loads(row.rules)), row.released, row.released_by,
        )
        for row in rows
    ]  # fmt: skip


def wake(connection: Connection, now: Instant) -> None:
    """Let every open alert be looked at at once: mutes have changed, or the file of alerts."""
    connection.execute(update(alert).where(alert.c.closed.is_(None)).values(due=now))
