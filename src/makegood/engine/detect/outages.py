"""Detection, composed: grid → success or failure of every slot, twice → failing locations → the service down.

`detect` is one function: fed slot by slot from its own carry, or once with years, it gives the same outages.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from makegood.engine.detect.axis import Axis
from makegood.engine.detect.confirm import failing
from makegood.engine.detect.grid import after, joined, served
from makegood.engine.detect.settle import past_at, serving, settled_slot
from makegood.engine.detect.unseen import cells_of, favourable, unfavourable
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
    axis = Axis.of(whole, past)
    failed = favourable(whole, past, axis), unfavourable(whole, past, axis, quorum)
    slot = settled_slot(*failed, whole, past, axis, quorum, detection)
    kept = Carry(past_at(slot, *failed, whole, past, axis, detection), after(whole, slot))
    unsure = _provisional(kept, quorum, detection)
    best, worst = (
        _detected(cells, whole, axis, quorum, detection, open_to_change)
        for cells, open_to_change in zip(failed, unsure, strict=True)
    )
    return _findings(whole, grid, axis, slot, best, worst), kept


def _nothing(grid: Grid) -> Past:
    empty = np.full((len(grid.locations), 2), grid.first, dtype=np.int64)
    return Past(empty, empty, np.zeros(len(grid.locations), dtype=np.bool_))


def _failing(failed: Spans, grid: Grid, axis: Axis, detection: Detection) -> tuple[Spans, ...]:
    """The slots of the grid at which each location is failing."""
    until = axis.at(np.clip(grid.expected[:, 1], axis.origin, grid.last))
    span = Span(grid.first, grid.last)
    return tuple(slots.within(span) for slots in axis.apart(failing(failed, until, axis, detection)))


def _detected(failed: Spans, grid: Grid, axis: Axis, quorum: int, rule: Detection, unsure: Spans) -> Detected:
    members = _failing(failed, grid, axis, rule)
    down = at_least(quorum, members)
    is_open = down.hull is not None and down.hull.end == grid.last
    return Detected(_timed(down, grid), tuple(_timed(m, grid) for m in members), _timed(unsure, grid), is_open)


def _provisional(carry: Carry, quorum: int, detection: Detection) -> tuple[Spans, Spans]:
    """The unsettled slots that what follows can still change, in both runs.

    More failures never make less downtime, so the future at its best and at its worst bounds every other.
    """
    grid = carry.unsettled
    if grid.first == grid.last:
        return Spans(), Spans()
    span = Span(grid.first, grid.last)
    bounds = []
    for fails in (False, True):
        future = _followed(grid, max(detection.fails_after, detection.recovers_after), fails)
        axis = Axis.of(future, carry.past)
        runs = favourable(future, carry.past, axis), unfavourable(future, carry.past, axis, quorum)
        bounds.append([at_least(quorum, _failing(run, future, axis, detection)).within(span) for run in runs])
    (best, worst) = (most - least for least, most in zip(*bounds, strict=True))
    return best, worst


def _followed(grid: Grid, slots: int, fails: bool) -> Grid:
    """The grid and some slots after it, which are all up or, where a location goes on, all down."""
    here = np.flatnonzero(serving(grid)) if fails else np.empty(0, dtype=np.int64)
    shape = len(here)
    start, end = np.full(shape, grid.last), np.full(shape, grid.last + slots)
    runs = Runs(here, start, end, np.full(shape, Outcome.DOWN, dtype=np.int8))
    return joined(grid, replace(grid, first=grid.last, last=grid.last + slots, runs=runs))


def _findings(whole: Grid, new: Grid, axis: Axis, slot: int, best: Detected, worst: Detected) -> Findings:
    blind = axis.apart(cells_of(whole, Outcome.UNKNOWN, axis))
    span = Span(new.first, new.last)
    served = axis.apart(axis.rows(np.clip(whole.expected, whole.first, whole.last)))
    own = tuple(slots.within(span).total for slots in served)
    unseen = tuple(slots.within(span).total for slots in blind)
    return Findings(
        span=Span(whole.instant(whole.first), whole.instant(whole.last)),
        settled=whole.instant(slot),
        favourable=best,
        unfavourable=worst,
        expected=tuple(_timed(slots, whole) for slots in served),
        blind=tuple(_timed(slots, whole) for slots in blind),
        expected_slots=own,
        seen_slots=tuple(all_of - missed for all_of, missed in zip(own, unseen, strict=True)),
    )


def _timed(slots: Spans, grid: Grid) -> Spans:
    return Spans.from_edges(grid.offset + slots.edges * grid.every)
