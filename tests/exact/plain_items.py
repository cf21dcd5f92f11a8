"""Clocks of tickets as the pages state them: every minute that runs is walked, and pauses are taken from the states."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from makegood.model.facts import Item, ItemKind
from makegood.model.order import CoveredService, Order
from makegood.model.terms import ClassRule, ClockRule, MeasureKind, MeasureRule, Terms, Unstated
from makegood.model.when import Allowance, Calendar, DayCount
from tests.exact.bits import runs, span
from tests.exact.edges import Edges
from tests.exact.plain_clock import due as plain_due
from tests.exact.question import Question
from tests.exact.stage import TICK

IN_HOURS = (DayCount.ELAPSED, DayCount.BUSINESS_TIME)


@dataclass(frozen=True)
class Ran:
    """What became of one clock, in ticks: when it had to stop, when it did, and how long it ran."""

    item: Item
    start: int
    due: int | None
    stopped: int | None
    used: int
    is_unstated: bool

    def kept(self, as_of: int) -> bool | None:
        """Whether it stopped in time; None while it runs and is not late."""
        if self.due is None:
            return None
        if self.stopped is not None:
            return self.stopped < self.due
        return False if as_of >= self.due else None


class Tickets:
    """The tickets of an order and some services."""

    def __init__(self, q: Question, edges: Edges) -> None:
        self.q, self.edges = q, edges

    @property
    def terms(self) -> Terms:
        return self.q.terms

    def begun(self, measure: MeasureRule, services: tuple[CoveredService, ...], ticks: int) -> list[Item]:
        """Those that begin in some ticks, by their begin and name."""
        order: Order = self.q.order
        names, found = {s.name for s in services}, []
        for item in self.q.known.items:
            at = self._begin(measure, item)
            mine = item.order in ("", order.id) and (not item.service or item.service in names)
            alike = item.kind is (measure.items or ItemKind.TICKET)
            asked = all(self._says(item, name) in words for name, words in measure.where.items())
            if mine and alike and asked and at is not None and at >= 0 and ticks >> at & 1:
                found.append((at, item.id, item))
        return [item for _, _, item in sorted(found, key=lambda one: one[:2])]

    def _says(self, item: Item, name: str) -> str:
        rule = self.terms.classes.get(name)
        return self._label(rule, item) if rule is not None else item.fact(name)

    def _begin(self, measure: MeasureRule, item: Item) -> int | None:
        if measure.kind is not MeasureKind.COUNT:
            return self._started(self.terms.clocks[measure.of], item)
        return min((self.q.stage.tick(at) for _, at in item.events), default=None)

    def _started(self, rule: ClockRule, item: Item) -> int | None:
        """At the last of its events, each as it first happened, or at the earliest of them."""
        firsts = []
        for event in rule.starts:
            times = [at for name, at in item.events if name == event]
            if times:
                firsts.append(self.q.stage.tick(min(times)))
            elif not rule.earliest:
                return None
        if not firsts:
            return None
        return min(firsts) if rule.earliest else max(firsts)

    def _label(self, rule: ClassRule, item: Item) -> str:
        """The first row that holds, and every class that it was put into later: the first, the last or the highest."""
        labels = [row.label for row in rule.rows]
        given = []
        for row in rule.rows:
            if all(item.fact(name) in words for name, words in row.when.items()):
                given.append(row.label)
                break
        later = [(s.start, name) for name, s in item.states if name in labels and s.start <= self.q.as_of]
        given += [name for _, name in sorted(later)]
        if not given:
            return ""
        if rule.counts == "first":
            return given[0]
        if rule.counts == "last":
            return given[-1]
        return labels[min(labels.index(label) for label in given)]

    def ran(self, clock: str, item: Item, zone: str) -> Ran | None:
        rule = self.terms.clocks[clock]
        start = self._started(rule, item)
        if start is None:
            return None
        allow = rule.allow.get("")
        if rule.by_class:
            label = self._label(self.terms.classes[rule.by_class], item)
            allow = rule.allow.get(label, rule.allow.get("otherwise", Unstated(rule.clause, label)))
        known = self.terms.calendars.get(rule.calendar)
        calendar = known if isinstance(known, Calendar) else Calendar("", zone)
        as_of = self.q.stage.tick(self.q.as_of)
        stops = [self.q.stage.tick(at) for name, at in item.events if name in rule.stops.split(" or ")]
        stopped = min(stops, default=None)
        paused = 0
        for name, state in item.states:
            if name in rule.pauses:
                paused |= span(self.q.stage.tick(state.start), self.q.stage.tick(state.end))
        hours = self.q.stage.whole
        if isinstance(allow, Allowance) and allow.unit is DayCount.BUSINESS_TIME:
            hours = self.q.stage.face(calendar.zone).open_in(calendar)
        end = as_of if stopped is None else min(stopped, as_of)
        used = (span(start, end) & hours & ~paused).bit_count()
        due = self._due(start, allow, hours & ~paused, paused, calendar) if isinstance(allow, Allowance) else None
        if due is not None:
            self.edges.near("the end of a clock", (as_of if stopped is None else stopped) - due)
        return Ran(item, start, due, stopped, used, isinstance(allow, Unstated))

    def _due(self, start: int, allow: Allowance, running: int, paused: int, calendar: Calendar) -> int:
        """The first tick that is late: hours run only where nothing pauses them; days are put off by what pauses."""
        if allow.unit in IN_HOURS:
            left = allow.count // TICK
            if not left:
                return start
            for low, high in runs(running & ~span(0, start)):
                if high - low >= left:
                    return low + left
                left -= high - low
            raise AssertionError("the stage is too short for a clock")
        due = plain = self.q.stage.tick(plain_due(self.q.stage.instant(start), allow, calendar, self.q.stage))
        for low, high in runs(paused):
            self.edges.near("a pause that begins at a deadline", low - due)
            if low < due:
                due += max(0, high - max(low, start))
        assert due >= plain
        return due


def figure_of(measure: MeasureRule, rans: list[Ran], favourable: bool, as_of: int) -> tuple[Fraction, Fraction]:
    """Numerator and denominator of a share in time, or of a mean of what clocks took."""
    if measure.kind is MeasureKind.MEAN_ELAPSED:
        return Fraction(sum(ran.used for ran in rans) * TICK), Fraction(len(rans))
    due = [ran for ran in rans if ran.due is not None]
    kept = sum(ran.kept(as_of) is True or (favourable and ran.kept(as_of) is None) for ran in due)
    return Fraction(kept), Fraction(len(due))
