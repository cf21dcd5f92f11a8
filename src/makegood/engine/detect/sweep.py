"""Sorted sweeps over the cells of one axis."""

from __future__ import annotations

import numpy as np

from makegood.model.grid import Axis
from makegood.model.spans import Times, Truths


def crowded(k: int, start: Times, end: Times) -> Times:
    """The cells, int64[n, 2], at which at least k of the spans hold; start and end int64[n], none of them empty."""
    # An end sorts before a start of the same cell, and one sort of plain numbers is four times as fast as a sort of
    # indexes. Cells are far below 2^62.
    keys = np.concatenate((end << 1, (start << 1) | 1))
    keys.sort()
    steps = (keys & 1).astype(np.int32)
    steps <<= 1
    steps -= 1
    holds = np.cumsum(steps, dtype=np.int32) >= k
    if not holds.any():
        return np.empty((0, 2), dtype=np.int64)
    cells = keys >> 1
    last = np.ones(len(cells), dtype=np.bool_)
    np.not_equal(cells[1:], cells[:-1], out=last[:-1])
    cells, holds = cells[last], holds[last]
    changes = np.empty(len(cells), dtype=np.bool_)
    changes[0] = holds[0]
    np.not_equal(holds[1:], holds[:-1], out=changes[1:])
    return cells[changes].reshape(-1, 2)


def by_check(cells: Times, axis: Axis, places: int) -> Times:
    """The cells of series as cells of an axis whose rows are the checks."""
    row = axis.row_of(cells)
    return cells - (row - row // places) * axis.width


def among(cells: Times, sought: Times) -> Truths:
    """Which cells are among the sought, which are sorted."""
    if len(sought) == 0:
        return np.zeros(len(cells), dtype=np.bool_)
    found: Truths = sought[np.minimum(np.searchsorted(sought, cells), len(sought) - 1)] == cells
    return found
