"""The hub behind HTTP: what its use cases share, and what all requests share beside that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from makegood.app.configured import Configured
from makegood.app.hearing import Hearing
from makegood.app.hub import Hub
from makegood.app.status import Live
from makegood.model.alerts import Alerts
from makegood.model.checks import Check
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.web.failures import Failures
from makegood.web.health import Health
from makegood.web.lanes import Lanes
from makegood.web.metrics import Metrics
from makegood.web.page import Page


@dataclass
class WebHub:
    """What requests are answered from. `url` is how others reach it, without a slash at its end; `local` the token in
    `serve.lock`."""

    core: Hub
    configured: Configured
    url: str
    local: str
    live: Live
    hearing: Hearing
    health: Health
    metrics: Metrics
    page: Page
    alerts: Callable[[], Alerts]
    """The alerts in force."""
    failures: Failures = field(default_factory=Failures)
    lanes: Lanes = field(default_factory=Lanes)

    @property
    def store(self) -> Store:
        return self.core.store

    @property
    def clock(self) -> Callable[[], Instant]:
        """UTC in µs."""
        return self.core.clock

    def checks(self) -> dict[str, Check]:
        """The checks that are configured now, by name."""
        return {one.name: one for one in self.core.checks()}
