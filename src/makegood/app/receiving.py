"""What agents ask of the hub, without any HTTP: the clock, work, lists of checks, and batches (docs/agents.md).

`web` only reads requests and writes answers. Each function answers with a value, or raises Refused with a `code`:

* `agent-unknown`, `agent-date`: who asks is not known to have signed this, or not just now (401);
* `agent-revoked`, `agent-suspended`, `batch-foreign`: it may not tell anything (403);
* `agent-again`, `batch-ahead`, `batch-exists`, `list-unknown`: not now; ask for work, then go on as that says (409);
* `batch-damaged`, `agent-request`: no batch, no such request (400);
* `too-much`: the location asks more of the hub than its share; the hint says how long to wait (429);
* `unwritable`: the store's disk or database refuses (503).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NoReturn

from sqlalchemy import Connection

from makegood.app.certificates import told_certificates
from makegood.app.clocks import agree
from makegood.app.hub import Hub
from makegood.app.lives import lives
from makegood.app.pacing import Paid
from makegood.app.weighing_batches import Known, weigh
from makegood.evidence.batch import WITH_FIGURES, Damaged, Heading, Roster, heading_of, read_batch, signed_bytes
from makegood.evidence.canonical import Json, NotCanonical, canonical, read_canonical
from makegood.evidence.head import SignedHead
from makegood.evidence.requests import SignedRequest
from makegood.evidence.signing import PublicKey, SigningKey
from makegood.exchange.check_json import check_to_json
from makegood.model.checks import Check
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import SECOND, Duration, Instant, Span
from makegood.store.alarms import Alarm, AlarmKind
from makegood.store.ingest import Arrival
from makegood.store.sql.agents import (
    Agent,
    State,
    agents_at,
    digest_at,
    give,
    given_to,
    note_work,
    offsets,
    put_out,
    reached,
)
from makegood.store.sql.batches import ROSTER, Sent, roster_of
from makegood.store.sql.certificates import note_certificates
from makegood.store.sql.database import reading, writing
from makegood.store.sql.store import Also, Appended, Document

MOST_BYTES = 64 * 1024 * 1024
"""Of one batch."""
MOST_CHECKS = 100_000
"""Of one list."""
MOST, MOST_TOLD, LONGEST_NAME, LONGEST_TEXT = 2**62, 40, 60, 300
"""Of a number that an agent tells; how much else it may tell of itself, and how long."""
LONGEST_WAY: Duration = 31 * SECOND
"""How long a request is on its way at most: its agent gives it up before."""
_NOBODY = SigningKey.make().public
"""Against whose key a request is verified that names no location we know, so that it takes as long."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The instants by the hub's clock (µs) at which a request came and was answered."""

    received: Instant
    answered: Instant


@dataclass(frozen=True, slots=True)
class WorkAsked:
    """What an agent says when it asks for work. Instants are µs by its clock.

    `have` is the etag of the checks that it has. `offset` is how far the hub's clock is ahead of its own, as measured
    over a way there and back of `trip`; None before it measured. `oldest` and `latest` are the first batch that it
    still has and the last that it closed, `acknowledged` the last of which it was told that the hub has it. `told` is
    what else is to be known about it: whether it abstains, what its spool holds and dropped, steps of its clock, and
    when the `certificates` end that its checks were shown.
    """

    have: str
    offset: Duration | None
    trip: Duration
    oldest: int
    latest: int
    acknowledged: int
    version: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """What an agent is to do. `checks` is None where it has them already, `etag` names them; `latest` and `digest` are
    the last batch that the hub has. `trusted` is false while its results are to be unknown because of its clock."""

    received: Instant
    answered: Instant
    etag: str
    checks: tuple[dict[str, Json], ...] | None
    latest: int
    digest: bytes
    trusted: bool
    close_every: Duration
    ask_every: Duration
    spool: Duration
    head: SignedHead | None


@dataclass(frozen=True, slots=True)
class BatchTaken:
    """That a batch is on the disk: its number, whether it was there already, why its results do not count (empty: they
    do), and the head of the log."""

    received: Instant
    answered: Instant
    taken: int
    duplicate: bool
    flag: str
    head: SignedHead | None


