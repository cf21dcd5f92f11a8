"""A hub on a store of its own, and agents that ask it by calling its functions, over a clock that the test holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from makegood.app.enrolling import Enrolled, Enrolment, enrol, new_token
from makegood.app.hub import Hub
from makegood.app.receiving import BatchTaken, Work, WorkAsked, take_batch, take_list, work
from makegood.evidence.batch import FIRST, Batch, RowBatch, signed_bytes
from makegood.evidence.requests import SignedRequest
from makegood.evidence.signing import SigningKey
from makegood.model.checks import Check, HttpProbe
from makegood.model.spans import MINUTE, SECOND, Instant
from makegood.store.ingest import Ingest
from makegood.store.opened import create
from tests.store.batches import MIDNIGHT, Told, detailed

CHECKS = tuple(Check(name, "web", HttpProbe(f"https://{name}.example/")) for name in ("api", "shop"))


@dataclass
class Held:
    """A clock that stands still until it is moved."""

    now: Instant = MIDNIGHT

    def __call__(self) -> Instant:
        return self.now

    def move(self, by: int) -> None:
        self.now += by


@contextmanager
def hub_at(folder: Path, clock: Held, checks: Sequence[Check] = CHECKS) -> Iterator[Hub]:
    store = create(folder)
    with Ingest(store, "hub", clock) as ingest:
        yield Hub(store, ingest, clock, lambda: checks)
    store.engine.dispose()


@dataclass
class Asker:
    """An agent as far as the hub can tell."""

    hub: Hub
    clock: Held
    location: str = "iad"
    key: SigningKey = field(default_factory=SigningKey.make)
    sequence: int = 0
    previous: bytes = FIRST
    dates: int = 0

    def signed(self, path: str, body: bytes = b"", date: Instant | None = None) -> SignedRequest:
        self.dates += 1
        request = SignedRequest(
            "POST", path, self.location, self.clock() + self.dates if date is None else date, b"", body
        )
        return replace(request, signature=self.key.sign(request.message))

    def enrol(self, token: str = "", name: str = "", operator: str = "") -> Enrolled:
        token = token or new_token(
            self.hub.store, location=self.location, operator=operator, by="ops", now=self.clock()
        )
        asked = Enrolment(token, name, self.key.public.raw, "1.0")
        found = enrol(self.hub, self.signed("/agent/v1/enrol", token.encode()), asked)
        self.location, self.sequence, self.previous = found.location, found.sequence, found.digest
        return found

    def work(self, **more: Any) -> Work:
        said: dict[str, Any] = {"have": "", "offset": 0, "trip": 1_000, "oldest": 1, "latest": self.sequence}
        said |= {"acknowledged": self.sequence, "version": "1.0", "told": {}, **more}
        return work(self.hub, self.signed("/agent/v1/work"), WorkAsked(**said))

    def close(self, told: Sequence[Told], late: int = 0, closed: Instant | None = None) -> RowBatch:
        """The next batch, closed now or as is said."""
        self.sequence += 1
        when = self.clock() if closed is None else closed
        made = replace(detailed(self.location, self.sequence, told, late), closed=when, previous=self.previous)
        self.previous = made.digest
        return made

    def send(self, one: Batch) -> BatchTaken:
        request = self.signed("/agent/v1/batches", one.body)
        return take_batch(self.hub, request, self.key.sign(signed_bytes(one.digest)))

    def list(self, one: Batch) -> None:
        take_list(self.hub, self.signed("/agent/v1/lists", one.roster.body))

    def begin(self) -> None:
        """Enrolled, with work, and with a list of checks that the hub knows."""
        self.enrol()
        self.work()
        self.list(detailed(self.location, 1, [(0, "api", 0)]))

    def minute(self, number: int, outcome: int = 0) -> RowBatch:
        """The batch of one slot of both checks, closed a little after it began; the clock goes there."""
        self.clock.now = max(self.clock.now, MIDNIGHT + number * MINUTE + 10 * SECOND)
        return self.close([(number, "api", outcome), (number, "shop", 0)])
