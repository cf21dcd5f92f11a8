"""The chain, composed once per run: evidence → down → outages → excuses → classes → figure → credits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from makegood.calendar.period import NoSuchPeriod, period_named, periods
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case, World, subjects
from makegood.engine.judge.excuses import Excused, excuse
from makegood.engine.judge.figures import Figure, Time, divide_time, figure
from makegood.engine.judge.outages import Down, outages_of
from makegood.engine.remedy.credits import credit
from makegood.engine.remedy.rights import Earlier
from makegood.model.spans import Span
from makegood.model.statement import Line, RunName
from makegood.model.terms import Commitment, MeasureKind, Terms
from makegood.model.when import Period

Key: TypeAlias = tuple[str, str]
"""A commitment and a subject."""


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
    """The commitments that are judged from time; clocks and counts are typed and wait for what acts on them."""
    return [
        c
        for c in terms.commitments.values()
        if terms.measures[c.measure].kind is MeasureKind.RATIO and terms.measures[c.measure].of in terms.outages
    ]


def _cases(world: World, terms: Terms, commitment: Commitment, period: Period) -> list[Case]:
    made = [
        Case(world, terms, commitment, name, services, period) for name, services in subjects(commitment, world.order)
    ]
    rule = terms.periods[commitment.period]
    made = [c for c in made if len(c.in_order(c.span))]
    return [c for c in made if rule.partial or c.in_order(c.span).covers(c.span)]


def run_chain(cases: Sequence[Case], run: RunName, more_down: Mapping[Key, int] | None = None) -> dict[Key, Judged]:
    """Judge every case in one run, and the credits over all of them. `more_down` tries other down time (µs)."""
    halves = [_half(case, run) for case in cases]
    figures = [
        figure(case, half.time, change) if (change := (more_down or {}).get(_key(case), 0)) else half.figure
        for case, half in zip(cases, halves, strict=True)
    ]
    dues = credit(list(zip(cases, figures, strict=True)), lambda case, first, last: _credited(case, run, first, last))
    return {
        _key(due.case): Judged(due.case, half.down, half.excused, half.time, due.figure, due.lines)
        for due, half in zip(dues, halves, strict=True)
    }


def _key(case: Case) -> Key:
    return case.commitment.name, case.subject


@dataclass(frozen=True, eq=False)
class _Half:
    """A case in one run, up to its figure: all that does not depend on other cases."""

    terms: Terms
    down: Down
    excused: Excused
    time: Time
    figure: Figure


def _half(case: Case, run: RunName) -> _Half:
    def judged() -> _Half:
        _, down, excused = _all_time(case, run)
        time = divide_time(case, down, excused)
        return _Half(case.terms, down, excused, time, figure(case, time))

    return case.world.once((_half, id(case.terms), _key(case), case.period, run), judged)


def _all_time(case: Case, run: RunName) -> tuple[Terms, Down, Excused]:
    """Outages and excuses over all known time: the same for every period of the case's commitment.

    The terms are kept with what is remembered by their identity.
    """

    def judged() -> tuple[Terms, Down, Excused]:
        down = outages_of(case, run)
        return case.terms, down, excuse(case, down)

    return case.world.once((_all_time, id(case.terms), _key(case), run), judged)


def history(case: Case, run: RunName, first: date, last: date, dated: str) -> list[Earlier]:
    """The periods of the case's commitment, up to its own, whose first or last date lies between two local dates.

    Each is judged under the terms of its own plan (DESIGN 3.11).
    """
    rule = case.terms.periods[case.commitment.period]
    zone = Zone.named(rule.zone)
    start = zone.day(max(first, case.world.order.term.first)).start
    end = max(zone.day(last).end, case.span.end)
    found: list[Earlier] = []
    for period in periods(rule, Span(start, max(start, end))):
        at = period.first if dated == "period start" else period.last
        if first <= at <= last and period.last <= case.period.last:
            found += [
                Earlier(at, judged.case.subject, judged.figure.verdict, judged.lines)
                for judged in _judged_then(case, period, run)
            ]
    return found


def _credited(case: Case, run: RunName, first: date, last: date) -> list[Line]:
    return [line for earlier in history(case, run, first, last, "period end") for line in earlier.lines]


def _judged_then(case: Case, period: Period, run: RunName) -> list[Judged]:
    """One commitment over one period, under the plan of that period's first date."""
    terms = case.terms.on_plan(case.world.order.plan_on(period.first))

    def judged() -> tuple[Terms, list[Judged]]:
        commitment = terms.commitments.get(case.commitment.name)
        cases = _cases(case.world, terms, commitment, period) if commitment else []
        return terms, list(run_chain(cases, run).values())

    return case.world.once((_judged_then, id(terms), case.commitment.name, period, run), judged)[1]
