"""Figures of imported measurements: shares of counts, means, sums and quantiles of intervals (DESIGN 3.2).

Each run fills in what was not measured: the favourable one as well as it can be, the unfavourable one as badly. Where
nothing bounds it, there is no figure, and the verdict is that of the bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.engine.judge.down import measurements_of
from makegood.engine.judge.excuses import Excused
from makegood.engine.judge.figures import Figure, Time, covered_time, held, is_ceiling, share_of
from makegood.engine.judge.outage_figures import ONE, alone
from makegood.engine.judge.outages import Down, covered_hours
from makegood.model.facts import Quantity
from makegood.model.order import CoveredService
from makegood.model.spans import END_OF_TIME, Span, Spans, Times, at_least
from makegood.model.statement import RunName, Verdict
from makegood.model.terms import TIME_UNITS, Counts, MeasureKind, Strength
from makegood.model.threshold import Threshold
from makegood.model.trace import Kind, Node, Op, derive, leaf

_KINDS = {Counts.SHARE: Kind.SHARE, Counts.TIME: Kind.TIME}


@dataclass(frozen=True, slots=True)
class Interval:
    """One measured interval, as far as the order covers its service: the good and the valid of a share, or a value over
    one."""

    start: int
    end: int
    amount: Fraction
    of: Fraction


@dataclass(frozen=True, slots=True)
class Partly:
    """One interval of which only the good or only the valid are known; the other number is None."""

    start: int
    end: int
    good: Fraction | None
    valid: Fraction | None


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of a subject in its judged time: its intervals, and the time that is not wholly known.

    `missing` counts the expected intervals without a whole record, and `coming` those that are not over yet, where the
    measure says how long they are. `unseen` is the part of `unknown` of which nothing at all is known, not even how
    many there were or how many were good.
    """

    intervals: tuple[Interval, ...]
    unknown: Spans
    missing: int
    coming: int
    partly: tuple[Partly, ...]
    unseen: Spans


def measured_down(case: Case) -> Down:
    """The intervals that excuses are asked for: of a share those in which something failed, of a value all."""
    by_service = {s.name: _bad(case, s) & Spans([case.world.covered(s)]) for s in case.services}
    every = at_least(1, list(by_service.values())) if by_service else Spans()
    return Down(every, every, every, by_service)


def _bad(case: Case, service: CoveredService) -> Spans:
    found = Spans()
    rule = case.measure
    for made in measurements_of(case.world, service, rule.metric, rule.source):
        edges = np.stack((made.start, made.end), axis=1)
        if rule.value:
            found = found | Spans.from_edges(edges)
            continue
        good, valid = made.quantities.get(rule.good), made.quantities.get(rule.valid)
        if good is not None and valid is not None:
            bad = [r for r in range(len(edges)) if (good.at(r) or 0) < (valid.at(r) or 0)]
            found = found | Spans.from_edges(edges[bad])
    return found


def measured_time(case: Case, excused: Excused, run: RunName) -> Time:
    """The judged time by class: excused where whole intervals are, and what nobody measured as down in one run."""
    covered = covered_time(case)
    found = measured_of(case, covered)
    every: list[Interval | Partly] = [*found.intervals]
    if case.measure.kind is MeasureKind.COUNTS:
        every += [p for p in found.partly if p.valid is not None]
    here = Spans([(i.start, i.end) for i, gone in zip(every, _taken(every, excused), strict=True) if gone]) & covered
    out = here & excused.outside
    down = found.unknown - here if run is RunName.UNFAVOURABLE and not case.measure.unknown else Spans()
    nodes = tuple(
        leaf(Op.FINDING, says, Kind.TIME, Fraction(spans.total))
        for says, spans in (("covered time", covered), ("excused time that leaves the figure", out), ("unseen", down))
    )
    return Time(covered, here - out, out, down, Spans(), (nodes[0], nodes[1], nodes[2]))


def _taken(intervals: Sequence[Interval | Partly], excused: Excused) -> list[bool]:
    """Whether excuses cover all of each interval."""
    taken = excused.up | excused.outside
    edges = np.array([(i.start, i.end) for i in intervals], dtype=np.int64).reshape(-1, 2)
    inside: list[bool] = (_ends(taken, edges[:, 0]) >= edges[:, 1]).tolist()
    return inside


def _ends(spans: Spans, instants: Times) -> Times:
    """The end of the span that holds each instant; the instant itself where none does."""
    if not len(spans):
        return instants
    at = np.searchsorted(spans.edges[:, 0], instants, side="right") - 1
    return np.where(at >= 0, np.maximum(spans.edges[np.maximum(at, 0), 1], instants), instants)


