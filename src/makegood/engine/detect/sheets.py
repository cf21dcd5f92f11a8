"""From sheets of runs to the grid that detection reads, without going through rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from makegood.engine.detect.forms import as_planes, dense
from makegood.model.facts import UNKNOWN
from makegood.model.grid import OPEN, Axis, Grid, Runs
from makegood.model.runs import RunResults
from makegood.model.spans import Times


def grid_of_runs(checks: Sequence[RunResults]) -> Grid:
    """The grid of checks of one sheet that were watched from the same locations.

    Each is on it from its first slot with a result to its last, and all end with the same slot, that of the sheet where
    they end there with the same one. What nobody saw in between is unknown. The grid is of bit planes where there are
    many runs.
    """
    sheet, places = checks[0].sheet, checks[0].locations
    begins = np.array([one.series.start for one in checks], dtype=np.int64)
    series = (begins[:, None] + np.arange(len(places))).reshape(-1)
    watched = sheet.watched[series]
    until = watched[:, 1].reshape(len(checks), -1).max(axis=1)
    since = watched[:, 0].reshape(len(checks), -1).min(axis=1)
    last = int(until[0]) if (until == until[0]).all() else int((until - since).max())
    first = last - until + since
    shift = np.repeat(last - until, len(places))
    origin = int(first.min())
    axis = Axis(origin, last - origin + 1, len(series))
    expected = np.column_stack((watched[:, 0] + shift, np.full(len(series), OPEN)))
    grid = Grid(
        places, (until - last) * sheet.every, sheet.every, first, last, expected, _runs(checks, series, shift, axis)
    )
    assert isinstance(grid.seen, Runs)
    return as_planes(grid) if dense(len(grid.seen.start), last - origin, len(series)) else grid


def _runs(checks: Sequence[RunResults], series: Times, shift: Times, axis: Axis) -> Runs:
    """The runs of some series, each moved by its shift, and as cells of an axis."""
    sheet = checks[0].sheet
    count = np.diff(sheet.bounds)[series]
    if len(series) == len(sheet.series) and (series[1:] > series[:-1]).all():
        first, end, outcome = sheet.first, sheet.end, sheet.outcome
    else:
        at = np.arange(count.sum()) + np.repeat(sheet.bounds[series] - (np.cumsum(count) - count), count)
        first, end, outcome = sheet.first[at], sheet.end[at], sheet.outcome[at]
    move = np.arange(len(series)) * axis.width + shift - axis.origin
    moves = np.repeat(move, count)
    first, end, outcome = first + moves, end + moves, np.minimum(outcome, np.int8(UNKNOWN))
    ends = sheet.watched[series, 1] + move
    edge = np.arange(1, len(series) + 1) * axis.width - 1
    short = np.flatnonzero(ends < edge)  # the location stopped before others of its check did
    if len(short):
        at = np.cumsum(count)[short] + np.arange(len(short))
        kept = np.ones(len(first) + len(short), dtype=np.bool_)
        kept[at] = False
        whole = np.empty((2, len(kept)), dtype=np.int64)
        whole[0, kept], whole[1, kept], whole[0, at], whole[1, at] = first, end, ends[short], edge[short]
        said = np.full(len(kept), UNKNOWN, dtype=np.int8)
        said[kept] = outcome
        (first, end), outcome = whole, said
    one = (first[1:] == end[:-1]) & (outcome[1:] == outcome[:-1])
    if one.any():
        head, tail = np.append(True, ~one), np.append(~one, True)
        first, end, outcome = first[head], end[tail], outcome[head]
    return Runs(axis, first, end, outcome)
