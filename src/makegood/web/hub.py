"""A hub at work: the open store, and what all requests share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from makegood.app.hearing import Hearing
from makegood.app.status import Live
from makegood.model.checks import Check
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.web.failures import Failures
from makegood.web.health import Health
from makegood.web.metrics import Metrics
from makegood.web.page import Page

Checks = Callable[[], Mapping[str, Check]]
"""The checks that are configured now, by name."""


@dataclass
class Hub:
    """What requests are answered from. `url` is how others reach it, without a slash at its end; `local` the token in
    `serve.lock`; `clock` µs UTC."""

    store: Store
    clock: Callable[[], Instant]
    url: str
    local: str
    live: Live
    checks: Checks
    hearing: Hearing
    health: Health
    metrics: Metrics
    page: Page
    failures: Failures = field(default_factory=Failures)
