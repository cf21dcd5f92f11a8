"""What batches measured, hot or sealed, as the rows of measurements that imports give.

A sealed file is as that of imported measurements (docs/store.md, *Sealed days*), with `position`, that of the batch in
the log, so that what an earlier length of the log knew can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
from sqlalchemy import Connection, select

from makegood.evidence.batch import Batch, RowBatch
from makegood.evidence.figures import Figures
from makegood.exchange.decimal_column import Numbers
from makegood.exchange.measurements import MeasurementRows, joined
from makegood.model.checks import HUB
from makegood.model.problem import Place, Problem, error
from makegood.model.spans import Instant
from makegood.store.measurement_files import read_rows, write_rows
from makegood.store.measuring import MeasuredFiles
from makegood.store.merging import BATCH
from makegood.store.opened import Store
from makegood.store.segments import segment_file
from makegood.store.sql.batches import Filed, filed, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch, segment

FIGURES = "figures"
MOST_ROWS = 2_000_000
"""Rows of one file."""


def measurement_rows(figures: Figures, checks: Sequence[str], every: int, recorded: Instant) -> MeasurementRows:
    """Figures as measurements, a row for each interval of a series; the source is the check that measured."""
    f = figures
    pairs = np.stack((f.metric, f.check), axis=1)
    series, of = np.unique(pairs, axis=0, return_inverse=True)
    names = [(*f.metrics[metric], checks[check]) for metric, check in series.tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    intervals, row = np.unique(np.stack((rank[of.reshape(-1)], f.start), axis=1), axis=0, return_inverse=True)
    row, n = row.reshape(-1), len(intervals)
    quantities = {word: Numbers.none(n) for word in f.words}
    for number, word in enumerate(f.words):
        mine = f.word == number
        quantities[word].digits[row[mine]] = f.digits[mine]
        quantities[word].places[row[mine]] = f.places[mine].astype(np.int8)
    start = intervals[:, 1].copy()
    when = np.full(n, recorded, dtype=np.int64)
    made = tuple(names[at] for at in order)
    return MeasurementRows(made, np.arange(1, n + 1), intervals[:, 0].copy(), start, start + every, when, quantities)


class Gathered:
    """Figures that are gathered from batches until there are enough of them for a file."""

    KIND = FIGURES

    def __init__(self) -> None:
        self._parts: list[MeasurementRows] = []
        self._positions: list[int] = []

    @property
    def rows(self) -> int:
        return sum(len(part) for part in self._parts)

    @property
    def full(self) -> bool:
        return self.rows >= MOST_ROWS

    def add(self, one: Filed, made: Batch) -> None:
        """Take in what a batch measured."""
        if isinstance(made, RowBatch) and made.figures is not None:
            self._parts.append(measurement_rows(made.figures, made.checks, made.every, one.at))
            self._positions.append(one.position)

    def write(self, path: Path) -> int:
        """Write them, and forget them; how many rows. Raises duckdb.Error as the disk does."""
        rows = joined(self._parts)
        positions = np.repeat(self._positions, [len(part) for part in self._parts]).astype(np.int64)
        self._parts, self._positions = [], []
        write_rows(path, rows, positions)
        return len(rows)


def read_figures(
    store: Store, size: int | None, digests: dict[str, str], problems: list[Problem]
) -> list[MeasuredFiles]:
    """What the batches among the first `size` entries of the log measured, or all; digests of segments and problems
    with them are added to those given."""
    found = list[MeasuredFiles]()
    with reading(store.engine) as connection:
        found.extend(_sealed(store, connection, size, digests, problems))
        before = [batch.c.position < size] if size is not None else []
        hot = filed(connection, batch.c.location == HUB, batch.c.sealed.is_(None), batch.c.flag.is_(None), *before)
        lists = rosters(connection, [one.roster for one in hot])
        found.extend(_as_files((made, one.at) for one, made in held(connection, hot, lists)))
    return found


def measured_in(batches: Iterable[Batch], recorded: Instant) -> list[MeasuredFiles]:
    """What batches measured that became known at one instant."""
    return _as_files((one, recorded) for one in batches)


def _as_files(batches: Iterable[tuple[Batch, Instant]]) -> list[MeasuredFiles]:
    """One file of which each batch is a part; none where they measured nothing."""
    names, parts = list[str](), list[MeasurementRows]()
    for one, recorded in batches:
        if isinstance(one, RowBatch) and one.figures is not None:
            parts.append(measurement_rows(one.figures, one.checks, one.every, recorded))
            names.append(BATCH + one.name)
    file = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return [MeasuredFiles(tuple(names), file, joined(parts))] if parts else []


def _sealed(
    store: Store, connection: Connection, size: int | None, digests: dict[str, str], problems: list[Problem]
) -> Iterator[MeasuredFiles]:
    s = segment.c
    asked = select(s.name, s.sha256).where(s.kind == FIGURES, s.retired.is_(None)).order_by(s.position)
    for name, digest in connection.execute(asked).all():
        path = segment_file(store.place, name, bytes(digest).hex())
        if isinstance(path, Problem):
            problems.append(path)
            continue
        try:
            rows = read_rows(path, size)
        except duckdb.Error as failure:
            why = str(failure).splitlines()[0]
            problems.append(error("segment-unreadable", Place(name), "this segment cannot be read", why))
            continue
        if len(rows):
            digests[name] = bytes(digest).hex()
            yield MeasuredFiles((name,), np.zeros(len(rows), dtype=np.int64), rows)
