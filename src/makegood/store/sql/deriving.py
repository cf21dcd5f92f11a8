"""The tree over the log, which is derived from it, made again: by `makegood rebuild`, and at start-up if behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from makegood.evidence.tree import HASH, Frontier, leaf_hash
from makegood.store.sql.database import Unusable, reading, writing
from makegood.store.sql.log import AT_ONCE, begin_log, in_parts, leaves, signed_head
from makegood.store.sql.tables import log, node, sequencer


class Derived:
    """The tree over a log, all of it: for each level the roots of its complete subtrees one after the other.

    Level 1 comes first; each root has 32 bytes. `frontier` is what the next entry goes on from.
    """

    def __init__(self) -> None:
        self.frontier = Frontier()
        self._levels: list[bytearray] = []

    def extend(self, raw: list[bytes]) -> None:
        """Take in the bytes of the next leaves."""
        self.frontier = self.frontier.extended(map(leaf_hash, raw), self._keep)

    def _keep(self, level: int, _number: int, found: bytes) -> None:
        if level > len(self._levels):
            self._levels.append(bytearray())
        self._levels[level - 1] += found

    def rows(self) -> Iterator[tuple[int, int, bytes]]:
        """Level, number and root of each, in the order of the table's key."""
        for level, roots in enumerate(self._levels, 1):
            for number in range(len(roots) // HASH):
                yield level, number, bytes(roots[number * HASH : (number + 1) * HASH])

    @property
    def count(self) -> int:
        return sum(len(roots) for roots in self._levels) // HASH


@dataclass(frozen=True)
class Rebuilt:
    """What a comparison found: so many derived rows belong there, and so many were missing, other, or too many."""

    rows: int
    different: int


def derive(connection: Connection) -> Derived:
    """Everything that is derived, from the log alone."""
    made = Derived()
    while block := leaves(connection, made.frontier.size, made.frontier.size + AT_ONCE):
        made.extend(block)
    return made


def compare(connection: Connection, made: Derived) -> int:
    """How many derived rows of the database differ from those made, and whether the sequencer's one does."""
    asked = select(node.c.level, node.c.number, node.c.hash).order_by(node.c.level, node.c.number)
    stored = connection.execute(asked.execution_options(yield_per=AT_ONCE))
    there = ((level, number, bytes(root)) for level, number, root in stored)
    return _differences(there, made.rows()) + (_kept_frontier(connection) != made.frontier)


def _differences(there: Iterator[tuple[int, int, bytes]], expected: Iterator[tuple[int, int, bytes]]) -> int:
    """How many rows of two sequences in the order of their keys are in one only, or say something else."""
    count, left, right = 0, next(there, None), next(expected, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[:2] < right[:2]):
            count, left = count + 1, next(there, None)
        elif left is None or right[:2] < left[:2]:
            count, right = count + 1, next(expected, None)
        else:
            count += left != right
            left, right = next(there, None), next(expected, None)
    return count


def rebuild(engine: Engine) -> Rebuilt:
    """Make the derived tables again, in one transaction, where a byte of them differs.

    Raises Unusable, and changes nothing, where the log itself does not have the root that its latest head signed.
    """
    with writing(engine) as connection:
        made = derive(connection)
        different = compare(connection, made)
        if different:
            _replace(connection, made)
        return Rebuilt(made.count, different)


def is_behind(connection: Connection) -> bool:
    """Whether the tree is not that of the log's length, by its outermost roots; inner ones only `compare` looks at.

    This is what start-up asks, and costs a look at each level.
    """
    size = connection.execute(select(func.max(log.c.position))).scalar()
    frontier = _kept_frontier(connection)
    if frontier is None or frontier.size != (0 if size is None else size + 1):
        return True
    for level in range(1, frontier.size.bit_length() + 1):
        last = connection.execute(select(func.max(node.c.number)).where(node.c.level == level)).scalar()
        if (-1 if last is None else last) != (frontier.size >> level) - 1:
            return True
    return _peaks(connection, frontier) != frontier.peaks


def mend(engine: Engine) -> bool:
    """Make the derived tables again where they are behind; whether that was needed. Raises Unusable as `rebuild`."""
    with reading(engine) as connection:
        if not is_behind(connection):
            return False
    rebuild(engine)
    return True


def _replace(connection: Connection, made: Derived) -> None:
    signed = signed_head(connection)
    if (signed.head.size, signed.head.root) != (made.frontier.size, made.frontier.root) if signed else made.count:
        raise Unusable("the log does not have the root that its latest head signed: restore it from a backup")
    connection.execute(delete(node))
    rows = [{"level": level, "number": number, "hash": root} for level, number, root in made.rows()]
    in_parts(connection, insert(node), rows)
    if connection.execute(select(func.count()).select_from(sequencer)).scalar_one() == 0:
        begin_log(connection)
    connection.execute(update(sequencer).values(size=made.frontier.size, frontier=made.frontier.to_bytes()))


def _kept_frontier(connection: Connection) -> Frontier | None:
    """The frontier that the next entry would go on from; None where it is missing or none."""
    found = connection.execute(select(sequencer.c.size, sequencer.c.frontier)).first()
    try:
        frontier = None if found is None else Frontier.from_bytes(bytes(found[1]))
    except ValueError:
        return None
    return frontier if frontier is not None and found is not None and frontier.size == found[0] else None


def _peaks(connection: Connection, frontier: Frontier) -> tuple[bytes, ...]:
    """The roots of the complete subtrees that the frontier names, as they are stored."""
    found, start = [], 0
    for level in range(frontier.size.bit_length() - 1, -1, -1):
        if not frontier.size >> level & 1:
            continue
        if level == 0:
            found.append(b"".join(leaf_hash(one) for one in leaves(connection, start, start + 1)))
        else:
            asked = select(node.c.hash).where(node.c.level == level, node.c.number == start >> level)
            found.append(bytes(connection.execute(asked).scalar() or b""))
        start += 1 << level
    return tuple(found)
