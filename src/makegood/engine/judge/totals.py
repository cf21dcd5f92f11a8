"""The totals of many subjects over many periods in one sorted sweep, and what they say of a target and of a table.

One case is a subject with a period; a fleet is thousands of both at once. All is in whole microseconds and exact: a
ratio is never divided, it is held against an edge by multiplying across, in 128 bits where 64 do not suffice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from makegood.model.spans import Spans, Times, Truths
from makegood.model.terms import Range
from makegood.model.threshold import Side, Threshold

NO_ROW, TWO_ROWS = -1, -2
"""No row of a table holds a value; more than one does, and none of them lies deeper."""

_CLASSES = 4
_COVERED, _EXCUSED_UP, _EXCUSED_OUT, _DOWN = range(_CLASSES)
"""The kinds of spans, and the classes: a covered instant is up where none of the others holds."""
_ROOM = 2**59
"""Cells of one sweep: below it an edge and its class are one number of 63 bits. It is 18,267 years of microseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class SpansOf:
    """Spans of many subjects: `subject` int64[n], a number from 0, and `edges` int64[n, 2] in µs UTC, half-open.

    They may be in any order; those of one subject do not overlap. As periods they may.
    """

    subject: Times
    edges: Times

    @classmethod
    def each(cls, subjects: Sequence[Spans]) -> SpansOf:
        """A set of spans for each subject."""
        counts = [len(spans) for spans in subjects]
        edges = [spans.edges for spans in subjects] or [np.empty((0, 2), dtype=np.int64)]
        return cls(np.repeat(np.arange(len(counts), dtype=np.int64), counts), np.concatenate(edges))


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """The time of each period by class, int64[n] microseconds each. Each instant has the first class that holds: not
    covered (in none of these), excused as up, excused out of the ratio, down, up."""

    excused_up: Times
    excused_out: Times
    down: Times
    up: Times

    @property
    def covered(self) -> Times:
        return self.excused_up + self.excused_out + self.down + self.up


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Of each period what was available and what is judged, int64[n] microseconds from 0 up."""

    numerator: Times
    denominator: Times

    @property
    def applicable(self) -> Truths:
        """Where there is a ratio at all, bool[n]."""
        found: Truths = self.denominator > 0
        return found


def totals(periods: SpansOf, covered: SpansOf, down: SpansOf, excused_up: SpansOf, excused_out: SpansOf) -> Totals:
    """The time by class of each period, in the order of the periods.

    `excused_up` and `excused_out` are what exclusions granted, `down` the outages that count. Raises ValueError where
    spans of one kind and subject overlap, and when all periods together take more than 18,000 years.
    """
    sums = np.zeros((_CLASSES, len(periods.subject)), dtype=np.int64)
    if len(periods.subject):
        first, last = int(periods.edges.min()), int(periods.edges.max())
        width = last - first + 1
        if width > _ROOM:
            raise ValueError("the periods together take more than 18,000 years")
        kinds = [_clipped(kind, first, last) for kind in (covered, excused_up, excused_out, down)]
        for chosen, row, parts in _in_sweeps(periods, kinds, _ROOM // width):
            cells = periods.edges[chosen] - first + (row * width)[:, None]
            sums[:, chosen] = _swept(cells, [edges - first + (of * width)[:, None] for of, edges in parts])
    up, excused, outside, counted = sums
    return Totals(excused, outside, counted, up)


def ratios(found: Totals, nominal: Times | None = None) -> Ratios:
    """The available share of the judged time, as two integers.

    `nominal` int64[n], where given, is the length that replaces the covered time; the difference counts as up. A
    nominal length may hold less than what is taken from it; there is never less than no time.
    """
    covered = found.covered if nominal is None else nominal
    denominator = np.maximum(covered - found.excused_out, 0)
    return Ratios(np.maximum(denominator - found.down, 0), denominator)


def holds(values: Ratios, threshold: Threshold[Fraction], rounding: int | None = None) -> Truths:
    """bool[n], on which ratios the threshold holds; on those that are not applicable it does not.

    `rounding` are the decimal places to which the ratio is rounded first, half up: a target in percent with two places
    asks for four.
    """
    edge = threshold.edge
    match threshold.side:
        case Side.AT_LEAST:
            found = _at_least(values, edge, rounding)
        case Side.MORE_THAN:
            found = _more_than(values, edge, rounding)
        case Side.BELOW:
            found = ~_at_least(values, edge, rounding)
        case Side.AT_MOST:
            found = ~_more_than(values, edge, rounding)
        case Side.EXACTLY:
            found = _at_least(values, edge, rounding) & ~_more_than(values, edge, rounding)
    return found & values.applicable


def rows(values: Ratios, ranges: Sequence[Range], rounding: int | None = None) -> Times:
    """int64[n], the number of the row of a table that holds each ratio: of several the deepest.

    NO_ROW where none holds or there is no ratio, TWO_ROWS where two do that are equally deep. `rounding` is that of
    `holds`.
    """
    found = np.full(len(values.numerator), NO_ROW, dtype=np.int64)
    depths = [r.depth for r in ranges]
    for depth in sorted(set(depths), reverse=True):
        here = np.full(len(found), NO_ROW, dtype=np.int64)
        for number, one in enumerate(ranges):
            if depths[number] == depth:
                inside = _within(values, one, rounding)
                here[inside] = np.where(here[inside] == NO_ROW, number, TWO_ROWS)
        found = np.where(here == NO_ROW, found, here)
    return found


def _within(values: Ratios, one: Range, rounding: int | None) -> Truths:
    inside = values.applicable
    if one.low is not None:
        inside &= (_at_least if one.low_inside else _more_than)(values, one.low, rounding)
    if one.high is not None:
        inside &= ~(_more_than if one.high_inside else _at_least)(values, one.high, rounding)
    return inside


def _at_least(values: Ratios, edge: Fraction, rounding: int | None) -> Truths:
    if rounding is None:
        return ~_less(values.numerator, edge.denominator, values.denominator, edge.numerator)
    return _rounds_to(values, ceil(edge * 10**rounding), rounding)


def _more_than(values: Ratios, edge: Fraction, rounding: int | None) -> Truths:
    if rounding is None:
        return _less(values.denominator, edge.numerator, values.numerator, edge.denominator)
    return _rounds_to(values, floor(edge * 10**rounding) + 1, rounding)


def _rounds_to(values: Ratios, least: int, rounding: int) -> Truths:
    """Whether the ratio, rounded half up, is at least so many units: whether it is at least half a unit below them."""
    return _at_least(values, Fraction(2 * least - 1, 2 * 10**rounding), None)


def _less(a: Times, by: int, b: Times, times: int) -> Truths:
    """Whether a × by < b × times, exactly; a and b int64[n] from 0 up."""
    if max(by, times) >= 2**63 or min(by, times) < 0:
        return np.array([x * by < y * times for x, y in zip(a.tolist(), b.tolist(), strict=True)], dtype=np.bool_)
    if max(int(a.max(initial=0)) * by, int(b.max(initial=0)) * times) < 2**63:
        found: Truths = a * by < b * times
        return found
    (high, low), (other_high, other_low) = _product(a, by), _product(b, times)
    wide: Truths = (high < other_high) | ((high == other_high) & (low < other_low))
    return wide


def _product(a: Times, by: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The upper and the lower 64 bits of a × by, both factors from 0 up and below 2^63."""
    half, mask = np.uint64(32), np.uint64(2**32 - 1)
    value = a.astype(np.uint64)
    high, low = value >> half, value & mask
    by_high, by_low = np.uint64(by >> 32), np.uint64(by & (2**32 - 1))
    lowest, first, second = low * by_low, high * by_low, low * by_high
    middle = (lowest >> half) + (first & mask) + (second & mask)
    upper = high * by_high + (first >> half) + (second >> half) + (middle >> half)
    return upper, (middle << half) | (lowest & mask)


