"""Goal E: the public page per CPU-second of the server, packed and unchanged, beside nginx with the same bytes.

Both servers answer the same client in turns, and what is counted is the processor time that each of them took.
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic, sleep

from benchmarks.timing import Measured, in_turns
from makegood.app.configured import Configured
from makegood.app.hub import Hub
from makegood.model.spans import DAY, HOUR, MINUTE
from makegood.model.status import Day, DayKind, ServiceStatus, State, ToldOutage
from makegood.render.status_page import status_page

SERVICES, CONNECTIONS, SECONDS = 12, 64, 4.0
NOON = 1_772_366_400_000_000
TICKS = os.sysconf("SC_CLK_TCK")
HERE = Path(__file__).parent


def services() -> tuple[ServiceStatus, ...]:
    """A dozen services with 90 days and some outages each."""
    made = []
    for n in range(SERVICES):
        kinds = {7 * n % 90: DayKind.DOWN, (31 * n + 5) % 90: DayKind.EXCUSED, (17 * n + 50) % 90: DayKind.UNKNOWN}
        days = tuple(
            Day(date(2026, 3, 1) - timedelta(days=89 - k), kinds.get(k, DayKind.UP)) for k in range(90)
        )  # fmt: skip
        outages = tuple(
            ToldOutage(NOON - k * 9 * DAY - n * HOUR, NOON - k * 9 * DAY - n * HOUR + 47 * MINUTE) for k in range(1, 4)
        )
        made.append(ServiceStatus(f"s{n}", f"Service {n}", State.UP, None, days, outages))
    return tuple(made)


def run() -> Iterable[Measured]:
    """Render the page, then ask both servers for it."""
    shown = services()
    (text, seconds), (packed, squeezing) = in_turns([lambda: status_page(shown), lambda: _packed(shown)], 9)
    size = f"{SERVICES} services, 90 days, {len(packed):,} bytes packed"
    yield Measured("the page is made", size, seconds, f"{0.002 / seconds:.1f} of the limit of 2 ms")
    yield Measured("the same, and packed", size, squeezing)
    with _ours() as (port, pid), _nginx(text) as (other, others):
        for what, header in (
            ("gzip", "Accept-Encoding: gzip"), ("unchanged (304)", "If-None-Match: {tag}"),
        ):  # fmt: skip
            here, there = (header.format(tag=_tag(at)) for at in (port, other))
            ours, its = [], []
            for _ in range(3):
                ours.append(asyncio.run(_load(port, here, lambda: _cpu(pid))))
                its.append(asyncio.run(_load(other, there, lambda: _cpu(*others))))
            mine, nginx = max(ours), max(its)
            yield Measured(
                f"a page, {what}", f"{CONNECTIONS} connections", 1 / mine,
                f"{mine:,.0f} a CPU-second, {mine / nginx:.2f} of nginx ({nginx:,.0f})",
            )  # fmt: skip


def _packed(shown: tuple[ServiceStatus, ...]) -> bytes:
    return gzip.compress(status_page(shown).encode(), 9)


@contextmanager
def _ours() -> Iterator[tuple[int, int]]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    """The product's own server, in front of a hub over a new store, with the services above."""
    from makegood.probe.clocks import wall_clock
    from makegood.store.ingest import Ingest
    from makegood.store.opened import create
    from makegood.web.application import create_app
    from makegood.web.front import Front
    from makegood.web.serving import assemble, server_of

    class Fixed:
        def refresh(self, now: int) -> None:
            """Nothing is new."""

        study = refresh

        def services(self) -> tuple[ServiceStatus, ...]:
            return services()

        public = services

    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "store")
        with Ingest(store, "bench", wall_clock) as ingest:
            hub, loops = assemble(Hub(store, ingest, wall_clock, tuple), Configured(store), "", "none", Fixed())
            loops.look()
            listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
            listening.setblocking(False)
            port = listening.getsockname()[1]

            async def serve() -> None:
                answering = asyncio.create_task(server_of(Front(create_app(hub), hub), listening).serve())
                await asyncio.sleep(0.5)
                told.send(port)
                await answering

            asyncio.run(serve())


@contextmanager
def _nginx(text: str) -> Iterator[tuple[int, tuple[int, ...]]]:
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing Debian's nginx to measure beside", file=sys.stderr)
        subprocess.run(["apt-get", "install", "-y", "-q", "nginx-light"], check=True, stdout=subprocess.DEVNULL)
        program = "/usr/sbin/nginx"
    if program is None:
        raise RuntimeError("nginx is missing: apt-get install nginx-light")
    with tempfile.TemporaryDirectory() as prefix, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        Path(prefix).chmod(0o755)
        www = Path(prefix) / "www"
        www.mkdir()
        (www / "index.html").write_text(text)
        (www / "index.html.gz").write_bytes(gzip.compress(text.encode(), 9))
        settings = (HERE / "nginx.conf").read_text().replace("PREFIX", prefix).replace("PORT", str(port))
        (Path(prefix) / "nginx.conf").write_text(settings)
        command = [program, "-c", f"{prefix}/nginx.conf", "-e", f"{prefix}/error.log"]
        running = subprocess.Popen(command)
        try:
            _tag(port)
            children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
            yield port, (running.pid, *map(int, children))
        finally:
            running.terminate()
            running.wait()


def _tag(port: int) -> str:
    """The entity tag of what a port answers, as soon as it does."""
    until = monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as asked:
                asked.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                raw = b"".join(iter(lambda: asked.recv(65536), b""))
            lines = raw.partition(b"\r\n\r\n")[0].decode().splitlines()
            return next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("etag:"))
        except (OSError, StopIteration):
            if monotonic() > until:
                raise
            sleep(0.05)


def _cpu(*pids: int) -> float:
    """The processor seconds that processes took so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


async def _load(port: int, header: str, cpu: Callable[[], float]) -> float:
    """How many requests are answered for each second of the server's processor time."""
    request = f"GET / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode()
    begun, until, count = cpu(), monotonic() + SECONDS, 0

    async def ask() -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while monotonic() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lowered = head.lower()
            at = lowered.find(b"content-length:")
            if at >= 0 and b" 304 " not in lowered[:16]:
                await reader.readexactly(int(lowered[at + 15 : lowered.index(b"\r\n", at)]))
            count += 1
        writer.close()

    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return count / (cpu() - begun)
