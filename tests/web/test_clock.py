"""A server whose machine's clock is set, or that does not know what time it is: what it does then, and what it says."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from makegood.app import hub_time
from makegood.app.hearing import make_address
from makegood.app.hub_clock import HubClock
from makegood.app.hub_time import begin_time
from makegood.app.roles import Role
from makegood.app.tokens import make_token
from makegood.model.checks import Check, HeartbeatProbe
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration
from makegood.probe.clocks import wall_clock
from makegood.store.alarms import AlarmKind, alarms
from makegood.store.folder import read_folder
from makegood.store.opened import Store, create, opened
from makegood.store.sql.store import Appended, Document
from tests.store.faults.conftest import TORTURE
from tests.web.asking import NOON, Desk, Hand, desk, serving

A_YEAR = 365 * DAY
EACH_MINUTE = Check("minutely", "web", HeartbeatProbe(grace=5 * SECOND), every=MINUTE)
A_FACT = b"""- standing: S-1
  order: acme
  span: from 2026-02-09T08:00:00Z
  state: paid
  recorded: 2026-02-09T08:00:00Z
  by: ops
"""


@dataclass
class Machine:
    """A machine with a hub, whose two clocks go as they are told."""

    wall: Hand
    steady: Hand
    time: HubClock
    desk: Desk
    secret: str

    def live(self, long: Duration) -> None:
        """Let time pass, in which the loops of the hub do what they do."""
        for _ in range(long // (5 * SECOND)):
            self.wall.now += 5 * SECOND
            self.steady.now += 5 * SECOND
            self.desk.loops.keep_time()
            self.desk.loops.attend()
            self.desk.loops.judge()

    @property
    def clock(self) -> str:
        conditions = self.desk.ask("GET", "/readyz").json["conditions"]
        assert isinstance(conditions, dict)
        return str(conditions["clock"])

    def heard(self) -> list[int]:
        found = read_folder(self.desk.store.folder, self.desk.store.size())[0].results.get(EACH_MINUTE.name)
        return [] if found is None else found.outcome.tolist()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create(tmp_path / "store")
    yield made
    made.engine.dispose()


@pytest.fixture
def machine(store: Store) -> Iterator[Machine]:
    wall, steady = Hand(), Hand(DAY)
    clock = HubClock(wall, steady, "this one")
    with desk(store, time=clock) as made:
        made.checks.append(EACH_MINUTE)
        _, secret = make_address(store, EACH_MINUTE.name, by="test", now=NOON)
        yield Machine(wall, steady, clock, made, secret)


@pytest.mark.parametrize("step", [HOUR, -HOUR, A_YEAR, -A_YEAR] if TORTURE else [-HOUR, A_YEAR])
def test_no_heartbeat_is_missed_and_none_is_late_when_the_wall_clock_is_set(machine: Machine, step: Duration) -> None:
    for minute in range(4):
        assert machine.desk.ask("GET", f"/ping/{machine.secret}").status == 200
        if minute == 1:
            machine.wall.now += step
        machine.live(MINUTE)
    machine.live(30 * SECOND)
    assert machine.heard() == [UP] * 4
    words = "1 h" if abs(step) == HOUR else "8,760 h"
    side = "ahead of" if step > 0 else "behind"
    assert machine.clock == f"the clock of this machine was set to {words} {side} the time; the hub goes on without it"
    scraper = machine.desk.token(Role.SCRAPER)
    told = machine.desk.ask("GET", "/metrics", scraper).body.decode()
    shown = re.search(r"^makegood_clock_apart_seconds (\S+)$", told, re.MULTILINE)
    assert shown is not None
    assert float(shown[1]) == step // SECOND
    assert "makegood_clock_trusted 1.0" in told
    machine.wall.now -= step
    machine.live(10 * SECOND)
    assert machine.clock == "ok"
    assert [one.kind for one in alarms(machine.desk.store)] == [AlarmKind.HUB_CLOCK] * 2


def test_a_hub_that_does_not_know_the_time_records_nothing_and_charges_nobody(machine: Machine) -> None:
    here, provider = machine.desk, machine.desk.token(Role.PROVIDER)
    here.ask("GET", f"/ping/{machine.secret}")
    machine.live(2 * MINUTE)
    here.store.append(Appended("ops", documents=[Document("note", "now", b"now")]), machine.time())
    machine.wall.now -= A_YEAR
    begin_time(here.store, machine.time, "this one")
    size = here.store.size()
    facts = {"headers": {"content-type": "application/yaml"}}
    refused = here.ask("POST", "/api/v1/facts", provider, A_FACT, **facts)
    assert (refused.status, refused.json["code"]) == (503, "hub-clock")
    assert "behind what the store has recorded" in str(refused.json["detail"])
    assert here.ask("GET", f"/ping/{machine.secret}").status == 503
    assert here.ask("GET", "/api/v1/facts", provider).status == 200
    assert here.ask("GET", "/").status == 200
    machine.live(3 * MINUTE)
    here.loops.watch()
    assert here.ask("GET", "/readyz").status == 503
    assert here.store.size() == size
    machine.wall.now += A_YEAR
    assert here.ask("GET", f"/ping/{machine.secret}").status == 200
    machine.live(2 * MINUTE)
    assert here.ask("GET", "/readyz").status == 200
    found = machine.heard()
    assert found[0] == UP
    assert found[2:4] == [UNKNOWN, UNKNOWN], "nobody was there to be told"


def test_an_operator_may_say_that_the_clock_is_right_and_need_not_say_it_again(tmp_path: Path) -> None:
    store = create(tmp_path / "kept")
    now = time.time_ns() // 1000
    store.append(Appended("ops", documents=[Document("note", "ahead", b"ahead")]), now + A_YEAR)
    _, token = make_token(store, Role.PROVIDER, "Ada", by="test", now=now)
    with serving(store.folder) as server:
        assert "behind what the store has recorded" in server.ask("GET", "/readyz").body.decode()
        assert server.ask("POST", "/api/v1/heartbeats", token, {"check": "nightly"}).status == 503
    with serving(store.folder, "--no-agent", "--trust-clock") as server:
        until = time.monotonic() + 20
        while server.ask("GET", "/readyz").status != 200 and time.monotonic() < until:
            time.sleep(0.1)
        assert server.ask("GET", "/readyz").json["conditions"] == {"database": "ok", "disk": "ok", "clock": "ok"}
    with opened(store.folder) as again:
        clock = HubClock()
        begin_time(again, clock, "this one")
        assert clock.doubt() == ""
    store.engine.dispose()


def test_a_hub_that_nobody_could_put_right_hears_heartbeats_again_when_its_clock_is(machine: Machine) -> None:
    here = machine.desk
    here.ask("GET", f"/ping/{machine.secret}")
    machine.live(2 * MINUTE + 20 * SECOND)
    machine.wall.now += A_YEAR
    begin_time(here.store, machine.time, "this one")
    assert here.hub.core.doubt() == "", "there is nobody to ask"
    here.ask("GET", f"/ping/{machine.secret}")
    machine.live(2 * MINUTE)
    assert machine.heard()[:3] == [UP, DOWN, UNKNOWN]
    assert len(machine.heard()) < 8, "the year in which nobody was there is as unseen without a word of each minute"
    before = len(machine.heard())
    machine.wall.now -= A_YEAR
    begin_time(here.store, machine.time, "this one", insist=True)
    for _ in range(4):
        here.ask("GET", f"/ping/{machine.secret}")
        machine.live(MINUTE)
    found = machine.heard()
    assert len(found) >= before + 3
    assert found[3:6].count(UP) >= 2
    assert {one.kind for one in alarms(here.store)} <= {AlarmKind.HUB_CLOCK}


@pytest.mark.parametrize(("url", "another"), [
    ("postgresql://makegood@db.example/kept", True), ("postgresql://makegood@10.0.0.7:5433/kept", True),
    ("postgresql://makegood@localhost/kept", False), ("postgresql:///kept?host=/run/postgresql", False),
    ("postgresql://makegood@127.0.0.1/kept", False), ("sqlite:///kept", False),
])  # fmt: skip
def test_a_database_is_asked_for_the_time_where_it_may_have_another_clock(url: str, another: bool) -> None:
    assert hub_time._elsewhere(create_engine(url.replace("postgresql:", "postgresql+psycopg:"))) is another


def test_a_database_says_whether_the_clock_of_a_server_that_was_away_is_right(
    either: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if either.engine.dialect.name == "sqlite":
        pytest.skip("it has no clock of its own")
    monkeypatch.setattr(hub_time, "_elsewhere", lambda _: True)
    for ahead, believed in ((HOUR, False), (0, True)):
        clock = HubClock(lambda ahead=ahead: wall_clock() + ahead)  # type: ignore[misc]
        clock.begin(wall_clock() - 10 * MINUTE, expected=True)
        hub_time.database_time(either.engine, clock)
        assert (clock.doubt() == "") is believed
