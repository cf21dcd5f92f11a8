"""Batches of observations for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from makegood.evidence.batch import NO_LATENCY, Details, Roster, RowBatch, SlotBatch
from makegood.evidence.figures import figures_of
from makegood.model.figures import Figure
from makegood.model.results import Reason
from makegood.model.runs import MISSING
from makegood.model.spans import DAY, MINUTE

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


def detailed(location: str, sequence: int, told: Sequence[Told], late: int = 0) -> RowBatch:
    """The same with a reason, a status and parts of the time for each; what is unknown has none of them."""
    plain = rows(location, sequence, told, 5_000, late)
    reason = np.array([Reason.OK, Reason.STATUS, Reason.LATE], dtype=np.uint8)[plain.outcome]
    status = np.array([200, 503, 0], dtype=np.uint16)[plain.outcome]
    seen = plain.outcome < 2
    parts = [np.where(seen, part + np.arange(len(seen)), NO_LATENCY) for part in (1_000, 2_000, 3_000, 4_000)]
    latency = np.where(seen, 5_000, NO_LATENCY)
    return replace(plain, latency=latency, details=Details(reason, status, *parts))


def slots(location: str, sequence: int, told: Sequence[Told], latency: int | None = None) -> SlotBatch:
    """The same as slots."""
    first, last = min(t[0] for t in told), max(t[0] for t in told)
    cells = np.full((last - first + 1, len(ROSTER.checks)), MISSING, dtype=np.int8)
    for slot, check, said in told:
        cells[slot - first, ROSTER.checks.index(check)] = said
    latencies = None if latency is None else np.full(cells.shape, latency, dtype=np.uint32)
    return SlotBatch(location, sequence, MINUTE, ROSTER, FIRST + first, cells, latencies)


def measuring(sequence: int, told: Sequence[tuple[int, str, str, str]], location: str = "hub") -> RowBatch:
    """A batch of one result, with what was measured of `api`: a minute from `FIRST` on, check, quantity, and value."""
    figures = [
        Figure(check, "api", "requests", word, (FIRST + slot) * MINUTE, MINUTE, Decimal(value))
        for slot, check, word, value in told
    ]
    plain = detailed(location, sequence, [(max(slot for slot, *_ in told) + 1, told[0][1], 0)])
    return replace(plain, figures=figures_of(figures, ROSTER.checks))
