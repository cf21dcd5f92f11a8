"""Goal A from disk: a year of checks taken in, sealed month by month, read back from the segments and detected.

The data are those of `samples`, normal; they come in batches of a day and are sealed by the product. Read is what
`evaluate` reads: the segments, their hashes verified, as runs. What is detected is held against detection of the same
data in memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.detect import LAW, rate
from benchmarks.samples import LOCATIONS, PLACES, YEAR, normal
from benchmarks.timing import SCANNED, Measured, bit_scan, in_turns
from makegood.engine.detect import detect
from makegood.engine.detect.sheets import grid_of_runs
from makegood.evidence.batch import Roster, SlotBatch
from makegood.model.detection import Outcome
from makegood.model.findings import Findings
from makegood.model.grid import Grid, Runs
from makegood.model.problem import Problem
from makegood.model.runs import MISSING, RunResults
from makegood.model.spans import DAY, MINUTE
from makegood.store.archive import read_archive
from makegood.store.ingest import Ingest
from makegood.store.opened import Store, create
from makegood.store.sealing_days import seal

CHECKS = 400
DAYS = YEAR // 1440


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and the rates."""
    grid = normal(CHECKS)
    samples = grid.series * YEAR
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        store = create(Path(name) / "store")
        start = time.perf_counter()
        take(store, grid, CHECKS)
        taking, start = time.perf_counter() - start, time.perf_counter()
        sealed = list(seal(store, YEAR * MINUTE + DAY, YEAR * MINUTE + DAY, "benchmark"))
        sealing = time.perf_counter() - start
        stored = sum(one.size for one in sealed)
        size = f"{CHECKS} checks, {samples / 1e9:.2f} G samples"
        yield Measured(
            "normal: taken in, packed days",
            size,
            taking,
            f"{samples / taking / 1e6:,.0f} M samples/s, with making them",
        )
        beside = f"{samples / sealing / 1e6:,.0f} M samples/s; {stored / samples:.4f} bytes a sample"
        yield Measured("normal: sealed", f"{len(sealed)} segments, {stored / 1e6:.1f} MB", sealing, beside)
        (read, reading), ((found, _), whole), ((known, _), memory), (_, scanning) = in_turns(
            [partial(_read, store), partial(_detected, store), partial(detect, LAW, grid), bit_scan()], 5
        )
        if _said(found) != _said(known):
            raise AssertionError("what is detected from disk is not what is detected in memory")
        scanned = SCANNED * 64 / scanning
        yield Measured(
            "normal: read from disk to a grid", f"{len(read.seen.start):,} runs", reading, rate(samples / reading)
        )
        beside = f"{rate(samples / whole)}, {samples / whole / scanned:.3f} of the 1-bit scan; equal to memory"
        yield Measured("normal: read from disk and detect, both runs", size, whole, beside)
        yield Measured("normal: detect alone, in memory", size, memory, rate(samples / memory))
        store.engine.dispose()


def take(store: Store, grid: Grid, checks: int) -> None:
    """Take in a year of some checks; each location sends a batch a day."""
    assert isinstance(grid.seen, Runs)
    row = grid.seen.axis.row_of(grid.seen.start)
    begin = grid.seen.start - row * grid.seen.axis.width
    end = begin + (grid.seen.end - grid.seen.start)
    said = np.where(grid.seen.outcome == Outcome.UNKNOWN, np.int8(MISSING), grid.seen.outcome)
    roster = Roster(tuple(f"check {n:05}" for n in range(checks)))
    with Ingest(store, "benchmark", lambda: YEAR * MINUTE) as ingest:
        for day in range(DAYS):
            first, last = day * 1440, (day + 1) * 1440
            here = np.flatnonzero((begin < last) & (end > first))
            a, b = np.maximum(begin[here], first) - first, np.minimum(end[here], last) - first
            length = b - a
            at = np.arange(length.sum()) + np.repeat(row[here] * 1440 + a - (np.cumsum(length) - length), length)
            cells = np.zeros(checks * PLACES * 1440, dtype=np.int8)
            cells[at] = np.repeat(said[here], length)
            table = cells.reshape(checks, PLACES, 1440)
            ingest.take_all(
                [
                    SlotBatch(place, day + 1, MINUTE, roster, first, np.ascontiguousarray(table[:, n].T))
                    for n, place in enumerate(LOCATIONS)
                ]
            )


def _read(store: Store) -> Grid:
    problems = list[Problem]()
    found = read_archive(store, None, (), {}, problems)
    if problems or found.rows is not None:
        raise AssertionError(f"not all is read as runs: {problems}")
    return grid_of_runs([one for one in found.results.values() if isinstance(one, RunResults)])


def _detected(store: Store) -> tuple[Findings, object]:
    return detect(LAW, _read(store))


def _said(found: Findings) -> list[object]:
    """What some checks were found to be, of each run."""
    every = max(1, len(found) // 50)
    return [
        (run.down.of(check).tolist(), [run.failing.of(check * PLACES + n).tolist() for n in range(PLACES)])
        for check in range(0, len(found), every)
        for run in (found.favourable, found.unfavourable)
    ]
