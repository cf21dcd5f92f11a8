"""From results to slots: the grid that detection reads.

Reading every result once, without sorting, is what most of the time goes into; all that follows costs by changes, or by
64 slots at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.forms import as_planes, as_runs, cut_planes, dense, paint_runs, rows_of
from makegood.model.detection import Observations, Outcome
from makegood.model.grid import OPEN, WORD, Axis, Grid, Planes, Runs, Words
from makegood.model.spans import Duration, Instant, Times, Truths

MISSING = 3
ROWS = 1 << 15
"""How many results are read at once: few enough that all passes over them stay in the processor's cache."""


def slotted(
    begun: Times,
    location: NDArray[np.integer],
    outcome: NDArray[np.int8],
    locations: tuple[str, ...],
    offset: Instant,
    every: Duration,
) -> Observations:
    """Put results into slots: each belongs to the slot in which it began, `begun` being int64[n] microseconds UTC."""
    return Observations(locations, offset, every, (begun - offset) // every, location, outcome)


def gridded(observations: Observations, first: int, last: int, expected: Times | None = None) -> Grid:
    """The results of one check on the slots `first <= k < last`; those of other slots are left out.

    Equal results for one slot and location are one. Different ones contradict each other: they are listed, and the slot
    is unknown. Neither the order of the rows nor repeats matter. `expected` int64[locations, 2] says which slots each
    location was to serve (half-open, in slots, cut by `detect`); without it, a location serves from its first result in
    the grids on. The grid is of runs, or of bit planes where it flaps. Raises ValueError for a range that ends before
    it starts, an unknown outcome or a location out of range.
    """
    if last < first:
        raise ValueError(f"a grid cannot end (slot {last}) before it starts (slot {first})")
    names, width = len(observations.locations), last - first + 1
    cells = np.full(names * width, MISSING, dtype=np.int8)
    conflicts = _scatter(observations, first, last, cells)
    matrix = cells.reshape(names, width)
    if expected is None:
        expected = _since_first_seen(matrix[:, :-1], first)
    matrix[:, -1] = Outcome.UP
    np.minimum(cells, np.int8(Outcome.UNKNOWN), out=cells)
    changes = np.flatnonzero(cells[1:] != cells[:-1]) + 1
    axis = Axis(first, width, names)
    flapping = dense(len(changes) // 2, width - 1, names)
    seen = _planes(matrix[:, :-1], first) if flapping else _runs(cells, changes, axis)
    offset, firsts = np.array([observations.offset], dtype=np.int64), np.array([first], dtype=np.int64)
    return Grid(observations.locations, offset, observations.every, firsts, last, expected, seen, conflicts)


def together(grids: Sequence[Grid]) -> Grid:
    """Several grids as one of all their checks, so that one sweep serves them.

    They must have the same locations, length of slots and last slot, and become planes where one of them is. Raises
    ValueError when they do not fit or there is none.
    """
    if not grids:
        raise ValueError("no grid, no checks")
    one = grids[0]
    if any((g.locations, g.every, g.last) != (one.locations, one.every, one.last) for g in grids):
        raise ValueError("the grids do not have the same locations and slots")
    first = np.concatenate([g.first for g in grids])
    before = np.cumsum([0, *(g.series for g in grids)])
    conflicts = np.concatenate([g.conflicts + np.array([0, n]) for g, n in zip(grids, before, strict=False)])
    conflicts = conflicts[np.lexsort((conflicts[:, 1], conflicts[:, 0]))]
    whole = replace(
        one,
        offset=np.concatenate([g.offset for g in grids]),
        first=first,
        expected=np.concatenate([g.expected for g in grids]),
        conflicts=conflicts,
    )
    if any(isinstance(g.seen, Planes) for g in grids):
        return replace(whole, seen=_stacked([as_planes(g).seen for g in grids]))
    axis, runs = whole.axis, [(g.seen, n) for g, n in zip(grids, before.tolist(), strict=False)]
    parts = [r.on(replace(axis, rows=r.axis.rows)).further(n, axis) for r, n in runs if isinstance(r, Runs)]
    return replace(whole, seen=_one_after_other(axis, parts))


def served(grid: Grid) -> Grid:
    """The grid cut to the slots that each location was to serve."""
    expected = grid.expected
    if expected[:, 0].max(initial=-OPEN) <= grid.first.min(initial=0) and (expected[:, 1] >= grid.last).all():
        return grid
    return _cut(grid, expected)


def _cut(grid: Grid, slots: Times) -> Grid:
    """The grid cut to half-open slots of each series, int64[series, 2]; those that end before they begin are none."""
    if isinstance(grid.seen, Planes):
        return replace(grid, seen=cut_planes(grid.seen, slots))
    runs = grid.seen
    row = runs.axis.row_of(runs.start)
    inside = np.clip(slots, runs.axis.origin, grid.last)
    start = np.maximum(runs.start, runs.axis.at(inside[:, 0])[row])
    end = np.minimum(runs.end, runs.axis.at(inside[:, 1])[row])
    kept = start < end
    return replace(grid, seen=Runs(runs.axis, start[kept], end[kept], runs.outcome[kept]))


def joined(earlier: Grid, later: Grid) -> Grid:
    """Two grids of the same checks, the later from the slot where the earlier ends, which is of runs.

    A location of the earlier grid began when that says, and if it had ended it stays ended. Raises ValueError when they
    are not of the same checks with the same locations, do not meet, or the later ends a location within the earlier.
    """
    _must_follow(earlier, later)
    began, ended = earlier.expected[:, 0] < earlier.last, earlier.expected[:, 1] <= earlier.last
    since = np.where(began, earlier.expected[:, 0], np.maximum(later.expected[:, 0], earlier.last))
    until = np.where(ended, earlier.expected[:, 1], later.expected[:, 1])
    whole = replace(later, first=earlier.first, expected=np.stack((since, until), axis=1))
    assert isinstance(earlier.seen, Runs)
    if isinstance(later.seen, Planes):
        word = min(later.seen.word, int(earlier.first.min(initial=later.last)) // WORD)
        planes = widened(later.seen, word, later.seen.word + later.seen.down.shape[1])
        paint_runs(planes, earlier.seen)
        return replace(whole, seen=planes)
    axis = whole.axis
    if not len(earlier.seen.start):
        return replace(whole, seen=later.seen.on(axis))
    return replace(whole, seen=_merged(axis, earlier.seen.on(axis), later.seen.on(axis)))


def widened(planes: Planes, word: int, end: int) -> Planes:
    """The planes with the words from `word` up to `end`, copied."""
    before, after = planes.word - word, end - planes.word - planes.down.shape[1]
    return Planes(word, *(np.pad(plane, ((0, 0), (before, after))) for plane in (planes.down, planes.unknown)))


def after(grid: Grid, slot: Times) -> Grid:
    """The part of a grid from a slot of each check on, int64[checks], as runs."""
    rest = replace(grid, first=slot)
    later = grid.conflicts[grid.conflicts[:, 0] >= rest.firsts[grid.conflicts[:, 1]]]
    pending = np.flatnonzero(slot < grid.last)
    none = np.empty(0, dtype=np.int64)
    axis = rest.axis
    empty = Runs(axis, none, none, none.astype(np.int8))
    if not len(pending):
        return replace(rest, seen=empty, conflicts=later)
    # A check that is settled to its end has nothing left: only the others are looked at.
    some = replace(only_checks(_from_word(grid, int(slot.min()) // WORD), pending), first=slot[pending])
    some = as_runs(_cut(some, np.column_stack((some.firsts, np.full(some.series, grid.last)))))
    assert isinstance(some.seen, Runs)
    row = some.seen.axis.row_of(some.seen.start)
    series = rows_of(pending, len(grid.locations))
    there = some.seen.on(replace(axis, rows=some.series))
    return replace(rest, seen=there.further(series[row] - row, axis), conflicts=later)


def _from_word(grid: Grid, word: int) -> Grid:
    """The grid without the words of its planes before one of them."""
    if not isinstance(grid.seen, Planes):
        return grid
    seen, before = grid.seen, max(0, word - grid.seen.word)
    return replace(grid, seen=Planes(seen.word + before, seen.down[:, before:], seen.unknown[:, before:]))


def only_checks(grid: Grid, checks: Times) -> Grid:
    """Some checks of a grid, in ascending order; their conflicts are left out."""
    series = rows_of(checks, len(grid.locations))
    part = replace(
        grid, offset=grid.offset[checks], first=grid.first[checks], expected=grid.expected[series],
        conflicts=np.empty((0, 2), dtype=np.int64),
    )  # fmt: skip
    if isinstance(grid.seen, Planes):
        seen = grid.seen
        return replace(part, seen=Planes(seen.word, seen.down[series], seen.unknown[series]))
    runs = grid.seen
    bounds = runs.axis.bounds(runs.start)
    count = (bounds[1:] - bounds[:-1])[series]
    at = np.arange(count.sum()) + np.repeat(bounds[series] - (np.cumsum(count) - count), count)
    shift = np.repeat((np.arange(len(series)) - series) * runs.axis.width, count)
    axis = replace(runs.axis, rows=len(series))
    return replace(part, seen=Runs(axis, runs.start[at] + shift, runs.end[at] + shift, runs.outcome[at]))


def in_blocks(grid: Grid, checks: int) -> Iterator[tuple[int, Grid]]:
    """The grid some checks at a time, with the number of the first of them; conflicts are left out."""
    if grid.checks <= checks:
        yield 0, grid
        return
    places = len(grid.locations)
    none = np.empty((0, 2), dtype=np.int64)
    for begin in range(0, grid.checks, checks):
        here = slice(begin, begin + checks)
        rows = slice(begin * places, (begin + checks) * places)
        part = replace(
            grid, offset=grid.offset[here], first=grid.first[here], expected=grid.expected[rows], conflicts=none
        )
        if isinstance(grid.seen, Planes):
            seen: Runs | Planes = Planes(grid.seen.word, grid.seen.down[rows], grid.seen.unknown[rows])
        else:
            runs, base = grid.seen, rows.start * grid.seen.axis.width
            at = slice(*np.searchsorted(runs.start, [base, base + part.series * runs.axis.width]).tolist())
            seen = Runs(replace(runs.axis, rows=part.series, zero=base), runs.start[at], runs.end[at], runs.outcome[at])
        yield begin, replace(part, seen=seen)


def _must_follow(earlier: Grid, later: Grid) -> None:
    same = (earlier.locations, earlier.every) == (later.locations, later.every)
    if not same or not np.array_equal(earlier.offset, later.offset):
        raise ValueError("the grids are not of one check with the same slots and locations")
    if (later.first != earlier.last).any():
        first = int(later.first[later.first != earlier.last][0])
        raise ValueError(f"the later grid begins at slot {first}, the earlier ends at {earlier.last}")
    began, ended = earlier.expected[:, 0] < earlier.last, earlier.expected[:, 1] <= earlier.last
    if (began & ~ended & (later.expected[:, 1] < earlier.last)).any():
        raise ValueError(
            f"a location ended before slot {earlier.last}, up to which it was read as expected: read it again"
        )


def _scatter(observations: Observations, first: int, last: int, cells: NDArray[np.int8]) -> Times:
    """Write the outcomes into the cells, all MISSING; the conflicts as (slot, location), int64[n, 2]."""
    width, rows = last - first + 1, 0
    for at, outcome in _placed(observations, first, last):
        cells[at] = outcome
        rows += len(at)
    if rows == np.count_nonzero(cells != MISSING):
        return np.empty((0, 2), dtype=np.int64)
    # Some were repeated: what a later row overwrote shows only now that all are written.
    torn = np.unique(np.concatenate([at[cells[at] != said] for at, said in _placed(observations, first, last)]))
    cells[torn] = Outcome.UNKNOWN
    where = np.column_stack((torn % width + first, torn // width))
    return where[np.lexsort((where[:, 1], where[:, 0]))]


def _placed(observations: Observations, first: int, last: int) -> Iterator[tuple[Times, NDArray[np.int8]]]:
    """The cell, int64[n], and outcome of the results in the grid, some rows at a time."""
    names, width = len(observations.locations), last - first + 1
    for begin in range(0, len(observations.slot), ROWS):
        part = slice(begin, begin + ROWS)
        slot, location, outcome = observations.slot[part], observations.location[part], observations.outcome[part]
        if slot.min() < first or slot.max() >= last:
            chosen = (slot >= first) & (slot < last)
            slot, location, outcome = slot[chosen], location[chosen], outcome[chosen]
        _must_name(location, names, outcome)
        at = np.multiply(location, width, dtype=np.int64)
        at += slot
        at -= first
        yield at, outcome


def _must_name(location: NDArray[np.integer], names: int, outcome: NDArray[np.int8]) -> None:
    if len(location) and (location.min() < 0 or location.max() >= names):
        raise ValueError(f"a result names a location that is none of the {names}")
    if len(outcome) and (outcome.min() < Outcome.UP or outcome.max() > Outcome.UNKNOWN):
        raise ValueError("an outcome is up (0), down (1) or unknown (2)")


def _since_first_seen(matrix: NDArray[np.int8], first: int) -> Times:
    seen = matrix != MISSING
    since = np.where(seen.any(axis=1), seen.argmax(axis=1) + first, OPEN)
    return np.stack((since, np.full(len(since), OPEN)), axis=1).astype(np.int64)


def _runs(cells: NDArray[np.int8], changes: Times, axis: Axis) -> Runs:
    """The maximal runs of cells that are not up; the last cell of each row is up and keeps rows apart."""
    starts = np.concatenate((np.zeros(min(len(cells), 1), dtype=np.int64), changes))
    ends = np.concatenate((changes, np.full(min(len(cells), 1), len(cells), dtype=np.int64)))
    outcome = cells[starts]
    bad = outcome != Outcome.UP
    return Runs(axis, starts[bad], ends[bad], outcome[bad])


def _planes(matrix: NDArray[np.int8], first: int) -> Planes:
    """The bits of outcomes int8[series, slots]."""
    word, before = divmod(first, WORD)
    words = (before + matrix.shape[1]) // WORD + 1

    def packed(marks: Truths) -> Words:
        padded = np.zeros((len(matrix), words * WORD), dtype=np.bool_)
        padded[:, before : before + matrix.shape[1]] = marks
        return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)

    return Planes(word, packed(matrix == Outcome.DOWN), packed(matrix == Outcome.UNKNOWN))


def _stacked(parts: Sequence[Runs | Planes]) -> Planes:
    """The planes of several grids, over the words of all of them."""
    planes = [part for part in parts if isinstance(part, Planes)]
    word = min(p.word for p in planes)
    end = max(p.word + p.down.shape[1] for p in planes)
    wide = [widened(p, word, end) for p in planes]
    return Planes(word, np.concatenate([p.down for p in wide]), np.concatenate([p.unknown for p in wide]))


def _one_after_other(axis: Axis, parts: Sequence[Runs]) -> Runs:
    return Runs(
        axis, np.concatenate([p.start for p in parts]), np.concatenate([p.end for p in parts]),
        np.concatenate([p.outcome for p in parts]),
    )  # fmt: skip


def _merged(axis: Axis, a: Runs, b: Runs) -> Runs:
    """Runs of one axis in order, those that touch and say the same as one."""
    both = _one_after_other(axis, (a, b))
    order = np.argsort(both.start, kind="stable")
    start, end, outcome = both.start[order], both.end[order], both.outcome[order]
    one = (start[1:] == end[:-1]) & (outcome[1:] == outcome[:-1])
    head, tail = np.concatenate(([True], ~one)), np.concatenate((~one, [True]))
    return Runs(axis, start[head], end[tail], outcome[head])
