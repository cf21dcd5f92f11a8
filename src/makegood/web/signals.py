"""Signals: the hub asks for them itself, in every slot, by the watch that locations have; one server at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from time import monotonic_ns

from makegood.app.hub import Hub
from makegood.door.policy import Policy
from makegood.model.checks import Check, SignalProbe
from makegood.model.results import Result
from makegood.probe.attempt import Context
from makegood.probe.handles import Handles
from makegood.probe.secret import Secrets
from makegood.probe.watching import Watch
from makegood.web.logs import logger

SECRET = "MAKEGOOD_SECRET_"
LOOK = 1.0
"""Seconds between looks at which signals there are, and at whose turn it is."""
MOST = 100_000
"""Results that wait for the database; the oldest go first, and their slots are unknown."""


class Signals:
    """Asks for the signals that are configured while it is this process's turn, where the policy lets it."""

    def __init__(self, hub: Hub, policy: Policy) -> None:
        self._hub, self._policy = hub, policy
        self._found: list[tuple[Check, Result]] = []
        self._lock = Lock()

    def found(self) -> list[tuple[Check, Result]]:
        """What was found since it was asked last."""
        with self._lock:
            found, self._found = self._found, []
        return found

    def put_back(self, found: list[tuple[Check, Result]]) -> None:
        """Keep for later what could not be taken in now."""
        with self._lock:
            self._found = [*found, *self._found][-MOST:]

    async def run(self, turn: Callable[[], bool]) -> None:
        """Ask until cancelled, while it is our turn."""
        known = {k.removeprefix(SECRET): v for k, v in os.environ.items() if k.startswith(SECRET)}
        handles = Handles(self._policy)
        context = Context(self._hub.clock, lambda: monotonic_ns() // 1000, self._policy, Secrets(known), handles)
        watch, asking = Watch([], context, self._deliver), None
        try:
            while True:
                mine = self._signals() if turn() else []
                if asking is None or asking.done():
                    if asking is not None and not asking.cancelled() and (fault := asking.exception()) is not None:
                        logger().error("a loop ended", loop="signals", kind=type(fault).__name__)
                    watch = Watch(mine, context, self._deliver)
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

    def _deliver(self, check: Check, result: Result) -> None:
        with self._lock:
            self._found.append((check, result))
            del self._found[:-MOST]