def work(hub: Hub, request: SignedRequest, asked: WorkAsked) -> Work:
    """Answer an agent that asks what to do, and keep what it says of itself. Raises Refused."""
    received = hub.clock()
    told_by_it, asked = asked.told, _sound(asked)
    with reading(hub.store.engine) as connection:
        agent = _agent(hub, connection, request, received)
        if request.date <= agent.asked <= received + hub.rules.window:
            raise _again(agent)  # before anything is made of what it says: it may be an old one, overheard
        offset = _offset(asked, received)
        if agent.operator == "" and offset is not None:
            hub.hear_clock(agent.location, str(asked.told.get("machine", "")), -offset)
        hub.must_know_the_time()
        last = reached(connection, agent.location)
        clocks = offsets(connection, Span(received - hub.rules.silent, received + hub.rules.window), agent.key)
        checks = _checks_at(hub, agent.location)
        new = {check.name for check in checks} - given_to(connection, agent.location)
    seen = told_certificates(told_by_it, {check.name for check in checks})
    if asked.latest < last.sequence:
        says = f"it has closed {asked.latest} batches, and {last.sequence} of its key are here"

        def later(connection: Connection, _: range) -> None:
            if not note_work(connection, agent, replace(agent, asked=request.date), received + hub.rules.window):
                raise _again(agent)

        _suspend(hub, agent, AlarmKind.CLONED, says, asked.latest, received, only=later)
    agreed = agree(offset, clocks, hub.rules.skew)
    before = agent.told
    alive = lives(before, asked.told.get("life"))
    if alive.several and request.date > agent.asked:
        says = "two starts of it take turns in asking for work: two agents run under its key"
        _suspend(hub, agent, AlarmKind.CLONED, says, asked.latest, received)
    restored = asked.acknowledged > last.sequence
    told = {**asked.told, "trusted": agreed.trusted, "hub": agreed.hub, "restored": restored, "trip": asked.trip}
    told |= alive.told
    after = replace(
        agent, asked=request.date, seen=received, offset=offset, oldest=asked.oldest, version=asked.version,
        told=told,
    )  # fmt: skip
    alarms = []
    if restored and not before.get("restored"):
        says = f"batches {last.sequence + 1}-{asked.acknowledged} were acknowledged and are gone: an older backup"
        alarms.append(Alarm(AlarmKind.RESTORED, received, agent.location, says, last.sequence + 1))
    if not agreed.trusted and before.get("trusted", True):
        says = f"its clock is {abs(offset or 0) / 1e6:,.3f} s from the hub's; its results do not count"
        alarms.append(Alarm(AlarmKind.SKEWED, received, agent.location, says))
    if not agreed.hub and before.get("hub", True):
        says = "most clocks agree on another time than the hub's"
        alarms.append(Alarm(AlarmKind.HUB_CLOCK, received, agent.location, says))

    def also(connection: Connection, _: range) -> None:
        if not note_work(connection, agent, after, received + hub.rules.window):
            raise _again(agent)
        if new:
            give(connection, agent.location, new, received)
        note_certificates(connection, agent.location, seen, received)

    _record(hub, agent, alarms, received, also)
    hub.paces.charge(agent.location, Paid.ALARMS, len(alarms), received)
    said = tuple(check_to_json(check) for check in checks)
    etag = sha256(canonical(said)).hexdigest()[:32]
    rules = hub.rules
    return Work(
        received, hub.clock(), etag, None if asked.have == etag else said, last.sequence, last.digest, agreed.trusted,
        rules.close_every, rules.ask_every, rules.spool, hub.store.head(),
    )  # fmt: skip


def _offset(asked: WorkAsked, received: Instant) -> Duration | None:
    """How far this hub's clock is ahead of an agent's. What that measured on several exchanges is exact, but may be of
    another server of this hub, or of before this one's clock was set: then what is seen here now holds."""
    now = asked.told.get("now")
    if not isinstance(now, int):
        return asked.offset
    here = received - now - asked.trip // 2
    if asked.offset is not None and abs(here - asked.offset) <= LONGEST_WAY + asked.trip:
        return asked.offset
    return here


def _sound(asked: WorkAsked) -> WorkAsked:
    """What was asked, with as much of what else is told as is kept. Raises Refused for numbers that cannot be."""
    numbers = asked.trip, asked.oldest, asked.latest, asked.acknowledged
    if min(numbers) < 0 or max(*numbers, abs(asked.offset or 0)) >= MOST:
        raise Refused([error("agent-request", Place("work"), "a number of this request cannot be")])
    told = {str(name)[:LONGEST_NAME]: value for name, value in list(asked.told.items())[:MOST_TOLD]}
    kept: dict[str, Any] = {name: value[:LONGEST_TEXT] for name, value in told.items() if isinstance(value, str)}
    kept |= {name: value for name, value in told.items() if isinstance(value, int) and abs(value) < MOST}
    return replace(asked, told=kept, version=asked.version[:LONGEST_NAME])


