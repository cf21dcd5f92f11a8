"""What can no longer change, what still can, and what has to be remembered.

A slot is settled when nothing that may follow, late results aside, can change how it is judged. It is not while a
streak that would be backdated is unconfirmed, nor while a blind run still waits for the result after it.
"""

from __future__ import annotations

import numpy as np

from makegood.engine.detect.confirm import Standing
from makegood.engine.detect.sight import Sight
from makegood.model.grid import Grid, Past
from makegood.model.spans import Times, Truths


def settled(sight: Sight) -> tuple[Times, Past]:
    """The first slot of each check that is not settled, or the grid's end, int64[checks]; and the past before it."""
    axis, grid = sight.axis, sight.grid
    end = axis.at(grid.last)
    known = sight.known_until(end)
    best = sight.standing(False, end)
    worst = sight.standing(True, known) if sight.differ or known is not end else best
    pending = axis.slot_of(np.minimum(_pending(best, end), _pending(worst, known)))
    pending = np.where(serving(grid), pending, grid.last).reshape(grid.checks, -1)
    slot = np.maximum(pending.min(axis=1, initial=grid.last), grid.first)
    slots = np.repeat(slot, len(grid.locations))
    if (slot < grid.last).any() or known is not end:
        cut = axis.at(slots)
        best, worst = sight.standing(False, cut), sight.standing(True, cut)
    origin = axis.at(0)[:, None]
    return slot, Past(best.streak - origin, worst.streak - origin, sight.failed_before(slots))


def serving(grid: Grid) -> Truths:
    """The locations that have begun and go on after the grid, bool[series]: they alone have something to wait for."""
    return (grid.expected[:, 0] < grid.last) & (grid.expected[:, 1] > grid.last)


def _pending(stands: Standing, cut: Times) -> Times:
    """The first cell that the unfinished streak at the cut may still change: of successes when failing, else
    failures."""
    return np.where(stands.failing, stands.streak[:, 1], np.minimum(stands.streak[:, 0], cut))
