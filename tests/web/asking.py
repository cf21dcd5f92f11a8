"""A hub in this process, and requests to it without a network; and real servers, for what needs one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from makegood.app.configured import Configured
from makegood.app.hub import Hub
from makegood.app.roles import Role
from makegood.app.status import Live
from makegood.app.tokens import make_token
from makegood.model.checks import Check
from makegood.model.spans import Instant
from makegood.model.status import ServiceStatus
from makegood.store.ingest import Ingest
from makegood.store.opened import Store
from makegood.web.application import create_app
from makegood.web.front import Front
from makegood.web.hub import WebHub
from makegood.web.loops import Loops
from makegood.web.serving import assemble

NOON: Instant = 1_772_366_400_000_000  # 2026-03-01T12:00:00Z
LOCAL = "local_for_tests"
PATIENCE = 60.0


@dataclass
class Hand:
    """A clock that goes as it is told."""

    now: Instant = NOON

    def __call__(self) -> Instant:
        return self.now


@dataclass
class Fixed:
    """Services that stay as they are given."""

    shown: tuple[ServiceStatus, ...] = ()

    def refresh(self, now: Instant) -> None:
        pass

    def study(self, now: Instant) -> None:
        pass

    def services(self) -> Sequence[ServiceStatus]:
        return self.shown

    def public(self) -> Sequence[ServiceStatus]:
        return self.shown


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass
class Desk:
    """A hub, its clock, and requests to it."""

    hub: WebHub
    loops: Loops
    clock: Hand
    checks: list[Check] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.front = Front(create_app(self.hub), self.hub)

    @property
    def store(self) -> Store:
        return self.hub.store

    def token(self, role: Role, of: str = "") -> str:
        return make_token(self.store, role, f"a {role}", by="test", now=self.clock.now, of=of)[1]

    def ask(
        self, method: str, path: str, token: str = "", body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        return self.ask_all([(method, path, token, body, headers or {})])[0]

    def ask_all(self, some: Sequence[tuple[str, str, str, object, dict[str, str]]]) -> list[Answer]:
        """The answers to requests that are all asked at once."""

        async def all_of_them() -> list[Answer]:
            return list(await asyncio.gather(*(asked(self.front, *one) for one in some)))

        return asyncio.run(all_of_them())


async def asked(
    app: Any, method: str, path: str, token: str = "", body: object = None, headers: dict[str, str] | None = None
) -> Answer:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    said = {"content-type": "application/json"} if body is not None and not isinstance(body, bytes) else {}
    said |= {"authorization": f"Bearer {token}"} if token else {}
    said |= headers or {}
    where, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": where, "raw_path": where.encode(), "query_string": query.encode(),
        "headers": [(k.encode(), v.encode()) for k, v in said.items()], "client": ("192.0.2.1", 4711),
        "server": ("hub.example", 80), "scheme": "http", "http_version": "1.1", "root_path": "",
        "asgi": {"version": "3.0"},
    }  # fmt: skip
    parts = [{"type": "http.request", "body": raw, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        if parts:
            return parts.pop(0)
        return await asyncio.Event().wait()

    async def send(part: Any) -> None:
        sent.append(part)

    await app(scope, receive, send)
    found = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))


@contextmanager
def desk(store: Store, live: Live | None = None, time: Callable[[], Instant] | None = None) -> Iterator[Desk]:
    """A hub that goes by a clock of its own, or by the `time` that is given."""
    clock, checks = Hand(), list[Check]()
    with Ingest(store, "makegood", time or clock) as ingest:
        core = Hub(store, ingest, time or clock, lambda: checks)
        hub, loops = assemble(core, Configured(store), "https://hub.example", LOCAL, live or Fixed())
        try:
            yield Desk(hub, loops, clock, checks)
        finally:
            hub.hearing.close()


@dataclass
class Server:
    """A server in a process of its own."""

    running: subprocess.Popen[bytes]
    url: str
    folder: Path
    printed: str

    def ask(self, method: str, path: str, token: str = "", body: object = None) -> Answer:
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"content-type": "application/json"} if raw is not None else {}
        request = Request(self.url + path, raw, headers, method=method)
        try:
            with urlopen(request, timeout=PATIENCE) as got:
                return Answer(got.status, {k.lower(): v for k, v in got.headers.items()}, got.read())
        except HTTPError as wrong:
            with wrong:
                return Answer(wrong.code, {k.lower(): v for k, v in wrong.headers.items()}, wrong.read())

    @property
    def setup_token(self) -> str:
        found = re.search(r"setup_[a-z0-9_]+", self.printed)
        return found[0] if found else ""

    def kill(self) -> None:
        self.running.send_signal(signal.SIGKILL)
        self.running.wait(PATIENCE)


@contextmanager
def serving(folder: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """A real server on a free port, without a location, until the end."""
    out, err = folder.with_name(f"{folder.name}.out"), folder.with_name(f"{folder.name}.err")
    command = [sys.executable, "-m", "makegood", "serve", str(folder), "--listen", "127.0.0.1:0", "--logs", "json"]
    command += options or ["--no-agent"]
    with out.open("wb") as to_out, err.open("wb") as to_err:
        there = {**os.environ, **(environment or {})}
        running = subprocess.Popen(command, stdout=to_out, stderr=to_err, env=there, stdin=subprocess.DEVNULL)
    try:
        url = _url(running, err)
        yield Server(running, url, folder, out.read_text())
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait(PATIENCE)


def _url(running: subprocess.Popen[bytes], err: Path) -> str:
    until = monotonic() + PATIENCE
    while monotonic() < until:
        lines = [json.loads(line) for line in err.read_text().splitlines() if line.startswith("{")]
        url = next((line["url"] for line in lines if line["event"] == "serving"), "")
        if running.poll() is not None:
            raise RuntimeError(f"the server ended with {running.returncode}: {err.read_text()}")
        if url:
            try:
                with urlopen(f"{url}/healthz", timeout=1):
                    return str(url)
            except OSError:
                pass
        sleep(0.05)
    raise RuntimeError("the server did not start")
