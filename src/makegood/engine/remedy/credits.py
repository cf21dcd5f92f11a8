"""Credits and charges: lines for each remedy and subject, cut by limits, and rounded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

from makegood.calendar.wording import at_words, day_words
from makegood.calendar.zone import Zone
from makegood.engine.clock.deadlines import claimed_late
from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure
from makegood.engine.remedy.amounts import Missing, Setting, amount_node
from makegood.engine.remedy.limits import Placed, within_limits
from makegood.engine.remedy.reach import Reach
from makegood.engine.remedy.standing import withheld
from makegood.model.expression import Unit
from makegood.model.money import Money
from makegood.model.spans import Spans
from makegood.model.statement import Line, Verdict
from makegood.model.terms import Clause, MeasureKind, RemedyEach, RemedyForm, RemedyRule, Unstated
from makegood.model.trace import Kind, Node, Op, derive, leaf

AMOUNTS = (RemedyForm.CREDIT, RemedyForm.CHARGE)
KINDS = {Unit.DAYS: Kind.DAYS, Unit.POINTS: Kind.POINTS}


@dataclass(frozen=True, eq=False)
class Missed:
    """A case with its figure, and what its remedies may be given for each of: the time that counts of each outage
    which begins in the period, and the down time of the period."""

    case: Case
    figure: Figure
    outages: tuple[Spans, ...]
    down: Spans


@dataclass(frozen=True, eq=False)
class Due:
    """A case whose commitment was judged, with its figure and the lines that follow from it."""

    case: Case
    figure: Figure
    lines: tuple[Line, ...]


def credit(judged: Sequence[Missed], reach: Reach, only: tuple[str, ...] = ()) -> list[Due]:
    """The lines of every case of one order and period, limits applied over all of them in the order of the cases; with
    `only`, those of the named remedies as if there were no others."""
    if not judged:
        return []
    lines = [Placed(one.case, line) for one in judged for line in _lines(one, reach, only)]
    cut = within_limits(lines, [one.case for one in judged], reach)
    return [
        Due(one.case, one.figure, tuple(_settled(p.case, p.line, reach) for p in cut if p.case is one.case))
        for one in judged
    ]


def _lines(one: Missed, reach: Reach, only: tuple[str, ...]) -> list[Line]:
    """The remedies of a miss; none while the period runs, since the rest of it decides which row is reached."""
    case = one.case
    if case.running and case.item is None:
        return []
    if one.figure.verdict not in (Verdict.BREACHED, Verdict.UNSTATED):
        return []
    remedies = [
        remedy
        for remedy in case.terms.remedies.values()
        if remedy.commitment == case.commitment.name and remedy.form in AMOUNTS and (not only or remedy.name in only)
    ]
    if one.figure.verdict is Verdict.UNSTATED:
        silence = what_is_unstated(case)
        return [_unstated(_blank(remedy, case), silence.what, silence.clause) for remedy in remedies]
    return [
        _line(remedy, Setting(case, one.figure, reach, part, len(one.outages)), label, spans)
        for remedy in remedies
        for label, part, spans in _parts(remedy, one)
    ]


def what_is_unstated(case: Case) -> Unstated:
    """What leaves the verdict of a case open: the target, how it is measured, or what its clock allows."""
    if case.measure.kind is MeasureKind.UNSTATED:
        return Unstated(case.measure.clause, "how it is measured")
    if isinstance(case.commitment.target, Unstated):
        return replace(case.commitment.target, what="the target")
    clock = case.terms.clocks.get(case.measure.of)
    return Unstated(clock.clause if clock is not None else case.commitment.clause, "what its clock allows")


def _parts(remedy: RemedyRule, one: Missed) -> Iterator[tuple[str, Node | None, Spans | None]]:
    """What a remedy is given for each of, with its down time; and of an outage, what of it counts."""
    zone = Zone.named(one.case.period.zone)
    match remedy.each:
        case RemedyEach.PERIOD:
            yield "", None, None
        case RemedyEach.OUTAGE:
            for spans in one.outages:
                label = f"outage of {at_words(zone.shown(int(spans.edges[0, 0])))}"
                yield label, leaf(Op.FACT, f"down time of the {label}", Kind.TIME, Fraction(spans.total)), spans
        case RemedyEach.DAY:
            day = one.case.period.first
            while day <= one.case.period.last:
                total = one.down.within(zone.day(day)).total
                if total:
                    yield day_words(day), leaf(Op.FACT, f"down time on {day}", Kind.TIME, Fraction(total)), None
                day += timedelta(days=1)


def _late(remedy: RemedyRule, setting: Setting, outage: Spans | None) -> str:
    """Whether the claim came too late: for an outage of which a remedy is given for each, by that one alone."""
    if not any(clock.lapses and clock.of == remedy.name for clock in setting.case.terms.clocks.values()):
        return ""
    happened = setting.reach.happened(setting.case)
    if outage is not None:
        happened = replace(happened, outages=tuple(s for s in happened.outages if outage.within(s).total))
    return claimed_late(setting.case, remedy.name, happened)


def _blank(remedy: RemedyRule, case: Case) -> Line:
    """A line of a remedy that says nothing yet of how much."""
    return Line(
        remedy=remedy.name,
        clause=remedy.clause,
        subject=case.subject,
        form=remedy.form,
        says=" and ".join(remedy.does),
        money=None,
        days=None,
        cut_by="",
        paid=remedy.paid,
        unstated="",
        withheld=withheld(remedy, case),
        node=None,
        unit=remedy.unit,
    )


def _line(remedy: RemedyRule, setting: Setting, part: str, outage: Spans | None) -> Line:
    """One remedy of one subject, exact and before any limit; what is not stated is named instead."""
    blank = _blank(remedy, setting.case)
    blank = replace(blank, part=part, withheld=blank.withheld or _late(remedy, setting, outage))
    if remedy.amount is None:
        return _unstated(blank, "the amount", remedy.clause)
    try:
        exact = amount_node(remedy.amount, setting)
        _check(exact, KINDS.get(remedy.unit, Kind.MONEY), remedy)
    except Missing as missing:
        return _unstated(blank, missing.what, missing.clause or remedy.clause)
    assert isinstance(exact.value, Fraction)
    if remedy.unit is not Unit.MONEY:
        return replace(blank, days=exact.value, node=exact, before=exact.value)
    return replace(blank, money=Money(exact.value, exact.currency), node=exact, before=exact.value)


def _unstated(line: Line, what: str, clause: Clause) -> Line:
    return replace(line, unstated=f"{what} (clause {clause})", unstated_clause=clause)


def _check(exact: Node, wanted: Kind, remedy: RemedyRule) -> None:
    if exact.kind is not wanted:
        raise Missing(f"its amount counts {exact.kind.value}, and {wanted.value} is what it gives", remedy.clause)


def _settled(case: Case, line: Line, reach: Reach) -> Line:
    """Rounded to minor units once; days and points converted where what one is worth is known."""
    remedy = case.terms.remedies[line.remedy]
    if line.node is None or line.unstated:
        return line
    node = line.node
    if line.days is not None and remedy.converts is not None:
        word = "a point" if remedy.unit is Unit.POINTS else "a day"
        try:
            worth = amount_node(remedy.converts, Setting(case, None, reach))
            _check(worth, Kind.MONEY, remedy)
        except Missing as missing:
            return _unstated(line, f"what {word} is worth: {missing.what}", missing.clause or remedy.clause)
        says = f"{remedy.unit.value} in money"
        node = derive(Op.MULTIPLY, says, Kind.MONEY, [node, worth], currency=worth.currency)
    if node.kind is not Kind.MONEY:
        return line
    says = f"{remedy.name.replace('-', ' ')}, rounded {remedy.rounding.value}"
    how = remedy.rounding.value
    whole = derive(Op.ROUND, says, Kind.MONEY, [node], remedy.clause, argument=how, currency=node.currency)
    assert isinstance(whole.value, Fraction)
    return replace(line, money=Money(whole.value, node.currency), node=whole)
