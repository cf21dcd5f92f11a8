"""The log of a store: every fact gets the next position, and the tree over all of them grows with it (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from makegood.evidence.head import SignedHead, read_head
from makegood.evidence.leaf import Leaf
from makegood.evidence.tree import Frontier, Tree, leaf_hash
from makegood.model.spans import Instant
from makegood.store.sql.tables import head, log, node, sequencer

Sign = Callable[[bytes | None, int, bytes, Instant], SignedHead]
"""Signs a head of so many entries, with its root, at an instant, by the key that signed the head before it: that public
key comes first, None in an empty log. Whoever holds another one learns here that the log's key was changed."""

AT_ONCE = 10_000
"""Rows of one statement to the database."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be logged: a kind and an id, the handle of who recorded it, and the 32 bytes that it commits to."""

    kind: str
    id: str
    by: str
    commit: bytes


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the log is: so many entries, the last of them at an instant (µs; 0 in an empty log), and the frontier."""

    frontier: Frontier
    at: Instant

    @property
    def size(self) -> int:
        return self.frontier.size


def size_at(connection: Connection, instant: Instant) -> int:
    """How many entries were logged before an instant: times of the log never go back."""
    low, high = 0, extent(connection).size
    while low < high:
        middle = (low + high) // 2
        at = connection.execute(select(log.c.at).where(log.c.position == middle)).scalar_one()
        low, high = (middle + 1, high) if at < instant else (low, middle)
    return low


def begin_log(connection: Connection) -> None:
    """The row that whoever appends locks; once, in a new store."""
    connection.execute(insert(sequencer).values(only=1, size=0, frontier=Frontier().to_bytes()))


def extent(connection: Connection, lock: bool = False) -> Extent:
    """How far the log is. With `lock` nobody else appends until this transaction ends."""
    asked = select(sequencer.c.frontier)
    raw = connection.execute(asked.with_for_update() if lock else asked).scalar_one()
    frontier = Frontier.from_bytes(raw)
    at = connection.execute(select(log.c.at).where(log.c.position == frontier.size - 1)).scalar()
    return Extent(frontier, at or 0)


def append(connection: Connection, entries: Sequence[Entry], now: Instant, sign: Sign) -> range:
    """Log entries in a transaction, all at the same instant, and sign the head that they make; their positions.

    The log's clock never goes back: an entry is at the later of `now` and the entry before it.
    """
    before = extent(connection, lock=True)
    if not entries:
        return range(before.size, before.size)
    at = max(now, before.at)
    leaves = [Leaf(e.id, e.kind, at, e.by, e.commit).to_bytes() for e in entries]
    positions = range(before.size, before.size + len(entries))
    rows = [
        {"position": position, "at": at, "kind": entry.kind, "leaf": leaf}
        for position, entry, leaf in zip(positions, entries, leaves, strict=True)
    ]
    nodes: list[dict[str, object]] = []
    frontier = before.frontier.extended(
        map(leaf_hash, leaves),
        lambda level, number, found: nodes.append({"level": level, "number": number, "hash": found}),
    )
    in_parts(connection, insert(log), rows)
    in_parts(connection, insert(node), nodes)
    connection.execute(update(sequencer).values(size=frontier.size, frontier=frontier.to_bytes()))
    latest = signed_head(connection)
    signed = sign(None if latest is None else latest.public, frontier.size, frontier.root, at)
    connection.execute(insert(head).values(size=frontier.size, at=at, body=signed.to_bytes()))
    return positions


def in_parts(connection: Connection, statement: object, rows: Sequence[dict[str, object]]) -> None:
    """Insert any number of rows."""
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(statement, rows[start : start + AT_ONCE])  # type: ignore[call-overload]


def leaves(connection: Connection, start: int, end: int) -> list[bytes]:
    """The bytes of the leaves of some positions, from `start` up to `end`."""
    asked = select(log.c.leaf).where(log.c.position >= start, log.c.position < end).order_by(log.c.position)
    return [bytes(raw) for raw in connection.execute(asked).scalars()]


def tree(connection: Connection) -> Tree:
    """The tree over the log, from what is stored of it."""

    def complete(level: int, number: int) -> bytes | None:
        asked = select(node.c.hash).where(node.c.level == level, node.c.number == number)
        found = connection.execute(asked).scalar()
        return None if found is None else bytes(found)

    return Tree(lambda start, end: [leaf_hash(one) for one in leaves(connection, start, end)], complete)


def signed_head(connection: Connection, size: int | None = None) -> SignedHead | None:
    """The head that was signed at a size of the log, or the latest one; None where there is none of that size."""
    asked = select(head.c.body)
    asked = asked.order_by(head.c.size.desc()).limit(1) if size is None else asked.where(head.c.size == size)
    raw = connection.execute(asked).scalar()
    return None if raw is None else read_head(bytes(raw))
