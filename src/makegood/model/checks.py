"""What is watched: checks, what a probe of each kind does, and where from.

A check is a configured test of one service. It runs on fixed slots of `every` microseconds: slot k is
`k * every <= t < (k + 1) * every` since 1970 UTC, and its probe begins `offset` into each slot, at every location.
Text that stands for a secret is written `{secret.NAME}`; only the location that probes knows its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import TypeAlias

from makegood.model.spans import DAY, MINUTE, SECOND, Duration

Codes: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges of status codes, both ends included."""

HUB = "hub"
"""The location of what is not probed from anywhere but told to the hub: heartbeats and signals."""


class Compares(StrEnum):
    """How a value found is held against one that is written; numbers compare as exact decimals."""

    IS = "is"
    IS_NOT = "is not"
    CONTAINS = "contains"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    MORE_THAN = "more than"
    BELOW = "below"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class JsonAssertion:
    """What one value of a JSON body must be. `path` are keys and indexes from the root."""

    path: tuple[str | int, ...]
    compares: Compares = Compares.EXISTS
    value: str = ""


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """One HTTP request and what its answer must be.

    `status` are the codes that are good. `redirects` says how many are followed; with 0 the answer that redirects is
    judged. A certificate is verified unless `verify` is false, and must hold for `remaining` more microseconds. `cap`
    is how many bytes of the body are read, which are the bytes as sent: no content coding is asked for.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    status: Codes = ((200, 399),)
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    json: tuple[JsonAssertion, ...] = ()
    redirects: int = 10
    verify: bool = True
    remaining: Duration = 0
    cap: int = 1 << 20


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """A connection, and what the other side must then send, where anything is asked for."""

    host: str
    port: int
    send: str = ""
    contains: str = ""


@dataclass(frozen=True, slots=True)
class DnsProbe:
    """A question to a name server, `host` or `host:port`, else to those of the location's system.

    `answers` must all be among the records; `code` is the response code that is good, such as NXDOMAIN.
    """

    name: str
    type: str = "A"
    server: str = ""
    answers: tuple[str, ...] = ()
    code: str = "NOERROR"


@dataclass(frozen=True, slots=True)
class TlsProbe:
    """A handshake; the chain is verified for `server_name` (or the host), and holds for `remaining` more µs."""

    host: str
    port: int = 443
    server_name: str = ""
    verify: bool = True
    remaining: Duration = 14 * DAY


@dataclass(frozen=True, slots=True)
class PingProbe:
    """ICMP echo requests, `interval` µs apart; up where at least `replies` of them are answered."""

    host: str
    requests: int = 1
    replies: int = 1
    interval: Duration = SECOND // 5


@dataclass(frozen=True, slots=True)
class Capture:
    """A value that a step keeps for the later ones, as `{NAME}`: from the JSON body, from a header, or from between
    two texts of the body. Just one of the three is given."""

    name: str
    path: tuple[str | int, ...] = ()
    header: str = ""
    between: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a workflow."""

    name: str
    http: HttpProbe
    captures: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkflowProbe:
    """Requests one after another that share cookies and captured values; up where every one is."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class HeartbeatProbe:
    """Waits to be told. A slot is up where a success was told in it or within `grace` µs after it; a failure told in
    it makes it down."""

    grace: Duration = 0


@dataclass(frozen=True, slots=True)
class SignalProbe:
    """A number that a Prometheus server answers to an instant query; up where it compares so, unknown where none is.

    `quantities` are more queries by the words of what they measure (`good`, `valid`, `p95`): their numbers at the end
    of each slot are measurements of the slot, of the check's service, under `metric`, or the check's name without it.
    """

    url: str
    query: str = ""
    compares: Compares = Compares.AT_LEAST
    value: str = "1"
    metric: str = ""
    quantities: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


Probe: TypeAlias = HttpProbe | TcpProbe | DnsProbe | TlsProbe | PingProbe | WorkflowProbe | HeartbeatProbe | SignalProbe

TOLD: tuple[type, ...] = (HeartbeatProbe, SignalProbe)
"""The kinds that the hub itself looks after."""


@dataclass(frozen=True, slots=True)
class Check:
    """A configured test of a service.

    `every` and `timeout` are microseconds; the timeout is that of the whole probe. `locations` are those that run it,
    all where none is named. `labels` are for people and metrics, and change nothing.
    """

    name: str
    service: str
    probe: Probe
    every: Duration = MINUTE
    timeout: Duration = 30 * SECOND
    locations: tuple[str, ...] = ()
    title: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def offset(self) -> Duration:
        """How far into each slot its probes begin, µs: spread by its name over the first nine tenths of a slot, so that
        what begins a little late still begins in it."""
        return int.from_bytes(sha256(self.name.encode()).digest()[:8], "big") % max(1, self.every * 9 // 10)

    @property
    def told(self) -> bool:
        """Whether others tell its results to the hub, rather than locations probing."""
        return isinstance(self.probe, TOLD)

    def runs_at(self, location: str) -> bool:
        """Whether a location runs it."""
        if self.told:
            return location == HUB
        return location != HUB and (not self.locations or location in self.locations)
