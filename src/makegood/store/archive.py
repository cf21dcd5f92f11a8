"""Reading what batches brought, sealed or hot, as results of checks: as runs, or as rows where runs cannot say it.

Rows are made where two batches said something about one slot, where a check has results of imported files too, and of
segments of which an earlier length of the log knew only some batches.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from sqlalchemy import Connection, select

from makegood.evidence.batch import Roster
from makegood.model.facts import Results
from makegood.model.problem import Place, Problem, error
from makegood.model.runs import RunResults, Sheet
from makegood.model.spans import Instant, Times
from makegood.store.alarms import alarm_warnings
from makegood.store.evidence_files import FileRows, Rows
from makegood.store.filling import Filled, filled
from makegood.store.merging import BATCH
from makegood.store.opened import Store, opened
from makegood.store.outcome_files import OutcomeFile, read_outcomes
from makegood.store.refusals import disk_refusal
from makegood.store.sealing_days import OUTCOMES
from makegood.store.segments import segment_file
from makegood.store.sheets import Layers, joined, layered, without_unseen
from makegood.store.sql.batches import Filed, filed, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.tables import REPLACEMENT, batch, document, log, segment


@dataclass(eq=False)
class Arrivals:
    """When the batches of one segment came, or those that no segment holds: read when it is first asked for."""

    folder: Path
    sealed: int | None
    batches: list[Filed] = field(default_factory=list)
    lists: dict[bytes, Roster] = field(default_factory=dict)
    covers: dict[tuple[str, int, tuple[bytes, ...]], tuple[int, Times]] = field(default_factory=dict)

    def load(self) -> None:
        """Read the list of batches of a segment, once."""
        if not self.batches:
            with opened(self.folder) as store, reading(store.engine) as connection:
                self.load_from(connection)

    def load_from(self, connection: Connection) -> None:
        """The same over a connection that is open."""
        if not self.batches:
            self.batches = filed(connection, batch.c.sealed == _now_in(connection, self.sealed))
        self.lists = rosters(connection, [one.roster for one in self.batches])

    def position(self, check: str, location: str, every: int, slots: Times) -> Times:
        """The position of the batch that first covered each slot, int64[n]."""
        asked = tuple(sorted(d for d, names in self.lists.items() if check in names.checks))
        key = location, every, asked
        if key not in self.covers:
            self.covers[key] = self._cover(location, every, set(asked))
        first, cover = self.covers[key]
        return cover[slots - first]

    def _cover(self, location: str, every: int, lists: set[bytes]) -> tuple[int, Times]:
        some = [b for b in self.batches if b.location == location and b.every == every and b.roster in lists]
        first = min(one.first for one in some) // every
        cover = np.full(max(one.last for one in some) // every + 1 - first, -1, dtype=np.int64)
        for one in reversed(some):
            cover[one.first // every - first : one.last // every + 1 - first] = one.position
        return first, cover

    def at(self, positions: Times) -> Times:
        """When the batches of some positions were logged, int64[n] µs."""
        known = np.array([(one.position, one.at) for one in self.batches], dtype=np.int64)
        found: Times = known[np.searchsorted(known[:, 0], positions), 1]
        return found


def _now_in(connection: Connection, sealed: int | None) -> int | None:
    """The position of the segment that holds what one held that was replaced since it was read; else that one's.

    It holds more than that one did, but of its slots the same batches told first.
    """
    replaced = segment.alias()
    asked = select(segment.c.position).select_from(replaced).join(document, document.c.position == replaced.c.retired)
    asked = asked.join(segment, segment.c.name == document.c.name).where(document.c.kind == REPLACEMENT)
    while (after := connection.execute(asked.where(replaced.c.position == sealed)).scalar()) is not None:
        sealed = after
    return sealed


@dataclass(frozen=True, eq=False)
class Part:
    """The results of one segment, or of what is hot; with `size` only those of batches before that position."""

    layers: Layers
    arrivals: Arrivals
    latest: Instant
    size: int | None = None

    @property
    def sheet(self) -> Sheet:
        return self.layers.sheet

    @cached_property
    def filled(self) -> Filled:
        """The same, with what fills the base in its runs."""
        return filled(self.layers)

    def rows(self, check: str) -> Iterator[tuple[str, Times, Times, Times]]:
        """Of each location that has some, slots, outcomes and positions of the batches, int64[n] each."""
        sheet, beside = self.sheet, self.layers.beside
        for n, (name, location) in enumerate(sheet.series):
            if name != check:
                continue
            slots, outcome = sheet.rows(n)
            position = self.arrivals.position(check, location, sheet.every, slots) if len(slots) else slots
            more = beside.series == n
            columns = (
                np.concatenate((slots, beside.slot[more])),
                np.concatenate((outcome, beside.outcome[more])).astype(np.int64),
                np.concatenate((position, beside.position[more])),
            )
            kept = columns[2] < self.size if self.size is not None else np.ones(len(columns[0]), dtype=np.bool_)
            if kept.any():
                yield location, columns[0][kept], columns[1][kept], columns[2][kept]


@dataclass(frozen=True, eq=False)
class Archive:
    """What batches brought: `results` are the checks that runs can say, `rows` the others and those also asked for."""

    results: dict[str, Results]
    rows: FileRows | None


def read_archive(
    store: Store, size: int | None, imported: Collection[str], digests: dict[str, str], problems: list[Problem]
) -> Archive:
    """The results of the batches among the first `size` entries of the log, or of all.

    `imported` are checks that other files tell of too. Digests of segments and problems with them are added to those
    given.
    """
    with reading(store.engine) as connection:
        problems.extend(alarm_warnings(connection, store.folder))
    parts = list(_parts(store, size, digests, problems))
    lengths = sorted({part.sheet.every for part in parts})
    results, by_rows, seen = dict[str, Results](), set(imported), dict[str, int]()
    whole = dict[int, tuple[Sheet, list[Part]]]()
    for every in lengths:
        mine = [part for part in parts if part.sheet.every == every]
        clean = [part for part in mine if part.size is None]
        sheet, clash = joined(every, [part.filled.sheet for part in clean])
        by_rows |= clash
        for part in mine:
            names = part.sheet.series
            by_rows |= {names[n][0] for n in np.unique(part.filled.beside.series).tolist()}
            by_rows |= {check for check, _ in names} if part.size is not None else set()
        whole[every] = without_unseen(sheet), clean
        for check in (
            {check for part in mine for check, _ in dict.fromkeys(part.sheet.series)} if len(lengths) > 1 else ()
        ):
            by_rows |= {check} if seen.setdefault(check, every) != every else set()
    for every in lengths:
        sheet, clean = whole[every]
        results |= _as_runs(sheet, clean, by_rows)
    checks = sorted({check for part in parts for check, _ in part.sheet.series if check in by_rows}) if by_rows else []
    return Archive(results, _as_rows(parts, checks) if checks else None)


def _parts(
    store: Store, size: int | None, digests: dict[str, str], problems: list[Problem]
) -> Iterator[Part]:  # fmt: skip
    with reading(store.engine) as connection:
        s = segment.c
        asked = select(s.position, s.name, s.sha256, s.rows, s.told, log.c.at).join(log, log.c.position == s.position)
        asked = asked.where(s.kind == OUTCOMES, s.retired.is_(None)).order_by(s.position)
        files, found = list[OutcomeFile](), list[tuple[Arrivals, Instant, int | None]]()
        for position, name, digest, rows, told, at in connection.execute(asked).all():
            arrivals, until = Arrivals(store.folder, position), None
            if size is not None and position >= size:
                arrivals.load_from(connection)
                known = [one.position < size for one in arrivals.batches]
                if not any(known):
                    continue
                until = None if all(known) else size
            path = segment_file(store.place, name, bytes(digest).hex())
            if isinstance(path, Problem):
                problems.append(path)
                continue
            digests[name] = bytes(digest).hex()
            files.append(OutcomeFile(path, rows, int(json.loads(bytes(told))["duplicates"])))
            found.append((arrivals, at, until))
        try:
            for layers, (arrivals, at, until) in zip(read_outcomes(files), found, strict=True):
                yield Part(layers, arrivals, at, until)
        except duckdb.Error as failure:
            why = disk_refusal(failure)
            problems.append(error("segment-unreadable", Place(OUTCOMES), "the segments cannot be read", why))
        yield from _hot(store, connection, size)


def _hot(store: Store, connection: Connection, size: int | None) -> Iterator[Part]:
    before = [batch.c.position < size] if size is not None else []
    hot = filed(connection, batch.c.sealed.is_(None), batch.c.flag.is_(None), *before)
    lists = rosters(connection, [one.roster for one in hot])
    for every in sorted({one.every for one in hot}):
        some = [one for one in hot if one.every == every]
        layers = layered(every, some, lambda part: held(connection, part, lists))
        yield Part(layers, Arrivals(store.folder, None, some, lists), max(one.at for one in some))


def _as_runs(sheet: Sheet, parts: Sequence[Part], without: Collection[str]) -> dict[str, Results]:
    """The checks of a sheet, each with the series that it has there."""
    latest = max((part.latest for part in parts), default=0)
    recorded = _Recorded(parts)
    found, start = dict[str, Results](), 0
    names = [check for check, _ in sheet.series]
    for n in range(1, len(names) + 1):
        if n == len(names) or names[n] != names[start]:
            if names[start] not in without:
                found[names[start]] = RunResults(sheet, slice(start, n), latest, recorded)
            start = n
    return found


@dataclass(frozen=True, eq=False)
class _Recorded:
    """When each result became known; the lists of batches are read when that is first asked."""

    parts: Sequence[Part]

    def __call__(self, check: str, locations: tuple[str, ...], location: Times, slot: Times) -> Times:
        recorded = np.zeros(len(slot), dtype=np.int64)
        for part in self.parts:
            sheet = part.filled.sheet
            for n, (name, place) in enumerate(sheet.series):
                if name != check or place not in locations:
                    continue
                start, end = sheet.watched[n].tolist()
                mine = (location == locations.index(place)) & (slot >= start) & (slot < end)
                if mine.any():
                    part.arrivals.load()
                    base = part.arrivals.position(check, place, sheet.every, slot[mine])
                    recorded[mine] = part.arrivals.at(part.filled.positions(n, slot[mine], base))
        return recorded


def _as_rows(parts: Sequence[Part], checks: Sequence[str]) -> FileRows:
    subjects, columns = dict[tuple[str, str], int](), list[tuple[Times, ...]]()
    names = dict[int, str]()
    for part in parts:
        part.arrivals.load()
        names |= {one.position: BATCH + one.name for one in part.arrivals.batches}
        there = {check for check, _ in part.sheet.series}
        for check in checks:
            for location, slots, outcome, position in part.rows(check) if check in there else ():
                number = subjects.setdefault((check, location), len(subjects))
                at = part.arrivals.at(position)
                columns.append((np.full(len(slots), number), slots * part.sheet.every, outcome, at, position))
    none = np.empty(0, dtype=np.int64)
    subject, begun, outcome, recorded, position = (np.concatenate([none, *(c[i] for c in columns)]) for i in range(5))
    positions, file = np.unique(position, return_inverse=True)
    rows = Rows(tuple(subjects), subject, begun, begun, outcome.astype(np.int8), recorded)
    return FileRows(tuple(names[p] for p in positions.tolist()), file.astype(np.int64), rows)
