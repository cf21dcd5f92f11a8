"""Rows about agents: tokens, who was enrolled, what each was given, and how far its batches have come."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from makegood.evidence.batch import FIRST
from makegood.model.spans import Duration, Instant, Span
from makegood.store.sql.agents_tables import agent, enrolment, given
from makegood.store.sql.log import in_parts
from makegood.store.sql.tables import batch


class State(StrEnum):
    """Whether an agent may tell anything."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """It did what no agent that is alone and whole does."""
    REVOKED = "revoked"
    """Another one was enrolled in its place, or somebody said so."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that was enrolled: its public key, its location, and who runs it, empty for whoever runs the hub.

    Instants are µs by the hub's clock, but for `asked`, the date of its latest request for work. `offset` is how far
    the hub's clock is ahead of its own (None before it measured), `oldest` the first batch that it still has, `told`
    what it told of itself.
    """

    key: bytes
    location: str
    operator: str
    enrolled: Instant
    state: State = State.ACTIVE
    why: str = ""
    version: str = ""
    asked: Instant = 0
    seen: Instant = 0
    offset: Duration | None = None
    oldest: int = 0
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the batches of a location have come: the last one's number (0: none), its hash and flag; and when the
    last one that counts was closed, None where none does."""

    sequence: int = 0
    digest: bytes = FIRST
    flag: str = ""
    closed: Instant | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: by its SHA-256, for a location (empty: any new one) that `operator` runs."""

    digest: bytes
    location: str
    operator: str
    by: str
    made: Instant
    expires: Instant
    used: Instant | None = None
    key: bytes | None = None


def insert_token(connection: Connection, one: Token) -> None:
    """Keep a token."""
    values = {"location": one.location, "operator": one.operator, "by": one.by}
    times = {"made": one.made, "expires": one.expires, "used": one.used}
    connection.execute(insert(enrolment).values(sha256=one.digest, key=one.key, **values, **times))


def token_of(connection: Connection, digest: bytes) -> Token | None:
    """A token by its SHA-256."""
    row = connection.execute(select(enrolment).where(enrolment.c.sha256 == digest)).mappings().first()
    if row is None:
        return None
    said = row["location"], row["operator"], row["by"], row["made"], row["expires"], row["used"]
    return Token(bytes(row["sha256"]), *said, None if row["key"] is None else bytes(row["key"]))


def use_token(connection: Connection, digest: bytes, key: bytes, now: Instant) -> bool:
    """Use a token up for a key; False where it was used, or has expired."""
    e = enrolment.c
    unused = update(enrolment).where(e.sha256 == digest, e.used.is_(None), e.expires > now)
    return connection.execute(unused.values(used=now, key=key)).rowcount == 1


def agents(connection: Connection, *where: Any) -> list[Agent]:
    """Some agents, by location and in the order in which they were enrolled."""
    asked = select(agent).where(*where).order_by(agent.c.location, agent.c.enrolled, agent.c.key)
    return [
        Agent(
            bytes(r["key"]), r["location"], r["operator"], r["enrolled"], State(r["state"]), r["why"], r["version"],
            r["asked"], r["seen"], r["offset"], r["oldest"], json.loads(r["told"]),
        )
        for r in connection.execute(asked).mappings()
    ]  # fmt: skip


def agents_at(connection: Connection, location: str) -> list[Agent]:
    """The agents of a location, the latest last."""
    return agents(connection, agent.c.location == location)


def insert_agent(connection: Connection, one: Agent) -> None:
    """Keep an agent that was enrolled; others of its location are revoked."""
    others = update(agent).where(agent.c.location == one.location, agent.c.state != State.REVOKED)
    connection.execute(others.values(state=State.REVOKED.value, why="another agent was enrolled in its place"))
    values = {"location": one.location, "operator": one.operator, "enrolled": one.enrolled, "state": one.state.value}
    more = {"why": one.why, "version": one.version, "asked": one.asked, "seen": one.seen, "offset": one.offset}
    told = json.dumps(one.told)
    connection.execute(insert(agent).values(key=one.key, **values, **more, oldest=one.oldest, told=told))


def put_out(connection: Connection, key: bytes, state: State, why: str) -> bool:
    """Suspend or revoke an active agent; False where it was not active."""
    active = update(agent).where(agent.c.key == key, agent.c.state == State.ACTIVE.value)
    return connection.execute(active.values(state=state.value, why=why)).rowcount == 1


def note_work(connection: Connection, before: Agent, after: Agent, most: Instant) -> bool:
    """Keep what an active agent told; False where another request of a later date, or the same, came meanwhile.

    No request is taken now whose date is after `most`: one of such a date came while the hub's clock was ahead.
    """
    a = agent.c
    earlier = or_(a.asked < after.asked, a.asked > most)
    latest = update(agent).where(a.key == before.key, earlier, a.state == State.ACTIVE.value)
    values: dict[str, Any] = {"asked": after.asked, "seen": after.seen, "offset": after.offset, "oldest": after.oldest}
    told = json.dumps(after.told)
    return connection.execute(latest.values(version=after.version, told=told, **values)).rowcount == 1


def give(connection: Connection, location: str, checks: Collection[str], now: Instant) -> None:
    """Note that a location was given checks."""
    new = sorted(set(checks) - given_to(connection, location))
    in_parts(connection, insert(given), [{"location": location, "check": check, "since": now} for check in new])


def given_to(connection: Connection, location: str) -> set[str]:
    """The checks that a location was ever given."""
    return set(connection.execute(select(given.c.check).where(given.c.location == location)).scalars())


def reached(connection: Connection, location: str) -> Reached:
    """How far the batches of a location have come."""
    b = batch.c
    last = select(b.sequence, b.sha256, b.flag, b.closed).where(b.location == location)
    last = last.order_by(b.sequence.desc()).limit(1)
    row = connection.execute(last).first()
    if row is None:
        return Reached()
    closed = row.closed
    if row.flag is not None:
        counting = last.where(b.flag.is_(None))
        good = connection.execute(counting).first()
        closed = None if good is None else good.closed
    return Reached(row.sequence, bytes(row.sha256), row.flag or "", closed)


def digest_at(connection: Connection, location: str, sequence: int) -> bytes | None:
    """The SHA-256 of a batch of a location."""
    asked = select(batch.c.sha256).where(batch.c.location == location, batch.c.sequence == sequence)
    found = connection.execute(asked).scalar()
    return None if found is None else bytes(found)


def offsets(connection: Connection, within: Span, without: bytes = b"") -> Sequence[Duration]:
    """The offsets of the active agents that told one in a span, but for that of one key. Those that others run
    than whoever runs the hub have no say in what the time is."""
    a = agent.c
    told = a.offset.is_not(None), a.seen >= within.start, a.seen < within.end
    asked = select(a.offset).where(a.state == State.ACTIVE.value, *told)
    asked = asked.where(a.operator == "")
    return connection.execute(asked.where(a.key != without)).scalars().all()
