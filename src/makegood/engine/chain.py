"""The chain, composed once per run: evidence → down → outages → excuses → classes → figure → credits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeAlias

from makegood.calendar.period import NoSuchPeriod, following, period_holding, period_named, periods
from makegood.calendar.zone import Zone
from makegood.engine.happened import Happened, happened_in
from makegood.engine.judge.case import Case, World, subjects
from makegood.engine.judge.excuses import Excused, excuse
from makegood.engine.judge.figures import Figure, Time, divide_time, figure, held, share_of, unstated_figure
from makegood.engine.judge.intervals import measured_down, measured_figure, measured_time
from makegood.engine.judge.items import NO_DOWN, NOT_EXCUSED, items_figure, items_in, items_time
from makegood.engine.judge.outage_figures import outage_figure, plain_figure, pooled_figure
from makegood.engine.judge.outages import Down, outages_of
from makegood.engine.remedy.counting import counted
from makegood.engine.remedy.credits import Missed, credit
from makegood.engine.remedy.reach import Earlier, Reach
from makegood.model.expression import Unit
from makegood.model.order import CoveredService
from makegood.model.spans import Instant, Span, Spans
from makegood.model.statement import Line, RunName
from makegood.model.terms import OF_INTERVALS, Combined, Commitment, MeasureKind, Scope, Terms
from makegood.model.trace import Kind, Node, Op, derive, leaf
from makegood.model.when import Partial, Period

Key: TypeAlias = tuple[str, str]
"""A commitment and a subject."""

Tried: TypeAlias = frozenset[tuple[Key, Period, int]]
"""Down time that is tried (µs), by commitment, subject and period."""
UNTRIED: Tried = frozenset()


@dataclass(frozen=True, eq=False)
class Judged:
    """All that one run says of one case."""

    case: Case
    down: Down
    excused: Excused
    time: Time
    figure: Figure
    lines: tuple[Line, ...]


def cases_of(world: World, terms: Terms, label: str) -> list[Case]:
    """The cases of an order for a period label. Raises NoSuchPeriod where no commitment has such periods."""
    return world.once((cases_of, id(terms), label), lambda: (terms, _labelled(world, terms, label)))[1]


def _labelled(world: World, terms: Terms, label: str) -> list[Case]:
    found: list[Case] = []
    fits, wrong = False, None
    for commitment in judged_commitments(terms):
        try:
            period = period_named(terms.periods[commitment.period], label)
        except NoSuchPeriod as no:
            wrong = no
            continue
        fits = True
        found += _cases(world, terms, commitment, period)
    if wrong is not None and not fits:
        raise wrong
    return found


def judged_commitments(terms: Terms) -> list[Commitment]:
    """The commitments that can be judged: those whose measure rests on rules that the terms have."""
    return [c for c in terms.commitments.values() if c.measure in terms.measures]


def _cases(world: World, terms: Terms, commitment: Commitment, period: Period) -> list[Case]:
    rule = terms.periods[commitment.period]
    if commitment.scope.each.item is not None:
        return _of_items(world, terms, commitment, period)
    among = subjects(commitment, world.order, period.first)
    made = [Case(world, terms, commitment, name, services, period) for name, services in among]
    made = [c for c in made if len(c.in_order(c.span))]
    return [c for c in made if rule.partial is not Partial.NOT or c.in_order(c.span).covers(c.span)]


def _of_items(world: World, terms: Terms, commitment: Commitment, period: Period) -> list[Case]:
    """One case for each ticket or the like that begins in the period, with the services that it concerns."""
    scope = Scope(commitment.scope.each, commitment.scope.not_stages, commitment.scope.only_instances,
                  commitment.scope.only)  # fmt: skip
    whole = subjects(replace(commitment, scope=scope), world.order, period.first)
    services = whole[0][1] if whole else ()
    if not services:
        return []
    every = Case(world, terms, commitment, world.order.id, services, period)
    found = []
    for item in items_in(every, every.judged):
        mine = tuple(s for s in services if s.name == item.service) or services
        case = Case(world, terms, commitment, item.id, mine, period, item)
        if len(case.in_order(case.span)):
            found.append(case)
    return found


def run_chain(
    cases: Sequence[Case], run: RunName, more_down: Mapping[Key, int] | None = None, only: tuple[str, ...] = ()
) -> dict[Key, Judged]:
    """Judge every case in one run, and the credits over all of them.

    `more_down` tries other down time (µs); `only` asks for the lines of the named remedies, as if there were no others.
    """
    changes = more_down or {}
    tried = frozenset((_key(c), c.period, changes[_key(c)]) for c in cases if changes.get(_key(c)))
    halves = [_half(case, run) for case in cases]
    figures = [_tried(case, run, tried) for case in cases]
    missed = [
        Missed(case, fig, counted_whole(case, run), half.time.down)
        for case, half, fig in zip(cases, halves, figures, strict=True)
    ]
    dues = credit(missed, reach_of(run, tried), only)
    return {
        _key(due.case): Judged(due.case, half.down, half.excused, half.time, due.figure, due.lines)
        for due, half in zip(dues, halves, strict=True)
    }


def _key(case: Case) -> Key:
    return case.commitment.name, case.subject


def _tried(case: Case, run: RunName, tried: Tried) -> Figure:
    """The figure of a case, with the down time that is tried of it."""
    half = _half(case, run)
    more = sum(more for key, period, more in tried if (key, period) == (_key(case), case.period))
    return _figured(case, half.down, half.excused, half.time, run, more) if more else half.figure


@dataclass(frozen=True, eq=False)
class Half:
    """A case in one run, up to its figure: all that does not depend on other cases."""

    terms: Terms
    down: Down
    excused: Excused
    time: Time
    figure: Figure


def _half(case: Case, run: RunName) -> Half:
    def judged() -> Half:
        down, excused, time = _divided(case, run)
        return Half(case.terms, down, excused, time, _figured(case, down, excused, time, run, 0))

    return case.world.once((_half, id(case.terms), _key(case), case.commitment.measure, case.period, run), judged)


def _divided(case: Case, run: RunName) -> tuple[Down, Excused, Time]:
    """What was down, what is excused, and the judged time by class."""
    kind = case.measure.kind
    if kind in OF_INTERVALS:
        down = measured_down(case)
        excused = excuse(case, down)
        return down, excused, measured_time(case, excused, run)
    if kind is MeasureKind.PERIODS:
        return _divided(_measuring(case, case.measure.of), run)
    if case.measure.of not in case.terms.outages:
        return NO_DOWN, NOT_EXCUSED, items_time(case)
    _, down, excused = all_time(case, run)
    if run is RunName.UNFAVOURABLE and down is all_time(case, RunName.FAVOURABLE)[1]:
        half = _half(case, RunName.FAVOURABLE)
        return half.down, half.excused, half.time
    return down, excused, divide_time(case, down, excused)


def _figured(case: Case, down: Down, excused: Excused, time: Time, run: RunName, more_down: int) -> Figure:
    kind = case.measure.kind
    if kind is MeasureKind.UNSTATED:
        return unstated_figure(case, time)
    if kind in OF_INTERVALS:
        return measured_figure(case, excused, time, run)
    if kind is MeasureKind.PERIODS:
        return _mean_of_periods(case, time, run)
    if case.measure.of in case.terms.counts:
        return plain_figure(case, counted(case.terms.counts[case.measure.of], case, reach_of(run)), time.nodes[2])
    if case.measure.of not in case.terms.outages:
        return items_figure(case, run, time)
    if kind is MeasureKind.RATIO and case.commitment.scope.combined in (Combined.POOLED, Combined.WEIGHTED):
        return _pooled(case, run)
    if kind is MeasureKind.RATIO:
        return figure(case, time, more_down)
    unseen = run is RunName.UNFAVOURABLE and not case.measure.unknown
    seen = _half(case, RunName.FAVOURABLE).down.raw if kind is MeasureKind.COUNT and unseen else None
    return outage_figure(case, down, time, more_down, seen)


def _pooled(case: Case, run: RunName) -> Figure:
    """Each service judged by itself, and their times added up."""
    alone = replace(case.commitment, scope=replace(case.commitment.scope, combined=Combined.ANY))
    members = []
    for service in case.services:
        one = replace(case, commitment=alone, subject=f"{case.subject}/{service.name}", services=(service,))
        if len(one.in_order(one.span)):
            members.append((service.name, _half(one, run).figure, _weight(case, service)))
    return pooled_figure(case, members)


def _weight(case: Case, service: CoveredService) -> Fraction:
    """What the order says a service weighs, or the one that it is a part of; one where weights are not asked for or not
    said."""
    weight = case.commitment.scope.weight
    word = case.world.order.said_of(service, weight, case.period.first) if weight else ""
    return Fraction(word.replace(",", "")) if word.replace(",", "").replace(".", "", 1).isdigit() else Fraction(1)


def _measuring(case: Case, measure: str) -> Case:
    """The same case with another measure in the place of its own."""
    return replace(case, commitment=replace(case.commitment, measure=measure))


def _mean_of_periods(case: Case, time: Time, run: RunName) -> Figure:
    """The mean of the figures of so many periods, the judged one the last; those before the order are none."""
    rule, one = case.terms.periods[case.commitment.period], _measuring(case, case.measure.of)
    figures: list[Node] = []
    for back in range(case.measure.periods):
        then = replace(one, period=following(rule, case.period, -back))
        if len(then.in_order(then.span)) and (ratio := _half(then, run).figure.ratio) is not None:
            figures.append(ratio)
    numerator = derive(Op.SUM, "the figures of the periods, added up", Kind.SHARE, figures, case.measure.clause)
    count = leaf(Op.FACT, "periods", Kind.ITEMS, Fraction(len(figures)))
    mean = share_of(case, numerator, count, "mean of the periods")
    verdict, node = held(case, mean, None)
    return Figure(numerator, count, mean, time.nodes[2], verdict, node)


def all_time(case: Case, run: RunName) -> tuple[Terms, Down, Excused]:
    """Outages and excuses over all known time: the same for every period of the case's commitment.

    The terms are kept with what is remembered by their identity.
    """

    def judged() -> tuple[Terms, Down, Excused]:
        down = outages_of(case, run)
        if run is RunName.UNFAVOURABLE:  # where both runs saw the same, what follows is the same
            best = all_time(case, RunName.FAVOURABLE)
            if best[1].raw == down.raw and best[1].by_service == down.by_service:
                return best
        return case.terms, down, excuse(case, down)

    return case.world.once((all_time, id(case.terms), _key(case), case.commitment.measure, run), judged)


def counted_whole(case: Case, run: RunName) -> tuple[Spans, ...]:
    """The outages that begin in the judged time, each as all the time of it that counts, beyond the period too."""
    half = _half(case, run)
    left = half.down.counted - half.excused.up - half.excused.outside
    found = [(span, Spans([span]) & left) for span in half.down.lasting.touching(case.judged)]
    return tuple(part for span, part in found if span.start >= case.judged.start and part.total)


def history(
    case: Case, run: RunName, first: date, last: date, dated: str, only: tuple[str, ...] = (), tried: Tried = UNTRIED
) -> list[Earlier]:
    """What came of the periods of the case's rule, up to its own, whose first or last date lies between two dates.

    All commitments over them are judged together, since they may share limits, and each period under the version and
    the plan of its own first date (DESIGN 3.11). What counts credits asks `only` for those: one that rests on their
    number may be owed for the same periods.
    """
    _judge_in_order(case, run, last)
    found: list[Earlier] = []
    for period, at in _periods_between(case, first, last, dated):
        found += [
            Earlier(at, judged.case.commitment.name, judged.case.subject, judged.figure.verdict, judged.lines, period)
            for judged in _judged_then(case, period, run, only, tried)
        ]
    return found


def _judge_in_order(case: Case, run: RunName, last: date) -> None:
    """Judge the order's periods from the first one on, where a limit looks back from each to those before it.

    So none has to wait for the one before it, however many there are.
    """
    looks_back = any(x.over.longer and x.unit not in (Unit.TIME, Unit.ITEMS) for x in case.terms.limits)
    begun, memo = (_judge_in_order, id(case.terms), case.commitment.period, run), case.world.memo
    before = min(last, case.period.first - timedelta(days=1))
    if looks_back and begun not in memo:
        memo[begun] = case.terms
        for period, _ in _periods_between(case, case.world.order.term.first, before, "period end"):
            _judged_then(case, period, run, (), UNTRIED)
        del memo[begun]


def verdicts(case: Case, run: RunName, first: date, last: date, dated: str, tried: Tried = UNTRIED) -> list[Earlier]:
    """The same of the case's commitment alone, without what was owed, which may itself rest on how many there were."""
    found: list[Earlier] = []
    for period, at in _periods_between(case, first, last, dated):
        mine = [then for then in _cases_then(case, period) if then.commitment.name == case.commitment.name]
        found += [
            Earlier(at, then.commitment.name, then.subject, _tried(then, run, tried).verdict, (), period)
            for then in mine
        ]
    return found


