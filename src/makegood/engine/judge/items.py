"""Figures of tickets, incidents, claims, changes and drills: how long one took, which share was in time, how many."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from makegood.engine.clock.running import Ran, label_of, run_clock, started
from makegood.engine.judge.case import Case
from makegood.engine.judge.excuses import Excused
from makegood.engine.judge.figures import COMPARISONS, Figure, Time, covered_time, held, share_of
from makegood.engine.judge.outage_figures import ONE, plain_figure
from makegood.engine.judge.outages import Down
from makegood.model.facts import Item, ItemKind
from makegood.model.spans import Span, Spans
from makegood.model.statement import RunName, Verdict
from makegood.model.terms import OF_ITEMS, InTime, MeasureKind, Strength, Unstated
from makegood.model.threshold import Threshold
from makegood.model.trace import Kind, Node, Op, derive, leaf

NO_DOWN = Down(Spans(), Spans(), Spans(), {})
NOT_EXCUSED = Excused((), (), Spans(), Spans())


def concerned(case: Case, kind: ItemKind, where: Mapping[str, tuple[str, ...]]) -> list[Item]:
    """The items of a kind that belong to the order and the subject's services, with the facts or classes asked for."""
    names, order = {s.name for s in case.services}, case.world.order.id
    return [
        item
        for item in case.world.facts.items
        if item.kind is kind
        and item.order in ("", order)
        and (not item.service or item.service in names)
        and all(_says(case, item, name) in words for name, words in where.items())
    ]


def _says(case: Case, item: Item, name: str) -> str:
    """A fact of an item, or its label where the agreement has a class of that name."""
    rule = case.terms.classes.get(name)
    return item.fact(name) if rule is None else label_of(rule, item, case)


def begins(case: Case, item: Item) -> int | None:
    """When an item begins for the case: when its clock starts, or at its first event."""
    if case.measure.kind in OF_ITEMS:
        return started(case.terms.clocks[case.measure.of], item)
    return min((at for _, at in item.events), default=None)


def items_in(case: Case, span: Span) -> list[Item]:
    """The items of the case's measure that begin in a span, by their begin and id."""
    kind = case.commitment.scope.each.item or case.measure.items or ItemKind.TICKET
    found = [(begins(case, item), item) for item in concerned(case, kind, case.measure.where)]
    return [i for at, i in sorted(((at, i) for at, i in found if at is not None and at in span), key=_order)]


def _order(dated: tuple[int, Item]) -> tuple[int, str]:
    return dated[0], dated[1].id


def items_time(case: Case) -> Time:
    """The judged time of a figure that is not one of time: nothing of it is down."""
    covered = covered_time(case)
    none = leaf(Op.RULE, "no time", Kind.TIME, Fraction())
    return Time(
        covered, Spans(), Spans(), Spans(), Spans(),
        (leaf(Op.FINDING, "covered time", Kind.TIME, Fraction(covered.total)), none, none),
    )  # fmt: skip


def items_figure(case: Case, run: RunName, time: Time) -> Figure:
    """The figure of a run; what still runs and is not late is in time in the favourable one, and late in the other."""
    if case.item is not None:
        return _elapsed(case, case.item, time)
    if case.measure.kind is MeasureKind.COUNT:
        found = items_in(case, case.judged)
        kind = (case.measure.items or ItemKind.TICKET).value
        facts = tuple(i.id for i in found)
        number = leaf(Op.FINDING, f"each {kind} of the period", Kind.ITEMS, Fraction(len(found)), None, facts)
        return plain_figure(case, number, time.nodes[2])
    if case.measure.kind is MeasureKind.MEAN_ELAPSED:
        return _mean_elapsed(case, run, time)
    clock = case.terms.clocks[case.measure.of]
    rans = [r for item in items_in(case, case.judged) if (r := run_clock(clock, item, case)) and r.due is not None]
    good = [r for r in rans if r.kept or (r.kept is None and run is RunName.FAVOURABLE)]
    numerator = leaf(
        Op.FINDING, "in time", Kind.ITEMS, Fraction(len(good)), clock.clause, tuple(r.item.id for r in good)
    )
    all_of = tuple(r.item.id for r in rans)
    denominator = leaf(Op.FINDING, "with a deadline", Kind.ITEMS, Fraction(len(rans)), clock.clause, all_of)
    share = share_of(case, numerator, denominator, "share in time")
    verdict, node = held(case, share, None)
    return Figure(numerator, denominator, share, time.nodes[2], verdict, node)


