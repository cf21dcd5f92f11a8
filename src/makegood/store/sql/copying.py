"""The database of a store as one file of SQLite, whatever it is kept in; and such a file back into a database.

The file is what backups hold: it has the store's own tables. SQLite copies it by its online backup, PostgreSQL reads
one state of everything, so that nobody who writes waits and the copy is of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from makegood.store.durable import begin_private
from makegood.store.sql.database import Unusable, engine_of, reading, sqlite_url, writing
from makegood.store.sql.log import AT_ONCE
from makegood.store.sql.schema import upgrade
from makegood.store.sql.tables import metadata


def snapshot(engine: Engine, file: Path) -> None:
    """Write the whole database, as it is at one moment, to a new file.

    Raises Unusable where the database or the disk fails; the file is then worth nothing.
    """
    if engine.dialect.name == "sqlite":
        _snapshot_sqlite(engine, file)
        return
    copy = engine_of(sqlite_url(file))
    try:
        upgrade(copy)
        with reading(engine) as source, writing(copy) as target:
            for table in metadata.sorted_tables:
                for rows in _rows(source, table):
                    _insert(target, table, rows)
    finally:
        copy.dispose()
    settle(file)


def load(file: Path, engine: Engine) -> None:
    """Bring the rows of such a file, which has the schema of this program, into a database without any of ours.

    All of it, or nothing where that fails. Raises Unusable for a database that holds something of ours.
    """
    copy = engine_of(sqlite_url(file))
    try:
        upgrade(engine)
        with reading(copy) as source, writing(engine) as target:
            for table in metadata.sorted_tables:
                if table.name != "sequencer" and target.execute(select(table).limit(1)).first() is not None:
                    raise Unusable("this database holds a store already: name one that is empty")
            for table in metadata.sorted_tables:
                for rows in _rows(source, table):
                    _copy(target, table, rows)
    finally:
        copy.dispose()


def settle(file: Path) -> None:
    """Leave a database in its one file, without a log beside it."""
    import pysqlite3.dbapi2

    try:
        connection = pysqlite3.dbapi2.connect(file, isolation_level=None)
        try:
            connection.execute("pragma journal_mode=delete").fetchone()
        finally:
            connection.close()
    except pysqlite3.dbapi2.Error as failure:
        raise Unusable(str(failure)) from None


def _snapshot_sqlite(engine: Engine, file: Path) -> None:
    import pysqlite3.dbapi2

    pooled = engine.raw_connection()
    try:
        begin_private(file)
        source: Any = pooled.driver_connection
        target = pysqlite3.dbapi2.connect(file, isolation_level=None)
        try:
            source.backup(target)
        finally:
            target.close()
    except pysqlite3.dbapi2.Error as failure:
        raise Unusable(str(failure)) from None
    finally:
        pooled.close()
    settle(file)


def _rows(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    asked = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
    for part in connection.execute(asked).partitions():
        yield [tuple(row) for row in part]


def _insert(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """By the driver alone, many times as fast as row by row."""
    places = ", ".join("?" * len(table.columns))
    raw: Any = connection.connection.driver_connection
    raw.executemany(f"insert into {_quoted(table.name)} ({_columns(table)}) values ({places})", rows)


def _copy(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Into PostgreSQL by COPY."""
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"copy {_quoted(table.name)} ({_columns(table)}) from stdin") as copying:
        for row in rows:
            copying.write_row(row)


def _columns(table: Table) -> str:
    return ", ".join(_quoted(column.name) for column in table.columns)


def _quoted(name: str) -> str:
    return f'"{name}"'
