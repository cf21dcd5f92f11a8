"""The hub's own batches on their way into the log, and how far each heartbeat was judged and each signal measured.

A batch is decided in one transaction, with the slots that it tells of, and then taken in: if the process ends between
the two, the next one takes in the same bytes, and the log has them once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from makegood.evidence.batch import FIRST, Batch, Roster, read_batch
from makegood.model.spans import Duration
from makegood.store.sql.hub_tables import heard, told


@dataclass(frozen=True, slots=True)
class Judged:
    """How far a heartbeat is judged, or what a signal measures is known: `slot`, of the length `every` µs, is the first
    that no batch tells of."""

    check: str
    every: Duration
    slot: int


def judged(connection: Connection) -> dict[str, Judged]:
    """How far each heartbeat is judged and each signal measured, by its check."""
    rows = connection.execute(select(heard.c.check, heard.c.every, heard.c.slot)).all()
    return {check: Judged(check, every, slot) for check, every, slot in rows}


def keep_judged(connection: Connection, some: Iterable[Judged]) -> None:
    """Say anew how far some are judged."""
    for one in some:
        connection.execute(delete(heard).where(heard.c.check == one.check))
        connection.execute(insert(heard).values(check=one.check, every=one.every, slot=one.slot))


def latest(connection: Connection) -> tuple[int, bytes]:
    """The number and the SHA-256 of the last batch that was decided; 0 and zeros where there is none."""
    row = connection.execute(select(told.c.sequence, told.c.sha256).order_by(told.c.sequence.desc()).limit(1)).first()
    return (0, FIRST) if row is None else (row.sequence, bytes(row.sha256))


def decide(connection: Connection, one: Batch) -> None:
    """Decide on a batch, which is the next one."""
    row = {"sequence": one.sequence, "sha256": one.digest, "checks": one.roster.body, "body": one.body}
    connection.execute(insert(told).values(**row))


def undone(connection: Connection) -> list[Batch]:
    """The batches that were decided and of which it is not known that the log has them, in order."""
    asked = select(told.c.body, told.c.checks).where(told.c.body.is_not(None)).order_by(told.c.sequence)
    rows = connection.execute(asked).all()
    return [read_batch(bytes(body), Roster(tuple(json.loads(bytes(checks))))) for body, checks in rows]


def done(connection: Connection, sequence: int) -> None:
    """The log has the batches up to this one; only the last is remembered."""
    connection.execute(update(told).where(told.c.sequence <= sequence).values(body=None))
    last = select(func.max(told.c.sequence)).scalar_subquery()
    connection.execute(delete(told).where(told.c.sequence <= sequence, told.c.sequence < last))