def measured_of(case: Case, covered: Spans) -> Measured:
    """The intervals of the subject that begin in its judged time: in the period, under the order, in service hours."""
    key = (measured_of, id(case.terms), case.commitment.name, case.subject, case.period)
    return case.world.once(key, lambda: _measured_of(case, covered))


def _measured_of(case: Case, covered: Spans) -> Measured:
    found, partly = list[Interval](), list[Partly]()
    unknown = unseen = Spans()
    missing = coming = 0
    for service in case.services:
        scope = covered.within(case.world.covered(service))
        rows = _rows(case, service)
        told = Spans([(r.start, r.end) for r in rows if isinstance(r, Interval)])
        here = [r for r in rows if r.start in scope]
        ends = case.world.covered(service).end
        found += [replace(r, end=min(r.end, ends)) for r in here if isinstance(r, Interval)]
        partly += [replace(r, end=min(r.end, ends)) for r in here if isinstance(r, Partly)]
        rest = scope - told
        unknown = unknown | rest
        unseen = unseen | (rest - Spans([(r.start, r.end) for r in rows if isinstance(r, Partly)]))
        if case.measure.interval:
            cells = _cells(case, rest, scope, case.measure.interval)[:, 1]
            missing += int((cells <= case.world.as_of).sum())
            coming += _coming(case, service, told, case.measure.interval)
    return Measured(tuple(found), unknown, missing, coming, tuple(partly), unseen)


def _coming(case: Case, service: CoveredService, told: Spans, length: int) -> int:
    """How many intervals of a running period are not over and not measured yet."""
    if not case.running:
        return 0
    whole = covered_hours(case, Spans([case.world.covered(service)]).within(case.span))
    cells = _cells(case, whole, whole, length)
    return int(((cells[:, 1] > case.world.as_of) & ~_holds(told, cells[:, 0])).sum())


def _cells(case: Case, over: Spans, scope: Spans, length: int) -> Times:
    """The cells from each local midnight, int64[n, 2], that lie at least in part in some spans and begin in a scope."""
    hull, zone = over.hull, Zone.named(case.period.zone)
    if hull is None:
        return np.empty((0, 2), dtype=np.int64)
    found = []
    day, last = zone.date_of(hull.start), zone.date_of(hull.end - 1)
    while day <= last:
        whole = zone.day(day)
        starts = np.arange(whole.start, whole.end, length, dtype=np.int64)
        found.append(np.stack((starts, np.minimum(starts + length, whole.end)), axis=1))
        day = zone.date_of(whole.end)
    cells: Times = np.concatenate(found)
    at = np.searchsorted(over.edges[:, 1], cells[:, 0], side="right")
    begins = np.append(over.edges[:, 0], END_OF_TIME)[at]
    inside: Times = cells[(begins < cells[:, 1]) & _holds(scope, cells[:, 0])]
    return inside


def _holds(spans: Spans, instants: Times) -> NDArray[np.bool_]:
    return _ends(spans, instants) > instants


def _rows(case: Case, service: CoveredService) -> list[Interval | Partly]:
    """What was recorded of a service about any time of the period, each interval with all of it."""
    rule, scale, found = case.measure, _scale(case), list[Interval | Partly]()
    for made in measurements_of(case.world, service, rule.metric, rule.source):
        near = np.flatnonzero((made.end > case.span.start) & (made.start < case.span.end))
        amount, of = _columns(case, made.quantities)
        for row in near.tolist():
            start, end = int(made.start[row]), int(made.end[row])
            value = None if amount is None else amount.at(row)
            whole = Fraction(1) if rule.value else None if of is None else of.at(row)
            value = Fraction() if value is None and whole == 0 else value
            if value is not None and whole is not None:
                found.append(Interval(start, end, value * scale, whole))
            elif not rule.value and (value is not None or whole is not None):
                found.append(Partly(start, end, value, whole))
    return found


def _columns(case: Case, held_by: Mapping[str, Quantity]) -> tuple[Quantity | None, Quantity | None]:
    rule = case.measure
    if rule.value:
        return held_by.get(rule.value), None
    return held_by.get(rule.good), held_by.get(rule.valid)


def _scale(case: Case) -> Fraction:
    """A recorded value in what its figure counts: a share of one, or microseconds."""
    rule = case.measure
    if not rule.value:
        return Fraction(1)
    return Fraction(1, 100) if rule.unit == "%" else Fraction(TIME_UNITS.get(rule.unit, 1))


