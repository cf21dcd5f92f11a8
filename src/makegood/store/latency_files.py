"""Latencies of sealed batches as Parquet: `check`, `location` texts, `begun` an instant, `latency_us` an integer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from makegood.exchange.parquet_table import connect
from makegood.model.spans import Times
from makegood.store.batch import Batch

MOST_ROWS = 8_000_000
"""Rows of one file."""


class Latencies:
    """Latencies that are gathered from batches until there are enough of them for a file."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], int] = {}
        self.parts: list[tuple[Times, Times, Times]] = []
        self.rows = 0

    def add(self, batches: Iterable[Batch]) -> None:
        """Take in what some batches say."""
        for one in batches:
            check, begun, latency = one.latencies()
            if not len(check):
                continue
            number = np.array(
                [self.names.setdefault((name, one.location), len(self.names)) for name in one.checks], dtype=np.int64
            )
            self.parts.append((number[check], begun, latency))
            self.rows += len(check)

    @property
    def full(self) -> bool:
        return self.rows >= MOST_ROWS

    def write(self, path: Path) -> int:
        """Write them by check, location and time, and forget them; how many. Raises duckdb.Error as the disk does."""
        order = sorted(self.names)
        rank = np.empty(len(order), dtype=np.int64)
        rank[[self.names[name] for name in order]] = np.arange(len(order))
        number, begun, latency = (np.concatenate([part[i] for part in self.parts]) for i in range(3))
        series = rank[number]
        rows = np.lexsort((latency, begun, series))
        with connect() as db:
            db.register("given", {"n": series[rows], "t": begun[rows], "latency_us": latency[rows]})
            db.execute("set variable checks = $1", [[check for check, _ in order]])
            db.execute("set variable places = $1", [[location for _, location in order]])
            target = str(path).replace("'", "''")
            db.execute(
                "copy (select getvariable('checks')[n + 1] as \"check\", getvariable('places')[n + 1] as location,"
                " make_timestamptz(t) as begun, latency_us from given)"
                f" to '{target}' (format parquet, compression zstd)"
            )
        self.names, self.parts, self.rows = {}, [], 0
        return len(rows)
