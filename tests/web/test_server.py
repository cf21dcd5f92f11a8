"""Real servers: killed under load, several on one store, beside commands, and with a location of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from makegood.app.hearing import make_address
from makegood.app.roles import Role
from makegood.app.tokens import make_token
from makegood.model.problem import Refused
from makegood.store.opened import Store, create
from makegood.store.serving import FILE, ServeLock, Serving, serving
from makegood.store.sql.database import reading
from makegood.store.sql.hub_tables import attendance, ping
from makegood.web.child import Own
from makegood.web.serving import Serve, _controlled, run
from tests.store.postgres import url_of
from tests.web.asking import NOON, PATIENCE, Server
from tests.web.asking import serving as server_at
from tests.web.test_knowledge import WORK

TORTURE = os.environ.get("HYPOTHESIS_PROFILE") == "torture"


def until(holds: object, what: str) -> None:
    """Wait until something holds."""
    assert callable(holds)
    end = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < end, what
        sleep(0.05)


def test_a_store_that_is_served_says_so_until_the_server_ends_however_it_ends(tmp_path: Path) -> None:
    store = create(tmp_path / "store")
    folder = store.folder
    assert serving(folder) is None
    with server_at(folder) as running:
        there = serving(folder)
        assert there is not None
        assert (there.pid, there.url) == (running.running.pid, running.url)
        assert (folder / FILE).stat().st_mode & 0o777 == 0o600
        assert there.token not in repr(there)
        assert running.ask("GET", "/api/v1/me", there.token).json["role"] == "administrator"
        assert running.ask("GET", "/api/v1/me", there.token + "x").status == 401
        with pytest.raises(Refused, match="another server is at work on this store"):
            run(Serve(folder, "127.0.0.1:0"))
        _import(tmp_path, folder)
        assert [one["id"] for one in running.ask("GET", "/api/v1/facts", there.token).json["facts"]] == ["w-1"]
        running.kill()
        assert (folder / FILE).read_text()  # what the dead one left behind means nothing
        assert serving(folder) is None
    with server_at(folder) as again:
        assert again.ask("GET", "/readyz").status == 200
        again.running.terminate()
        assert again.running.wait(PATIENCE) == 0
        assert serving(folder) is None
    store.engine.dispose()


def test_a_lock_whose_holder_has_said_nothing_yet_is_no_server_to_ask(tmp_path: Path) -> None:
    lock = ServeLock(tmp_path)
    assert lock.take()
    with pytest.raises(Refused, match="is starting"):
        serving(tmp_path)
    lock.say(Serving(1, "http://x", "secret", 0))
    assert serving(tmp_path) == Serving(1, "http://x", "secret", 0)
    other = ServeLock(tmp_path)
    assert not other.take(0)
    lock.leave()
    assert other.take(0)
    other.leave()


@pytest.mark.parametrize("after", [60, *(range(5, 400, 20) if TORTURE else ())])
def test_nothing_that_was_acknowledged_is_lost_when_the_server_is_killed_under_load(tmp_path: Path, after: int) -> None:
    """`after` so many pings were acknowledged."""
    store = create(tmp_path / "store")
    _, token = make_token(store, Role.PROVIDER, "provider", by="test", now=NOON)
    _, beat = make_address(store, "backup", by="test", now=NOON)
    facts, pings = list[str](), list[int]()
    killed = Event()

    def record(running: Server, worker: int) -> None:
        for n in range(1_000_000):
            if killed.is_set():
                return
            text = WORK.format(id=f"w-{worker}-{n}", service="web").encode()
            try:
                if _yaml(running.url, token, text) == 201:
                    facts.append(f"w-{worker}-{n}")
            except (OSError, HTTPException):
                assert killed.is_set()

    def beats(running: Server, worker: int) -> None:
        for n in range(1_000_000):
            if killed.is_set():
                return
            number = worker * 1_000_000 + n
            url = f"{running.url}/ping/{beat}?rid=00000000-0000-4000-8000-{number:012d}"
            try:
                with urlopen(url, timeout=PATIENCE) as got:
                    if got.status == 200:
                        pings.append(number)
            except (OSError, HTTPException):
                assert killed.is_set()

    with server_at(store.folder) as running, ThreadPoolExecutor(6) as threads:
        works = [threads.submit(record, running, n) for n in range(2)]
        works += [threads.submit(beats, running, n) for n in range(4)]
        try:
            until(lambda: len(pings) > after and len(facts) > after // 10, "the server is too slow")
        finally:
            killed.set()
            running.kill()
        for work in works:
            work.result()
    assert {one.id for one in store.facts()} >= set(facts)
    with reading(store.engine) as connection:
        kept = {int(run[-12:]) for run in connection.execute(select(ping.c.run)).scalars()}
    assert kept >= set(pings)
    store.engine.dispose()


def _yaml(url: str, token: str, text: bytes) -> int:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/yaml"}
    with urlopen(Request(f"{url}/api/v1/facts", text, headers), timeout=PATIENCE) as got:
        return int(got.status)


def _import(tmp_path: Path, folder: Path) -> None:
    """Record a fact by a command."""
    (tmp_path / "w.facts.yaml").write_text(WORK.format(id="w-1", service="web"))
    command = [sys.executable, "-m", "makegood", "import", str(tmp_path / "w.facts.yaml"), "--into", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def test_servers_of_one_store_in_postgresql_share_work_and_one_of_them_may_die(postgres: str, tmp_path: Path) -> None:
    store = create(tmp_path / "store", url_of(postgres, "hubs"))
    with server_at(store.folder) as one, server_at(store.folder) as other:
        assert one.setup_token != other.setup_token  # each of them makes the first administrator, once
        said = {"token": one.setup_token, "title": "Ada"}
        token = other.ask("POST", "/api/v1/setup", body=said).json["token"]
        assert one.ask("POST", "/api/v1/setup", body={"token": other.setup_token, "title": "Eve"}).status == 401
        assert _yaml(one.url, token, WORK.format(id="w-1", service="web").encode()) == 201
        assert other.ask("GET", "/api/v1/head", token).json["head"]["size"] == 1
        assert _processes(store) == 2
        first = serving(store.folder)
        assert first is not None
        alive = other if first.pid == one.running.pid else one
        (one if alive is other else other).kill()
        until(lambda: (now := serving(store.folder)) and now.url == alive.url, "nobody took the lock over")
        assert _yaml(alive.url, token, WORK.format(id="w-2", service="web").encode()) == 201
    store.engine.dispose()


def _processes(store: Store) -> int:
    with reading(store.engine) as connection:
        return len(set(connection.execute(select(attendance.c.process)).scalars()))


def test_a_location_is_enrolled_beside_the_hub_and_ends_with_it(tmp_path: Path) -> None:
    store = create(tmp_path / "store")

    def children(of: int) -> list[int]:
        found = Path(f"/proc/{of}/task/{of}/children").read_text().split()
        return [int(pid) for pid in found]

    (store.folder / "serve.toml").write_text('[location]\ncontrol = ["127.0.0.1:9"]\n')
    with server_at(store.folder, "--location", "here", "--refuse", "10.0.0.0/8") as running:
        local = serving(store.folder)
        assert local is not None

        def locations() -> list[str]:
            return [one["location"] for one in running.ask("GET", "/api/v1/locations", local.token).json]

        until(lambda: locations() == ["here"], "nothing was enrolled")
        (child,) = children(running.running.pid)
        command = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        assert command[command.index("--control") + 1] == "127.0.0.1:9"
        assert command[command.index("--refuse") + 1] == "10.0.0.0/8"
        subprocess.run(["kill", "-9", str(child)], check=True)
        until(lambda: children(running.running.pid) not in ([], [child]), "it was not started again")
        (child,) = children(running.running.pid)
        running.kill()
        until(lambda: not Path(f"/proc/{child}").exists(), "the location outlives the hub")
    assert len(list((store.folder / "agent").iterdir())) > 0
    store.engine.dispose()


def test_what_is_no_network_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="`here` is no network"):
        run(Serve(tmp_path / "nowhere", allow=("here",)))


@pytest.mark.parametrize(
    ("folder", "listen", "says"),
    [
        ("nothing", "127.0.0.1:0", "there is no such folder"),
        ("store", "8080", "is no place to listen"),
        ("store", "127.0.0.1:99999", "is no place to listen"),
        ("store", "192.0.2.1:80", "nobody can listen on 192.0.2.1:80"),
    ],
)
def test_folders_and_places_that_cannot_be_served_are_said(tmp_path: Path, folder: str, listen: str, says: str) -> None:
    create(tmp_path / "store").engine.dispose()
    with pytest.raises(Refused, match=says):
        run(Serve(tmp_path / folder, listen))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Serve(Path("store"), url="status.example.com"), "no address of a server"),
        (Serve(Path("store"), url="https://user:secret@status.example.com"), "no address of a server"),
        (Serve(Path("store"), own=Own("Frankfurt 1")), "no name for a location"),
        (Serve(Path("store"), own=Own("hub")), "no name for a location"),
        (Serve(Path("store"), own=Own(control=("a:1", "nowhere"))), "`nowhere` is no control probe"),
    ],
)
def test_what_cannot_be_asked_of_a_server_is_said_before_anything_is_opened(asked: Serve, says: str) -> None:
    with pytest.raises(Refused, match=says):
        run(asked)


@pytest.mark.parametrize("control", [(), ("https://example.com/",)])
def test_a_location_without_a_control_place_is_told_of(control: tuple[str, ...]) -> None:
    with capture_logs() as told:
        own = _controlled(Own(), control)
    assert own is not None
    assert own.control == control
    assert [line["event"] for line in told] == ([] if control else ["no control place"])
    assert all("serve.toml" in line["hint"] for line in told)
    assert _controlled(None, control) is None