def _periods_between(case: Case, first: date, last: date, dated: str) -> list[tuple[Period, date]]:
    rule = case.terms.periods[case.commitment.period]
    zone = Zone.named(rule.zone)
    start = max(zone.day(first).start, case.world.zone.day(case.world.order.term.first).start)
    end = max(zone.day(last).end, case.span.end)
    found = []
    for period in periods(rule, Span(start, max(start, end))):
        at = period.first if dated == "period start" else period.last
        if first <= at <= last and period.last <= case.period.last:
            found.append((period, at))
    return found


def _judged_then(case: Case, period: Period, run: RunName, only: tuple[str, ...], tried: Tried) -> list[Judged]:
    """Every commitment over one period of the case's rule, under the version and the plan of its first date.

    Of those that owe only the named remedies: another one may be measured by how many of these there are.
    """
    terms = case.terms.on(period.first, case.world.order.plan_on(period.first))
    more = {key: more for key, at, more in tried if at == period}

    def judged() -> tuple[Terms, list[Judged]]:
        owing = {terms.remedies[name].commitment for name in only if name in terms.remedies}
        cases = [c for c in _cases_then(case, period) if not only or c.commitment.name in owing]
        return terms, list(run_chain(cases, run, more, only).values())

    if more:
        return judged()[1]
    return case.world.once((_judged_then, id(terms), case.commitment.period, period, run, only), judged)[1]


