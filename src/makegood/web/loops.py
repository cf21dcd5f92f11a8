"""What a server does by itself, again and again: it says that it is there, and shows what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from makegood.model.problem import Refused
from makegood.model.spans import SECOND
from makegood.store.attendance import EVERY, Attendance
from makegood.store.leases import Leases, database_clock
from makegood.store.serving import ServeLock, Serving
from makegood.web.logs import logger

if TYPE_CHECKING:
    from makegood.web.hub import Hub

LOOK = 1.0
"""Seconds between looks at the state of services."""


class Loops:
    """The loops of a hub. Each goes on after a failure, which is logged when it is a new one."""

    def __init__(self, hub: Hub, attendance: Attendance, process: str, folder: Path) -> None:
        self._hub, self._attendance, self._folder = hub, attendance, folder
        self.leases = Leases(hub.store.engine, process, database_clock(hub.store.engine, hub.clock))
        self.lock: tuple[ServeLock, Serving] | None = None
        self._failing: dict[str, str] = {}

    def all(self) -> list[Coroutine[Any, Any, None]]:
        """All of them, to be run until they are cancelled."""
        return [self._again("attendance", EVERY / SECOND, self.attend), self._again("page", LOOK, self.look)]

    def close(self) -> None:
        """Nothing runs any more."""

    async def _again(self, name: str, seconds: float, work: Any) -> None:
        while True:
            try:
                await asyncio.to_thread(work)
                self._failing.pop(name, None)
            except (Refused, DBAPIError, OSError) as failure:
                said = type(failure).__name__
                if self._failing.get(name) != said:
                    logger().error("a loop fails", loop=name, kind=said)
                self._failing[name] = said
            await asyncio.sleep(seconds)

    def attend(self) -> None:
        """Say durably that this process is there, and take the folder's lock where its holder has gone."""
        try:
            self._attendance.say()
        except DBAPIError as failure:
            self._hub.health.failed(str(failure.orig).splitlines()[0])
            raise
        self._hub.health.wrote()
        if self.lock is not None and not self.lock[0].held and self.lock[0].take(0):
            self.lock[0].say(self.lock[1])

    def look(self) -> None:
        """Show what is new on the public page."""
        if self._hub.page.show(tuple(self._hub.live.status(self._hub.clock()))):
            logger().info("page made", renders=self._hub.page.renders)
