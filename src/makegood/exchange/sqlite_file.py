"""A database of another program, opened so that nothing of it can change: not the file, and no file beside it.

SQLite would otherwise make or recover files beside the database. What the other program has written but not yet moved
into the database lies in such a file, and without it the database may be half of two states: then it is not read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from makegood.exchange.brought import Foreign
from makegood.exchange.table import Unreadable

MAGIC = b"SQLite format 3\x00"


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, read-only and taken for unchanging. Raises Unreadable where it cannot be read so.

    What the caller meets of a damaged database inside the block is raised as Unreadable too.
    """
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.is_file() and beside.stat().st_size:
            raise Unreadable(
                f"{beside.name} lies beside it with {beside.stat().st_size:,} bytes that are not in the database yet: "
                f'stop the program, or copy the database with `sqlite3 {path.name} ".backup copy.db"`, and import that'
            )
    uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as db:
            db.execute("pragma query_only = on")
            db.execute("pragma trusted_schema = off")
            db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            yield db
    except sqlite3.Error as failure:
        raise Unreadable(f"the database cannot be read: {failure}") from None


def tables_of(file: Foreign) -> set[str]:
    """The tables of a database, none where the file is no such; views are not counted."""
    if not file.head.startswith(MAGIC):
        return set()
    with opened(file.path) as db:
        return {name for (name,) in db.execute("select name from sqlite_schema where type = 'table'")}


def columns_of(db: sqlite3.Connection, table: str) -> set[str]:
    """The names of a table's columns."""
    return {str(name) for (name,) in db.execute("select name from pragma_table_info(?)", [table])}
