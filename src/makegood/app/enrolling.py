"""Use cases around agents: tokens to enrol with, enrolling, and which agents there are (docs/agents.md)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import Connection

from makegood.app.hub import Hub
from makegood.evidence.batch import FIRST
from makegood.evidence.head import SignedHead
from makegood.evidence.requests import NAME, SignedRequest
from makegood.evidence.signing import PublicKey
from makegood.model.checks import HUB
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import DAY, Duration, Instant
from makegood.store.locations import location_document
from makegood.store.opened import Store
from makegood.store.sql.agents import (
    Agent,
    State,
    Token,
    agents,
    agents_at,
    insert_agent,
    insert_token,
    put_out,
    reached,
    token_of,
    use_token,
)
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.database import reading, writing
from makegood.store.sql.store import Appended

TOKEN = "mge_"
"""What a token begins with, so that one that leaked is known for what it is."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an agent asks to be enrolled with; the request is signed by the key that it names (32 bytes).

    `name` may be empty where the token is for a location.
    """

    token: str
    name: str
    key: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an agent is told: its location, who runs it, the id of the log and its head; and the number and hash of the
    last batch of this location, which its own go on from."""

    location: str
    operator: str
    log: str
    sequence: int
    digest: bytes
    head: SignedHead | None


def new_token(
    store: Store, *, location: str, operator: str, by: str, now: Instant, lasts: Duration = DAY
) -> str:  # fmt: skip
    """Make a token that enrols one agent, once, within `lasts` µs; it is kept as a hash, and told only here.

    `location` is what it is for, empty for any that is not there yet; an agent that runs there is put out by the new
    one. `operator` is who runs the agent, empty for whoever runs the hub. Raises Refused for a name that cannot be.
    """
    if location:
        _must_be_name(location, "location")
    token = TOKEN + secrets.token_urlsafe(32)
    with writing(store.engine) as connection:
        insert_token(connection, Token(_digest(token), location, operator, by, now, now + lasts))
    return token


def enrol(hub: Hub, request: SignedRequest, asked: Enrolment) -> Enrolled:
    """Enrol an agent: its key signs for its location from now on, which is recorded in the log.

    The same request may come again after its answer was lost. Raises Refused for a token that was used, has expired or
    never was (`enrolment-refused`), a name that is taken or cannot be (`location-name`), a signature that is not
    that of the key (`agent-unknown`), and while the hub does not know the time (`hub-clock`).
    """
    now = hub.clock()
    try:
        key = PublicKey(asked.key)
    except ValueError as wrong:
        raise Refused([error("agent-unknown", Place("key"), str(wrong))]) from None
    if not key.verifies(request.message, request.signature) or abs(request.date - now) > hub.rules.window:
        what, why = "the request is not signed by the key that it names, or long ago", "whoever enrols has its key"
        raise Refused([error("agent-unknown", Place("request"), what, why)])
    hub.must_know_the_time()
    digest = _digest(asked.token)
    with reading(hub.store.engine) as connection:
        token = token_of(connection, digest)
        if token is not None and token.key == key.raw:  # the answer was lost
            known = agents(connection, agent.c.key == key.raw)
            if known and known[0].state is State.ACTIVE:
                return _answer(hub, connection, known[0])
        if token is None or token.used is not None or token.expires <= now:
            raise _no_token()
        if agents(connection, agent.c.key == key.raw):
            what, why = "this key was enrolled before", "who has a copy of it could go on with it"
            hint = "enrol from a new folder, which makes a new key"
            raise Refused([error("enrolment-refused", Place("key"), what, why, hint)])
        name = _name(connection, token, asked)
    made = Agent(key.raw, name, token.operator, now, version=asked.version, seen=now)

    def also(connection: Connection, _: range) -> None:
        if not use_token(connection, digest, key.raw, now):
            raise _no_token()
        _name(connection, token, asked)
        insert_agent(connection, replace(made, oldest=reached(connection, name).sequence + 1))

    hub.store.append(Appended(token.by, documents=[location_document(hub.store.log, made)]), now, also)
    with reading(hub.store.engine) as connection:
        return _answer(hub, connection, made)


def _answer(hub: Hub, connection: Connection, one: Agent) -> Enrolled:
    last = reached(connection, one.location)
    digest = last.digest if last.sequence else FIRST
    return Enrolled(one.location, one.operator, hub.store.log, last.sequence, digest, hub.store.head())


def _name(connection: Connection, token: Token, asked: Enrolment) -> str:
    """The location that an agent is enrolled for. Raises Refused."""
    if token.location:
        if asked.name not in ("", token.location):
            what = f"the token is for `{token.location}`, and the agent calls itself `{asked.name}`"
            raise Refused([error("location-name", Place("name"), what, "", "leave the name out")])
        return token.location
    _must_be_name(asked.name)
    if agents_at(connection, asked.name) or reached(connection, asked.name).sequence:
        what, why = f"there is a location `{asked.name}`", "two agents under one name would contradict each other"
        hint = f"take another name; to put a new agent in its place, make a token for `{asked.name}`"
        raise Refused([error("location-name", Place("name"), what, why, hint)])
    return asked.name


def _must_be_name(name: str, where: str = "name") -> None:
    if not NAME.fullmatch(name) or name == HUB:
        why = f"`{HUB}` is the hub itself" if name == HUB else "it is written into the log, and into addresses"
        hint = "up to 63 lower-case letters, digits, and . _ - between them, such as fra-1"
        raise Refused([error("location-name", Place(where), f"`{name}` is no name for a location", why, hint)])


def _no_token() -> Refused:
    what, why = "this token enrols nobody", "it was used, has expired, or was never made here"
    return Refused([error("enrolment-refused", Place("token"), what, why, "ask for a new one")])


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def all_agents(store: Store) -> list[Agent]:
    """Every agent that was ever enrolled, by location."""
    with reading(store.engine) as connection:
        return agents(connection)


def revoke(store: Store, location: str, because: str) -> bool:
    """Take the right to tell anything from a location's agent; False where none is active there."""
    with writing(store.engine) as connection:
        active = [one for one in agents_at(connection, location) if one.state is State.ACTIVE]
        revoked = [put_out(connection, one.key, State.REVOKED, because) for one in active]
    return any(revoked)
