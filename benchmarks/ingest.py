"""Goal D: batches of observations into a store, durably, beside the same rows written by SQLite's module alone.

Every transaction is on the disk before it is answered (SQLite, synchronous=FULL). Rows come in batches of 1,000, from
four threads that share transactions; packed minutes in batches of 10,000 checks and one slot, and packed days of 400.
What was taken is read back and held against what was sent.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.timing import Measured, in_turns
from makegood.evidence.batch import Batch, Details, Roster, RowBatch, SlotBatch
from makegood.model.spans import MINUTE
from makegood.store.ingest import Ingest
from makegood.store.opened import Store, create
from makegood.store.sql.batches import filed, held, rosters
from makegood.store.sql.database import reading

BATCHES, ROWS, CALLERS, TIMES = 400, 1_000, 4, 3
AT_ONCE = 50
"""Batches that a caller hands over together, as an agent does that empties its spool."""
HUNDRED = Roster(tuple(f"check {n}" for n in range(100)))
MANY = Roster(tuple(f"check {n}" for n in range(10_000)))
SOME = Roster(tuple(f"check {n}" for n in range(400)))


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and the rates."""
    rows = [_rows(n) for n in range(BATCHES)]
    minutes = [SlotBatch("iad", n + 1, MINUTE, MANY, n, _cells(n, 1, 10_000)) for n in range(1_000)]
    days = [SlotBatch("iad", n + 1, MINUTE, SOME, n * 1440, _cells(n, 1440, 400)) for n in range(60)]
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        folder, number = Path(name), count()
        (_, plain), (store, ours) = in_turns(
            [partial(_plainly, folder, number, rows), partial(_taken, _stores(folder, number), rows)], TIMES
        )
        _hold_against(store, rows)
        size = f"{BATCHES} batches of {ROWS:,} rows"
        rate = BATCHES * ROWS / ours / 1e6
        yield Measured(
            "rows: sqlite3 alone, a transaction each", size, plain, f"{BATCHES * ROWS / plain / 1e6:.2f} M rows/s"
        )
        beside = f"{rate:.2f} M rows/s, {plain / ours:.2f} times as fast; each read back equal"
        yield Measured("rows: ours, logged and signed", size, ours, beside)
        sent = [_detailed(one) for one in rows]
        ((store, ours),) = in_turns([partial(_taken, _stores(folder, number), sent)], TIMES)
        _hold_against(store, sent)
        rate = BATCHES * ROWS / ours / 1e6
        beside = f"{rate:.2f} M rows/s; each read back equal"
        yield Measured("rows with details: ours, logged and signed", size, ours, beside)
        for what, batches in (("packed minutes", minutes), ("packed days", days)):
            ((store, seconds),) = in_turns([partial(_taken, _stores(folder, number), batches)], TIMES)
            _hold_against(store, batches)
            samples = sum(one.cells.size for one in batches)
            size = f"{len(batches):,} batches, {samples / 1e6:.0f} M samples"
            yield Measured(
                f"{what}: ours, logged and signed", size, seconds, f"{samples / seconds / 1e6:,.0f} M samples/s"
            )


def _rows(number: int) -> RowBatch:
    slot, check = np.repeat(np.arange(10), 100) + number * 10, np.tile(np.arange(100), 10)
    outcome = (np.random.default_rng(number).random(ROWS) < 0.0013).astype(np.int8)
    latency = np.random.default_rng(number).integers(1_000, 400_000, ROWS)
    return RowBatch("iad", number + 1, MINUTE, HUNDRED, slot * MINUTE + check * 1_000, check, outcome, latency)


def _detailed(one: RowBatch) -> RowBatch:
    """The same with a reason, a status and four times for each row, as agents send them."""
    reason = (one.outcome * 12).astype(np.uint8)
    status = np.where(one.outcome == 0, 200, 503).astype(np.uint16)
    return replace(
        one, details=Details(reason, status, *(np.full(ROWS, part) for part in (900, 8_000, 20_000, 60_000)))
    )


def _cells(seed: int, slots: int, checks: int) -> np.ndarray:
    return (np.random.default_rng(seed).random((slots, checks), dtype=np.float32) < 0.0013).astype(np.int8)


def _taken(stores: list[Store], batches: Sequence[Batch]) -> Store:
    """The next of some empty stores with the batches; each caller hands over its own in their order."""
    store = stores.pop()
    parts = [batches[n : n + AT_ONCE] for n in range(0, len(batches), AT_ONCE)]
    ingest = Ingest(store, "benchmark", lambda: time.time_ns() // 1000)
    with ingest, ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(ingest.take_all, parts))
    return store


def _stores(folder: Path, number: count[int]) -> list[Store]:
    return [create(folder / str(next(number))) for _ in range(TIMES)]


def _plainly(folder: Path, number: count[int], batches: Sequence[RowBatch]) -> None:
    with closing(sqlite3.connect(folder / f"{next(number)}.sqlite", isolation_level=None)) as db:
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
        db.execute(
            "create table observation (begun integer, subject integer, outcome integer, latency integer,"
            " position integer, primary key (begun, subject)) without rowid"
        )
        for one in batches:
            columns = (one.begun, one.check, one.outcome, one.latency, np.full(one.rows, one.sequence))
            rows = zip(*(c.tolist() for c in columns if c is not None), strict=True)
            db.execute("begin immediate")
            db.executemany("insert into observation values (?, ?, ?, ?, ?)", rows)
            db.execute("commit")


def _hold_against(store: Store, batches: Sequence[Batch]) -> None:
    """Raises AssertionError unless the store gives back every batch to the byte."""
    with reading(store.engine) as connection:
        found = filed(connection)
        kept = held(connection, found, rosters(connection, [one.roster for one in found]))
        if {one.name: one.body for _, one in kept} != {one.name: one.body for one in batches}:
            raise AssertionError("what was taken is not what was sent")
