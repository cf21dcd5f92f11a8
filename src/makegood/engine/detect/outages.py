"""Detection, composed: grid → success or failure of every slot, twice → failing locations → the service down.

`detect` is one function: fed slot by slot from its own carry, or once with years of many checks, it gives the same
outages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from makegood.engine.detect.flapping import sight_of_planes
from makegood.engine.detect.forms import rows_of
from makegood.engine.detect.grid import after, in_blocks, joined, only_checks, served
from makegood.engine.detect.settle import serving, settled
from makegood.engine.detect.sight import Sight
from makegood.engine.detect.sparse import sight_of_runs
from makegood.engine.detect.sweep import of_checks
from makegood.model.detection import Detection, Outcome, quorum_of
from makegood.model.findings import Bits, Cells, Findings, Found, Marks
from makegood.model.grid import Axis, Carry, Grid, Past, Planes, Runs
from makegood.model.spans import Spans, Times

RUNS, WORDS = 1 << 17, 1 << 19
"""How many runs, or words, are worked on at once: few enough to stay in the processor's cache."""


def detect(detection: Detection, grid: Grid, carry: Carry | None = None) -> tuple[Findings, Carry]:
    """What was down, at best and at worst, on the slots of a grid and on those before it that were not settled.

    The grid may hold many checks, which do not touch each other. `carry` is what the call for the slots right before
    returned; without it nothing came before. Findings of later calls replace earlier ones from the later `span.start`
    on. Each instant down in the favourable run is down in the unfavourable one. Raises ValueError when grid, rule and
    carry are not of the same checks or do not meet, or the quorum cannot be reached.
    """
    if grid.every != detection.every:
        raise ValueError(f"the grid has slots of {grid.every} µs, the rule of {detection.every} µs")
    quorum = quorum_of(detection.locations, len(grid.locations))
    past, whole = (_nothing(grid), grid) if carry is None else (carry.past, joined(carry.unsettled, grid))
    whole = served(whole)
    places = len(grid.locations)
    parts = [
        _judged(_sight(part, _past_of(past, np.arange(begin, begin + part.checks), places), quorum, detection))
        for begin, part in in_blocks(whole, _block(whole))
    ]
    settled_at = np.concatenate([part.settled for part in parts])
    before = Past(*(np.concatenate([getattr(p.before, name) for p in parts]) for name in Past.__slots__))
    kept = Carry(before, after(whole, settled_at))
    unsure = _provisional(kept, quorum, detection)
    best, worst = (
        Found(_together([getattr(p, run)[0] for p in parts]), _together([getattr(p, run)[1] for p in parts]), spans)
        for run, spans in zip(("best", "worst"), unsure, strict=True)
    )
    begin = int(grid.first.min(initial=grid.last))
    return Findings(whole, begin, settled_at, best, worst), kept


@dataclass(frozen=True, eq=False)
class _Judged:
    """Of some checks: what is down and failing in both runs, and where they are settled."""

    best: tuple[Marks, Marks]
    worst: tuple[Marks, Marks]
    settled: Times
    before: Past


def _judged(sight: Sight) -> _Judged:
    best = _marks(sight, worst=False)
    worst = _marks(sight, worst=True) if sight.differ else best
    slot, before = settled(sight)
    return _Judged(best, worst, slot, before)


def _marks(sight: Sight, worst: bool) -> tuple[Marks, Marks]:
    down, failing = sight.detected(worst)
    return Cells(of_checks(sight.axis, sight.grid.checks), down), failing


def _sight(grid: Grid, past: Past, quorum: int, rule: Detection) -> Sight:
    make = sight_of_planes if isinstance(grid.seen, Planes) else sight_of_runs
    return make(grid, past, quorum, rule)


def _block(grid: Grid) -> int:
    """How many checks to work on at once."""
    seen = grid.seen
    size, most = (seen.down.size, WORDS) if isinstance(seen, Planes) else (len(seen.start), RUNS)
    return max(1, min(grid.checks, grid.checks * most // max(size, 1)))


def _nothing(grid: Grid) -> Past:
    empty = np.stack((grid.firsts, grid.firsts), axis=1)
    return Past(empty, empty, np.zeros(grid.series, dtype=np.bool_))


def _past_of(past: Past, checks: Times, places: int) -> Past:
    if len(checks) * places == len(past.failed):
        return past
    rows = rows_of(checks, places)
    return Past(past.favourable[rows], past.unfavourable[rows], past.failed[rows])


def _together(parts: Sequence[Marks]) -> Marks:
    """The marks of consecutive blocks as one."""
    return parts[0] if len(parts) == 1 else _Blocks(parts)


class _Blocks:
    """Marks in blocks of consecutive rows."""

    def __init__(self, parts: Sequence[Marks]) -> None:
        self.parts = parts
        self.begins = np.cumsum([0, *(_rows(part) for part in parts)])

    def of(self, row: int) -> Times:
        """The marked slots of one row."""
        block = int(np.searchsorted(self.begins, row, side="right")) - 1
        return self.parts[block].of(row - int(self.begins[block]))


def _rows(marks: Marks) -> int:
    if isinstance(marks, Bits):
        return len(marks.words)
    assert isinstance(marks, Cells)
    return marks.axis.rows


def _provisional(carry: Carry, quorum: int, detection: Detection) -> tuple[Cells, Cells]:
    """The unsettled time that what follows can still change, in both runs.

    More failures never make less downtime, so the future at its best and at its worst bounds every other.
    """
    grid = carry.unsettled
    pending = np.flatnonzero(grid.first < grid.last)
    if not len(pending):
        nothing = Cells(Axis(grid.last, 1, grid.checks), np.empty((0, 2), dtype=np.int64))
        return nothing, nothing
    some, past = only_checks(grid, pending), _past_of(carry.past, pending, len(grid.locations))
    futures = []
    for fails in (False, True):
        future = _followed(some, max(detection.fails_after, detection.recovers_after), fails)
        sight = sight_of_runs(future, past, quorum, detection)
        best = sight.detected(worst=False)[0]
        worst = sight.detected(worst=True)[0] if sight.differ else best
        futures.append((best, worst))
    axis = of_checks(sight.axis, len(pending))
    # Nothing past the grid is asked about.
    here = Spans.from_edges(np.stack((axis.at(some.first), axis.at(grid.last)), axis=1))
    to = replace(axis, rows=grid.checks)
    edges = []
    for least, most in zip(*futures, strict=True):
        found = ((Spans.from_edges(most) - Spans.from_edges(least)) & here).edges
        row = axis.row_of(found[:, :1])
        edges.append(Cells(to, found + (pending[row] - row) * axis.width))
    return edges[0], edges[1]


def _followed(grid: Grid, slots: int, fails: bool) -> Grid:
    """The grid and some slots after it, which are all up or, as far as a location goes on, all down."""
    here = np.flatnonzero(serving(grid)) if fails else np.empty(0, dtype=np.int64)
    axis = Axis(grid.last, slots + 1, grid.series)
    start = axis.at(grid.last)[here]
    runs = Runs(axis, start, start + slots, np.full(len(here), Outcome.DOWN, dtype=np.int8))
    first = np.full(grid.checks, grid.last)
    return served(joined(grid, replace(grid, first=first, last=grid.last + slots, seen=runs)))
