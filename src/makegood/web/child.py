"""The location of the hub's own machine: `makegood agent` as a child, which lives no longer than the hub."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from makegood.app.enrolling import new_token
from makegood.model.spans import MINUTE
from makegood.web.logs import logger

if TYPE_CHECKING:
    from makegood.web.hub import WebHub

LEAST, MOST = 0.5, 60.0
"""Seconds before a child that ended is started again: the first time, doubled each time up to the most."""
SETTLED = 60.0
"""A child that ran for so long is started again at once."""
PATIENCE = 10.0
"""Seconds that a child has to end when it is told to."""
LAST_WORDS = 1.0
"""Seconds to hear what a child that ended has said last."""
LONGEST = 1 << 14
SAID = re.compile(r"^\d{4}-\d\d-\d\dT[\d:]+Z agent: ")
"""What an agent writes before each line for whoever runs it; the log has its own time."""
PR_SET_PDEATHSIG = 1
TOKEN = "MAKEGOOD_ENROL"
"""The variable in which the agent looks for its token, so that it stands on no command line."""


@dataclass(frozen=True, slots=True)
class Own:
    """The location of this machine: its name, the networks that it may and may not probe, and its control places."""

    location: str = "local"
    allow: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    control: tuple[str, ...] = ()


async def child_agent(hub: WebHub, own: Own, reach: str) -> None:
    """Run the location of this machine until cancelled; `reach` is the hub's address from here.

    It is enrolled by itself the first time. Its folder lies in the store's, and its key is in no backup.
    """
    folder = hub.store.folder / "agent"
    command = [sys.executable, "-m", "makegood", "agent", "--hub", reach, "--folder", str(folder)]
    for network in own.allow:
        command += ["--allow", network]
    for network in own.refuse:
        command += ["--refuse", network]
    for place in own.control:
        command += ["--control", place]

    def enrolment() -> dict[str, str]:
        if (folder / "agent.json").is_file():
            return {}
        said = new_token(
            hub.store, location=own.location, operator="", by="makegood", now=hub.clock(), lasts=5 * MINUTE
        )
        return {TOKEN: said}

    def started() -> dict[str, str]:
        hub.metrics.agent_starts.inc()
        return {**os.environ, **enrolment()}

    await keep_running(command, started)


async def keep_running(
    command: Sequence[str], environment: Callable[[], Mapping[str, str]], least: float = LEAST
) -> None:
    """Run a command in what `environment` gives, and again whenever it ends, later and later; until cancelled, which
    ends it too."""
    wait = least
    while True:
        begun = monotonic()
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=await asyncio.to_thread(environment),
            preexec_fn=_leashed(),
        )
        heard = asyncio.create_task(_hear(child))
        try:
            code = await child.wait()
        except asyncio.CancelledError:
            await _end(child)
            raise
        finally:
            with suppress(TimeoutError):  # what it started may have its error stream still
                await asyncio.wait_for(heard, LAST_WORDS)
        wait = least if monotonic() - begun >= SETTLED else wait
        logger().warning("the child agent ended", code=code, again_in=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, MOST)


async def _hear(child: asyncio.subprocess.Process) -> None:
    """Log each line that a child says, in the form of our own."""
    assert child.stderr is not None
    rest = b""
    while said := await child.stderr.read(LONGEST):
        *lines, rest = (rest + said).split(b"\n")
        if len(rest) >= LONGEST:  # no line of ours: it is told in parts
            lines, rest = [*lines, rest], b""
        for line in lines:
            _say(line)
    _say(rest)


def _say(line: bytes) -> None:
    if text := SAID.sub("", line.decode("utf-8", "replace")).rstrip():
        logger().info("agent", says=text)


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