def _clipped(kind: SpansOf, first: int, last: int) -> SpansOf:
    """The parts between two instants."""
    edges = np.clip(kind.edges, first, last)
    some = edges[:, 0] < edges[:, 1]
    return SpansOf(kind.subject, edges) if some.all() else SpansOf(kind.subject[some], edges[some])


def _in_sweeps(
    periods: SpansOf, kinds: Sequence[SpansOf], most: int
) -> Iterator[tuple[Times | slice, Times, list[tuple[Times, Times]]]]:
    """So many subjects at a time, numbered from 0: which periods are theirs, and the spans of each kind."""
    end = int(periods.subject.max()) + 1
    if end <= most:
        whole = [k if (k.subject < end).all() else _some(k, np.flatnonzero(k.subject < end)) for k in kinds]
        yield slice(None), periods.subject, [(k.subject, k.edges) for k in whole]
        return
    orders = [np.argsort(k.subject, kind="stable") for k in (periods, *kinds)]
    ordered = [k.subject[order] for k, order in zip((periods, *kinds), orders, strict=True)]
    for begin in range(0, end, most):
        bounds = [np.searchsorted(subject, [begin, begin + most]).tolist() for subject in ordered]
        chosen, *others = (order[slice(*bound)] for order, bound in zip(orders, bounds, strict=True))
        if not len(chosen):
            continue
        parts = [_some(kind, other) for kind, other in zip(kinds, others, strict=True)]
        yield chosen, periods.subject[chosen] - begin, [(part.subject - begin, part.edges) for part in parts]


