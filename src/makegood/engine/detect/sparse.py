"""The two runs on a grid of runs: its cost follows the changes.

Most runs cannot matter, since they are too short to confirm anything and far from all others: these are dropped before
anything is made of them, unless they lie at the edge of the grid, where more may follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from makegood.engine.detect.confirm import Standing, Stretches, dated, standing, stretches
from makegood.engine.detect.sweep import among, by_check, crowded
from makegood.model.detection import Detection, Outcome
from makegood.model.findings import Cells, Marks
from makegood.model.grid import Axis, Grid, Past, Runs
from makegood.model.spans import Spans, Times, Truths

NONE = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class RunSight:
    """A `Sight` of runs: `runs` are all of the grid's, on the axis.

    Of those that may matter, `down` was seen failing, `blind` was not seen, `hopeless` neither there nor at enough
    other locations; `beside` bool[blind] says which blind runs have an observed failure right before or after them.
    """

    grid: Grid
    past: Past
    rule: Detection
    quorum: int
    axis: Axis
    runs: Runs
    down: Times
    blind: Times
    hopeless: Spans
    beside: Truths

    @cached_property
    def favourable(self) -> Times:
        """The failures of the favourable run, int64[n, 2]."""
        return _with(self.down, _rows(self.past.favourable, self.axis))

    @cached_property
    def unfavourable(self) -> Times:
        """The failures of the unfavourable run, int64[n, 2]."""
        added = self.blind[self.beside], self.hopeless.edges, _rows(self.past.unfavourable, self.axis)
        return _with(self.down, *added)

    @cached_property
    def differ(self) -> bool:
        return bool(
            self.beside.any() or len(self.hopeless) or not np.array_equal(self.past.favourable, self.past.unfavourable)
        )

    @cached_property
    def _best(self) -> Stretches:
        return stretches(self.favourable, self.axis, self.rule)

    @cached_property
    def _apart(self) -> Times:
        """The checks in which the runs differ."""
        past = np.flatnonzero((self.past.favourable != self.past.unfavourable).any(axis=1))
        added = np.concatenate((self.blind[self.beside, 0], self.hopeless.edges[:, 0]))
        return np.unique(np.concatenate((self.axis.row_of(added), past)) // len(self.grid.locations))

    def detected(self, worst: bool) -> tuple[Times, Marks]:
        best = self._down_of(self._best)
        if not worst:
            return best[0], Cells(self.axis, best[1])
        # Only the checks in which the runs differ are worked out again.
        places, axis = len(self.grid.locations), self.axis
        other = np.zeros(self.grid.checks, dtype=np.bool_)
        other[self._apart] = True
        mine = other[axis.row_of(self.unfavourable[:, 0]) // places]
        down, failing = self._down_of(stretches(self.unfavourable[mine], axis, self.rule))
        kept = ~other[best[0][:, 0] // axis.width]
        stay = ~other[axis.row_of(best[1][:, 0]) // places]
        return _sorted(down, best[0][kept]), Cells(axis, _sorted(failing, best[1][stay]))

    def standing(self, worst: bool, cut: Times) -> Standing:
        failed = self.unfavourable if worst else self.favourable
        whole = not worst and bool((cut == self.axis.at(self.grid.last)).all())
        return standing(failed, cut, self.axis, self.rule, self._best if whole else None)

    def known_until(self, end: Times) -> Times:
        trailing = among(self.blind[:, 1], end) & ~self.beside
        if not trailing.any():
            return end
        waiting = (Spans.from_edges(self.blind[trailing]) - self.hopeless).edges[:, 0][::-1]
        known = end.copy()
        known[self.axis.row_of(waiting)] = waiting
        return known

    def failed_before(self, slot: Times) -> Truths:
        cut, first = self.axis.at(slot), self.axis.at(self.grid.firsts)
        starts, ends = np.append(self.runs.start, -1), np.append(self.runs.end, -1)
        outcome = np.append(self.runs.outcome, Outcome.UP)
        at = np.searchsorted(self.runs.start, cut) - 1
        unseen = (outcome[at] == Outcome.UNKNOWN) & (ends[at] >= cut)
        cut = np.where(unseen, np.maximum(starts[at], first), cut)
        at = np.where(unseen, at - 1, at)
        failed: Truths = (outcome[at] == Outcome.DOWN) & (ends[at] >= cut) & (cut > first)
        return failed | (self.past.failed & (cut == first))

    def _down_of(self, found: Stretches) -> tuple[Times, Times]:
        grid, axis = self.grid, self.axis
        failing = dated(found, grid.expected, grid.firsts, grid.last, axis, self.rule)
        start = by_check(failing[:, 0], axis, len(grid.locations))
        return crowded(self.quorum, start, start + (failing[:, 1] - failing[:, 0])), failing


def sight_of_runs(grid: Grid, past: Past, quorum: int, rule: Detection) -> RunSight:
    """What fails in either run, on a grid of runs that is cut to what was expected."""
    assert isinstance(grid.seen, Runs)
    axis = axis_with(grid, past)
    start = grid.seen.axis.moved(grid.seen.start, axis)
    runs = Runs(axis, start, start + (grid.seen.end - grid.seen.start), grid.seen.outcome)
    unseen = np.flatnonzero(runs.outcome == Outcome.UNKNOWN)
    hopeless, which = _hopeless(grid, runs, unseen, quorum)
    chosen = _chosen(runs, rule, which)
    start, end = runs.start[chosen], runs.end[chosen]
    failed = runs.outcome[chosen] == Outcome.DOWN
    edges = np.stack((start, end), axis=1)
    down, blind = edges[failed], edges[~failed]
    beside = (
        among(blind[:, 0], down[:, 1])
        | among(blind[:, 1], down[:, 0])
        | among(blind[:, 0], axis.at(grid.firsts)[past.failed])
    )
    return RunSight(grid, past, rule, quorum, axis, runs, down, blind, hopeless, beside)


def axis_with(grid: Grid, past: Past) -> Axis:
    """An axis that holds the grid's slots and the streaks that stand for the past before them."""
    origin = int(grid.first.min(initial=grid.last))
    for streak in (past.favourable, past.unfavourable):
        origin = int(streak[:, 0].min(initial=origin, where=streak[:, 0] < streak[:, 1]))
    return grid.axis_from(origin)


