"""Detection, composed: grid → success or failure of every slot, twice → failing locations → the service down.

`detect` is one function: fed slot by slot from its own carry, or once with years, it gives the same outages.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from makegood.engine.detect.confirm import failing
from makegood.engine.detect.grid import after, joined, served
from makegood.engine.detect.settle import serving, settled
from makegood.engine.detect.unseen import Sight, sighted
from makegood.model.detection import (
    Carry,
    Detected,
    Detection,
    Findings,
    Grid,
    Outcome,
    Past,
    Runs,
    quorum_of,
)
from makegood.model.spans import Span, Spans, at_least


def detect(detection: Detection, grid: Grid, carry: Carry | None = None) -> tuple[Findings, Carry]:
    """What was down, at best and at worst, on the slots of a grid and on those before it that were not settled.

    `carry` is what the call for the slots right before returned; without it nothing came before. Findings of later
    calls replace earlier ones from the later `span.start` on. Each instant down in the favourable run is down in the
    unfavourable one. Raises ValueError when grid, rule and carry are not of one check or do not meet, or the quorum
    cannot be reached.
    """
    if grid.every != detection.every:
        raise ValueError(f"the grid has slots of {grid.every} µs, the rule of {detection.every} µs")
    quorum = quorum_of(detection.locations, len(grid.locations))
    past, whole = (_nothing(grid), grid) if carry is None else (carry.past, joined(carry.unsettled, grid))
    whole = served(whole)
    sight = sighted(whole, past, quorum)
    slot, before = settled(sight, detection)
    kept = Carry(before, after(whole, slot))
    unsure = _provisional(kept, quorum, detection)
    best = _detected(sight.favourable, sight, quorum, detection)
    worst = best if sight.unfavourable is sight.favourable else _detected(sight.unfavourable, sight, quorum, detection)
    best, worst = (replace(run, provisional=spans) for run, spans in zip((best, worst), unsure, strict=True))
    return _findings(sight, grid, slot, best, worst), kept


def _nothing(grid: Grid) -> Past:
    empty = np.full((len(grid.locations), 2), grid.first, dtype=np.int64)
    return Past(empty, empty, np.zeros(len(grid.locations), dtype=np.bool_))


def _detected(failed: Spans, sight: Sight, quorum: int, rule: Detection) -> Detected:
    span = Span(sight.grid.first, sight.grid.last)
    cells = failing(failed, sight.grid.expected, span, sight.axis, rule)
    members = sight.axis.apart(cells, sight.grid.every, sight.grid.offset)
    down = at_least(quorum, members)
    is_open = down.hull is not None and down.hull.end == sight.grid.instant(sight.grid.last)
    return Detected(down, members, Spans(), is_open)


def _provisional(carry: Carry, quorum: int, detection: Detection) -> tuple[Spans, Spans]:
    """The unsettled time that what follows can still change, in both runs.

    More failures never make less downtime, so the future at its best and at its worst bounds every other.
    """
    grid = carry.unsettled
    if grid.first == grid.last:
        return Spans(), Spans()
    span = Span(grid.instant(grid.first), grid.instant(grid.last))
    futures = []
    for fails in (False, True):
        future = _followed(grid, max(detection.fails_after, detection.recovers_after), fails)
        sight = sighted(future, carry.past, quorum)
        runs = sight.favourable, sight.unfavourable
        futures.append([_detected(failed, sight, quorum, detection).down.within(span) for failed in runs])
    best, worst = (most - least for least, most in zip(*futures, strict=True))
    return best, worst


def _followed(grid: Grid, slots: int, fails: bool) -> Grid:
    """The grid and some slots after it, which are all up or, as far as a location goes on, all down."""
    here = np.flatnonzero(serving(grid)) if fails else np.empty(0, dtype=np.int64)
    shape = len(here)
    start, end = np.full(shape, grid.last), np.full(shape, grid.last + slots)
    runs = Runs(here, start, end, np.full(shape, Outcome.DOWN, dtype=np.int8))
    return served(joined(grid, replace(grid, first=grid.last, last=grid.last + slots, runs=runs)))


def _findings(sight: Sight, new: Grid, slot: int, best: Detected, worst: Detected) -> Findings:
    grid, axis = sight.grid, sight.axis
    blind = axis.apart(sight.blind, grid.every, grid.offset)
    slots = Spans.from_edges(axis.rows(np.clip(grid.expected, grid.first, grid.last)))
    expected = axis.apart(slots, grid.every, grid.offset)
    own = Span(grid.instant(new.first), grid.instant(new.last))
    due = np.maximum(np.diff(np.clip(grid.expected, new.first, new.last)), 0)[:, 0].tolist()
    unseen = [spans.within(own).total // grid.every if len(spans) else 0 for spans in blind]
    return Findings(
        span=Span(grid.instant(grid.first), grid.instant(grid.last)),
        settled=grid.instant(slot),
        favourable=best,
        unfavourable=worst,
        expected=expected,
        blind=blind,
        expected_slots=tuple(due),
        seen_slots=tuple(all_of - missed for all_of, missed in zip(due, unseen, strict=True)),
    )
