"""Figures of imported measurements: shares of counts, means, sums and quantiles of intervals (DESIGN 3.2).

Each run fills in what was not measured: the favourable one as well as it can be, the unfavourable one as badly. Where
nothing bounds it, there is no figure, and the verdict is that of the bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil

import numpy as np

from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.engine.judge.down import measurements_of
from makegood.engine.judge.excuses import Excused
from makegood.engine.judge.figures import Figure, Time, covered_time, held, is_ceiling, share_of
from makegood.engine.judge.outage_figures import ONE, plain_figure
from makegood.engine.judge.outages import Down
from makegood.model.facts import Quantity
from makegood.model.order import CoveredService
from makegood.model.spans import Spans, at_least
from makegood.model.statement import RunName, Verdict
from makegood.model.terms import TIME_UNITS, Counts, MeasureKind, Strength
from makegood.model.threshold import Threshold
from makegood.model.trace import Kind, Node, Op, leaf

_KINDS = {Counts.SHARE: Kind.SHARE, Counts.TIME: Kind.TIME}


@dataclass(frozen=True, slots=True)
class Interval:
    """One measured interval in the judged time: the good and the valid of a share, or a value over one."""

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
    """What was measured of a subject in its judged time: intervals by service, and the time that is not wholly known.

    `missing` counts the expected intervals without a whole record, where the measure says how long they are. `unseen`
    is the part of `unknown` of which nothing at all is known, not even how many there were or how many were good.
    """

    intervals: tuple[Interval, ...]
    unknown: Spans
    missing: int
    expected: int
    partly: tuple[Partly, ...] = ()
    unseen: Spans = field(default_factory=Spans)


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
    whole = [Spans([(i.start, i.end)]) for i in every if _excused(i, excused)]
    here = at_least(1, whole) & covered if whole else Spans()
    out = here & excused.outside
    down = found.unknown - here if run is RunName.UNFAVOURABLE and not case.measure.unknown else Spans()
    nodes = tuple(
        leaf(Op.FINDING, says, Kind.TIME, Fraction(spans.total))
        for says, spans in (("covered time", covered), ("excused time that leaves the figure", out), ("unseen", down))
    )
    return Time(covered, here - out, out, down, Spans(), (nodes[0], nodes[1], nodes[2]))


def _excused(interval: Interval | Partly, excused: Excused) -> bool:
    span = Spans([(interval.start, interval.end)])
    return not (span - excused.up - excused.outside).total


def measured_of(case: Case, covered: Spans) -> Measured:
    """The intervals of the subject that lie wholly in its judged time; one belongs to the period that it begins in."""
    key = (measured_of, id(case.terms), case.commitment.name, case.subject, case.period)
    return case.world.once(key, lambda: _measured_of(case, covered))


def _measured_of(case: Case, covered: Spans) -> Measured:
    found, partly = list[Interval](), list[Partly]()
    unknown = unseen = Spans()
    missing = expected = 0
    for service in case.services:
        mine, half = _of_service(case, service, covered)
        found += mine
        partly += half
        rest = covered - Spans([(i.start, i.end) for i in mine])
        unknown = unknown | rest
        unseen = unseen | (rest - Spans([(p.start, p.end) for p in half]))
        length = case.measure.interval
        if length:
            missing += _cells(case, rest, length)
            expected += _cells(case, covered, length)
    return Measured(tuple(found), unknown, missing, expected or len(found), tuple(partly), unseen)


def _cells(case: Case, spans: Spans, length: int) -> int:
    """How many cells from local midnight lie wholly or in part in the spans and begin in the judged time."""
    zone, cells = Zone.named(case.period.zone), set[tuple[object, int]]()
    for span in spans:
        day = zone.date_of(span.start)
        last = zone.date_of(span.end - 1)
        while day <= last:
            whole = zone.day(day)
            first = max(span.start, whole.start) - whole.start
            end = min(span.end, whole.end) - whole.start
            cells |= {(day, n) for n in range(first // length, -(-end // length))}
            day = zone.date_of(whole.end)
    return len(cells)


def _of_service(case: Case, service: CoveredService, covered: Spans) -> tuple[list[Interval], list[Partly]]:
    rule, found, partly = case.measure, list[Interval](), list[Partly]()
    scope = covered.within(case.world.covered(service))
    edges = scope.edges
    for made in measurements_of(case.world, service, rule.metric, rule.source):
        at = np.searchsorted(edges[:, 0], made.start, side="right") - 1
        inside = (at >= 0) & (made.end <= np.where(at >= 0, edges[np.maximum(at, 0), 1], 0)) if len(edges) else at > 0
        amount, of = _columns(case, made.quantities)
        for row in np.flatnonzero(inside).tolist():
            start, end = int(made.start[row]), int(made.end[row])
            value = None if amount is None else amount.at(row)
            whole = Fraction(1) if rule.value else None if of is None else of.at(row)
            value = Fraction() if value is None and whole == 0 else value
            if value is not None and whole is not None:
                found.append(Interval(start, end, value * _scale(case), whole))
            elif not rule.value and (value is not None or whole is not None):
                partly.append(Partly(start, end, value, whole))
    return found, partly


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
    counting = [i for i in found.intervals if not _excused(i, excused)]
    as_up = [
        i for i in found.intervals if _excused(i, excused) and not (Spans([(i.start, i.end)]) & time.excused_out).total
    ]
    filled = _Filled(
        found.unknown.total > 0 and rule.unknown != "nothing",
        found.missing if rule.interval else None,
        rule.unknown == "up" or (rule.unknown != "down" and run is RunName.FAVOURABLE),
    )
    if rule.kind is MeasureKind.COUNTS:
        half = [p for p in found.partly if p.valid is None or not _excused(p, excused)]
        as_up += [
            Interval(p.start, p.end, p.valid, p.valid)
            for p in found.partly
            if p.valid is not None and _excused(p, excused) and not (Spans([(p.start, p.end)]) & time.excused_out).total
        ]
        filled = _bounding(found, half, filled)
        return _ratio_of_counts(case, counting, as_up, filled, time)
    if rule.kind is MeasureKind.MEAN:
        return _mean(case, counting, as_up, filled, time)
    return _of_values(case, [i.amount / i.of for i in counting if i.of], filled, time)


@dataclass(frozen=True, slots=True)
class _Filled:
    """What was not measured: whether there is any, how many intervals (None: nobody knows), and as good or as bad as it
    can have been."""

    any: bool
    missing: int | None
    good: bool
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
    best = _best_mean(case, shares) if case.running and not rule.value else None
    verdict, node = held(case, mean, best)
    return Figure(numerator, denominator, mean, time.nodes[2], verdict, node)


def _as_kind(node: Node, kind: Kind) -> Node:
    return node if node.kind is kind else Node(node.op, node.says, node.value, kind, node.operands, node.clause)


def _best_mean(case: Case, shares: Sequence[Fraction]) -> Fraction | None:
    """The mean that a period reaches if nothing else fails, where the number of its intervals is known."""
    length = case.measure.interval
    if not length:
        return None
    coming = sum(_cells(case, Spans([case.span]) - Spans([case.judged]), length) for _ in case.services)
    return (_sum(shares) + coming) / (len(shares) + coming) if shares or coming else None


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
    value = None
    towards_more = filled.good is not low_is_good
    match rule.kind:
        case MeasureKind.SUM:
            value = None if filled.any and towards_more else _sum(values)
        case MeasureKind.GREATEST:
            value = None if filled.any and towards_more else max(values, default=None)
        case MeasureKind.LEAST:
            value = None if filled.any and not towards_more else min(values, default=None)
        case MeasureKind.PERCENTILE:
            says = f"{says}, rank {rule.rank}"
            value = _percentile(values, rule.rank or Fraction(1), filled, towards_more)
    if value is None and filled.any:
        return _bound(case, None, filled, time)
    node = None if value is None else leaf(Op.FINDING, says, kind, value, rule.clause)
    return plain_figure(case, node, time.nodes[2])


def _percentile(values: list[Fraction], rank: Fraction, filled: _Filled, towards_more: bool) -> Fraction | None:
    """The least value with at least such a share of all intervals at or below it (nearest rank)."""
    if filled.any and filled.missing is None:
        return None
    missing = filled.missing if filled.any and filled.missing is not None else 0
    if not values and not missing:
        return None
    at = ceil(rank * (len(values) + missing)) - (0 if towards_more else missing)
    return sorted(values)[at - 1] if 1 <= at <= len(values) else None


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
    elif case.running:
        verdict = Verdict.RUNNING
    elif not isinstance(case.commitment.target, Threshold):
        verdict = Verdict.UNSTATED
    none = leaf(Op.FINDING, says, Kind.ITEMS, Fraction(), clause)
    return Figure(none, none, None, time.nodes[2], verdict, leaf(Op.FINDING, says, Kind.LABEL, verdict.value, clause))
