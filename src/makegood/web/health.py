"""Whether the hub is alive and ready: the database takes writes, the disk has room, the clock is sane."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from makegood.app.hub_clock import HubClock
from makegood.app.status import Live
from makegood.model.spans import SECOND, Instant
from makegood.model.status import ServiceStatus, State
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
        self._failed = False
        self._why = "nothing was written yet"

    def wrote(self) -> None:
        """A write was durable just now."""
        self._wrote, self._why, self._failed = self._steady(), "", False

    def failed(self, why: str) -> None:
        """A write failed just now."""
        self._wrote, self._why, self._failed = None, why, True

    @property
    def stuck(self) -> bool:
        """Whether nothing can be written any more: what is kept in the store gets no younger then."""
        return (self._wrote is None and self._failed) or self._silent

    @property
    def _silent(self) -> bool:
        return self._wrote is not None and self._steady() - self._wrote > SILENT

    def conditions(self) -> Sequence[Condition]:
        """All that must be so for the hub to be ready."""
        return [self._written(), self._room(), self._timely()]

    def _written(self) -> Condition:
        engine = self._store.engine
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            return Condition("database", False, "its file is missing: put it back, or restore a backup")
        recent = self._wrote is not None and not self._silent
        return Condition("database", recent, "" if recent else self._why or "no write has ended for a while")

    def _room(self) -> Condition:
        try:
            disk = os.statvfs(self._store.folder)
        except OSError as failure:
            return Condition("disk", False, (failure.strerror or "the folder cannot be read").lower())
        room = disk.f_bavail * disk.f_frsize
        return Condition(
            "disk",
            room >= LEAST_ROOM,
            "" if room >= LEAST_ROOM else f"{room >> 20} MiB are left, and {LEAST_ROOM >> 20} are wanted",
        )

    def _timely(self) -> Condition:
        why = clock_says(self._clock)
        return Condition("clock", not why, why)


class WhileWritten:
    """What is known of services while the store takes writes: without these nothing that happens gets into it, and what
    it said last must not look like now."""

    def __init__(self, live: Live, health: Health) -> None:
        self._live, self._health = live, health

    def refresh(self, now: Instant) -> None:
        """Look for news, where there can be any."""
        if not self._health.stuck:
            self._live.refresh(now)

    def study(self, now: Instant) -> None:
        """The same for the days of the past."""
        if not self._health.stuck:
            self._live.study(now)

    def services(self) -> Sequence[ServiceStatus]:
        """Every service, unknown while nothing can be written."""
        return self._as_known(self._live.services())

    def public(self) -> Sequence[ServiceStatus]:
        """Those that are public, as above."""
        return self._as_known(self._live.public())

    def _as_known(self, some: Sequence[ServiceStatus]) -> Sequence[ServiceStatus]:
        return tuple(replace(one, state=State.UNKNOWN, since=None) for one in some) if self._health.stuck else some


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
