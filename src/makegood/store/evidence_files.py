"""Imported evidence as Parquet: outcomes and reported states, and latencies in files of their own.

Observations: `check`, `location`, `outcome`, `reason` texts, `begun`, `recorded` instants. States: `service`, `source`,
`outcome` texts, `at`, `earliest`, `recorded` instants. Latencies: `check`, `location`, `begun`, `latency_us`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from makegood.exchange.columns import OUTCOMES
from makegood.exchange.observations import Observations
from makegood.exchange.parquet_table import connect
from makegood.exchange.status_log import StatusRows
from makegood.model.spans import Times


@dataclass(frozen=True)
class Rows:
    """Evidence in columns of equal length n, whatever its kind.

    `subject` int64[n] is an index into `subjects`: (check, location) of observations, (service, source) of states.
    `at` (when the probe began, or by when the state held), `earliest` and `recorded` int64 µs UTC; `outcome` int8.
    """

    subjects: tuple[tuple[str, str], ...]
    subject: Times
    at: Times
    earliest: Times
    outcome: NDArray[np.int8]
    recorded: Times

    def __len__(self) -> int:
        return len(self.at)

    def counts(self) -> Iterator[tuple[tuple[str, str], int]]:
        """Each subject with the number of its rows."""
        return zip(self.subjects, np.bincount(self.subject, minlength=len(self.subjects)).tolist(), strict=True)


@dataclass(frozen=True)
class FileRows:
    """Rows of one or more files, named relative to their folder: `file` int64[n] is an index into `names`."""

    names: tuple[str, ...]
    file: Times
    rows: Rows


def write_observations(path: Path, rows: Observations) -> None:
    """The outcomes, sorted by check, location and time. Raises duckdb.Error when the disk refuses."""
    rows = _sorted(rows)
    _write(
        path,
        {
            "n": rows.check,
            "m": rows.location,
            "w": rows.reason,
            "t": rows.begun,
            "o": rows.outcome,
            "r": rows.recorded,
        },
        '$checks[n + 1] as "check", $locations[m + 1] as location, make_timestamptz(t) as begun,'
        " ['up', 'down', 'unknown'][o + 1] as outcome, $reasons[w + 1] as reason, make_timestamptz(r) as recorded",
        {"checks": rows.checks, "locations": rows.locations, "reasons": rows.reasons},
    )


def write_latencies(path: Path, rows: Observations) -> None:
    """The latencies of the rows that have one."""
    rows = _sorted(rows.only(rows.latency >= 0))
    _write(
        path,
        {"n": rows.check, "m": rows.location, "t": rows.begun, "latency_us": rows.latency},
        '$checks[n + 1] as "check", $locations[m + 1] as location, make_timestamptz(t) as begun, latency_us',
        {"checks": rows.checks, "locations": rows.locations},
    )


def write_states(path: Path, rows: StatusRows, source: str) -> None:
    """The reported states of one source, sorted by service and time."""
    rows = rows.only(np.lexsort((rows.at, _ranks(rows.services)[rows.service])))
    _write(
        path,
        {"n": rows.service, "t": rows.at, "e": rows.earliest, "o": rows.outcome, "r": rows.recorded},
        '$services[n + 1] as service, $source as source, make_timestamptz(t) as "at", make_timestamptz(e) as earliest,'
        " ['up', 'down', 'unknown'][o + 1] as outcome, make_timestamptz(r) as recorded",
        {"services": rows.services, "source": source},
    )


def rows_by_check(folder: Path, names: Sequence[str]) -> list[tuple[str, int]]:
    """How many rows each check has in files of observations that imports wrote. Raises duckdb.Error as reading does."""
    with connect() as db:
        paths = [str(folder / name) for name in names]
        return db.execute('select "check", count(*) from read_parquet($1) group by all', [paths]).fetchall()


def read_imported(folder: Path, names: Sequence[str], kind: str, only: Sequence[str] | None = None) -> FileRows:
    """The rows of files of a folder that imports wrote, `observations` or `states`, by subject and time.

    `only` are the checks or services asked for. Raises duckdb.Error when one is damaged, or when there is none.
    """
    first, second, at, earliest = (
        ("check", "location", "begun", "begun") if kind == "observations" else ("service", "source", "at", "earliest")
    )
    paths = [str(folder / name) for name in names]
    with connect() as db:
        asked = f'where "{first}" in (select unnest($only))' if only is not None else ""
        given: dict[str, Any] = {"paths": paths} | ({"only": list(only)} if only is not None else {})
        subjects = sorted(
            db.execute(f'select distinct "{first}", "{second}" from read_parquet($paths) {asked}', given).fetchall()
        )
        firsts, seconds = (sorted({pair[i] for pair in subjects}) for i in (0, 1))
        found = db.execute(
            f'select list_position($firsts, "{first}") as first, list_position($seconds, "{second}") as second,'
            f' epoch_us("{at}") as t, epoch_us("{earliest}") as earliest,'
            " list_position(['up', 'down', 'unknown'], outcome) as outcome, epoch_us(recorded) as recorded,"
            f" list_position($paths, filename) as file from read_parquet($paths, filename=true) {asked}"
            " order by first, second, t",
            given | {"firsts": firsts, "seconds": seconds},
        ).fetchnumpy()
    number = np.full((len(firsts) + 1, len(seconds) + 1), -1, dtype=np.int64)
    for i, (one, other) in enumerate(subjects):
        number[firsts.index(one) + 1, seconds.index(other) + 1] = i
    rows = Rows(
        tuple(subjects),
        number[_plain(found, "first"), _plain(found, "second")],
        _plain(found, "t"),
        _plain(found, "earliest"),
        (_plain(found, "outcome") - 1).astype(np.int8),
        _plain(found, "recorded"),
    )
    return FileRows(tuple(names), _plain(found, "file") - 1, rows)


def _plain(found: Mapping[str, Any], name: str) -> Times:
    """A column as int64. Raises duckdb.Error when a value is missing, which no import writes."""
    column = found[name]
    if isinstance(column, np.ma.MaskedArray) and column.mask.any():
        raise duckdb.DataError(f"a value of {name} is missing")
    return np.asarray(column, dtype=np.int64)


def _sorted(rows: Observations) -> Observations:
    return rows.only(np.lexsort((rows.begun, _ranks(rows.locations)[rows.location], _ranks(rows.checks)[rows.check])))


def _ranks(names: Sequence[str]) -> Times:
    """int64[n], the place of each name in alphabetical order."""
    return np.argsort(np.argsort(np.array([*names, ""])[: len(names)]))


def _write(path: Path, columns: Mapping[str, NDArray[Any]], select: str, names: Mapping[str, Sequence[str]]) -> None:
    with connect() as db:
        db.register("rows", dict(columns))
        for name, value in names.items():
            db.execute(f"set variable {name} = $1", [value if isinstance(value, str) else list(value)])
            select = select.replace(f"${name}", f"getvariable('{name}')")
        target = str(path).replace("'", "''")
        db.execute(f"copy (select {select} from rows) to '{target}' (format parquet, compression zstd)")


assert list(OUTCOMES) == ["up", "down", "unknown"]
