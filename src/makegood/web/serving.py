"""A server's life: the store opened, the lock taken, requests answered, the loops run, and all of it ended in order."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from makegood import __version__
from makegood.app.alerts_in_force import Current
from makegood.app.configured import Configured
from makegood.app.delivering import context_for
from makegood.app.hearing import Hearing
from makegood.app.hub import Hub
from makegood.app.hub_clock import HubClock
from makegood.app.hub_time import begin_time
from makegood.app.secrets import secrets_of
from makegood.app.serve_settings import PageSettings, read_settings
from makegood.app.shown import Shown
from makegood.app.status import Live
from makegood.app.tokens import secret, setup_token
from makegood.door.policy import PUBLIC, Policy, policy_of
from makegood.evidence.requests import NAME
from makegood.model.checks import HUB
from makegood.model.problem import Place, Refused, error
from makegood.probe.clocks import this_machine, wall_clock
from makegood.probe.places import control_check
from makegood.store.attendance import Attendance
from makegood.store.ingest import Ingest
from makegood.store.opened import Store, opened
from makegood.store.serving import ServeLock, Serving
from makegood.store.sql.pen import lending
from makegood.web.application import create_app
from makegood.web.child import Own, child_agent
from makegood.web.front import Front
from makegood.web.health import Health, WhileWritten
from makegood.web.hub import WebHub
from makegood.web.logs import Format, logger, set_up_logs
from makegood.web.loops import Loops
from makegood.web.metrics import Metrics
from makegood.web.page import Page
from makegood.web.tracing import tracing

if TYPE_CHECKING:
    from granian.server.embed import Server

BACKLOG = 1024
GRACE = 5
"""Seconds that requests have to end when the server stops."""


@dataclass(frozen=True)
class Serve:
    """What is to be served, and where."""

    folder: Path
    listen: str = "127.0.0.1:8080"
    url: str = ""
    own: Own | None = None
    allow: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    logs: Format = "auto"
    trust_clock: bool = False


def run(asked: Serve) -> None:
    """Serve until a signal ends it. Raises Refused where it cannot begin."""
    _check(asked)
    set_up_logs(asked.logs)
    policy = policy_of(asked.allow, asked.refuse)
    with ExitStack() as left:
        listening = left.enter_context(_listening(asked.listen))
        store = left.enter_context(opened(asked.folder))
        url = asked.url.rstrip("/") or _url(listening)
        lock, local = _lock(asked, store, url, left)
        machine = this_machine()
        clock = HubClock(machine=machine)
        begin_time(store, clock, machine, asked.trust_clock)
        ingest = left.enter_context(Ingest(store, "makegood", clock))
        settings = read_settings(asked.folder)
        page = settings.page
        configured = Configured(store)
        configured.refresh()
        core = Hub(store, ingest, clock, configured.checks)
        hub, loops = assemble(core, configured, url, local, Shown(store, configured, page), page.title, policy)
        left.callback(hub.hearing.close)
        loops.lock = lock
        _greet(hub)
        own = _controlled(asked.own, settings.control)
        asyncio.run(_serve(hub, loops, listening, own))


def _check(asked: Serve) -> None:
    """Raises Refused for what cannot be asked, before anything is opened."""
    if asked.url and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", asked.url):
        hint = "write it as in a browser: https://status.example.com"
        raise Refused([error("listen", Place("--url"), f"`{asked.url}` is no address of a server", "", hint)])
    if asked.own is not None and (not NAME.fullmatch(asked.own.location) or asked.own.location == HUB):
        hint = "up to 63 lower-case letters, digits, and . _ - between them, such as fra-1"
        what = f"`{asked.own.location}` is no name for a location"
        raise Refused([error("location-name", Place("--location"), what, "", hint)])
    for place in asked.own.control if asked.own is not None else ():
        control_check(place)


def _controlled(own: Own | None, control: Sequence[str]) -> Own | None:
    """The location of this machine, with the control places of the settings too."""
    if own is None:
        return None
    found = replace(own, control=tuple(dict.fromkeys((*own.control, *control))))
    if not found.control:
        hint = "name some: --control https://example.com, or `control` under [location] in serve.toml"
        what = "the location here has no control place: when the line of this machine breaks, that is an outage to it"
        logger().warning("no control place", what=what, hint=hint)
    return found


def assemble(
    core: Hub,
    configured: Configured,
    url: str,
    local: str,
    live: Live,
    title: str = PageSettings.title,
    policy: Policy = PUBLIC,
) -> tuple[WebHub, Loops]:
    """A hub over an open store, and the loops that belong to it; nothing runs yet but the thread that takes pings."""
    from makegood.render.status_page import status_page

    store, clock = core.store, core.clock
    health = Health(store, clock)
    live = WhileWritten(live, health)
    metrics = Metrics(store, lambda: (live.services(), clock()), configured.checks, clock)
    page = Page(lambda services: status_page(services, title))
    hub = WebHub(core, configured, url, local, live, Hearing(store), health, metrics, page, Current(store))
    process = f"{socket.gethostname()}/{os.getpid()}/{token_hex(4)}"
    context = context_for(store, policy, secrets_of(os.environ), clock)
    return hub, Loops(hub, Attendance(store.engine, process, clock), process, context)


def _lock(asked: Serve, store: Store, url: str, left: ExitStack) -> tuple[tuple[ServeLock, Serving], str]:
    """The lock of the folder: with SQLite it must be had, with PostgreSQL others may serve too.

    With SQLite the right to write is lent from here on to the commands that run beside the server.
    """
    local, _ = secret("local")
    lock = ServeLock(asked.folder)
    left.callback(lock.leave)
    told = Serving(os.getpid(), url, local, wall_clock())
    if lock.take():
        lock.say(told)
    elif store.engine.dialect.name == "sqlite":
        hint = "stop that one first; several servers of one store need PostgreSQL"
        raise Refused([error("served", Place(str(asked.folder)), "another server is at work on this store", "", hint)])
    if store.engine.dialect.name == "sqlite":
        left.enter_context(lending(store.engine.url.database or ""))
    return (lock, told), local


def _greet(hub: WebHub) -> None:
    logger().info("serving", version=__version__, url=hub.url, log=hub.store.log)
    said = setup_token(hub.store, hub.clock())
    if said:  # to the terminal alone, never to a log that is kept
        body = f'{{"token": "{said}", "title": "Your Name"}}'
        print(f"Nobody administers this hub yet. This makes the first administrator's token, once:\n\n"
              f"  curl -X POST {hub.url}/api/v1/setup -H 'Content-Type: application/json' -d '{body}'\n")  # fmt: skip
        sys.stdout.flush()


def _listening(listen: str) -> socket.socket:
    """A socket that listens. Raises Refused where the address is none or is taken."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > 65_535:
        hint = "write an address and a port, as in 127.0.0.1:8080 or [::1]:8080"
        raise Refused([error("listen", Place("--listen"), f"`{listen}` is no place to listen", "", hint)])
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, address = found[0]
        made = socket.socket(family, kind, proto)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(BACKLOG)
            made.setblocking(False)
        except OSError:
            made.close()
            raise
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise Refused([error("listen", Place("--listen"), f"nobody can listen on {listen}", why)]) from None
    return made


