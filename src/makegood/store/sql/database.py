"""The database of a store: SQLite in its folder, or PostgreSQL by URL; what is committed is durable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from makegood.store.durable import begin_private
from makegood.store.sql.pen import NoAnswer, turn

SQLITE_SAFE = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""From these on, of each line, two connections may write one write-ahead log (sqlite.org/wal.html#walresetbug)."""
PATIENCE = 30
"""Seconds that a writer waits for another one."""


class Unusable(Exception):
    """A database that cannot be used, and why, in words for whoever runs it."""


def engine_of(url: str, there: bool = False) -> Engine:
    """The engine of a database, `sqlite:///path` or `postgresql://…`. Raises Unusable.

    A file of SQLite is made where it is missing, unless it must be `there`: an empty one in the place of a store that
    was moved away would be taken for it.

    Every transaction of SQLite is on the disk before it is acknowledged (synchronous=FULL) and holds the only right to
    write from its start, so that two writers take turns instead of failing at the end.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Unusable("this is no URL of a database: write postgresql://user@host/name") from None
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(url, there)
        case "postgresql":
            return _postgresql(url)
        case other:
            raise Unusable(f"stores are kept in SQLite or PostgreSQL, not in {other}")


def sqlite_url(file: Path) -> str:
    """The URL of a file."""
    return f"sqlite:///{file.absolute()}"


def _sqlite(url: str, there: bool) -> Engine:
    import pysqlite3.dbapi2

    version = pysqlite3.dbapi2.sqlite_version_info
    if not is_safe(version):
        raise Unusable(f"SQLite {'.'.join(map(str, version))} may corrupt a store that two processes write")
    file = make_url(url).database or ""
    engine = create_engine(url, module=pysqlite3.dbapi2, poolclass=NullPool, creator=lambda: _connected(file, there))
    event.listen(engine, "begin", _begin)
    return engine


def is_safe(version: tuple[int, ...]) -> bool:
    """Whether a version of SQLite is free of the defect of write-ahead logs that two connections reset at once."""
    return version >= SQLITE_SAFE[0] or any(version[:2] == line[:2] and version >= line for line in SQLITE_SAFE)


def _connected(file: str, there: bool) -> Any:
    """A connection to a file of SQLite; on a disk that is full one that only reads.

    Readers and writers share an index beside the file, for which there is no room then; one alone can do without.
    """
    from pysqlite3.dbapi2 import DatabaseError

    connection = _new_connection(file, there)
    try:
        _prepare(connection)
    except DatabaseError as failure:
        connection.close()
        if not failure.sqlite_errorname.startswith(("SQLITE_IOERR", "SQLITE_FULL")):
            raise
        connection = _new_connection(file, there)
        _set(connection, "locking_mode=EXCLUSIVE", "query_only=ON")
    return connection


def _new_connection(file: str, there: bool) -> Any:
    from pysqlite3.dbapi2 import connect

    if not there and not Path(file).exists():
        with suppress(OSError):  # what is wrong with the place is told by who opens it
            begin_private(Path(file))  # hashes of tokens, contacts; the files beside it get the same rights
    uri = f"file:{quote(file)}?mode={'rw' if there else 'rwc'}"
    return connect(uri, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=True)


def _prepare(connection: Any) -> None:
    _set(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


def _set(connection: Any, *pragmas: str) -> None:
    for pragma in pragmas:
        connection.execute(f"pragma {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("begin" if connection.get_execution_options().get("reads") else "begin immediate")


def _postgresql(url: str) -> Engine:
    try:
        import psycopg  # noqa: F401 -- asked for only where it is used
    except ImportError:
        raise Unusable("PostgreSQL needs the extra: pip install 'makegood[postgresql]'") from None
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(parsed, isolation_level="READ COMMITTED", pool_pre_ping=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database and writes nothing."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            connection = connection.execution_options(reads=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is durable when this returns; whatever is raised inside undoes it.

    Beside a server of the same store in SQLite, it is the server that lets it in. Raises Unusable where that does not
    answer.
    """
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("set local synchronous_commit = on")
            yield connection
        return
    try:
        with turn(engine.url.database or "", PATIENCE), engine.begin() as connection:
            yield connection
    except NoAnswer:
        raise Unusable("the server that runs on this store does not answer: wait for it, or stop it") from None
