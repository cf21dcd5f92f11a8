"""The chain after detection as the design states it: slow, plain, by sets of ticks, sharing no code with the engine.

It reads the same terms, order and facts. Every instant in them must be a multiple of the tick, and lie in the face.
What was down comes from reported states; observations have an oracle of their own, see `detect`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from makegood.model.expression import Expression, Literal, Name, Operation
from makegood.model.facts import DOWN, UNKNOWN, Cause, Facts, Maintenance, States
from makegood.model.order import CoveredService, Order
from makegood.model.terms import (
    Commitment,
    Counted,
    CountsAs,
    Each,
    ExcludeRule,
    Gate,
    GateKind,
    LimitRule,
    MeasureRule,
    OutageRule,
    RemedyRule,
    Terms,
    Unstated,
)  # fmt: skip
from makegood.model.threshold import Side, Threshold
from tests.engine.oracle_clock import Face, dates_of
from tests.engine.oracle_money import fees_of, whole_units

Ticks = set[int]


@dataclass
class Owed:
    """One line: exact after limits and rounded; None where something is unstated."""

    remedy: str
    amount: Fraction | None
    cut_by: str = ""
    rounded: int | None = None


@dataclass
class Run:
    """One commitment, subject and period in one run: every tick's class, the ratio, the verdict and the lines."""

    commitment: str
    subject: str
    classes: dict[int, str]
    numerator: Fraction
    denominator: Fraction
    ratio: Fraction | None
    verdict: str
    lines: list[Owed] = field(default_factory=list)

    def time(self, name: str) -> Ticks:
        return {t for t, c in self.classes.items() if c == name}


