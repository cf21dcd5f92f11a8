"""What can no longer change, what still can, and what has to be remembered.

A slot is settled when nothing that may follow, late results aside, can change how it is judged. It is not while a
streak that would be backdated is unconfirmed, nor while a blind run still waits for the result after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.axis import Axis
from makegood.engine.detect.confirm import Standing, standing
from makegood.engine.detect.unseen import beside_failure, cells_of, too_few
from makegood.model.detection import Detection, Grid, Outcome, Past
from makegood.model.spans import Spans, Times


def serving(grid: Grid) -> NDArray[np.bool_]:
    """The locations that have begun and go on after the grid, bool[locations]: the only ones with a future to wait
    for."""
    return (grid.expected[:, 0] < grid.last) & (grid.expected[:, 1] > grid.last)


def known_until(grid: Grid, past: Past, axis: Axis, quorum: int) -> Times:
    """The slot, int64[locations], up to which each slot of the unfavourable run is known to be a success or a failure.

    It is the end of the grid, or the first slot of a blind run at the end that only a failure after it would make fail.
    """
    known = np.full(axis.locations, grid.last, dtype=np.int64)
    down, blind = cells_of(grid, Outcome.DOWN, axis), cells_of(grid, Outcome.UNKNOWN, axis)
    trailing = _among_ends(blind, axis, grid) & ~beside_failure(blind, down, grid, past, axis)
    waiting = Spans.from_edges(blind.edges[trailing]) - axis.everywhere(too_few(grid, blind, axis, quorum))
    for location, slots in enumerate(axis.apart(waiting)):
        if slots.hull is not None:
            known[location] = slots.hull.start
    return known


def settled_slot(
    favourable: Spans, unfavourable: Spans, grid: Grid, past: Past, axis: Axis, quorum: int, detection: Detection
) -> int:
    """The first slot that is not settled, or the end of the grid; from the failed cells of both runs."""
    known = axis.at(known_until(grid, past, axis, quorum))
    end = axis.at(grid.last)
    pending = np.minimum(
        _pending(standing(favourable, end, axis, detection), end),
        _pending(standing(unfavourable, known, axis, detection), known),
    )
    slots = (pending - axis.at(axis.origin))[serving(grid)] + axis.origin
    return max(grid.first, int(slots.min(initial=grid.last)))


def past_at(
    slot: int, favourable: Spans, unfavourable: Spans, grid: Grid, past: Past, axis: Axis, rule: Detection
) -> Past:
    """The past before a settled slot of the grid; `past` is the one before the grid."""
    cut = axis.at(slot)
    shift = (axis.at(axis.origin) - axis.origin)[:, None]
    streaks = [standing(failed, cut, axis, rule).streak - shift for failed in (favourable, unfavourable)]
    return Past(streaks[0], streaks[1], _failed_at(slot, grid, past, axis))


def _pending(stands: Standing, cut: Times) -> Times:
    """The first cell that the unfinished streak at the cut may still change: of successes when failing, else of
    failures."""
    return np.where(stands.failing, stands.streak[:, 1], np.minimum(stands.streak[:, 0], cut))


def _among_ends(blind: Spans, axis: Axis, grid: Grid) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.isin(blind.edges[:, 1], axis.at(grid.last))
    return found


def _failed_at(slot: int, grid: Grid, past: Past, axis: Axis) -> NDArray[np.bool_]:
    """Whether only blind slots, or none, lie between the slot and an observed failure before it."""
    if slot == grid.first:
        return past.failed
    down, blind = cells_of(grid, Outcome.DOWN, axis), cells_of(grid, Outcome.UNKNOWN, axis)
    before = Spans.from_edges(np.stack((axis.at(axis.origin), axis.at(slot)), axis=1))
    down, blind = down & before, blind & before
    cut = axis.at(slot)
    at = np.searchsorted(blind.edges[:, 0], cut) - 1
    edges = np.concatenate((blind.edges, [[-1, -1]]))[at]
    cut = np.where(edges[:, 1] == cut, edges[:, 0], cut)
    failed: NDArray[np.bool_] = np.isin(cut, down.edges[:, 1]) | (past.failed & (cut == axis.at(grid.first)))
    return failed
