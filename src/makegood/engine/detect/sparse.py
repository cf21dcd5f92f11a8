"""The two runs on a grid of runs: its cost follows the changes.

Most runs cannot matter, since they are too short to confirm anything and far from all others: these are dropped before
anything is made of them, unless they lie at the edge of the grid, where more may follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from makegood.engine.detect.confirm import Standing, Streaks, Stretches, dated, standing, stretches
from makegood.engine.detect.sweep import among, by_check, crowded, of_checks
from makegood.model.detection import Detection, Outcome
from makegood.model.findings import Cells, Marks
from makegood.model.grid import Axis, Grid, Past, Runs
from makegood.model.spans import Spans, Times, Truths


@dataclass(frozen=True, eq=False)
class RunSight:
    """A `Sight` of runs: `runs` are all of the grid's, on the axis.

    `near` are those of them that may matter. `beside` bool[near] says which are blind and have an observed failure
    right before or after them; `hopeless` are the blind cells that not enough other locations saw either.
    """

    grid: Grid
    past: Past
    rule: Detection
    quorum: int
    runs: Runs
    near: Runs
    beside: Truths
    hopeless: Spans

    @property
    def axis(self) -> Axis:
        return self.runs.axis

    @cached_property
    def differ(self) -> bool:
        return bool(self._differing.any())

    @cached_property
    def _differing(self) -> Truths:
        """The checks in which the runs differ."""
        series = (self.past.favourable != self.past.unfavourable).any(axis=1)
        added = np.concatenate((self.near.start[self.beside], self.hopeless.edges[:, 0]))
        series[self.axis.row_of(added)] = True
        checks: Truths = series.reshape(self.grid.checks, -1).any(axis=1)
        return checks

    @cached_property
    def favourable(self) -> Streaks:
        """The failures of the favourable run."""
        failed = self.near.outcome == Outcome.DOWN
        return self._with(self.near.start[failed], self.near.end[failed], _rows(self.past.favourable, self.axis))

    @cached_property
    def unfavourable(self) -> Streaks:
        """The failures of the unfavourable run, of the checks in which it differs."""
        failed = (self.near.outcome == Outcome.DOWN) | self.beside
        start, end = self.near.start[failed], self.near.end[failed]
        first = np.ones(len(start), dtype=np.bool_)
        np.not_equal(start[1:], end[:-1], out=first[1:])
        last = np.ones(len(start), dtype=np.bool_)
        last[:-1] = first[1:]
        added = self.hopeless.edges, _rows(self.past.unfavourable, self.axis)
        return self._with(start[first], end[last], *added).of(self._of_checks(self._differing), self.axis)

    @cached_property
    def _best(self) -> Stretches:
        return stretches(self.favourable, self.axis, self.rule)

    @cached_property
    def _worst(self) -> Stretches:
        return stretches(self.unfavourable, self.axis, self.rule)

    @cached_property
    def _best_down(self) -> tuple[Times, Times]:
        return self._down(self._best)

    def detected(self, worst: bool) -> tuple[Times, Marks]:
        if not worst:
            return self._best_down[0], Cells(self.axis, self._best_down[1])
        down, failing = self._down(self._worst)
        if not self._differing.all():
            same = ~self._differing
            down = _sorted(down, _in(self._best_down[0], same, of_checks(self.axis, self.grid.checks)))
            failing = _sorted(failing, _in(self._best_down[1], self._of_checks(same), self.axis))
        return down, Cells(self.axis, failing)

    @cached_property
    def _ends(self) -> tuple[Standing, Standing]:
        """How the series stand at the end of the grid, in the favourable and in the unfavourable run."""
        end = self.axis.at(self.grid.last)
        best = standing(self.favourable, end, self.axis, self.rule, self._best)
        worst = standing(self.unfavourable, end, self.axis, self.rule, self._worst) if self.differ else best
        return best, worst

    def standing(self, worst: bool, cut: Times) -> Standing:
        best, other = self._ends
        early = cut < self.axis.at(self.grid.last)
        if early.any():
            best, other = (
                ends.with_rows(early, standing(failed.of(early, self.axis), cut, self.axis, self.rule))
                for ends, failed in ((best, self.favourable), (other, self.unfavourable))
            )
        return best.with_rows(self._of_checks(self._differing), other) if worst and self.differ else best

    def known_until(self, end: Times) -> Times:
        trailing = (self.near.outcome == Outcome.UNKNOWN) & ~self.beside
        trailing[trailing] = among(self.near.end[trailing], end)
        if not trailing.any():
            return end
        blind = Spans.from_edges(np.stack((self.near.start[trailing], self.near.end[trailing]), axis=1))
        waiting = (blind - self.hopeless).edges[:, 0][::-1]
        known = end.copy()
        known[self.axis.row_of(waiting)] = waiting
        return known

    def failed_before(self, slot: Times) -> Truths:
        cut, first = self.axis.at(slot), self.axis.at(self.grid.firsts)
        at = np.searchsorted(self.runs.start, cut) - 1
        start, end, outcome = _at(self.runs, at)
        unseen = (outcome == Outcome.UNKNOWN) & (end >= cut)
        cut = np.where(unseen, np.maximum(start, first), cut)
        _, end, outcome = _at(self.runs, np.where(unseen, at - 1, at))
        failed: Truths = (outcome == Outcome.DOWN) & (end >= cut) | (self.past.failed & (cut == first))
        return failed

    def _of_checks(self, checks: Truths) -> Truths:
        return np.repeat(checks, len(self.grid.locations))

    def _with(self, start: Times, end: Times, *more: Times) -> Streaks:
        added = [edges for edges in more if len(edges)]
        if not added:
            return Streaks(start, end)
        edges = Spans.from_edges(np.concatenate((np.stack((start, end), axis=1), *added))).edges
        return Streaks(*np.ascontiguousarray(edges.T))

    def _down(self, found: Stretches) -> tuple[Times, Times]:
        """The cells of checks that are down, and those of series that are failing, int64[n, 2] each."""
        grid, axis = self.grid, self.axis
        failing = dated(found, grid.expected, grid.firsts, grid.last, axis, self.rule)
        shift = by_check(failing.start, axis, len(grid.locations)) - failing.start
        down = crowded(self.quorum, failing.start + shift, failing.end + shift)
        return down, np.stack((failing.start, failing.end), axis=1)


def sight_of_runs(grid: Grid, past: Past, quorum: int, rule: Detection) -> RunSight:
    """What fails in either run, on a grid of runs that is cut to what was expected."""
    assert isinstance(grid.seen, Runs)
    runs = grid.seen.on(axis_with(grid, past))
    hopeless, which = _hopeless(grid, runs, quorum)
    chosen = _chosen(runs, rule, which)
    near = Runs(runs.axis, runs.start[chosen], runs.end[chosen], runs.outcome[chosen])
    # Runs that touch are of one location, and of two a failed and a blind one.
    touch = near.start[1:] == near.end[:-1]
    beside = np.zeros(len(near.start), dtype=np.bool_)
    beside[1:] = touch
    beside[:-1] |= touch
    if past.failed.any():
        beside |= among(near.start, runs.axis.at(grid.firsts)[past.failed])
    beside &= near.outcome == Outcome.UNKNOWN
    return RunSight(grid, past, rule, quorum, runs, near, beside, hopeless)


def axis_with(grid: Grid, past: Past) -> Axis:
    """An axis that holds the grid's slots and the streaks that stand for the past before them."""
    origin = int(grid.first.min(initial=grid.last))
    for streak in (past.favourable, past.unfavourable):
        origin = int(streak[:, 0].min(initial=origin, where=streak[:, 0] < streak[:, 1]))
    axis = grid.axis_from(origin)
    if isinstance(grid.seen, Runs) and replace(grid.seen.axis, zero=0) == axis:
        return grid.seen.axis
    return axis


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


