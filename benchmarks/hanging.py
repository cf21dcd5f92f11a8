"""The pace of one location while everything hangs: 10,000 checks a minute whose targets take the connection and never
answer, until each probe's 30 seconds are over. It takes a minute and a half.

And the memory of TLS handshakes that hang, 1,000 at once and others after them: at first, and when the allocator has
been through some of it; beside libcurl's alone.

It runs in a process of its own, so that the memory is that of the watch: of the probes under way and what they need.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.targets import ADDRESSES, hang, served
from benchmarks.timing import Measured
from makegood.door.policy import Policy
from makegood.model.checks import Check, HttpProbe
from makegood.model.facts import UNKNOWN
from makegood.model.results import Reason, Result
from makegood.model.spans import MINUTE, SECOND
from makegood.probe.attempt import Context
from makegood.probe.handles import Handles
from makegood.probe.room import calm_collector, give_back
from makegood.probe.secret import Secrets
from makegood.probe.watching import Watch

CHECKS = 10_000
LENGTH = 85
"""Seconds: the first minute and what follows it."""


TLS, WAVES, WAVE = 1_000, 4, 4
"""Handshakes that hang at once, how often, and the seconds from one time to the next."""


@dataclass
class Handshakes:
    """Processor seconds; bytes for each handshake in the first wave, at most in the last two, what is left of them when
    none hangs any more, and of libcurl alone in a first wave."""

    processor: float
    first: float
    last: float
    left: float
    curl: float


@dataclass
class Told:
    """What was seen: processor seconds, probes begun and most under way, bytes for each of these, the longest that a
    probe began after its time (µs), slots without a probe, and how many results were unknown."""

    processor: float
    begun: int
    most: int
    each: float
    latest: int
    missing: int
    unknown: int


def run() -> Iterator[Measured]:
    """What was measured, how much of it, its processor time, and how it kept its pace."""
    with served(hang) as port:
        told: Told = _apart(_child, port)
        handshakes: Handshakes = _apart(_child_of_tls, port)
    beside = (
        f"{told.begun:,} begun, at most {told.latest / 1000:,.0f} ms late, {told.missing} slots missed, "
        f"{told.unknown} unknown; {told.most:,} under way, {told.each / 1000:.1f} MB for 1,000 of them"
    )
    yield Measured("all targets hang for 30 s", f"{CHECKS:,} checks a minute, {LENGTH} s", told.processor, beside)
    beside = (
        f"{handshakes.first / 1000:.0f} MB for 1,000 at first (libcurl with its OpenSSL alone "
        f"{handshakes.curl / 1000:.0f} MB), {handshakes.last / 1000:.0f} MB after {WAVES} waves, "
        f"{handshakes.left / 1000:.0f} MB when none hangs any more"
    )
    yield Measured("TLS handshakes hang", f"{TLS:,} at once, {WAVES} waves", handshakes.processor, beside)


def _apart(work: Callable[[int, Connection], None], port: int) -> Any:
    """What a process of its own sends."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=work, args=(port, there))
    process.start()
    there.close()
    try:
        return here.recv()
    finally:
        process.join()


def _child_of_tls(port: int, pipe: Connection) -> None:
    alone = _curl_alone(port)
    pipe.send(asyncio.run(_handshaking(port, alone)))


def _curl_alone(port: int) -> float:
    """The bytes of a handshake that hangs, in transfers that nothing was added to."""
    import pycurl

    multi, handles = pycurl.CurlMulti(), []
    before = _resident()
    for n in range(TLS):
        one = pycurl.Curl()
        one.setopt(pycurl.URL, f"https://{ADDRESSES[n % 8]}:{port}/")
        multi.add_handle(one)
        handles.append(one)
    until = time.monotonic() + WAVE
    while time.monotonic() < until:
        multi.perform()
        multi.select(0.1)
    taken = _resident() - before
    for one in handles:
        multi.remove_handle(one)
        one.close()
    multi.close()
    give_back()
    return taken / TLS


async def _handshaking(port: int, alone: float) -> Handshakes:
    context = _context()
    every = WAVE * SECOND
    checks = [
        Check(f"check {n}", "shop", HttpProbe(f"https://{ADDRESSES[n % 8]}:{port}/"), every, every - SECOND // 2)
        for n in range(TLS)
    ]
    calm_collector()
    before, start = _resident(), time.process_time()
    watch = Watch(checks, context, _forget)
    running = asyncio.create_task(watch.run())
    each = [0.0] * (WAVES + 1)
    for n in range(WAVES * WAVE * 4):
        await asyncio.sleep(0.25)
        if watch.under_way >= TLS // 2:
            wave = 1 + n // (WAVE * 4)
            each[wave] = max(each[wave], (_resident() - before) / watch.under_way)
    processor = time.process_time() - start
    watch.replace(())
    while watch.under_way:
        await asyncio.sleep(0.25)
    await asyncio.sleep(0.25)
    left = _resident() - before
    await watch.stop(0)
    await running
    return Handshakes(processor, each[1], max(each[-2:]), left / TLS, alone)


def _forget(_check: Check, _result: Result) -> None:
    """Nobody wants to know what was found."""


def _child(port: int, pipe: Connection) -> None:
    pipe.send(asyncio.run(_watched(port)))


async def _watched(port: int) -> Told:
    context = _context()
    checks = [Check(f"check {n:05}", "shop", HttpProbe(f"http://{ADDRESSES[n % 8]}:{port}/")) for n in range(CHECKS)]
    first = context.now() // MINUTE
    seen: NDArray[np.bool_] = np.zeros((CHECKS, 4), dtype=np.bool_)
    latest = unknown = 0

    def look(check: Check, result: Result) -> None:
        nonlocal latest, unknown
        seen[int(check.name[-5:]), result.begun // MINUTE - first] = True
        latest = max(latest, result.begun % MINUTE - check.offset)
        unknown += result.outcome == UNKNOWN and result.reason is not Reason.STOPPED

    calm_collector()  # as an agent does
    before, start, begun = _resident(), time.process_time(), context.now()
    watch = Watch(checks, context, look)
    running = asyncio.create_task(watch.run())
    most, resident = 0, 0
    for _ in range(LENGTH):
        await asyncio.sleep(1)
        if watch.under_way > most:
            most, resident = watch.under_way, _resident() - before
    processor, end = time.process_time() - start, context.now()
    await watch.stop(0)
    await running
    due = [(n, slot) for n, check in enumerate(checks) for slot in _due(begun, end, check.offset)]
    missing = sum(not seen[n, slot - first] for n, slot in due)
    return Told(processor, watch.begun, most, resident / most, latest, missing, unknown)


def _context() -> Context:
    """What probes on loopback need, in the running loop."""
    policy = Policy((ip_network("127.0.0.0/8"),))
    behind = time.time_ns() - time.monotonic_ns()
    return Context(
        lambda: (time.monotonic_ns() + behind) // 1000,
        lambda: time.monotonic_ns() // 1000,
        policy,
        Secrets({}),
        Handles(policy),
    )


def _due(begun: int, end: int, offset: int) -> range:
    """The slots whose offset lay in the run, but for its last second."""
    return range(-((offset - begun) // MINUTE), (end - SECOND - offset) // MINUTE + 1)


def _resident() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
