"""What is known of services now: the interface that pages and metrics are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from makegood.model.spans import Instant
from makegood.model.status import ServiceStatus


class Live(Protocol):
    """Says what is known of services."""

    def refresh(self, now: Instant) -> None:
        """Look for news; it is called again and again by one thread. Raises Refused where nothing can be told."""

    def study(self, now: Instant) -> None:
        """The same for what takes longer, such as the days of the past; by another thread, and less often."""

    def services(self) -> Sequence[ServiceStatus]:
        """Every service that is watched, as of the last look; at once, from any thread."""
        ...

    def public(self) -> Sequence[ServiceStatus]:
        """Those of them that the configuration makes public, in its order and under its titles."""
        ...
