"""What a later batch tells of slots that the base does not: put into the runs, so that readers need no rows for it.

A batch covers its whole list of checks. A result that comes late, such as that of a probe that waited for its timeout,
comes in a batch of its own and fills what the one before it left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makegood.model.facts import UP
from makegood.model.runs import MISSING, Sheet
from makegood.model.spans import Times
from makegood.store.sheets import Beside, Layers, maximal


@dataclass(frozen=True, eq=False)
class Filled:
    """A sheet with all that fills it; `beside` is the rest, which contradicts. `fills` are the slots that were filled
    and by which batch, in order of series and slot."""

    sheet: Sheet
    beside: Beside
    fills: Beside

    def positions(self, series: int, slots: Times, otherwise: Times) -> Times:
        """The positions of the batches that told of some slots of a series: those that filled it, or `otherwise`."""
        start, end = np.searchsorted(self.fills.series, [series, series + 1]).tolist()
        if start == end:
            return otherwise
        there, told = self.fills.slot[start:end], self.fills.position[start:end]
        at = np.minimum(np.searchsorted(there, slots), len(there) - 1)
        return np.where(there[at] == slots, told[at], otherwise)


def filled(layers: Layers) -> Filled:
    """The layers, with each slot filled of which the base tells nothing and one batch beside it something."""
    sheet, beside = layers.sheet, layers.beside
    chosen = _fills(sheet, beside)
    if not chosen.any():
        return Filled(sheet, beside, _only(beside, chosen))
    fills = _only(beside, chosen)
    return Filled(_put_in(sheet, fills), _only(beside, ~chosen), fills)


def _only(beside: Beside, kept: NDArray[np.bool_]) -> Beside:
    return Beside(beside.series[kept], beside.slot[kept], beside.outcome[kept], beside.position[kept])


def _fills(sheet: Sheet, beside: Beside) -> NDArray[np.bool_]:
    """bool[n]: which rows are the only ones of a slot that the base does not tell of."""
    series, slot = beside.series, beside.slot
    if not len(series):
        return np.zeros(0, dtype=np.bool_)
    again = (series[1:] == series[:-1]) & (slot[1:] == slot[:-1])
    alone = ~(np.append(again, False) | np.append(False, again))
    watched = sheet.watched[series]
    outside = (slot < watched[:, 0]) | (slot >= watched[:, 1])
    run = _run_at(_series_of(sheet), sheet.first, series, slot)
    untold: NDArray[np.bool_] = outside
    if len(sheet.first):
        within = (run >= 0) & (_series_of(sheet)[run] == series) & (slot < sheet.end[run])
        untold = outside | (within & (sheet.outcome[run] == MISSING))
    found: NDArray[np.bool_] = alone & untold
    return found


def _series_of(sheet: Sheet) -> Times:
    return np.repeat(np.arange(len(sheet.series)), np.diff(sheet.bounds))


def _run_at(runs: Times, first: Times, series: Times, slot: Times) -> Times:
    """The last run that begins at a slot of a series or before it; -1 where there is none."""
    if not len(first):
        return np.full(len(slot), -1, dtype=np.int64)
    low = min(int(first.min()), int(slot.min()))
    width = max(int(first.max()), int(slot.max())) - low + 1
    return np.searchsorted(runs * width + first - low, series * width + slot - low, side="right") - 1


def _put_in(sheet: Sheet, fills: Beside) -> Sheet:
    count = len(sheet.series)
    least, most = np.full(count, 2**62, dtype=np.int64), np.full(count, -(2**62), dtype=np.int64)
    np.minimum.at(least, fills.series, fills.slot)
    np.maximum.at(most, fills.series, fills.slot + 1)
    start, end = sheet.watched[:, 0], sheet.watched[:, 1]
    none = start == end
    first, last = np.where(none, least, np.minimum(start, least)), np.where(none, most, np.maximum(end, most))
    untouched = most < least
    first, last = np.where(untouched, start, first), np.where(untouched, end, last)
    before, after = np.flatnonzero(~none & (first < start)), np.flatnonzero(~none & (last > end))
    alone = np.flatnonzero(none & ~untouched)
    series = np.concatenate((_series_of(sheet), before, after, alone))
    begin = np.concatenate((sheet.first, first[before], end[after], first[alone]))
    finish = np.concatenate((sheet.end, start[before], last[after], last[alone]))
    more = np.full(len(before) + len(after) + len(alone), MISSING, dtype=np.int8)
    outcome = np.concatenate((sheet.outcome, more))
    order = np.lexsort((begin, series))
    series, begin, finish, outcome = series[order], begin[order], finish[order], outcome[order]
    run = _run_at(series, begin, fills.series, fills.slot)
    # Each run is cut at the slots in it that are filled: k of them leave k + 1 pieces.
    of = np.concatenate((np.arange(len(begin)), run))
    pieces, starts = _by_run(of, np.concatenate((begin, fills.slot + 1)))
    _, ends = _by_run(of, np.concatenate((finish, fills.slot)))
    kept, told = starts < ends, fills.outcome != UP
    series = np.concatenate((series[pieces[kept]], fills.series[told]))
    begin = np.concatenate((starts[kept], fills.slot[told]))
    finish = np.concatenate((ends[kept], fills.slot[told] + 1))
    outcome = np.concatenate((outcome[pieces[kept]], fills.outcome[told]))
    order = np.lexsort((begin, series))
    bounds = np.searchsorted(series[order], np.arange(count + 1))
    watched = np.column_stack((first, last))
    made = Sheet(sheet.every, sheet.series, watched, bounds, begin[order], finish[order], outcome[order])
    return maximal(made)


def _by_run(run: Times, slot: Times) -> tuple[Times, Times]:
    order = np.lexsort((slot, run))
    return run[order], slot[order]
