"""Parquet as text columns, read by DuckDB. Instants become RFC 3339; local times stay without an offset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

import duckdb
import numpy as np

from makegood.exchange.table import BATCH, Batch, Unreadable

Config: TypeAlias = dict[str, str | bool | int | float | list[str]]
NEVER_FETCHED: Config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
"""With these a session never fetches an extension."""


def connect() -> duckdb.DuckDBPyConnection:
    """A session of a DuckDB in memory that never fetches an extension; use temporary tables and views only.

    The sessions of a process share one instance, since starting one takes longer than reading a month.
    """
    return _instance(os.getpid()).cursor()


@cache
def _instance(_process: int) -> duckdb.DuckDBPyConnection:
    """One for each process: a forked one must not use its parent's, whose threads it lacks."""
    return duckdb.connect(":memory:", config=NEVER_FETCHED | {"threads": "2"})


def read_parquet(path: Path) -> Iterator[Batch]:
    """Batches of rows in file order. Raises Unreadable when the file is no Parquet."""
    with path.open("rb"):
        pass  # as `open` fails, before DuckDB says it otherwise
    with connect() as db:
        try:
            described = db.execute("describe select * from read_parquet($1)", [str(path)]).fetchall()
            texts = ", ".join(f"{_text(name, kind)} as {quoted(name)}" for name, kind, *_ in described)
            names = [str(name) for name, *_ in described]
            rows = db.execute(f"select {texts} from read_parquet($1)", [str(path)])
            number = 1
            while found := rows.fetchmany(BATCH):
                columns = dict(zip(names, zip(*found, strict=True), strict=True))
                yield Batch(np.arange(number, number + len(found), dtype=np.int64), columns)
                number += len(found)
        except duckdb.Error as failure:
            raise Unreadable(f"the file cannot be read as Parquet: {str(failure).splitlines()[0]}") from None


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(name: str, kind: str) -> str:
    column = quoted(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"coalesce(strftime(make_timestamp(epoch_us({column})), '%Y-%m-%dT%H:%M:%S.%fZ'), '')"
    return f"coalesce({column}::varchar, '')"
