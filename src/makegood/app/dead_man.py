"""Use case: the hub asks for a URL while it works, so that others notice when it no longer does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from makegood.door.fetch import fetch
from makegood.door.forbidden import Forbidden, Unreached
from makegood.model.alerts import DeadMan
from makegood.model.spans import SECOND
from makegood.notify.context import Context, MissingSecret

CAP, TIMEOUT, REDIRECTS = 64 * 1024, 10.0, 3


async def ask(switch: DeadMan, context: Context) -> str:
    """Ask for the URL once; why it did not work, or nothing where it did. It raises nothing and tells no secret."""
    try:
        url = context.revealed(switch.url)
        answer = await fetch("GET", url, policy=context.policy, cap=CAP, timeout=TIMEOUT, redirects=REDIRECTS)
    except MissingSecret as missing:
        return f"the secret {missing} is not known here"
    except (Forbidden, Unreached, ValueError) as failure:
        return context.hidden(str(failure), [switch.url])
    return "" if 200 <= answer.status < 300 else f"status {answer.status}"


async def keep_asking(
    switch: DeadMan, context: Context, works: Callable[[], bool], stop: asyncio.Event, told: Callable[[str], None]
) -> None:
    """Ask every so often while `works` says that the hub does what it is for; `told` hears why it did not work."""
    while not stop.is_set():
        if works() and (why := await ask(switch, context)):
            told(why)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), switch.every / SECOND)
