"""What sealed batches say beside outcomes, as Parquet: latencies with their parts, and why results were not up.

Latencies: `check`, `location` texts, `begun` an instant, `latency_us`, and where the location told them `reason`,
`status`, `dns_us`, `connect_us`, `tls_us`, `first_byte_us`, integers. Failures have one row for each result that was
not up and has a reason: `check`, `location`, `begun`, `reason`, `status`; they are kept as long as outcomes are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from makegood.evidence.batch import NO_LATENCY, Batch, Details, RowBatch
from makegood.exchange.parquet_table import connect
from makegood.model.spans import Times
from makegood.store.sql.batches import Filed

MOST_ROWS = 8_000_000
"""Rows of one file."""
NONE = -1
"""In a column, what is not there."""


class _Gathered:
    """Rows that are gathered from batches until there are enough of them for a file: columns int64[n] by name."""

    KIND: ClassVar[str]
    COLUMNS: ClassVar[Mapping[str, str]]
    """Each column beside check, location and begin, and its type in the file."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], int] = {}
        self.parts: list[tuple[Times, ...]] = []
        self.rows = 0

    def add(self, _: Filed, one: Batch) -> None:
        """Take in what a batch says."""
        check, *columns = self._columns_of(one)
        if not len(check):
            return
        number = np.array(
            [self.names.setdefault((name, one.location), len(self.names)) for name in one.checks], dtype=np.int64
        )
        self.parts.append((number[check], *columns))
        self.rows += len(check)

    def _columns_of(self, one: Batch) -> tuple[Times, ...]:
        """Check (its index), begin, and the others."""
        raise NotImplementedError

    @property
    def full(self) -> bool:
        return self.rows >= MOST_ROWS

    def write(self, path: Path) -> int:
        """Write them by check, location and time, and forget them; how many. Raises duckdb.Error as the disk does."""
        order = sorted(self.names)
        rank = np.empty(len(order), dtype=np.int64)
        rank[[self.names[name] for name in order]] = np.arange(len(order))
        columns: list[Times] = [np.concatenate(column) for column in zip(*self.parts, strict=True)]
        number, begun, *others = columns
        series = rank[number]
        rows = np.lexsort((others[0], begun, series))
        given: dict[str, Times] = {"n": series[rows], "t": begun[rows]}
        given |= {name: column[rows] for name, column in zip(self.COLUMNS, others, strict=True)}
        told = ", ".join(f"nullif({name}, {NONE})::{kind} as {name}" for name, kind in self.COLUMNS.items())
        with connect() as db:
            db.register("given", {**given})
            db.execute("set variable checks = $1", [[check for check, _ in order]])
            db.execute("set variable places = $1", [[location for _, location in order]])
            target = str(path).replace("'", "''")
            db.execute(
                "copy (select getvariable('checks')[n + 1] as \"check\", getvariable('places')[n + 1] as location,"
                f" make_timestamptz(t) as begun, {told} from given) to '{target}' (format parquet, compression zstd)"
            )
        self.names, self.parts, self.rows = {}, [], 0
        return len(rows)


class Latencies(_Gathered):
    """Of every result that has a latency, that and its parts."""

    KIND = "latencies"
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "latency_us": "bigint", "reason": "utinyint", "status": "usmallint", "dns_us": "uinteger",
        "connect_us": "uinteger", "tls_us": "uinteger", "first_byte_us": "uinteger",
    }  # fmt: skip

    def _columns_of(self, one: Batch) -> tuple[Times, ...]:
        check, begun, latency = one.latencies()
        if not isinstance(one, RowBatch) or one.details is None or one.latency is None:
            return check, begun, latency, *[np.full(len(check), NONE, dtype=np.int64)] * 6
        kept, said = one.latency != NO_LATENCY, one.details
        more = said.reason.astype(np.int64), said.status.astype(np.int64), *said.times
        return check, begun, latency, *(column[kept] for column in more)


class Failures(_Gathered):
    """Of every result that was not up, why, where its location said so."""

    KIND = "failures"
    COLUMNS: ClassVar[Mapping[str, str]] = {"reason": "utinyint", "status": "usmallint"}

    def _columns_of(self, one: Batch) -> tuple[Times, ...]:
        said: Details | None = one.details if isinstance(one, RowBatch) else None
        if said is None or not isinstance(one, RowBatch):
            return (np.empty(0, dtype=np.int64),) * 4
        kept = said.reason != 0
        return one.check[kept], one.begun[kept], said.reason[kept].astype(np.int64), said.status[kept].astype(np.int64)
