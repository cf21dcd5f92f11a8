"""Status logs: rows that say from when on a service was up or down; a status holds until the service's next row.

A table has `at`, `service` and `status` (or `outcome`): up, down or unknown; it may have `earliest`, the instant from
which the status may have held where `at` is only when it was seen. Rows that repeat a status are kept: they show that
the source was still looking. How long the last one is believed is for the agreement to say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from makegood.exchange.any_table import read_table
from makegood.exchange.columns import Names, Sieve, chosen_column
from makegood.exchange.observations import joined, recorded
from makegood.exchange.table import Form, Rejections
from makegood.model.spans import Instant, Times

READ = ("at", "service", "status", "outcome", "earliest", "recorded")


@dataclass(frozen=True)
class StatusRows:
    """Rows in file order, in columns of equal length n.

    `row` int64 numbers them as `exchange.table` does. `service` int64 is an index into `services`. `at`, `earliest` and
    `recorded` int64 µs UTC; `outcome` int8 UP, DOWN or UNKNOWN.
    """

    services: tuple[str, ...]
    row: Times
    service: Times
    at: Times
    earliest: Times
    outcome: NDArray[np.int8]
    recorded: Times

    def __len__(self) -> int:
        return len(self.row)

    def only(self, keep: NDArray[np.bool_] | Times) -> StatusRows:
        """The rows where `keep`, bool[n], holds, or those at the indexes of an int64 array, in their order."""
        return StatusRows(
            self.services, self.row[keep], self.service[keep], self.at[keep], self.earliest[keep], self.outcome[keep],
            self.recorded[keep],
        )  # fmt: skip


@dataclass(frozen=True)
class ReadStatusLog:
    """The accepted rows, the refused ones, and the columns that were not looked at."""

    rows: StatusRows
    rejected: Rejections
    left_aside: tuple[str, ...]


def read_status_log(
    path: Path,
    form: Form,
    known: Collection[str] | None = None,
    now: Instant | None = None,
    with_recorded: bool = False,
) -> ReadStatusLog:
    """Read a whole file in batches. `known` are the only services allowed; the rest as `read_observations` does."""
    rejected, services = Rejections(), Names()
    parts: list[tuple[Times, ...]] = []
    left_aside: dict[str, None] = {}
    for batch in read_table(path, form, rejected):
        left_aside |= dict.fromkeys(c for c in batch.columns if c not in READ)
        if not len(batch.rows) and (parts or not batch.columns):
            continue
        chosen_column(batch, "at")
        chosen_column(batch, "service")
        status = chosen_column(batch, "status", "outcome")
        sieve = Sieve(batch)
        at = sieve.times("at", now)
        columns = [
            batch.rows,
            sieve.names("service", "", services, known, "service"),
            at,
            _earliest(sieve, at, now),
            sieve.outcomes(status).astype(np.int64),
            recorded(sieve, at, now, with_recorded),
        ]
        keep = sieve.kept(rejected)
        parts.append(tuple(column[keep] for column in columns))
    row, service, when, earliest, outcome, known_from = joined(parts, 6)
    rows = StatusRows(services.all, row, service, when, earliest, outcome.astype(np.int8), known_from)
    rejected.first.sort()
    return ReadStatusLog(rows, rejected, tuple(c for c in left_aside if c != "recorded"))


def _earliest(sieve: Sieve, at: Times, now: Instant | None) -> Times:
    if "earliest" not in sieve.batch.columns:
        return at
    times = sieve.times("earliest", now)
    for i in np.flatnonzero(times > at).tolist():
        if i not in sieve.reasons:
            sieve.refuse(i, "earliest: is later than `at`, by which the status held")
    return times
