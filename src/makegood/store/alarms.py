"""Alarms: what is wrong with a location or its batches, said once, as documents of the log (docs/agents.md, *Alarms*).

An alarm changes no result. It is recorded in the transaction in which the hub learned of it, and statements, people and
whoever verifies the log can name it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, select

from makegood.evidence.canonical import Json, canonical
from makegood.exchange.moments import written
from makegood.model.problem import Place, Problem, warning
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql.database import reading
from makegood.store.sql.store import Document
from makegood.store.sql.tables import document

ALARM = "alarm"
"""The kind of the documents."""


class AlarmKind(StrEnum):
    """What is wrong."""

    CLONED = "cloned"
    """Two agents use one key, or one goes on from an old copy of its folder."""
    CONTRADICTS = "contradicts"
    """A batch says something else of a slot than one before it."""
    BACKDATED = "backdated"
    """A batch tells of a time from which nothing may come any more."""
    SKEWED = "skewed"
    """A location's clock is not to be trusted."""
    FOREIGN = "foreign"
    """A location told of what it was never given, or in the name of another one."""
    LOST = "lost"
    """A location has dropped batches, or they are gone with its folder."""
    RESTORED = "restored"
    """The hub had acknowledged batches that it does not have any more."""
    HUB_CLOCK = "hub clock"
    """The locations agree on the time, against the hub."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong since when (µs UTC) at a location, in a sentence, and with which of its batches (0: with none).

    `position` is where the log has it, -1 before it is recorded.
    """

    kind: AlarmKind
    at: Instant
    location: str
    says: str
    sequence: int = 0
    position: int = -1

    def document(self) -> Document:
        """As a document of the log, in canonical JSON."""
        body: Json = {
            "at": str(self.at), "kind": self.kind.value, "location": self.location, "says": self.says,
            "sequence": str(self.sequence), "v": 1,
        }  # fmt: skip
        return Document(ALARM, f"{self.location}/{self.kind.value}/{self.at}", canonical(body))


def alarms(store: Store, since: int = 0) -> list[Alarm]:
    """The alarms that were recorded at a position or later, in their order."""
    with reading(store.engine) as connection:
        return _alarms(connection, since)


def _alarms(connection: Connection, since: int = 0) -> list[Alarm]:
    d = document.c
    asked = select(d.position, d.body).where(d.kind == ALARM, d.position >= since).order_by(d.position)
    return [_alarm(position, json.loads(bytes(body))) for position, body in connection.execute(asked).all()]


def _alarm(position: int, said: dict[str, str]) -> Alarm:
    kind = AlarmKind(said["kind"])
    return Alarm(kind, int(said["at"]), said["location"], said["says"], int(said["sequence"]), position)


def alarm_warnings(connection: Connection, folder: Path) -> Iterable[Problem]:
    """What is said of alarms where evidence is read: for each location and kind the first, and how many there are."""
    found = dict[tuple[str, AlarmKind], list[Alarm]]()
    for one in _alarms(connection):
        found.setdefault((one.location, one.kind), []).append(one)
    for (location, _), some in sorted(found.items()):
        more = f", and {len(some) - 1:,} more until {written(some[-1].at)}" if len(some) > 1 else ""
        what = f"location `{location}`: {some[0].kind.value} at {written(some[0].at)}{more}"
        why, hint = some[0].says, f"position {some[0].position} of the log tells of it"
        yield warning("location-alarm", Place(str(folder)), what, why, hint)
