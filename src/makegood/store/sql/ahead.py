"""What a clock that was ahead left behind in tables that say what is to be done, and not what was: it is set to now.

The log stays as it is. What it says of the time is said by whoever recorded it (docs/store.md, *Clocks*).
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, Table, delete, update

from makegood.model.spans import DAY, SECOND, Duration, Instant
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.hub_tables import attendance, heard
from makegood.store.sql.notify_tables import alert, outbox

NEAR: Duration = 5 * SECOND
"""What is so little ahead is left: clocks of servers differ."""


def set_to(connection: Connection, now: Instant) -> int:
    """Let nothing lie ahead of an instant that cannot; how many rows did.

    Whoever was there, or was heard of, then was not. Heartbeats are judged again from the slot that is now. What is to
    be tried or looked at in more than a day is looked at now: who does so finds out whether it is due.
    """
    most = now + NEAR
    done = connection.execute(delete(attendance).where(attendance.c.since > most)).rowcount
    done += _to(connection, attendance, attendance.c.until, most, now)
    for column in (agent.c.seen, agent.c.asked, agent.c.enrolled):
        done += _to(connection, agent, column, most, now)
    for column in (outbox.c.due, outbox.c.leased):
        done += _to(connection, outbox, column, now + DAY, now)
    judged = update(heard).where((heard.c.slot - 1) * heard.c.every > most)
    done += connection.execute(judged.values(slot=now // heard.c.every)).rowcount
    return done + _to(connection, alert, alert.c.due, now + DAY, now)


def _to(connection: Connection, table: Table, column: Column[int], most: Instant, now: Instant) -> int:
    return connection.execute(update(table).where(column > most).values({column.name: now})).rowcount
