"""Sealing: what batches of closed days hold goes into segments, and out of the database, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby

import duckdb
from sqlalchemy import Connection

from makegood.evidence.batch import Batch
from makegood.exchange.moments import written
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import DAY, Instant
from makegood.store.figure_files import Gathered
from makegood.store.imports import Import
from makegood.store.latency_files import Failures, Latencies
from makegood.store.opened import Store
from makegood.store.outcome_files import write_outcomes
from makegood.store.refusals import disk_refusal
from makegood.store.segments import write_segment
from makegood.store.sheets import layered
from makegood.store.sql.batches import Filed, empty, filed, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended, Sealed
from makegood.store.sql.tables import batch

OUTCOMES = "outcomes"


@dataclass(frozen=True, slots=True)
class SealedDays:
    """A segment of outcomes that was sealed: its name, the instants of its first and last slot, how many batches and
    results are in it, and its bytes and those of the latencies and failures beside it."""

    name: str
    first: Instant
    last: Instant
    batches: int
    results: int
    size: int
    latencies: int


class _SealedBefore(Exception):
    """Another process sealed some of these batches meanwhile."""


def seal(store: Store, until: Instant, now: Instant, by: str) -> Iterator[SealedDays]:
    """Seal the batches that end before an instant, those of one month (UTC) and one length of slots together.

    Each segment is there, in the log, and its batches emptied when it is yielded. Raises Refused where a disk, the
    object store or the database refuses; what was being sealed is then as it was.
    """
    with reading(store.engine) as connection:
        closed = filed(connection, batch.c.sealed.is_(None), batch.c.flag.is_(None), batch.c.last < until)
    for _, group in groupby(sorted(closed, key=_together), key=_together):
        some = sorted(group, key=lambda one: one.position)
        try:
            yield _sealed(store, some, now, by)
        except (duckdb.Error, OSError) as failure:
            why, hint = disk_refusal(failure), "nothing of it was sealed; make room, and do it again"
            raise Refused(
                [error("unwritable", Place(str(store.folder)), "the segment cannot be written", why, hint)]
            ) from None
        except _SealedBefore:
            what, hint = "another process sealed the same days", "nothing is lost: see what is left with makegood seal"
            raise Refused([error("sealed-meanwhile", Place(str(store.folder)), what, "", hint)]) from None


def _together(one: Filed) -> tuple[tuple[int, int], int]:
    return month_of(one.last), one.every


def month_of(instant: Instant) -> tuple[int, int]:
    """The year and month (UTC) of an instant."""
    day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=instant // DAY)
    return day.year, day.month


def _sealed(store: Store, some: Sequence[Filed], now: Instant, by: str) -> SealedDays:
    gathered, beside = (Latencies(), Failures(), Gathered()), list[Sealed]()
    with reading(store.engine) as connection:
        lists = rosters(connection, [one.roster for one in some])

        def load(part: Sequence[Filed]) -> Iterator[tuple[Filed, Batch]]:
            for one, made in held(connection, part, lists):
                for rows in gathered:
                    rows.add(one, made)
                    if rows.full:
                        beside.append(_segment(store, rows, some, now, by))
                yield one, made

        layers = layered(some[0].every, some, load)
    beside += [_segment(store, rows, some, now, by) for rows in gathered if rows.rows]
    name, digest, size, rows = write_segment(store.place, OUTCOMES, lambda path: write_outcomes(path, layers))
    made = made_of(name, digest, rows, some, now, by, len(layers.beside.slot))
    first, last = min(one.first for one in some), max(one.last for one in some)
    outcomes = Sealed(made, size, first, last)

    def emptied(connection: Connection, positions: range) -> None:
        if not empty(connection, some, positions[0]):
            raise _SealedBefore

    store.append(Appended(by, segments=[outcomes, *beside]), now, emptied)
    results = sum(one.rows for one in some)
    return SealedDays(name, first, last, len(some), results, size, sum(one.size for one in beside))


def _segment(
    store: Store, rows: Latencies | Failures | Gathered, some: Sequence[Filed], now: Instant, by: str
) -> Sealed:
    name, digest, size, count = write_segment(store.place, rows.KIND, rows.write)
    first, last = min(one.first for one in some), max(one.last + one.every for one in some)
    return Sealed(made_of(name, digest, count, some, now, by, 0), size, first, last)


def made_of(
    name: str, digest: str, rows: int, some: Sequence[Filed], now: Instant, by: str, beside: int
) -> Import:  # fmt: skip
    """What the log's list of segments tells of one: `sha256` is that over the hashes of its batches, in order of their
    positions, and `duplicates` how many rows say something beside the base."""
    batches = sha256(b"".join(one.digest for one in some)).hexdigest()
    kind = name.partition("/")[0]
    said = f"{len(some)} batches"
    return Import(said, batches, kind, name, digest, rows, beside, written(now), by, every_us=some[0].every)
