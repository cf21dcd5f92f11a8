"""Taking batches in: many callers share one durable transaction, and none is answered before it is on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

import numpy as np
from sqlalchemy import Connection, and_, insert, select, tuple_
from sqlalchemy.exc import DBAPIError

from makegood.evidence.batch import Batch, Roster, RowBatch
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant
from makegood.store.alarms import Alarm, AlarmKind
from makegood.store.opened import Store
from makegood.store.sql.agents import Agent, State, agents
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.batches import (
    ROSTER,
    Sent,
    Subjects,
    file_rows,
    filed,
    held,
    listed,
    reach,
    rosters,
    subjects_of,
)
from makegood.store.sql.database import writing
from makegood.store.sql.log import Entry, append, extent, in_parts
from makegood.store.sql.store import Document, author_handle, insert_documents, unwritable
from makegood.store.sql.tables import batch, document

MOST_AT_ONCE = 256
"""Batches of one transaction."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: its position in the log, whether it was there already, and in how many samples it says
    otherwise than batches before it of which the store still has the results as they came."""

    position: int
    duplicate: bool = False
    contradicts: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A batch as it comes: who signed it, whether its results count, and the alarms that it gives, which are recorded
    with it."""

    batch: Batch
    sent: Sent = field(default_factory=Sent)
    alarms: tuple[Alarm, ...] = ()


@dataclass
class _Waiting:
    arrival: Arrival
    done: Event = field(default_factory=Event)
    taken: Taken | None = None
    failure: BaseException | None = None

    @property
    def batch(self) -> Batch:
        return self.arrival.batch


