"""Leases: of the processes that serve one store, one at a time does what must be done once.

A lease is a row that is won by compare-and-set and holds until an instant. Its epoch grows whenever somebody else wins
it. Whoever writes under a lease shows it in the same transaction (`fenced`), so that a holder that was paused while its
lease ran out, and does not know it, is refused by the epoch, whatever its clock says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from makegood.model.spans import Duration, Instant
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import lease


class Lost(Exception):
    """The lease is somebody else's, or nobody's, by now: nothing may be written under it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a holder has: it is the holder's until `until` (µs UTC) by the clock of `Leases`."""

    name: str
    holder: str
    epoch: int
    until: Instant


class Leases:
    """The leases of a store, as one process sees them. `holder` names the process and no other one ever.

    `clock` says what time it is, µs UTC. On several machines that should be one clock, else a fast one takes leases
    early, which costs turns and harms nothing: `database_clock` is such a one.
    """

    def __init__(self, engine: Engine, holder: str, clock: Callable[[], Instant]) -> None:
        self._engine, self._holder, self._clock = engine, holder, clock

    def take(self, name: str, lasting: Duration) -> Lease | None:
        """Win a lease, or make the one that is ours longer; None where somebody else has it.

        Raises DBAPIError where the database cannot be used.
        """
        now = self._clock()
        with reading(self._engine) as connection:  # without a write, where it is somebody else's
            there = connection.execute(select(lease).where(lease.c.name == name)).first()
        if there is not None and self._is_anothers(there, now, lasting):
            return None
        try:
            with writing(self._engine) as connection:
                return self._won(connection, name, lasting)
        except IntegrityError:  # two inserted the row of a new lease at once, and the other was first
            return None

    def _won(self, connection: Connection, name: str, lasting: Duration) -> Lease | None:
        asked = select(lease).where(lease.c.name == name).with_for_update()
        there = connection.execute(asked).first()
        now = self._clock()
        until = now + lasting
        if there is None:
            connection.execute(insert(lease).values(name=name, holder=self._holder, epoch=1, until=until))
            return Lease(name, self._holder, 1, until)
        if self._is_anothers(there, now, lasting):
            return None
        # One that ran out is won anew, also by its last holder: somebody may have been told that it was free.
        epoch = there.epoch if there.holder == self._holder and there.until > now else there.epoch + 1
        as_seen = lease.c.epoch == there.epoch, lease.c.until == there.until
        changed = update(lease).where(lease.c.name == name, *as_seen)
        done = connection.execute(changed.values(holder=self._holder, epoch=epoch, until=until))
        return Lease(name, self._holder, epoch, until) if done.rowcount else None

    def _is_anothers(self, there: Any, now: Instant, lasting: Duration) -> bool:
        """Whether another process has it now. One that is to hold for longer than anybody takes it was taken by a clock
        that was ahead, and must not keep all others out until then."""
        return bool(there.holder != self._holder and now < there.until <= now + 2 * lasting)

    def holds(self, one: Lease) -> bool:
        """Whether a lease of ours has not run out by the clock; whether somebody took it, only `fenced` knows."""
        return self._clock() < one.until

    def leave(self, one: Lease) -> None:
        """Give a lease back before it runs out, so that another may have it at once; nothing where it is lost."""
        ours = and_(lease.c.name == one.name, lease.c.holder == one.holder, lease.c.epoch == one.epoch)
        with writing(self._engine) as connection:
            connection.execute(update(lease).where(ours).values(until=0))


def fenced(connection: Connection, one: Lease) -> None:
    """Show a lease in a transaction that writes: nobody else wins it before that has ended. Raises Lost."""
    asked = select(lease.c.holder, lease.c.epoch).where(lease.c.name == one.name).with_for_update()
    there = connection.execute(asked).first()
    if there is None or (there.holder, there.epoch) != (one.holder, one.epoch):
        raise Lost(f"the lease `{one.name}` is no longer held under epoch {one.epoch}")


def database_clock(engine: Engine, clock: Callable[[], Instant]) -> Callable[[], Instant]:
    """The clock of PostgreSQL, which all processes share, or with SQLite the one given: they are on one machine."""
    if engine.dialect.name != "postgresql":
        return clock

    def now() -> Instant:
        with reading(engine) as connection:
            asked = select(func.floor(func.extract("epoch", func.clock_timestamp()) * 1_000_000))
            return int(connection.execute(asked).scalar_one())

    return now
