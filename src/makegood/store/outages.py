"""The outages of now in the database: what was found before, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from sqlalchemy import Connection, and_, delete, insert, select

from makegood.engine.live import changes
from makegood.evidence.canonical import canonical
from makegood.model.health import Change, Health, Outage, Subject
from makegood.model.spans import Instant
from makegood.store.sql.live_tables import followed, health, outage
from makegood.store.sql.log import in_parts

Key: TypeAlias = tuple[str, str, str]
"""Order, commitment and subject."""


def outages_in(connection: Connection) -> dict[Key, list[Outage]]:
    """The outages of each subject that has one, in the order of time."""
    o = outage.c
    rows = connection.execute(select(o.order, o.commitment, o.subject, o.begin, o.end, o.lasting).order_by(*_KEY)).all()
    return {
        key: [Outage(begin, end, lasting) for *_, begin, end, lasting in some]
        for key, some in groupby(rows, lambda row: (row[0], row[1], row[2]))
    }


def health_in(connection: Connection) -> list[tuple[Subject, Instant]]:
    """Every subject as it was last found, without its outages, and since when it is so."""
    h = health.c
    rows = connection.execute(select(health).order_by(h.order, h.commitment, h.subject)).all()
    return [
        (Subject(order, commitment, name, tuple(json.loads(bytes(services))), Health(now), seen, ()), since)
        for order, commitment, name, services, now, since, seen in rows
    ]


def keep_outages(connection: Connection, subjects: Sequence[Subject], size: int, at: Instant) -> list[Change]:
    """Keep what was found of every subject in the first `size` entries of the log, as of an instant, and say what
    changed. What is not among the subjects any more goes without a word: nobody promises it now."""
    before = outages_in(connection)
    found = {(s.order, s.commitment, s.name): s for s in subjects}
    changed = [
        Change(*key, was, now)
        for key, subject in found.items()
        for was, now in changes(before.get(key, ()), subject.outages)
    ]
    _forget(connection, [(key, was.begin) for key in before.keys() - found.keys() for was in before[key]])
    _forget(connection, [(_key(one), one.before.begin) for one in changed if one.before is not None])
    in_parts(connection, insert(outage), [_row(_key(one), one.after) for one in changed if one.after is not None])
    connection.execute(delete(followed))
    connection.execute(insert(followed).values(only=1, size=size, at=at))
    _keep_health(connection, found, at)
    return changed


_KEY = (outage.c.order, outage.c.commitment, outage.c.subject, outage.c.begin)


def _key(change: Change) -> Key:
    return change.order, change.commitment, change.subject


def _row(key: Key, found: Outage) -> dict[str, object]:
    order, commitment, subject = key
    return {
        "order": order, "commitment": commitment, "subject": subject, "begin": found.begin, "end": found.end,
        "lasting": found.lasting,
    }  # fmt: skip


def _forget(connection: Connection, some: Iterable[tuple[Key, Instant]]) -> None:
    for (order, commitment, subject), begin in some:
        o = outage.c
        mine = and_(o.order == order, o.commitment == commitment, o.subject == subject, o.begin == begin)
        connection.execute(delete(outage).where(mine))


def _keep_health(connection: Connection, found: Mapping[Key, Subject], at: Instant) -> None:
    since = {_key_of(s): (s.health, then) for s, then in health_in(connection)}
    connection.execute(delete(health))
    rows: list[dict[str, object]] = [
        {
            "order": key[0], "commitment": key[1], "subject": key[2], "services": canonical(list(s.services)),
            "health": s.health.value, "seen": s.seen,
            "since": since[key][1] if key in since and since[key][0] is s.health else at,
        }
        for key, s in found.items()
    ]  # fmt: skip
    in_parts(connection, insert(health), rows)


def _key_of(subject: Subject) -> Key:
    return subject.order, subject.commitment, subject.name
