"""The location of the hub's own machine: `makegood agent` as a child, which lives no longer than the hub."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from makegood.web.logs import logger

if TYPE_CHECKING:
    from makegood.web.hub import Hub

LEAST, MOST = 0.5, 60.0
"""Seconds before a child that ended is started again: the first time, doubled each time up to the most."""
SETTLED = 60.0
"""A child that ran for so long is started again at once."""
PATIENCE = 10.0
"""Seconds that a child has to end when it is told to."""
PR_SET_PDEATHSIG = 1


async def child_agent(hub: Hub, folder: Path) -> None:
    """Run the location of this machine until cancelled."""


async def keep_running(command: Sequence[str], on_start: Callable[[], None], least: float = LEAST) -> None:
    """Run a command, and again whenever it ends, later and later; until cancelled, which ends it too."""
    wait = least
    while True:
        begun = monotonic()
        child = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, preexec_fn=_leashed())
        on_start()
        try:
            code = await child.wait()
        except asyncio.CancelledError:
            await _end(child)
            raise
        wait = least if monotonic() - begun >= SETTLED else wait
        logger().warning("the child agent ended", code=code, again_in=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, MOST)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), PATIENCE)
        except TimeoutError:
            child.kill()
            await child.wait()


def _leashed() -> Callable[[], None] | None:
    """What a child does before it begins, so that the system ends it when we end, however that is.

    The signal comes when the thread that started the child ends: the loop's, which is the main one.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def leash() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it ended before
            os._exit(1)

    return leash
