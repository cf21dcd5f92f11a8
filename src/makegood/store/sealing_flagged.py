"""Sealing what does not count: flagged batches of closed days go whole into files of their own, for whoever disputes.

Nothing reads them for a statement. Their bytes are those that the location signed: with the row that the database keeps
of each, and its entry in the log, they can be shown to be the ones. They go by when they came, since what they tell of
may be any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import duckdb
from sqlalchemy import Connection, bindparam, select, update

from makegood.exchange.parquet_table import connect
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.refusals import disk_refusal
from makegood.store.sealing_days import SealedDays, made_of, month_of
from makegood.store.segments import write_segment
from makegood.store.sql.batches import Filed, filed
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended, Sealed
from makegood.store.sql.tables import batch, log

FLAGGED = "flagged"
MOST_BATCHES, MOST_ROWS = 10_000, 2_000_000
"""Of one file: so many fit into memory."""


def seal_flagged(store: Store, until: Instant, now: Instant, by: str) -> Iterator[SealedDays]:
    """Seal the flagged batches that came before an instant, those of one month (UTC) together.

    Each segment is there, in the log, and its batches emptied when it is yielded. Raises Refused where a disk, the
    object store or the database refuses, or a batch was changed; what was being sealed is then as it was.
    """
    with reading(store.engine) as connection:
        waiting = filed(connection, batch.c.sealed.is_(None), batch.c.flag.is_not(None), log.c.at < until)
    for _, month in groupby(waiting, key=lambda one: month_of(one.at)):
        for some in _parts(month):
            try:
                yield _sealed(store, some, now, by)
            except (duckdb.Error, OSError) as failure:
                why, hint = disk_refusal(failure), "nothing of it was sealed; make room, and do it again"
                where = Place(str(store.folder))
                raise Refused([error("unwritable", where, "the segment cannot be written", why, hint)]) from None


def _parts(month: Iterator[Filed]) -> Iterator[list[Filed]]:
    part, rows = list[Filed](), 0
    for one in month:
        if part and (len(part) >= MOST_BATCHES or rows + one.rows > MOST_ROWS):
            yield part
            part, rows = [], 0
        part.append(one)
        rows += one.rows
    yield part


def _sealed(store: Store, some: Sequence[Filed], now: Instant, by: str) -> SealedDays:
    b = batch.c
    positions = [one.position for one in some]
    asked = select(b.position, b.location, b.sequence, b.flag, b.body).where(
        b.position.in_(bindparam("some", expanding=True))
    )
    with reading(store.engine) as connection:
        rows = {row.position: row for row in connection.execute(asked, {"some": positions})}
    for one in some:
        body = rows[one.position].body
        if body is None or sha256(bytes(body)).digest() != one.digest:
            what = f"batch `{one.name}` was changed after it was recorded: it is not what the log commits to"
            hint = "restore the store from a backup"
            raise Refused([error("batch-changed", Place(f"log {one.position}"), what, "", hint)])
    columns = {
        "position": positions,
        "location": [rows[p].location for p in positions],
        "sequence": [rows[p].sequence for p in positions],
        "flag": [rows[p].flag for p in positions],
        "body": [bytes(rows[p].body) for p in positions],
    }

    def write(path: Path) -> int:
        with connect() as db:
            for name, values in columns.items():
                db.execute(f"set variable {name} = $1", [values])
            told = ", ".join(f"unnest(getvariable('{name}')) as {name}" for name in columns)
            target = str(path).replace("'", "''")
            db.execute(f"copy (select {told}) to '{target}' (format parquet, compression zstd)")
        return len(positions)

    name, digest, size, count = write_segment(store.place, FLAGGED, write)
    made = made_of(name, digest, count, some, now, by, 0)

    def emptied(connection: Connection, made_at: range) -> None:
        held = update(batch).where(b.position == bindparam("one"), b.sealed.is_(None))
        held = held.values(body=None, sealed=made_at[0])
        if sum(connection.execute(held, {"one": position}).rowcount for position in positions) != len(positions):
            what, hint = (
                "another process sealed the same batches",
                "nothing is lost: see what is left with makegood seal",
            )
            raise Refused([error("sealed-meanwhile", Place(str(store.folder)), what, "", hint)])

    store.append(Appended(by, segments=[Sealed(made, size, some[0].at, some[-1].at)]), now, emptied)
    return SealedDays(name, some[0].at, some[-1].at, len(some), sum(one.rows for one in some), size, 0)
