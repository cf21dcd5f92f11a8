"""Whether the hub is alive and ready: the database takes writes, the disk has room, the clock is sane."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from makegood.app.hub_clock import HubClock
from makegood.model.spans import SECOND, Instant
from makegood.render.lengths import duration
from makegood.store.opened import Store

LEAST_ROOM = 64 << 20
"""Bytes that the disk of the store's folder must have left."""
SILENT = 15.0
"""Seconds without a write that succeeded after which the database counts as one that takes none."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be so, whether it is, and why not."""

    name: str
    holds: bool
    why: str = ""


class Health:
    """The health of one process. `wrote` is told of each write that the process makes again and again."""

    def __init__(self, store: Store, clock: Callable[[], Instant], steady: Callable[[], float] = monotonic) -> None:
        self._store, self._clock, self._steady = store, clock, steady
        self._wrote: float | None = None
        self._why = "nothing was written yet"

    def wrote(self) -> None:
        """A write was durable just now."""
        self._wrote, self._why = self._steady(), ""

    def failed(self, why: str) -> None:
        """A write failed just now."""
        self._wrote, self._why = None, why

    def conditions(self) -> Sequence[Condition]:
        """All that must be so for the hub to be ready."""
        return [self._written(), self._room(), self._timely()]

    def _written(self) -> Condition:
        recent = self._wrote is not None and self._steady() - self._wrote <= SILENT
        return Condition("database", recent, "" if recent else self._why or "no write has ended for a while")

    def _room(self) -> Condition:
        try:
            disk = os.statvfs(self._store.folder)
        except OSError as failure:
            return Condition("disk", False, (failure.strerror or "the folder cannot be read").lower())
        room = disk.f_bavail * disk.f_frsize
        return Condition("disk", room >= LEAST_ROOM, "" if room >= LEAST_ROOM else f"{room >> 20} MiB are left")

    def _timely(self) -> Condition:
        why = clock_says(self._clock)
        return Condition("clock", not why, why)


def clock_says(clock: Callable[[], Instant]) -> str:
    """What is wrong with the hub's clock, or its machine's; empty where nothing is. A clock of tests is right."""
    if not isinstance(clock, HubClock):
        return ""
    if why := clock.doubt():
        return why
    ahead = clock.apart()
    long = duration(abs(ahead) // SECOND * SECOND)
    set_to = f"{long} {'ahead of' if ahead > 0 else 'behind'} the time"
    return f"the clock of this machine was set to {set_to}; the hub goes on without it" if ahead else ""