def take_list(hub: Hub, request: SignedRequest) -> Clock:
    """Keep a list of checks, the request's body, which batches name by its SHA-256. Raises Refused."""
    received = hub.clock()
    with reading(hub.store.engine) as connection:
        agent = _agent(hub, connection, request, received)
    hub.must_know_the_time()
    try:
        names = read_canonical(request.body)
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            raise Damaged("a list of checks is a list of their names")
        if len(names) > MOST_CHECKS:
            raise Damaged(f"a list has up to {MOST_CHECKS:,} checks")
        one = Roster(tuple(names))
    except (Damaged, NotCanonical) as wrong:
        raise Refused([error("batch-damaged", Place("list"), str(wrong))]) from None
    with reading(hub.store.engine) as connection:
        if roster_of(connection, one.digest) is not None:
            return Clock(received, hub.clock())
    document = Document(ROSTER, f"{one.digest.hex()[:16]}.json", one.body)
    hub.paces.charge(agent.location, Paid.LISTS, len(one.body), received)
    hub.store.append(Appended(agent.location, documents=[document]), received)
    return Clock(received, hub.clock())


def take_batch(hub: Hub, request: SignedRequest, signature: bytes) -> BatchTaken:
    """Take a batch, the request's body, which its agent signed on its own too. When this returns it is on the disk.

    Batches of a location come one after the other. One that is there already is acknowledged, and nothing changes. One
    whose results cannot count is taken, flagged and told of by an alarm. Raises Refused; an agent that shows that two
    run under its key, or tells in another one's name, is suspended.
    """
    received, raw = hub.clock(), request.body
    with reading(hub.store.engine) as connection:
        agent = _agent(hub, connection, request, received)
        hub.must_know_the_time()
        head = _heading(raw)
        if head.location != agent.location:
            says = f"it sent a batch of `{head.location}`"
            _suspend(hub, agent, AlarmKind.FOREIGN, says, 0, received, "batch-foreign")
        digest = sha256(raw).digest()
        if not PublicKey(agent.key).verifies(signed_bytes(digest), signature):
            raise Refused([error("batch-damaged", Place("batch"), "it is not signed by its agent's key")])
        last = reached(connection, agent.location)
        there = digest_at(connection, agent.location, head.sequence) if head.sequence <= last.sequence else None
        if there == digest:
            return BatchTaken(received, hub.clock(), head.sequence, True, "", hub.store.head())
        if there is not None:
            _cloned(hub, agent, head, raw, there, received)
        lost = range(last.sequence + 1, head.sequence)
        if head.sequence <= last.sequence or (lost and head.sequence != agent.oldest):
            what, why = f"batch {head.sequence} does not follow batch {last.sequence}", "batches come in their order"
            raise Refused([error("batch-ahead", Place(f"batch {head.sequence}"), what, why, "ask for work")])
        if not lost and head.previous != last.digest:
            says = f"batch {head.sequence} goes on from another batch {last.sequence} than is here"
            _suspend(hub, agent, AlarmKind.CLONED, says, head.sequence, received)
        checks = roster_of(connection, head.roster)
        if checks is None:
            what, why = "its list of checks is not known here", "it is sent once, before the first batch that names it"
            raise Refused([error("list-unknown", Place(f"batch {head.sequence}"), what, why, "send the list")])
        if head.follows & WITH_FIGURES:
            what, why = "it has figures", "the hub alone measures, by signals"
            raise Refused([error("batch-damaged", Place(f"batch {head.sequence}"), what, why)])
        clocks = offsets(connection, Span(received - hub.rules.silent, received + hub.rules.window))
        # Should the hub's clock be behind the others', nothing that they tell is still to come.
        known = Known(received + max(0, agree(None, clocks, hub.rules.skew).ahead), agent, last)
        allowed = given_to(connection, agent.location)
    try:
        one = read_batch(raw, checks)
    except Damaged as wrong:
        raise Refused([error("batch-damaged", Place(f"batch {head.sequence}"), str(wrong))]) from None
    flag, alarms = weigh(one, known, allowed, lost, hub.rules)
    alarms = [replace(alarm, at=received) for alarm in alarms]
    try:
        taken = hub.ingest.take(Arrival(one, Sent(agent.key, signature, flag), tuple(alarms)))
    except Refused as refused:
        if refused.problems[0].code == "batch-exists":  # the other one came just now
            with reading(hub.store.engine) as connection:
                there = digest_at(connection, agent.location, head.sequence) or b""
            _cloned(hub, agent, head, raw, there, received)
        raise
    hub.paces.charge(agent.location, Paid.ALARMS, len(alarms) + bool(taken.contradicts), received)
    return BatchTaken(received, hub.clock(), head.sequence, taken.duplicate, flag, hub.store.head())


