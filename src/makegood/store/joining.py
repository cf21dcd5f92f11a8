"""Joining: of a month, the files that say why results were not up become one, and so do those of what was measured,
row for row, as outcomes do.

The rows of one file lie in no order with those of another, so any of them can be joined, also what was sealed late.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import duckdb
from sqlalchemy import Connection, select, update

from makegood.evidence.canonical import Json, canonical
from makegood.exchange.moments import written
from makegood.exchange.parquet_table import connect
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Duration, Instant
from makegood.store.compacting import Compacted
from makegood.store.figure_files import FIGURES
from makegood.store.imports import Import
from makegood.store.latency_files import MOST_ROWS, Failures
from makegood.store.opened import Store
from makegood.store.refusals import disk_refusal
from makegood.store.sealing_days import month_of
from makegood.store.segments import segment_file, write_segment
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended, Document, Sealed
from makegood.store.sql.tables import REPLACEMENT, segment

ORDERS: Final[Mapping[str, str]] = {
    Failures.KIND: '"check", location, begun, reason, status',
    FIGURES: 'service, metric, source, "start", position',
}
"""The kinds of files that are joined, and in which order their rows lie."""


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    position: int
    name: str
    digest: str
    size: int
    rows: int
    first: Instant
    last: Instant
    every: Duration


def join_files(store: Store, until: Instant, now: Instant, by: str) -> Iterator[Compacted]:
    """Make one file of the failures, and one of the figures, of each month (UTC) that ended before an instant and each
    length of slots, or several where they are large.

    Each is done in a transaction of its own. Raises Refused where a disk, the object store or the database refuses;
    what was being joined is then as it was.
    """
    for some in _several(store, until):
        try:
            yield _joined(store, some, now, by)
        except (duckdb.Error, OSError) as failure:
            why, hint = disk_refusal(failure), "nothing was changed; make room, and do it again"
            where = Place(str(store.folder))
            raise Refused([error("unwritable", where, "the segment cannot be written", why, hint)]) from None


def _several(store: Store, until: Instant) -> Iterator[list[_File]]:
    s = segment.c
    asked = select(s.kind, s.position, s.name, s.sha256, s.bytes, s.rows, s.first, s.last, s.told)
    asked = asked.where(s.kind.in_(ORDERS), s.retired.is_(None)).order_by(s.first, s.position)
    months = dict[tuple[tuple[int, int], Duration, str], list[_File]]()
    with reading(store.engine) as connection:
        for kind, position, name, digest, size, rows, first, last, told in connection.execute(asked).all():
            every = int(json.loads(bytes(told))["every_us"])
            one = _File(kind, position, name, bytes(digest).hex(), size, rows, first, last, every)
            # `last` is where its last slot ends, which may be the first instant of the next month.
            months.setdefault((month_of(last - 1), every, kind), []).append(one)
    for (month, *_), files in sorted(months.items()):
        if month >= month_of(until):
            continue
        part = list[_File]()
        for one in files:
            if part and sum(other.rows for other in part) + one.rows > MOST_ROWS:
                if len(part) > 1:
                    yield part
                part = []
            part.append(one)
        if len(part) > 1:
            yield part


def _joined(store: Store, some: Sequence[_File], now: Instant, by: str) -> Compacted:
    kind, paths = some[0].kind, list[str]()
    for one in some:
        path = segment_file(store.place, one.name, one.digest)
        if isinstance(path, Problem):
            raise Refused([path])
        paths.append(str(path))

    def write(target: Path) -> int:
        with connect() as db:
            db.execute("set variable paths = $1", [paths])
            to = str(target).replace("'", "''")
            db.execute(
                "copy (select * from read_parquet(getvariable('paths'), union_by_name = true)"
                f" order by {ORDERS[kind]}) to '{to}' (format parquet, compression zstd)"
            )
        return sum(one.rows for one in some)

    name, digest, size, rows = write_segment(store.place, kind, write)
    body: Json = {
        "at": str(now), "name": name, "replaces": [{"name": one.name, "sha256": one.digest} for one in some],
        "sha256": digest, "v": 1,
    }  # fmt: skip
    positions = [one.position for one in some]

    def moved(connection: Connection, made_at: range) -> None:
        s = segment.c
        gone = update(segment).where(s.position.in_(positions), s.retired.is_(None)).values(retired=made_at[0])
        if connection.execute(gone).rowcount != len(some):
            what, hint = "another process changed the same segments", "nothing is lost: do it again"
            raise Refused([error("sealed-meanwhile", Place(str(store.folder)), what, "", hint)])

    whole = sha256(b"".join(bytes.fromhex(one.digest) for one in some)).hexdigest()
    said = f"{len(some)} segments"
    made = Import(said, whole, kind, name, digest, rows, 0, written(now), by, every_us=some[0].every)
    sealed = Sealed(made, size, min(one.first for one in some), max(one.last for one in some))
    documents = [Document(REPLACEMENT, name, canonical(body))]
    store.append(Appended(by, segments=[sealed], documents=documents), now, moved)
    return Compacted(name, size, len(some), sum(one.size for one in some))
