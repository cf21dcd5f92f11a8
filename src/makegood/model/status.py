"""What a status page tells of services: the state that each is in now, its latest days, its outages and their excuses.

It says nothing that changes as time goes by alone, but for the date: so a page is made again only when it says
something new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from makegood.model.results import Failure
from makegood.model.spans import Duration, Instant, Span


class State(StrEnum):
    """The state of a service."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


class DayKind(StrEnum):
    """What a day was at its worst, the first that holds."""

    DOWN = "down"
    UNKNOWN = "unknown"
    EXCUSED = "excused"
    UP = "up"
    NONE = "none"
    """Outside of what is covered, or nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local date of a service."""

    date: date
    kind: DayKind


@dataclass(frozen=True, slots=True)
class ToldOutage:
    """An outage: `end` is None while it is open, `excused` how much of it is, and `because` names the work or cause.
    `failures` is why it began, as its locations said."""

    begin: Instant
    end: Instant | None
    excused: Duration = 0
    because: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """Announced maintenance."""

    title: str
    span: Span


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service. `since` is when its state began, None where that is not known; `days` ascend and end with today in
    `zone`; `outages` are those of these days, the latest first; `works` are announced and not over."""

    name: str
    title: str
    state: State
    since: Instant | None = None
    days: tuple[Day, ...] = ()
    outages: tuple[ToldOutage, ...] = ()
    works: tuple[Work, ...] = ()
    zone: str = "UTC"

    def in_maintenance(self, at: Instant) -> bool:
        """Whether announced work on it is going on."""
        return any(at in work.span for work in self.works)
