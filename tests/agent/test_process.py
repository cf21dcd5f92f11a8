"""A real agent: a process that probes a real service, tells a real hub, is killed, and goes on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select

from makegood.app.enrolling import new_token
from makegood.app.hub import Hub, Rules
from makegood.evidence.batch import RowBatch
from makegood.model.checks import Check, HttpProbe
from makegood.model.results import Reason
from makegood.model.spans import SECOND
from makegood.probe.clocks import wall_clock
from makegood.store.alarms import alarms
from makegood.store.checking import check as look_at
from makegood.store.ingest import Ingest
from makegood.store.opened import create
from makegood.store.sql.batches import filed, gaps, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.tables import document
from tests.agent.loopback import serving

PATIENCE = 30.0
RULES = Rules(close_every=SECOND // 2, ask_every=SECOND // 2)


@dataclass
class World:
    """A service, a hub, and the folders of agents."""

    folder: Path
    hub: Hub
    port: int
    service: list[int]
    there: list[bool] = field(default_factory=lambda: [True])
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def agent(self, folder: str = "agent", token: str = "", *more: str) -> subprocess.Popen[bytes]:
        """Start one; with a token it is enrolled first."""
        command = [sys.executable, "-m", "makegood", "agent", "--folder", str(self.folder / folder)]
        command += ["--allow", "127.0.0.0/8", *more]
        if token:
            command += ["--hub", f"http://127.0.0.1:{self.port}", "--enrol", token]
        said = self.folder / f"said-{len(self.running)}"
        with said.open("wb") as out:
            made = subprocess.Popen(command, stderr=out)
        self.running.append(made)
        return made

    def token(self, location: str = "iad") -> str:
        return new_token(self.hub.store, location=location, operator="", by="ops", now=self.hub.clock())

    def results(self) -> list[RowBatch]:
        with reading(self.hub.store.engine) as connection:
            found = filed(connection)
            lists = rosters(connection, [one.roster for one in found])
            return [one for _, one in held(connection, found, lists) if isinstance(one, RowBatch)]

    def outcomes(self) -> list[int]:
        return [outcome for one in self.results() for outcome in one.outcome.tolist()]

    def wait(self, until: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > end:
                said = [self.said(one) for one in self.running]
                raise AssertionError(f"not within {PATIENCE} s: {what}; agents said: {said}")
            time.sleep(0.05)

    def ended(self, one: subprocess.Popen[bytes], how: signal.Signals) -> str:
        one.send_signal(how)
        return self.end_of(one)

    def end_of(self, one: subprocess.Popen[bytes]) -> str:
        """Wait until an agent has ended; what it had said."""
        one.wait(PATIENCE)
        return self.said(one)

    def said(self, one: subprocess.Popen[bytes]) -> str:
        return (self.folder / f"said-{self.running.index(one)}").read_text(encoding="utf-8")


@contextmanager
def _service(status: list[int]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        status = [200]
        target = stack.enter_context(_service(status))
        checks = tuple(
            Check(f"check-{n}", "web", HttpProbe(f"http://127.0.0.1:{target}/{n}"), SECOND, SECOND) for n in range(3)
        )
        store = create(tmp_path / "store")
        stack.callback(store.engine.dispose)
        ingest = stack.enter_context(Ingest(store, "hub", wall_clock))
        hub = Hub(store, ingest, wall_clock, lambda: checks, RULES)
        there = [True]
        port = stack.enter_context(serving(lambda: hub if there[0] else None))
        made = World(tmp_path, hub, port, status, there)
        yield made
        for one in made.running:
            if one.poll() is None:
                one.kill()
                one.wait()


def slots(batches: Sequence[RowBatch]) -> list[tuple[str, int]]:
    return [
        (b.checks[c], t // b.every) for b in batches for c, t in zip(b.check.tolist(), b.begun.tolist(), strict=True)
    ]


def test_an_agent_probes_tells_is_killed_goes_on_and_stops(world: World) -> None:
    first = world.agent("agent", world.token())
    world.wait(lambda: world.outcomes().count(0) >= 6, "the first results")
    world.service[0] = 503
    world.wait(lambda: world.outcomes().count(1) >= 3, "the service is found down")
    world.ended(first, signal.SIGKILL)
    world.service[0] = 200
    before = len(world.results())
    second = world.agent()
    world.wait(lambda: len(world.results()) > before + 2, "it goes on after the kill")
    world.there[0] = False
    seen = len(world.results())
    time.sleep(1.5)
    world.there[0] = True
    world.wait(lambda: len(world.results()) > seen + 2, "what was found while the hub was away")
    said = world.ended(second, signal.SIGTERM)
    assert second.returncode == 0, said
    assert "the hub is away" in said
    assert said.rstrip().endswith("stopped")
    found = world.results()
    assert [one.sequence for one in found] == list(range(1, len(found) + 1))
    assert [one.previous for one in found[1:]] == [one.digest for one in found[:-1]]
    assert len(slots(found)) == len(set(slots(found))), "a slot was told of twice"
    reasons = {r for one in found if one.details is not None for r in one.details.reason.tolist()}
    assert reasons <= {Reason.OK, Reason.STATUS, Reason.STOPPED}
    statuses = {s for one in found if one.details is not None for s in one.details.status.tolist()}
    assert {200, 503} <= statuses
    with reading(world.hub.store.engine) as connection:
        assert gaps(connection) == {}
    assert alarms(world.hub.store) == []
    assert look_at(world.hub.store).problems == []
    oldest = min(slot for _, slot in slots(found))
    told = {slot for name, slot in slots(found) if name == "check-0"}
    newest = max(told)
    missed = sorted(set(range(oldest, newest + 1)) - told)
    assert len(missed) <= 6, f"slots were lost beyond those of the kill: {missed}"


def test_two_agents_of_one_folder_are_found_out(world: World) -> None:
    first = world.agent("agent", world.token())
    world.wait(lambda: len(world.results()) >= 2, "the first results")
    world.ended(first, signal.SIGTERM)
    shutil.copytree(world.folder / "agent", world.folder / "clone")
    one, two = world.agent("agent"), world.agent("clone")
    world.wait(lambda: bool(alarms(world.hub.store)), "the clone is found")
    assert [alarm.kind for alarm in alarms(world.hub.store)] == ["cloned"]
    world.wait(lambda: all("suspended" in world.said(each) for each in (one, two)), "both hear of it")
    count = len(world.results())
    time.sleep(1.0)  # in which nothing of theirs counts
    said = world.ended(one, signal.SIGTERM), world.ended(two, signal.SIGTERM)
    assert all("suspended" in text for text in said), said
    assert len(world.results()) == count
    with reading(world.hub.store.engine) as connection:
        kinds = connection.execute(select(document.c.kind)).scalars().all()
    assert "alarm" in kinds


def test_a_folder_is_for_one_process_at_a_time(world: World) -> None:
    first = world.agent("agent", world.token())
    world.wait(lambda: len(world.results()) >= 1, "the first results")
    second = world.agent()
    said = world.end_of(second)
    assert second.returncode == 1
    assert "an agent is running in this folder" in said
    world.ended(first, signal.SIGTERM)


def test_a_token_that_was_used_enrols_nobody(world: World) -> None:
    token = world.token()
    first = world.agent("agent", token)
    world.wait(lambda: (world.folder / "agent" / "agent.json").is_file(), "it is enrolled")
    second = world.agent("other", token)
    said = world.end_of(second)
    assert second.returncode == 1
    assert "this token enrols nobody" in said
    world.ended(first, signal.SIGTERM)
    again = world.agent("agent", token)
    world.wait(lambda: "enrolled already" in world.said(again), "it just runs")
    world.ended(again, signal.SIGTERM)