def _url(listening: socket.socket, here: bool = False) -> str:
    """The address of a socket, for others or for this machine."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = ("127.0.0.1" if host == "0.0.0.0" else "::1") if here else socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _serve(hub: WebHub, loops: Loops, listening: socket.socket, own: Own | None) -> None:
    reach = _url(listening, here=True)
    server = server_of(Front(create_app(hub), hub, tracing()), listening)
    ended = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        running.add_signal_handler(number, ended.set)
    answering = asyncio.create_task(server.serve())
    answering.add_done_callback(lambda _: ended.set())
    works = [asyncio.create_task(one) for one in loops.all()]
    if own is not None:
        works.append(asyncio.create_task(loops.always("location", lambda: child_agent(hub, own, reach))))
    for work in works:
        work.add_done_callback(_report)
    await ended.wait()
    logger().info("stopping")
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    server.stop()  # type: ignore[no-untyped-call]
    with suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(answering, GRACE + 1)
    loops.close()


def _report(work: asyncio.Task[Any]) -> None:
    if not work.cancelled() and (fault := work.exception()) is not None:
        logger().error("a loop ended", kind=type(fault).__name__)


def server_of(app: Front, listening: socket.socket) -> Server:
    """What answers by an application on a socket that listens, which it owns from here on."""
    from granian import net
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    held: Any = net.SocketHolder  # type: ignore[attr-defined]
    owned = listening.detach()  # closed by whoever holds it from here on

    class Ours(Server):
        """A server on a socket that listens already: so a port that is taken is told, and 0 is a free one."""

        def _init_shared_socket(self) -> None:
            self._ssp: Any = None
            self._shd: Any = held(owned, False, BACKLOG)
            self._sfd: Any = owned

    settings = HTTP1Settings(header_read_timeout=10_000, keep_alive=True)
    made = Ours(app, interface=Interfaces.ASGINL, http1_settings=settings, websockets=False, log_enabled=False)
    made.workers_kill_timeout = GRACE
    return made
