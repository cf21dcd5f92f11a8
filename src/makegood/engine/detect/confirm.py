"""From failed slots to failing spans: N failures in a row to fail, M successes in a row to recover.

DESIGN, Confirmation. Failure streaks with fewer than M successes between them form one stretch. A location begins to
fail in the first streak of a stretch that has N failures, and recovers after the stretch; streaks before that one are
never charged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.axis import Axis
from makegood.model.detection import Begins, Detection, Ends
from makegood.model.spans import Spans, Times


@dataclass(frozen=True, slots=True)
class Stretches:
    """The confirmed stretches, sorted: `begin` int64[n] is the first cell of the streak that confirms, `end` the cell
    after the last failure. `last` int64[locations] is the number of each location's last failure streak, -1 without
    one, `confirmed` bool[locations] whether that streak is in a confirmed stretch, and `since` the cell where that
    stretch begins."""

    begin: Times
    end: Times
    last: Times
    confirmed: NDArray[np.bool_]
    since: Times


def stretches(failed: Spans, axis: Axis, detection: Detection) -> Stretches:
    """The stretches in which a location is confirmed to fail."""
    starts, ends = failed.edges[:, 0], failed.edges[:, 1]
    location = axis.location_of(starts)
    apart = (starts[1:] - ends[:-1] >= detection.recovers_after) | (location[1:] != location[:-1])
    stretch = np.concatenate((np.zeros(min(len(starts), 1), dtype=np.int64), np.cumsum(apart)))
    long = np.flatnonzero(ends - starts >= detection.fails_after)
    first = long[np.concatenate((np.ones(min(len(long), 1), dtype=np.bool_), stretch[long[1:]] != stretch[long[:-1]]))]
    final = np.searchsorted(stretch, stretch[first], side="right") - 1

    last = np.searchsorted(starts, axis.at(axis.origin + axis.width)) - 1
    last[last < np.searchsorted(starts, axis.at(axis.origin))] = -1
    which = np.searchsorted(final, last)
    confirmed = (last >= 0) & (which < len(final))
    confirmed[confirmed] = final[which[confirmed]] == last[confirmed]
    since = np.zeros(axis.locations, dtype=np.int64)
    since[confirmed] = starts[first[which[confirmed]]]
    return Stretches(starts[first], ends[final], last, confirmed, since)


def failing(failed: Spans, until: Times, axis: Axis, detection: Detection) -> Spans:
    """The cells at which a location is failing, dated as the agreement says.

    `until` int64[locations] is the cell at which each location's slots end: what is not recovered by then fails up to
    it.
    """
    found = stretches(failed, axis, detection)
    begin = found.begin + (detection.fails_after - 1 if detection.begins is Begins.CONFIRMATION else 0)
    stop = until[axis.location_of(found.begin)]
    confirmed = stop - found.end >= detection.recovers_after
    end = found.end + (detection.recovers_after - 1 if detection.ends is Ends.CONFIRMATION else 0)
    return Spans.from_edges(np.stack((begin, np.where(confirmed, end, stop)), axis=1))


@dataclass(frozen=True, slots=True)
class Standing:
    """How each location stands at its cut: `streak` int64[locations, 2], in cells, is one streak of failures that
    leaves it so (empty at the cut if there is nothing to remember), and `failing` bool[locations]."""

    streak: Times
    failing: NDArray[np.bool_]


def standing(failed: Spans, cut: Times, axis: Axis, detection: Detection) -> Standing:
    """How the locations stand before the cells `cut`, int64[locations], from the failures before them only."""
    starts = axis.at(axis.origin)
    before = failed & Spans.from_edges(np.stack((starts, np.maximum(cut, starts)), axis=1))
    found = stretches(before, axis, detection)
    ends = np.where(found.last >= 0, np.append(before.edges[:, 1], 0)[found.last], cut)
    begins = np.where(found.last >= 0, np.append(before.edges[:, 0], 0)[found.last], cut)
    still = found.confirmed & (cut - ends < detection.recovers_after)
    growing = ~found.confirmed & (ends == cut) & (found.last >= 0)
    begin = np.where(still, found.since, np.where(growing, begins, cut))
    return Standing(np.stack((begin, np.where(still | growing, ends, cut)), axis=1), still)