def measured_figure(case: Case, excused: Excused, time: Time, run: RunName) -> Figure:
    """The figure of a run, from what was measured and what it takes the rest for."""
    found = measured_of(case, time.covered)
    rule = case.measure
    taken = _taken(found.intervals, excused)
    counting = [i for i, gone in zip(found.intervals, taken, strict=True) if not gone]
    as_up = [
        i
        for i, gone in zip(found.intervals, taken, strict=True)
        if gone and not time.excused_out.within(Span(i.start, i.end)).total
    ]
    filled = _Filled(
        found.unknown.total > 0 and rule.unknown != "nothing",
        found.missing if rule.interval else None,
        rule.unknown == "up" or (rule.unknown != "down" and run is RunName.FAVOURABLE),
        found.coming if rule.interval else None,
    )
    if rule.kind is MeasureKind.COUNTS:
        gone = dict(zip(found.partly, _taken(found.partly, excused), strict=True))
        half = [p for p in found.partly if p.valid is None or not gone[p]]
        as_up += [
            Interval(p.start, p.end, p.valid, p.valid)
            for p in found.partly
            if p.valid is not None and gone[p] and not time.excused_out.within(Span(p.start, p.end)).total
        ]
        filled = _bounding(found, half, filled)
        return _ratio_of_counts(case, counting, as_up, filled, time)
    if rule.kind is MeasureKind.MEAN:
        return _mean(case, counting, as_up, filled, time)
    return _of_values(case, [i.amount / i.of for i in counting if i.of], filled, time)


@dataclass(frozen=True, slots=True)
class _Filled:
    """What was not measured: whether there is any, how many intervals (None: nobody knows), and as good or as bad as it
    can have been; and how many are still to come."""

    any: bool
    missing: int | None
    good: bool
    coming: int | None
    partly: tuple[Interval, ...] = ()
    """The intervals of which one number is known, with the other one as good or as bad as it can have been."""


def _bounding(found: Measured, partly: Sequence[Partly], filled: _Filled) -> _Filled:
    """What bounds a share of counts.

    Of an interval whose valid ones are known, all or none were good; of one whose good ones are known, at best no more
    were valid. However many valid ones there were elsewhere, they may have been all good or all bad, and nothing says
    how many they were: then every share between nothing and everything is possible.
    """
    if not filled.any:
        return replace(filled, any=False)
    unbounded = found.unseen.total > 0 or (not filled.good and any(p.valid is None for p in partly))
    known = tuple(
        Interval(
            p.start,
            p.end,
            p.good if p.good is not None else (p.valid or Fraction()) * int(filled.good),
            p.valid if p.valid is not None else p.good or Fraction(),
        )
        for p in partly
    )
    return replace(filled, any=unbounded, partly=known)


def _ratio_of_counts(
    case: Case, counting: Sequence[Interval], as_up: Sequence[Interval], filled: _Filled, time: Time
) -> Figure:
    clause = case.measure.clause
    every = (*counting, *as_up, *filled.partly)
    valid = sum((i.of for i in every), Fraction())
    good = sum((i.amount for i in (*counting, *filled.partly)), Fraction()) + sum((i.of for i in as_up), Fraction())
    intervals = f"in {len(every):,} intervals"
    if filled.partly and not filled.any:
        how = "good" if filled.good else "bad"
        intervals += f", {len(filled.partly):,} of them as {how} as can be, since one of their two numbers is missing"
    if filled.any:
        says = "so many may have gone unmeasured that all of them bound the share"
        good, valid = Fraction(1 if filled.good else 0), Fraction(1)
    else:
        says = f"{case.measure.good} {intervals}"
    numerator = leaf(Op.FINDING, says, Kind.ITEMS, good, clause)
    denominator = leaf(Op.FINDING, f"{case.measure.valid} {intervals}", Kind.ITEMS, valid, clause)
    ratio = share_of(case, numerator, denominator, "share of counts")
    if ratio is None and case.measure.empty is not None:
        ratio = leaf(Op.RULE, "nothing was counted, and so it is", Kind.SHARE, case.measure.empty, clause)
    verdict, node = held(case, ratio, None)
    return Figure(numerator, denominator, ratio, time.nodes[2], verdict, node)


def _mean(case: Case, counting: Sequence[Interval], as_up: Sequence[Interval], filled: _Filled, time: Time) -> Figure:
    rule = case.measure
    empty = [rule.empty] if rule.empty is not None and not rule.value else []
    shares = [i.amount / i.of for i in counting if i.of] + empty * sum(1 for i in counting if not i.of)
    shares += [Fraction(1)] * len(as_up) if not rule.value else []
    if filled.any and (rule.value or filled.missing is None):
        bound = None if rule.value else Fraction(int(filled.good))
        return _bound(case, bound, filled, time)
    if filled.any and filled.missing is not None:
        shares += [Fraction(int(filled.good))] * filled.missing
    counts = _KINDS.get(rule.counts, Kind.ITEMS)
    numerator = leaf(
        Op.FINDING, f"the figures of {len(shares):,} intervals, added up", counts, _sum(shares), rule.clause
    )
    denominator = leaf(Op.FINDING, "intervals", Kind.ITEMS, Fraction(len(shares)), rule.clause)
    mean = share_of(case, numerator, denominator, "mean of the intervals")
    mean = None if mean is None else _as_kind(mean, counts)
    best = None if rule.value else _best_mean(case, numerator, len(shares), filled)
    verdict, node = held(case, mean, best)
    return Figure(numerator, denominator, mean, time.nodes[2], verdict, node)


