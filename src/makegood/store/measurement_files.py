"""Imported measurements as Parquet: `service`, `metric`, `source` texts, `start`, `end`, `recorded` instants.

Each quantity has two columns: its digits, a whole number, and `places of` it, how many of them are decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from makegood.exchange.decimal_column import NO_VALUE, Numbers
from makegood.exchange.measurements import MeasurementRows, joined
from makegood.exchange.parquet_table import connect, quoted
from makegood.model.spans import Times
from makegood.store.measuring import MeasuredFiles

PLACES = "places of "
POSITION = "position"
NAMES = ("service", "metric", "source")
TIMES = ("start", "end", "recorded")


def write_measurements(path: Path, rows: MeasurementRows) -> None:
    """The rows, sorted by series and interval. Raises duckdb.Error when the disk refuses."""
    write_rows(path, joined([rows]))


def write_rows(path: Path, rows: MeasurementRows, positions: Times | None = None) -> None:
    """The same for rows whose series are sorted, with the positions of what told them, int64[n]."""
    order = np.lexsort((rows.start, rows.of))
    rows = rows.only(order)
    words = [word for word, numbers in rows.quantities.items() if numbers.known.any()]
    columns: dict[str, NDArray[Any]] = {"n": rows.of, "start": rows.start, "end": rows.end, "recorded": rows.recorded}
    chosen = [f"getvariable('{name}s')[n + 1] as {name}" for name in NAMES]
    chosen += [f'make_timestamptz("{name}") as "{name}"' for name in TIMES]
    if positions is not None:
        columns[POSITION] = positions[order]
        chosen.append(f"{POSITION}::bigint as {POSITION}")
    for i, word in enumerate(words):
        columns |= {f"d{i}": rows.quantities[word].digits, f"p{i}": rows.quantities[word].places}
        chosen += [f"case when p{i} >= 0 then d{i} end as {quoted(word)}"]
        chosen += [f"case when p{i} >= 0 then p{i} end as {quoted(PLACES + word)}"]
    with connect() as db:
        db.register("rows", columns)
        for i, name in enumerate(NAMES):
            db.execute(f"set variable {name}s = $1", [[names[i] for names in rows.series]])
        target = str(path).replace("'", "''")
        db.execute(f"copy (select {', '.join(chosen)} from rows) to '{target}' (format parquet, compression zstd)")


def read_measured(folder: Path, names: Sequence[str]) -> list[MeasuredFiles]:
    """The rows of files of a folder that imports wrote. Raises duckdb.Error when one is damaged."""
    return [_read(folder / name, name) for name in names]


def _read(path: Path, name: str) -> MeasuredFiles:
    rows = read_rows(path)
    return MeasuredFiles((name,), np.zeros(len(rows), dtype=np.int64), rows)


def read_rows(path: Path, before: int | None = None) -> MeasurementRows:
    """The rows of a file; of one with positions those that were told before one. Raises duckdb.Error when it is
    damaged."""
    told = f" where {POSITION} < {before}" if before is not None else ""
    with connect() as db:
        described = [str(column) for column, *_ in db.read_parquet(str(path)).project("*").description]
        words = [column.removeprefix(PLACES) for column in described if column.startswith(PLACES)]
        groups = db.execute(
            f"select service, metric, source, count(*) from read_parquet($1){told} group by all order by all",
            [str(path)],
        ).fetchall()
        chosen = [f'epoch_us("{column}") as "{column}"' for column in TIMES]
        for i, word in enumerate(words):
            chosen += [f"coalesce({quoted(word)}, 0)::bigint as d{i}"]
            chosen += [f"coalesce({quoted(PLACES + word)}, {NO_VALUE})::tinyint as p{i}"]
        found = db.execute(f"select {', '.join(chosen)} from read_parquet($1){told}", [str(path)]).fetchnumpy()
    of = np.repeat(np.arange(len(groups)), [count for *_, count in groups])  # as sorted when written
    series = tuple((str(service), str(metric), str(source)) for service, metric, source, _ in groups)
    start, end, recorded = (_plain(found[column]) for column in TIMES)
    quantities = {
        word: Numbers(_plain(found[f"d{i}"]), np.asarray(found[f"p{i}"], dtype=np.int8)) for i, word in enumerate(words)
    }
    return MeasurementRows(series, np.arange(1, len(of) + 1), of, start, end, recorded, quantities)


def _plain(column: Any) -> Times:
    """A column as int64. Raises duckdb.Error when a value is missing, which no import writes."""
    if isinstance(column, np.ma.MaskedArray) and column.mask.any():
        raise duckdb.DataError("a value is missing")
    return np.asarray(column, dtype=np.int64)
