"""Excuses: which down time an agreement's exclusions take out, item by item, with every condition tried (DESIGN 3.7).

They are worked out over all known time, since limits by instances and hours run across periods; a statement takes the
part inside its period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from makegood.calendar.period import period_holding, periods, span_of
from makegood.calendar.wording import duration_words
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.engine.judge.gates import clip, tried
from makegood.engine.judge.outages import Down
from makegood.model.expression import Literal, Unit
from makegood.model.facts import Cause, Maintenance
from makegood.model.spans import Span, Spans
from makegood.model.statement import Excuse, GateResult
from makegood.model.terms import CountsAs, ExcludeRule, LimitRule
from makegood.model.when import PeriodRule


@dataclass(frozen=True, eq=False)
class Excused:
    """All excuses of a subject in one run, and the time they grant: as up time, and out of the ratio."""

    excuses: tuple[Excuse, ...]
    expected: tuple[tuple[str, GateResult], ...]
    up: Spans
    outside: Spans


@dataclass(frozen=True, eq=False)
class _Asking:
    """One item under one exclusion, before any limit. `by_service` is what it asks for of each service it names."""

    item: Maintenance | Cause
    gates: tuple[GateResult, ...]
    blocked: str
    by_service: Mapping[str, Spans]
    asked: Spans

    @property
    def passes(self) -> bool:
        return not self.blocked and all(g.holds for g in self.gates if g.deciding)


def excuse(case: Case, down: Down) -> Excused:
    """Apply every exclusion of the commitment: unlimited ones first, then in document order; a second once."""
    rules = [r for r in case.terms.excludes if case.commitment.name in r.commitments]
    limited = {name for limit in case.terms.limits for name in limit.on}
    rules.sort(key=lambda r: r.name in limited)
    left = dict(down.by_service)
    excuses: list[Excuse] = []
    expected: list[tuple[str, GateResult]] = []
    up, outside = Spans(), Spans()
    for rule in rules:
        asking = [_ask(rule, item, case, left) for item in _items(rule, case)]
        counts_as = case.measure.excused or rule.counts_as
        for found, parts in _granted(rule, asking, case):
            excuses.append(replace(found, counts_as=counts_as))
            left |= {name: left[name] - part for name, part in parts.items()}
            part = found.excused
            up, outside = (up | part, outside) if counts_as is CountsAs.UP else (up, outside | part)
        for one in asking:
            expected += [(one.item.id, replace(tried(gate, one.item, case), deciding=False)) for gate in rule.expect]
    still = _combined(left.values())
    taken = down.counted - still
    return Excused(_without_other_kinds(excuses), tuple(expected), up & taken, (outside & taken) - up)


def _combined(parts: Iterable[Spans]) -> Spans:
    found = Spans()
    for spans in parts:
        found = found | spans
    return found


def _items(rule: ExcludeRule, case: Case) -> Sequence[Maintenance | Cause]:
    names = {s.name for s in case.services}
    if rule.what == "maintenance":
        return [m for m in case.world.facts.maintenances if names & set(m.services)]
    wanted = {c.casefold() for c in rule.causes}
    return [c for c in case.world.facts.causes if c.service in names and c.cause.casefold() in wanted]


def _ask(rule: ExcludeRule, item: Maintenance | Cause, case: Case, left: dict[str, Spans]) -> _Asking:
    """What an item asks for: the down time of its services inside its span and inside every clip."""
    whole = item.announced if isinstance(item, Maintenance) else item.span
    services = item.services if isinstance(item, Maintenance) else (item.service,)
    inside = Spans([whole])
    for gate in rule.clips:
        inside = inside & clip(gate, item, case)
    by_service = {name: left[name] & inside for name in services if name in left}
    gates = tuple(tried(gate, item, case) for gate in rule.gates)
    exceptions = [tried(gate, item, case) for gate in rule.unless]
    blocked = next((f"it does not apply: {g.found}" for g in exceptions if g.holds), "")
    return _Asking(item, gates, blocked, by_service, _combined(by_service.values()))


def _granted(rule: ExcludeRule, asking: list[_Asking], case: Case) -> list[tuple[Excuse, dict[str, Spans]]]:
    """Each item's excuse, and what it excuses of each service: the others that are down stay down."""
    limits = [limit for limit in case.terms.limits if rule.name in limit.on]
    passing = [a for a in asking if a.passes]
    ordered = sorted(passing, key=lambda a: (a.asked.edges[0, 0] if len(a.asked) else 0, a.item.id))
    granted = {a.item.id: a.asked for a in ordered}
    refused: dict[str, str] = {}
    for limit in limits:
        if limit.unit is Unit.ITEMS:
            refused |= _too_many(limit, [a for a in ordered if len(a.asked)], case)
        elif limit.unit is Unit.TIME:
            granted = _hours(limit, ordered, granted, case)
    found: list[tuple[Excuse, dict[str, Spans]]] = []
    earlier: dict[str, Spans] = {}
    for one in [*ordered, *[a for a in asking if not a.passes]]:
        why = _why(one, refused)
        allowed = granted.get(one.item.id, Spans()) if not why else Spans()
        parts = {name: (spans & allowed) - earlier.get(name, Spans()) for name, spans in one.by_service.items()}
        earlier |= {name: earlier.get(name, Spans()) | part for name, part in parts.items()}
        found.append((_excuse(rule, one, _combined(parts.values()), why), parts))
    return found