class Ingest:
    """Takes batches into a store, in the name of `by`; `clock` says what time it is, µs UTC.

    It may be called from many threads at once. Whoever comes while others are being written is written with all who
    came in that time. Close it, or use it in a `with`, when there is no more to take: a connection stays open until
    then, because the last one of SQLite to close copies the write-ahead log.
    """

    def __init__(self, store: Store, by: str, clock: Callable[[], Instant]) -> None:
        self._store, self._by, self._clock = store, by, clock
        self._waiting: list[_Waiting] = []
        self._entry, self._writer = Lock(), Lock()
        self._subjects: Subjects = {}
        self._rosters: set[bytes] = set()
        self._lists: dict[bytes, Roster] = {}
        self._open = store.engine.raw_connection()

    def __enter__(self) -> Ingest:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; nothing waits any more."""
        self._open.close()

    def take(self, one: Batch | Arrival) -> Taken:
        """Take one batch. When this returns it is on the disk.

        Raises Refused where another content came under the same location and sequence, or the database refuses.
        """
        return self.take_all([one])[0]

    def take_all(self, some: Sequence[Batch | Arrival]) -> list[Taken]:
        """Take batches, in their order. Raises Refused for the first that is refused; the others are taken."""
        mine = [_Waiting(one if isinstance(one, Arrival) else Arrival(one)) for one in some]
        with self._entry:
            self._waiting.extend(mine)
        while not all(one.done.is_set() for one in mine):
            with self._writer:
                if all(one.done.is_set() for one in mine):
                    break
                with self._entry:
                    group, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                self._write(group)
        for one in mine:
            if one.failure is not None:
                raise one.failure
        return [one.taken for one in mine if one.taken is not None]

    def _write(self, group: list[_Waiting]) -> None:
        """One transaction. Whoever waits is told, whatever happens."""
        subjects, lists = Subjects(), set[bytes]()
        try:
            with writing(self._store.engine) as connection:
                self._file(connection, group, subjects, lists)
            self._subjects |= subjects
            self._rosters |= lists
        except DBAPIError as failure:
            _fail(group, Refused([unwritable(self._store.engine, failure)]))
        except Exception as failure:  # noqa: BLE001 -- raised by each that waits for it
            _fail(group, failure)
        except BaseException as failure:
            _fail(group, failure)
            raise
        finally:
            for one in group:
                one.done.set()

    def _file(self, connection: Connection, group: list[_Waiting], subjects: Subjects, lists: set[bytes]) -> None:
        new = _new(connection, group)
        found = {group[n].batch.roster.digest: group[n].batch.roster for n in new}
        documents = [
            Document(ROSTER, f"{digest.hex()[:16]}.json", one.body)
            for digest, one in found.items()
            if digest not in self._rosters and not _has(connection, digest)
        ]
        by = author_handle(connection, self._by)
        entries = [Entry(f"document/{one.kind}", one.name, by, one.digest) for one in documents]
        entries += [Entry("batch", group[n].batch.name, by, group[n].batch.digest) for n in new]
        now = self._clock()
        positions = self._logged(connection, entries, now)
        insert_documents(connection, documents, positions)
        lists |= found.keys()
        rows, reached = list[dict[str, object]](), dict[str, Instant | None]()
        alarms = list[Alarm]()
        for n, position in zip(new, positions, strict=True):
            one, sent = group[n].batch, group[n].arrival.sent
            alarms += group[n].arrival.alarms
            if sent.flag:
                rows.append(listed(position, one, sent, body=True))
                group[n].taken = Taken(position)
                continue
            if one.location not in reached:
                reached[one.location] = reach(connection, one.location)
            before, (first, last) = reached[one.location], one.span
            contradicts = 0
            if before is not None and first <= before:
                in_parts(connection, insert(batch), rows)
                rows = []
                contradicts = _contradicted(connection, one, self._lists)
                alarms += [_contradiction(one, contradicts, now)] if contradicts else []
            reached[one.location] = last if before is None else max(last, before)
            as_rows = isinstance(one, RowBatch) and self._as_rows(connection, position, one, subjects)
            rows.append(listed(position, one, sent, body=not as_rows))
            group[n].taken = Taken(position, contradicts=contradicts)
        in_parts(connection, insert(batch), rows)
        self._tell(connection, alarms, by, now)
        places = {group[n].batch.name: group[n].taken for n in new}
        for waiting in group:  # those that came twice in one group
            if waiting.taken is None and waiting.failure is None:
                earlier = places[waiting.batch.name]
                assert earlier is not None
                waiting.taken = Taken(earlier.position, duplicate=True)

    def _logged(self, connection: Connection, entries: Sequence[Entry], now: Instant) -> Iterator[int]:
        return iter(append(connection, entries, now, self._store.sign))

    def _tell(self, connection: Connection, alarms: Sequence[Alarm], by: str, now: Instant) -> None:
        """Record alarms, after what gave them."""
        if alarms:
            documents = [one.document() for one in alarms]
            entries = [Entry(f"document/{one.kind}", one.name, by, one.digest) for one in documents]
            insert_documents(connection, documents, self._logged(connection, entries, now))

    def _as_rows(self, connection: Connection, position: int, one: RowBatch, subjects: Subjects) -> bool:
        """Whether the rows of a batch are in `observation` now, and nowhere else need be."""
        if one.details is not None or one.figures is not None:
            return False
        if one.latency is not None and not (one.latency >= 0).any():
            return False  # a column of latencies without a value would be lost
        key = one.location, one.roster.digest
        numbers = self._subjects.get(key, subjects.get(key))
        if numbers is None:
            numbers = subjects[key] = subjects_of(connection, one)
        return file_rows(connection, position, one, numbers)


def _new(connection: Connection, group: list[_Waiting]) -> list[int]:
    """Which of a group are new; of the others, those that are there are answered and those that differ refused, as are
    those of agents that were put out while the batch was on its way."""
    keys = {one.arrival.sent.key for one in group} - {b""}
    if keys:
        extent(connection, lock=True)  # whoever puts an agent out appends too
        out = {one.key: one for one in agents(connection, agent.c.key.in_(keys)) if one.state is not State.ACTIVE}
        for one in group:
            if one.arrival.sent.key in out:
                one.failure = Refused([_put_out(out[one.arrival.sent.key])])
    names = {(one.batch.location, one.batch.sequence) for one in group}
    key = tuple_(batch.c.location, batch.c.sequence)
    asked = select(batch.c.location, batch.c.sequence, batch.c.sha256, batch.c.position).where(key.in_(sorted(names)))
    there = {(at, n): (bytes(digest), position) for at, n, digest, position in connection.execute(asked).all()}
    new, coming = list[int](), dict[tuple[str, int], bytes]()
    for n, one in enumerate(group):
        digest = one.batch.digest
        if one.failure is not None:
            continue
        name = one.batch.location, one.batch.sequence
        before = there[name][0] if name in there else coming.get(name)
        if before is None:
            coming[name] = digest
            new.append(n)
        elif before != digest:
            one.failure = Refused([_otherwise(one.batch)])
        elif name in there:
            one.taken = Taken(there[name][1], duplicate=True)
    return new


def _put_out(one: Agent) -> Problem:
    what = f"this agent is {one.state.value}: {one.why}"
    return error(f"agent-{one.state.value}", Place(one.location), what, "", "enrol a new agent")


def _has(connection: Connection, roster: bytes) -> bool:
    return connection.execute(select(document.c.position).where(document.c.sha256 == roster)).scalar() is not None


def _contradicted(connection: Connection, one: Batch, lists: dict[bytes, Roster]) -> int:
    """How many samples of a batch an earlier one, which no segment holds yet, tells otherwise; `lists` are the lists
    of checks that are at hand, and grow."""
    first, last = one.span
    overlap = and_(batch.c.location == one.location, batch.c.last >= first, batch.c.first <= last)
    hot = batch.c.sealed.is_(None), batch.c.flag.is_(None)
    before = filed(connection, overlap, batch.c.every == one.every, *hot)
    lists |= rosters(connection, {b.roster for b in before} - lists.keys())
    before = [b for b in before if not lists[b.roster].names.isdisjoint(one.checks)]
    if not before:
        return 0
    check, slot, outcome = one.samples()
    width = last // one.every + 1
    keys = check * width + slot - first // one.every
    wrong = np.zeros(len(keys), dtype=np.bool_)
    number = {name: n for n, name in enumerate(one.checks)}
    for _, other in held(connection, before, lists):
        theirs, at, said = other.samples()
        mine = np.array([number.get(name, -1) for name in other.checks], dtype=np.int64)[theirs]
        kept = (mine >= 0) & (at >= first // one.every) & (at <= last // one.every)
        other_keys = mine[kept] * width + at[kept] - first // one.every
        theirs = np.stack((other_keys, said[kept].astype(np.int64)), axis=1)
        told = np.unique(theirs, axis=0)
        told_keys = told[:, 0] * 4 + told[:, 1]
        # Of all that was told of a sample, something is not what this batch says of it.
        count = np.searchsorted(told[:, 0], keys, side="right") - np.searchsorted(told[:, 0], keys, side="left")
        same = np.isin(keys * 4 + outcome, told_keys)
        wrong |= count > same
    return int(wrong.sum())


def _contradiction(one: Batch, count: int, now: Instant) -> Alarm:
    many = "1 result" if count == 1 else f"{count:,} results"
    says = f"batch {one.sequence} says otherwise than batches before it, in {many}"
    return Alarm(AlarmKind.CONTRADICTS, now, one.location, says, one.sequence)


def _fail(group: list[_Waiting], failure: BaseException) -> None:
    for one in group:
        one.taken, one.failure = None, failure


def _otherwise(one: Batch) -> Problem:
    what = f"batch {one.sequence} of `{one.location}` is there already, with other content"
    why = "a location counts its batches, and one number is one batch"
    hint = "look at the location: two agents may run under its name, or its spool was changed"
    return error("batch-exists", Place(f"batch {one.name}"), what, why, hint)