@dataclass(frozen=True)
class Oracle:
    """What is asked: terms, order, facts as known at an instant, and the ticks in which all of it is looked at."""

    terms: Terms
    order: Order
    facts: Facts
    as_of: int
    face: Face

    def tick(self, instant: int) -> int:
        ticks, rest = divmod(instant, self.face.seconds * 1_000_000)
        assert rest == 0, "an instant between two ticks"
        return ticks

    def judge(self, day: date, favourable: bool) -> list[Run]:
        """Every case of the periods that hold a date, in order."""
        found: list[Run] = []
        for commitment in self.terms.commitments.values():
            rule = self.terms.periods[commitment.period]
            first, last = dates_of(rule, day)
            for subject, services in self.subjects(commitment):
                period = self.face.like(rule.zone).between(first, last)
                if set().union(*(self.covered(s) for s in services)) & period:
                    found.append(self.case(commitment, subject, services, (first, last), period, favourable))
        self.limit_credits(found, day)
        return found

    def subjects(self, commitment: Commitment) -> list[tuple[str, list[CoveredService]]]:
        within = [s for s in self.order.services if s.stage not in commitment.scope.not_stages]
        if commitment.scope.each is Each.ORDER:
            return [(self.order.id, within)] if within else []
        return [(s.name, [s]) for s in within]

    def covered(self, service: CoveredService) -> Ticks:
        first = max(self.order.term.first, service.starts or self.order.term.first)
        last = min(self.order.term.last, service.ends or self.order.term.last)
        return self.face.like(self.order.zone).between(first, last)

    def case(
        self,
        commitment: Commitment,
        subject: str,
        services: list[CoveredService],
        dates: tuple[date, date],
        period: Ticks,
        favourable: bool,
    ) -> Run:
        rule = self.terms.periods[commitment.period]
        measure = self.terms.measures[commitment.measure]
        outage = self.terms.outages[measure.of]
        hours = set(range(self.face.first, self.face.last))
        if measure.service_hours:
            calendar = self.terms.calendars[measure.service_hours]
            assert not isinstance(calendar, Unstated)
            hours = self.face.like(calendar.zone).open_in(calendar)
        raw = {s.name: self.grained(self.down(s, measure, outage, favourable), outage, rule.zone) for s in services}
        counted = count_outages(set().union(*raw.values()), outage, self.face.seconds)
        down = {s.name: raw[s.name] & counted & self.covered(s) & hours for s in services}
        excused = self.excused(commitment, measure, dict(down), rule.zone)
        elapsed = {t for t in period if t < self.tick(self.as_of)}
        covered = elapsed & hours & set().union(*(self.covered(s) for s in services))
        classes = {}
        for t in elapsed:
            if t not in covered:
                classes[t] = "outside"
            elif t in excused:
                classes[t] = "excused up" if excused[t] is CountsAs.UP else "excused out"
            elif any(t in d for d in down.values()):
                classes[t] = "down"
            else:
                classes[t] = "up"
        run = Run(commitment.name, subject, classes, Fraction(), Fraction(), None, "")
        total = Fraction(len(covered))
        if rule.nominal and covered == period:
            total = Fraction(rule.nominal, self.face.seconds * 1_000_000)
        run.denominator = max(Fraction(), total - len(run.time("excused out")))
        run.numerator = max(Fraction(), run.denominator - len(run.time("down")))
        coming = (period - elapsed) & hours & set().union(*(self.covered(s) for s in services))
        if rule.nominal and covered | coming == period:
            remainder = Fraction(rule.nominal, self.face.seconds * 1_000_000) - len(covered)
        else:
            remainder = Fraction(len(coming))
        self.verdict(run, commitment, measure, bool(period - elapsed), remainder)
        if run.verdict == "breached" and not period - elapsed:  # nothing is credited of a period that still runs
            run.lines = [self.line(r, run, services, dates) for r in self.terms.remedies.values() if
                         r.commitment == commitment.name]  # fmt: skip
        return run

    def verdict(self, run: Run, commitment: Commitment, measure: MeasureRule, running: bool, rest: Fraction) -> None:
        def ratio(a: Fraction, b: Fraction) -> Fraction:
            if measure.rounding is None:
                return a / b
            places = 10 ** (measure.rounding + 2)
            return Fraction(whole_units(a / b * places, "half up"), places)

        if run.denominator == 0:
            run.verdict = "not applicable"
            return
        run.ratio = ratio(run.numerator, run.denominator)
        target = commitment.target
        if not isinstance(target, Threshold):
            run.verdict = "recorded" if commitment.strength.value == "aim" else "unstated"
        elif commitment.strength.value == "aim":
            run.verdict = "recorded"
        elif running:
            best = ratio(run.numerator + rest, run.denominator + rest)
            run.verdict = "running" if on_side(target, best) else "breached"
        else:
            run.verdict = "met" if on_side(target, run.ratio) else "breached"

    def down(self, service: CoveredService, measure: MeasureRule, outage: OutageRule, favourable: bool) -> Ticks:
        """The raw down time of a service in one run, by what its sources say of each tick."""
        rule = self.terms.detects[outage.detect]
        sources = self.facts.states.get(service.name, ())
        said = [self.possible(s, rule.holds or 0) for s in sources]
        best = measure.unknown == "up" or (favourable and measure.unknown != "down")
        saw = [{t for t, outcomes in one.items() if UNKNOWN not in outcomes} for one in said]
        someone = set().union(*saw) if saw else set()
        votes = []
        for one, seen in zip(said, saw, strict=True):
            if best:
                votes.append({t for t, outcomes in one.items() if outcomes == {DOWN}})
            else:
                votes.append({t for t, o in one.items() if o & {DOWN, UNKNOWN}} | (someone - seen))
        every = rule.checks == "all"
        found = (set.intersection(*votes) if every else set.union(*votes)) if votes else set()
        if not best:
            found |= {t for t in self.covered(service) if t < self.tick(self.as_of)} - someone
        return found

    def possible(self, states: States, holds: int) -> dict[int, set[int]]:
        """For each tick that a source speaks of, the states that may have held."""
        found: dict[int, set[int]] = {}
        starts = [self.tick(t) for t in states.earliest.tolist()]
        ends = [self.tick(t) for t in states.at.tolist()][1:]
        ends.append(min(self.tick(self.as_of), self.tick(int(states.at[-1]) + holds)))
        for start, end, outcome in zip(starts, ends, states.outcome.tolist(), strict=True):
            for t in range(start, end):
                found.setdefault(t, set()).add(outcome)
        return found

    def grained(self, down: Ticks, rule: OutageRule, zone: str) -> Ticks:
        if rule.grain is None:
            return down
        size = self.tick(rule.grain)
        found: Ticks = set()
        for ticks in self.face.like(zone).dates().values():
            for start in range(0, len(ticks), size):
                cell = ticks[start : start + size]
                inside = sum(t in down for t in cell)
                if {"any": inside > 0, "all": inside == len(cell), "half": 2 * inside >= len(cell)}[rule.grain_down]:
                    found |= set(cell)
        return found

    def excused(
        self, commitment: Commitment, measure: MeasureRule, left: dict[str, Ticks], zone: str
    ) -> dict[int, CountsAs]:
        """The ticks at which the combination would be up with its excused members up, and where they go."""
        rules = [r for r in self.terms.excludes if commitment.name in r.commitments]
        limited = {name for limit in self.terms.limits for name in limit.on}
        asked_first = [r for r in rules if r.name not in limited] + [r for r in rules if r.name in limited]
        before = set().union(*left.values())
        granted: dict[int, set[CountsAs]] = {}
        for rule in asked_first:
            asks: list[tuple[str, dict[str, Ticks]]] = []
            for item in self.items(rule, set(left)):
                if all(self.holds(g, item) for g in rule.gates) and not any(self.holds(g, item) for g in rule.unless):
                    inside = self.clipped(rule, item)
                    whose = item.services if isinstance(item, Maintenance) else (item.service,)
                    asks.append((item.id, {s: left[s] & inside for s in whose if s in left}))
            asks = [(i, by) for i, by in asks if any(by.values())]
            asks.sort(key=lambda ask: (min(set().union(*ask[1].values())), ask[0]))
            allowed = {i: set().union(*by.values()) for i, by in asks}
            for limit in self.terms.limits:
                if rule.name in limit.on:
                    allowed = self.limited(limit, allowed, zone)
            for i, by in asks:
                for s, ticks in by.items():
                    left[s] = left[s] - (ticks & allowed[i])
                for t in set().union(*by.values()) & allowed[i]:
                    granted.setdefault(t, set()).add(measure.excused or rule.counts_as)
        still = set().union(*left.values())
        return {
            t: CountsAs.UP if CountsAs.UP in granted[t] else CountsAs.OUTSIDE for t in before - still if t in granted
        }

    def items(self, rule: ExcludeRule, names: set[str]) -> Iterable[Maintenance | Cause]:
        if rule.what == "maintenance":
            return [m for m in self.facts.maintenances if names & set(m.services)]
        return [c for c in self.facts.causes if c.service in names and c.cause in rule.causes]

    def announced(self, item: Maintenance | Cause) -> Ticks:
        whole = item.announced if isinstance(item, Maintenance) else item.span
        return set(range(self.tick(whole.start), self.tick(whole.end)))

    def window(self, gate: Gate) -> Ticks:
        calendar = self.terms.calendars[gate.calendar]
        assert not isinstance(calendar, Unstated)
        return self.face.like(calendar.zone).inside(gate.windows)

    def holds(self, gate: Gate, item: Maintenance | Cause) -> bool:
        """Whether a gate holds for the whole announcement."""
        if gate.kind is GateKind.FACT:
            return str(getattr(item, gate.field)) in gate.values
        assert isinstance(item, Maintenance)
        if gate.kind is GateKind.NOTICE:
            assert isinstance(gate.notice, Threshold)
            times = []
            for contact in self.order.contacts:
                mine = [n.accepted for n in self.facts.notices if n.of == item.id and n.to == contact and
                        n.accepted is not None and n.order in ("", self.order.id)]  # fmt: skip
                if not mine:
                    return False
                times.append(min(mine))
            return bool(times) and on_side(gate.notice, item.announced.start - max(times))
        if gate.kind is GateKind.LASTING:
            assert gate.lasting is not None
            return on_side(gate.lasting, item.announced.length)
        inside = self.announced(item) & self.window(gate)
        return not inside if gate.kind is GateKind.OUTSIDE else inside == self.announced(item)

    def clipped(self, rule: ExcludeRule, item: Maintenance | Cause) -> Ticks:
        inside = self.announced(item)
        for clip in rule.clips:
            if clip.kind is GateKind.WITHIN:
                inside &= self.window(clip)
            elif clip.kind is GateKind.OUTSIDE:
                inside -= self.window(clip)
            elif clip.lasting is not None:
                start = min(self.announced(item))
                inside = {t for t in inside if t < start + self.tick(clip.lasting.edge)}
        return inside

    def limited(self, limit: LimitRule, asked: dict[str, Ticks], zone: str) -> dict[str, Ticks]:
        """What a limit leaves of what items ask for; they come in the order of their first tick, then of id."""
        assert isinstance(limit.most, Literal)
        face = self.face.like(limit.over.zone or zone)

        def together(day: date, other: date) -> bool:
            if limit.over.days:
                return day - timedelta(days=limit.over.days - 1) <= other <= day
            rule = self.terms.periods[limit.over.period]
            return dates_of(rule, day) == dates_of(rule, other)

        if limit.unit.value == "items":
            days = {i: face.shown(min(ticks))[0] for i, ticks in asked.items()}
            names = list(asked)
            refused = {
                i for n, i in enumerate(names) if sum(together(days[i], days[j]) for j in names[:n]) >= limit.most.value
            }
            return {i: set() if i in refused else ticks for i, ticks in asked.items()}
        allowed: Ticks = set()
        used: list[int] = []
        by_day: dict[date, int] = {}
        for t in sorted(set().union(*asked.values())):
            day = face.shown(t)[0]
            if sum(n for other, n in by_day.items() if together(day, other)) < self.tick(int(limit.most.value)):
                allowed.add(t)
            used.append(t)
            by_day[day] = by_day.get(day, 0) + 1
        return {i: ticks & allowed for i, ticks in asked.items()}

    def line(self, remedy: RemedyRule, run: Run, services: list[CoveredService], dates: tuple[date, date]) -> Owed:
        assert remedy.amount is not None
        return Owed(remedy.name, self.amount(remedy.amount, run, services, dates))

    def amount(
        self, amount: Expression, run: Run | None, services: list[CoveredService], dates: tuple[date, date]
    ) -> Fraction | None:
        """Exact; None where a row is missing or unstated."""
        if isinstance(amount, Literal):
            return amount.value
        if isinstance(amount, Operation):
            parts = [self.amount(o, run, services, dates) for o in amount.operands]
            if any(p is None for p in parts):
                return None
            numbers = [p for p in parts if p is not None]
            match amount.operator.value:
                case "x":
                    product = Fraction(1)
                    for n in numbers:
                        product *= n
                    return product
                case "+" | "sum":
                    return sum(numbers, Fraction())
                case "least":
                    return min(numbers)
                case "greatest":
                    return max(numbers)
            raise NotImplementedError(amount.operator)
        assert isinstance(amount, Name)
        if amount.name in self.terms.bases:
            return fees_of(self.terms.bases[amount.name], self.order, services, dates)
        assert run is not None
        assert run.ratio is not None
        scale = self.terms.scales[amount.name]
        rows = [t for t in scale.tiers if _in_range(t.range.low, t.range.low_inside, run.ratio, t.range.high,
                                                    t.range.high_inside)]  # fmt: skip
        if not rows or any(isinstance(t.amount, Unstated) for t in rows):
            return None
        if scale.nesting.value == "adding":
            return sum((t.amount for t in rows if isinstance(t.amount, Fraction)), Fraction())
        bounded = [t for t in rows if t.range.high is not None]
        deepest = min(bounded, key=lambda t: t.range.high or 0) if bounded else rows[0]
        assert isinstance(deepest.amount, Fraction)
        return deepest.amount

    def limit_credits(self, runs: list[Run], day: date) -> None:
        """Each limit on credits, over all lines of the order in their order: the last line is cut."""
        for limit in self.terms.limits:
            if limit.unit.value != "money":
                continue
            left: Fraction | None = None
            for run in runs:
                for line in run.lines:
                    if line.remedy not in limit.on or line.amount is None:
                        continue
                    if left is None:
                        rule = self.terms.periods[self.terms.commitments[run.commitment].period]
                        left = self.amount(limit.most, None, [], dates_of(rule, day))
                        assert left is not None
                    if line.amount > left:
                        line.amount, line.cut_by = left, limit.name
                    left -= line.amount
        for run in runs:
            for line in run.lines:
                if line.amount is not None:
                    line.rounded = whole_units(line.amount, self.terms.remedies[line.remedy].rounding.value)


