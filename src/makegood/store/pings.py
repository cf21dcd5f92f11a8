"""Pings: what jobs told the hub, as it came; rows that are durable before anybody is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from secrets import randbits

from sqlalchemy import Connection, delete, func, insert, select

from makegood.model.spans import Duration, Instant, Span
from makegood.store.sql.hub_tables import ping


class PingKind(StrEnum):
    """What a ping tells."""

    SUCCESS = "success"
    FAIL = "fail"
    START = "start"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping to a check, and when it came (µs UTC by the hub's clock). `code` is the exit status that it told, `run`
    the id of the run of the job, `took` how long the job took in µs; None and empty where it did not tell."""

    check: str
    at: Instant
    kind: PingKind = PingKind.SUCCESS
    code: int | None = None
    run: str = ""
    took: Duration | None = None
    body: bytes = b""


def insert_pings(connection: Connection, some: Sequence[Ping]) -> None:
    """Add pings in a transaction."""
    rows = [
        {
            "check": one.check, "at": one.at, "nonce": randbits(62), "kind": one.kind.value, "code": one.code,
            "run": one.run, "took": one.took, "body": one.body,
        }
        for one in some
    ]  # fmt: skip
    connection.execute(insert(ping), rows)


def pings(connection: Connection, check: str, within: Span) -> list[Ping]:
    """The pings to a check that came in a span, in their order, without their bodies."""
    p = ping.c
    asked = select(p.at, p.kind, p.code, p.run, p.took).where(p.check == check, p.at >= within.start, p.at < within.end)
    rows = connection.execute(asked.order_by(p.at, p.nonce)).all()
    return [Ping(check, at, PingKind(kind), code, run, took) for at, kind, code, run, took in rows]


def first_ping(connection: Connection, check: str) -> Instant | None:
    """When a check was pinged for the first time that is still known."""
    return connection.execute(select(func.min(ping.c.at)).where(ping.c.check == check)).scalar()


def forget_pings(connection: Connection, before: Instant) -> int:
    """Forget the pings that came before an instant; how many."""
    return connection.execute(delete(ping).where(ping.c.at < before)).rowcount