def _hopeless(grid: Grid, runs: Runs, quorum: int) -> tuple[Spans, Times]:
    """The blind cells of slots that fewer than K locations saw, and the blind runs that have some.

    A location that was not expected did not see.
    """
    unseen = np.flatnonzero(runs.outcome == Outcome.UNKNOWN)
    if not len(unseen):
        return Spans(), unseen
    axis, places = runs.axis, len(grid.locations)
    start, end = runs.start[unseen], runs.end[unseen]
    enough = places - quorum + 1
    if enough == 1:
        return Spans.from_edges(np.stack((start, end), axis=1)), unseen
    checks = of_checks(axis, grid.checks)
    starts = by_check(start, axis, places)
    ends = starts + (end - start)
    absent = _absent(grid, checks)
    if not len(absent):
        near = _near(enough, starts, ends, checks)
        unseen, start, end, starts, ends = unseen[near], start[near], end[near], starts[near], ends[near]
    crowd = crowded(enough, np.concatenate((starts, absent[:, 0])), np.concatenate((ends, absent[:, 1])))
    if not len(crowd):
        return Spans(), unseen[:0]
    row = crowd[:, 0] // axis.width
    everywhere = axis.zero + (row * (places - 1) + np.arange(places)[:, None]) * axis.width  # from check to series
    there = Spans.from_edges((crowd + everywhere[:, :, None]).reshape(-1, 2))
    found = Spans.from_edges(np.stack((start, end), axis=1)) & there
    return found, unseen[np.unique(np.searchsorted(start, found.edges[:, 0], side="right") - 1)]


