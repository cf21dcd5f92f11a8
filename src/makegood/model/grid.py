"""The results of checks on their slots, as runs or as bit planes, and what detection remembers between two grids.

A grid holds one check or many that share their slots' length and their locations. A *series* is one location of one
check: series `check * len(locations) + location`. Slot k of a check is `offset + k * every <= t < offset + (k + 1) *
every`, with the check's own offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from makegood.model.spans import Duration, Instant, Times, Truths

OPEN: int = 2**40
"""The last slot of a location that is still in use, and the first of one that was never seen: later than any real
one."""

WORD = 64
"""Slots in a word of a bit plane."""

Words: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis for all rows (the series of a grid, or its checks), so that one sorted sweep serves them all at once.

    Row i has the cells `i * width <= cell < (i + 1) * width`, in the order of its slots, the first being slot `origin`,
    with at least one unused cell at the end that keeps a run of one row from touching the next.
    """

    origin: int
    width: int
    rows: int
    zero: int = 0
    """The first cell of row 0."""

    def cells(self, row: Times, slot: Times | int) -> Times:
        """The cells of slots in rows, both int64[n]."""
        return row * self.width + (slot - self.origin + self.zero)

    def at(self, slot: Times | int) -> Times:
        """The cell in each row, int64[rows], of one slot, or of one slot for each row."""
        return self.cells(np.arange(self.rows, dtype=np.int64), slot)

    def row_of(self, cell: Times) -> Times:
        """The row of each cell, int64[n]."""
        return (cell - self.zero if self.zero else cell) // self.width

    def slot_of(self, cell: Times) -> Times:
        """The slot of one cell for each row, int64[rows]; the cell after a row's last is a slot too."""
        return cell - self.at(0)

    def bounds(self, starts: Times) -> Times:
        """int64[rows + 1]: where in sorted cells the cells of each row begin, and where the last end."""
        return np.searchsorted(starts, np.arange(self.rows + 1, dtype=np.int64) * self.width + self.zero)

    def moved(self, cells: Times, to: Axis) -> Times:
        """The same rows and slots as cells of an axis with another origin or width."""
        if self == to:
            return cells
        shift = self.origin - to.origin + to.zero - self.zero
        return cells + self.row_of(cells) * (to.width - self.width) + shift


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Maximal runs of slots that were not seen up, as cells of an axis whose rows are the series, sorted.

    `start` and `end` (half-open) are int64[n], `outcome` int8[n] is DOWN or UNKNOWN; a missing result is UNKNOWN. What
    is expected and in no run was seen up.
    """

    axis: Axis
    start: Times
    end: Times
    outcome: NDArray[np.int8]

    def on(self, axis: Axis) -> Runs:
        """The same runs as cells of an axis with another origin or width."""
        if axis == self.axis:
            return self
        start = self.axis.moved(self.start, axis)
        return Runs(axis, start, start + (self.end - self.start), self.outcome)

    def further(self, rows: Times | int, axis: Axis) -> Runs:
        """The runs so many rows further on, on an axis with as much origin and width and as many rows as that takes."""
        shift = rows * axis.width
        return Runs(axis, self.start + shift, self.end + shift, self.outcome)

    def of(self, series: int, outcome: int) -> Times:
        """The half-open runs of slots of one series with that outcome, int64[n, 2], sorted."""
        first = series * self.axis.width + self.axis.zero
        here = slice(*np.searchsorted(self.start, [first, first + self.axis.width]).tolist())
        edges = np.column_stack((self.start[here], self.end[here]))[self.outcome[here] == outcome]
        slots: Times = edges - (first - self.axis.origin)
        return slots


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """One bit a slot, for results that change too often for runs.

    `down` and `unknown` are uint64[series, words]; bit b of word w is slot `(word + w) * 64 + b`. A missing result is
    unknown. What is expected and set in neither was seen up; outside the grid nothing is set.
    """

    word: int
    down: Words
    unknown: Words


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The checks as seen on the slots `first <= k < last`, each check from its own first on, int64[checks].

    `offset` int64[checks] are the starts of their slots 0, in µs UTC. `expected` int64[series, 2] holds the half-open
    slots that each location was to serve, beyond the grid too: OPEN as the second says "still in use", OPEN as the
    first "not seen yet", or that it serves another check of the grid only. `conflicts` int64[n, 2] lists
    (slot, series) whose results disagree, sorted; such a slot is UNKNOWN.
    """

    locations: tuple[str, ...]
    offset: Times
    every: Duration
    first: Times
    last: int
    expected: Times
    seen: Runs | Planes
    conflicts: Times = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))

    @property
    def checks(self) -> int:
        return len(self.offset)

    @property
    def series(self) -> int:
        return len(self.offset) * len(self.locations)

    @property
    def firsts(self) -> Times:
        """The first slot of each series, int64[series]."""
        return np.repeat(self.first, len(self.locations))

    @property
    def axis(self) -> Axis:
        """The series, from the first slot of any check on."""
        return self.axis_from(int(self.first.min(initial=self.last)))

    def axis_from(self, origin: int) -> Axis:
        """The series, from a slot on."""
        return Axis(origin, self.last - origin + 1, self.series)

    def instant(self, check: int, slot: int) -> Instant:
        """The start of a slot."""
        return int(self.offset[check]) + slot * self.every


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """All that the time before a slot can still do to what follows, for each series.

    `favourable` and `unfavourable` int64[series, 2] are one streak of failed slots each (empty when start equals end)
    that leaves the location as the true past did: long enough and recent enough to be failing, or short and still
    growing. `failed` bool[series] says whether the last slot seen was a failure.
    """

    favourable: Times
    unfavourable: Times
    failed: Truths


@dataclass(frozen=True, slots=True, eq=False)
class Carry:
    """What detection remembers: the past up to the settled slot of each check, and all seen since as runs, which is
    read again with what follows."""

    past: Past
    unsettled: Grid
