"""How the subject of a commitment does now, by the agreement's own rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from makegood.model.spans import Instant


class Health(StrEnum):
    """What can be said of a subject now. It is unknown where nobody saw enough, or not lately."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outage:
    """A span of confirmed unavailability of a subject, dated as its agreement dates it, µs UTC.

    `end` is None while nobody has surely seen the subject up again. `lasting` says whether it is long enough to count
    by now. Excuses are not looked at.
    """

    begin: Instant
    end: Instant | None
    lasting: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """One commitment for one subject of an order, as it is now. `seen` is the last instant at which it was surely seen
    up or down, None where it never was; `outages` are all that are known, in order."""

    order: str
    commitment: str
    name: str
    services: tuple[str, ...]
    health: Health
    seen: Instant | None
    outages: tuple[Outage, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one outage of a subject since it was last told: `before` is None for a new one, `after` for one
    that late evidence took back."""

    order: str
    commitment: str
    subject: str
    before: Outage | None
    after: Outage | None
