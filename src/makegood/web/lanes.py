"""Lanes: so many requests of one location are answered at a time, so that the others find threads that are free."""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from makegood.app.pacing import TOO_MUCH
from makegood.web.errors import refused

AT_ONCE, WAITING = 2, 8


@dataclass
class _Lane:
    turn: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))
    here: int = 0


class Lanes:
    """Of one loop. A lane goes by the name that a request claims, since whose it is is found out behind it."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def lane(self, claimed: str) -> AsyncIterator[None]:
        """Wait for a place in a lane. Raises Refused where too many wait."""
        lane = self._lanes.setdefault(claimed, _Lane())
        if lane.here >= AT_ONCE + WAITING:
            raise refused(TOO_MUCH, "location", f"{lane.here} requests of this location are waiting", "", "wait 1 s")
        lane.here += 1
        try:
            async with lane.turn:
                yield
        finally:
            lane.here -= 1
            if not lane.here:
                self._lanes.pop(claimed, None)
