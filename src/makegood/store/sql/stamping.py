"""Time stamps of an authority that a store keeps beside its heads.

A stamp is about a head, and its weight is the authority's signature over that head's bytes. So it is kept as heads are:
only ever added, and not an entry of the log. As an entry it would make a further head, which has no stamp, and the end
of a log could never be stamped.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from makegood.evidence.head import SignedHead, read_head
from makegood.model.spans import Instant
from makegood.store.sql.log import AT_ONCE
from makegood.store.sql.tables import head, stamp


@dataclass(frozen=True, slots=True)
class Kept:
    """A stamp that is kept: for the head of so many entries, taken in at an instant (µs UTC), the authority's reply."""

    size: int
    at: Instant
    reply: bytes


def keep_stamp(connection: Connection, size: int, at: Instant, reply: bytes) -> bool:
    """Keep a reply about the head of a size; False where it is there already."""
    digest = sha256(reply).digest()
    there = select(stamp.c.size).where(stamp.c.size == size, stamp.c.sha256 == digest)
    if connection.execute(there).first() is not None:
        return False
    connection.execute(insert(stamp).values(size=size, sha256=digest, at=at, body=reply))
    return True


def stamps(connection: Connection, size: int | None = None) -> list[Kept]:
    """The stamps of the head of a size, or all, in the order in which they came."""
    asked = select(stamp.c.size, stamp.c.at, stamp.c.body).order_by(stamp.c.size, stamp.c.at, stamp.c.sha256)
    if size is not None:
        asked = asked.where(stamp.c.size == size)
    return [Kept(size, at, bytes(body)) for size, at, body in connection.execute(asked).all()]


def head_with(connection: Connection, digest: bytes) -> SignedHead | None:
    """The head whose bytes have a SHA-256, the latest first."""
    asked = select(head.c.body).order_by(head.c.size.desc()).execution_options(yield_per=AT_ONCE)
    found = connection.execute(asked)
    raw = next((bytes(body) for body in found.scalars() if sha256(bytes(body)).digest() == digest), None)
    found.close()
    return None if raw is None else read_head(raw)
