"""What pages tell of services, by evaluating an order's periods as `makegood evaluate` does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from makegood.app.judging import Docket, judge_range, labels, open_docket, world_at
from makegood.app.page_settings import PageSettings
from makegood.calendar.period import period_holding
from makegood.calendar.zone import Zone
from makegood.engine.chain import judged_commitments
from makegood.model.facts import Maintenance
from makegood.model.spans import DAY, MINUTE, SECOND, Duration, Instant, Span
from makegood.model.statement import RestsOn, Statement
from makegood.model.status import Day, DayKind, ServiceStatus, State, ToldOutage, Work
from makegood.store.opened import Store

DAYS = 90
UNSETTLED: Duration = 2 * MINUTE
"""How long results may be on their way: what is said of now is what was so then."""
LEAST: Duration = 15 * SECOND
"""How long one look is enough, whatever comes meanwhile."""
MOST: Duration = MINUTE
"""After so long there may be news without anything that came."""


class Judged:
    """The services of one order of a store, judged again when the store grew, though not more often than every 15 s."""

    def __init__(self, store: Store, settings: PageSettings) -> None:
        self._store, self._settings = store, settings
        self._services: tuple[ServiceStatus, ...] = ()
        self._size, self._at = -1, 0

    def refresh(self, now: Instant) -> None:
        """Judge again where there may be news."""
        agreement, order = self._settings.agreement, self._settings.order
        if agreement is None or order is None or now < self._at + LEAST:
            return
        size = self._store.size()
        if size == self._size and now < self._at + MOST:
            return
        self._services = tuple(_services(agreement, order, self._store.folder, now))
        self._size, self._at = size, now

    def services(self) -> Sequence[ServiceStatus]:
        return self._services

    def public(self) -> Sequence[ServiceStatus]:
        by_name = {one.name: one for one in self._services}
        titles = self._settings.services
        unknown = (ServiceStatus(name, title, State.UNKNOWN) for name, title in titles.items() if name not in by_name)
        shown = {name: _titled(by_name[name], title) for name, title in titles.items() if name in by_name}
        shown |= {one.name: one for one in unknown}
        return tuple(shown[name] for name in titles)


def _titled(one: ServiceStatus, title: str) -> ServiceStatus:
    return ServiceStatus(one.name, title, one.state, one.since, one.days, one.outages, one.works, one.zone)


def _services(agreement: Path, order: Path, folder: Path, now: Instant) -> Iterable[ServiceStatus]:
    docket = open_docket(agreement, order, folder, other_services=True)
    told = _statements(docket, now)
    works = [one for one in docket.facts.known_at(now).maintenances if one.announced.end > now]
    for service in docket.order.services:
        mine = [one for one in told if one.subject == service.name]
        first = next((one.commitment for one in mine), "")
        periods = [one for one in mine if one.commitment == first]
        announced = tuple(_work(one) for one in works if service.name in one.services)
        yield _status(service.name, periods, announced, now)


def _work(one: Maintenance) -> Work:
    return Work(one.purpose or one.kind or "maintenance", one.announced)


def _statements(docket: Docket, now: Instant) -> list[Statement]:
    """The statements about time of the periods that share a day with the last 90."""
    rules = {one.periods[c.period] for one in docket.terms.values() for c in judged_commitments(one)}
    world = world_at(docket, now)
    found = list[Statement]()
    for rule in rules:
        first, last = (period_holding(rule, at).label for at in (now - DAYS * DAY, now))
        answers, _ = judge_range(world, docket, labels(docket, first, last), explain=False)
        found += [one for answer in answers for one in answer.statements if one.rests_on is RestsOn.TIME]
    return sorted(found, key=lambda one: one.span)


def _status(name: str, periods: Sequence[Statement], works: tuple[Work, ...], now: Instant) -> ServiceStatus:
    if not periods:
        return ServiceStatus(name, name, State.UNKNOWN, works=works)
    zone = Zone.named(periods[-1].period.zone)
    today = zone.date_of(now)
    days = [_day(periods, zone, today - timedelta(days=back), now) for back in range(DAYS - 1, -1, -1)]
    begin = zone.day(days[0].date).start
    outages = {o.span.start: _outage(one, n) for one in periods for n, o in enumerate(one.outages) if not o.brief}
    told = sorted((one for one in outages.values() if one.end is None or one.end > begin), key=lambda o: -o.begin)
    state, since = _now(periods, now)
    return ServiceStatus(name, name, state, since, tuple(days), tuple(told), works, periods[-1].period.zone)


def _now(periods: Sequence[Statement], now: Instant) -> tuple[State, Instant | None]:
    for one in periods[-1].outages:
        if one.open and not one.brief:
            return State.DOWN, one.span.start
    at = now - UNSETTLED
    latest = next((one for one in reversed(periods) if at in one.judged), None)
    if latest is None:
        return State.UNKNOWN, None
    moment = Span(at, at + 1)
    classes = latest.classes
    if len(classes.down.within(moment)) or len(classes.excused.within(moment)):
        return State.DOWN, None
    return (State.UNKNOWN if len(classes.unknown.within(moment)) else State.UP), None


def _day(periods: Sequence[Statement], zone: Zone, on: date, now: Instant) -> Day:
    span = zone.day(on)
    seen = Span(span.start, max(span.start, min(span.end, now - UNSETTLED)))
    kinds = (
        (DayKind.DOWN, "down"), (DayKind.UNKNOWN, "unknown"), (DayKind.EXCUSED, "excused"), (DayKind.UP, "up"),
    )  # fmt: skip
    for kind, name in kinds:
        if any(len(getattr(one.classes, name).within(seen)) for one in periods):
            return Day(on, kind)
    return Day(on, DayKind.NONE)


def _outage(statement: Statement, number: int) -> ToldOutage:
    one = statement.outages[number]
    whole = Span(one.span.start, one.span.end)
    because = [e.title or e.item for e in statement.excuses if e.granted and len(e.excused.within(whole))]
    return ToldOutage(
        one.span.start, None if one.open else one.span.end, one.excused.total, tuple(dict.fromkeys(because))
    )
