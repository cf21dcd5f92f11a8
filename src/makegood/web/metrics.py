"""What Prometheus scrapes: requests, pings, the log, the locations, and the state of every service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from makegood import __version__
from makegood.app.certificates import shown_now
from makegood.app.hub_clock import HubClock
from makegood.model.checks import Check
from makegood.model.spans import SECOND, Instant
from makegood.model.status import ServiceStatus, State
from makegood.store.alarms import AlarmKind, alarms
from makegood.store.opened import Store
from makegood.store.sql.database import reading
from makegood.store.sql.outbox import DEAD, WAITING, counts
from makegood.store.sql.tables import batch, log, sequencer

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

MEDIA = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The metrics of one process; those of the store are read when they are asked for."""

    def __init__(
        self,
        store: Store,
        states: Callable[[], tuple[Iterable[ServiceStatus], Instant]],
        checks: Callable[[], Sequence[Check]],
        clock: Callable[[], Instant],
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        self.requests = Counter(
            "makegood_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "makegood_http_request_seconds", "How long answers took.", ["route"], registry=self.registry
        )
        self.page_views = 0
        self.loops: dict[str, bool] = {}
        """Whether each loop of this process works, by its name."""
        self.pings = Counter("makegood_pings", "Pings taken.", ["kind"], registry=self.registry)
        self.refused = Counter("makegood_tokens_refused", "Requests with a wrong token.", registry=self.registry)
        self.agent_starts = Counter(
            "makegood_child_agent_starts", "How often the child agent was started.", registry=self.registry
        )
        self.registry.register(_OfProcess(self))
        self.registry.register(_OfStore(store))
        self.registry.register(_OfTelling(store))
        self.registry.register(_OfServices(states))
        if isinstance(clock, HubClock):
            self.registry.register(_OfClock(clock))
        self.registry.register(_OfCertificates(store, checks, lambda: states()[1]))

    def text(self) -> bytes:
        """All of them in the text format. Raises DBAPIError where the store cannot be read."""
        return generate_latest(self.registry)


class _OfProcess(Collector):
    """Plain values where they are kept: the page is answered in some microseconds."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily("makegood_page_views", "Public pages answered.", value=self._metrics.page_views)
        failing = GaugeMetricFamily(
            "makegood_loop_failing", "1 while a loop of this process fails; its log says why.", labels=["loop"]
        )
        for name, works in sorted(self._metrics.loops.items()):
            failing.add_metric([name], float(not works))
        yield failing


class _OfStore(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[Metric]:
        yield InfoMetricFamily("makegood", "The program.", {"version": __version__})
        asked = select(batch.c.location, func.max(batch.c.sequence), func.max(log.c.at))
        by_location = asked.join(log, log.c.position == batch.c.position).group_by(batch.c.location)
        with reading(self._store.engine) as connection:
            size = connection.execute(select(sequencer.c.size)).scalar_one()
            locations = connection.execute(by_location).all()
        yield GaugeMetricFamily("makegood_log_entries", "Entries of the log.", value=size)
        sent = GaugeMetricFamily("makegood_location_batches", "The latest batch of a location.", labels=["location"])
        seen = GaugeMetricFamily(
            "makegood_location_seen_timestamp_seconds", "When a batch of it was taken.", labels=["location"]
        )
        for location, sequence, at in locations:
            sent.add_metric([location], sequence)
            seen.add_metric([location], at / SECOND)
        yield sent
        yield seen


class _OfTelling(Collector):
    """What people are to be told, and what is wrong with locations. The log only grows: its news alone is read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._alarms = dict.fromkeys(AlarmKind, 0)
        self._read = 0
        self._reading = Lock()

    def collect(self) -> Iterable[Metric]:
        with reading(self._store.engine) as connection:
            found = counts(connection)
        with self._reading:
            for one in alarms(self._store, self._read):
                self._alarms[one.kind] += 1
                self._read = one.position + 1
        messages = GaugeMetricFamily(
            "makegood_messages", "Messages that wait to be sent, or were given up.", labels=["channel", "state"]
        )
        for channel in sorted({channel for channel, _ in found}):
            for state in (WAITING, DEAD):
                messages.add_metric([channel, state], found.get((channel, state), 0))
        yield messages
        said = CounterMetricFamily("makegood_alarms", "Alarms about locations and their batches.", labels=["kind"])
        for kind, count in self._alarms.items():
            said.add_metric([kind.value], count)
        yield said


class _OfClock(Collector):
    def __init__(self, clock: HubClock) -> None:
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        trusted, apart = float(not self._clock.doubt()), self._clock.apart() / SECOND
        yield GaugeMetricFamily("makegood_clock_trusted", "1 while the hub knows what time it is.", value=trusted)
        says = "How far the clock of its machine was set ahead of the time, and nobody said that it is right."
        yield GaugeMetricFamily("makegood_clock_apart_seconds", says, value=apart)


class _OfCertificates(Collector):
    def __init__(self, store: Store, checks: Callable[[], Sequence[Check]], now: Callable[[], Instant]) -> None:
        self._store, self._checks, self._now = store, checks, now

    def collect(self) -> Iterable[Metric]:
        checks = self._checks()
        services = {check.name: check.service for check in checks}
        ends = GaugeMetricFamily(
            "makegood_certificate_ends_timestamp_seconds",
            "When the first of the certificates ends that a check was shown from a location.",
            labels=["check", "service", "location"],
        )
        with reading(self._store.engine) as connection:
            shown, _ = shown_now(connection, checks, self._now())
        for one in shown:
            ends.add_metric([one.check, services[one.check], one.location], one.ends / SECOND)
        yield ends


class _OfServices(Collector):
    def __init__(self, states: Callable[[], tuple[Iterable[ServiceStatus], Instant]]) -> None:
        self._states = states

    def collect(self) -> Iterable[Metric]:
        services, at = self._states()
        state = GaugeMetricFamily(
            "makegood_service_state",
            "1 for the state that a service is in; `maintenance` says whether work on it is going on.",
            labels=["service", "state", "maintenance"],
        )
        since = GaugeMetricFamily(
            "makegood_service_state_since_timestamp_seconds", "Since when it is in it.", labels=["service", "state"]
        )
        open_ = GaugeMetricFamily("makegood_service_outage_open", "1 while an outage is open.", labels=["service"])
        for one in services:
            work = "true" if one.in_maintenance(at) else "false"
            for each in State:
                state.add_metric([one.name, each.value, work], float(each is one.state))
            if one.since is not None:
                since.add_metric([one.name, one.state.value], one.since / SECOND)
            open_.add_metric([one.name], float(any(o.end is None for o in one.outages)))
        yield state
        yield since
        yield open_
