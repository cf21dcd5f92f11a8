"""Use case: what alerts hear of a store that is watched: turns of outages, and what rules look at again and again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, select

from makegood.app.alerting import LOOKED_AT, look_at, take_outages
from makegood.app.budgeting import budget
from makegood.app.certificates import earliest, shown_now
from makegood.app.deployed import Deployed
from makegood.app.judging import Docket
from makegood.app.watching import Tell, Turn, dockets_of
from makegood.engine.budget import Budget
from makegood.evidence.batch import NO_LATENCY, RowBatch
from makegood.model.alerts import Alerts, Trigger
from makegood.model.checks import HUB
from makegood.model.events import (
    CertificateSeen,
    Count,
    LocationHeard,
    OutageClosed,
    OutageEvent,
    OutageOpened,
    OutageRetracted,
    Recent,
)
from makegood.model.figures import COUNTS
from makegood.model.problem import Refused
from makegood.model.results import Reason, Result
from makegood.model.spans import MINUTE, SECOND, Duration, Instant, Span
from makegood.render.reasons import reason_words
from makegood.store.figure_files import measured_in
from makegood.store.folder import read_folder
from makegood.store.measuring import merge_measurements
from makegood.store.opened import Store
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.batches import filed, held, rosters
from makegood.store.sql.database import reading, writing
from makegood.store.sql.tables import batch

LOOK: Duration = 15 * SECOND
"""How often rules look at what was found lately."""
BUDGETS: Duration = 5 * MINUTE
"""How often they look at what is left of targets, for which whole periods are judged."""

_KNOWN = frozenset(Reason)


def telling(alerts: Callable[[], Alerts]) -> Tell:
    """Lets turns of outages take hold of alerts, in the transaction that keeps the outages."""

    def tell(connection: Connection, turns: Sequence[Turn], now: Instant) -> None:
        take_outages(connection, alerts(), events(turns, now), now)

    return tell


def events(turns: Iterable[Turn], now: Instant) -> Iterator[OutageEvent]:
    """What turns tell people. That an edge moved is told to nobody, since nothing is to be done about it."""
    for turn in turns:
        subject, order, was, is_now = turn.subject, turn.order, turn.before, turn.after
        if is_now is None:
            assert was is not None, "a turn has something before or after it"
            yield OutageRetracted(subject, order, was.begin, now, "late results show that it was not down")
            continue
        since = is_now.begin if was is None else was.begin
        if was is None or (was.end is not None and is_now.end is None):
            said = {one.location for one in turn.failures}
            silent = tuple(place for place in turn.places if place not in said)  # the others are named with the reason
            yield OutageOpened(subject, order, since, now, reason_words(turn.failures), silent)
        if is_now.end is not None and (was is None or was.end is None):
            yield OutageClosed(subject, order, since, is_now.end, now)


class Lookout:
    """Lets every rule look at what it is about, as often as that makes sense. `alerts` are those in force, `deployed`
    what is deployed now."""

    def __init__(self, store: Store, alerts: Callable[[], Alerts], deployed: Callable[[], Deployed]) -> None:
        self._store, self._alerts, self._deployed = store, alerts, deployed
        self._looked = self._budgeted = 0

    def look(self, now: Instant, guard: Callable[[Connection], None] = lambda _: None) -> None:
        """Look, where it is time to. `guard` is called first in the transaction that writes, and may refuse it.

        Raises Refused where the store cannot be read.
        """
        if now < self._looked + LOOK:
            return
        self._looked = now
        alerts = self._alerts()
        on = {rule.on for rule in alerts.rules}
        recent = self._recent(alerts, now) if on.intersection(LOOKED_AT) else None
        locations = self._locations() if Trigger.SILENT_LOCATION in on else None
        certificates = self._certificates(now) if Trigger.CERTIFICATE in on else None
        budgets: list[Budget] | None = None
        if Trigger.BUDGET in on and now >= self._budgeted + BUDGETS:
            self._budgeted = now
            budgets = self._budgets(now)
        if any(given is not None for given in (recent, locations, certificates, budgets)):
            with writing(self._store.engine) as connection:
                guard(connection)
                look_at(
                    connection, alerts, now, recent=recent, certificates=certificates, locations=locations,
                    budgets=budgets,
                )  # fmt: skip

    def _recent(self, alerts: Alerts, now: Instant) -> list[Recent]:
        """What was found lately about the services that a rule looks at."""
        rules = [rule for rule in alerts.rules if rule.on in LOOKED_AT]
        services = {c.name: c.service for c in self._deployed().checks if any(r.concerns(c.service) for r in rules)}
        begin = now - max(rule.over for rule in rules)
        found = {service: list[Result]() for service in services.values()}
        for check, result in results_since(self._store, begin, services):
            found[services[check]].append(result)
        counts = {service: list[Count]() for service in found}
        for service, count in counts_since(self._store, begin, found):
            counts[service].append(count)
        return [Recent(service, tuple(results), tuple(counts[service])) for service, results in found.items()]

    def _locations(self) -> list[LocationHeard]:
        """When each location that may send was last heard of."""
        asked = select(agent.c.location, agent.c.enrolled, agent.c.seen).where(agent.c.state == "active")
        with reading(self._store.engine) as connection:
            return [LocationHeard(name, max(enrolled, seen)) for name, enrolled, seen in connection.execute(asked)]

    def _certificates(self, now: Instant) -> list[CertificateSeen]:
        """The certificate of each check that ends first."""
        checks = self._deployed().checks
        with reading(self._store.engine) as connection:
            return earliest(shown_now(connection, checks, now)[0], checks)

    def _budgets(self, now: Instant) -> list[Budget]:
        """The budgets of every order that is deployed, in the periods that hold an instant."""
        dockets, _ = dockets_of(self._deployed())
        facts, _ = read_folder(self._store.folder, self._store.size())
        found = list[Budget]()
        for docket in dockets:
            try:
                found += _budgets_of(replace(docket, facts=facts), now)
            except Refused:  # it does not cover this instant
                continue
        return found


def _budgets_of(docket: Docket, now: Instant) -> Sequence[Budget]:
    return budget([docket], None, now).budgets


def results_since(store: Store, begin: Instant, checks: Collection[str]) -> Iterator[tuple[str, Result]]:
    """The results of some checks that began at an instant or later, with their checks, as far as no segment holds them.

    Rows without details have only their outcome and how long they took.
    """
    with reading(store.engine) as connection:
        late = batch.c.last >= begin - batch.c.every
        some = filed(connection, late, batch.c.sealed.is_(None), batch.c.flag.is_(None))
        lists = rosters(connection, [one.roster for one in some])
        for _, one in held(connection, some, lists):
            if isinstance(one, RowBatch) and not one.roster.names.isdisjoint(checks):
                yield from _results(one, begin, checks)


def counts_since(store: Store, begin: Instant, services: Collection[str]) -> Iterator[tuple[str, Count]]:
    """What signals counted of some services in intervals that began at an instant or later, as far as no segment holds
    it, with their services."""
    with reading(store.engine) as connection:
        late = batch.c.last >= begin - batch.c.every
        some = filed(connection, batch.c.location == HUB, late, batch.c.sealed.is_(None), batch.c.flag.is_(None))
        lists = rosters(connection, [one.roster for one in some])
        files = measured_in((made for _, made in held(connection, some, lists)), 0)
    for service, made in merge_measurements(files)[0].items():
        for one in made if service in services else ():
            good, valid = (one.quantities.get(word) for word in COUNTS)
            for row in np.flatnonzero(one.start >= begin).tolist():
                counted = (good.at(row), valid.at(row)) if good is not None and valid is not None else (None, None)
                if counted[0] is not None and counted[1] is not None:
                    yield service, Count(Span(int(one.start[row]), int(one.end[row])), counted[0], counted[1])


def _results(one: RowBatch, begin: Instant, checks: Collection[str]) -> Iterator[tuple[str, Result]]:
    wanted = np.array([name in checks for name in one.checks])
    total = one.latency if one.latency is not None else np.full(one.rows, NO_LATENCY)
    for row in np.flatnonzero(wanted[one.check] & (one.begun >= begin)).tolist():
        reason, status = _OF_OUTCOME[int(one.outcome[row])], 0
        if one.details is not None:
            code = int(one.details.reason[row])
            reason = Reason(code) if code in _KNOWN else reason
            status = int(one.details.status[row])
        yield one.checks[int(one.check[row])], Result(int(one.begun[row]), reason, status, total=int(total[row]))


_OF_OUTCOME = (Reason.OK, Reason.TIMEOUT, Reason.ABSTAINED)
"""What stands for an outcome whose reason is not kept; it has that outcome."""
