"""What an agent closed reaches its hub once and in order, whatever is lost, sent twice, killed or restored between."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.agent.clock import Clock
from makegood.agent.folder import Folder, Given, Identity
from makegood.agent.gathering import Gathering
from makegood.agent.spool import Spool
from makegood.agent.telling import Telling
from makegood.agent.transport import Answer, Away, Hub
from makegood.app.enrolling import new_token
from makegood.app.hub import Hub as RealHub
from makegood.evidence.batch import signed_bytes
from makegood.evidence.signing import SigningKey
from makegood.model.checks import Check
from makegood.model.results import Reason, Result
from makegood.model.spans import HOUR, MINUTE, SECOND
from makegood.store.alarms import alarms
from makegood.store.ingest import Ingest
from makegood.store.opened import Store, opened
from makegood.store.sql.batches import filed, gaps, held, rosters
from makegood.store.sql.database import reading
from tests.agent.loopback import answer
from tests.app.receiving.agents import CHECKS, Held, hub_at
from tests.engine.worlds import examples
from tests.store.batches import MIDNIGHT
from tests.store.faults.conftest import TORTURE


@dataclass
class Way:
    """The way to a hub, on which requests and answers are lost as told, and everything sent can be sent again."""

    hub: RealHub
    lost: list[str] = field(default_factory=list)
    """What befalls the next requests: `request` or `answer` is lost; anything else passes."""
    sent: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        fate = self.lost.pop(0) if self.lost else ""
        if fate == "request":
            raise Away("no way")
        request = method, path, {name.lower(): value for name, value in headers.items()}, body
        self.sent.append(request)
        found = self.deliver(request)
        if fate == "answer":
            raise Away("no way back")
        return found

    def deliver(self, request: tuple[str, str, dict[str, str], bytes]) -> Answer:
        status, said = answer(self.hub, *request)
        return Answer(status, json.dumps(said).encode())


@dataclass
class Same:
    """Gives one answer to everything."""

    answer: Answer

    async def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        del method, path, headers, body
        return self.answer


class Sim:
    """An agent without probes, over clocks that the test holds; it can be killed and started again."""

    def __init__(self, folder: Path, way: Way, clock: Held, ahead: int = 0) -> None:
        self.folder, self.way, self.time, self.ahead = Folder(folder), way, clock, ahead
        self.said = list[str]()
        folder.mkdir(exist_ok=True)
        self.key = self.folder.key(make=True)
        self.begin()

    def begin(self) -> None:
        self.spool = Spool(self.folder.spool)
        self.clock = Clock(lambda: self.time() + self.ahead, self.time, not_before=self.spool.closed)
        location = self.folder.identity().location if self.folder.enrolled else "iad"
        self.hub = Hub(self.way, self.clock, self.key, location)
        self.gathering = Gathering(5 * SECOND)
        given = self.folder.given()
        self.gathering.replace(given.checks)
        self.telling = Telling(
            self.hub, self.spool, self.folder, self.clock, "1.0", self.said.append, self.given, dict
        )  # fmt: skip
        self.telling.orders.etag = given.etag

    def given(self, given: Given) -> None:
        self.gathering.replace(given.checks)

    def enrol(self) -> None:
        token = new_token(self.way.hub.store, location="iad", operator="", by="ops", now=self.time())
        said = asyncio.run(self.hub.enrol(token, "", "1.0"))
        self.folder.keep_identity(Identity("http://hub", said["location"], said["operator"], said["log"]))
        self.spool.begin_at(said["sequence"], bytes.fromhex(said["digest"]))
        self.once()

    def kill(self) -> None:
        """Killed: what was not closed is gone."""
        self.spool.close()
        self.time.move(SECOND)
        self.begin()

    def once(self) -> bool:
        self.telling._asked = None
        return asyncio.run(self.telling.once())

    def find(self, check: Check, reason: Reason = Reason.OK) -> None:
        """A probe that began a second ago."""
        begun = self.clock.now() - SECOND
        self.gathering.add(check, Result(begun, reason, total=7), self.clock.now())

    def close(self) -> None:
        drafts = self.gathering.due(0, all_of_it=True)
        made, sequence, previous = [], self.spool.latest, self.spool.previous
        for draft in drafts:
            sequence += 1
            one = draft.batch("iad", sequence, previous, self.clock.now())
            previous = one.digest
            made.append((one, self.key.sign(signed_bytes(one.digest))))
        if made:
            self.spool.append(made)
            self.gathering.closed(drafts)


def bodies(store: Store) -> list[bytes]:
    with reading(store.engine) as connection:
        found = filed(connection)
        return [one.body for _, one in held(connection, found, rosters(connection, [f.roster for f in found]))]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("minute"), st.integers(0, 5), st.sampled_from([Reason.OK, Reason.STATUS, Reason.TIMEOUT])),
        st.tuples(st.just("tell"), st.lists(st.sampled_from(["", "", "request", "answer"]), max_size=4), st.none()),
        st.tuples(st.just("kill"), st.none(), st.none()),
        st.tuples(st.just("again"), st.integers(0, 50), st.none()),
    ),
    max_size=14,
)


@given(STEPS)
@examples(12)
def test_whatever_is_lost_delayed_killed_or_sent_again_the_hub_has_each_batch_once(
    steps: list[tuple[str, Any, Any]],
) -> None:
    with TemporaryDirectory() as name:
        clock = Held()
        with hub_at(Path(name) / "store", clock) as hub:
            sim = Sim(Path(name) / "agent", Way(hub), clock)
            sim.enrol()
            closed = list[bytes]()
            for step, what, reason in steps:
                match step:
                    case "minute":
                        clock.move(MINUTE)
                        for check in CHECKS[: 1 + what % 2]:
                            sim.find(check, reason)
                        if what < 4:
                            sim.close()
                    case "tell":
                        sim.way.lost = list(what)
                        sim.once()
                        sim.way.lost = []
                    case "kill":
                        sim.kill()
                    case "again" if sim.way.sent:
                        size = hub.store.size()
                        sim.way.deliver(sim.way.sent[what % len(sim.way.sent)])
                        assert hub.store.size() == size, "a request that was overheard changed something"
                closed = [one.body for one in sim.spool.after(0)]
            assert sim.once()
            assert bodies(hub.store) == closed
            with reading(hub.store.engine) as connection:
                assert gaps(connection) == {}
            assert alarms(hub.store) == []
            sim.spool.close()


@pytest.fixture
def clock() -> Held:
    return Held()


def test_a_hub_that_was_restored_is_sent_again_what_it_lost(tmp_path: Path, clock: Held) -> None:
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock)
        sim.enrol()
        minutes(sim, clock, 1, 3)
        assert sim.once()
    shutil.copytree(tmp_path / "store", tmp_path / "backup")
    with opened(tmp_path / "store") as store, Ingest(store, "hub", clock) as ingest:
        sim.way.hub = RealHub(store, ingest, clock, lambda: CHECKS)
        minutes(sim, clock, 4, 6)
        assert sim.once()
        everything = bodies(store)
        sim.once()
    with opened(tmp_path / "backup") as store, Ingest(store, "hub", clock) as ingest:
        sim.way.hub = RealHub(store, ingest, clock, lambda: CHECKS)
        minutes(sim, clock, 7, 8)
        sim.kill()
        assert sim.once()
        assert bodies(store)[: len(everything)] == everything
        assert len(bodies(store)) == len(everything) + 4
        assert [alarm.kind for alarm in alarms(store)] == ["restored"]
    assert any("it is sent again" in line for line in sim.said)
    assert any("it was restored from a backup" in line for line in sim.said)
    sim.spool.close()


def test_a_hub_that_was_away_for_long_is_told_everything(tmp_path: Path, clock: Held) -> None:
    away = 24 * 60 if TORTURE else 90
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock)
        sim.enrol()
        for minute in range(1, away + 1):
            minutes(sim, clock, minute, minute)
            if minute % 30 == 0:
                sim.way.lost = ["request"]
                assert not sim.once()
                sim.kill()
        assert sim.spool.latest == 2 * away
        assert bodies(hub.store) == []
        assert sim.once()
        assert bodies(hub.store) == [one.body for one in sim.spool.after(0)]
        assert alarms(hub.store) == []
        assert set(filed_flags(hub.store)) == {None}
        sim.spool.close()


def minutes(sim: Sim, clock: Held, first: int, last: int) -> None:
    for minute in range(first, last + 1):
        clock.now = MIDNIGHT + minute * MINUTE + 55 * SECOND
        for check in CHECKS:
            sim.find(check)
        sim.close()


def test_a_location_that_dropped_batches_says_so_and_goes_on(tmp_path: Path, clock: Held) -> None:
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock)
        sim.enrol()
        minutes(sim, clock, 1, 2)
        assert sim.once()
        sim.spool.room = 8_000
        minutes(sim, clock, 3, 40)
        lost = sim.spool.make_room(clock())
        assert lost
        assert sim.once()
        assert [(alarm.kind, alarm.sequence) for alarm in alarms(hub.store)] == [("lost", lost[-1] + 1)]
        assert len(bodies(hub.store)) == sim.spool.latest - len(lost)
        sim.spool.close()


@pytest.mark.parametrize("ahead", [-HOUR, HOUR, 365 * 24 * HOUR])
def test_an_agent_whose_clock_is_wrong_is_understood_and_not_trusted(tmp_path: Path, clock: Held, ahead: int) -> None:
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock, ahead)
        asyncio.run(sim.hub.look_at_clock())
        sim.enrol()
        sim.once()
        assert not trusted(sim)
        best = sim.clock.best
        assert best is not None
        assert abs(best.offset + ahead) < SECOND
        clock.move(MINUTE)
        sim.find(CHECKS[0])
        sim.close()
        sim.once()
        assert hub.store.size() > 0
        kinds = {alarm.kind.value for alarm in alarms(hub.store)}
        assert "skewed" in kinds
        sim.ahead = 0
        sim.clock.wall = lambda: clock()
        sim.once()
        assert sim.clock.now() == clock()
        sim.once()
        assert trusted(sim)
        clock.move(MINUTE)
        sim.find(CHECKS[0])
        sim.close()
        assert sim.once()
        counted = [one for one in filed_flags(hub.store) if one is None]
        assert len(counted) == 1
        sim.spool.close()


def test_an_agent_that_waited_for_the_time_says_when_it_is_known(tmp_path: Path, clock: Held) -> None:
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock)
        sim.enrol()
        sim.clock.trusted = False  # as it begins where nobody has found its clock right yet
        sim.once()
        sim.once()
        assert trusted(sim)
        assert sim.said.count("the hub has told the time: the wall clock is right") == 1
        sim.spool.close()


def trusted(sim: Sim) -> bool:
    assert sim.telling.orders.trusted is sim.clock.trusted
    return sim.clock.trusted


def filed_flags(store: Store) -> list[str | None]:
    from sqlalchemy import select

    from makegood.store.sql.tables import batch

    with reading(store.engine) as connection:
        return list(connection.execute(select(batch.c.flag).order_by(batch.c.position)).scalars())


def test_what_answers_and_is_no_hub_is_away_and_nothing_is_lost(tmp_path: Path, clock: Held) -> None:
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock)
        sim.enrol()
        minutes(sim, clock, 1, 2)

        for raw, status in [(b"<html>", 200), (b"[]", 200), (b"{}", 200), (b"x", 502), (b'{"code": "x"}', 500)]:
            sim.hub.send = Same(Answer(status, raw))
            assert not sim.once()
        assert any("the hub is away" in line for line in sim.said)
        sim.hub.send = sim.way
        assert sim.once()
        assert len(bodies(hub.store)) == 4
        sim.spool.close()


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("0", 1), ("", 5), ("Wed, 21 Oct 2015", 5), ("99999", 600)])
def test_an_agent_that_is_to_wait_waits_and_says_so_once(said: str, seconds: int, tmp_path: Path, clock: Held) -> None:
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock)
        sim.enrol()
        minutes(sim, clock, 1, 1)
        sim.hub.send = Same(Answer(429, b'{"code": "too-much", "title": "too many requests"}', said))
        for _ in range(2):
            assert not sim.once()
            assert sim.telling._wait == seconds * SECOND
        assert [line for line in sim.said if "slowly" in line] == [
            "the hub asks to be told more slowly: too many requests"
        ]
        sim.hub.send = sim.way
        assert sim.once()
        assert sim.telling._wait == 0
        sim.spool.close()


def test_an_agent_that_was_put_out_says_so_and_keeps_what_it_finds(tmp_path: Path, clock: Held) -> None:
    with hub_at(tmp_path / "store", clock) as hub:
        sim = Sim(tmp_path / "agent", Way(hub), clock)
        sim.enrol()
        other = Sim(tmp_path / "other", Way(hub), clock)
        assert other.key.public != SigningKey.from_seed(bytes(32)).public
        other.enrol()
        minutes(sim, clock, 1, 1)
        assert not sim.once()
        assert any("takes nothing from this agent: agent-revoked" in line for line in sim.said)
        assert sim.spool.latest == 2
        assert sim.telling._wait == 60 * SECOND
        sim.spool.close()
        other.spool.close()