def _cases_then(case: Case, period: Period) -> list[Case]:
    terms = case.terms.on(period.first, case.world.order.plan_on(period.first))
    together = [c for c in judged_commitments(terms) if c.period == case.commitment.period]
    return [one for commitment in together for one in _cases(case.world, terms, commitment, period)]


def sibling(case: Case, name: str) -> Case | None:
    """Another commitment of the same order for the same subject, or one that it is part of, in the period that holds
    the last instant of this one; None where it has no such subject."""
    commitment = case.terms.commitments.get(name)
    if commitment is None:
        return None
    period = period_holding(case.terms.periods[commitment.period], case.span.end - 1)
    among = _cases(case.world, case.terms, commitment, period)
    same = [c for c in among if c.subject == case.subject]
    names = {s.name for s in case.services}
    return next(iter(same or [c for c in among if names & {s.name for s in c.services}]), None)


def _outages_between(case: Case, run: RunName, first: date, last: date) -> list[Span]:
    """The outages that count and begin between two local dates, both inside."""
    over = Zone.named(case.period.zone).days(first, last)
    half = _half(case, run)
    left = half.down.counted - half.excused.up - half.excused.outside
    return [s for s in half.down.lasting.touching(over) if s.start in over and (Spans([s]) & left).total]


def _first_outage(case: Case, run: RunName) -> Instant | None:
    found = counted_whole(case, run)
    return int(found[0].edges[0, 0]) if found else None


def _happened(case: Case, run: RunName) -> Happened:
    half = _half(case, run)
    return happened_in(case, half.down, half.time, half.figure)


def reach_of(run: RunName, tried: Tried = UNTRIED) -> Reach:
    """What remedies may ask of the chain in one run."""
    return Reach(
        lambda case, first, last, dated, only: history(case, run, first, last, dated, only, tried),
        lambda case, first, last, dated: verdicts(case, run, first, last, dated, tried),
        lambda case, first, last: _outages_between(case, run, first, last),
        sibling,
        lambda case: _tried(case, run, tried).ratio,
        lambda case: _first_outage(case, run),
        lambda case: _happened(case, run),
    )
