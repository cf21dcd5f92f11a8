"""A store: facts, documents and evidence with their positions in the log, appended durably and never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from shutil import disk_usage
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import DBAPIError

from makegood.evidence.canonical import canonical
from makegood.evidence.leaf import commitment, handle, new_salt, read_leaf
from makegood.exchange.fact_json import fact_from_json, fact_to_json, kind_of
from makegood.model.facts import AnyFact
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant
from makegood.store.imports import Import
from makegood.store.sql.database import reading, writing
from makegood.store.sql.log import Entry, Sign, append, extent, in_parts
from makegood.store.sql.tables import OWN, author, document, fact, log, segment

LEAST = 1 << 16
"""Bytes without which a disk is full: a transaction needs a few pages, and an index beside the file."""
ERASED = "erased"
"""In place of a fact whose content is gone."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its bytes: an agreement, an order, the checks, holidays, a zone, or a key."""

    kind: str
    name: str
    body: bytes

    @property
    def digest(self) -> bytes:
        return sha256(self.body).digest()


@dataclass(frozen=True)
class Appended:
    """What is to be appended together, or not at all, and by whom. `keys` are idempotency keys by fact id."""

    by: str
    facts: Sequence[AnyFact] = ()
    segments: Sequence[Sealed] = ()
    documents: Sequence[Document] = ()
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sealed:
    """A file of evidence that is durable below the store's folder: its import, its size in bytes, and the instants of
    the first and the last evidence in it (µs)."""

    made: Import
    size: int
    first: Instant
    last: Instant


@dataclass(frozen=True)
class Receipt:
    """What an append came to: the positions that it took, and how many of its facts and documents were there already,
    equal to the byte."""

    positions: range
    duplicate: int


Also: TypeAlias = Callable[[Connection, range], None]
"""What else is to be done in a transaction, given the positions that it took."""


def append_to(engine: Engine, what: Appended, now: Instant, sign: Sign, also: Also | None = None) -> Receipt:
    """Append, in one transaction that is on the disk when this returns.

    Raises Refused where a fact of the same kind and id says something else, or an idempotency key was used for another.
    """
    try:
        with writing(engine) as connection:
            receipt = _append(connection, what, now, sign)
            if also is not None:
                also(connection, receipt.positions)
            return receipt
    except DBAPIError as failure:
        raise Refused([unwritable(engine, failure)]) from None


def _append(connection: Connection, what: Appended, now: Instant, sign: Sign) -> Receipt:
    extent(connection, lock=True)  # what is there already is looked for by one writer at a time
    by = author_handle(connection, what.by)
    facts, known = _new_facts(connection, what)
    documents = [one for one in dict.fromkeys(what.documents) if not _held(connection, one)]
    salts = [new_salt() for _ in facts]
    bodies = [canonical(fact_to_json(one)) for one in facts]
    entries = [
        *(Entry(kind_of(f), f.id, by, commitment(s, b)) for f, s, b in zip(facts, salts, bodies, strict=True)),
        *(Entry(f"document/{one.kind}", one.name, by, one.digest) for one in documents),
        *(
            Entry(f"segment/{_kind(one)}", one.made.written, by, bytes.fromhex(one.made.written_sha256))
            for one in what.segments
        ),
    ]
    positions = append(connection, entries, now, sign)
    at = iter(positions)
    in_parts(connection, insert(fact), [
        {
            "position": next(at), "kind": kind_of(one), "id": one.id, "supersedes": one.supersedes,
            "recorded": one.recorded, "key": what.keys.get(one.id), "salt": salt, "body": body,
        }
        for one, salt, body in zip(facts, salts, bodies, strict=True)
    ])  # fmt: skip
    insert_documents(connection, documents, at)
    in_parts(connection, insert(segment), [
        {
            "position": next(at), "kind": _kind(one), "name": one.made.written,
            "sha256": bytes.fromhex(one.made.written_sha256), "bytes": one.size, "rows": one.made.rows,
            "first": one.first, "last": one.last, "told": canonical(_told(one.made)),
        }
        for one in what.segments
    ])  # fmt: skip
    return Receipt(positions, known + len(what.documents) - len(documents))


def insert_documents(connection: Connection, documents: Sequence[Document], positions: Iterator[int]) -> None:
    """The rows of documents that are logged at the next of some positions."""
    in_parts(connection, insert(document), [
        {"position": next(positions), "kind": one.kind, "name": one.name, "sha256": one.digest, "body": one.body}
        for one in documents
    ])  # fmt: skip


def _kind(one: Sealed) -> str:
    return one.made.written.partition("/")[0]


def _told(made: Import) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(made).items()}


def author_handle(connection: Connection, name: str) -> str:
    """What stands for an author in the log: the same for each entry, and nothing when the name is erased."""
    found = connection.execute(select(author.c.handle).where(author.c.name == name)).scalar()
    if found is not None:
        return str(found)
    salt = new_salt()
    made = handle(name, salt)
    connection.execute(insert(author).values(handle=made, name=name, salt=salt))
    return made


