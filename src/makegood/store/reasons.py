"""Why results were not up, as their locations said: from batches at hand, and from the `failures` that were sealed.

A reason is for people. It is no input of a verdict, so a file of reasons that is missing or damaged only leaves it
untold here; `makegood check` names that file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, or_, select

from makegood.evidence.batch import RowBatch
from makegood.exchange.parquet_table import connect
from makegood.model.results import Failure, Reason
from makegood.model.spans import MINUTE, Duration, Instant, Span
from makegood.store.latency_files import Failures
from makegood.store.opened import Store
from makegood.store.segments import segment_file
from makegood.store.sql.batches import Filed, filed, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch, segment

OPENING: Duration = 10 * MINUTE
"""How much of a span is looked at: why something began is what is asked, and a day of results takes long to read."""
OPENING_SLOTS = 3
"""Of checks with long slots, that many of them."""

_KNOWN = frozenset(Reason)
_Found = dict[tuple[str, str, Reason, int], Instant]


@dataclass(frozen=True)
class Asked:
    """Some checks, and the span of their failure."""

    checks: frozenset[str]
    span: Span

    def opening(self, every: Duration) -> Span:
        """The part of the span that is looked at, where slots are so long."""
        return Span(self.span.start, min(self.span.end, self.span.start + max(OPENING, OPENING_SLOTS * every)))


def reasons(store: Store, asked: Sequence[Asked], size: int | None = None) -> list[tuple[Failure, ...]]:
    """For each span why its checks were not up or not known when it began, each reason of a check and location once, in
    the order in which they came.

    Of batches at hand the first `size` entries of the log are read, or all; of what was sealed, all. Raises Refused
    where a batch is not what the log commits to.
    """
    found: list[_Found] = [{} for _ in asked]
    with reading(store.engine) as connection:
        _at_hand(connection, asked, found, size)
        files = _files(connection, asked)
    for every, names in files.items():
        paths = [path for name, digest in names if isinstance(path := segment_file(store.place, name, digest), Path)]
        _sealed(paths, every, asked, found)
    return [_told(one) for one in found]


def reasons_at_hand(connection: Connection, asked: Sequence[Asked]) -> list[tuple[Failure, ...]]:
    """The same of batches alone that no segment holds, in a transaction."""
    found: list[_Found] = [{} for _ in asked]
    _at_hand(connection, asked, found, None)
    return [_told(one) for one in found]


def _told(found: _Found) -> tuple[Failure, ...]:
    return tuple(sorted(Failure(begun, *key) for key, begun in found.items()))


def _note(found: _Found, check: str, location: str, code: int, status: int, begun: Instant) -> None:
    if code in _KNOWN:  # a later version of the program may know more
        key = check, location, Reason(code), status
        found[key] = min(begun, found.get(key, begun))


def _at_hand(connection: Connection, asked: Sequence[Asked], found: Sequence[_Found], size: int | None) -> None:
    for filed_one, made in _batches(connection, asked, size):
        if not isinstance(made, RowBatch) or made.details is None:
            continue
        failed = made.details.reason != 0
        for one, noted in zip(asked, found, strict=True):
            within = one.opening(filed_one.every)
            if filed_one.last + filed_one.every <= within.start or filed_one.first >= within.end:
                continue
            mine = failed & (made.begun >= within.start) & (made.begun < within.end) & _of(made, one.checks)
            for row in np.flatnonzero(mine).tolist():
                code, status = int(made.details.reason[row]), int(made.details.status[row])
                _note(noted, made.checks[int(made.check[row])], made.location, code, status, int(made.begun[row]))


def _of(made: RowBatch, checks: frozenset[str]) -> NDArray[np.bool_]:
    """Which rows of a batch are of some checks."""
    wanted: NDArray[np.bool_] = np.array([name in checks for name in made.checks])[made.check]
    return wanted


def _batches(connection: Connection, asked: Sequence[Asked], size: int | None) -> Iterable[tuple[Filed, object]]:
    """The batches with results of the openings of spans, each once, as far as no segment holds them and they count."""
    b = batch.c
    counted = [b.sealed.is_(None), b.flag.is_(None), *([b.position < size] if size is not None else [])]
    near = dict[int, Filed]()
    wanted = frozenset[str]().union(*(one.checks for one in asked))
    for span in dict.fromkeys(one.span for one in asked):
        start = span.start
        soon = or_(b.first < start + OPENING, b.first < start + OPENING_SLOTS * b.every)
        found = filed(connection, *counted, b.last > start - b.every, b.first < span.end, soon)
        near |= {one.position: one for one in found}
    lists = rosters(connection, [one.roster for one in near.values()])
    some = [one for _, one in sorted(near.items()) if not lists[one.roster].names.isdisjoint(wanted)]
    return held(connection, some, lists)


def _files(connection: Connection, asked: Sequence[Asked]) -> Mapping[Duration, set[tuple[str, str]]]:
    """The names and hashes of the sealed files that may tell of the openings, by the length of their slots."""
    s = segment.c
    found = dict[Duration, set[tuple[str, str]]]()
    for span in dict.fromkeys(one.span for one in asked):
        overlaps = s.kind == Failures.KIND, s.retired.is_(None), s.first < span.end, s.last > span.start
        for name, digest, told in connection.execute(select(s.name, s.sha256, s.told).where(*overlaps)):
            every = int(json.loads(bytes(told))["every_us"])
            found.setdefault(every, set()).add((name, bytes(digest).hex()))
    return found


def _sealed(paths: Sequence[Path], every: Duration, asked: Sequence[Asked], found: Sequence[_Found]) -> None:
    if not paths:
        return
    rows = [(n, check, one.opening(every)) for n, one in enumerate(asked) for check in sorted(one.checks)]
    with connect() as db:
        db.execute("set variable paths = $1", [[str(path) for path in paths]])
        numbers, checks = [n for n, _, _ in rows], [check for _, check, _ in rows]
        starts, ends = [span.start for _, _, span in rows], [span.end for _, _, span in rows]
        try:
            told = db.execute(
                'with asked as (select unnest($1::integer[]) as n, unnest($2::text[]) as "check",'
                " unnest($3::bigint[]) as first, unnest($4::bigint[]) as until)"
                ' select n, f."check", f.location, f.reason, f.status, min(epoch_us(f.begun)) from asked'
                ' join read_parquet(getvariable(\'paths\')) f on f."check" = asked."check"'
                " and epoch_us(f.begun) >= first and epoch_us(f.begun) < until group by all",
                [numbers, checks, starts, ends],
            ).fetchall()
        except duckdb.Error:  # a file that cannot be read tells nothing
            return
    for n, check, location, code, status, begun in told:
        _note(found[n], check, location, code, status or 0, begun)
