"""What happens while services are watched, as alerts hear of it; each event says what was found, and when.

Instants are µs UTC. `known` is when the event was found, which is later than what it tells of.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from makegood.model.results import Result
from makegood.model.spans import Instant, Span


@dataclass(frozen=True, slots=True)
class OutageOpened:
    """A service is down since an instant, as the agreement of an order sees it.

    `reason` is for people, in one line; `locations` are those that see it and are not named there.
    """

    service: str
    order: str
    since: Instant
    known: Instant
    reason: str = ""
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutageClosed:
    """An outage that was opened has ended. `since` names it: the same instant with which it was opened."""

    service: str
    order: str
    since: Instant
    until: Instant
    known: Instant


@dataclass(frozen=True, slots=True)
class OutageRetracted:
    """Late evidence shows that an outage that was opened is none."""

    service: str
    order: str
    since: Instant
    known: Instant
    reason: str = ""


OutageEvent: TypeAlias = OutageOpened | OutageClosed | OutageRetracted


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """How long a certificate that a check was shown is valid."""

    service: str
    check: str
    expires: Instant
    known: Instant


@dataclass(frozen=True, slots=True)
class LocationHeard:
    """When a location was last heard of; `at` is when it was enrolled where it never was."""

    location: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Count:
    """What a source counted of a service in a span: all that was valid, and how much of that was good."""

    span: Span
    good: Fraction | int
    valid: Fraction | int


@dataclass(frozen=True, slots=True)
class Recent:
    """What was found about a service lately: results of its checks, and counts, in any order."""

    service: str
    results: tuple[Result, ...] = ()
    counts: tuple[Count, ...] = ()