def _new_facts(connection: Connection, what: Appended) -> tuple[list[AnyFact], int]:
    """The facts that are not there yet, and how many are. Raises Refused where one says something else."""
    problems, new, known = list[Problem](), dict[str, AnyFact](), 0
    for one in what.facts:
        key = what.keys.get(one.id)
        there = new.get(one.id) or _fact(connection, fact.c.id == one.id)
        by_key = _fact(connection, fact.c.key == key) if key else None
        if ERASED in (there, by_key):
            problems.append(_erased(one))
        elif by_key is not None and by_key != one:
            problems.append(_used(one))
        elif there is None:
            new[one.id] = one
        elif there == one:
            known += 1
            if key and by_key is None:  # the key stands for it from now on, also where it was recorded without one
                unkeyed = fact.c.id == one.id, fact.c.key.is_(None)
                connection.execute(update(fact).where(*unkeyed).values(key=key))
        else:
            problems.append(_otherwise(one))
    if problems:
        raise Refused(problems)
    return list(new.values()), known


def _fact(connection: Connection, *where: object) -> AnyFact | str | None:
    """The fact of a row; `ERASED` where its content is gone, or is none that people record; None without a row."""
    row = connection.execute(select(fact.c.kind, fact.c.body).where(*where)).first()  # type: ignore[arg-type]
    if row is None:
        return None
    return ERASED if row.body is None or row.kind in OWN else fact_from_json(json.loads(bytes(row.body)))


def _held(connection: Connection, one: Document) -> bool:
    return connection.execute(select(document.c.position).where(document.c.sha256 == one.digest)).scalar() is not None


def _otherwise(one: AnyFact) -> Problem:
    what = f"{kind_of(one)} `{one.id}` is recorded already, and says something else"
    hint = f"record a fact with another id that supersedes `{one.id}`"
    return error("fact-exists", Place("facts"), what, "facts are only ever added", hint)


def _used(one: AnyFact) -> Problem:
    what = f"this idempotency key was used for another fact than {kind_of(one)} `{one.id}`"
    return error("key-used", Place("facts"), what, "one key stands for one fact", "use a new key for a new fact")


def _erased(one: AnyFact) -> Problem:
    what = f"`{one.id}` was recorded before and its content erased"
    return error("fact-erased", Place("facts"), what, "what was erased does not come back", "use another id")


def unwritable(engine: Engine, failure: DBAPIError) -> Problem:
    """What is said where the database refuses to write."""
    why = str(failure.orig).splitlines()[0]
    if failure.connection_invalidated:  # perhaps while the answer to a commit was on its way
        hint = "whether it was recorded is not known; do it again: what is there already is not recorded twice"
        return error("unwritable", Place(engine.dialect.name), "the connection to the database broke", why, hint)
    where, hint = engine.dialect.name, "nothing was recorded; bring the database up, and do it again"
    if where == "sqlite":
        file = Path(engine.url.database or "")
        where, hint = str(file.parent), "nothing was recorded; make room, and do it again"
        if _is_full(file.parent):
            why = "the disk is full"
        elif getattr(failure.orig, "sqlite_errorname", "").startswith("SQLITE_READONLY"):
            why, hint = "this user may only read it", f"nothing was recorded; let this user write {file.name}"
    return error("unwritable", Place(where), "the store cannot be written", why, hint)


def _is_full(folder: Path) -> bool:
    """Whether the disk has no room for the least that SQLite needs."""
    try:
        return disk_usage(folder).free < LEAST
    except OSError:
        return False


def facts_in(engine: Engine, size: int | None = None) -> list[AnyFact]:
    """The facts of the first `size` entries of the log, or all of them, in the order of their positions.

    Those whose content was erased are left out.
    """
    asked = select(fact.c.body).where(fact.c.body.is_not(None), fact.c.kind.not_in(OWN)).order_by(fact.c.position)
    if size is not None:
        asked = asked.where(fact.c.position < size)
    with reading(engine) as connection:
        return [fact_from_json(json.loads(bytes(raw))) for raw in connection.execute(asked).scalars()]


def facts_from(engine: Engine, since: int, most: int) -> list[tuple[int, AnyFact]]:
    """The first so many facts from a position of the log on, each with its position; those whose content was erased
    are left out."""
    asked = select(fact.c.position, fact.c.body).where(fact.c.body.is_not(None), fact.c.kind.not_in(OWN))
    with reading(engine) as connection:
        asked = asked.where(fact.c.position >= since).order_by(fact.c.position).limit(most)
        rows = connection.execute(asked).all()
    return [(position, fact_from_json(json.loads(bytes(raw)))) for position, raw in rows]


def recorders(engine: Engine, positions: Sequence[int]) -> dict[int, str]:
    """Who recorded what is at some positions of the log, whatever it says itself; empty where the name was erased."""
    with reading(engine) as connection:
        names = {handle: name or "" for handle, name in connection.execute(select(author.c.handle, author.c.name))}
        rows = connection.execute(select(log.c.position, log.c.leaf).where(log.c.position.in_(positions))).all()
    return {position: names.get(read_leaf(bytes(leaf)).by, "") for position, leaf in rows}


def segments_in(engine: Engine, size: int | None = None) -> list[Import]:
    """The imports that wrote the segments of the first `size` entries of the log, or all, in order; those whose
    segments were retired are left out."""
    asked = select(segment.c.told).where(segment.c.retired.is_(None)).order_by(segment.c.position)
    if size is not None:
        asked = asked.where(segment.c.position < size)
    with reading(engine) as connection:
        return list(_imports(bytes(raw) for raw in connection.execute(asked).scalars()))


def _imports(told: Iterable[bytes]) -> Iterable[Import]:
    numbers = {name for name, kind in Import.__annotations__.items() if kind == "int"}
    for raw in told:
        said: dict[str, Any] = {n: int(v) if n in numbers else v for n, v in json.loads(raw).items()}
        yield Import(**said)
