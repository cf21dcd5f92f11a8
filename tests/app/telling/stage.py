"""A store with a file of alerts in force, whose channels lead to loopback, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from makegood.app.alerting import take_outages, tick
from makegood.app.alerts_in_force import in_force, put_in_force
from makegood.app.delivering import Delivery, context_for, deliver_due
from makegood.engine.alerting.alert import Alert, Note
from makegood.model.alerts import Alerts
from makegood.model.events import OutageClosed, OutageEvent, OutageOpened
from makegood.model.messages import Kept
from makegood.model.spans import SECOND
from makegood.store.opened import Store, create
from makegood.store.sql import alerts as kept
from makegood.store.sql import outbox
from makegood.store.sql.database import reading, writing
from tests.notify.servers import LOOPBACK, SECRETS

NOW = 1_770_000_000_000_000

FILE = """
link: https://status.example.com
channels:
  - {{channel: mail, e-mail: 127.0.0.1:{mail}, from: alerts@example.com, encryption: none}}
  - {{channel: hook, webhook: http://127.0.0.1:{web}/hook, secret: "{{secret.HOOK}}", timeout: 2 s}}
people:
  - {{person: ada, zone: Europe/Berlin, reach: {{mail: ada@example.com}}}}
  - {{person: grace, reach: {{mail: grace@example.com}}}}
rotations:
  - {{rotation: primary, zone: UTC, layers: [{{people: [ada, grace], every: week, from: 2026-02-02, at: 00:00}}]}}
escalations:
  - escalation: ops
    steps: [{{tell: [primary, hook]}}, {{tell: grace, after: 15 min}}]
rules:
  - {{rule: outages, when: outage, tell: ops}}
  - {{rule: errors, when: error rate, is: more than 5 %, tell: ops}}
  - {{rule: slow, when: latency, is: more than 800 ms, tell: ops}}
  - {{rule: idle, when: throughput, is: below 1 per second, tell: ops}}
  - {{rule: certificates, when: certificate, is: below 14 days, tell: ops}}
  - {{rule: silent, when: silent location, is: at least 5 min, tell: ops}}
  - {{rule: budget, when: budget, gone: below 3 days, tell: ops}}
  - {{rule: hub, when: silent hub, is: at least 5 min, tell: ops}}
"""


@dataclass
class Stage:
    """The store and its clock."""

    store: Store
    now: int = NOW
    secrets: dict[str, str] = field(default_factory=lambda: dict(SECRETS))

    @property
    def alerts(self) -> Alerts:
        return in_force(self.store)

    def happens(self, *events: OutageEvent) -> None:
        with writing(self.store.engine) as connection:
            take_outages(connection, self.alerts, events, self.now)

    def opens(self, service: str = "web", order: str = "acme") -> None:
        self.happens(OutageOpened(service, order, self.now, self.now, "connect timeout", ("fra", "lon")))

    def closes(self, since: int, service: str = "web", order: str = "acme") -> None:
        self.happens(OutageClosed(service, order, since, self.now, self.now))

    def later(self, seconds: int) -> None:
        """Let time pass, and see what is due then."""
        self.now += seconds * SECOND
        tick(self.store.engine, self.alerts, self.now)

    def delivery(self) -> Delivery:
        found = self.alerts
        return Delivery(
            self.store, lambda: found, context_for(self.store, LOOPBACK, self.secrets.get, lambda: self.now)
        )

    def deliver(self) -> int:
        return asyncio.run(deliver_due(self.delivery()))

    def messages(self, *states: str) -> list[Kept]:
        with reading(self.store.engine) as connection:
            return outbox.kept(connection, *states)

    def open_alerts(self) -> list[Alert]:
        with reading(self.store.engine) as connection:
            return kept.open_alerts(connection)

    def notes(self, key: str) -> list[Note]:
        with reading(self.store.engine) as connection:
            return kept.notes(connection, key)


@contextmanager
def stage(folder: Path, mail: int = 1, web: int = 1, database: str = "") -> Iterator[Stage]:
    """A stage in a new folder, whose channels lead to these ports."""
    store = create(folder / "store", database)
    file = folder / "ops.alerts.yaml"
    file.write_text(FILE.format(mail=mail, web=web), encoding="utf-8")
    put_in_force(store, file, "ada", NOW)
    try:
        yield Stage(store)
    finally:
        store.engine.dispose()
