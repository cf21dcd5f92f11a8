"""Goal C: HTTP probes per CPU-second through the product's own probe, with a fresh connection each, plain and with
verified TLS 1.3; beside a bare epoll loop that does no more than connect, ask and read, and beside blackbox_exporter,
in turns. Each counts the processor time of its own process alone.

The product's probe is the one that a location runs: the address checked at connect, the status and a text of the body
asserted, a result with its reason and its times. *On the disk* is the whole way in a whole agent: its results in signed
batches in its spool, of which each is read back. blackbox_exporter asserts the same; it is asked by a process that is
not counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_network
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import pycurl

from benchmarks.targets import ADDRESSES, answer, answer_securely, certificates, served
from benchmarks.timing import Measured
from makegood.agent.clock import Clock
from makegood.agent.control import Control
from makegood.agent.folder import Folder, Given
from makegood.agent.running import Agent, Deliver
from makegood.agent.spool import Spool
from makegood.agent.transport import Answer, Away, Hub
from makegood.door.policy import Policy
from makegood.evidence.batch import Roster, read_batch, signed_bytes
from makegood.model.checks import Check, HttpProbe
from makegood.model.results import Reason, Result
from makegood.probe.attempt import Context
from makegood.probe.clocks import steady_clock, wall_clock
from makegood.probe.handles import Handles
from makegood.probe.kinds import probe
from makegood.probe.secret import Secrets

AT_ONCE = 64
TURNS = 3
PLAIN, SECURE = 6_000, 2_000
"""Probes of a turn."""

LOOPBACK = Policy((ip_network("127.0.0.0/8"),))
BESIDE = Path(".tools/beside/usr/bin/prometheus-blackbox-exporter")


def run() -> Iterator[Measured]:
    """What was measured, how many probes, their processor time, and the rates beside each other."""
    with TemporaryDirectory(prefix="bench-") as name:
        authority, chain, key = certificates(Path(name))
        with (
            served(answer) as plain,
            served(answer_securely, str(chain), str(key)) as secure,
            exporter(authority) as other,
        ):
            bare = partial(bare_loop, plain, PLAIN)
            urls = [f"http://{one}:{plain}/" for one in ADDRESSES]
            yield from _beside("HTTP", urls, PLAIN, authority, other, bare)
            urls = [f"https://{one}:{secure}/" for one in ADDRESSES]
            yield from _beside("TLS 1.3, verified", urls, SECURE, authority, other, None)


def _beside(
    what: str, urls: list[str], size: int, authority: Path, other: Exporter | None, bare: Callable[[], float] | None
) -> Iterator[Measured]:
    works: dict[str, Callable[[], float]] = {
        "Makegood": lambda: asyncio.run(_probed(urls, size, authority)),
        "Makegood, on the disk": lambda: asyncio.run(_recorded(urls, size, authority)),
    }
    if bare is not None:
        works["bare epoll loop"] = bare
    if other is not None:
        works["blackbox_exporter"] = partial(other.probed, urls, size)
    least = dict.fromkeys(works, float("inf"))
    for _ in range(TURNS):
        for name, work in works.items():
            least[name] = min(least[name], work())
    rates = {name: size / seconds for name, seconds in least.items()}
    for name, seconds in least.items():
        ratios = [f"{rates[name] / rate:.2f} × {one}" for one, rate in rates.items() if one != name]
        beside = "; ".join([f"{rates[name]:,.0f} a CPU-second", *(ratios if name.startswith("Makegood") else [])])
        yield Measured(f"{what}: {name}", f"{size:,} probes, {AT_ONCE} at once", seconds, beside)


async def _probed(urls: list[str], size: int, authority: Path) -> float:
    """Processor seconds of so many probes by the product."""
    checks, context = cycle(_checks(urls, len(urls))), _context(authority)
    results: list[Result] = []

    async def some(share: int) -> None:
        results.extend([await probe(next(checks), context) for _ in range(share)])

    start = time.process_time()
    await _at_once(some, size)
    took = time.process_time() - start
    await context.handles.aclose()
    if len(results) != size or any(result.reason is not Reason.OK for result in results):
        raise AssertionError(f"not every probe found it up: {next(one for one in results if one.reason)}")
    return took


def _checks(urls: list[str], count: int) -> list[Check]:
    probes = [HttpProbe(url, status=((200, 200),), contains=("all is well",)) for url in urls]
    return [Check(f"home page {n}", "shop", probes[n % len(urls)]) for n in range(count)]


def _context(authority: Path) -> Context:
    return Context(wall_clock, steady_clock, LOOPBACK, Secrets({}), Handles(LOOPBACK, str(authority)))


async def _recorded(urls: list[str], size: int, authority: Path) -> float:
    """Processor seconds of so many probes of an agent whose hub is away, with its batches on its disk."""
    context, checks, stop = _context(authority), _checks(urls, size), asyncio.Event()

    async def away(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        del method, path, headers, body
        raise Away("no hub")

    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        folder, clock = Folder(Path(name)), Clock()
        key = folder.key(make=True)
        folder.keep_given(Given("", tuple(checks)))
        spool = Spool(folder.spool)
        agent = Agent(
            "bench", folder, spool, clock, Hub(away, clock, key, "bench"), Control([], clock.now),
            lambda some, deliver: _AllAtOnce(some, deliver, context, stop), lambda _: None, "1.0", first_word=1,
        )  # fmt: skip
        start = time.process_time()
        await agent.run(stop)
        took = time.process_time() - start
        kept = list(spool.after(0))
        spool.close()
    await context.handles.aclose()
    found = [read_batch(one.body, Roster(tuple(json.loads(one.checks)))) for one in kept]
    signed = all(key.public.verifies(signed_bytes(one.digest), one.signature) for one in kept)
    if not signed or sum(one.rows for one in found) != size or any(one.samples()[2].any() for one in found):
        raise AssertionError("not every probe lies in the spool, and was up")
    return took


class _AllAtOnce:
    """A watch that probes each check once, some at a time, and then stops its agent."""

    def __init__(self, checks: Sequence[Check], deliver: Deliver, context: Context, stop: asyncio.Event) -> None:
        self._checks, self._deliver, self._context, self._stop = checks, deliver, context, stop

    def replace(self, checks: Sequence[Check]) -> None:
        """Nothing is changed while it runs."""

    async def run(self) -> None:
        checks = iter(self._checks)

        async def some(share: int) -> None:
            for _ in range(share):
                check = next(checks)
                self._deliver(check, await probe(check, self._context))

        await _at_once(some, len(self._checks))
        self._stop.set()
        await asyncio.Event().wait()

    async def stop(self, grace: int) -> None:
        """All have ended."""


async def _at_once(some: Callable[[int], Awaitable[None]], size: int) -> None:
    shares = [size // AT_ONCE + (n < size % AT_ONCE) for n in range(AT_ONCE)]
    await asyncio.gather(*map(some, shares))


def bare_loop(port: int, size: int) -> float:
    """Processor seconds of so many requests by a loop that only connects, sends, reads and closes."""
    asked = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    ready = select.epoll()
    open_ones: dict[int, socket.socket] = {}
    begun = done = 0
    addresses = cycle(ADDRESSES)

    def begin() -> None:
        made = socket.socket()
        made.setblocking(False)
        made.connect_ex((next(addresses), port))
        open_ones[made.fileno()] = made
        ready.register(made, select.EPOLLOUT)

    start = time.process_time()
    while done < size:
        while begun < size and len(open_ones) < AT_ONCE:
            begin()
            begun += 1
        for number, event in ready.poll():
            one = open_ones[number]
            if event & select.EPOLLOUT:
                one.send(asked)
                ready.modify(number, select.EPOLLIN)
                continue
            if b" 200 " not in one.recv(65_536)[:16]:
                raise AssertionError("not every request was answered")
            ready.unregister(number)
            open_ones.pop(number).close()
            done += 1
    took = time.process_time() - start
    ready.close()
    return took


class Exporter:
    """A blackbox_exporter that runs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port

    def probed(self, urls: list[str], size: int) -> float:
        """Processor seconds of the exporter for so many probes."""
        before = self._used()
        asyncio.run(self._asked(urls, size))
        return self._used() - before

    def _used(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def _asked(self, urls: list[str], size: int) -> None:
        multi = pycurl.AsyncCurlMulti()
        targets = cycle(urls)

        async def some(share: int) -> None:
            curl = pycurl.Curl()
            for _ in range(share):
                came: list[bytes] = []
                curl.setopt(pycurl.URL, f"http://127.0.0.1:{self.port}/probe?module=up&target={next(targets)}")
                curl.setopt(pycurl.WRITEFUNCTION, came.append)
                await multi.perform(curl)
                if b"\nprobe_success 1\n" not in b"".join(came):
                    raise AssertionError("blackbox_exporter did not find it up")

        await _at_once(some, size)
        await multi.aclose()


@contextmanager
def exporter(authority: Path) -> Iterator[Exporter | None]:
    """Debian's blackbox_exporter, if it is here: installed, or where scripts/bench has put it."""
    program = shutil.which("prometheus-blackbox-exporter") or (str(BESIDE) if BESIDE.is_file() else None)
    if program is None:
        yield None
        return
    settings = authority.with_name("blackbox.yml")
    settings.write_text(
        f"""
modules:
  up:
    prober: http
    timeout: 30s
    http:
      valid_status_codes: [200]
      fail_if_body_not_matches_regexp: ["all is well"]
      preferred_ip_protocol: ip4
      tls_config: {{ca_file: {authority}}}
""",
        encoding="utf-8",
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Exporter(process, port)
    finally:
        process.terminate()
        process.wait()
