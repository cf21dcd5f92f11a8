"""Control probes: whether it is the location that is broken. A failure is believed only after one that succeeded.

A location whose own line is down finds everything down. So a result that is down waits for a control probe that began
after it was found; where none of them succeeds, the location abstains, for that result and for all that were under way
then. What was found up is believed: whoever answered was reached, so that a hub that is away costs no results.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from makegood.model.checks import Check
from makegood.model.facts import DOWN, UP
from makegood.model.results import UNTIMED, Reason, Result
from makegood.model.spans import SECOND, Duration, Instant
from makegood.probe.places import PATIENCE

PROMPT: Duration = SECOND
"""One that takes longer may have waited for the line to be mended: a connection is tried again after a second."""
EVERY: Duration = 10 * SECOND
"""How often they run where nothing asks for one."""

Ask = Callable[[], Awaitable[bool]]
"""One control probe; whether it succeeded."""


class Control:
    """The control probes of a location: it sees while any of them succeeds. Without one, it believes what it finds."""

    def __init__(
        self, probes: Sequence[Ask], now: Callable[[], Instant], every: Duration = EVERY, patience: Duration = PATIENCE
    ) -> None:
        """`now` is the time that results are dated by, µs."""
        self._probes, self._now, self._every, self._patience = probes, now, every, patience
        self.abstains = False
        self.abstained = 0
        """How many results were given up."""
        self._broken_until: Instant = 0
        self._running: asyncio.Task[bool] | None = None
        self._next: asyncio.Task[bool] | None = None

    async def run(self) -> None:
        """Look regularly, so that a broken line is known before anything is found down. Until it is cancelled."""
        while True:
            await self.sees()
            await asyncio.sleep(self._every / SECOND)

    async def sees(self) -> bool:
        """Whether a control probe succeeds that begins now or later."""
        if not self._probes:
            return True
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._look())
            return await asyncio.shield(self._running)
        if self._next is None or self._next.done():  # one that began earlier says nothing about now
            self._next = asyncio.create_task(self._look_after(self._running))
        return await asyncio.shield(self._next)

    async def believed(self, result: Result) -> Result:
        """The result, or that the location abstains: it sees nothing now, or did not while the probe was under way."""
        if result.outcome != DOWN or (await self.sees() and result.begun > self._broken_until):
            return result
        self.abstained += 1
        return abstained(result)

    async def _look_after(self, before: asyncio.Task[bool]) -> bool:
        await asyncio.wait([before])
        self._running = asyncio.create_task(self._look())
        return await self._running

    async def _look(self) -> bool:
        began, asked = self._now(), [asyncio.create_task(self._succeeds(probe)) for probe in self._probes]
        found = False
        for one in asyncio.as_completed(asked):
            if await one:
                found = True
                break
        for one in asked:
            one.cancel()
        if not found or self._now() - began >= PROMPT:
            self._broken_until = self._now()
        elif self.abstains:
            self._broken_until = began  # it was mended at some time before that, and nobody knows when
        self.abstains = not found
        return found

    async def _succeeds(self, probe: Ask) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience / SECOND):
                try:
                    return await probe()
                except Exception:  # noqa: BLE001 -- whatever a control probe raises, it did not succeed
                    return False
        return False


def abstained(result: Result) -> Result:
    """That nobody knows, since the location itself may be broken."""
    return unknown(result, Reason.ABSTAINED)


def unknown(result: Result, reason: Reason) -> Result:
    """That nobody knows, in place of what a probe found."""
    none = {"dns": UNTIMED, "connect": UNTIMED, "tls": UNTIMED, "first_byte": UNTIMED, "total": UNTIMED}
    return replace(result, reason=reason, status=0, detail="", expires=0, **none)


def as_control(run: Callable[[Check], Awaitable[Result]], check: Check) -> Ask:
    """A check as a control probe."""

    async def ask() -> bool:
        return (await run(check)).outcome == UP

    return ask