def count_outages(raw: Ticks, rule: OutageRule, seconds: int) -> Ticks:
    """The ticks of the outages that are long enough, as far as they count."""
    counted: Ticks = set()
    for start in sorted(t for t in raw if t - 1 not in raw):
        end = start
        while end in raw:
            end += 1
        if rule.shortest is None:
            counted |= set(range(start, end))
        elif on_side(rule.shortest, (end - start) * seconds * 1_000_000):
            skip = rule.shortest.edge // (seconds * 1_000_000) if rule.counted is Counted.BEYOND else 0
            counted |= set(range(start + skip, end))
    return counted


def on_side(threshold: Threshold[Fraction] | Threshold[int], value: Fraction | int) -> bool:
    """By cross-multiplied integers."""
    edge, number = Fraction(threshold.edge), Fraction(value)
    left, right = number.numerator * edge.denominator, edge.numerator * number.denominator
    return {
        Side.AT_LEAST: left >= right,
        Side.MORE_THAN: left > right,
        Side.BELOW: left < right,
        Side.AT_MOST: left <= right,
        Side.EXACTLY: left == right,
    }[threshold.side]


def _in_range(low: Fraction | None, low_in: bool, value: Fraction, high: Fraction | None, high_in: bool) -> bool:
    above = low is None or on_side(Threshold(Side.AT_LEAST if low_in else Side.MORE_THAN, low), value)
    below = high is None or on_side(Threshold(Side.AT_MOST if high_in else Side.BELOW, high), value)
    return above and below
