"""Limits on exclusions: how many items, or how many hours, a limit still allows of what is asked (DESIGN 3.7).

They run over all known time and over all exclusions that share the limit, since periods and clauses do not reset them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from makegood.calendar.period import following, period_holding, periods, span_of
from makegood.calendar.wording import duration_words
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.model.expression import Literal, Unit
from makegood.model.facts import Cause, Maintenance
from makegood.model.spans import Duration, Instant, Span, Spans
from makegood.model.statement import GateResult
from makegood.model.terms import Excess, LimitRule
from makegood.model.when import PeriodRule


@dataclass(frozen=True, eq=False)
class Asking:
    """One item under one exclusion, before any limit. `by_service` is what it asks for of each service it names."""

    item: Maintenance | Cause
    gates: tuple[GateResult, ...]
    blocked: str
    by_service: Mapping[str, Spans]
    asked: Spans

    @property
    def passes(self) -> bool:
        return not self.blocked and all(g.holds for g in self.gates if g.deciding)

    @property
    def first(self) -> Instant:
        """The first second that it asks for; only where it asks for one."""
        return int(self.asked.edges[0, 0])


@dataclass(frozen=True, eq=False)
class Allowed:
    """What limits leave: items refused whole, and why, and the time in which the others are granted (None: all)."""

    refused: Mapping[str, str] = field(default_factory=dict)
    time: Spans | None = None

    def of(self, spans: Spans) -> Spans:
        return spans if self.time is None else spans & self.time

    def __and__(self, other: Allowed) -> Allowed:
        if self.time is None or other.time is None:
            time = self.time if other.time is None else other.time
        else:
            time = self.time & other.time
        return Allowed({**other.refused, **self.refused}, time)


def within(limit: LimitRule, sharing: Sequence[Asking], case: Case) -> Allowed:
    """What a limit leaves of all that shares it."""
    if not isinstance(limit.most, Literal) or not sharing:
        return Allowed()
    ordered = sorted(sharing, key=lambda a: (a.first, a.item.id))
    most = int(limit.most.value)
    if limit.unit is Unit.ITEMS:
        return Allowed(_too_many(limit, most, ordered, case))
    if limit.unit is not Unit.TIME:
        return Allowed()
    time = _hours(limit, most, ordered, case)
    if limit.excess is not Excess.REFUSED:
        return Allowed(time=time)
    whole = f"it goes beyond the {duration_words(most)} that {_named(limit)} allows, and is refused whole"
    return Allowed({a.item.id: whole for a in ordered if (a.asked - time).total}, time)


def _too_many(limit: LimitRule, most: int, ordered: Sequence[Asking], case: Case) -> dict[str, str]:
    """Items beyond the most on the local dates, or in the period, of their first second; refused ones count too."""
    zone = Zone.named(limit.over.zone or case.period.zone)
    firsts = {a.item.id: a.first for a in reversed(ordered)}
    items = sorted(firsts, key=lambda item: (firsts[item], item))
    dates = [zone.date_of(firsts[item]) for item in items]
    refused: dict[str, str] = {}
    for n, item in enumerate(items):
        if limit.over.days:
            start = dates[n] - timedelta(days=limit.over.days - 1)
            earlier = sum(start <= d <= dates[n] for d in dates[:n])
            where = f"the {limit.over.days} days ending {dates[n]}"
        elif limit.over.term:
            mine = _term_span(firsts[item], case)
            earlier, where = sum(firsts[other] in mine for other in items[:n]), "the term"
        elif not limit.over.longer:
            earlier, where = n, "all time"
        else:
            mine = _limit_span(limit, firsts[item], case)
            earlier = sum(firsts[other] in mine for other in items[:n])
            where = f"its {limit.over.period or 'period'}"
        if earlier >= most:
            refused[item] = f"it is number {earlier + 1} in {where}, and {_named(limit)} allows {most}"
    return refused


def _limit_rule(limit: LimitRule, case: Case) -> PeriodRule:
    return case.terms.periods[limit.over.period or case.commitment.period]


def _limit_span(limit: LimitRule, instant: Instant, case: Case) -> Span:
    """The limit's own period that holds an instant, with those before it where it runs over several."""
    rule = _limit_rule(limit, case)
    period = period_holding(rule, instant)
    if limit.over.periods > 1:
        return Span(span_of(following(rule, period, 1 - limit.over.periods)).start, span_of(period).end)
    return span_of(period)


def _term_span(instant: Instant, case: Case) -> Span:
    """The term of the order that holds an instant."""
    term = case.world.lifetime.term_on(case.world.zone.date_of(instant))
    return case.world.dates(term.first, term.last)


def _hours(limit: LimitRule, most: Duration, ordered: Sequence[Asking], case: Case) -> Spans:
    """The first time that is asked for in each span of the limit; a second asked for twice counts once."""
    asked = Spans()
    for one in ordered:
        asked = asked | one.asked
    hull = asked.hull
    assert hull is not None
    if limit.over.days:
        return _rolling(asked, hull, most, limit.over.days, Zone.named(limit.over.zone or case.period.zone))
    allowed = Spans()
    if limit.over.term:
        zone = case.world.zone
        for term in case.world.lifetime.between(zone.date_of(hull.start), zone.date_of(hull.end - 1)):
            allowed = allowed | first_of(asked.within(case.world.dates(term.first, term.last)), most)
        return allowed
    for period in periods(_limit_rule(limit, case), hull):
        allowed = allowed | first_of(asked.within(span_of(period)), most)
    return allowed


def _rolling(asked: Spans, hull: Span, most: Duration, days: int, zone: Zone) -> Spans:
    """What of each date still fits under the most, after all that the dates before it asked for."""
    used: dict[int, int] = {}
    allowed = Spans()
    day, last = zone.date_of(hull.start), zone.date_of(hull.end - 1)
    while day <= last:
        mine = asked.within(zone.day(day))
        before = sum(used.get(day.toordinal() - n, 0) for n in range(1, days))
        allowed = allowed | first_of(mine, max(0, most - before))
        used[day.toordinal()] = mine.total
        day += timedelta(days=1)
    return allowed


def first_of(spans: Spans, most: Duration) -> Spans:
    """The earliest part of the spans, at most so long in total (µs)."""
    kept: list[Span] = []
    for span in spans:
        if most <= 0:
            break
        kept.append(Span(span.start, min(span.end, span.start + most)))
        most -= kept[-1].length
    return Spans(kept)


def _named(limit: LimitRule) -> str:
    return limit.name.replace("-", " ")
