"""From batches to sheets of runs, and many sheets as one. What is sealed and what is hot is read by the same steps.

What a batch covers is every slot from its first to its last, for every check of its list. Of several batches that cover
a slot of a check the one that was logged first is the *base*; what the others say about it is kept beside it, as far as
it differs, with the position of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from makegood.evidence.batch import Batch, SlotBatch
from makegood.model.facts import UP
from makegood.model.runs import MISSING, Sheet
from makegood.model.spans import Duration, Times
from makegood.store.sql.batches import Filed

CHUNK = 16_000_000
"""Samples that are laid out at once."""
SPARSE = 1_440
"""Slots without a batch that are laid out nevertheless."""


Load: TypeAlias = Callable[[Sequence[Filed]], Iterable[tuple[Filed, Batch]]]


@dataclass(frozen=True, eq=False)
class Beside:
    """What batches say beside the base, one slot each: int64[n] `series` of the sheet, `slot` and `position`, and
    `outcome` int8[n]; in order of series, slot, outcome."""

    series: Times
    slot: Times
    outcome: NDArray[np.int8]
    position: Times


@dataclass(frozen=True, eq=False)
class Layers:
    """The results of some batches: the base, and what was said beside it."""

    sheet: Sheet
    beside: Beside


def layered(every: Duration, some: Sequence[Filed], load: Load) -> Layers:
    """The results of some batches whose slots have one length; `load` reads a part of them at a time."""
    return merged(every, [_laid_out(every, list(load(chunk))) for chunk in in_chunks(some)])


def merged(every: Duration, layers: Sequence[Layers]) -> Layers:
    """The results of several groups of batches, of which no two cover the same slots of a location, as one."""
    sheet, _ = joined(every, [one.sheet for one in layers])
    whole = maximal(sheet)
    number = {name: n for n, name in enumerate(whole.series)}
    parts = [
        (np.array([number[name] for name in one.sheet.series], dtype=np.int64)[b.series], b.slot, b.outcome, b.position)
        for one in layers
        if len((b := one.beside).series)
    ]
    none = np.empty(0, dtype=np.int64)
    series, slot, outcome, position = (np.concatenate([none, *(p[i] for p in parts)]) for i in range(4))
    order = np.lexsort((outcome, slot, series))
    return Layers(whole, Beside(series[order], slot[order], outcome[order].astype(np.int8), position[order]))


def in_chunks(some: Sequence[Filed]) -> Iterator[list[Filed]]:
    """Batches by location, those that touch each other's slots together; each chunk by position."""
    places = dict[str, list[Filed]]()
    for one in some:
        places.setdefault(one.location, []).append(one)
    for location in sorted(places):
        chunk, reach, density = list[Filed](), 0, 0
        for one in sorted(places[location], key=lambda b: (b.first, b.position)):
            if chunk and one.first > reach:
                span, apart = (reach - chunk[0].first) // one.every + 1, (one.first - reach) // one.every
                if (span + apart) * density > CHUNK or apart > span + SPARSE:
                    yield sorted(chunk, key=lambda b: b.position)
                    chunk, density = [], 0
            reach = max(reach, one.last) if chunk else one.last
            density = max(density, one.rows // ((one.last - one.first) // one.every + 1) + 1)
            chunk.append(one)
        yield sorted(chunk, key=lambda b: b.position)


def _laid_out(every: Duration, batches: Sequence[tuple[Filed, Batch]]) -> Layers:
    """The results of batches of one location."""
    rosters = {one.roster: made.checks for one, made in batches}
    checks = sorted({check for names in rosters.values() for check in names})
    number = {check: n for n, check in enumerate(checks)}
    rows_of = {roster: np.array([number[c] for c in names], dtype=np.int64) for roster, names in rosters.items()}
    first = min(one.first for one, _ in batches) // every
    width = max(one.last for one, _ in batches) // every + 1 - first
    cells = np.full((len(checks), width), MISSING, dtype=np.int8)
    covered = np.zeros((len(checks), width), dtype=np.bool_)
    beside = list[tuple[Times, Times, Times, Times]]()
    for one, made in batches:
        said, more = _cells(one, made, every)
        at = slice(one.first // every - first, one.last // every + 1 - first)
        rows: slice | Times = rows_of[one.roster]
        if len(checks) == len(made.checks) and made.checks == tuple(checks):
            rows = slice(None)
        there = covered[rows, at]
        if there.any():
            known = cells[rows, at]
            other = there & (said != MISSING) & (said != known)
            here, slot = np.nonzero(other)
            more.append((here, slot + at.start + first, said[here, slot].astype(np.int64)))
            said = np.where(there, known, said)
        cells[rows, at] = said
        covered[rows, at] = True
        for check, slot, outcome in more:
            series = check if isinstance(rows, slice) else rows[check]
            beside.append((series, slot, outcome, np.full(len(series), one.position, dtype=np.int64)))
    names = tuple((check, batches[0][0].location) for check in checks)
    return Layers(_runs(every, names, first, cells), _once(beside))


def _cells(one: Filed, made: Batch, every: Duration) -> tuple[NDArray[np.int8], list[tuple[Times, Times, Times]]]:
    """What a batch says, int8[checks, slots], and check, slot and outcome of what it says otherwise about the same."""
    if isinstance(made, SlotBatch):
        return made.cells.T, []
    check, slot, outcome = made.samples()
    cells = np.full((len(made.checks), (one.last - one.first) // every + 1), MISSING, dtype=np.int8)
    at = slot - one.first // every
    cells[check[::-1], at[::-1]] = outcome[::-1]
    other = cells[check, at] != outcome
    if not other.any():
        return cells, []
    return cells, [(check[other], slot[other], outcome[other].astype(np.int64))]


def _once(parts: Sequence[tuple[Times, Times, Times, Times]]) -> Beside:
    """Of what several batches say alike, what the first of them says."""
    none = np.empty(0, dtype=np.int64)
    series, slot, outcome, position = (np.concatenate([none, *(part[i] for part in parts)]) for i in range(4))
    order = np.lexsort((position, outcome, slot, series))
    series, slot, outcome, position = series[order], slot[order], outcome[order], position[order]
    again = (series[1:] == series[:-1]) & (slot[1:] == slot[:-1]) & (outcome[1:] == outcome[:-1])
    kept = np.append(True, ~again)[: len(series)]
    return Beside(series[kept], slot[kept], outcome[kept].astype(np.int8), position[kept])


def _runs(every: Duration, names: tuple[tuple[str, str], ...], first: int, cells: NDArray[np.int8]) -> Sheet:
    seen = cells != MISSING
    some = seen.any(axis=1)
    begin = np.where(some, seen.argmax(axis=1), 0)
    end = np.where(some, seen.shape[1] - seen[:, ::-1].argmax(axis=1), 0)
    padded = np.zeros((len(cells), cells.shape[1] + 1), dtype=np.int8)
    padded[:, :-1] = cells
    slot = np.arange(cells.shape[1])
    for n in np.flatnonzero((begin > 0) | (end < cells.shape[1])).tolist():
        padded[n, :-1][(slot < begin[n]) | (slot >= end[n])] = UP
    flat, width = padded.reshape(-1), padded.shape[1]
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.append(0, edges) if len(flat) else edges
    ends = np.append(edges, len(flat))
    bad = flat[starts] != UP
    starts, ends = starts[bad], ends[bad]
    series = starts // width
    bounds = np.searchsorted(series, np.arange(len(names) + 1))
    shift = first - series * width
    watched = np.column_stack((begin, end)) + np.where(some, first, 0)[:, None]
    return Sheet(every, names, watched, bounds, starts + shift, ends + shift, flat[starts])


def joined(every: Duration, parts: Sequence[Sheet]) -> tuple[Sheet, set[str]]:
    """Sheets as one, and the checks of which it does not hold: those that two of them watched at the same time.

    What lies between two sheets of a series is missing. Runs of two sheets that touch stay two.
    """
    parts = sorted(parts, key=_beginning)
    names = tuple(sorted({name for series in {id(p.series): p.series for p in parts}.values() for name in series}))
    numbers = _numbers(names, parts)
    reach = np.full(len(names), -(2**62), dtype=np.int64)
    start, count = np.full(len(names), 2**62, dtype=np.int64), np.zeros(len(names), dtype=np.int64)
    before, gaps, clash = list[Times](), list[Times](), np.zeros(len(names), dtype=np.bool_)
    for part, number in zip(parts, numbers, strict=True):
        watched = part.watched
        some = watched[:, 0] < watched[:, 1]
        clash[number] |= some & (watched[:, 0] < reach[number])
        gap = some & (reach[number] > -(2**62)) & (watched[:, 0] > reach[number])
        gaps.append(np.column_stack((number, reach[number], watched[:, 0]))[gap])
        before.append(count[number] + gap)
        count[number] += np.diff(part.bounds) + gap
        start[number] = np.where(some, np.minimum(start[number], watched[:, 0]), start[number])
        reach[number] = np.where(some, np.maximum(reach[number], watched[:, 1]), reach[number])
    base = np.concatenate(([0], np.cumsum(count)))
    first, end = np.empty(base[-1], dtype=np.int64), np.empty(base[-1], dtype=np.int64)
    outcome = np.empty(base[-1], dtype=np.int8)
    for part, number, prior, unseen in zip(parts, numbers, before, gaps, strict=True):
        begins = base[number] + prior
        at = np.arange(len(part.first)) + np.repeat(begins - part.bounds[:-1], np.diff(part.bounds))
        first[at], end[at], outcome[at] = part.first, part.end, part.outcome
        if len(unseen):
            of = np.full(len(names), -1, dtype=np.int64)
            of[number] = begins - 1
            at = of[unseen[:, 0]]
            first[at], end[at], outcome[at] = unseen[:, 1], unseen[:, 2], MISSING
    watched = np.column_stack((start, reach))
    watched[start > reach] = 0
    sheet = Sheet(every, names, watched, base, first, end, outcome)
    return sheet, {names[n][0] for n in np.flatnonzero(clash).tolist()}


def _beginning(sheet: Sheet) -> int:
    some = sheet.watched[:, 0] < sheet.watched[:, 1]
    return int(sheet.watched[some, 0].min(initial=2**62))


def _numbers(names: tuple[tuple[str, str], ...], parts: Sequence[Sheet]) -> list[Times]:
    """For each sheet the numbers of its series among all."""
    number = {name: n for n, name in enumerate(names)}
    known = dict[int, Times]()
    for part in parts:
        if id(part.series) not in known:
            alike = part.series == names
            of = np.arange(len(names)) if alike else np.array([number[n] for n in part.series], dtype=np.int64)
            known[id(part.series)] = of
    return [known[id(part.series)] for part in parts]


def maximal(sheet: Sheet) -> Sheet:
    """Runs of one series that touch and say the same, as one."""
    if not len(sheet.first):
        return sheet
    touches = (sheet.first[1:] == sheet.end[:-1]) & (sheet.outcome[1:] == sheet.outcome[:-1])
    inner = sheet.bounds[(sheet.bounds > 0) & (sheet.bounds < len(sheet.first))]
    touches[inner - 1] = False
    if not touches.any():
        return sheet
    head, tail = np.append(True, ~touches), np.append(~touches, True)
    bounds = np.concatenate(([0], np.cumsum(head)))[sheet.bounds]
    return Sheet(
        sheet.every, sheet.series, sheet.watched, bounds, sheet.first[head], sheet.end[tail], sheet.outcome[head]
    )


def without_unseen(sheet: Sheet) -> Sheet:
    """The sheet without the series that have no result."""
    seen = sheet.watched[:, 0] < sheet.watched[:, 1]
    if seen.all():
        return sheet
    names = tuple(name for name, kept in zip(sheet.series, seen.tolist(), strict=True) if kept)
    bounds = sheet.bounds[np.append(seen, True)]
    return Sheet(sheet.every, names, sheet.watched[seen], bounds, sheet.first, sheet.end, sheet.outcome)
