"""What one probe found: an outcome with a typed reason, and how long each part of it took."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.spans import Duration, Instant

UNTIMED: Duration = -1
"""The time of a part that did not happen, or was not measured."""


class Reason(IntEnum):
    """Why a result is what it is. The numbers are kept in evidence: one is never given another meaning.

    0 is up; below 100 the service was down; from 100 on nobody knows, because the fault is on our side.
    """

    OK = 0
    DNS = 1
    """The name has no address, or its servers do not answer."""
    REFUSED = 2
    """The connection was refused."""
    UNREACHABLE = 3
    """No route, or the network says unreachable."""
    CONNECT_TIMEOUT = 4
    RESET = 5
    """The other side ended the connection before it had answered."""
    TLS = 6
    """The handshake failed."""
    CERTIFICATE = 7
    """The certificate is not trusted, or is for another name."""
    CERTIFICATE_EXPIRED = 8
    CERTIFICATE_EXPIRES = 9
    """It holds for less than was asked."""
    TIMEOUT = 10
    """Connected, and no whole answer in time."""
    PROTOCOL = 11
    """The answer is none of the protocol."""
    STATUS = 12
    """A status or response code that is not good."""
    REDIRECT = 13
    """More redirects than allowed, or one to nowhere."""
    CONTENT = 14
    """A text that must be in the answer is not, or one that must not be is."""
    JSON = 15
    """The body is no JSON, or an assertion on it failed."""
    ANSWER = 16
    """Other records than were asked for."""
    NO_REPLY = 17
    """Fewer echo replies than were asked for."""
    CAPTURE = 18
    """A step of a workflow could not capture its value."""
    MISSED = 19
    """No heartbeat in time."""
    TOLD = 20
    """A heartbeat told of a failure."""
    SIGNAL = 21
    """The number of a signal does not compare as it must."""
    TOO_LARGE = 22
    """An assertion needs more of the body than is read."""

    LATE = 100
    """The location began too late: it was busy."""
    ABSTAINED = 101
    """The location's own control probes failed."""
    CLOCK = 102
    """The location's clock was not to be trusted."""
    FORBIDDEN = 103
    """The location may not connect there."""
    SECRET = 104
    """The location does not know a secret that the check names."""
    RESOURCES = 105
    """The location had no descriptors, memory or permission."""
    AWAY = 106
    """The hub, or what it asks for a signal, was not there to be told."""
    INTERNAL = 107
    """A defect of the probe."""
    STOPPED = 108
    """The location was stopped before the probe had ended."""

    @property
    def outcome(self) -> int:
        """UP, DOWN or UNKNOWN."""
        return UP if self == 0 else DOWN if self < 100 else UNKNOWN

    @property
    def word(self) -> str:
        """As it is written in tables and messages: `connect timeout`."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Result:
    """One probe: when it began (µs UTC by the location's clock) and what it found.

    `status` is the code of the last answer (HTTP, DNS), 0 where there was none. The durations are µs by a steady clock,
    UNTIMED where a part did not happen: `dns`, `connect` and `tls` of the last connection, `first_byte` and `total`
    since the probe began. `detail` tells a person more, in one line, without secrets; it is no evidence. `expires` is
    when the first of the certificates that were shown, and are rested on, ends; 0 where none was seen.
    """

    begun: Instant
    reason: Reason
    status: int = 0
    dns: Duration = UNTIMED
    connect: Duration = UNTIMED
    tls: Duration = UNTIMED
    first_byte: Duration = UNTIMED
    total: Duration = UNTIMED
    detail: str = ""
    expires: Instant = 0

    @property
    def outcome(self) -> int:
        """UP, DOWN or UNKNOWN."""
        return self.reason.outcome


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """The first of the results of a check from a location that were not up for one reason: when it began (µs UTC), and
    the status that was answered with it, 0 where there was none. It is for people, and decides nothing."""

    begun: Instant
    check: str
    location: str
    reason: Reason
    status: int = 0

    @property
    def seen_by(self) -> str:
        """Who saw it, as statements name it: `api from fra`."""
        return f"{self.check} from {self.location}"
