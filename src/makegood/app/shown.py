"""What pages tell of services: how each does now, as it is watched, and its days and outages, as they are evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from makegood.app.configured import Configured
from makegood.app.explained import Explained
from makegood.app.judging import Docket, judge_range, labels, world_at
from makegood.app.serve_settings import PageSettings
from makegood.app.watching import dockets_of
from makegood.calendar.period import period_holding
from makegood.calendar.zone import Zone
from makegood.engine.chain import judged_commitments
from makegood.engine.pins import unpinned
from makegood.model.facts import Facts, Maintenance
from makegood.model.health import Health, Outage
from makegood.model.problem import Refused
from makegood.model.spans import DAY, MINUTE, SECOND, Duration, Instant, Span, Times
from makegood.model.statement import RestsOn, Statement
from makegood.model.status import Day, DayKind, ServiceStatus, State, ToldOutage, Work
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from makegood.store.outages import Key, health_in, outages_in
from makegood.store.sql.database import reading

DAYS = 90
UNSETTLED: Duration = 2 * MINUTE
"""How long results may be on their way: days say nothing of what is later."""
WORST = (Health.DOWN, Health.UNKNOWN, Health.UP)


@dataclass(frozen=True)
class _Past:
    """What evaluation said of a service: its days, its outages, the announced work, and in which zone."""

    days: tuple[Day, ...] = ()
    outages: tuple[ToldOutage, ...] = ()
    works: tuple[Work, ...] = ()
    zone: str = "UTC"


class Shown:
    """The services of the deployed orders. `refresh` is quick and says how each does now; `study` takes as long as
    `makegood evaluate` does, and says how its days were.

    A service is down while it is under any order that is deployed, or under the one that the settings name.
    """

    def __init__(self, store: Store, configured: Configured, settings: PageSettings) -> None:
        self._store, self._configured, self._settings = store, configured, settings
        self._services: tuple[ServiceStatus, ...] = ()
        self._past: Mapping[str, _Past] = {}
        self._studied: Instant = 0
        self._explained = Explained(store)

    def refresh(self, now: Instant) -> None:
        """Look how services do. Raises Refused where that cannot be read."""
        checks = dict[str, frozenset[str]]()
        for one in (service for docket in self._dockets() for service in docket.order.services):
            checks[one.name] = checks.get(one.name, frozenset()).union(one.checks)
        names = sorted(checks)
        found: dict[str, list[tuple[Health, Instant]]] = {name: [] for name in names}
        lasting = dict[str, dict[Instant, Outage]]()
        with reading(self._store.engine) as connection:
            outages = outages_in(connection)
            for key, (subject, since) in health_in(connection).items():
                for service in subject.services:
                    if service in found and self._settings.order in ("", subject.order):
                        found[service].append((subject.health, since))
                        lasting.setdefault(service, {}).update(
                            (o.begin, o)
                            for o in outages.get(key, ())
                            if o.lasting and (o.end or now) > now - DAYS * DAY
                        )
        told = [self._status(name, found[name], lasting.get(name, {}), now) for name in names]
        self._services = self._explained.told(told, checks, now)

    def study(self, now: Instant) -> None:
        """Evaluate the last 90 days. Raises Refused where an order cannot be judged."""
        facts, _ = read_folder(self._store.folder, self._store.size())
        with reading(self._store.engine) as connection:
            about = {key: one.services for key, (one, _) in health_in(connection).items()}
        past = dict[str, _Past]()
        for docket in self._dockets(facts):
            for name, one in _past(docket, about, now):
                past.setdefault(name, one)
        self._past, self._studied = past, now

    def services(self) -> Sequence[ServiceStatus]:
        return self._services

    def public(self) -> Sequence[ServiceStatus]:
        by_name = {one.name: one for one in self._services}
        return tuple(
            replace(by_name[name], title=title) if name in by_name else ServiceStatus(name, title, State.UNKNOWN)
            for name, title in self._settings.services.items()
        )

    def _dockets(self, facts: Facts | None = None) -> list[Docket]:
        found, _ = dockets_of(self._configured.now())
        mine = [one for one in found if self._settings.order in ("", one.order.id)]
        return mine if facts is None else [replace(one, facts=facts) for one in mine]

    def _status(
        self, name: str, found: Sequence[tuple[Health, Instant]], lasting: Mapping[Instant, Outage], now: Instant
    ) -> ServiceStatus:
        past = self._past.get(name, _Past())
        worst = min((health for health, _ in found), key=WORST.index, default=Health.UNKNOWN)
        since = max((-(-at // SECOND) * SECOND for health, at in found if health is worst), default=None)
        begun = [one.begin for one in lasting.values() if one.end is None]
        if worst is Health.DOWN and begun:
            since = min(begun)
        told = {one.begin: one for one in past.outages if one.end is not None}
        for at, one in lasting.items():
            if one.end is None or at not in told:
                told[at] = ToldOutage(at, one.end)
            elif one.end > self._studied - UNSETTLED:  # what was evaluated then did not know its end for sure
                told[at] = replace(told[at], end=one.end)
        works = tuple(one for one in past.works if one.span.end > now)
        days = past.days
        if days and days[-1].kind is not DayKind.EXCUSED and lasting:
            today = Zone.named(past.zone).day(days[-1].date)
            if any(one.begin < today.end and (one.end or now) > today.start for one in lasting.values()):
                days = (*days[:-1], Day(days[-1].date, DayKind.DOWN))
        ordered = tuple(sorted(told.values(), key=lambda one: -one.begin))
        return ServiceStatus(name, name, State(worst.value), since, days, ordered, works, past.zone)


def _past(docket: Docket, about: Mapping[Key, Sequence[str]], now: Instant) -> Iterable[tuple[str, _Past]]:
    """What the statements of an order say of each service: those about it alone, else those about it with others."""
    try:
        told = _statements(docket, now)
    except Refused:  # a period of this order cannot be judged: nothing is said of its days
        told = []
    works = [one for one in docket.facts.known_at(now).maintenances if one.announced.end > now]
    alone, together = dict[str, list[Statement]](), dict[str, list[Statement]]()
    for one in told:
        alone.setdefault(one.subject, []).append(one)
        for name in about.get((one.order, one.commitment, one.subject), ()):
            together.setdefault(name, []).append(one)
    for service in docket.order.services:
        mine = alone.get(service.name) or together.get(service.name, [])
        first = next((one.commitment for one in mine), "")
        announced = tuple(_work(one) for one in works if service.name in one.services)
        yield service.name, _evaluated([one for one in mine if one.commitment == first], announced, now)


def _work(one: Maintenance) -> Work:
    return Work(one.purpose or one.kind or "maintenance", one.announced)


def _statements(docket: Docket, now: Instant) -> list[Statement]:
    """The statements about time of the periods that share a day with the last 90."""
    rules = {one.periods[c.period] for one in docket.terms.values() for c in judged_commitments(one)}
    world = unpinned(world_at(docket, now))
    found = list[Statement]()
    for rule in rules:
        first, last = (period_holding(rule, at).label for at in (now - DAYS * DAY, now))
        answers, _ = judge_range(world, docket, labels(docket, first, last), explain=False)
        found += [one for answer in answers for one in answer.statements if one.rests_on is RestsOn.TIME]
    return sorted(found, key=lambda one: one.span)


def _evaluated(periods: Sequence[Statement], works: tuple[Work, ...], now: Instant) -> _Past:
    if not periods:
        return _Past(works=works)
    zone = Zone.named(periods[-1].period.zone)
    today = zone.date_of(now)
    days = _days(periods, zone, [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)], now)
    begin = zone.day(days[0].date).start
    outages = {
        o.span.start: _outage(one, n)
        for one in periods
        for n, o in enumerate(one.outages)
        if not (o.brief or o.only_unfavourable)  # of the others nobody knows: the days say that
    }
    told = tuple(one for one in outages.values() if one.end is None or one.end > begin)
    return _Past(tuple(days), told, works, periods[-1].period.zone)


def _days(periods: Sequence[Statement], zone: Zone, dates: Sequence[date], now: Instant) -> list[Day]:
    """What each of some dates was: the worst that any part of it was, as far as results may have come by now."""
    spans = [zone.day(on) for on in dates]
    start = np.array([span.start for span in spans], dtype=np.int64)
    end = np.maximum(start, np.minimum([span.end for span in spans], now - UNSETTLED))

    def within(name: str) -> Times:
        every = [getattr(one.classes, name) for one in periods]
        found: Times = np.sum([one.before(end) - one.before(start) for one in every], axis=0, dtype=np.int64)
        return found

    down, unknown, excused, up = (within(name) for name in ("down", "unknown", "excused", "up"))
    kinds = (DayKind.DOWN, DayKind.NONE, DayKind.UNKNOWN, DayKind.EXCUSED, DayKind.UP)
    worst = np.array(
        [down > 0, unknown == end - start, unknown > 0, excused > 0, up > 0, np.ones(len(start))], dtype=bool
    )
    return [Day(on, (*kinds, DayKind.NONE)[at]) for on, at in zip(dates, worst.argmax(axis=0).tolist(), strict=True)]


def _outage(statement: Statement, number: int) -> ToldOutage:
    one = statement.outages[number]
    whole = Span(one.span.start, one.span.end)
    because = [e.title or e.item for e in statement.excuses if e.granted and len(e.excused.within(whole))]
    return ToldOutage(
        one.span.start, None if one.open else one.span.end, one.excused.total, tuple(dict.fromkeys(because))
    )