def _heading(raw: bytes) -> Heading:
    try:
        if len(raw) > MOST_BYTES:
            raise Damaged(f"a batch has up to {MOST_BYTES:,} bytes")
        return heading_of(raw)
    except Damaged as wrong:
        raise Refused([error("batch-damaged", Place("batch"), str(wrong))]) from None


def _agent(hub: Hub, connection: Connection, request: SignedRequest, now: Instant) -> Agent:
    """Who signed a request: an active agent of the location that it names, which pays for it. Raises Refused."""
    there = agents_at(connection, request.location)
    signers = [one for one in there if PublicKey(one.key).verifies(request.message, request.signature)]
    if not there:
        _NOBODY.verifies(request.message, request.signature)
    where = Place(request.location or "request")
    if not signers:
        what = "no agent that was enrolled here signed this request"
        hint = "enrol the agent: its location or its key is not known to this hub"
        raise Refused([error("agent-unknown", where, what, "", hint)])
    agent = signers[-1]
    if abs(request.date - now) > hub.rules.window:
        what, hint = "the request was signed at another time than now", "ask for the hub's clock, and sign again"
        raise Refused([error("agent-date", where, what, "a request that was overheard may not be sent again", hint)])
    hub.paces.must_not_owe(agent.location, now)
    hub.paces.charge(agent.location, Paid.REQUESTS, 1, now)
    hub.paces.charge(agent.location, Paid.BYTES, len(request.body), now)
    if agent.state is not State.ACTIVE:
        hint = f"find out why, then make a token for `{agent.location}` and enrol it anew"
        what = f"this agent is {agent.state.value}: {agent.why}"
        raise Refused([error(f"agent-{agent.state.value}", where, what, "", hint)])
    return agent


def _checks_at(hub: Hub, location: str) -> list[Check]:
    return sorted((check for check in hub.checks() if check.runs_at(location)), key=lambda check: check.name)


def _cloned(hub: Hub, agent: Agent, head: Heading, raw: bytes, there: bytes, now: Instant) -> NoReturn:
    """Two batches under one number: neither is chosen. The one that came first stays in the log, this one is kept
    beside it, and the agent is suspended."""
    mine = sha256(raw).hexdigest()
    says = f"two batches {head.sequence} are signed by its key: {there.hex()[:16]} is in the log, {mine[:16]} came"
    beside = [Document("batch-refused", f"{agent.location}/{head.sequence}/{mine[:16]}", raw)]
    _suspend(hub, agent, AlarmKind.CLONED, says, head.sequence, now, beside=beside)


def _again(agent: Agent) -> Refused:
    what, hint = "a later request for work came, or this one again", "ask again"
    return Refused([error("agent-again", Place(agent.location), what, "", hint)])


def _suspend(
    hub: Hub, agent: Agent, kind: AlarmKind, says: str, sequence: int, now: Instant, code: str = "agent-suspended",
    beside: Sequence[Document] = (), only: Also | None = None,
) -> NoReturn:  # fmt: skip
    """Suspend an agent, record why in the same transaction, and refuse what it asked; `only` may refuse before that."""

    def also(connection: Connection, positions: range) -> None:
        if only is not None:
            only(connection, positions)
        if not put_out(connection, agent.key, State.SUSPENDED, says):
            raise Refused(refused)  # another request did it meanwhile: once is enough

    hint = f"find out why, then make a token for `{agent.location}` and enrol it anew"
    refused = [error(code, Place(agent.location), f"this agent is suspended: {says}", "", hint)]
    alarm = Alarm(kind, now, agent.location, says, sequence)
    hub.store.append(Appended(agent.location, documents=[*beside, alarm.document()]), now, also)
    raise Refused(refused)


def _record(hub: Hub, agent: Agent, alarms: Sequence[Alarm], now: Instant, also: Also) -> None:
    """Record alarms with what goes with them; without any, that alone."""
    if alarms:
        documents = [one.document() for one in alarms]
        hub.store.append(Appended(agent.location, documents=documents), now, also)
        return
    with writing(hub.store.engine) as connection:
        also(connection, range(0))
