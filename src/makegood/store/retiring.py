"""Retention: evidence that was kept as long as it must be goes, unless someone holds it; that it went stays in the log.

The leaf of a segment that is retired, its hash and every proof stay. Holds, releases and retirements are documents of
the log, in canonical JSON. Facts, documents, statements and the log itself are records, and are never retired.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import duckdb
from sqlalchemy import Connection, select, update

from makegood.evidence.canonical import Json, canonical
from makegood.exchange.moments import written
from makegood.exchange.parquet_table import connect
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import DAY, Instant
from makegood.store.imports import Import
from makegood.store.opened import Store
from makegood.store.refusals import disk_refusal
from makegood.store.sealing_flagged import FLAGGED
from makegood.store.segments import remote_sizes, remove_segment, segment_file, write_segment
from makegood.store.sketches import write_sketches
from makegood.store.sql.database import reading
from makegood.store.sql.log import size_at
from makegood.store.sql.store import Appended, Document, Sealed
from makegood.store.sql.tables import RETIREMENT, document, segment

HOLD, RELEASE = "hold", "release"
LATENCIES, SKETCHES = "latencies", "sketches"
_OF_SERVICES = ("states", "measurements", "figures")
LIVED = 7
"""So many days before now something must have been logged on each, that now is shown to be now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Evidence that is kept whatever its age: of some checks and services, or of all where none is named, that tells of
    an instant in `first <= t < last`."""

    name: str
    because: str
    checks: tuple[str, ...]
    services: tuple[str, ...]
    first: Instant
    last: Instant


@dataclass(frozen=True, slots=True)
class Old:
    """A segment that is older than it must be kept, with the hold that keeps it, or none; `thin` says that sketches of
    it are to be kept."""

    position: int
    kind: str
    name: str
    digest: str
    rows: int
    first: Instant
    last: Instant
    held: str = ""
    thin: bool = False


def hold(store: Store, one: Hold, now: Instant, by: str) -> None:
    """Hold evidence. Raises Refused for a name that is in use."""
    if any(h.name == one.name for h in holds(store)):
        raise Refused(
            [error("hold-exists", Place(one.name), "a hold of this name is in force", "", "name it otherwise")]
        )
    body: Json = {
        "at": str(now), "because": one.because, "checks": list(one.checks), "first": str(one.first),
        "last": str(one.last), "name": one.name, "services": list(one.services), "v": 1,
    }  # fmt: skip
    store.append(Appended(by, documents=[Document(HOLD, one.name, canonical(body))]), now)


def release(store: Store, name: str, because: str, now: Instant, by: str) -> None:
    """End a hold. Raises Refused where none of this name is in force."""
    if not any(h.name == name for h in holds(store)):
        raise Refused([error("no-such-hold", Place(name), "no hold of this name is in force")])
    body = canonical({"at": str(now), "because": because, "name": name, "v": 1})
    store.append(Appended(by, documents=[Document(RELEASE, name, body)]), now)


def holds(store: Store) -> list[Hold]:
    """The holds that are in force, in the order in which they were made."""
    d = document.c
    asked = select(d.kind, d.name, d.body).where(d.kind.in_([HOLD, RELEASE])).order_by(d.position)
    found = dict[str, Hold]()
    with reading(store.engine) as connection:
        for kind, name, body in connection.execute(asked).all():
            found.pop(name, None)
            if kind == HOLD:
                said = json.loads(bytes(body))
                span = int(said["first"]), int(said["last"])
                found[name] = Hold(name, said["because"], tuple(said["checks"]), tuple(said["services"]), *span)
    return list(found.values())


def months_before(day: date, months: int) -> date:
    """The date so many calendar months before, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def old(store: Store, now: Instant) -> list[Old]:
    """The segments that tell only of days before those that must be kept, in the order of their positions."""
    today = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)).date()
    kept = {kind: _start(months_before(today, months)) for kind, months in store.place.keeps.items()}
    s = segment.c
    asked = select(s.position, s.kind, s.name, s.sha256, s.rows, s.first, s.last).where(s.retired.is_(None))
    with reading(store.engine) as connection:
        rows = connection.execute(asked.order_by(s.position)).all()
    in_force, found = holds(store), list[Old]()
    for position, kind, name, digest, count, first, last in rows:
        since = kept.get(LATENCIES if kind == LATENCIES else "outcomes")
        if since is None or last >= since:
            continue
        thin = kind == LATENCIES and last >= kept.get("outcomes", last)
        one = Old(position, kind, name, bytes(digest).hex(), count, first, last, thin=thin)
        found.append(replace(one, held=next((h.name for h in in_force if _holds(store, h, one)), "")))
    return found


