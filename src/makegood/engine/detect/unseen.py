"""The two runs: what a blind slot is taken for, so that after this step every expected slot is a success or a failure.

DESIGN, The unseen. In the favourable run a blind slot is a success. In the unfavourable run it is a failure if fewer
than K locations saw that slot, or if only blind slots separate it from an observed failure at that location, before or
after. Both conditions look at what was observed only, so that a blind slot never makes another one fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.axis import Axis
from makegood.model.detection import Grid, Outcome, Past
from makegood.model.spans import Spans, Times, at_least


@dataclass(frozen=True, slots=True)
class Sight:
    """A grid as cells: `down` was seen failing, `blind` was not seen, and `hopeless` neither there nor at enough
    others.

    `beside` bool[blind] says which blind runs have an observed failure right before or after them. `favourable` and
    `unfavourable` are the cells that fail in the two runs, with the streaks that stand for the past.
    """

    grid: Grid
    past: Past
    axis: Axis
    down: Spans
    blind: Spans
    hopeless: Spans
    beside: NDArray[np.bool_]
    favourable: Spans
    unfavourable: Spans


def sighted(grid: Grid, past: Past, quorum: int) -> Sight:
    """What fails in either run.

    A blind run that reaches the end of the grid has no failure after it: that is not known yet, see `settle`.
    """
    axis = Axis.of(grid, past)
    down, blind = _cells(grid, Outcome.DOWN, axis), _cells(grid, Outcome.UNKNOWN, axis)
    hopeless = _hopeless(grid, blind, axis, quorum)
    beside = (
        among(blind.edges[:, 0], down.edges[:, 1])
        | among(blind.edges[:, 1], down.edges[:, 0])
        | among(blind.edges[:, 0], axis.at(grid.first)[past.failed])
    )
    favourable = _with(down, axis.rows(past.favourable))
    unfavourable = _with(down, axis.rows(past.unfavourable), blind.edges[beside], hopeless.edges)
    return Sight(grid, past, axis, down, blind, hopeless, beside, favourable, unfavourable)


def among(cells: Times, sought: Times) -> NDArray[np.bool_]:
    """Which cells are among the sought, which are sorted."""
    if len(sought) == 0:
        return np.zeros(len(cells), dtype=np.bool_)
    found: NDArray[np.bool_] = sought[np.minimum(np.searchsorted(sought, cells), len(sought) - 1)] == cells
    return found


def _cells(grid: Grid, outcome: Outcome, axis: Axis) -> Spans:
    runs, chosen = grid.runs, grid.runs.outcome == outcome
    start = axis.cells(runs.location[chosen], runs.start[chosen])
    return Spans.from_edges(np.column_stack((start, start + (runs.end[chosen] - runs.start[chosen]))))


def _hopeless(grid: Grid, blind: Spans, axis: Axis, quorum: int) -> Spans:
    """The blind cells of slots that fewer than K locations saw; a location that was not expected did not see."""
    if len(blind) == 0:
        return blind
    slots = np.clip(grid.expected, grid.first, grid.last)
    absent = [Spans([(grid.first, first), (last, grid.last)]) for first, last in slots.tolist()]
    unseeing = [there | unseen for there, unseen in zip(absent, axis.apart(blind), strict=True)]
    return blind & axis.everywhere(at_least(axis.locations - quorum + 1, unseeing))


def _with(cells: Spans, *more: Times) -> Spans:
    added = [edges for edges in more if len(edges)]
    return Spans.from_edges(np.concatenate((cells.edges, *added))) if added else cells
