"""Observations on slots as runs: what an archive keeps, read without going through rows.

A *series* is one location of one check. Its results are known by slot: slot k begins at `k * every` µs after 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from makegood.model.facts import UP, Results
from makegood.model.spans import Duration, Instant, Times

MISSING = 3
"""The outcome of a slot without a result, beside those of `model.facts`."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Many series on slots of one length.

    `series` are (check, location) in ascending order. `watched` int64[series, 2] are the slots from the first with a
    result up to that after the last. `first` and `end` int64[n] (half-open) and `outcome` int8[n] are the runs of slots
    within it that are DOWN, UNKNOWN or MISSING, in order of series and slot; every other slot within was seen
    up. `bounds` int64[series + 1] says where the runs of each series begin.
    """

    every: Duration
    series: tuple[tuple[str, str], ...]
    watched: Times
    bounds: Times
    first: Times
    end: Times
    outcome: NDArray[np.int8]

    def rows(self, series: int, since: int | None = None) -> tuple[Times, NDArray[np.int8]]:
        """The slots of one series that have a result, int64[n] ascending, and the outcomes, int8[n]; with `since` those
        from a slot on."""
        start, end = self.watched[series].tolist()
        here = slice(int(self.bounds[series]), int(self.bounds[series + 1]))
        if since is not None and since > start:
            start, end = since, max(since, end)
            here = slice(here.start + int(np.searchsorted(self.end[here], start, side="right")), here.stop)
        cells = np.full(end - start, UP, dtype=np.int8)
        for a, b, outcome in zip(
            self.first[here].tolist(), self.end[here].tolist(), self.outcome[here].tolist(), strict=True
        ):
            cells[max(a - start, 0) : b - start] = outcome
        there = np.flatnonzero(cells != MISSING)
        return there + start, cells[there]

    def seen(self, series: slice) -> int:
        """How many slots of some series have a result."""
        runs = slice(int(self.bounds[series.start]), int(self.bounds[series.stop]))
        missing = self.outcome[runs] == MISSING
        watched = self.watched[series]
        return int((watched[:, 1] - watched[:, 0]).sum() - (self.end[runs] - self.first[runs])[missing].sum())


class RunResults(Results):
    """The results of one check as some series of a sheet; the columns of rows are made when they are asked for.

    A row is known by its slot, in whose first instant it is said to have begun. `latest` is when the last of them
    became known; when each did is asked of `recorded_at`, with location and slot of all rows, which gives int64[n] µs.
    """

    def __init__(
        self,
        sheet: Sheet,
        series: slice,
        latest: Instant,
        recorded_at: Callable[[str, tuple[str, ...], Times, Times], Times],
    ) -> None:
        of = sheet.series[series]
        for name, value in (
            ("check", of[0][0]), ("locations", tuple(location for _, location in of)), ("sheet", sheet),
            ("series", series), ("latest", latest), ("recorded_at", recorded_at),
        ):  # fmt: skip
            self.__dict__[name] = value

    sheet: Sheet
    series: slice
    latest: Instant
    recorded_at: Callable[[str, tuple[str, ...], Times, Times], Times]

    def __len__(self) -> int:
        return self.sheet.seen(self.series)

    def by_location(self) -> Iterator[tuple[str, Times, NDArray[np.int8]]]:
        first = self.series.start
        for name, n in sorted((name, n) for n, name in enumerate(self.locations)):
            slots, outcome = self.sheet.rows(first + n)
            yield name, slots * self.sheet.every, outcome

    @cached_property
    def _columns(self) -> tuple[NDArray[np.int16], Times, NDArray[np.int8]]:
        parts = [self.sheet.rows(n) for n in range(self.series.start, self.series.stop)]
        location = np.repeat(np.arange(len(parts), dtype=np.int16), [len(slots) for slots, _ in parts])
        return location, np.concatenate([s for s, _ in parts]), np.concatenate([o for _, o in parts])

    @cached_property
    def begun(self) -> Times:
        return self._columns[1] * self.sheet.every

    @property
    def location(self) -> NDArray[np.int16]:
        return self._columns[0]

    @property
    def outcome(self) -> NDArray[np.int8]:
        return self._columns[2]

    @cached_property
    def recorded(self) -> Times:
        location, slot, _ = self._columns
        return self.recorded_at(self.check, self.locations, location.astype(np.int64), slot)

    def known_at(self, as_of: Instant) -> Results:
        """What was known at an instant: all of it as runs, or some of it as rows."""
        return self if self.latest <= as_of else super().known_at(as_of)
