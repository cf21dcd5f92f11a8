"""Tracks of checks whose past is on a sheet of runs: it is detected for all at once, and never made into rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from makegood.engine.detect.follow import AT_HAND, Mark, Track, kept_slots
from makegood.engine.detect.forms import rows_of
from makegood.engine.detect.grid import only_checks
from makegood.engine.detect.outages import detect
from makegood.engine.detect.sheets import grid_of_runs
from makegood.model.detection import Detection
from makegood.model.grid import Carry, Past
from makegood.model.runs import RunResults, Sheet
from makegood.model.spans import Times


def started(
    checks: Sequence[RunResults], rules: Callable[[int], Sequence[Detection]], at_hand: int = AT_HAND
) -> Iterator[Track]:
    """A track for each of some checks of one sheet, in their order, that has heard all of its results.

    `rules` gives the rules of a check that so many locations watch; their slots are as long as those of the sheet.
    """
    alike, made = dict[tuple[str, ...], list[int]](), dict[int, Track]()
    for n, one in enumerate(checks):
        alike.setdefault(one.locations, []).append(n)
    for locations, numbers in alike.items():
        tracks = _alike([checks[n] for n in numbers], rules(len(locations)), at_hand)
        made |= dict(zip(numbers, tracks, strict=True))
    for n, one in enumerate(checks):
        _hear(made[n], one)
        yield made.pop(n)


def _alike(checks: Sequence[RunResults], rules: Sequence[Detection], at_hand: int) -> list[Track]:
    """The tracks of checks of the same locations, which have heard what is older than what is kept at hand."""
    sheet, places = checks[0].sheet, checks[0].locations
    watched = np.array([_watched(one) for one in checks], dtype=np.int64)
    marks = dict[int, Mark]()
    left, kept = np.arange(len(checks)), kept_slots(sheet.every, at_hand)
    # One slot serves all checks that are still probed; such as were taken away at some time have one of their own.
    while len(left):
        slot = int(watched[left, 1].max()) - kept
        ended, old = watched[left, 1] <= slot, watched[left, 0] < slot
        some = left[old & ~ended]
        if len(some) and rules:
            marks |= zip(some.tolist(), _marks([checks[n] for n in some.tolist()], slot, rules), strict=True)
        left = left[ended]
    return [Track(sheet.every, places, rules, at_hand, marks.get(n)) for n in range(len(checks))]


def _watched(one: RunResults) -> tuple[int, int]:
    """The first slot of a check with a result, and the slot after the last."""
    watched = one.sheet.watched[one.series]
    return int(watched[:, 0].min()), int(watched[:, 1].max())


def _marks(checks: Sequence[RunResults], slot: int, rules: Sequence[Detection]) -> Iterator[Mark]:
    """What is found in some checks before a slot, up to which each of them was watched."""
    grid = grid_of_runs(_before(checks, slot))
    read = {rule: detect(rule, grid) for rule in rules}
    for n in range(len(checks)):
        yield Mark(slot, {rule: (findings.of(n), _of(carry, n)) for rule, (findings, carry) in read.items()})


def _of(carry: Carry, check: int) -> Carry:
    """What is remembered of one check."""
    one = np.array([check])
    rows = rows_of(one, len(carry.unsettled.locations))
    past = Past(carry.past.favourable[rows], carry.past.unfavourable[rows], carry.past.failed[rows])
    grid = carry.unsettled
    there = grid.conflicts[np.isin(grid.conflicts[:, 1], rows)] - np.array([0, int(rows[0])])
    return Carry(past, replace(only_checks(grid, one), conflicts=there))


def _before(checks: Sequence[RunResults], slot: int) -> list[RunResults]:
    """The same checks on a sheet that ends at a slot. A location that was not seen by then begins with it."""
    sheet, places = checks[0].sheet, len(checks[0].locations)
    series = np.concatenate([np.arange(one.series.start, one.series.stop) for one in checks])
    count = np.diff(sheet.bounds)[series]
    at = np.arange(count.sum()) + np.repeat(sheet.bounds[series] - (np.cumsum(count) - count), count)
    kept = sheet.first[at] < slot
    at, row = at[kept], np.repeat(np.arange(len(series)), count)[kept]
    watched: Times = np.minimum(sheet.watched[series], slot)
    cut = Sheet(
        sheet.every, tuple(sheet.series[n] for n in series.tolist()), watched,
        np.searchsorted(row, np.arange(len(series) + 1)), sheet.first[at], np.minimum(sheet.end[at], slot),
        sheet.outcome[at],
    )  # fmt: skip
    return [
        RunResults(cut, slice(n * places, (n + 1) * places), one.latest, one.recorded_at)
        for n, one in enumerate(checks)
    ]


def _hear(track: Track, one: RunResults) -> None:
    """Let a track hear the results from where it stands."""
    parts = [one.sheet.rows(n, track.last) for n in range(one.series.start, one.series.stop)]
    location = np.repeat(np.arange(len(parts), dtype=np.int16), [len(slots) for slots, _ in parts])
    heard = track.hear(np.concatenate([s for s, _ in parts]), location, np.concatenate([o for _, o in parts]))
    assert heard, "nothing before the mark was heard again"
