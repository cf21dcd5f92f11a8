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
from makegood.model.spans import Span, Spans, Times


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


def stretches(failed: Times, axis: Axis, detection: Detection) -> Stretches:
    """The stretches in which a location is confirmed to fail, from the sorted edges int64[n, 2] of its failures."""
    starts, ends = np.ascontiguousarray(failed.T)
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


def failing(failed: Spans, expected: Times, span: Span, axis: Axis, detection: Detection) -> Spans:
    """The cells at which a location is failing, dated as the agreement says, on the slots of the span.

    `expected` int64[locations, 2] are the slots of each location: what is not recovered at their end, or at that of the
    span, fails up to there.
    """
    found = stretches(failed.edges, axis, detection)
    location = axis.location_of(found.begin)
    stop = axis.at(np.clip(expected[:, 1], axis.origin, span.end))[location]
    begin = found.begin + (detection.fails_after - 1 if detection.begins is Begins.CONFIRMATION else 0)
    recovered = found.end + (detection.recovers_after - 1 if detection.ends is Ends.CONFIRMATION else 0)
    end = np.where(stop - found.end >= detection.recovers_after, recovered, stop)
    inside = np.maximum(np.column_stack((begin, end)), axis.at(span.start)[location][:, None])
    return Spans.from_edges(inside)


@dataclass(frozen=True, slots=True)
class Standing:
    """How each location stands at its cut: `streak` int64[locations, 2], in cells, is one streak of failures that
    leaves it so (empty at the cut if there is nothing to remember), and `failing` bool[locations]."""

    streak: Times
    failing: NDArray[np.bool_]


def standing(failed: Spans, cut: Times, axis: Axis, detection: Detection) -> Standing:
    """How the locations stand before the cells `cut`, int64[locations], from the failures before them only."""
    limit = cut[axis.location_of(failed.edges[:, 0])]
    before = np.minimum(failed.edges, limit[:, None])[failed.edges[:, 0] < limit]
    found = stretches(before, axis, detection)
    begins, ends = (
        np.where(found.last >= 0, np.append(edge, 0)[found.last], cut) for edge in (before[:, 0], before[:, 1])
    )
    still = found.confirmed & (cut - ends < detection.recovers_after)
    growing = ~found.confirmed & (ends == cut) & (found.last >= 0)
    begin = np.where(still, found.since, np.where(growing, begins, cut))
    return Standing(np.column_stack((begin, np.where(still | growing, ends, cut))), still)