def _why(one: _Asking, refused: dict[str, str]) -> str:
    if one.blocked:
        return one.blocked
    failed = [g for g in one.gates if g.deciding and not g.holds]
    if failed:
        return "; ".join(f"{g.says} was needed: {g.found}" for g in failed)
    return refused.get(one.item.id, "")


def _excuse(rule: ExcludeRule, one: _Asking, part: Spans, why: str) -> Excuse:
    item = one.item
    if isinstance(item, Maintenance):
        title = " ".join(w for w in (item.kind, "maintenance", f"({item.purpose})" if item.purpose else "") if w)
    else:
        title = f"{item.cause}" + (f" ({item.evidence})" if item.evidence else "")
    if not why:
        why = "every condition held" if rule.gates else "the cause is one that the clause names"
        if not len(one.asked):
            why += "; nothing that counts was down in it"
        elif part.total < one.asked.total:
            why += f"; {duration_words(one.asked.total - part.total)} were already excused or beyond a limit"
    granted = bool(len(part)) or (one.passes and not len(one.asked))
    return Excuse(rule.name, rule.clause, item.id, title, granted, why, one.asked, part, rule.counts_as, one.gates)


def _too_many(limit: LimitRule, ordered: list[_Asking], case: Case) -> dict[str, str]:
    """Items beyond the most that the limit allows on the local dates ending with their own: refused whole."""
    if not isinstance(limit.most, Literal):
        return {}
    most, zone = int(limit.most.value), Zone.named(limit.zone or case.period.zone)
    dates = [zone.date_of(int(a.asked.edges[0, 0])) for a in ordered]
    refused: dict[str, str] = {}
    for n, one in enumerate(ordered):
        if limit.days:
            first = dates[n] - timedelta(days=limit.days - 1)
            earlier = sum(first <= d <= dates[n] for d in dates[:n])
            where = f"the {limit.days} days ending {dates[n]}"
        else:
            rule = case.terms.periods[limit.over]
            mine = span_of(period_holding(rule, int(one.asked.edges[0, 0])))
            earlier = sum(int(a.asked.edges[0, 0]) in mine for a in ordered[:n])
            where = f"the {rule.name}"
        if earlier >= most:
            refused[one.item.id] = f"it is number {earlier + 1} in {where}, and {limit.name} allows {most}"
    return refused


def _hours(limit: LimitRule, ordered: list[_Asking], granted: dict[str, Spans], case: Case) -> dict[str, Spans]:
    """The first hours that are asked for in each span of the limit; a second asked twice counts once."""
    if not isinstance(limit.most, Literal):
        return granted
    all_asked = Spans()
    for one in ordered:
        all_asked = all_asked | one.asked
    hull = all_asked.hull
    if hull is None:
        return granted
    most = int(limit.most.value)
    allowed = Spans()
    if limit.days:
        allowed = _rolling(all_asked, most, limit.days, Zone.named(limit.zone or case.period.zone))
    else:
        rule: PeriodRule = case.terms.periods[limit.over]
        for period in periods(rule, hull):
            allowed = allowed | first_of(all_asked.within(span_of(period)), most)
    return {item: spans & allowed for item, spans in granted.items()}


def _rolling(asked: Spans, most: int, days: int, zone: Zone) -> Spans:
    """What of each date still fits under the most, after all that the dates before it asked for."""
    hull = asked.hull
    assert hull is not None
    used: dict[int, int] = {}
    allowed = Spans()
    day = zone.date_of(hull.start)
    last = zone.date_of(hull.end - 1)
    while day <= last:
        mine = asked.within(zone.day(day))
        before = sum(used.get(day.toordinal() - n, 0) for n in range(1, days))
        allowed = allowed | first_of(mine, max(0, most - before))
        used[day.toordinal()] = mine.total
        day += timedelta(days=1)
    return allowed


def first_of(spans: Spans, most: int) -> Spans:
    """The earliest part of the spans, at most so long in total (µs)."""
    kept: list[Span] = []
    for span in spans:
        if most <= 0:
            break
        kept.append(Span(span.start, min(span.end, span.start + most)))
        most -= kept[-1].length
    return Spans(kept)


def _without_other_kinds(excuses: list[Excuse]) -> tuple[Excuse, ...]:
    """Drop a refusal that only says that work was of another kind, where another exclusion is for its kind."""

    def other_kind(e: Excuse) -> bool:
        return any(g.says.startswith("kind is") and not g.holds for g in e.gates)

    fitting = {e.item for e in excuses if not other_kind(e)}
    return tuple(e for e in excuses if not (other_kind(e) and e.item in fitting))