def _some(kind: SpansOf, chosen: Times) -> SpansOf:
    return SpansOf(kind.subject[chosen], kind.edges[chosen])


def _swept(periods: Times, kinds: Sequence[Times]) -> Times:
    """The cells of each period by class, int64[classes, periods], from cells of covered, excused and down spans.

    One sort of all edges tells which kinds hold from each to the next; sums of what came before are looked up twice
    for each period.
    """
    if not any(map(len, kinds)):
        return np.zeros((_CLASSES, len(periods)), dtype=np.int64)
    keys = np.concatenate([(edges << 3) | np.array([2 * kind + 1, 2 * kind]) for kind, edges in enumerate(kinds)])
    keys = keys.reshape(-1)
    keys.sort()  # of one kind and cell an end comes before a start
    cells, code = keys >> 3, keys & 7
    depth = np.cumsum(np.where(code & 1, 1, -1) << ((code >> 1) << 3))  # a byte for each kind
    if (depth & 0xFEFEFEFE).any():
        raise ValueError("spans of one kind and subject overlap")
    # Segment i goes from edge i - 1 to edge i, and segment 0 is all before the first edge.
    held = np.full(len(cells) + 1, _CLASSES, dtype=np.int8)
    np.take(_FIRST, (depth | depth >> 7 | depth >> 14 | depth >> 21) & 15, out=held[1:], mode="clip")
    lasts = cells[1:] - cells[:-1]
    points, which = _points(periods)
    segment = np.searchsorted(cells, points, side="right")
    here = held[segment]
    until = np.empty((_CLASSES + 1, len(points)), dtype=np.int64)
    sums = np.zeros(len(cells) + 1, dtype=np.int64)
    for kind in range(_CLASSES):
        np.cumsum(lasts * (held[1:-1] == kind), out=sums[2:])
        np.take(sums, segment, out=until[kind], mode="clip")
    until[here, np.arange(len(points))] += points - cells[segment - 1]
    found: Times = until[:_CLASSES, which[1]] - until[:_CLASSES, which[0]]
    return found


def _points(periods: Times) -> tuple[Times, Times]:
    """The cells at which periods begin and end, and where among them those of each are, int64[2, periods].

    A period that begins where the one before it ends shares that cell, so that most are looked up once.
    """
    alone = np.append(periods[:-1, 1] != periods[1:, 0], True)
    points = np.concatenate((periods[:, 0], periods[alone, 1]))
    count = np.arange(len(periods), dtype=np.int64)
    return points, np.stack((count, np.where(alone, len(periods) - 1 + np.cumsum(alone), count + 1)))


def _first_of(state: int) -> int:
    """The class of an instant at which some kinds hold, a bit for each: up where it is covered and nothing else."""
    if not state & 1:
        return _CLASSES
    return next((kind for kind in (_EXCUSED_UP, _EXCUSED_OUT, _DOWN) if state >> kind & 1), _COVERED)


_FIRST = np.array([_first_of(state) for state in range(16)], dtype=np.int8)
