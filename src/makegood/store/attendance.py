"""When the hub was there to be told: each process that serves says so again and again, and its silences are gaps.

Somebody who tells the hub something while no process serves is heard by nobody, and what was not told then says nothing
about the service. A process that was killed, paused, or could not write was away since it last said that it is there.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine, delete, insert, select, update

from makegood.model.spans import SECOND, Duration, Instant, Span, Spans
from makegood.store.sql.database import writing
from makegood.store.sql.hub_tables import attendance

EVERY: Duration = 2 * SECOND
"""How often a process says that it is there."""
ALLOWED: Duration = 8 * SECOND
"""A process that said nothing for longer was away in between."""


class Attendance:
    """One process of the hub, from now on there. `clock` says what time it is, µs UTC."""

    def __init__(self, engine: Engine, process: str, clock: Callable[[], Instant]) -> None:
        self._engine, self._process, self._clock = engine, process, clock
        self._since: Instant | None = None
        self._until: Instant = 0

    def say(self) -> None:
        """Say that it is there, durably. Raises DBAPIError where the database cannot be written; it is away then."""
        now = self._clock()
        going_on = self._since is not None and self._until <= now <= self._until + ALLOWED
        with writing(self._engine) as connection:
            if going_on:
                mine = attendance.c.process == self._process, attendance.c.since == self._since
                connection.execute(update(attendance).where(*mine).values(until=now))
            else:
                connection.execute(insert(attendance).values(process=self._process, since=now, until=now))
        if self._clock() > now + ALLOWED:  # it took so long that nobody could have been heard meanwhile
            self._since = None
            return
        self._since, self._until = self._since if going_on else now, now


def present(connection: Connection, within: Span) -> Spans:
    """When at least one process was there."""
    asked = select(attendance.c.since, attendance.c.until).where(
        attendance.c.until > within.start, attendance.c.since < within.end
    )
    return Spans((since, until) for since, until in connection.execute(asked)).within(within)


def forget(connection: Connection, before: Instant) -> None:
    """Forget attendance that ended before an instant."""
    connection.execute(delete(attendance).where(attendance.c.until < before))
