"""`watchdog`: watch a hub from another machine, and tell people when it is silent."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from makegood.cli.screen import complain, say_problems
from makegood.cli.telling import Names, context_of
from makegood.cli.usage import WrongUsage
from makegood.contract import numbers
from makegood.contract.wrong import Wrong


def watchdog(
    *,
    hub: str,
    alerts: Path,
    state: Path = Path("watchdog.json"),
    every: str = "30 s",
    rounds: int | None = None,
    allow: Names = (),
    refuse: Names = (),
) -> None:
    """Watch a hub from another machine, and tell people when nothing is heard of it.

    Parameters
    ----------
    hub
        The address of the hub, such as https://status.example.com.
    alerts
        The file of alerts; of its rules those on a silent hub count here.
    state
        The file in which the watchdog keeps what it knows, and what is to be sent.
    every
        How often the hub is asked.
    rounds
        Ask so many times and end; without an end where not given.
    allow
        A network that may be connected to although it is not public, such as 10.0.0.0/8; may be given several times.
    refuse
        A network that may not be connected to, though it is public or allowed; may be given several times.
    """
    from makegood.app.alerts_in_force import read_file
    from makegood.app.watchdog import watch

    length = numbers.duration(every)
    if isinstance(length, Wrong) or not length:
        raise WrongUsage(f"--every: `{every}` is no length of time; write for example 30 s")
    if not hub.startswith(("http://", "https://")):
        raise WrongUsage(f"--hub: `{hub}` is no URL; write for example https://status.example.com")
    found, problems = read_file(alerts)
    say_problems(problems)
    context = context_of(allow, refuse)
    asyncio.run(_until_told(lambda stop: watch(hub, found, context, state, length, stop, complain, rounds)))


async def _until_told(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Do something until it ends, or a signal asks for it."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    await work(stop)
