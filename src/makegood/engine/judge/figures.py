"""Totals, ratio and verdict: the classes of time added up and held against the target (DESIGN 3.2, 3.8)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from makegood.calendar.period import NoSuchPeriod, period_named, span_of
from makegood.engine.judge.case import Case
from makegood.engine.judge.excuses import Excused
from makegood.engine.judge.outages import Down, covered_hours
from makegood.model.facts import ItemKind
from makegood.model.money import Rounding, rounded
from makegood.model.spans import Span, Spans
from makegood.model.statement import GateResult, Verdict
from makegood.model.terms import Counts, Strength
from makegood.model.threshold import Side, Threshold
from makegood.model.trace import Kind, Node, Op, derive, leaf
from makegood.model.when import Partial

COMPARISONS = {
    Side.AT_LEAST: Op.AT_LEAST,
    Side.MORE_THAN: Op.MORE_THAN,
    Side.BELOW: Op.BELOW,
    Side.AT_MOST: Op.AT_MOST,
    Side.EXACTLY: Op.EXACTLY,
}


@dataclass(frozen=True, eq=False)
class Time:
    """The judged part of a period in one run, divided: what is covered, excused either way, down, and brief."""

    covered: Spans
    excused_up: Spans
    excused_out: Spans
    down: Spans
    brief: Spans
    nodes: tuple[Node, Node, Node]
    """Covered time, excused time that leaves the ratio, and down time, each as a node of kind TIME."""


@dataclass(frozen=True, eq=False)
class Figure:
    """The figure of one run and what it says of the target. `ratio` is None where nothing was covered, or where nothing
    bounds what was not measured.

    A share has its operands as numerator and denominator; a figure of another kind is its own numerator, over one.
    """

    numerator: Node
    denominator: Node
    ratio: Node | None
    down: Node
    verdict: Verdict
    node: Node


def covered_time(case: Case) -> Spans:
    """The elapsed time of the period that the order covers, or all of it where partial ones are judged as a whole,
    inside the service hours."""
    return covered_hours(case, _of_order(case, case.judged))


def _of_order(case: Case, span: Span) -> Spans:
    whole = case.terms.periods[case.commitment.period].partial is Partial.WHOLE
    return Spans([span]) if whole else case.in_order(span)


def divide_time(case: Case, down: Down, excused: Excused) -> Time:
    """The judged time of one run by class, with nodes for what the ratio needs."""
    covered = covered_time(case)
    here = case.judged
    up, out = excused.up.within(here) & covered, excused.outside.within(here) & covered
    counting = down.counted.within(here) & covered
    left = counting - up - out - credited_before(case)
    brief = (down.raw.within(here) - down.lasting) & covered
    hours_clause = case.measure.clause if case.measure.service_hours else None
    covered_node = derive(
        Op.TOTAL,
        f"covered time of {case.period.label}",
        Kind.TIME,
        [leaf(Op.FINDING, "elapsed, inside the order and its service hours", Kind.SPANS, covered, hours_clause)],
    )
    outages = tuple(
        leaf(Op.FACT, "outage", Kind.SPANS, Spans([s]), case.outage.clause) for s in down.lasting.touching(case.judged)
    )
    outage_node = leaf(
        Op.FINDING, "outages that count, in covered time", Kind.SPANS, counting, case.outage.clause, operands=outages
    )
    excuse_nodes = [
        leaf(
            Op.FINDING,
            f"{e.title}: {e.why}",
            Kind.SPANS,
            e.excused.within(here) & covered,
            e.clause,
            (e.item,),
            "",
            _gates(e.gates),
        )
        for e in excused.excuses
        if len(e.asked.touching(here))
    ]
    out_spans = leaf(Op.FINDING, "excused and out of the ratio", Kind.SPANS, out)
    down_spans = derive(Op.DIFFERENCE, "outages less what is excused", Kind.SPANS, [outage_node, *excuse_nodes])
    if down_spans.value != left:
        down_spans = leaf(
            Op.FINDING, "outages less what is excused", Kind.SPANS, left, operands=(outage_node, *excuse_nodes)
        )
    nodes = (
        covered_node,
        derive(Op.TOTAL, "excused time that leaves the ratio", Kind.TIME, [out_spans]),
        derive(Op.TOTAL, "down time", Kind.TIME, [down_spans]),
    )
    return Time(covered, up, out, left, brief, nodes)


def credited_before(case: Case) -> Spans:
    """Downtime of other periods whose credit was paid, where it does not count again."""
    if not case.measure.credited:
        return Spans()
    remedies = {r.name for r in case.terms.remedies.values() if r.commitment == case.commitment.name}
    rule, found = case.terms.periods[case.commitment.period], list[Span]()
    for claim in case.world.facts.items:
        if claim.kind is ItemKind.CLAIM and claim.fact("for") in remedies and claim.at(PAID):
            label = claim.fact("period")
            if label != case.period.label and claim.order in ("", case.world.order.id):
                with suppress(NoSuchPeriod):
                    found.append(span_of(period_named(rule, label)))
    return Spans(found)


PAID = "credit paid"
"""The event of a claim by which its credit was paid."""


def _gates(gates: tuple[GateResult, ...]) -> tuple[Node, ...]:
    return tuple(leaf(Op.FINDING, f"{g.says}: {g.found}", Kind.TRUTH, g.holds, None, g.facts) for g in gates)


def figure(case: Case, time: Time, more_down: int = 0) -> Figure:
    """The share of available time of a run, and its verdict; `more_down` adds (or takes) microseconds of down time to
    try a change."""
    covered, out, down = time.nodes
    if more_down:
        down = with_more(down, more_down)
    covered = _nominal(case, time, covered)
    denominator = _at_least_none(derive(Op.SUBTRACT, "time that is judged", Kind.TIME, [covered, out]))
    numerator = _at_least_none(derive(Op.SUBTRACT, "available time", Kind.TIME, [denominator, down]))
    ratio = share_of(case, numerator, denominator, "availability")
    best = _perfect_remainder(case, time, numerator, denominator) if case.running and ratio is not None else None
    verdict, node = held(case, ratio, best)
    return Figure(numerator, denominator, ratio, down, verdict, node)


def with_more(down: Node, more: int) -> Node:
    """Down time with so many microseconds more, or fewer, to see what that would do."""
    change = leaf(Op.FACT, "changed to see what it would do", Kind.TIME, Fraction(more))
    return derive(Op.SUM, "down time, changed", Kind.TIME, [down, change])


def share_of(case: Case, numerator: Node, denominator: Node, says: str) -> Node | None:
    """A share, rounded where the measure says so; None where there is nothing to be a share of."""
    if not denominator.value:
        return None
    ratio = derive(Op.DIVIDE, says, Kind.SHARE, [numerator, denominator], case.measure.clause)
    if case.measure.rounding is None:
        return ratio
    places = str(case.measure.rounding + 2)
    return derive(Op.ROUND_RATIO, f"{says}, rounded", Kind.SHARE, [ratio], case.measure.clause, (), places)


def held(case: Case, value: Node | None, best: Fraction | None) -> tuple[Verdict, Node]:
    """A figure held against the target. `best` is what a running period can still come to at best, where that is known:
    it says breached once that misses the target, and never met (DESIGN 3.11)."""
    commitment = case.commitment
    target = commitment.target
    if value is None:
        node = leaf(Op.FINDING, "nothing was covered, so there is no figure", Kind.LABEL, "not applicable")
        return Verdict.NOT_APPLICABLE, node
    aim = commitment.strength is Strength.AIM
    if not isinstance(target, Threshold):
        says = "no target is stated" + ("; it is an aim" if aim else "")
        node = leaf(Op.FINDING, says, Kind.LABEL, "no target", commitment.clause, operands=(value,))
        return (Verdict.RECORDED if aim else Verdict.UNSTATED), node
    goal = leaf(Op.RULE, "the target", value.kind, Fraction(target.edge), commitment.clause)
    node = derive(COMPARISONS[target.side], "the target is met", Kind.TRUTH, [value, goal], commitment.clause)
    if aim:
        return Verdict.RECORDED, node
    if case.running:
        missed = best is not None and not target.holds(best)
        return (Verdict.BREACHED if missed else Verdict.RUNNING), node
    return (Verdict.MET if node.value else Verdict.BREACHED), node


def unstated_figure(case: Case, time: Time) -> Figure:
    """No figure, and the clause that leaves open how it would be worked out."""
    says, verdict = "how this is measured is unstated", Verdict.UNSTATED
    if case.commitment.strength is Strength.AIM:
        verdict = Verdict.RECORDED
    none = leaf(Op.FINDING, says, Kind.ITEMS, Fraction(), case.measure.clause)
    node = leaf(Op.FINDING, says, Kind.LABEL, verdict.value, case.measure.clause)
    return Figure(none, none, None, time.nodes[2], verdict, node)


def is_ceiling(case: Case) -> bool:
    """Whether the target keeps a figure down, so that less is better: also `exactly 0`, but not `exactly 100 %`."""
    target = case.commitment.target
    if not isinstance(target, Threshold):
        return False
    if target.side is Side.EXACTLY:
        return not target.edge or case.commitment.counts is not Counts.SHARE
    return target.side in (Side.AT_MOST, Side.BELOW)


def _at_least_none(time: Node) -> Node:
    """A nominal length may hold less than what is taken from it; there is never less than no time."""
    assert isinstance(time.value, Fraction)
    if time.value >= 0:
        return time
    none = leaf(Op.RULE, "no time", Kind.TIME, Fraction())
    return derive(Op.GREATEST, f"{time.says}, at least none", Kind.TIME, [time, none])


def _nominal(case: Case, time: Time, covered: Node) -> Node:
    """A nominal length replaces the true one where the whole period is covered; the difference counts as up."""
    rule = case.terms.periods[case.commitment.period]
    if rule.nominal is None or case.running or not len(time.covered):
        return covered
    if time.covered != covered_hours(case, Spans([case.span])):
        return covered
    clause = case.terms.period_clauses.get(rule.name)
    return leaf(Op.RULE, "nominal length of the period", Kind.TIME, Fraction(rule.nominal), clause, operands=(covered,))


def _perfect_remainder(case: Case, time: Time, numerator: Node, denominator: Node) -> Fraction | None:
    """The ratio that the period would reach if nothing else went wrong; rounded, or over a nominal length, like it."""
    assert isinstance(numerator.value, Fraction)
    assert isinstance(denominator.value, Fraction)
    coming = covered_hours(case, _of_order(case, case.span) - Spans([case.judged]))
    rule = case.terms.periods[case.commitment.period]
    whole = rule.nominal is not None and (time.covered | coming) == covered_hours(case, Spans([case.span]))
    more = rule.nominal - time.covered.total if whole and rule.nominal is not None else coming.total
    if not denominator.value + more:
        return None
    best = (numerator.value + more) / (denominator.value + more)
    if case.measure.rounding is None:
        return best
    unit = 10 ** (case.measure.rounding + 2)
    return Fraction(rounded(best * unit, Rounding.HALF_UP), unit)
