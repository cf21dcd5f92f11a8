"""Batches of observations for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from makegood.model.runs import MISSING
from makegood.model.spans import DAY, MINUTE
from makegood.store.batch import Roster, RowBatch, SlotBatch

ROSTER = Roster(("api", "shop"))
MIDNIGHT = 20_485 * DAY
"""2026-02-01T00:00:00Z."""
FIRST = MIDNIGHT // MINUTE

Told = tuple[int, str, int]
"""A minute from `FIRST` on, a check, and its outcome."""


def rows(location: str, sequence: int, told: Sequence[Told], latency: int | None = None, late: int = 0) -> RowBatch:
    """A batch of rows, each begun `late` µs after its slot."""
    table = sorted(((FIRST + slot) * MINUTE + late, ROSTER.checks.index(check), said) for slot, check, said in told)
    begun, check, outcome = (np.array(column, dtype=np.int64) for column in zip(*table, strict=True))
    latencies = None if latency is None else np.full(len(table), latency, dtype=np.int64)
    return RowBatch(location, sequence, MINUTE, ROSTER, begun, check, outcome.astype(np.int8), latencies)


def slots(location: str, sequence: int, told: Sequence[Told], latency: int | None = None) -> SlotBatch:
    """The same as slots."""
    first, last = min(t[0] for t in told), max(t[0] for t in told)
    cells = np.full((last - first + 1, len(ROSTER.checks)), MISSING, dtype=np.int8)
    for slot, check, said in told:
        cells[slot - first, ROSTER.checks.index(check)] = said
    latencies = None if latency is None else np.full(cells.shape, latency, dtype=np.uint32)
    return SlotBatch(location, sequence, MINUTE, ROSTER, FIRST + first, cells, latencies)