def not_kept(case: Case) -> list[Ran]:
    """Of a share in time, the clocks that were late or still run, in the order in which they started."""
    if case.measure.kind is not MeasureKind.IN_TIME or case.item is not None:
        return []
    clock = case.terms.clocks[case.measure.of]
    rans = (run_clock(clock, item, case) for item in items_in(case, case.judged))
    return [ran for ran in rans if ran is not None and ran.due is not None and not ran.kept]


def _mean_elapsed(case: Case, run: RunName, time: Time) -> Figure:
    """The mean of what each took; what still runs took at least so long, and nothing bounds it in the other run."""
    clock = case.terms.clocks[case.measure.of]
    rans = [r for item in items_in(case, case.judged) if (r := run_clock(clock, item, case))]
    took = [
        leaf(Op.FINDING, f"{r.item.id} took: {r.arithmetic}", Kind.TIME, Fraction(r.used), clock.clause, (r.item.id,))
        for r in rans
    ]
    total = derive(Op.SUM, "what all of them took", Kind.TIME, took, clock.clause)
    number = leaf(Op.FINDING, "how many there were", Kind.ITEMS, Fraction(len(rans)), clock.clause)
    mean = derive(Op.DIVIDE, "what they took on the mean", Kind.TIME, [total, number], clock.clause) if rans else None
    verdict, node = held(case, mean, None)
    if run is RunName.UNFAVOURABLE and verdict is Verdict.MET and any(r.stopped is None for r in rans):
        says = "one of them still runs, and nothing bounds what it takes"
        node = leaf(Op.FINDING, says, Kind.LABEL, Verdict.BREACHED.value, clock.clause)
        return Figure(total, number, None, time.nodes[2], Verdict.BREACHED, node)
    return Figure(total, number, mean, time.nodes[2], verdict, node)


def _elapsed(case: Case, item: Item, time: Time) -> Figure:
    clock = case.terms.clocks[case.measure.of]
    ran = run_clock(clock, item, case)
    none = leaf(Op.RULE, "nothing", Kind.ITEMS, Fraction())
    if ran is None:
        node = leaf(Op.FINDING, "its clock has not started", Kind.LABEL, "not applicable", clock.clause, (item.id,))
        return Figure(none, none, None, time.nodes[2], Verdict.NOT_APPLICABLE, node)
    value = leaf(
        Op.FINDING, f"time that ran: {ran.arithmetic}", Kind.TIME, Fraction(ran.used), clock.clause, (item.id,)
    )
    verdict, node = _in_time(case, ran, value)
    return Figure(value, ONE, value, time.nodes[2], verdict, node)


def _in_time(case: Case, ran: Ran, value: Node) -> tuple[Verdict, Node]:
    commitment, clock = case.commitment, case.terms.clocks[case.measure.of]
    target = commitment.target
    aim = commitment.strength is Strength.AIM
    if isinstance(target, Threshold):
        open_still = ran.stopped is None
        goal = leaf(Op.RULE, "the target", Kind.TIME, Fraction(target.edge), commitment.clause)
        node = derive(COMPARISONS[target.side], "the target is met", Kind.TRUTH, [value, goal], commitment.clause)
        kept = None if open_still and node.value else node.value
    elif isinstance(target, InTime) and ran.due is not None:
        then = ran.stopped if ran.stopped is not None else case.world.as_of
        says = "kept at" if ran.stopped is not None else "not kept by"
        at = leaf(Op.FACT, says, Kind.INSTANT, Fraction(then), None, (ran.item.id,))
        due = leaf(Op.FINDING, f"late from: {ran.arithmetic}", Kind.INSTANT, Fraction(ran.due), clock.clause)
        node = derive(Op.BELOW, "it was in time", Kind.TRUTH, [at, due], clock.clause, value.facts)
        kept = ran.kept
    else:
        unstated = isinstance(target, Unstated) or isinstance(ran.allow, Unstated)
        node = leaf(Op.FINDING, ran.arithmetic, Kind.LABEL, "no deadline", clock.clause, operands=(value,))
        return (Verdict.UNSTATED if unstated and not aim else Verdict.RECORDED), node
    if aim:
        return Verdict.RECORDED, node
    if kept is None:
        return Verdict.RUNNING, node
    return (Verdict.MET if kept else Verdict.BREACHED), node
