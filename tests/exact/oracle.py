"""The whole chain as the design states it, on ticks: plain, and sharing no code with the engine.

It reads the same terms, order and facts, and tells `Edges` of every comparison that it makes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, partial

from makegood.model.expression import names_in
from makegood.model.order import CoveredService
from makegood.model.terms import (
    OF_INTERVALS,
    Commitment,
    CountRule,
    Each,
    InTime,
    LimitRule,
    MeasureKind,
    RemedyEach,
    RemedyForm,
    RemedyRule,
    StandingAt,
    Terms,
)  # fmt: skip
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, Calendar
from tests.exact.bits import first, span
from tests.exact.edges import Edges
from tests.exact.plain_clock import due_after
from tests.exact.plain_fees import Fees, Figured, NotStated
from tests.exact.plain_figures import Run, Times, keeps_down
from tests.exact.plain_items import Ran
from tests.exact.plain_limits import FORWARD, Limits, Placed
from tests.exact.plain_money import Amounts, Owed, is_amount
from tests.exact.plain_periods import ONE_DAY, dated_between, dates_of, label_of, term_at
from tests.exact.question import Question
from tests.exact.stage import TICK
from tests.exact.thresholds import on_side

OF = {
    MeasureKind.RATIO: "a share",
    MeasureKind.COUNT: "a number",
    MeasureKind.COUNTS: "a share of counts",
    MeasureKind.MEAN: "a mean",
    MeasureKind.SUM: "a sum",
    MeasureKind.GREATEST: "a greatest",
    MeasureKind.LEAST: "a least",
    MeasureKind.PERCENTILE: "a percentile",
    MeasureKind.IN_TIME: "a share in time",
    MeasureKind.MEAN_ELAPSED: "a mean of clocks",
}
GROWS = (MeasureKind.TOTAL, MeasureKind.LONGEST, MeasureKind.COUNT)
"""Figures that only grow while a period runs."""
SETTLED = ("met", "recorded", "running", "not applicable")


@dataclass
class Judged:
    """A run held against its target, with what follows."""

    run: Run
    commitment: Commitment
    verdict: str
    lines: list[Owed] = field(default_factory=list)


class Oracle:
    """Answers a question. What does not depend on targets, tables and limits on money is worked out once."""

    def __init__(self, q: Question, edges: Edges) -> None:
        self.q, self.edges, self.times = q, edges, Times(q, edges)
        for recorded in q.recorded:
            edges.near("the instant from which a record is known", (q.as_of - recorded) // TICK)
        self.asked(q)

    def asked(self, q: Question) -> Oracle:
        """The same facts and rules of time under other targets, tables, remedies and limits on money."""
        self.q, self.times.q = q, q
        self._judged: dict[tuple[date, bool], list[Judged]] = {}
        self._amounts = Amounts(q.terms, Fees(q.terms, q.order, self._covers, self.edges), self.edges)
        return self

    def forget(self) -> None:
        """Let go of all that was worked out, which knows this oracle itself, so that it is freed at once."""
        del self._judged, self._amounts, self.times

    @property
    def terms(self) -> Terms:
        return self.q.terms

    def judged(self, day: date, favourable: bool) -> list[Judged]:
        """Every case of the periods that hold a date, with verdicts and lines, limits applied."""
        key = day, favourable
        if key not in self._judged:
            found = [
                self._held(commitment, run, favourable)
                for commitment in self.alike()
                for run in self.times.measured(commitment, day, favourable)
            ]
            lines = []
            for one in found:
                if one.run.running and one.run.ran is None:
                    continue
                if one.verdict == "breached":
                    lines += self._lines(one, found)
                elif one.verdict == "unstated":
                    one.lines = self._open_lines(one)
            limits = Limits(self._amounts, partial(self._used, favourable), partial(self._past, favourable), self.edges)
            cases = [self._figured(one) for one in found if not one.run.running]
            limits.cut(lines, cases)
            for placed in lines:
                self._amounts.settle(placed.line, placed.case)
                whose = (placed.case.commitment.name, placed.case.subject)
                mine = next(one for one in found if (one.commitment.name, one.run.subject) == whose)
                mine.lines.append(placed.line)
            self._judged[key] = found
        return self._judged[key]

    def _held(self, commitment: Commitment, run: Run, favourable: bool) -> Judged:
        if run.ran is not None:
            return Judged(run, commitment, self._of_ticket(commitment, run, run.ran))
        if run.values is not None:
            run = self.times.come_to(replace(run, commitment=commitment))
            if run.bound is not None:
                return Judged(run, commitment, self._bounded(commitment, run))
        if run.may_grow and not favourable and self._verdict(commitment, run) == "met":
            return Judged(replace(run, figure=None), commitment, "breached")
        measure = self.terms.measures[commitment.measure]
        if measure.kind is MeasureKind.COUNT and measure.of and keeps_down(commitment) and run.covered:
            if run.at_most is None:
                unbounded = replace(run, figure=None, numerator=Fraction())
                return Judged(unbounded, commitment, self._unbounded(commitment, run))
            run = replace(run, figure=Fraction(run.at_most), numerator=Fraction(run.at_most))
        return Judged(run, commitment, self._verdict(commitment, run))

    def _of_ticket(self, commitment: Commitment, run: Run, ran: Ran) -> str:
        """One ticket: whether its clock was kept, or how long it took; while it runs it may still be late."""
        target, is_aim = commitment.target, commitment.strength.value == "aim"
        kept: bool | None
        if isinstance(target, Threshold):
            assert run.figure is not None
            self.edges.near("the target of a ticket", run.figure - Fraction(target.edge), TICK)
            holds = on_side(target, run.figure)
            kept = None if ran.stopped is None and holds else holds
        elif isinstance(target, InTime) and ran.due is not None:
            kept = ran.kept(self.q.stage.tick(self.q.as_of))
        else:
            is_unstated = not isinstance(target, InTime) or ran.is_unstated
            return "unstated" if is_unstated and not is_aim else "recorded"
        if is_aim:
            return "recorded"
        return "running" if kept is None else "met" if kept else "breached"

    def _bounded(self, commitment: Commitment, run: Run) -> str:
        """The verdict of a figure that nothing bounds: as good as can be, or as bad."""
        if commitment.strength.value == "aim":
            return "recorded"
        if not isinstance(commitment.target, Threshold):
            return "unstated"
        return "running" if run.running else "met" if run.bound else "breached"

    def _unbounded(self, commitment: Commitment, run: Run) -> str:
        """The verdict of a figure that nothing bounds: as bad as it can have been."""
        if commitment.strength.value == "aim":
            return "recorded"
        return "running" if run.running else "breached"

    def alike(self) -> list[Commitment]:
        """The commitments over periods such as the label names."""
        return [c for c in self.terms.commitments.values() if c.period in self._alike]

    @cached_property
    def _alike(self) -> set[str]:
        rules = self.terms.periods.values()
        return {rule.name for rule in rules if label_of(rule, dates_of(rule, self.q.day)) == self.q.label}

    def _covers(self, service: CoveredService, case: Figured) -> bool:
        zone = self.terms.periods[case.commitment.period].zone
        return bool(self.times.covered((service,)) & self.q.stage.face(zone).between(*case.dates))

    def _figured(self, one: Judged) -> Figured:
        run, zone = one.run, self.terms.periods[one.commitment.period].zone
        low, high = self.q.stage.face(zone).ticks_of(*run.dates)
        begun = self.q.stage.face(zone).date_of(first(run.outages[0])) if run.outages else None
        return Figured(
            run.subject, run.services, run.dates, one.commitment, high - low, run.figure, run.denominator,
            run.down_time, len(run.outages), first_outage=begun,
        )  # fmt: skip

    def _verdict(self, commitment: Commitment, run: Run) -> str:
        target = commitment.target
        is_aim = commitment.strength.value == "aim"
        if run.figure is None:
            return "not applicable"
        if not isinstance(target, Threshold):
            return "recorded" if is_aim else "unstated"
        edge, kind = Fraction(target.edge), self.terms.measures[commitment.measure].kind
        of = OF.get(kind, "time")
        coming = "intervals" if kind in OF_INTERVALS else of
        if is_aim:
            return "recorded"
        if run.running:
            best = run.best
            if kind in GROWS and keeps_down(commitment):
                best = run.figure
            if best is None:
                return "running"
            self.edges.near(f"what a running period can still reach in {coming}", best - edge, run.unit)
            return "running" if on_side(target, best) else "breached"
        self.edges.near(f"the target of {of}", run.figure - edge, run.unit)
        return "met" if on_side(target, run.figure) else "breached"

    def _lines(self, one: Judged, among: list[Judged]) -> list[Placed]:
        found = []
        others = {name: self._of_another(one, name, among) for name in self.terms.commitments}
        case = replace(self._figured(one), others={k: v for k, v in others.items() if k != one.commitment.name})
        for remedy in self.terms.remedies.values():
            if not is_amount(remedy, one.commitment):
                continue
            withheld = self.withheld(remedy, one.run)
            for part, down in self._parts(remedy, one.run):
                asked = replace(case, part=down)
                try:
                    exact = None if remedy.amount is None else self._amounts.of(remedy.amount, asked)
                except NotStated:
                    exact = None
                found.append(Placed(Owed(remedy, one.run.subject, exact, withheld, part), asked))
                self._near_rows(one.run, remedy)
        return found

    def _open_lines(self, one: Judged) -> list[Owed]:
        """What may be owed where no verdict can be given: the remedies of the commitment, without an amount."""
        among = (r for r in self.terms.remedies.values() if is_amount(r, one.commitment))
        return [Owed(r, one.run.subject, None, self.withheld(r, one.run), unstated=True) for r in among]

    def _of_another(self, one: Judged, name: str, among: list[Judged]) -> Fraction | None:
        """The figure of another commitment for the same subject, or else for one that shares a service with it."""
        theirs = [other for other in among if other.commitment.name == name]
        mine = {service.name for service in one.run.services}
        same = [other for other in theirs if other.run.subject == one.run.subject]
        near = same or [other for other in theirs if mine & {service.name for service in other.run.services}]
        return near[0].run.figure if near else None

    def _parts(self, remedy: RemedyRule, run: Run) -> list[tuple[str, Fraction | None]]:
        """What a remedy is given for each of, with its down time."""
        if remedy.each is RemedyEach.OUTAGE:
            return [("outage", Fraction(ticks.bit_count() * TICK)) for ticks in run.outages]
        if remedy.each is RemedyEach.DAY:
            face = self.q.stage.face(self.terms.periods[run.commitment.period].zone)
            by_day = [(run.down & span(*ticks)).bit_count() for ticks in face.dates.values()]
            return [("day", Fraction(ticks * TICK)) for ticks in by_day if ticks]
        return [("", None)]

    def _near_rows(self, run: Run, remedy: RemedyRule) -> None:
        if run.figure is None:
            return
        for name in names_in(remedy.amount) if remedy.amount is not None else ():
            scale = self.terms.scales.get(name)
            for tier in scale.tiers if scale is not None and not scale.of else ():
                for edge in (tier.range.low, tier.range.high):
                    if edge is not None:
                        self.edges.near("the edge of a row", run.figure - edge, run.unit)

    def withheld(self, remedy: RemedyRule, run: Run) -> bool:
        """Whether the order has one of the standings that keep a remedy back, at the instants that it names."""
        zone = self.terms.periods[run.commitment.period].zone
        low, high = self.q.stage.face(zone).ticks_of(*run.dates)
        as_of = self.q.stage.tick(self.q.as_of)
        begin, end = {
            StandingAt.STATEMENT: (as_of, as_of + 1),
            StandingAt.PERIOD_END: (high - 1, high),
            StandingAt.PERIOD: (low, max(low, min(high, as_of))),
        }[remedy.standing_at]
        found = False
        for one in self.q.known.standings:
            if one.order == self.q.order.id and one.standing in remedy.requires_standing:
                starts, ends = self.q.stage.tick(one.span.start), self.q.stage.tick(one.span.end)
                self.edges.near(f"the start of a standing {remedy.standing_at.value}", end - 1 - starts)
                self.edges.near(f"the end of a standing {remedy.standing_at.value}", begin - ends)
                found |= starts < end and begin < ends
        return found

    def _used(self, favourable: bool, limit: LimitRule, since: date, last: date, subjects: set[str] | None) -> Fraction:
        found = Fraction()
        of = {self.terms.remedies[name].commitment for name in limit.on if name in self.terms.remedies}
        for one in self._earlier(of, since - ONE_DAY, last, "period end", favourable):
            self.edges.near("the days of a limit on credits", (since - one.run.dates[1]).days)
            if one.run.dates[1] < since or (limit.over.term and self._begun(one.run.dates) != since):
                continue
            for line in one.lines:
                if line.remedy.name in limit.on and not line.withheld and (not subjects or line.subject in subjects):
                    found += (line.money if limit.unit.value == "money" else line.days) or 0
        return found

    def _begun(self, dates: tuple[date, date]) -> date:
        """When the term began that governs a period, which is that at its first date."""
        return term_at(self.q.order, dates[0]).first

    def _past(self, favourable: bool, limit: LimitRule, case: Figured, subject: str | None) -> list[list[Owed]]:
        """The lines under a limit of each earlier period of the order, the earliest first."""
        of = {self.terms.remedies[name].commitment for name in limit.on if name in self.terms.remedies}
        by_period: dict[date, list[Owed]] = {}
        since, before = self.q.order.term.first, case.dates[0] - ONE_DAY
        for one in self._earlier(of, since, before, "period end", favourable):
            mine = by_period.setdefault(one.run.dates[0], [])
            if subject in (None, one.run.subject):
                mine += [x for x in one.lines if x.remedy.name in limit.on and x.part != FORWARD]
        return [by_period[day] for day in sorted(by_period)]

    def _earlier(self, names: set[str], since: date, last: date, dated: str, favourable: bool) -> list[Judged]:
        """The judged periods of some commitments whose last (or first) date lies between two dates."""
        found = []
        for commitment in self.terms.commitments.values():
            if commitment.name not in names:
                continue
            rule = self.terms.periods[commitment.period]
            for dates in dated_between(rule, max(since, self.q.stage.first), last, dated):
                if dates[0] >= self.q.stage.first and self.q.stage.face(rule.zone).between(*dates):
                    judged = self.judged(dates[1], favourable)
                    found += [one for one in judged if one.commitment.name == commitment.name]
        return found

    def rights(self, one: Judged, favourable: bool) -> list[tuple[str, bool]]:
        """The rights and duties of a miss of this commitment, and those that counts give at the end of its period."""
        found = []
        for remedy in self.terms.remedies.values():
            if remedy.form not in (RemedyForm.RIGHT, RemedyForm.DUTY):
                continue
            if remedy.commitment == one.commitment.name and one.verdict not in ("recorded", "unstated"):
                holds = one.verdict == "breached"
            elif remedy.count and remedy.beyond is not None and self._concerns(self.terms.counts[remedy.count], one):
                number = self._counted(self.terms.counts[remedy.count], one, favourable)
                self.edges.near("a count", number - Fraction(remedy.beyond.edge))
                holds = on_side(remedy.beyond, number)
            else:
                continue
            found.append((remedy.name, holds and not self.withheld(remedy, one.run)))
        return found

    def _concerns(self, rule: CountRule, one: Judged) -> bool:
        whose = {self.terms.remedies[name].commitment for name in rule.of if name in self.terms.remedies}
        measured = self.terms.measures[one.commitment.measure].of
        return one.commitment.name in {*rule.of, *whose} or (measured in rule.of and measured in self.terms.outages)

    def _begin_of(self, rule: CountRule, one: Judged, last: date) -> date:
        """The first date of a count's span, which ends with a date of the judged period."""
        over, dates = rule.over, one.run.dates
        period = self.terms.periods[one.commitment.period]
        if over.days:
            return last - timedelta(days=over.days - 1)
        if over.term:
            return term_at(self.q.order, last).first
        begin = dates[0]
        for _ in range(over.periods - 1):
            begin, _ = dates_of(period, begin - ONE_DAY)
        return begin

    def _counted(self, rule: CountRule, one: Judged, favourable: bool) -> Fraction:
        last = one.run.dates[0] if rule.dated == "period start" else one.run.dates[1]
        begin = self._begin_of(rule, one, last)
        found = Fraction()
        for name in rule.of:
            if name in self.terms.outages:
                found += self._outages_between(one, begin, last, favourable)
                continue
            remedy = self.terms.remedies.get(name)
            whose = name if remedy is None else remedy.commitment
            earlier = []
            for then in self._earlier({whose}, begin - ONE_DAY, last, rule.dated, favourable):
                at = then.run.dates[0] if rule.dated == "period start" else then.run.dates[1]
                self.edges.near("the days of a count", (begin - at).days)
                earlier += [then] if at >= begin else []
            if remedy is None:
                found += self._breaches(rule, one, earlier)
            else:
                owing = [then for then in earlier if then.verdict != "unstated"]
                lines = [x for then in owing for x in then.lines if x.remedy.name == name and not x.withheld]
                found += sum((Fraction(1) if x.days is None else x.days for x in lines), Fraction())
        return found

    def _breaches(self, rule: CountRule, one: Judged, earlier: list[Judged]) -> int:
        """Of the same subject, that of an order being all; of tickets, those about its services. In a row, only those
        after the last period without one."""
        names = {service.name for service in one.run.services} | {""}
        about = {item.id for item in self.q.known.items if item.service in names}
        mine = [
            then.verdict == "breached"
            for then in earlier
            if (
                then.run.subject in about
                if then.run.commitment.scope.each is Each.TICKET
                else then.run.subject == one.run.subject
            )
        ]
        if not rule.in_a_row:
            return sum(mine)
        after = len(mine)
        while after and mine[after - 1]:
            after -= 1
        return len(mine) - after

    def _outages_between(self, one: Judged, begin: date, last: date, favourable: bool) -> Fraction:
        """The outages that count and begin on some dates."""
        run = one.run
        time = self.times.all_time(run.commitment, run.subject, run.services, favourable)
        zone = self.terms.periods[one.commitment.period].zone
        return Fraction(len(time.outages(self.q.stage.face(zone).between(begin, last))))

    def deadlines(self, one: Judged) -> dict[str, int | None]:
        """The first late instant (µs) of each clock of the commitment and its remedies; None where none can be told."""
        remedies = [r.name for r in self.terms.remedies.values() if r.commitment == one.commitment.name]
        found: dict[str, int | None] = {}
        for rule in self.terms.clocks.values():
            if rule.of not in (*remedies, one.commitment.name) or rule.by_class:
                continue
            allow = rule.allow.get("")
            calendar = self.terms.calendars.get(rule.calendar)
            zone = self.terms.periods[one.commitment.period].zone
            known = calendar if isinstance(calendar, Calendar) else Calendar("", zone)
            if isinstance(allow, Allowance) and rule.starts == ("end of period",):
                found[rule.name] = due_after(one.run.dates[1], allow, known, self.q.stage)
            else:
                found[rule.name] = None
        return found


def overall(best: str, worst: str) -> str:
    """Met or breached only when both runs say so."""
    if best == worst:
        return best
    return "running" if "running" in (best, worst) and "not applicable" not in (best, worst) else "insufficient data"
