"""Batches that no segment held yet at a length of the log, with their leaves: evidence of days that are not over."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, or_, select

from makegood.evidence.batch import Batch
from makegood.evidence.first_batches import first_body
from makegood.evidence.leaf import Leaf, read_leaf
from makegood.store.sql.batches import Filed, filed, held, rosters
from makegood.store.sql.tables import batch, log

AT_ONCE = 500
"""Leaves that are asked for at once."""


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch with its place in the log. `body` are its bytes, None where a segment holds it by now, or where it tells
    of other checks too; `roster` is the SHA-256 of its list of checks."""

    position: int
    leaf: Leaf
    name: str
    roster: bytes
    body: bytes | None = None


def open_batches(connection: Connection, size: int, checks: Set[str], most: int) -> tuple[list[OpenBatch], int]:
    """The latest batches among the first `size` entries that tell of some of these checks, count, and were held by no
    segment among these entries; at most so many, by position, and how many others there are.

    Raises Refused where one is not what the log commits to.
    """
    b = batch.c
    still_open = or_(b.sealed.is_(None), b.sealed >= size)
    found = filed(connection, b.position < size, b.flag.is_(None), still_open)
    lists = rosters(connection, [one.roster for one in found])
    found = [one for one in found if lists[one.roster].names & checks]
    some = found[-most:]
    leaves = _leaves(connection, some)
    shown = [one for one in some if one.sealed is None and lists[one.roster].names <= checks]
    bodies = {one.position: _bytes(one, made) for one, made in held(connection, shown, lists)}
    return [
        OpenBatch(one.position, leaves[one.position], one.name, one.roster, bodies.get(one.position)) for one in some
    ], len(found) - len(some)


def _leaves(connection: Connection, some: list[Filed]) -> dict[int, Leaf]:
    return dict(_asked(connection, [one.position for one in some]))


def _asked(connection: Connection, positions: list[int]) -> Iterator[tuple[int, Leaf]]:
    for n in range(0, len(positions), AT_ONCE):
        asked = select(log.c.position, log.c.leaf).where(log.c.position.in_(positions[n : n + AT_ONCE]))
        for position, leaf in connection.execute(asked).all():
            yield position, read_leaf(bytes(leaf))


def _bytes(one: Filed, made: Batch) -> bytes:
    """The bytes that the log commits to, of either edition."""
    raw = made.body
    return raw if sha256(raw).digest() == one.digest else first_body(made)
