"""Use case: the hub finds out what time it is when it starts, and keeps in the log when times of the log are wrong."""

from __future__ import annotations

import json

from sqlalchemy import Connection, Engine, func, select

from makegood.app.hub_clock import NEAR, HubClock
from makegood.evidence.canonical import canonical
from makegood.exchange.moments import written
from makegood.model.spans import Instant
from makegood.store.alarms import Alarm, AlarmKind
from makegood.store.opened import Store
from makegood.store.sql.agents import State, agents
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.ahead import set_to
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import attendance
from makegood.store.sql.log import extent
from makegood.store.sql.store import Appended, Document
from makegood.store.sql.tables import document

CLOCK = "clock"
"""The kind of the documents that say what time it was when times of the log were ahead of it."""
AUTHOR = "makegood"


def begin_time(store: Store, clock: HubClock, machine: str, insist: bool = False) -> None:
    """Hold a clock against what a store recorded last, before anything is dated by it; `machine` is this one."""
    with reading(store.engine) as connection:
        others = _elsewhere(store.engine) or _hears_of_others(connection, machine)
        clock.begin(_recorded(connection), others, insist)


def settle_time(store: Store, clock: HubClock) -> int:
    """Now that the time is known: where the log is ahead of it, say so in the log, once, and let nothing wait for a
    time that has been wrong; how many rows did."""
    now = clock()
    with reading(store.engine) as connection:
        logged, told = extent(connection).at, _told(connection)
    if logged > now + NEAR and (told is None or told[1] < logged):
        body = canonical({"at": str(now), "log": str(logged), "v": 1})
        said = Document(CLOCK, written(now), body)
        store.append(Appended(AUTHOR, documents=[said]), now)
    with writing(store.engine) as connection:
        return set_to(connection, now)


def record_news(store: Store, clock: HubClock, says: str) -> None:
    """Record what became of the hub's clock as an alarm. Raises Refused where the store cannot be written."""
    store.append(Appended(AUTHOR, documents=[Alarm(AlarmKind.HUB_CLOCK, clock(), "hub", says).document()]), clock())


def _recorded(connection: Connection) -> Instant:
    """The latest instant that has passed for certain, by what a store has; 0 in a new one."""
    logged, told = extent(connection).at, _told(connection)
    there = connection.execute(select(func.max(attendance.c.until))).scalar() or 0
    if told is not None and told[1] >= logged:  # nothing was logged since by a time after that
        return max(told[0], there)
    return max(logged, there)


def _told(connection: Connection) -> tuple[Instant, Instant] | None:
    """What time it was, and what the log said, when that was ahead of it last."""
    asked = select(document.c.body).where(document.c.kind == CLOCK).order_by(document.c.position.desc()).limit(1)
    body = connection.execute(asked).scalar()
    if body is None:
        return None
    said = json.loads(bytes(body))
    return int(said["at"]), int(said["log"])


def _hears_of_others(connection: Connection, machine: str) -> bool:
    """Whether locations of other machines will say what time it is: of those who run the hub."""
    there = agents(connection, agent.c.state == State.ACTIVE.value, agent.c.operator == "")
    return any(one.told.get("machine", "") != machine for one in there)


def database_time(engine: Engine, clock: HubClock) -> None:
    """Hear what time it is at the database, where that is on another machine. Raises DBAPIError."""
    if not _elsewhere(engine):
        return
    asked = select(func.floor(func.extract("epoch", func.clock_timestamp()) * 1_000_000))
    with reading(engine) as connection:
        connection.execute(select(1))  # the way there is open, and takes no longer than the next question
        before = clock()
        there = int(connection.execute(asked).scalar_one())
        after = clock()
    clock.hear("database", "database", there - (before + after) // 2)


def _elsewhere(engine: Engine) -> bool:
    """Whether a database may have another clock: that of a name which is another machine's, for all that is known."""
    host = engine.url.host or ""
    here = host.startswith("/") or host in ("", "localhost", "127.0.0.1", "::1")
    return engine.dialect.name == "postgresql" and not here
