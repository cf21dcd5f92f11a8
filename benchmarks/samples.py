"""Made results of many checks, in the statistics that the goals are stated for.

A *sample* is one (check, location, one-minute slot). *Normal*: in a year each location has 14 outages that all see, 30
bursts of its own, 327 single failures and 70 gaps, all at random; about 0.13 % of the samples failed, 0.16 % are
missing, and a series changes its state about 880 times. *Bad*: 5 % of the samples fail at random on top of it, and a
series changes its state about 51,000 times.
"""

from __future__ import annotations

import numpy as np

from makegood.model.detection import Outcome
from makegood.model.grid import OPEN, WORD, Axis, Grid, Planes, Runs
from makegood.model.spans import MINUTE, Times

PLACES = 5
YEAR = 365 * 24 * 60
AT_ONCE = 250
LOCATIONS = tuple(f"location {i}" for i in range(PLACES))


def normal(checks: int, seed: int = 7) -> Grid:
    """A year of checks as runs."""
    dice = np.random.default_rng(seed)
    axis, parts = Axis(0, YEAR + 1, checks * PLACES), []
    for first in range(0, checks, AT_ONCE):
        start, end, outcome = _year(dice, min(AT_ONCE, checks - first))
        shift = first * PLACES * axis.width
        parts.append((start + shift, end + shift, outcome))
    start, end, outcome = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return _grid(checks, Runs(axis, start, end, outcome))


def bad(checks: int, seed: int = 7) -> Grid:
    """A year of checks of which 5 % of the samples fail at random, as planes."""
    dice = np.random.default_rng(seed)
    words = YEAR // WORD + 1
    planes = Planes(0, *(np.zeros((checks * PLACES, words), dtype=np.uint64) for _ in range(2)))
    for check in range(checks):
        start, end, outcome = _year(dice, 1)
        marks = np.zeros((PLACES, words * WORD), dtype=np.int8)
        marks[:, :YEAR] = dice.random((PLACES, YEAR), dtype=np.float32) < 0.05
        row, slot = np.divmod(start, YEAR + 1)
        for place, begin, length, said in zip(
            row.tolist(), slot.tolist(), (end - start).tolist(), outcome.tolist(), strict=True
        ):
            marks[place, begin : begin + length] = said
        rows = slice(check * PLACES, (check + 1) * PLACES)
        for said, plane in ((Outcome.DOWN, planes.down), (Outcome.UNKNOWN, planes.unknown)):
            plane[rows] = np.packbits(marks == said, axis=1, bitorder="little").view(np.uint64)
    return _grid(checks, planes)


def _grid(checks: int, seen: Runs | Planes) -> Grid:
    none = np.zeros(checks, dtype=np.int64)
    expected = np.tile(np.array([[0, OPEN]], dtype=np.int64), (checks * PLACES, 1))
    return Grid(LOCATIONS, none, MINUTE, none, YEAR, expected, seen)


def _year(dice: np.random.Generator, checks: int) -> tuple[Times, Times, np.ndarray]:
    """The runs of a year of some checks, as cells of an axis of their series."""
    series = checks * PLACES
    shared = np.repeat(dice.integers(0, YEAR, (checks, 14)), PLACES, axis=0)
    lasting = np.repeat(dice.integers(5, 26, (checks, 14)), PLACES, axis=0)
    bursts, brief = dice.integers(0, YEAR, (series, 30)), dice.integers(1, 10, (series, 30))
    single, one = dice.integers(0, YEAR, (series, 327)), np.ones((series, 327), dtype=np.int64)
    gaps, blind = dice.integers(0, YEAR, (series, 70)), dice.integers(1, 24, (series, 70))
    slot = np.concatenate((shared, bursts, single, gaps), axis=1)
    length = np.concatenate((lasting, brief, one, blind), axis=1)
    outcome = np.full(slot.shape, Outcome.DOWN, dtype=np.int8)
    outcome[:, -70:] = Outcome.UNKNOWN
    start = (slot + np.arange(series)[:, None] * (YEAR + 1)).reshape(-1)
    end = np.minimum(start + length.reshape(-1), start // (YEAR + 1) * (YEAR + 1) + YEAR)
    return _apart(start, end, outcome.reshape(-1))


def _apart(start: Times, end: Times, outcome: np.ndarray) -> tuple[Times, Times, np.ndarray]:
    """Runs that overlap, cut so that the earlier one holds, and those that touch and say the same made one."""
    order = np.argsort(start, kind="stable")
    start, end, outcome = start[order], end[order], outcome[order]
    reach = np.maximum.accumulate(end)
    start[1:] = np.maximum(start[1:], reach[:-1])
    kept = start < end
    start, end, outcome = start[kept], end[kept], outcome[kept]
    one = (start[1:] == end[:-1]) & (outcome[1:] == outcome[:-1])
    return start[np.append(True, ~one)], end[np.append(~one, True)], outcome[np.append(True, ~one)]
