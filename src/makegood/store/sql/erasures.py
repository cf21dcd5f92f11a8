"""Erasing personal data: a fact's content or an author's name goes, with its salt; that it went stays in the log.

The leaf of what is erased stays as it is, so every proof and head still holds. Nobody can find out by trying what had
stood there, for the salt is gone too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from makegood.evidence.canonical import Json, canonical, read_canonical
from makegood.evidence.leaf import KEY, commitment, new_salt
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.sql.log import Entry, Sign, append, extent
from makegood.store.sql.store import author_handle
from makegood.store.sql.tables import ERASURE, author, fact, log, segment

_OF_FACT = "erasure of log "
_OF_AUTHOR = "erasure of author "
"""How the id of such a fact begins: its leaf alone says what was erased, even where its own content is."""
_OF_SOMEBODY = ("by", "directed_by", "to")
"""The fields of facts that name somebody; what an item says in `facts` may too."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasing did. `position` is that of the fact that tells of it, None where all was erased before.

    `still` are the ids of facts that name the author in a field of theirs, `mention` of those that do elsewhere;
    `also` are those that were erased with the name, each with the position of the fact that tells of it.
    """

    position: int | None
    still: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    also: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """Who has something erased, when (µs UTC), and for what reason."""

    by: str
    at: Instant
    because: str


def erase_fact(connection: Connection, named: str, why: Why, sign: Sign) -> Erased:
    """Erase the content of a fact by its id. Raises Refused for one that is not there or that the log cannot spare."""
    extent(connection, lock=True)
    found = connection.execute(select(fact.c.position, fact.c.kind, fact.c.body).where(fact.c.id == named)).first()
    if found is None:
        raise Refused([error("no-such-fact", Place("--fact"), f"no fact `{named}` is recorded here")])
    position, kind, body = found
    if kind == KEY:
        what = f"`{named}` brings in a key that signs, and every later head rests on it"
        raise Refused([error("not-erasable", Place("--fact"), what, "it names nobody")])
    if body is None:
        return Erased(None)
    connection.execute(update(fact).where(fact.c.position == position).values(salt=None, body=None))
    return Erased(_told(connection, f"{_OF_FACT}{position}", why, sign))


def erase_author(connection: Connection, name: str, why: Why, sign: Sign, with_facts: bool = False) -> Erased:
    """Erase the name of an author; what stood for it in the log stays. Raises Refused for one that is not there.

    With `with_facts`, the facts that name the author in a field of theirs are erased too.
    """
    extent(connection, lock=True)
    made = connection.execute(select(author.c.handle).where(author.c.name == name)).scalar()
    still, mention = _naming(connection, name)
    if made is None and not still and not mention:
        raise Refused([error("no-such-author", Place("--author"), f"nobody called `{name}` recorded anything here")])
    also = list[tuple[str, int]]()
    for named in still if with_facts else ():
        if (position := erase_fact(connection, named, why, sign).position) is not None:
            also.append((named, position))
    found = Erased(None, () if with_facts else still, mention, tuple(also))
    if made is None:
        return found
    for position, raw in connection.execute(select(segment.c.position, segment.c.told)).all():
        said = read_canonical(bytes(raw))
        if said["by"] == name:
            told = canonical({**said, "by": made})
            connection.execute(update(segment).where(segment.c.position == position).values(told=told))
    connection.execute(update(author).where(author.c.handle == made).values(name=None, salt=None))
    return replace(found, position=_told(connection, f"{_OF_AUTHOR}{made}", why, sign))


def scrub(engine: Engine) -> bool:
    """Let the bytes of what was erased go from the database's files as well; False where others were in the way.

    SQLite writes its file anew and empties its write-ahead log, PostgreSQL writes the tables anew.
    """
    if engine.dialect.name == "sqlite":
        return _scrub_sqlite(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (fact, author, segment):
            connection.exec_driver_sql(f'vacuum full "{table.name}"')
    return True


def _scrub_sqlite(engine: Engine) -> bool:
    import pysqlite3.dbapi2

    pooled = engine.raw_connection()
    try:
        connection: Any = pooled.driver_connection
        connection.execute("vacuum")
        busy, *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        return not busy
    except pysqlite3.dbapi2.OperationalError:
        return False
    finally:
        pooled.close()


def erased_positions(connection: Connection) -> frozenset[int]:
    """The positions of the facts that the log says were erased."""
    return frozenset(int(one) for one in _erasures(connection, _OF_FACT))


def erased_at(connection: Connection) -> dict[int, Instant]:
    """When facts were erased, by their positions."""
    asked = select(fact.c.id, log.c.at).select_from(fact).join(log, log.c.position == fact.c.position)
    asked = asked.where(fact.c.kind == ERASURE, fact.c.id.startswith(_OF_FACT, autoescape=True))
    return {int(one.removeprefix(_OF_FACT)): at for one, at in connection.execute(asked).all()}


def erased_handles(connection: Connection) -> frozenset[str]:
    """What stands for the authors whose names the log says were erased."""
    return frozenset(_erasures(connection, _OF_AUTHOR))


def _erasures(connection: Connection, begins: str) -> list[str]:
    asked = select(fact.c.id).where(fact.c.kind == ERASURE, fact.c.id.startswith(begins, autoescape=True))
    return [str(one).removeprefix(begins) for one in connection.execute(asked).scalars()]


def _naming(connection: Connection, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the facts of which a field that can name somebody is the name, and of those that have it elsewhere."""
    asked = select(fact.c.id, fact.c.body).where(fact.c.body.is_not(None), fact.c.kind != KEY)
    still, mention = list[str](), list[str]()
    among = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    for named, raw in connection.execute(asked.order_by(fact.c.position)):
        said = read_canonical(bytes(raw))
        if name in (*(said.get(field) for field in _OF_SOMEBODY), *(pair[1] for pair in said.get("facts", []))):
            still.append(str(named))
        elif any(among.search(text) for text in _texts(said)):
            mention.append(str(named))
    return tuple(still), tuple(mention)


def _texts(said: Json) -> Iterator[str]:
    """Every text in a value, but for names of fields."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for value in said.values():
            yield from _texts(value)
    elif isinstance(said, list):
        for value in said:
            yield from _texts(value)


def _told(connection: Connection, named: str, why: Why, sign: Sign) -> int:
    """Record that something was erased, by whom and why, and not what it was; the position of that."""
    salt, by = new_salt(), author_handle(connection, why.by)
    said = {"at": str(why.at), "because": why.because, "by": why.by, "fact": ERASURE, "id": named}
    body = canonical(said)
    (position,) = append(connection, [Entry(ERASURE, named, by, commitment(salt, body))], why.at, sign)
    row = {"position": position, "kind": ERASURE, "id": named, "supersedes": "", "recorded": why.at}
    connection.execute(insert(fact).values(**row, key=None, salt=salt, body=body))
    return position
