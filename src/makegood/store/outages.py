"""The outages of now in the database: what was found before, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy import Connection, and_, delete, insert, select, tuple_

from makegood.engine.live import changes
from makegood.evidence.canonical import canonical
from makegood.model.health import Change, Health, Outage, Subject
from makegood.model.spans import Instant
from makegood.store.sql.live_tables import followed, health, outage
from makegood.store.sql.log import extent, in_parts

Key: TypeAlias = tuple[str, str, str]
"""Order, commitment and subject."""
FEW = 200
"""So many subjects are asked for by name; of more, all are read."""


def outages_in(connection: Connection, only: Collection[Key] | None = None) -> dict[Key, list[Outage]]:
    """The outages of each subject that has one, or of some subjects only, in the order of time."""
    asked = select(*_KEY, outage.c.end, outage.c.lasting).order_by(*_KEY)
    if only is not None and len(only) <= FEW:
        asked = asked.where(tuple_(*_KEY[:3]).in_(only))
    found = dict[Key, list[Outage]]()
    for order, commitment, subject, begin, end, lasting in connection.execute(asked).all():
        found.setdefault((order, commitment, subject), []).append(Outage(begin, end, lasting))
    return found if only is None else {key: found[key] for key in only if key in found}


def followed_in(connection: Connection, lock: bool = False) -> tuple[int, Instant] | None:
    """How long the log was that the outages are found in, and as of when; None where none were ever kept."""
    asked = select(followed.c.size, followed.c.at)
    row = connection.execute(asked.with_for_update() if lock else asked).first()
    return None if row is None else (row.size, row.at)


def health_in(connection: Connection, only: Collection[Key] | None = None) -> dict[Key, tuple[Subject, Instant]]:
    """Every subject, or some only, as it was last found, without its outages, and since when it is so."""
    h = health.c
    asked = select(health).order_by(h.order, h.commitment, h.subject)
    if only is not None and len(only) <= FEW:
        asked = asked.where(tuple_(h.order, h.commitment, h.subject).in_(only))
    return {
        (order, commitment, name): (
            Subject(order, commitment, name, tuple(json.loads(bytes(services))), Health(now), seen, ()),
            since,
        )
        for order, commitment, name, services, now, since, seen in connection.execute(asked).all()
        if only is None or (order, commitment, name) in only
    }


def keep_outages(
    connection: Connection, subjects: Sequence[Subject], size: int, at: Instant, whole: bool = True
) -> list[Change]:
    """Keep what was found of subjects in the first `size` entries of the log, as of an instant, and say what changed.

    With `whole` these are all that there are: what is not among them any more goes without a word, since nobody
    promises it now. Otherwise the others stay as they were.
    """
    found = {(s.order, s.commitment, s.name): s for s in subjects}
    before = outages_in(connection, None if whole else found.keys())
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
    _keep_health(connection, found, at, whole)
    return changed


@dataclass(frozen=True)
class Basis:
    """What the outages of the database are found in: the first `size` entries of the log, as of the instant `at`."""

    size: int
    at: Instant


def basis_in(connection: Connection, lock: bool = False) -> Basis | None:
    """What the outages are found in. None where nothing was ever watched.

    Where it is not said any more, or said of a log longer than this one, it is all of the log, as of its last entry.
    With `lock` nobody else writes outages until this transaction ends.
    """
    known, until = followed_in(connection, lock), extent(connection)
    if known is not None and known[0] <= until.size:
        return Basis(*known)
    watched = known is not None or any(
        connection.execute(select(table.c.order).limit(1)).first() is not None for table in (outage, health)
    )
    return Basis(until.size, until.at) if watched else None


def differing(
    subjects: Iterable[Subject], there: Mapping[Key, Sequence[Outage]], known: tuple[int, Instant] | None, basis: Basis
) -> int:
    """How many rows, of `outages_in` and `followed_in`, are not those of all subjects."""
    expected = {(s.order, s.commitment, s.name, one.begin): one for s in subjects for one in s.outages}
    rows = {(*key, one.begin): one for key, some in there.items() for one in some}
    other = sum(rows.get(key) != expected.get(key) for key in expected.keys() | rows.keys())
    return other + (known != (basis.size, basis.at))


def replace_outages(connection: Connection, subjects: Iterable[Subject], basis: Basis) -> None:
    """Let the outages be those of these subjects, found in a basis, and no others. Nobody is told of anything."""
    connection.execute(delete(outage))
    found = [_row((s.order, s.commitment, s.name), one) for s in subjects for one in s.outages]
    in_parts(connection, insert(outage), found)
    connection.execute(delete(followed))
    connection.execute(insert(followed).values(only=1, size=basis.size, at=basis.at))


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


def _keep_health(connection: Connection, found: Mapping[Key, Subject], at: Instant, whole: bool) -> None:
    h, there = health.c, health_in(connection, None if whole else found.keys())
    gone = [key for key in there if key not in found or replace(found[key], outages=()) != there[key][0]]
    new = [*(key for key in found if key not in there), *(key for key in gone if key in found)]
    for order, commitment, name in gone:
        mine = and_(h.order == order, h.commitment == commitment, h.subject == name)
        connection.execute(delete(health).where(mine))
    rows: list[dict[str, object]] = []
    for key in new:
        subject = found[key]
        same = key in there and there[key][0].health is subject.health
        rows.append(
            {
                "order": key[0], "commitment": key[1], "subject": key[2],
                "services": canonical(list(subject.services)), "health": subject.health.value, "seen": subject.seen,
                "since": there[key][1] if same else at,
            }
        )  # fmt: skip
    in_parts(connection, insert(health), rows)
