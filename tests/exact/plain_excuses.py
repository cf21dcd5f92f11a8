"""Exclusions as the design states them (3.7): gates, clips and limits, item by item, on ticks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from makegood.model.expression import Literal, Unit
from makegood.model.facts import Cause, Maintenance
from makegood.model.spans import Span
from makegood.model.terms import Commitment, CountsAs, ExcludeRule, Gate, GateKind, LimitRule, MeasureRule, Strength
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, Calendar
from tests.exact.bits import earliest, first, runs, span
from tests.exact.edges import Edges
from tests.exact.plain_clock import due
from tests.exact.plain_down import at_least
from tests.exact.plain_periods import dates_of, term_at
from tests.exact.question import Question
from tests.exact.stage import TICK, Face
from tests.exact.thresholds import on_side

ALL_DOWNTIME = Cause("downtime", 0, "")
"""What an exclusion of all other downtime is applied to."""


@dataclass
class Ask:
    """One item under one exclusion: what it asks for of each service, and whether its conditions hold."""

    rule: ExcludeRule
    item: Maintenance | Cause
    passes: bool
    by_service: dict[str, int]
    granted: int = 0

    @property
    def asked(self) -> int:
        found = 0
        for ticks in self.by_service.values():
            found |= ticks
        return found


@dataclass
class Excused:
    """What is taken out, where it goes, what each item got of it, and what was expected of announcements."""

    up: int = 0
    outside: int = 0
    asks: list[Ask] = field(default_factory=list)
    expected: list[tuple[str, str, bool]] = field(default_factory=list)


class Excuses:
    """The exclusions of one commitment for the services of one subject in one run."""

    def __init__(self, q: Question, commitment: Commitment, measure: MeasureRule, zone: str, edges: Edges) -> None:
        self.q, self.commitment, self.measure, self.zone, self.edges = q, commitment, measure, zone, edges
        self.outages: frozenset[int] = frozenset()
        self.lasting = 0
        self.services: set[str] = set()

    def of(self, down: Mapping[str, int], needed: int, lasting: int, outages: frozenset[int]) -> Excused:
        """An instant is excused where the combination, down while so many are, would be up with its excused members up.

        `lasting` are the outages that are long enough; `outages` the ticks at which one begins or ends, which only show
        how near to edges they lie.
        """
        left, found, self.services = dict(down), Excused(), set(down)
        self.outages, self.lasting = outages, lasting
        for group in self._groups():
            asks = {rule.name: self._asks(rule, left, found) for rule in group}
            time, refused = self._limits(group, asks)
            for rule in group:
                for ask in asks[rule.name]:
                    found.asks.append(ask)
                    if not ask.passes or ask.item.id in refused[rule.name]:
                        continue
                    for name, ticks in ask.by_service.items():
                        part = ticks & left[name] & time[rule.name]
                        ask.granted |= part
                        left[name] &= ~part
                    if (self.measure.excused or rule.counts_as) is CountsAs.UP:
                        found.up |= ask.granted
                    else:
                        found.outside |= ask.granted
        taken = at_least(needed, list(down.values())) & ~at_least(needed, list(left.values()))
        found.up &= taken
        found.outside &= taken & ~found.up
        for ask in found.asks:
            ask.granted &= taken
        return found

    def _groups(self) -> list[list[ExcludeRule]]:
        """Unlimited exclusions alone and first; those that share a limit, even through others, together."""
        rules = [r for r in self.q.terms.excludes if self.commitment.name in r.commitments]
        names = {r.name for r in rules}
        shared = [names.intersection(limit.on) for limit in self.q.terms.limits]
        groups = [[r] for r in rules if not any(r.name in on for on in shared)]
        left = [r for r in rules if any(r.name in on for on in shared)]
        while left:
            names, grown = {left[0].name}, True
            while grown:
                more = names.union(*(on for on in shared if on & names))
                grown, names = more != names, more
            groups.append([r for r in left if r.name in names])
            left = [r for r in left if r.name not in names]
        return groups

    def _asks(self, rule: ExcludeRule, left: Mapping[str, int], found: Excused) -> list[Ask]:
        asks = []
        for item in self._items(rule, set(left)):
            passes = all(self.holds(g, item) for g in rule.gates if g.effort or g.strength is Strength.PROMISE)
            passes = passes and not any(self.holds(g, item) for g in rule.unless)
            found.expected += [(item.id, g.says, self.holds(g, item)) for g in rule.expect]
            inside = self._clipped(rule, item)
            whose = item.services if isinstance(item, Maintenance) else (item.service,)
            if item is ALL_DOWNTIME:
                whose = tuple(left)
            asks.append(Ask(rule, item, passes, {s: left[s] & inside for s in whose if s in left}))
        asks.sort(key=lambda ask: (not ask.asked, first(ask.asked) if ask.asked else 0, ask.item.id))
        return asks

    def _items(self, rule: ExcludeRule, names: set[str]) -> Iterable[Maintenance | Cause]:
        known = self.q.known
        if rule.what == "downtime":
            return [ALL_DOWNTIME]
        if rule.what == "maintenance":
            return [m for m in known.maintenances if names & set(m.services)]
        return [c for c in known.causes if c.service in names and c.cause in rule.causes]

    def holds(self, gate: Gate, item: Maintenance | Cause) -> bool:
        """Whether a gate holds for the whole announcement; one of effort also on the last judgement about it."""
        if self._shown(gate, item):
            return True
        if not gate.effort:
            return False
        about = [j for j in self.q.known.judgements if j.about == item.id and j.gate in (gate.kind.value, gate.field)]
        return bool(about) and max(about, key=lambda j: (j.recorded, j.id)).holds

    def _shown(self, gate: Gate, item: Maintenance | Cause) -> bool:
        if gate.kind is GateKind.FACT:
            said = str(getattr(item, gate.field.replace(" ", "_"), "")).lower()
            return bool(said) and said in {v.lower() for v in gate.values}
        assert isinstance(item, Maintenance)
        match gate.kind:
            case GateKind.NOTICE:
                accepted = self._accepted(gate, item)
                return accepted is not None and self._in_time(gate, accepted, item.announced.start)
            case GateKind.ANNOUNCED:
                accepted = self._accepted(gate, item)
                if accepted is not None:
                    self.edges.near("an announcement before the start", (item.announced.start - accepted) // TICK)
                return accepted is not None and accepted <= item.announced.start
            case GateKind.LASTING:
                assert gate.lasting is not None
                length = item.announced.end - item.announced.start
                self.edges.near("the length that is announced", (length - gate.lasting.edge) // TICK)
                return on_side(gate.lasting, length)
        window, whole = self._window(gate), self._ticks(item)
        self._meet(f"work at the edge of a window that it must be {gate.kind.value}", gate, self._edges(item))
        if gate.kind is GateKind.OUTSIDE:
            return not whole & window
        return not whole & ~window

    def _accepted(self, gate: Gate, work: Maintenance) -> int | None:
        """When the last contact had it, by a channel that counts; a bounce is no acceptance."""
        mine = [n for n in self.q.known.notices if n.of == work.id and n.order in ("", self.q.order.id)]
        mine = [n for n in mine if not gate.channels or n.via in gate.channels]
        latest = None
        for contact in self.q.order.contacts or {n.to for n in mine}:
            times = [n.accepted for n in mine if n.to == contact and n.accepted is not None]
            if not times:
                return None
            latest = min(times) if latest is None else max(latest, min(times))
        return latest

    def _in_time(self, gate: Gate, accepted: int, start: int) -> bool:
        if isinstance(gate.notice, Threshold):
            self.edges.near("hours of notice", (start - accepted - gate.notice.edge) // TICK)
            return on_side(gate.notice, start - accepted)
        assert isinstance(gate.notice, Allowance)
        calendar = self.q.terms.calendars.get(gate.notice_calendar)
        if not isinstance(calendar, Calendar):
            return False
        latest = due(accepted, gate.notice, calendar, self.q.stage)
        self.edges.near(f"{gate.notice.unit.value} of notice", (start - latest) // TICK)
        return latest <= start

    def _ticks(self, item: Maintenance | Cause) -> int:
        whole: Span = item.announced if isinstance(item, Maintenance) else item.span
        return span(self.q.stage.tick(whole.start), self.q.stage.tick(whole.end))

    def _edges(self, item: Maintenance | Cause) -> frozenset[int]:
        whole: Span = item.announced if isinstance(item, Maintenance) else item.span
        return frozenset((self.q.stage.tick(whole.start), self.q.stage.tick(whole.end)))

    def _meet(self, kind: str, gate: Gate, ticks: frozenset[int]) -> None:
        """Whether a window of a gate opens or closes at one of some ticks, or beside it."""
        face = self.q.stage.face(self.q.stage.zone)
        for window in gate.windows if ticks else ():
            for edge in face.edges_of(window):
                self.edges.meet(kind, edge, ticks)

    def _window(self, gate: Gate) -> int:
        calendar = self.q.terms.calendars.get(gate.calendar)
        known = calendar if isinstance(calendar, Calendar) else None
        if gate.windows:
            return self.q.stage.face(known.zone if known else self.zone).inside(gate.windows)
        return self.q.stage.face(known.zone).open_in(known) if known else 0

    def _clipped(self, rule: ExcludeRule, item: Maintenance | Cause) -> int:
        if item is ALL_DOWNTIME:
            whole = inside = self.q.stage.whole
            for cause in self.q.known.causes:
                if cause.service in self.services and cause.cause in rule.causes:
                    inside &= ~self._ticks(cause)
        else:
            whole = inside = self._ticks(item)
        if self.outages and item is not ALL_DOWNTIME:
            for edge in self._edges(item):
                self.edges.meet(f"an outage at the edge of {rule.what}", edge, self.outages)
        for clip in rule.clips:
            self._meet(f"an outage at the edge of a clip {clip.kind.value}", clip, self.outages)
            if clip.kind is GateKind.WITHIN:
                inside &= self._window(clip)
            elif clip.kind is GateKind.OUTSIDE:
                inside &= ~self._window(clip)
            elif clip.kind in (GateKind.OF_EACH_OUTAGE, GateKind.OUTAGES_LASTING):
                inside &= self._of_outages(clip)
            elif clip.lasting is not None:
                start = first(whole)
                self.edges.meet("an outage at the end of a first part", start + clip.lasting.edge // TICK, self.outages)
                inside &= span(start, start + clip.lasting.edge // TICK)
        return inside

    def _of_outages(self, clip: Gate) -> int:
        """The first part of each outage, or the outages that are no longer than that."""
        assert clip.lasting is not None
        most, found = int(clip.lasting.edge) // TICK, 0
        for start, end in runs(self.lasting):
            self.edges.near(f"an outage and a clip {clip.kind.value}", end - start - most)
            if clip.kind is GateKind.OF_EACH_OUTAGE:
                found |= span(start, min(end, start + most))
            elif on_side(clip.lasting, (end - start) * TICK):
                found |= span(start, end)
        return found

    def _limits(
        self, group: list[ExcludeRule], asks: Mapping[str, list[Ask]]
    ) -> tuple[dict[str, int], dict[str, set[str]]]:
        """The time that limits leave each exclusion of a group, and the items refused whole under it."""
        time = {r.name: -1 for r in group}
        refused: dict[str, set[str]] = {r.name: set() for r in group}
        for limit in self.q.terms.limits:
            if not isinstance(limit.most, Literal) or limit.unit not in (Unit.TIME, Unit.ITEMS):
                continue
            sharing = [a for name in limit.on for a in asks.get(name, ()) if a.passes and a.asked]
            if limit.unit is Unit.ITEMS:
                gone = self._too_many(limit, sharing)
                allowed = -1
            else:
                allowed = self._hours(limit, _all(a.asked for a in sharing))
                gone = {a.item.id for a in sharing if limit.excess.value == "refused whole" and a.asked & ~allowed}
            for name in limit.on:
                if name in time:
                    time[name] &= allowed
                    refused[name] |= gone
        return time, refused

    def _together(self, limit: LimitRule, day: date, other: date) -> bool:
        """Whether what an earlier date asked for counts against a later one's allowance."""
        if limit.over.days:
            self.edges.near("the days of a limit", (day - other).days - (limit.over.days - 1))
            return (day - other).days < limit.over.days
        if limit.over.term:
            return term_at(self.q.order, day) == term_at(self.q.order, other)
        rule = self.q.terms.periods[limit.over.period or self.commitment.period]
        return dates_of(rule, day) == dates_of(rule, other)

    def _face(self, limit: LimitRule) -> Face:
        if limit.over.term:
            return self.q.stage.face(self.q.order.zone)
        if limit.over.days:
            return self.q.stage.face(limit.over.zone or self.zone)
        return self.q.stage.face(self.q.terms.periods[limit.over.period or self.commitment.period].zone)

    def _too_many(self, limit: LimitRule, sharing: list[Ask]) -> set[str]:
        assert isinstance(limit.most, Literal)
        starts: dict[str, int] = {}
        for ask in sharing:
            at = first(ask.asked)
            starts[ask.item.id] = min(at, starts.get(ask.item.id, at))
        order = sorted(starts, key=lambda item: (starts[item], item))
        face = self._face(limit)
        refused = set()
        for n, item in enumerate(order):
            day = face.date_of(starts[item])
            earlier = sum(self._together(limit, day, face.date_of(starts[i])) for i in order[:n])
            self.edges.near("items of a limit", earlier + 1 - int(limit.most.value))
            if earlier >= limit.most.value:
                refused.add(item)
        return refused

    def _hours(self, limit: LimitRule, asked: int) -> int:
        """The ticks that still fit under the most, date by date: after all that earlier dates asked for."""
        assert isinstance(limit.most, Literal)
        face, most = self._face(limit), int(limit.most.value) // TICK
        allowed, used = 0, list[tuple[date, int]]()
        for day, (low, high) in face.dates.items():
            mine = asked & span(low, high)
            if not mine:
                continue
            before = sum(n for other, n in used if self._together(limit, day, other))
            self.edges.near("hours of a limit", before + mine.bit_count() - most)
            allowed |= earliest(mine, most - before)
            used.append((day, mine.bit_count()))
        return allowed


def _all(parts: Iterable[int]) -> int:
    found = 0
    for ticks in parts:
        found |= ticks
    return found