def _start(day: date) -> Instant:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY


def _holds(store: Store, one: Hold, some: Old) -> bool:
    """Whether a hold keeps a segment. One that cannot be read is kept, and so are flagged batches: they may tell of any
    time."""
    if some.kind == FLAGGED:
        return True
    if some.last < one.first or some.first >= one.last:
        return False
    if not one.checks and not one.services:
        return True
    path = segment_file(store.place, some.name, some.digest)
    if isinstance(path, Problem):
        return True
    column, names = ("service", one.services) if some.kind in _OF_SERVICES else ("check", one.checks)
    with connect() as db:
        asked = f'select count(*) from read_parquet($1) where "{column}" in (select unnest($2::varchar[]))'
        ((count,),) = db.execute(asked, [str(path), list(names)]).fetchall()
    return bool(count)


def lived_until(store: Store, now: Instant) -> bool:
    """Whether the log shows that time came to an instant day by day: a clock that is a year ahead makes nothing old."""
    with reading(store.engine) as connection:
        sizes = [size_at(connection, now + 1 - day * DAY) for day in range(LIVED + 1)]
    return all(sizes[day] > sizes[day + 1] for day in range(LIVED))


def retire(store: Store, some: Sequence[Old], now: Instant, by: str) -> Iterator[Old]:
    """Retire segments that no hold keeps, each in a transaction of its own, and remove their files.

    Of latencies, sketches are kept in their place until outcomes of their days go. What an interrupted retiring left is
    removed too. Raises Refused where a disk, the object store or the database refuses.
    """
    for name in _retired(store):
        remove_segment(store.place, name)
    for one in some:
        if one.held:
            continue
        _retire(store, one, now, by)
        remove_segment(store.place, one.name)
        yield one


def _retire(store: Store, one: Old, now: Instant, by: str) -> None:
    body: Json = {
        "at": str(now), "first": str(one.first), "last": str(one.last), "name": one.name, "rows": str(one.rows),
        "sha256": one.digest, "v": 1,
    }  # fmt: skip

    def also(connection: Connection, positions: range) -> None:
        s = segment.c
        alone = s.position == one.position, s.retired.is_(None)
        if connection.execute(update(segment).where(*alone).values(retired=positions[0])).rowcount != 1:
            what = f"another process retired {one.name} meanwhile"
            raise Refused([error("retired-meanwhile", Place(str(store.folder)), what)])

    told = Document(RETIREMENT, one.name, canonical(body))
    thinned = [_thinned(store, one, now, by)] if one.thin else []
    store.append(Appended(by, segments=thinned, documents=[told]), now, also)  # the document has the first position


def _thinned(store: Store, one: Old, now: Instant, by: str) -> Sealed:
    path = segment_file(store.place, one.name, one.digest)
    if isinstance(path, Problem):
        raise Refused([path])
    try:
        name, digest, size, rows = write_segment(store.place, SKETCHES, lambda part: write_sketches(part, path))
    except (duckdb.Error, OSError) as failure:
        why, hint = disk_refusal(failure), "make room, and do it again"
        where = Place(str(store.folder))
        raise Refused([error("unwritable", where, "the sketches cannot be written", why, hint)]) from None
    made = Import(one.name, one.digest, SKETCHES, name, digest, rows, 0, written(now), by)
    return Sealed(made, size, one.first, one.last)


def _retired(store: Store) -> list[str]:
    """The files of retired segments that are still there, or on the object store."""
    with reading(store.engine) as connection:
        asked = select(segment.c.name).select_from(segment).join(document, document.c.position == segment.c.retired)
        names = connection.execute(asked.where(document.c.kind == RETIREMENT)).scalars().all()
    remote = remote_sizes(store.place) if store.place.segments and names else {}
    return [name for name in names if name in remote or (store.folder / name).exists()]
