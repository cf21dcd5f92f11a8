"""Sorted sweeps over the cells of one axis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from makegood.model.grid import Axis
from makegood.model.spans import Times, Truths


def crowded(k: int, start: Times, end: Times) -> Times:
    """The cells, int64[n, 2], at which at least k of the spans hold; start and end int64[n], none of them empty."""
    # An end sorts before a start of the same cell, and one sort of plain numbers is four times as fast as a sort of
    # indexes. Cells are far below 2^62.
    keys = np.empty(2 * len(start), dtype=np.int64)
    np.left_shift(end, 1, out=keys[: len(start)])
    np.left_shift(start, 1, out=keys[len(start) :])
    keys[len(start) :] |= 1
    keys.sort()
    steps = (keys & 1).astype(np.int32)
    steps <<= 1
    steps -= 1
    holds = np.cumsum(steps, dtype=np.int32) >= k
    changes = np.flatnonzero(holds[1:] != holds[:-1]) + 1
    if len(holds) and holds[0]:
        changes = np.concatenate((np.zeros(1, dtype=np.int64), changes))
    return touching_as_one(keys[changes] >> 1)


def touching_as_one(flat: Times) -> Times:
    """Starts and ends by turns, int64[2 * n], as edges int64[m, 2]: where one ends as the next starts, they are one."""
    meets = flat[1:-1:2] == flat[2::2]
    if not meets.any():
        return flat.reshape(-1, 2)
    kept = np.ones(len(flat), dtype=np.bool_)
    kept[1:-1:2], kept[2::2] = ~meets, ~meets
    return flat[kept].reshape(-1, 2)


def by_check(cells: Times, axis: Axis, places: int) -> Times:
    """The cells of series as cells of the axis `of_checks`."""
    row = axis.row_of(cells)
    return cells - ((row - row // places) * axis.width + axis.zero)


def of_checks(axis: Axis, checks: int) -> Axis:
    """The axis whose rows are the checks, from one whose rows are their series."""
    return replace(axis, rows=checks, zero=0)


def among(cells: Times, sought: Times) -> Truths:
    """Which cells are among the sought, which are sorted."""
    if len(sought) == 0:
        return np.zeros(len(cells), dtype=np.bool_)
    found: Truths = sought[np.minimum(np.searchsorted(sought, cells), len(sought) - 1)] == cells
    return found