def _chosen(runs: Runs, rule: Detection, hopeless: Times) -> Times:
    """The runs that may matter: long enough to confirm, near another, hopeless, or the first or last of their row."""
    near = np.flatnonzero(runs.start[1:] - runs.end[:-1] < rule.recovers_after)
    chosen = runs.end - runs.start >= rule.fails_after
    chosen &= runs.outcome == Outcome.DOWN
    bounds = runs.axis.bounds(runs.start)
    some = bounds[1:] > bounds[:-1]
    for at in (near, near + 1, hopeless, bounds[:-1][some], bounds[1:][some] - 1):
        chosen[at] = True
    return np.flatnonzero(chosen)


def _hopeless(grid: Grid, runs: Runs, unseen: Times, quorum: int) -> tuple[Spans, Times]:
    """The blind cells of slots that fewer than K locations saw, and the blind runs that have some.

    A location that was not expected did not see.
    """
    if not len(unseen):
        return Spans(), unseen
    axis, places = runs.axis, len(grid.locations)
    start, end = runs.start[unseen], runs.end[unseen]
    edges = np.stack((start, end), axis=1)
    enough = places - quorum + 1
    if enough == 1:
        return Spans.from_edges(edges), unseen
    shift = by_check(start, axis, places) - start
    absent = _absent(grid, axis)
    crowd = crowded(enough, np.concatenate((start + shift, absent[:, 0])), np.concatenate((end + shift, absent[:, 1])))
    if not len(crowd):
        return Spans(), unseen[:0]
    row = crowd[:, 0] // axis.width
    everywhere = (row * (places - 1) + np.arange(places)[:, None]) * axis.width  # from the check to its series
    there = Spans.from_edges((crowd + everywhere[:, :, None]).reshape(-1, 2))
    found = Spans.from_edges(edges) & there
    return found, unseen[np.unique(np.searchsorted(start, found.edges[:, 0], side="right") - 1)]


def _absent(grid: Grid, axis: Axis) -> Times:
    """The cells of checks, int64[n, 2], at which a location of theirs was not expected, once for each location."""
    first = grid.firsts
    slots = np.clip(grid.expected, first[:, None], grid.last)
    row = np.repeat(np.arange(grid.checks, dtype=np.int64), len(grid.locations))
    before = axis.cells(row[:, None], np.stack((first, slots[:, 0]), axis=1))
    since = axis.cells(row[:, None], np.stack((slots[:, 1], np.full(len(row), grid.last)), axis=1))
    edges = np.concatenate((before, since))
    return edges[edges[:, 0] < edges[:, 1]]


def _rows(streaks: Times, axis: Axis) -> Times:
    """The cells of one streak of slots for each row, without the empty ones."""
    some = streaks[:, 0] < streaks[:, 1]
    if not some.any():
        return NONE
    return np.stack((axis.at(streaks[:, 0]), axis.at(streaks[:, 1])), axis=1)[some]


def _with(edges: Times, *more: Times) -> Times:
    added = [other for other in more if len(other)]
    return Spans.from_edges(np.concatenate((edges, *added))).edges if added else edges


def _sorted(a: Times, b: Times) -> Times:
    edges = np.concatenate((a, b))
    return edges[np.argsort(edges[:, 0])]
