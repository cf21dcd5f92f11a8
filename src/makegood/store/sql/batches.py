"""Batches in the database: as bytes, or as rows of `observation`, which the driver itself writes, for its speed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from makegood.evidence.batch import FIRST, NO_LATENCY, Batch, Damaged, Roster, RowBatch, read_batch
from makegood.evidence.first_batches import first_body, read_first
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant, Times
from makegood.store.sql.log import in_parts
from makegood.store.sql.tables import batch, document, log, observation, subject

ROSTER = "checks"
"""The kind of the documents that are lists of checks."""
MOST_ASKED, MOST_ROWS_ASKED = 500, 1_000_000
"""Batches, and rows of them, that are read at once."""
Subjects = dict[tuple[str, bytes], Times]
"""By location and list of checks, the number of each of them there, int64[checks]."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How a batch came: the public key of the agent that signed it and the signature, empty where nobody did; and why
    its results do not count, empty where they do."""

    key: bytes = b""
    signature: bytes = b""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """A batch as the database lists it, without what it holds: `at` is when it was logged (µs UTC), `first` and `last`
    the starts of its first and last slot, `sealed` the position of the segment that holds it."""

    position: int
    at: Instant
    location: str
    sequence: int
    digest: bytes
    roster: bytes
    every: int
    first: Instant
    last: Instant
    rows: int
    sealed: int | None

    @property
    def name(self) -> str:
        return f"{self.location}/{self.sequence}"


def filed(connection: Connection, *where: Any) -> list[Filed]:
    """Some batches, in the order of their positions."""
    b = batch.c
    asked = select(
        b.position, log.c.at, b.location, b.sequence, b.sha256, b.roster, b.every, b.first, b.last, b.rows, b.sealed
    ).join(log, log.c.position == b.position)
    rows = connection.execute(asked.where(*where).order_by(b.position)).all()
    return [Filed(p, at, at_, n, bytes(h), bytes(r), *rest) for p, at, at_, n, h, r, *rest in rows]


def rosters(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, Roster]:
    """The lists of checks by their SHA-256."""
    found = dict[bytes, Roster]()
    for digest in dict.fromkeys(digests):
        body = connection.execute(select(document.c.body).where(document.c.sha256 == digest)).scalar_one()
        found[digest] = Roster(tuple(json.loads(bytes(body))))
    return found


def roster_of(connection: Connection, digest: bytes) -> Roster | None:
    """The list of checks of a SHA-256; None where there is none."""
    asked = select(document.c.body).where(document.c.sha256 == digest, document.c.kind == ROSTER)
    body = connection.execute(asked).scalar()
    try:
        return None if body is None else Roster(tuple(json.loads(bytes(body))))
    except (ValueError, TypeError):
        return None  # a document of that kind that is no list


def held(connection: Connection, some: Sequence[Filed], lists: Mapping[bytes, Roster]) -> Iterator[tuple[Filed, Batch]]:
    """Batches that no segment holds, one after the other.

    Raises Refused where one is not what the log commits to.
    """
    b = batch.c
    for part in _together(some):
        asked = select(b.position, b.body, b.closed, b.previous).where(b.position.in_([one.position for one in part]))
        found = {row.position: row for row in connection.execute(asked)}
        for one in part:
            row = found[one.position]
            yield one, _kept(connection, one, lists[one.roster], row.body, row.closed, row.previous)


def _kept(
    connection: Connection,
    one: Filed,
    roster: Roster,
    body: bytes | None,
    closed: Instant | None,
    previous: bytes | None,
) -> Batch:
    """A batch from its bytes or its rows, held against the log; the first edition of batches names none before it."""
    second = previous is not None
    try:
        if body is not None:
            kept = read_batch(bytes(body), roster) if second else read_first(bytes(body), roster)
        else:
            kept = _from_rows(connection, one, roster, closed or 0, FIRST if previous is None else bytes(previous))
    except (Damaged, KeyError) as wrong:
        raise Refused([_changed(one, f"{wrong}" if isinstance(wrong, Damaged) else "")]) from None
    if (kept.digest if second else sha256(first_body(kept)).digest()) != one.digest:
        raise Refused([_changed(one)])
    return kept


def _together(some: Sequence[Filed]) -> Iterator[list[Filed]]:
    """Batches that are asked for at once: many small ones, and few large ones."""
    part, rows = list[Filed](), 0
    for one in some:
        if part and (len(part) >= MOST_ASKED or rows + one.rows > MOST_ROWS_ASKED):
            yield part
            part, rows = [], 0
        part.append(one)
        rows += one.rows
    if part:
        yield part


def _changed(one: Filed, why: str = "") -> Problem:
    what = f"batch `{one.name}` was changed after it was recorded: it is not what the log commits to"
    return error("batch-changed", Place(f"log {one.position}"), what, why, "restore the store from a backup")


def _from_rows(connection: Connection, one: Filed, roster: Roster, closed: Instant, previous: bytes) -> RowBatch:
    o = observation.c
    begins = o.begun.between(one.first, one.last + one.every - 1)
    asked: Select[Any] = select(o.begun, subject.c.check, o.outcome, o.latency).join(
        subject, subject.c.number == o.subject
    )
    rows = connection.execute(asked.where(begins, o.position == one.position)).all()
    number = {check: n for n, check in enumerate(roster.checks)}
    columns = np.array(
        [
            (begun, number[check], outcome, NO_LATENCY if latency is None else latency)
            for begun, check, outcome, latency in rows
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    begun, check, outcome, latency = columns[np.lexsort((columns[:, 1], columns[:, 0]))].T
    some = latency if (latency != NO_LATENCY).any() else None
    return RowBatch(
        one.location, one.sequence, one.every, roster, begun, check, outcome.astype(np.int8), some,
        closed=closed, previous=previous,
    )  # fmt: skip


def listed(position: int, one: Batch, sent: Sent, body: bool) -> dict[str, object]:
    """The row that lists a batch; with `body` its bytes too."""
    first, last = one.span
    return {
        "position": position, "location": one.location, "sequence": one.sequence, "sha256": one.digest,
        "roster": one.roster.digest, "every": one.every, "first": first, "last": last, "rows": one.rows,
        "body": one.body if body else None, "sealed": None, "closed": one.closed, "previous": one.previous,
        "agent": sent.key or None, "signature": sent.signature or None, "flag": sent.flag or None,
    }  # fmt: skip


def reach(connection: Connection, location: str) -> Instant | None:
    """The start of the last slot of all batches of a location whose results count; None where there is none."""
    asked = select(batch.c.last).where(batch.c.location == location, batch.c.flag.is_(None))
    last: int | None = connection.execute(asked.order_by(batch.c.last.desc()).limit(1)).scalar()
    return last


def subjects_of(connection: Connection, one: Batch) -> Times:
    """The numbers of the checks of a batch at its location, int64[checks]; those that had none get one.

    The caller holds the right to append.
    """
    asked = select(subject.c.check, subject.c.number).where(subject.c.location == one.location)
    there: dict[str, int] = {row.check: row.number for row in connection.execute(asked)}
    following = (connection.execute(select(func.max(subject.c.number))).scalar() or 0) + 1
    new = [check for check in one.checks if check not in there]
    there |= {check: following + n for n, check in enumerate(new)}
    rows = [{"number": there[check], "check": check, "location": one.location} for check in new]
    in_parts(connection, insert(subject), rows)
    return np.array([there[check] for check in one.checks], dtype=np.int64)


def file_rows(connection: Connection, position: int, one: RowBatch, subjects: Times) -> bool:
    """Write the rows of a batch into `observation`, in the order of its key, `subjects` being the numbers of its
    checks; False, and nothing is written, where a row of that check and begin is there already."""
    numbers = subjects[one.check]
    order = np.lexsort((numbers, one.begun))
    latency: list[int | None] = [None] * one.rows
    if one.latency is not None:
        latency = one.latency[order].tolist()
        if NO_LATENCY in latency:
            latency = [None if us == NO_LATENCY else us for us in latency]
    rows = zip(
        one.begun[order].tolist(), numbers[order].tolist(), one.outcome[order].tolist(), latency, repeat(position)
    )
    if _insert(connection, rows) == one.rows:
        return True
    begins = observation.c.begun.between(int(one.begun[0]), int(one.begun[-1]))
    connection.execute(observation.delete().where(begins, observation.c.position == position))
    return False


def _insert(connection: Connection, rows: Iterable[tuple[int | None, ...]]) -> int:
    """Insert rows into `observation`, without those whose key is there already; how many were inserted."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        inserted = raw.executemany("insert or ignore into observation values (?, ?, ?, ?, ?)", rows)
        return int(inserted.rowcount)
    with raw.cursor() as cursor:
        cursor.execute("create temp table if not exists arriving (like observation) on commit drop")
        with cursor.copy("copy arriving from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("insert into observation select * from arriving on conflict do nothing")
        inserted = cursor.rowcount
        cursor.execute("truncate arriving")
        return int(inserted)


def empty(connection: Connection, some: Sequence[Filed], sealed: int) -> bool:
    """Take out what some batches hold, since a segment holds it; False where another one holds some of them already."""
    emptied = update(batch).where(batch.c.position == bindparam("one"), batch.c.sealed.is_(None))
    changed = 0
    for one in some:
        changed += connection.execute(emptied.values(body=None, sealed=sealed), {"one": one.position}).rowcount
    positions = np.array([one.position for one in some])
    for first, last in _spans(some):
        connection.execute(
            observation.delete().where(
                observation.c.begun.between(first, last),
                observation.c.position.between(int(positions.min()), int(positions.max())),
                observation.c.position.in_(select(batch.c.position).where(batch.c.sealed == sealed)),
            )
        )
    return changed == len(some)


def _spans(some: Sequence[Filed]) -> Iterator[tuple[Instant, Instant]]:
    """The instants that batches cover, joined."""
    reach: tuple[Instant, Instant] | None = None
    for first, last in sorted((one.first, one.last + one.every - 1) for one in some):
        if reach is not None and first <= reach[1] + 1:
            reach = reach[0], max(reach[1], last)
        else:
            if reach is not None:
                yield reach
            reach = first, last
    if reach is not None:
        yield reach


def gaps(connection: Connection) -> dict[str, list[tuple[int, int]]]:
    """The sequences, first and last, that are missing below the latest of each location."""
    asked = select(batch.c.location, func.count(), func.max(batch.c.sequence)).group_by(batch.c.location)
    found = dict[str, list[tuple[int, int]]]()
    for location, count, latest in connection.execute(asked).all():
        if count == latest:
            continue
        there = connection.execute(
            select(batch.c.sequence).where(batch.c.location == location).order_by(batch.c.sequence)
        ).scalars()
        before = 0
        for sequence in there:
            if sequence > before + 1:
                found.setdefault(location, []).append((before + 1, sequence - 1))
            before = sequence
    return found
