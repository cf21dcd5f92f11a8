"""People told, by a server: alerts take their course, rules look, messages are delivered, a switch is held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from makegood.app.alerting import Overtaken, tick
from makegood.app.certificates import forget_gone
from makegood.app.dead_man import ask
from makegood.app.delivering import Delivery, deliver, forget
from makegood.app.lookout import Lookout
from makegood.app.sessions import forget_sessions
from makegood.model.alerts import Alerts, Channel
from makegood.model.messages import Accepted, Message, Outcome
from makegood.model.spans import HOUR, SECOND, Duration
from makegood.notify.context import Context
from makegood.store.leases import Lease, Leases, Lost, fenced
from makegood.web.logs import logger

if TYPE_CHECKING:
    from makegood.web.hub import WebHub

RULES = "rules"
"""The lease of whoever lets rules look."""
LEASED: Duration = 30 * SECOND
TICK, LOOK, IDLE = 1.0, 5.0, 5.0
"""Seconds between looks at alerts that are due, at rules, and at whether there is a switch to hold."""


class Telling:
    """What a server does so that people are told. `current` gives the alerts in force, `context` is for channels."""

    def __init__(self, hub: WebHub, current: Callable[[], Alerts], context: Context, leases: Leases) -> None:
        self._hub, self._current, self._context, self._leases = hub, current, context, leases
        self._lookout = Lookout(hub.store, current, hub.configured.now)
        self._lease: Lease | None = None
        self._forget_at = 0

    def loops(self, again: Any, always: Any) -> list[Coroutine[Any, Any, None]]:
        """All loops, to be run until they are cancelled; `again` makes one of a name, seconds and work, and `always` of
        a name and one that is begun again where it fails."""
        return [
            again("alerts", TICK, self.tick), again("rules", LOOK, self.look),
            always("delivery", self._deliver), always("dead man", self._hold),
        ]  # fmt: skip

    def close(self) -> None:
        """Let another process take the lease at once."""
        if self._lease is not None:
            self._leases.leave(self._lease)

    def tick(self) -> None:
        """Let alerts that are due come to what they come to by now; any process may."""
        now = self._hub.clock()
        with suppress(Overtaken):  # another one did it; the next time finds what is left
            tick(self._hub.store.engine, self._current(), now)
        if now >= self._forget_at:
            self._forget_at = now + HOUR
            forget(self._hub.store, now)
            forget_sessions(self._hub.store, now)
            forget_gone(self._hub.store, self._hub.configured.checks(), now)

    def look(self) -> None:
        """Let rules look, where that is this process's turn."""
        self._lease = one = self._leases.take(RULES, LEASED)
        if one is not None:
            with suppress(Lost, Overtaken):
                self._lookout.look(self._hub.clock(), lambda connection: fenced(connection, one))

    async def _deliver(self) -> None:
        """Deliver until cancelled, but while the hub does not know the time; what is under way then is settled."""
        delivery = Delivery(self._hub.store, self._current, self._context, _tell)
        while True:
            if self._hub.core.doubt():  # a message is given up, and a notice was accepted, at an instant
                await asyncio.sleep(TICK)
                continue
            stop = asyncio.Event()
            task = asyncio.create_task(deliver(delivery, stop))
            try:
                while not task.done() and not self._hub.core.doubt():
                    await asyncio.wait({task}, timeout=TICK)
            finally:
                stop.set()
                await task

    async def _hold(self) -> None:
        """Ask for the URL of the dead man's switch for as long as the store can be written."""
        while True:
            switch = (await asyncio.to_thread(self._current)).dead_man
            works = all(one.holds for one in await asyncio.to_thread(self._hub.health.conditions))
            if switch is not None and works and (why := await ask(switch, self._context)):
                logger().warning("the dead man's switch is not held", why=why)
            await asyncio.sleep(IDLE if switch is None else switch.every / SECOND)


def _tell(channel: Channel, message: Message, outcome: Outcome) -> None:
    if isinstance(outcome, Accepted):
        logger().info("sent", channel=channel.name, thread=message.thread)
    else:
        logger().warning("not sent", channel=channel.name, thread=message.thread, why=outcome.why)
