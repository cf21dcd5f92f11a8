"""The whole chain as the design states it, on ticks: plain, and sharing no code with the engine.

It reads the same terms, order and facts, and tells `Edges` of every comparison that it makes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, partial
from typing import TypeAlias

from makegood.model.expression import names_in
from makegood.model.order import CoveredService
from makegood.model.terms import (
    Commitment,
    CountRule,
    Each,
    LimitRule,
    MeasureRule,
    RemedyForm,
    RemedyRule,
    Terms,
)  # fmt: skip
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, Calendar, Partial
from tests.exact.bits import runs, span
from tests.exact.edges import Edges
from tests.exact.plain_clock import due_after
from tests.exact.plain_down import combined, evidence, grained, lasting
from tests.exact.plain_excuses import Excused, Excuses
from tests.exact.plain_money import Amounts, Figured, Limits, NotStated, Owed, covered_dates, is_amount
from tests.exact.plain_periods import ONE_DAY, dated_between, dates_of, label_of
from tests.exact.question import Question
from tests.exact.stage import TICK
from tests.exact.thresholds import on_side, places

Services: TypeAlias = tuple[CoveredService, ...]

NEARLY = Fraction(1, 10)
"""How near to the half of a last place still counts as beside it: where it is rarely a tick away."""

SETTLED = ("met", "recorded", "running", "not applicable")


@dataclass(frozen=True)
class AllTime:
    """One subject in one run, over the whole stage: what was down, what of it lasted and counts, what is excused."""

    raw: int
    lasting: int
    counted: int
    hours: int
    excused: Excused
    edges: frozenset[int]
    """The ticks at which a raw outage begins or ends."""


@dataclass
class Run:
    """One commitment, subject and period in one run."""

    commitment: Commitment
    subject: str
    services: Services
    dates: tuple[date, date]
    elapsed: int
    covered: int
    up: int
    outside: int
    down: int
    brief: int
    numerator: Fraction
    denominator: Fraction
    ratio: Fraction | None
    running: bool
    rest: Fraction
    verdict: str = ""
    lines: list[Owed] = field(default_factory=list)
    rights: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def figured(self) -> Figured:
        return Figured(self.services, self.dates, self.commitment, self.ratio, Fraction(self.down.bit_count() * TICK))


class Oracle:
    """Answers a question. What does not depend on targets, tables and limits on money is worked out once."""

    def __init__(self, q: Question, edges: Edges) -> None:
        self.q, self.edges = q, edges
        self._all_time: dict[tuple[str, str, bool], AllTime] = {}
        self._covered: dict[tuple[str, ...], int] = {}
        self._grained: dict[tuple[str, str, str], tuple[int, int]] = {}
        self._measured: dict[tuple[str, date, bool], list[Run]] = {}
        self._judged: dict[tuple[date, bool], list[Run]] = {}
        self._amounts = Amounts(q.terms, q.order, self._covers, edges)
        for recorded in q.recorded:
            edges.near("the instant from which a record is known", (q.as_of - recorded) // TICK)

    def asked(self, q: Question) -> Oracle:
        """The same facts and rules of time under other targets, tables, remedies and limits on money."""
        self.q, self._judged = q, {}
        self._amounts = Amounts(q.terms, q.order, self._covers, self.edges)
        return self

    @property
    def terms(self) -> Terms:
        return self.q.terms

    def measured(self, commitment: Commitment, day: date, favourable: bool) -> list[Run]:
        """Every subject of a commitment in the period that holds a date, up to the ratio."""
        key = (commitment.name, day, favourable)
        if key not in self._measured:
            dates = dates_of(self.terms.periods[commitment.period], day)
            self._measured[key] = [
                self._run(commitment, subject, services, dates, favourable)
                for subject, services in self.subjects(commitment)
                if self._is_judged(commitment, services, dates)
            ]
        return self._measured[key]

    def judged(self, day: date, favourable: bool) -> list[Run]:
        """Every case of the periods that hold a date, with verdicts and lines, limits applied."""
        key = day, favourable
        if key not in self._judged:
            found = []
            for commitment in self.alike():
                for run in self.measured(commitment, day, favourable):
                    made = Run(**{**vars(run), "commitment": commitment, "lines": [], "rights": []})
                    made.verdict = self._verdict(made)
                    found.append(made)
            lines = []
            for run in found:
                if run.verdict == "breached" and not run.running:
                    run.lines = self._lines(run)
                    lines += [(line, run.figured, run.commitment.period) for line in run.lines]
                elif run.verdict == "unstated" and not run.running:
                    run.lines = self._open_lines(run)
            limits = Limits(self._amounts, partial(self._used, favourable), self.edges)
            limits.cut(lines)
            for line, case, _ in lines:
                self._amounts.settle(line, case)
            self._judged[key] = found
        return self._judged[key]

    def alike(self) -> list[Commitment]:
        """The commitments over periods such as the label names."""
        return [c for c in self.terms.commitments.values() if c.period in self._alike]

    @cached_property
    def _alike(self) -> set[str]:
        rules = self.terms.periods.values()
        return {rule.name for rule in rules if label_of(rule, dates_of(rule, self.q.day)) == self.q.label}

    def subjects(self, commitment: Commitment) -> list[tuple[str, Services]]:
        scope = commitment.scope
        within = tuple(
            s
            for s in self.q.order.services
            if s.stage not in scope.not_stages and (not scope.only_instances or s.instance in scope.only_instances)
        )
        if scope.each is Each.ORDER:
            return [(self.q.order.id, within)] if within else []
        return [(s.name, (s,)) for s in within]

    def covered(self, services: Services) -> int:
        key = tuple(service.name for service in services)
        if key not in self._covered:
            face, found = self.q.stage.face(self.q.order.zone), 0
            for service in services:
                found |= face.between(*covered_dates(self.q.order, service))
            self._covered[key] = found
        return self._covered[key]

    def _covers(self, service: CoveredService, dates: tuple[date, date]) -> bool:
        zone = self.terms.periods[self.alike()[0].period].zone
        return bool(self.covered((service,)) & self.q.stage.face(zone).between(*dates))

    def _is_judged(self, commitment: Commitment, services: Services, dates: tuple[date, date]) -> bool:
        rule = self.terms.periods[commitment.period]
        period = self.q.stage.face(rule.zone).between(*dates)
        missing = period & ~self.covered(services)
        return missing == 0 if rule.partial is Partial.NOT else missing != period

    def all_time(self, commitment: Commitment, subject: str, services: Services, favourable: bool) -> AllTime:
        """What no period cuts."""
        key = (commitment.name, subject, favourable)
        if key not in self._all_time:
            self._all_time[key] = self._over_all_time(commitment, subject, services, favourable)
        return self._all_time[key]

    def _raw(self, services: Services, measure: MeasureRule, zone: str, favourable: bool) -> dict[str, int]:
        """What was down of each service, in whole cells, before anything is too short."""
        outage = self.terms.outages[measure.of]
        is_best = measure.unknown == "up" or (favourable and measure.unknown != "down")
        found = {}
        for service in services:
            key = (service.name, outage.name, zone)
            if key not in self._grained:
                detect, face = self.terms.detects[outage.detect], self.q.stage.face(zone)
                past = self.covered((service,)) & span(0, self.q.stage.tick(self.q.as_of))
                parts = evidence(self.q, service, detect, outage, self.edges)
                best, worst = combined(parts, detect, past)
                cells = grained(best, outage, face, self.edges)
                self._grained[key] = cells, cells if worst == best else grained(worst, outage, face, self.edges)
            found[service.name] = self._grained[key][not is_best]
        return found

    def _over_all_time(self, commitment: Commitment, subject: str, services: Services, favourable: bool) -> AllTime:
        q, zone = self.q, self.terms.periods[commitment.period].zone
        measure = self.terms.measures[commitment.measure]
        outage = self.terms.outages[measure.of]
        hours = q.stage.whole
        if measure.service_hours:
            calendar = self.terms.calendars[measure.service_hours]
            assert isinstance(calendar, Calendar)
            hours = q.stage.face(calendar.zone).open_in(calendar)
        by_service = self._raw(services, measure, zone, favourable)
        if not favourable and by_service == self._raw(services, measure, zone, True):
            return self.all_time(commitment, subject, services, True)
        raw = 0
        for ticks in by_service.values():
            raw |= ticks
        long_enough, counts = lasting(raw, outage, self.edges)
        by_service = {s.name: by_service[s.name] & counts & self.covered((s,)) & hours for s in services}
        counted = 0
        for ticks in by_service.values():
            counted |= ticks
        edges = frozenset(edge for run in runs(raw) for edge in run)
        self._near_coverage(services, measure, edges)
        excused = Excuses(q, commitment, measure, zone, self.edges).of(by_service, edges)
        return AllTime(raw, long_enough, counted, hours, excused, edges)

    def _near_coverage(self, services: Services, measure: MeasureRule, edges: frozenset[int]) -> None:
        if not edges:
            return
        for run in runs(self.covered(services)):
            for edge in run:
                self.edges.meet("an outage at the edge of what the order covers", edge, edges)
        calendar = self.terms.calendars.get(measure.service_hours)
        if not isinstance(calendar, Calendar):
            return
        for window in calendar.hours:
            for edge in self.q.stage.face(calendar.zone).edges_of(window):
                self.edges.meet("an outage at the edge of service hours", edge, edges)

    def _run(
        self,
        commitment: Commitment,
        subject: str,
        services: Services,
        dates: tuple[date, date],
        favourable: bool,
    ) -> Run:
        rule = self.terms.periods[commitment.period]
        time = self.all_time(commitment, subject, services, favourable)
        period = self.q.stage.face(rule.zone).between(*dates)
        elapsed = period & span(0, self.q.stage.tick(self.q.as_of))
        mine = time.hours if rule.partial is Partial.WHOLE else self.covered(services) & time.hours
        covered, coming = elapsed & mine, period & ~elapsed & mine
        up, outside = time.excused.up & covered, time.excused.outside & covered
        down = time.counted & covered & ~up & ~outside
        total, rest = Fraction(covered.bit_count()), Fraction(coming.bit_count())
        running = period != elapsed
        if rule.nominal and covered and not running and covered == period & time.hours:
            total = Fraction(rule.nominal, TICK)
        if rule.nominal and covered | coming == period & time.hours:
            rest = Fraction(rule.nominal, TICK) - covered.bit_count()
        denominator = max(Fraction(), total - outside.bit_count())
        numerator = max(Fraction(), denominator - down.bit_count())
        ratio = self._rounded(commitment, numerator / denominator) if denominator else None
        brief = time.raw & ~time.lasting & covered
        low, high = self.q.stage.face(rule.zone).ticks_of(*dates)
        self.edges.meet("an outage at the start of the period", low, time.edges)
        self.edges.meet("an outage at the end of the period", high, time.edges)
        self.edges.near("the question at the end of the period", self.q.stage.tick(self.q.as_of) - high)
        return Run(
            commitment, subject, services, dates, elapsed, covered, up, outside, down, brief, numerator, denominator,
            ratio, running, rest,
        )  # fmt: skip

    def _rounded(self, commitment: Commitment, ratio: Fraction) -> Fraction:
        after_the_point = self.terms.measures[commitment.measure].rounding
        if after_the_point is None:
            return ratio
        last_place = ratio * 10 ** (after_the_point + 2)
        self.edges.near("half of a last place", last_place % 1 - Fraction(1, 2), NEARLY)
        return places(ratio, after_the_point)

    def _verdict(self, run: Run) -> str:
        commitment, target = run.commitment, run.commitment.target
        is_aim = commitment.strength.value == "aim"
        if run.ratio is None:
            return "not applicable"
        if not isinstance(target, Threshold):
            return "recorded" if is_aim else "unstated"
        edge = Fraction(target.edge)
        if is_aim:
            return "recorded"
        if run.running:
            best = self._rounded(commitment, (run.numerator + run.rest) / (run.denominator + run.rest))
            self.edges.near("what a perfect remainder reaches", (best - edge) * (run.denominator + run.rest))
            return "running" if on_side(target, best) else "breached"
        self.edges.near("the target", (run.ratio - edge) * run.denominator)
        return "met" if on_side(target, run.ratio) else "breached"

    def _lines(self, run: Run) -> list[Owed]:
        found = []
        for remedy in self.terms.remedies.values():
            if not is_amount(remedy, run.commitment):
                continue
            try:
                exact = None if remedy.amount is None else self._amounts.of(remedy.amount, run.figured)
            except NotStated:
                exact = None
            found.append(Owed(remedy, run.subject, exact, self.withheld(remedy.requires_standing)))
            self._near_rows(run, remedy)
        return found

    def _open_lines(self, run: Run) -> list[Owed]:
        """What may be owed where no verdict can be given: the remedies of the commitment, without an amount."""
        among = (r for r in self.terms.remedies.values() if is_amount(r, run.commitment))
        return [Owed(r, run.subject, None, self.withheld(r.requires_standing), unstated=True) for r in among]

    def _near_rows(self, run: Run, remedy: RemedyRule) -> None:
        assert run.ratio is not None
        for name in names_in(remedy.amount) if remedy.amount is not None else ():
            for tier in self.terms.scales[name].tiers if name in self.terms.scales else ():
                for edge in (tier.range.low, tier.range.high):
                    if edge is not None:
                        self.edges.near("the edge of a row", (run.ratio - edge) * run.denominator)

    def withheld(self, standings: tuple[str, ...]) -> bool:
        """Whether the order has one of these standings when the question is asked."""
        as_of, found = self.q.as_of, False
        for one in self.q.known.standings:
            if one.order == self.q.order.id and one.standing in standings:
                self.edges.near("the start of a standing", (as_of - one.span.start) // TICK)
                self.edges.near("the end of a standing", (as_of - one.span.end) // TICK)
                found |= one.span.start <= as_of < one.span.end
        return found

    def _used(self, favourable: bool, limit: LimitRule, first: date, last: date, subjects: set[str] | None) -> Fraction:
        found = Fraction()
        of = {self.terms.remedies[name].commitment for name in limit.on if name in self.terms.remedies}
        for run in self._earlier(of, first - ONE_DAY, last, "period end", favourable):
            self.edges.near("the days of a limit on credits", (first - run.dates[1]).days)
            if run.dates[1] < first:
                continue
            for line in run.lines:
                if line.remedy.name in limit.on and not line.withheld and (not subjects or line.subject in subjects):
                    found += (line.days if limit.unit.value == "days" else line.money) or 0
        return found

    def _earlier(self, names: set[str], first: date, last: date, dated: str, favourable: bool) -> list[Run]:
        """The judged periods of some commitments whose last (or first) date lies between two dates."""
        found = []
        for name in names:
            commitment = self.terms.commitments[name]
            rule = self.terms.periods[commitment.period]
            for dates in dated_between(rule, first, last, dated):
                if self.q.stage.face(rule.zone).between(*dates):
                    found += [r for r in self.judged(dates[1], favourable) if r.commitment.name == name]
        return found

    def rights(self, run: Run, favourable: bool) -> list[tuple[str, bool]]:
        """The rights and duties that counts of this commitment give at the end of its period."""
        found = []
        for remedy in self.terms.remedies.values():
            if remedy.form not in (RemedyForm.RIGHT, RemedyForm.DUTY) or not remedy.count or remedy.beyond is None:
                continue
            rule = self.terms.counts[remedy.count]
            (counted,) = rule.of
            of = self.terms.remedies.get(counted)
            if counted == run.commitment.name or (of is not None and of.commitment == run.commitment.name):
                number = self._counted(rule, run, favourable)
                self.edges.near("a count", number - Fraction(remedy.beyond.edge))
                holds = on_side(remedy.beyond, number) and not self.withheld(remedy.requires_standing)
                found.append((remedy.name, holds))
        return found

    def _counted(self, rule: CountRule, run: Run, favourable: bool) -> Fraction:
        last = run.dates[0] if rule.dated == "period start" else run.dates[1]
        first = last - timedelta(days=rule.over.days)
        found = Fraction()
        for earlier in self._earlier({run.commitment.name}, first, last, rule.dated, favourable):
            at = earlier.dates[0] if rule.dated == "period start" else earlier.dates[1]
            self.edges.near("the days of a count", (last - at).days - (rule.over.days - 1))
            if (last - at).days >= rule.over.days:
                continue
            if rule.of == (run.commitment.name,):
                found += earlier.verdict == "breached" and earlier.subject == run.subject
                continue
            for line in earlier.lines if earlier.verdict != "unstated" else ():
                if line.remedy.name in rule.of and not line.withheld:
                    found += 1 if line.days is None else line.days
        return found

    def deadlines(self, run: Run) -> dict[str, int | None]:
        """The first late instant (µs) of each clock of the commitment and its remedies; None where none can be told."""
        remedies = [r.name for r in self.terms.remedies.values() if r.commitment == run.commitment.name]
        found: dict[str, int | None] = {}
        for rule in self.terms.clocks.values():
            if rule.of not in (*remedies, run.commitment.name) or rule.by_class:
                continue
            allow = rule.allow.get("")
            calendar = self.terms.calendars.get(rule.calendar)
            zone = self.terms.periods[run.commitment.period].zone
            known = calendar if isinstance(calendar, Calendar) else Calendar("", zone)
            if isinstance(allow, Allowance) and rule.starts == ("end of period",):
                found[rule.name] = due_after(run.dates[1], allow, known, self.q.stage)
            else:
                found[rule.name] = None
        return found


def overall(best: str, worst: str) -> str:
    """Met or breached only when both runs say so."""
    if best == worst:
        return best
    return "running" if "running" in (best, worst) and "not applicable" not in (best, worst) else "insufficient data"
