"""From failed slots to failing spans, by runs: N failures in a row to fail, M successes in a row to recover.

DESIGN, Confirmation. Failure streaks with fewer than M successes between them form one stretch. A location begins to
fail in the first streak of a stretch that has N failures, and recovers after the stretch; streaks before that one are
never charged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from makegood.model.detection import Begins, Detection, Ends
from makegood.model.grid import Axis
from makegood.model.spans import Times, Truths


@dataclass(frozen=True, slots=True, eq=False)
class Streaks:
    """Streaks of failed slots in cells: their starts and ends int64[n], sorted and apart."""

    start: Times
    end: Times

    def of(self, rows: Truths, axis: Axis) -> Streaks:
        """Those of some rows, bool[rows]."""
        if rows.all():
            return self
        kept = rows[axis.row_of(self.start)]
        return Streaks(self.start[kept], self.end[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """The confirmed stretches, sorted: `begin` int64[n] is the first cell of the streak that confirms, `end` the cell
    after the last failure. `streak` int64[n] is the number of their last streak among all."""

    begin: Times
    end: Times
    streak: Times


def stretches(failed: Streaks, axis: Axis, detection: Detection) -> Stretches:
    """The stretches in which a location is confirmed to fail."""
    starts, ends = failed.start, failed.end
    apart = starts[1:] - ends[:-1] >= detection.recovers_after
    if detection.recovers_after > 1:
        row = axis.row_of(starts)
        apart |= row[1:] != row[:-1]
    stretch = np.zeros(len(starts), dtype=np.int64)
    np.cumsum(apart, out=stretch[1:])
    long = np.flatnonzero(ends - starts >= detection.fails_after)
    which = stretch[long]
    first = np.ones(len(long), dtype=np.bool_)
    np.not_equal(which[1:], which[:-1], out=first[1:])
    long, which = long[first], which[first]
    last = np.append(np.flatnonzero(apart), len(starts) - 1)[which]
    return Stretches(starts[long], ends[last], last)


def dated(found: Stretches, expected: Times, first: Times, last: int, axis: Axis, detection: Detection) -> Streaks:
    """The cells at which a location is failing, dated as the agreement says, on the slots of the grid.

    `expected` int64[rows, 2] and `first` int64[rows] are the slots and the first slot of each row: what is not
    recovered at the end of its slots, or at the last of the grid, fails up to there.
    """
    row = axis.row_of(found.begin)
    stop = axis.at(np.clip(expected[:, 1], axis.origin, last))[row]
    begin = found.begin + (detection.fails_after - 1 if detection.begins is Begins.CONFIRMATION else 0)
    recovered = found.end + (detection.recovers_after - 1 if detection.ends is Ends.CONFIRMATION else 0)
    end = np.where(stop - found.end >= detection.recovers_after, recovered, stop)
    if axis.origin < first.max(initial=axis.origin):  # streaks of the past begin before the grid
        begin, end = np.maximum(begin, axis.at(first)[row]), np.maximum(end, axis.at(first)[row])
    some = begin < end
    return Streaks(begin, end) if some.all() else Streaks(begin[some], end[some])


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How each row stands at its cut: `streak` int64[rows, 2], in cells, is one streak of failures that leaves it so
    (empty at the cut if there is nothing to remember), and `failing` bool[rows]."""

    streak: Times
    failing: Truths

    def with_rows(self, rows: Truths, other: Standing) -> Standing:
        """The same, but some rows, bool[rows], as they stand in another."""
        return Standing(np.where(rows[:, None], other.streak, self.streak), np.where(rows, other.failing, self.failing))


def standing(failed: Streaks, cut: Times, axis: Axis, detection: Detection, found: Stretches | None = None) -> Standing:
    """How the rows stand before the cells `cut`, int64[rows], from the failures before them only.

    `found` are the stretches, where they are known and no failure lies at or after its row's cut.
    """
    if found is None:
        limit = cut[axis.row_of(failed.start)]
        before = failed.start < limit
        failed = Streaks(failed.start[before], np.minimum(failed.end, limit)[before])
        found = stretches(failed, axis, detection)
    bounds = axis.bounds(failed.start)
    last = np.where(bounds[1:] > bounds[:-1], bounds[1:] - 1, -1)  # the last streak of each row
    there = last >= 0
    begins, ends = cut.copy(), cut.copy()
    begins[there], ends[there] = failed.start[last[there]], failed.end[last[there]]
    which = np.searchsorted(found.streak, last)
    confirmed = there & (np.append(found.streak, -1)[which] == last)
    still = confirmed & (cut - ends < detection.recovers_after)
    growing = ~confirmed & (ends == cut) & there
    begin = np.where(still, ends - detection.fails_after, np.where(growing, begins, cut))
    return Standing(np.stack((begin, np.where(still | growing, ends, cut)), axis=1), still)
