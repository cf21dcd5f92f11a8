"""What detection finds: for all checks of a grid in arrays, and for one check as sets of spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from makegood.model.detection import Outcome
from makegood.model.grid import WORD, Axis, Grid, Planes, Words
from makegood.model.spans import Span, Spans, Times


@dataclass(frozen=True, slots=True)
class Detected:
    """The outcome of one run for one check, favourable or unfavourable.

    `failing` holds one set of spans for each location, `down` the instants at which at least K of them fail.
    `provisional` is exactly the time whose place in `down` what is still to come can change; `open` says that the last
    instant is down.
    """

    down: Spans
    failing: tuple[Spans, ...]
    provisional: Spans
    open: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What was detected of one check over `span`; it replaces all that earlier findings said about that span.

    `span` begins where the findings before it were settled; before `settled` nothing can change any more, unless a
    result comes late. `favourable` takes a blind slot as good, `unfavourable` as bad where it may have been. `expected`
    and `blind` are the spans that each location was to serve, and those of them it did not see; `expected_slots` and
    `seen_slots` count the slots of the newly read grid only, so that they add up over several.
    """

    span: Span
    settled: int
    favourable: Detected
    unfavourable: Detected
    expected: tuple[Spans, ...]
    blind: tuple[Spans, ...]
    expected_slots: tuple[int, ...]
    seen_slots: tuple[int, ...]


class Marks(Protocol):
    """Slots that are marked in each row: a check, or a series."""

    def of(self, row: int) -> Times:
        """The marked slots of one row as half-open runs int64[n, 2], sorted and apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Marks as runs of cells of an axis, int64[n, 2], sorted and apart."""

    axis: Axis
    edges: Times

    def of(self, row: int) -> Times:
        first = row * self.axis.width + self.axis.zero
        here = slice(*np.searchsorted(self.edges[:, 0], [first, first + self.axis.width]).tolist())
        return self.edges[here] - (first - self.axis.origin)


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """Marks as bits, uint64[rows, words]: bit b of word w is slot `(word + w) * 64 + b`."""

    word: int
    words: Words

    def of(self, row: int) -> Times:
        bits = np.unpackbits(self.words[row].view(np.uint8), bitorder="little").view(np.int8)
        changes = np.flatnonzero(np.diff(bits, prepend=np.int8(0), append=np.int8(0)))
        return changes.reshape(-1, 2) + self.word * WORD


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The outcome of one run for all checks: marks by check, and `failing` by series."""

    down: Marks
    failing: Marks
    provisional: Marks


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What was detected of all checks of a grid, in arrays; one check becomes objects when it is asked for.

    `grid` is what was judged: the slots newly read and those before them that were not settled, cut to what was
    expected. The new ones begin at slot `begin`. `settled` int64[checks] is the first slot of each check that may still
    change.
    """

    grid: Grid
    begin: int
    settled: Times
    favourable: Found
    unfavourable: Found

    def __len__(self) -> int:
        return self.grid.checks

    def __iter__(self) -> Iterator[Finding]:
        return (self.of(check) for check in range(len(self)))

    def of(self, check: int) -> Finding:
        """What was detected of one check."""
        grid = self.grid
        offset, first, last = int(grid.offset[check]), int(grid.first[check]), grid.last

        def time(slots: Times) -> Spans:
            return Spans.from_edges(slots * grid.every + offset)

        places = len(grid.locations)
        series = range(check * places, (check + 1) * places)
        expected = np.clip(grid.expected[series.start : series.stop], first, last)
        blind = [_unknown(grid, row) for row in series]
        new = [_total(np.maximum(runs, self.begin)) for runs in blind]
        due = [_total(np.maximum(served, self.begin)[None]) for served in expected]

        def detected(run: Found) -> Detected:
            down = run.down.of(check)
            return Detected(
                time(down),
                tuple(time(run.failing.of(row)) for row in series),
                time(run.provisional.of(check)),
                bool(len(down)) and int(down[-1, 1]) == last,
            )

        return Finding(
            span=Span(grid.instant(check, first), grid.instant(check, last)),
            settled=grid.instant(check, int(self.settled[check])),
            favourable=detected(self.favourable),
            unfavourable=detected(self.unfavourable),
            expected=tuple(time(served[None]) for served in expected),
            blind=tuple(time(runs) for runs in blind),
            expected_slots=tuple(due),
            seen_slots=tuple(all_of - missed for all_of, missed in zip(due, new, strict=True)),
        )


def _unknown(grid: Grid, series: int) -> Times:
    seen = grid.seen
    if isinstance(seen, Planes):
        return Bits(seen.word, seen.unknown).of(series)
    return seen.of(series, Outcome.UNKNOWN)


def _total(runs: Times) -> int:
    return int((runs[:, 1] - runs[:, 0]).sum())
