"""Statements that were given to somebody: frozen as they were, and numbered in the order given."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

from makegood.model.spans import Instant
from makegood.store.sql.log import extent
from makegood.store.sql.tables import statement


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement as it was given: for an order and a period as asked for, from the first `size` entries of the log, at
    an instant (µs UTC); `body` is its JSON."""

    number: int
    order: str
    period: str
    size: int
    at: Instant
    body: bytes


def issue(connection: Connection, order: str, period: str, size: int, at: Instant, body: bytes) -> int:
    """Freeze a statement, in a transaction; its number. The same bytes again have the number that they had."""
    extent(connection, lock=True)  # whoever appends takes turns, and so do those who number
    digest = sha256(body).digest()
    there = connection.execute(select(statement.c.number).where(statement.c.sha256 == digest)).scalar()
    if there is not None:
        return int(there)
    number = int(connection.execute(select(func.coalesce(func.max(statement.c.number), 0))).scalar_one()) + 1
    connection.execute(
        insert(statement).values(number=number, order=order, period=period, size=size, at=at, sha256=digest, body=body)
    )
    return number


def issued(connection: Connection, number: int | None = None) -> list[Issued]:
    """Every statement that was given, in the order given, or the one of a number."""
    c = statement.c
    asked = select(c.number, c.order, c.period, c.size, c.at, c.body).order_by(c.number)
    found = connection.execute(asked if number is None else asked.where(c.number == number)).all()
    return [Issued(n, order, period, size, at, bytes(body)) for n, order, period, size, at, body in found]
