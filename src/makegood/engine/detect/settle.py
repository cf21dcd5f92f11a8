"""What can no longer change, what still can, and what has to be remembered.

A slot is settled when nothing that may follow, late results aside, can change how it is judged. It is not while a
streak that would be backdated is unconfirmed, nor while a blind run still waits for the result after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.confirm import Standing, standing
from makegood.engine.detect.unseen import Sight, among
from makegood.model.detection import Detection, Grid, Past
from makegood.model.spans import Spans, Times


def settled(sight: Sight, rule: Detection) -> tuple[int, Past]:
    """The first slot of a grid that is not settled, or its end; and the past before that slot."""
    axis, end = sight.axis, sight.axis.at(sight.grid.last)
    known = _known_until(sight, end)
    best, worst = _standings(sight, end, known, rule)
    pending = axis.slot_of(np.minimum(_pending(best, end), _pending(worst, known)))
    slot = max(sight.grid.first, int(pending[serving(sight.grid)].min(initial=sight.grid.last)))
    if slot < sight.grid.last or known is not end:
        cut = axis.at(slot)
        best, worst = _standings(sight, cut, cut, rule)
    origin = axis.at(0)[:, None]
    return slot, Past(best.streak - origin, worst.streak - origin, _failed_before(slot, sight))


def serving(grid: Grid) -> NDArray[np.bool_]:
    """The locations that have begun and go on after the grid, bool[locations]: they alone have something to wait
    for."""
    return (grid.expected[:, 0] < grid.last) & (grid.expected[:, 1] > grid.last)


def _standings(sight: Sight, best: Times, worst: Times, rule: Detection) -> tuple[Standing, Standing]:
    """How the locations stand at their cuts in the favourable and in the unfavourable run."""
    favourable = standing(sight.favourable, best, sight.axis, rule)
    if sight.unfavourable is sight.favourable and best is worst:
        return favourable, favourable
    return favourable, standing(sight.unfavourable, worst, sight.axis, rule)


def _known_until(sight: Sight, end: Times) -> Times:
    """The cell, int64[locations], up to which each cell of the unfavourable run is known to be a success or a failure.

    It is `end`, that of the grid, or the first cell of a blind run there that only a failure after it would make fail.
    """
    trailing = among(sight.blind.edges[:, 1], end) & ~sight.beside
    if not trailing.any():
        return end
    waiting = (Spans.from_edges(sight.blind.edges[trailing]) - sight.hopeless).edges[:, 0][::-1]
    known = end.copy()
    known[sight.axis.location_of(waiting)] = waiting
    return known


def _pending(stands: Standing, cut: Times) -> Times:
    """The first cell that the unfinished streak at the cut may still change: of successes when failing, else
    failures."""
    return np.where(stands.failing, stands.streak[:, 1], np.minimum(stands.streak[:, 0], cut))


def _failed_before(slot: int, sight: Sight) -> NDArray[np.bool_]:
    """Whether only blind slots, or none, lie between the slot and an observed failure before it, bool[locations]."""
    first, cut = sight.axis.at(sight.grid.first), sight.axis.at(slot)
    starts, ends = (np.concatenate(([-1], edges)) for edges in sight.blind.edges.T)
    at = np.searchsorted(starts, cut) - 1
    cut = np.where(ends[at] >= cut, np.maximum(starts[at], first), cut)
    starts, ends = (np.concatenate(([-1], edges)) for edges in sight.down.edges.T)
    failed: NDArray[np.bool_] = (ends[np.searchsorted(starts, cut) - 1] >= cut) | (sight.past.failed & (cut == first))
    return failed
