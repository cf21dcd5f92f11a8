"""One probe under way: what it may use, when it began, and how much of its time is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import Duration, Instant
from makegood.probe.secret import Secrets

if TYPE_CHECKING:
    from makegood.door.policy import Policy
    from makegood.probe.handles import Handles


@dataclass(frozen=True, slots=True)
class Context:
    """What the probes of a location share.

    `now` is its wall clock, µs UTC, that never goes back; `steady` a clock that nobody sets, µs. `handles` are the
    shared machinery of HTTP and TLS, bound to the running loop.
    """

    now: Callable[[], Instant]
    steady: Callable[[], Duration]
    policy: Policy
    secrets: Secrets
    handles: Handles


@dataclass(slots=True)
class Times:
    """How long the parts took, µs; see `Result`."""

    dns: Duration = UNTIMED
    connect: Duration = UNTIMED
    tls: Duration = UNTIMED
    first_byte: Duration = UNTIMED
    total: Duration = UNTIMED


Finding: TypeAlias = tuple[Reason, str]
"""A reason and the line that tells it."""

KEPT: Finding = Reason.OK, ""
"""All is as it must be."""


class Found(Exception):
    """A probe is at its end, for this reason: raised from within steps, caught where the result is made."""

    def __init__(self, reason: Reason, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.status = status


@dataclass(slots=True)
class Attempt:
    """One probe under way. `begun` is µs UTC, `started` and `ends` by the steady clock; the parts it has been through
    are written into `times`, and into `expires` when the first of the certificates that it was shown ends (0: none)."""

    context: Context
    begun: Instant
    started: Duration
    ends: Duration
    times: Times = field(default_factory=Times)
    expires: Instant = 0

    def elapsed(self) -> Duration:
        """Since the probe began, µs."""
        return self.context.steady() - self.started

    def shown(self, ends: Instant) -> None:
        """A certificate was shown that ends then."""
        self.expires = min(self.expires or ends, ends)

    def left(self) -> Duration:
        """Until its time is over, µs; 0 when it is."""
        return max(0, self.ends - self.context.steady())

    def result(self, reason: Reason, detail: str = "", status: int = 0) -> Result:
        """The result with the times so far. What is told is one line without secrets."""
        times = self.times
        return Result(
            self.begun,
            reason,
            status,
            times.dns,
            times.connect,
            times.tls,
            times.first_byte,
            times.total if times.total != UNTIMED else self.elapsed(),
            self.context.secrets.excerpt(detail, LONGEST) if detail else "",
            self.expires,
        )


LONGEST = 300
"""Characters of a detail."""


def begin(context: Context, timeout: Duration) -> Attempt:
    """An attempt that begins now."""
    started = context.steady()
    return Attempt(context, context.now(), started, started + timeout)
