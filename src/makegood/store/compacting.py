"""Compacting: the segments that a month was sealed into day by day become one, which says the same slot by slot.

The log keeps the entries of those that it replaces, and a document of the log says by what. Their files are left for a
day, for whoever is reading them. Statements as of an earlier length of the log are the same: what they know goes by the
batches, and those are then listed as held by the new segment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import duckdb
from sqlalchemy import Connection, func, select, update

from makegood.evidence.canonical import Json, canonical
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import DAY, Duration, Instant
from makegood.store.opened import Store
from makegood.store.outcome_files import OutcomeFile, read_outcomes, write_outcomes
from makegood.store.refusals import disk_refusal
from makegood.store.sealing_days import OUTCOMES, made_of, month_of
from makegood.store.segments import remove_segment, segment_file, write_segment
from makegood.store.sheets import merged
from makegood.store.sql.batches import filed
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended, Document, Sealed
from makegood.store.sql.tables import REPLACEMENT, batch, document, log, segment

LEFT_FOR = DAY
"""How long the file of a segment that was replaced is left where it is."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """A segment that was made of several: its name and bytes, how many it replaces, and the bytes of those."""

    name: str
    size: int
    replaced: int
    before: int


@dataclass(frozen=True, slots=True)
class _Small:
    """A segment of outcomes: `reach` has the starts of the first and the last slot that its batches cover, by
    location."""

    position: int
    name: str
    digest: str
    size: int
    rows: int
    beside: int
    last: Instant
    every: Duration
    reach: dict[str, tuple[Instant, Instant]]


@dataclass(slots=True)
class _Bin:
    """Segments of one month and length of slots of which no two have batches of one location that lie in each other."""

    some: list[_Small] = field(default_factory=list)

    def takes(self, one: _Small) -> bool:
        return not any(
            first <= before[1] and before[0] <= last
            for other in self.some
            for location, (first, last) in one.reach.items()
            if (before := other.reach.get(location)) is not None
        )


def compact(store: Store, until: Instant, now: Instant, by: str) -> Iterator[Compacted]:
    """Make one segment of those of each month (UTC) that ended before an instant and each length of slots.

    What was sealed late into the midst of another segment stays apart. Each is done in a transaction of its own.
    Raises Refused where a disk, the object store or the database refuses; what was being compacted is then as it was.
    """
    _remove_replaced(store, now)
    for some in _bins(store, until):
        try:
            yield _compacted(store, some, now, by)
        except (duckdb.Error, OSError) as failure:
            why, hint = disk_refusal(failure), "nothing was changed; make room, and do it again"
            where = Place(str(store.folder))
            raise Refused([error("unwritable", where, "the segment cannot be written", why, hint)]) from None


def _bins(store: Store, until: Instant) -> list[list[_Small]]:
    ended, months = month_of(until), dict[tuple[tuple[int, int], int], list[_Bin]]()
    for one in _small(store):
        if month_of(one.last) >= ended:
            continue
        bins = months.setdefault((month_of(one.last), one.every), [])
        there = next((b for b in bins if b.takes(one)), None)
        if there is None:
            bins.append(there := _Bin())
        there.some.append(one)
    return [b.some for _, bins in sorted(months.items()) for b in bins if len(b.some) > 1]


def _small(store: Store) -> list[_Small]:
    s, b = segment.c, batch.c
    asked = select(s.position, s.name, s.sha256, s.bytes, s.rows, s.told, s.last)
    asked = asked.where(s.kind == OUTCOMES, s.retired.is_(None)).order_by(s.position)
    spans = select(b.sealed, b.location, b.every, func.min(b.first), func.max(b.last))
    spans = spans.where(b.sealed.is_not(None)).group_by(b.sealed, b.location, b.every)
    reach, lengths = dict[int, dict[str, tuple[Instant, Instant]]](), dict[int, Duration]()
    with reading(store.engine) as connection:
        for sealed, location, every, first, last in connection.execute(spans).all():
            reach.setdefault(sealed, {})[location] = first, last
            lengths[sealed] = every
        rows = connection.execute(asked).all()
    return [
        _Small(
            position, name, bytes(digest).hex(), size, count, int(json.loads(bytes(told))["duplicates"]), last,
            lengths[position], reach[position],
        )
        for position, name, digest, size, count, told, last in rows
    ]  # fmt: skip


def _compacted(store: Store, some: Sequence[_Small], now: Instant, by: str) -> Compacted:
    files = list[OutcomeFile]()
    for one in some:
        path = segment_file(store.place, one.name, one.digest)
        if isinstance(path, Problem):
            raise Refused([path])
        files.append(OutcomeFile(path, one.rows, one.beside))
    layers = merged(some[0].every, read_outcomes(files))
    positions = [one.position for one in some]
    with reading(store.engine) as connection:
        batches = filed(connection, batch.c.sealed.in_(positions))
    name, digest, size, rows = write_segment(store.place, OUTCOMES, lambda path: write_outcomes(path, layers))
    body: Json = {
        "at": str(now), "name": name, "replaces": [{"name": one.name, "sha256": one.digest} for one in some],
        "sha256": digest, "v": 1,
    }  # fmt: skip

    def moved(connection: Connection, made: range) -> None:
        told, new = made  # the document, and then the segment
        s, b = segment.c, batch.c
        gone = update(segment).where(s.position.in_(positions), s.retired.is_(None)).values(retired=told)
        now_in = update(batch).where(b.sealed.in_(positions)).values(sealed=new)
        if (connection.execute(gone).rowcount, connection.execute(now_in).rowcount) != (len(some), len(batches)):
            what, hint = "another process changed the same segments", "nothing is lost: do it again"
            raise Refused([error("sealed-meanwhile", Place(str(store.folder)), what, "", hint)])

    made = made_of(name, digest, rows, batches, now, by, len(layers.beside.slot))
    sealed = Sealed(made, size, min(one.first for one in batches), max(one.last for one in batches))
    documents = [Document(REPLACEMENT, name, canonical(body))]
    store.append(Appended(by, segments=[sealed], documents=documents), now, moved)
    return Compacted(name, size, len(some), sum(one.size for one in some))


def _remove_replaced(store: Store, now: Instant) -> None:
    """Remove the files of segments that were replaced long enough ago."""
    s = segment.c
    asked = select(s.name).select_from(segment).join(document, document.c.position == s.retired)
    asked = asked.join(log, log.c.position == s.retired)
    asked = asked.where(document.c.kind == REPLACEMENT, log.c.at <= now - LEFT_FOR)
    with reading(store.engine) as connection:
        names = connection.execute(asked).scalars().all()
    for name in names:
        if (store.folder / name).exists():  # on the object store it is removed first
            remove_segment(store.place, name)
