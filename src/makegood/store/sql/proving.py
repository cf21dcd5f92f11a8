"""What the log holds of facts, documents and segments, each with its leaf, as an evidence bundle needs it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Join, Table, select

from makegood.evidence.bundle import Author, Payload
from makegood.evidence.leaf import KEY, Leaf, read_leaf
from makegood.exchange.fact_json import fact_from_json
from makegood.model.facts import AnyFact
from makegood.store.sql.tables import OWN, author, document, fact, log, segment


@dataclass(frozen=True, slots=True)
class LoggedFact:
    """A fact with its place in the log; `fact` and `salt` are None where what it said was erased."""

    position: int
    leaf: Leaf
    fact: AnyFact | None
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A change of the log's key with its place in the log."""

    position: int
    leaf: Leaf
    said: Payload


@dataclass(frozen=True, slots=True)
class LoggedFile:
    """A document or a segment with its place in the log; `body` is None for a segment, whose file lies elsewhere."""

    position: int
    leaf: Leaf
    name: str
    body: bytes | None = None


def logged_facts(connection: Connection, size: int) -> list[LoggedFact]:
    """The facts of the first `size` entries, without those that are about the log itself."""
    asked = select(fact.c.position, log.c.leaf, fact.c.body, fact.c.salt).select_from(_with_log(fact))
    found = connection.execute(
        asked.where(fact.c.position < size, fact.c.kind.not_in(OWN)).order_by(fact.c.position)
    ).all()
    return [
        LoggedFact(
            position,
            read_leaf(bytes(leaf)),
            None if body is None else fact_from_json(json.loads(bytes(body))),
            None if salt is None else bytes(salt),
        )
        for position, leaf, body, salt in found
    ]


def key_changes(connection: Connection, size: int) -> list[KeyChange]:
    """The facts of the first `size` entries that put a new key in place of the last, in order."""
    asked = select(fact.c.position, log.c.leaf, fact.c.body, fact.c.salt).select_from(_with_log(fact))
    found = connection.execute(asked.where(fact.c.position < size, fact.c.kind == KEY).order_by(fact.c.position)).all()
    return [
        KeyChange(position, read_leaf(bytes(leaf)), Payload(json.loads(bytes(body)), bytes(salt)))
        for position, leaf, body, salt in found
    ]


def logged_entry(connection: Connection, position: int) -> tuple[Leaf, Payload | None] | None:
    """The leaf at a position and, of a fact that was not erased, what it commits to; None beyond the log."""
    asked = select(log.c.leaf, fact.c.body, fact.c.salt).select_from(
        log.outerjoin(fact, fact.c.position == log.c.position)
    )
    row = connection.execute(asked.where(log.c.position == position)).first()
    if row is None:
        return None
    leaf, body, salt = row
    said = None if body is None or salt is None else Payload(json.loads(bytes(body)), bytes(salt))
    return read_leaf(bytes(leaf)), said


def position_of(connection: Connection, named: str) -> int | None:
    """The position of a fact by its id."""
    found = connection.execute(select(fact.c.position).where(fact.c.id == named)).scalar()
    return None if found is None else int(found)


def logged_documents(connection: Connection, size: int, digests: Collection[bytes]) -> list[LoggedFile]:
    """The documents with one of these SHA-256 among the first `size` entries."""
    asked = select(document.c.position, log.c.leaf, document.c.name, document.c.body).select_from(_with_log(document))
    asked = asked.where(document.c.position < size, document.c.sha256.in_(list(digests)))
    found = connection.execute(asked.order_by(document.c.position)).all()
    return [LoggedFile(position, read_leaf(bytes(leaf)), name, bytes(body)) for position, leaf, name, body in found]


def logged_segments(connection: Connection, size: int) -> list[LoggedFile]:
    """The segments of the first `size` entries."""
    asked = select(segment.c.position, log.c.leaf, segment.c.name).select_from(_with_log(segment))
    found = connection.execute(asked.where(segment.c.position < size).order_by(segment.c.position)).all()
    return [LoggedFile(position, read_leaf(bytes(leaf)), name) for position, leaf, name in found]


def authors(connection: Connection, handles: Collection[str]) -> list[Author]:
    """Who stands behind some handles, as far as names were not erased."""
    asked = select(author.c.name, author.c.salt).where(author.c.handle.in_(list(handles)), author.c.name.is_not(None))
    return [Author(name, bytes(salt)) for name, salt in connection.execute(asked.order_by(author.c.handle)).all()]


def _with_log(table: Table) -> Join:
    return table.join(log, log.c.position == table.c.position)
