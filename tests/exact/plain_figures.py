"""Time divided into its classes, and the figures of it (3.2, 3.5, 3.6): every subject, period and run by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from makegood.model.facts import Item
from makegood.model.order import CoveredService
from makegood.model.terms import (
    OF_INTERVALS,
    OF_ITEMS,
    Combined,
    Commitment,
    Each,
    EvidenceKind,
    MeasureKind,
    MeasureRule,
    Terms,
)  # fmt: skip
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Calendar, Partial
from tests.exact.bits import runs, span
from tests.exact.edges import Edges
from tests.exact.plain_down import at_least, combined, evidence, grained, lasting
from tests.exact.plain_excuses import Excused, Excuses
from tests.exact.plain_fees import covered_dates
from tests.exact.plain_items import Ran, Tickets, figure_of
from tests.exact.plain_measured import Row, Values, bad, cells, come_to, rounded, rows_of, step_of
from tests.exact.plain_periods import dates_of
from tests.exact.question import Question
from tests.exact.stage import TICK

Services: TypeAlias = tuple[CoveredService, ...]


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

    @property
    def charged(self) -> int:
        """What counts and is not excused."""
        return self.counted & ~self.excused.up & ~self.excused.outside

    def outages(self, begun: int) -> list[int]:
        """The outages that begin in some ticks, each as what of it is charged, beyond those ticks too."""
        found = [(start, span(start, end) & self.charged) for start, end in runs(self.lasting)]
        return [ticks for start, ticks in found if ticks and begun >> start & 1]


@dataclass
class Run:
    """One commitment, subject and period in one run, up to its figure: a share, µs of time, or a number."""

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
    outages: list[int]
    running: bool
    numerator: Fraction = Fraction()
    denominator: Fraction = Fraction()
    figure: Fraction | None = None
    at_most: int | None = None
    """Of a count of outages, how many there may have been; None where nothing bounds them."""
    best: Fraction | None = None
    """What a running period can still come to at best, where that is known."""
    down_time: Fraction = field(default_factory=Fraction)
    unit: Fraction = Fraction(TICK)
    """What a tick, or an item, makes of the figure."""
    values: Values | None = None
    """Of measured intervals, what the figure is made of."""
    ran: Ran | None = None
    """Of one ticket, what became of its clock."""
    may_grow: bool = False
    """Whether what still runs may take any time."""
    bound: bool | None = None
    """Where nothing bounds the figure, whether it is as good as can be, or as bad."""


class Times:
    """All time of a question, by the rules of time alone; targets, tables and money are none of its concern."""

    def __init__(self, q: Question, edges: Edges) -> None:
        self.q, self.edges = q, edges
        self._all_time: dict[tuple[str, str, bool], AllTime] = {}
        self._covered: dict[tuple[str, ...], int] = {}
        self._grained: dict[tuple[str, str, str], tuple[int, int]] = {}
        self._measured: dict[tuple[str, date, bool], list[Run]] = {}
        self._rows: dict[tuple[str, str], list[Row]] = {}

    @property
    def terms(self) -> Terms:
        return self.q.terms

    def measured(self, commitment: Commitment, day: date, favourable: bool) -> list[Run]:
        """Every subject of a commitment in the period that holds a date."""
        key = (commitment.name, day, favourable)
        if key not in self._measured:
            dates = dates_of(self.terms.periods[commitment.period], day)
            if commitment.scope.each is Each.TICKET:
                self._measured[key] = list(self._each_ticket(commitment, dates, favourable))
                return self._measured[key]
            self._measured[key] = [
                self._run(commitment, subject, services, dates, favourable)
                for subject, services in self.subjects(commitment)
                if self._is_judged(commitment, services, dates)
            ]
        return self._measured[key]

    def subjects(self, commitment: Commitment) -> list[tuple[str, Services]]:
        """A service that has parts is made up of them, and is itself none."""
        scope = commitment.scope
        within = [
            s
            for s in self.q.order.services
            if s.stage not in scope.not_stages and (not scope.only_instances or s.instance in scope.only_instances)
        ]
        names = {s.name for s in within}
        leaves = tuple(s for s in within if not any(other.part_of == s.name for other in within))
        if scope.each in (Each.ORDER, Each.TICKET):
            return [(self.q.order.id, leaves)] if leaves else []
        if scope.each is Each.INSTANCE:
            return [(s.name, (s,)) for s in leaves]
        roots = [s for s in within if not s.part_of] + [s for s in within if s.part_of and s.part_of not in names]
        return [(r.name, tuple(s for s in leaves if r.name in (s.name, s.part_of))) for r in roots]

    def _each_ticket(self, commitment: Commitment, dates: tuple[date, date], favourable: bool) -> Iterator[Run]:
        """A case for each ticket that begins in the period, with the service that it is about, else with all."""
        measure, rule = self.terms.measures[commitment.measure], self.terms.periods[commitment.period]
        face, as_of = self.q.stage.face(rule.zone), self.q.stage.tick(self.q.as_of)
        elapsed = face.between(*dates) & span(0, as_of)
        for _, services in self.subjects(commitment):
            for item in Tickets(self.q, self.edges).begun(measure, services, elapsed):
                mine = tuple(s for s in services if s.name == item.service) or services
                if face.between(*dates) & self.covered(mine):
                    yield self._run(commitment, item.id, mine, dates, favourable, item)

    def covered(self, services: Services) -> int:
        key = tuple(service.name for service in services)
        if key not in self._covered:
            face, found = self.q.stage.face(self.q.order.zone), 0
            for service in services:
                found |= face.between(*covered_dates(self.q.order, service))
            self._covered[key] = found
        return self._covered[key]

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
        hours = q.stage.whole
        if measure.service_hours:
            calendar = self.terms.calendars[measure.service_hours]
            assert isinstance(calendar, Calendar)
            hours = q.stage.face(calendar.zone).open_in(calendar)
        if _is_of_items(measure):
            return AllTime(0, 0, 0, hours, Excused(), frozenset())
        if measure.kind in OF_INTERVALS:
            return self._over_all_intervals(commitment, measure, services, hours)
        by_service = self._raw(services, measure, zone, favourable)
        if not favourable and by_service == self._raw(services, measure, zone, True):
            return self.all_time(commitment, subject, services, True)
        needed = quorum(commitment, len(services))
        if needed > 1:
            for start, _ in runs(at_least(1, list(by_service.values()))):
                together = sum(ticks >> start & 1 for ticks in by_service.values())
                self.edges.near("services that are down together", together - needed)
        raw = at_least(needed, list(by_service.values()))
        long_enough, counts = lasting(raw, self.terms.outages[measure.of], self.edges)
        by_service = {s.name: by_service[s.name] & counts & self.covered((s,)) & hours for s in services}
        counted = at_least(needed, list(by_service.values()))
        edges = frozenset(edge for run in runs(raw) for edge in run)
        self._near_coverage(services, measure, edges)
        excuses = Excuses(q, commitment, measure, zone, self.edges)
        excused = excuses.of(by_service, needed, long_enough, edges)
        return AllTime(raw, long_enough, counted, hours, excused, edges)

    def _rows_of(self, service: CoveredService, measure: MeasureRule) -> list[Row]:
        key = (service.name, measure.name)
        if key not in self._rows:
            self._rows[key] = rows_of(self.q, service, measure)
        return self._rows[key]

    def _over_all_intervals(
        self, commitment: Commitment, measure: MeasureRule, services: Services, hours: int
    ) -> AllTime:
        """The intervals that excuses are asked for, as if they were outages."""
        by_service = {s.name: bad(self._rows_of(s, measure), measure) & self.covered((s,)) for s in services}
        every = at_least(1, list(by_service.values()))
        excuses = Excuses(self.q, commitment, measure, self.terms.periods[commitment.period].zone, self.edges)
        edges = frozenset(edge for run in runs(every) for edge in run)
        return AllTime(every, every, every, hours, excuses.of(by_service, 1, every, edges), edges)

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
        item: Item | None = None,
    ) -> Run:
        rule = self.terms.periods[commitment.period]
        time = self.all_time(commitment, subject, services, favourable)
        face = self.q.stage.face(rule.zone)
        period = face.between(*dates)
        elapsed = period & span(0, self.q.stage.tick(self.q.as_of))
        mine = time.hours if rule.partial is Partial.WHOLE else self.covered(services) & time.hours
        covered = elapsed & mine
        run = Run(
            commitment,
            subject,
            services,
            dates,
            elapsed,
            covered,
            time.excused.up & covered,
            time.excused.outside & covered,
            time.charged & covered,
            time.raw & ~time.lasting & covered,
            time.outages(elapsed),
            period != elapsed,
        )
        low, high = face.ticks_of(*dates)
        self.edges.meet("an outage at the start of the period", low, time.edges)
        self.edges.meet("an outage at the end of the period", high, time.edges)
        self.edges.near("the question at the end of the period", self.q.stage.tick(self.q.as_of) - high)
        run.down_time = Fraction(run.down.bit_count() * TICK)
        kind = self.terms.measures[commitment.measure].kind
        if kind in OF_INTERVALS:
            return self._of_intervals(run, time, period & time.hours, favourable)
        if _is_of_items(self.terms.measures[commitment.measure]):
            return self._of_items(run, favourable, item)
        if kind is MeasureKind.RATIO and commitment.scope.combined in (Combined.POOLED, Combined.WEIGHTED):
            self._pooled(run, favourable)
        elif kind is MeasureKind.RATIO:
            self._share(run, period & time.hours, period & ~elapsed & mine)
        elif covered:
            run.figure = run.numerator = self._of_outages(run, kind, time)
            run.denominator = Fraction(1)
            run.at_most = self._at_most(run, time, favourable)
        if run.denominator:
            run.unit = Fraction(1) if kind is MeasureKind.COUNT else TICK / run.denominator
        return run

    def _of_intervals(self, run: Run, time: AllTime, period: int, favourable: bool) -> Run:
        """Each interval belongs to the judged time in which it begins; it is excused where excuses cover all of it."""
        measure = self.terms.measures[run.commitment.measure]
        is_best = measure.unknown == "up" or (favourable and measure.unknown != "down")
        unless_told = 0 if measure.interval else None
        v = Values(good=is_best, missing=unless_told, coming=unless_told, step=Fraction(TICK))
        low, high = self.q.stage.face(self.terms.periods[run.commitment.period].zone).ticks_of(*run.dates)
        taken, unknown, unseen, here = time.excused.up | time.excused.outside, 0, 0, 0
        is_share = measure.kind is MeasureKind.COUNTS
        for service in run.services:
            rows, told, half = self._rows_of(service, measure), 0, 0
            covered = self.covered((service,))
            scope = run.covered & covered
            v.step = min(v.step, step_of(self.q, service, measure))
            for row in rows:
                told |= row.ticks if row.is_known else 0
                half |= row.ticks if row.is_partly_known and not measure.value else 0
                if abs(row.start - low) <= 1 or abs(row.end - high) <= 1:
                    self.edges.near("an interval that begins with the period", row.start - low)
                    self.edges.near("an interval that ends with the period", row.end - high)
                if not scope >> row.start & 1:
                    continue
                if not (row.is_known or (is_share and row.of is not None)):
                    v.partly += [row] if row.is_partly_known else []
                    continue
                left = row.ticks & covered & ~taken
                self.edges.near("an interval that excuses cover", left.bit_count())
                if left and row.is_known:
                    v.counting.append((row.amount or Fraction(), row.of or Fraction()))
                elif left:
                    v.partly.append(row)
                if left:
                    continue
                here |= row.ticks & covered
                if not row.ticks & covered & time.excused.outside & run.covered:
                    v.good_ones.append(row.of or Fraction())
            unknown |= scope & ~told
            unseen |= scope & ~told & ~half
            if measure.interval:
                self._expected(v, run, measure.interval, (period & covered, scope & ~told, told))
        v.lacks = bool(unknown) and measure.unknown != "nothing"
        v.unseen = bool(unseen)
        run.outside = here & time.excused.outside & run.covered
        run.up = here & run.covered & ~run.outside
        run.down = unknown & ~here if not favourable and not measure.unknown else 0
        run.brief, run.outages, run.down_time = 0, [], Fraction(run.down.bit_count() * TICK)
        run.values = v
        return self.come_to(run)

    def _of_items(self, run: Run, favourable: bool, item: Item | None) -> Run:
        """What became of the tickets that began in the elapsed part of the period."""
        measure, tickets = self.terms.measures[run.commitment.measure], Tickets(self.q, self.edges)
        zone, as_of = self.terms.periods[run.commitment.period].zone, self.q.stage.tick(self.q.as_of)
        if item is not None:
            run.ran = tickets.ran(measure.of, item, zone)
            assert run.ran is not None
            run.figure = run.numerator = Fraction(run.ran.used * TICK)
            run.denominator = Fraction(1)
            return run
        begun = tickets.begun(measure, run.services, run.elapsed)
        if measure.kind is MeasureKind.COUNT:
            run.figure, run.numerator, run.denominator = Fraction(len(begun)), Fraction(len(begun)), Fraction(1)
            run.unit = Fraction(1)
            return run
        rans = [ran for one in begun if (ran := tickets.ran(measure.of, one, zone)) is not None]
        run.numerator, run.denominator = figure_of(measure, rans, favourable, as_of)
        if run.denominator:
            run.figure = self._rounded(run, run.numerator / run.denominator)
            run.unit = (TICK if measure.kind is MeasureKind.MEAN_ELAPSED else 1) / run.denominator
        run.may_grow = measure.kind is MeasureKind.MEAN_ELAPSED and any(ran.stopped is None for ran in rans)
        return run

    def _expected(self, v: Values, run: Run, length: int, ticks: tuple[int, int, int]) -> None:
        """How many intervals went unmeasured, and how many are not over yet."""
        whole, rest, told = ticks
        face, as_of = self.q.stage.face(self.terms.periods[run.commitment.period].zone), self.q.stage.tick(self.q.as_of)
        for start, end in cells(face, length, whole):
            self.edges.near("an interval that ends with the question", end - as_of)
            if end > as_of:
                v.coming = (v.coming or 0) + (not told >> start & 1)
            elif span(start, end) & rest:
                v.missing = (v.missing or 0) + 1

    def come_to(self, run: Run) -> Run:
        """The run with what its intervals come to under the target of its commitment."""
        v, measure = run.values, self.terms.measures[run.commitment.measure]
        assert v is not None
        came = come_to(measure, v, keeps_down(run.commitment), self.edges)
        run = replace(run, numerator=came.numerator, denominator=came.denominator, figure=came.figure)
        run.best, run.bound = came.best, came.bound
        if measure.kind is MeasureKind.MEAN or measure.kind is MeasureKind.COUNTS:
            run.unit = Fraction(1, max(1, int(came.denominator)))
        if measure.value:
            run.unit = v.step / max(1, int(came.denominator))
        return run

    def _share(self, run: Run, whole: int, coming: int) -> None:
        """Covered time less what is down, over covered time; a nominal length stands for the whole of it."""
        nominal = self.terms.periods[run.commitment.period].nominal
        total, rest = run.covered.bit_count() * TICK, coming.bit_count() * TICK
        if nominal and run.covered | coming == whole:
            rest = nominal - total
        if nominal and run.covered and not run.running and run.covered == whole:
            total = nominal
        run.denominator = max(Fraction(), Fraction(total - run.outside.bit_count() * TICK))
        run.numerator = max(Fraction(), run.denominator - run.down_time)
        if run.denominator:
            run.figure = self._rounded(run, run.numerator / run.denominator)
            run.best = self._rounded(run, (run.numerator + rest) / (run.denominator + rest))

    def _pooled(self, run: Run, favourable: bool) -> None:
        """Each service judged by itself, and their times added up, each as often as it weighs."""
        scope = run.commitment.scope
        alone = replace(run.commitment, scope=replace(scope, combined=Combined.ANY))
        run.down_time = Fraction()
        for service in run.services:
            face = self.q.stage.face(self.terms.periods[alone.period].zone)
            if not self.covered((service,)) & face.between(*run.dates):
                continue
            one = self._run(alone, f"{run.subject}/{service.name}", (service,), run.dates, favourable)
            words = service.fact(scope.weight, run.dates[0]) if scope.weight else ""
            if scope.weight and not words:  # what is said of a whole is said of its parts
                whole = [other for other in self.q.order.services if other.name == service.part_of]
                words = whole[0].fact(scope.weight, run.dates[0]) if whole else ""
            weight = Fraction(words) if words else Fraction(1)
            run.numerator += weight * one.numerator
            run.denominator += weight * one.denominator
            run.down_time += weight * one.down_time
        if run.denominator:
            run.figure = self._rounded(run, run.numerator / run.denominator)

    def _of_outages(self, run: Run, kind: MeasureKind, time: AllTime) -> Fraction:
        if kind is MeasureKind.TOTAL:
            return run.down_time
        if kind is MeasureKind.LONGEST:
            lengths = [(span(*each) & run.down).bit_count() for each in runs(time.lasting)]
            return Fraction(max(lengths, default=0) * TICK)
        begun = [start for start, end in runs(time.lasting) if span(start, end) & run.down]
        return Fraction(sum(run.elapsed >> start & 1 for start in begun))

    def _at_most(self, run: Run, time: AllTime, favourable: bool) -> int | None:
        """A stretch that nobody saw may hold as many outages as fit into it, one after another."""
        measure = self.terms.measures[run.commitment.measure]
        found = sum(1 for ticks in run.outages if ticks & run.down)
        if favourable or measure.unknown:
            return found
        outage = self.terms.outages[measure.of]
        seen = self.all_time(run.commitment, run.subject, run.services, True).raw
        detect = self.terms.detects[outage.detect]
        least = max(
            detect.every if detect.evidence is EvidenceKind.OBSERVATIONS else 0,
            outage.shortest.edge if outage.shortest else 0,
        )
        for start, end in runs(time.lasting):
            part = span(start, end) & run.down
            if not part or part & seen:
                continue
            if not least:
                return None
            fit = part.bit_count() * TICK // least
            self.edges.near("outages that fit into what nobody saw", part.bit_count() - least // TICK)
            found += max(1, fit) - (run.elapsed >> start & 1)
        return found

    def _rounded(self, run: Run, ratio: Fraction) -> Fraction:
        return rounded(self.terms.measures[run.commitment.measure], ratio, self.edges)


def _is_of_items(measure: MeasureRule) -> bool:
    return measure.kind in OF_ITEMS or (measure.kind is MeasureKind.COUNT and not measure.of)


def quorum(commitment: Commitment, members: int) -> int:
    """How many services must be down for the subject to be down."""
    scope = commitment.scope
    if scope.combined is Combined.ALL:
        return members
    return min(scope.k, members) if scope.combined is Combined.AT_LEAST else 1


def keeps_down(commitment: Commitment) -> bool:
    """Whether the target is a most, so that less is better."""
    target = commitment.target
    return isinstance(target, Threshold) and target.side in (Side.AT_MOST, Side.BELOW)
