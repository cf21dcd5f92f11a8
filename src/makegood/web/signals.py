"""Signals: the hub asks for them itself, in every slot, by the watch that locations have; one server at a time.

What they measure is asked for slot by slot from where the log ends, so that no slot is left out while nobody asked.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from time import monotonic_ns

from makegood.app.hub import Hub
from makegood.app.telling import Pulled, measured_until
from makegood.door.policy import Policy
from makegood.model.checks import Check, SignalProbe
from makegood.model.figures import Figure
from makegood.model.results import Result
from makegood.model.spans import HOUR, SECOND, Duration
from makegood.probe.attempt import Attempt, Context, Found
from makegood.probe.handles import Handles
from makegood.probe.kinds import carry_out
from makegood.probe.secret import Secrets
from makegood.probe.signal import probe_signal, pull
from makegood.probe.watching import Watch
from makegood.web.logs import logger

SECRET = "MAKEGOOD_SECRET_"
LOOK = 1.0
"""Seconds between looks at which signals there are, and at whose turn it is."""
MOST = 100_000
"""Results that wait for the database; the oldest go first, and their slots are unknown."""
LAG: Duration = 15 * SECOND
"""How long after its end a slot is measured: what a Prometheus scrapes is there somewhat later."""
BACK: Duration = 72 * HOUR
"""How far back slots are measured of which the log has nothing yet."""
MOST_SLOTS = 1_000
"""That are measured at once."""


class Signals:
    """Asks for the signals that are configured while it is this process's turn, where the policy lets it."""

    def __init__(self, hub: Hub, policy: Policy) -> None:
        self._hub, self._policy = hub, policy
        self._found: list[Pulled] = []
        self._measured: dict[str, tuple[range, tuple[Figure, ...]]] = {}
        self._next: dict[str, tuple[Duration, int]] = {}
        self._lock = Lock()

    def found(self) -> list[Pulled]:
        """What was found since it was asked last."""
        with self._lock:
            found, self._found = self._found, []
        return found

    def forget(self) -> None:
        """Drop what was found: whoever's turn it is asks for these slots again, from where the log ends."""
        with self._lock:
            self._found, self._next = [], {}

    def put_back(self, found: list[Pulled]) -> None:
        """Keep for later what could not be taken in now."""
        with self._lock:
            self._found = [*found, *self._found][-MOST:]

    async def run(self, turn: Callable[[], bool]) -> None:
        """Ask until cancelled, while it is our turn."""
        known = {k.removeprefix(SECRET): v for k, v in os.environ.items() if k.startswith(SECRET)}
        handles = Handles(self._policy)
        context = Context(self._hub.clock, lambda: monotonic_ns() // 1000, self._policy, Secrets(known), handles)
        watch, asking = Watch([], context, self._deliver, carry_out=self._carry_out), None
        try:
            while True:
                mine = self._signals() if turn() else []
                if not mine:
                    self._next = {}  # whoever's turn it is goes on, and where that ends the log says
                if asking is None or asking.done():
                    if asking is not None and not asking.cancelled() and (fault := asking.exception()) is not None:
                        logger().error("a loop ended", loop="signals", kind=type(fault).__name__)
                    watch = Watch(mine, context, self._deliver, carry_out=self._carry_out)
                    asking = asyncio.create_task(watch.run())
                else:
                    watch.replace(mine)
                await asyncio.sleep(LOOK)
        finally:
            await watch.stop(0)
            if asking is not None:
                asking.cancel()
                with suppress(asyncio.CancelledError):
                    await asking
            await handles.aclose()

    def _signals(self) -> list[Check]:
        return [one for one in self._hub.checks() if isinstance(one.probe, SignalProbe)]

    async def _carry_out(self, check: Check, attempt: Attempt) -> Result:
        """Ask for the number, and for what was measured; the result is that of the number, where there is one."""

        async def work(probe: SignalProbe, attempt: Attempt) -> Result:
            why: Found | None = None
            try:
                result = await probe_signal(probe, attempt)
            except Found as found:
                why = found
            if probe.quantities:
                await self._measure(check, probe, attempt)
            if why is not None:
                raise why
            return result

        return await carry_out(check, attempt, work)

    async def _measure(self, check: Check, probe: SignalProbe, attempt: Attempt) -> None:
        """Raises Found, where nothing but what is measured is asked for and none of it is to be had."""
        slots = await self._due(check, attempt)
        if not slots:
            return
        try:
            figures = tuple(await pull(check, attempt, slots))
        except Found:
            if not probe.query:
                raise
            return
        self._next[check.name] = check.every, slots.stop
        self._measured[check.name] = slots, figures

    async def _due(self, check: Check, attempt: Attempt) -> range:
        """The slots that are to be measured now: from where the log ends to the last that is over for long enough."""
        if check.name not in self._next:
            self._next = await asyncio.to_thread(measured_until, self._hub.store) | self._next
        every, slot = self._next.setdefault(check.name, (check.every, attempt.begun // check.every))
        if every != check.every:  # it goes on with the first slot that begins there or later
            slot = -(-slot * every // check.every)
        start = max(slot, (attempt.begun - BACK) // check.every)
        return range(start, min(start + MOST_SLOTS, (attempt.begun - LAG) // check.every))

    def _deliver(self, check: Check, result: Result) -> None:
        with self._lock:
            self._found.append(Pulled(check, result, *self._measured.pop(check.name, ())))
            del self._found[:-MOST]
