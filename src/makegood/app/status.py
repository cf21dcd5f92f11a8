"""What is known of services now: the interface that pages and metrics are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from makegood.model.spans import Instant
from makegood.model.status import ServiceStatus


class Live(Protocol):
    """Says what is known of services. It is asked every second, from a thread, and answers from what it has at hand."""

    def status(self, now: Instant) -> Sequence[ServiceStatus]:
        """Every service that is watched, in the order of their names. Raises Refused where it cannot be told."""
        ...


class Nothing:
    """Where nothing is configured, nothing is known."""

    def status(self, now: Instant) -> Sequence[ServiceStatus]:  # noqa: ARG002 -- of the protocol
        return ()
