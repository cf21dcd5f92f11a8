"""A grid as runs or as bit planes, whichever costs less: runs by the change, planes by the slot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from makegood.engine.detect.bits import only, paint, runs_of
from makegood.model.detection import Outcome
from makegood.model.grid import WORD, Axis, Grid, Planes, Runs
from makegood.model.spans import Times

SPARSE = 144
"""Runs cost more than planes where there is more than one in so many slots (measured: `make bench`)."""
SHORT = 4096
"""In so few slots the choice does not matter, and runs are less work to take apart."""


def dense(runs: int, slots: int, series: int) -> bool:
    """Whether so many runs on so many slots of so many series are better kept as planes."""
    return slots >= SHORT and runs * SPARSE > slots * series


def axis_of(planes: Planes) -> Axis:
    """The axis whose cells are the positions of the bits."""
    series, words = planes.down.shape
    return Axis(planes.word * WORD, words * WORD, series)


def as_planes(grid: Grid) -> Grid:
    """The same grid, as bit planes."""
    if isinstance(grid.seen, Planes):
        return grid
    word = int(grid.first.min(initial=grid.last)) // WORD
    shape = grid.series, grid.last // WORD + 1 - word
    planes = Planes(word, np.zeros(shape, dtype=np.uint64), np.zeros(shape, dtype=np.uint64))
    paint_runs(planes, grid.seen)
    return replace(grid, seen=planes)


def paint_runs(planes: Planes, runs: Runs) -> None:
    """Set the bits of runs, which must lie within the planes."""
    axis = axis_of(planes)
    start = runs.axis.moved(runs.start, axis)
    end = start + (runs.end - runs.start)
    for outcome, plane in ((Outcome.DOWN, planes.down), (Outcome.UNKNOWN, planes.unknown)):
        chosen = runs.outcome == outcome
        paint(plane.reshape(-1), start[chosen], end[chosen])


def as_runs(grid: Grid) -> Grid:
    """The same grid, as runs."""
    if isinstance(grid.seen, Runs):
        return grid
    (down, down_end), (blind, blind_end) = (runs_of(p.reshape(-1)) for p in (grid.seen.down, grid.seen.unknown))
    start, end = np.concatenate((down, blind)), np.concatenate((down_end, blind_end))
    outcome = np.repeat(np.array([Outcome.DOWN, Outcome.UNKNOWN], dtype=np.int8), (len(down), len(blind)))
    order = np.argsort(start)
    start, end = start[order], end[order]
    to = grid.axis
    moved = axis_of(grid.seen).moved(start, to)
    return replace(grid, seen=Runs(to, moved, moved + (end - start), outcome[order]))


def cut_planes(planes: Planes, slots: Times) -> Planes:
    """The bits on the half-open slots int64[series, 2] of each series; the same planes where nothing is cut off."""
    origin, width = planes.word * WORD, planes.down.shape[1] * WORD
    start, end = np.clip(slots - origin, 0, width).T
    partial = np.flatnonzero((start > 0) | (end < width))
    made = Planes(planes.word, planes.down.copy(), planes.unknown.copy())
    for plane in (made.down, made.unknown):
        plane[partial] = only(plane[partial], start[partial], end[partial])
    return made


def rows_of(checks: Times, places: int) -> Times:
    """The series of checks with so many locations each, int64[checks * places]."""
    return (checks[:, None] * places + np.arange(places)).reshape(-1)