def _as_kind(node: Node, kind: Kind) -> Node:
    return node if node.kind is kind else Node(node.op, node.says, node.value, kind, node.operands, node.clause)


def _best_mean(case: Case, total: Node, number: int, filled: _Filled) -> Fraction | None:
    """The mean that a period reaches if nothing else fails, where the number of its intervals is known."""
    if filled.coming is None or not number + filled.coming:
        return None
    says = "what is still to come at its best"
    coming = leaf(Op.RULE, says, Kind.SHARE, Fraction(filled.coming))
    whole = leaf(Op.FINDING, "intervals", Kind.ITEMS, Fraction(number + filled.coming))
    mean = share_of(case, derive(Op.SUM, says, Kind.SHARE, [total, coming]), whole, "mean of the intervals")
    return mean.value if mean is not None and isinstance(mean.value, Fraction) else None


def _sum(values: Sequence[Fraction]) -> Fraction:
    """Added up in pairs, so that denominators stay as small as they can."""
    parts = list(values) or [Fraction()]
    while len(parts) > 1:
        parts = [sum(parts[n : n + 2], Fraction()) for n in range(0, len(parts), 2)]
    return parts[0]


def _of_values(case: Case, values: list[Fraction], filled: _Filled, time: Time) -> Figure:
    """A sum, a percentile, the greatest or the least of the values."""
    rule, low_is_good = case.measure, is_ceiling(case)
    kind = _KINDS.get(rule.counts, Kind.ITEMS)
    says = f"{rule.kind.value} of {len(values):,} intervals"
    value = best = None
    towards_more = filled.good is not low_is_good
    match rule.kind:
        case MeasureKind.SUM:
            value = None if filled.any and towards_more else _sum(values)
            best = value if low_is_good else None
        case MeasureKind.GREATEST:
            value = None if filled.any and towards_more else max(values, default=None)
            best = value if low_is_good else None
        case MeasureKind.LEAST:
            value = None if filled.any and not towards_more else min(values, default=None)
            best = None if low_is_good else value
        case MeasureKind.PERCENTILE:
            says = f"{says}, rank {rule.rank}"
            value, best = _percentile(values, rule.rank or Fraction(1), filled, towards_more, low_is_good)
    if value is None and filled.any:
        return _bound(case, None, filled, time)
    node = None if value is None else leaf(Op.FINDING, says, kind, value, rule.clause)
    return alone(case, node, time.nodes[2], best)


def _percentile(
    values: list[Fraction], rank: Fraction, filled: _Filled, towards_more: bool, low_is_good: bool
) -> tuple[Fraction | None, Fraction | None]:
    """The least value with at least such a share of all intervals at or below it (nearest rank): as it stands, and as
    it will be if all that is still to come is good."""
    if filled.any and filled.missing is None:
        return None, None
    missing = filled.missing if filled.any and filled.missing is not None else 0
    ordered, below = sorted(values), 0 if towards_more else missing

    def ranked(others: int, lower: int) -> Fraction | None:
        at = ceil(rank * (len(ordered) + others)) - lower
        return ordered[at - 1] if 1 <= at <= len(ordered) else None

    coming = filled.coming
    best = None if coming is None else ranked(missing + coming, below + (coming if low_is_good else 0))
    return ranked(missing, below), best


def _bound(case: Case, bound: Fraction | None, filled: _Filled, time: Time) -> Figure:
    """A figure that what was not measured decides: as good or as bad as can be."""
    clause = case.measure.clause
    says = "what was not measured may have been as good as can be" if filled.good else "it may have been as bad"
    if bound is not None:
        node = leaf(Op.FINDING, says, Kind.SHARE, bound, clause)
        verdict, judged = held(case, node, None)
        return Figure(node, ONE, node, time.nodes[2], verdict, judged)
    verdict = Verdict.MET if filled.good else Verdict.BREACHED
    if case.commitment.strength is Strength.AIM:
        verdict = Verdict.RECORDED
    elif not isinstance(case.commitment.target, Threshold):
        verdict = Verdict.UNSTATED
    elif case.running:
        verdict = Verdict.RUNNING
    none = leaf(Op.FINDING, says, Kind.ITEMS, Fraction(), clause)
    return Figure(none, none, None, time.nodes[2], verdict, leaf(Op.FINDING, says, Kind.LABEL, verdict.value, clause))
