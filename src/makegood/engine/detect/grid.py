"""From results to slots to runs: the grid that detection reads.

Reading every result once, without sorting, is what most of the time goes into; all that follows costs by changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from makegood.model.detection import OPEN, Grid, Observations, Outcome, Runs
from makegood.model.spans import Duration, Instant, Times

MISSING = 3
ROWS = 1 << 15
"""How many results are read at once: few enough that all passes over them stay in the processor's cache."""


def slotted(
    begun: Times,
    location: NDArray[np.integer],
    outcome: NDArray[np.int8],
    locations: tuple[str, ...],
    offset: Instant,
    every: Duration,
) -> Observations:
    """Put results into slots: each belongs to the slot in which it began, `begun` being int64[n] microseconds UTC."""
    return Observations(locations, offset, every, (begun - offset) // every, location, outcome)


def gridded(observations: Observations, first: int, last: int, expected: Times | None = None) -> Grid:
    """The results of the slots `first <= k < last`; those of other slots are left out.

    Equal results for one slot and location are one. Different ones contradict each other: they are listed, and the slot
    is unknown. Neither the order of the rows nor repeats matter. `expected` int64[locations, 2] says which slots each
    location was to serve (half-open, in slots, cut by `detect`); without it, a location serves from its first result in
    the grids on. Raises ValueError for a range that ends before it starts, an unknown outcome or a
    location out of range.
    """
    if last < first:
        raise ValueError(f"a grid cannot end (slot {last}) before it starts (slot {first})")
    names, width = len(observations.locations), last - first + 1
    cells = np.full(names * width, MISSING, dtype=np.int8)
    conflicts = _scatter(observations, first, last, cells)
    matrix = cells.reshape(names, width)
    if expected is None:
        expected = _since_first_seen(matrix[:, :-1], first)
    matrix[:, -1] = Outcome.UP
    runs = _runs(cells, width, first)
    return Grid(observations.locations, observations.offset, observations.every, first, last, expected, runs, conflicts)


def served(grid: Grid) -> Grid:
    """The grid with the runs cut to the slots that each location was to serve."""
    runs, expected = grid.runs, grid.expected
    if expected[:, 0].max(initial=grid.first) <= grid.first and expected[:, 1].min(initial=grid.last) >= grid.last:
        return grid
    start = np.maximum(runs.start, expected[runs.location, 0])
    end = np.minimum(runs.end, expected[runs.location, 1])
    kept = start < end
    return replace(grid, runs=Runs(runs.location[kept], start[kept], end[kept], runs.outcome[kept]))


def _scatter(observations: Observations, first: int, last: int, cells: NDArray[np.int8]) -> Times:
    """Write the outcomes into the cells, all MISSING; the conflicts as (slot, location), int64[n, 2]."""
    width, rows = last - first + 1, 0
    for at, outcome in _placed(observations, first, last):
        cells[at] = outcome
        rows += len(at)
    if rows == np.count_nonzero(cells != MISSING):
        return np.empty((0, 2), dtype=np.int64)
    # Some were repeated: what a later row overwrote shows only now that all are written.
    torn = np.unique(np.concatenate([at[cells[at] != said] for at, said in _placed(observations, first, last)]))
    cells[torn] = Outcome.UNKNOWN
    where = np.column_stack((torn % width + first, torn // width))
    return where[np.lexsort((where[:, 1], where[:, 0]))]


def _placed(observations: Observations, first: int, last: int) -> Iterator[tuple[Times, NDArray[np.int8]]]:
    """The cell, int64[n], and outcome of the results in the grid, some rows at a time."""
    names, width = len(observations.locations), last - first + 1
    for begin in range(0, len(observations.slot), ROWS):
        part = slice(begin, begin + ROWS)
        slot, location, outcome = observations.slot[part], observations.location[part], observations.outcome[part]
        if slot.min() < first or slot.max() >= last:
            chosen = (slot >= first) & (slot < last)
            slot, location, outcome = slot[chosen], location[chosen], outcome[chosen]
        _must_name(location, names, outcome)
        at = np.multiply(location, width, dtype=np.int64)
        at += slot
        at -= first
        yield at, outcome


def _must_name(location: NDArray[np.integer], names: int, outcome: NDArray[np.int8]) -> None:
    if len(location) and (location.min() < 0 or location.max() >= names):
        raise ValueError(f"a result names a location that is none of the {names}")
    if len(outcome) and (outcome.min() < Outcome.UP or outcome.max() > Outcome.UNKNOWN):
        raise ValueError("an outcome is up (0), down (1) or unknown (2)")


def _since_first_seen(matrix: NDArray[np.int8], first: int) -> Times:
    seen = matrix != MISSING
    since = np.where(seen.any(axis=1), seen.argmax(axis=1) + first, OPEN)
    return np.stack((since, np.full(len(since), OPEN)), axis=1).astype(np.int64)


def _runs(cells: NDArray[np.int8], width: int, first: int) -> Runs:
    """The maximal runs of cells that are not up; the last cell of each row is up and keeps rows apart."""
    at = np.flatnonzero(cells != Outcome.UP)
    outcome = np.minimum(cells[at], np.int8(Outcome.UNKNOWN))
    breaks = np.flatnonzero((np.diff(at) != 1) | (np.diff(outcome) != 0)) + 1
    heads = np.concatenate((np.zeros(min(len(at), 1), dtype=np.int64), breaks))
    tails = np.concatenate((breaks, np.full(min(len(at), 1), len(at), dtype=np.int64))) - 1
    location = at[heads] // width
    return Runs(location, at[heads] % width + first, at[tails] % width + first + 1, outcome[heads])


def joined(earlier: Grid, later: Grid) -> Grid:
    """Two grids of one check, the later from the slot where the earlier ends.

    A location of the earlier grid began when that says, and if it had ended it stays ended. Raises ValueError when they
    are not of one check with the same locations, do not meet, or the later ends a location within the earlier.
    """
    if (earlier.locations, earlier.offset, earlier.every) != (later.locations, later.offset, later.every):
        raise ValueError("the grids are not of one check with the same slots and locations")
    if earlier.last != later.first:
        raise ValueError(f"the later grid begins at slot {later.first}, the earlier ends at {earlier.last}")
    began, ended = earlier.expected[:, 0] < earlier.last, earlier.expected[:, 1] <= earlier.last
    if (began & ~ended & (later.expected[:, 1] < earlier.last)).any():
        raise ValueError(
            f"a location ended before slot {earlier.last}, up to which it was read as expected: read it again"
        )
    since = np.where(began, earlier.expected[:, 0], np.maximum(later.expected[:, 0], earlier.last))
    until = np.where(ended, earlier.expected[:, 1], later.expected[:, 1])
    runs = _concatenated(earlier.runs, later.runs) if len(earlier.runs.start) else later.runs
    expected = np.stack((since, until), axis=1)
    return replace(later, first=earlier.first, expected=expected, runs=runs)


def after(grid: Grid, slot: int) -> Grid:
    """The part of a grid from a slot of it on."""
    runs = grid.runs
    kept = runs.end > slot
    start = np.maximum(runs.start[kept], slot)
    rest = Runs(runs.location[kept], start, runs.end[kept], runs.outcome[kept])
    later = grid.conflicts[grid.conflicts[:, 0] >= slot]
    return replace(grid, first=slot, runs=rest, conflicts=later)


def _concatenated(a: Runs, b: Runs) -> Runs:
    location = np.concatenate((a.location, b.location))
    start, end = np.concatenate((a.start, b.start)), np.concatenate((a.end, b.end))
    outcome = np.concatenate((a.outcome, b.outcome))
    order = np.lexsort((start, location))
    location, start, end, outcome = location[order], start[order], end[order], outcome[order]
    one = (start[1:] == end[:-1]) & (location[1:] == location[:-1]) & (outcome[1:] == outcome[:-1])
    head, tail = np.concatenate(([True], ~one)), np.concatenate((~one, [True]))
    return Runs(location[head], start[head], end[tail], outcome[head])
