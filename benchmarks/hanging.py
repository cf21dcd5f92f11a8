"""The pace of one location while everything hangs: 10,000 checks a minute whose targets take the connection and never
answer, until each probe's 30 seconds are over. It takes a minute and a half.

It runs in a process of its own, so that the memory is that of the watch: of the probes under way and what they need.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.targets import ADDRESSES, hang, served
from benchmarks.timing import Measured
from makegood.model.spans import MINUTE, SECOND

CHECKS = 10_000
LENGTH = 85
"""Seconds: the first minute and what follows it."""


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
    spawn = multiprocessing.get_context("spawn")
    with served(hang) as port:
        here, there = spawn.Pipe()
        process = spawn.Process(target=_child, args=(port, there))
        process.start()
        there.close()
        try:
            told: Told = here.recv()
        finally:
            process.join()
    beside = (
        f"{told.begun:,} begun, at most {told.latest / 1000:,.0f} ms late, {told.missing} slots missed, "
        f"{told.unknown} unknown; {told.most:,} under way, {told.each / 1000:.1f} MB for 1,000 of them"
    )
    yield Measured("all targets hang for 30 s", f"{CHECKS:,} checks a minute, {LENGTH} s", told.processor, beside)


def _child(port: int, pipe: Connection) -> None:
    pipe.send(asyncio.run(_watched(port)))


async def _watched(port: int) -> Told:
    from makegood.door.policy import Policy
    from makegood.model.checks import Check, HttpProbe
    from makegood.model.facts import UNKNOWN
    from makegood.model.results import Reason, Result
    from makegood.probe.attempt import Context
    from makegood.probe.handles import Handles
    from makegood.probe.room import calm_collector
    from makegood.probe.secret import Secrets
    from makegood.probe.watching import Watch

    policy = Policy((ip_network("127.0.0.0/8"),))
    behind = time.time_ns() - time.monotonic_ns()
    context = Context(
        lambda: (time.monotonic_ns() + behind) // 1000,
        lambda: time.monotonic_ns() // 1000,
        policy,
        Secrets({}),
        Handles(policy),
    )
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


def _due(begun: int, end: int, offset: int) -> range:
    """The slots whose offset lay in the run, but for its last second."""
    return range(-((offset - begun) // MINUTE), (end - SECOND - offset) // MINUTE + 1)


def _resident() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
