"""The two runs: what a blind slot is taken for, so that after this step every expected slot is a success or a failure.

DESIGN, The unseen. In the favourable run a blind slot is a success. In the unfavourable run it is a failure if fewer
than K locations saw that slot, or if only blind slots separate it from an observed failure at that location, before or
after. Both conditions look at what was observed only, so that a blind slot never makes another one fail.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.axis import Axis
from makegood.model.detection import Grid, Outcome, Past
from makegood.model.spans import Spans, Times, at_least


def cells_of(grid: Grid, outcome: Outcome, axis: Axis) -> Spans:
    """The cells of the grid's runs of one outcome."""
    runs, chosen = grid.runs, grid.runs.outcome == outcome
    location = runs.location[chosen]
    edges = (axis.cells(location, runs.start[chosen]), axis.cells(location, runs.end[chosen]))
    return Spans.from_edges(np.stack(edges, axis=1))


def favourable(grid: Grid, past: Past, axis: Axis) -> Spans:
    """The cells that fail when every blind slot is a success."""
    return cells_of(grid, Outcome.DOWN, axis) | axis.rows(past.favourable)


def unfavourable(grid: Grid, past: Past, axis: Axis, quorum: int) -> Spans:
    """The cells that fail when a blind slot is a failure wherever it may have hidden one.

    A blind run that reaches the end of the grid has no failure after it: that is not known yet, see `settle`.
    """
    down, blind = cells_of(grid, Outcome.DOWN, axis), cells_of(grid, Outcome.UNKNOWN, axis)
    failing = down | axis.rows(past.unfavourable)
    if len(blind) == 0:
        return failing
    hidden = blind.edges[beside_failure(blind, down, grid, past, axis)]
    return failing | Spans.from_edges(hidden) | (blind & axis.everywhere(too_few(grid, blind, axis, quorum)))


def beside_failure(blind: Spans, down: Spans, grid: Grid, past: Past, axis: Axis) -> NDArray[np.bool_]:
    """Which of the blind runs have an observed failure right before or right after them, bool[runs]."""
    return (
        _among(blind.edges[:, 0], down.edges[:, 1])
        | _among(blind.edges[:, 1], down.edges[:, 0])
        | _among(blind.edges[:, 0], axis.at(grid.first)[past.failed])
    )


def too_few(grid: Grid, blind: Spans, axis: Axis, quorum: int) -> Spans:
    """The slots of the grid that fewer than K locations saw; a location that was not expected did not see."""
    expected = np.clip(grid.expected, grid.first, grid.last)
    whole = Spans([(grid.first, grid.last)])
    served = axis.apart(axis.rows(expected) - blind)
    return whole - at_least(quorum, served)


def _among(cells: Times, sought: Times) -> NDArray[np.bool_]:
    """Which cells are among the sought, which are sorted."""
    if len(sought) == 0:
        return np.zeros(len(cells), dtype=np.bool_)
    at = np.minimum(np.searchsorted(sought, cells), len(sought) - 1)
    found: NDArray[np.bool_] = sought[at] == cells
    return found