def _near(k: int, start: Times, end: Times, checks: Axis) -> Times:
    """The numbers of the spans in checks where k begin so near each other that the longest of all could reach that far.

    In all other checks k of them never hold at once, and in most checks that is so.
    """
    begins = np.sort(start)
    reach = begins[k - 1 :] - begins[: max(len(begins) - k + 1, 0)] < (end - start).max()
    if not reach.any():
        return np.empty(0, dtype=np.int64)
    some = np.zeros(checks.rows, dtype=np.bool_)
    some[checks.row_of(begins[k - 1 :][reach])] = True
    return np.flatnonzero(some[checks.row_of(start)])


def _absent(grid: Grid, axis: Axis) -> Times:
    """The cells of checks, int64[n, 2], at which a location of theirs was not expected, once for each location."""
    first = grid.firsts
    if (grid.expected[:, 0] <= first).all() and (grid.expected[:, 1] >= grid.last).all():
        return np.empty((0, 2), dtype=np.int64)
    slots = np.clip(grid.expected, first[:, None], grid.last)
    row = np.repeat(np.arange(grid.checks, dtype=np.int64), len(grid.locations))
    before = axis.cells(row[:, None], np.stack((first, slots[:, 0]), axis=1))
    since = axis.cells(row[:, None], np.stack((slots[:, 1], np.full(len(row), grid.last)), axis=1))
    edges = np.concatenate((before, since))
    return edges[edges[:, 0] < edges[:, 1]]


def _rows(streaks: Times, axis: Axis) -> Times:
    """The cells of one streak of slots for each row, int64[n, 2], without the empty ones."""
    some = np.flatnonzero(streaks[:, 0] < streaks[:, 1])
    return axis.at(0)[some][:, None] + streaks[some]


def _at(runs: Runs, at: Times) -> tuple[Times, Times, Times]:
    """Start, end and outcome of some runs; before the first lies one that is up."""
    there = at >= 0
    if not len(runs.start):
        return np.full(len(at), -1), np.full(len(at), -1), np.full(len(at), int(Outcome.UP))
    start, end, outcome = runs.start[at], runs.end[at], runs.outcome[at]
    return np.where(there, start, -1), np.where(there, end, -1), np.where(there, outcome, Outcome.UP).astype(np.int64)


def _in(edges: Times, rows: Truths, axis: Axis) -> Times:
    return edges[rows[axis.row_of(edges[:, 0])]]


def _sorted(a: Times, b: Times) -> Times:
    edges = np.concatenate((a, b))
    return edges[np.argsort(edges[:, 0], kind="stable")]
