"""The tables of a store, each of one of four kinds (DESIGN 5), the same for SQLite and PostgreSQL.

* ``fact``: append-only and in the log, each row with its position. Nothing in it is ever changed, but the personal data
  of a fact may be erased.
* ``derived``: made from facts alone; `makegood rebuild` makes the same bytes again.
* ``issued``: what was told to somebody, frozen.
* ``operational``: what the program needs to run, worth nothing to a judge.

Instants are int64 µs UTC, hashes 32 bytes, texts UTF-8.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from makegood.evidence.leaf import KEY

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


ERASURE = "erasure"
"""The kind of the fact that tells of an erasing; no statement reads it."""

OWN = (ERASURE, KEY)
"""Kinds of facts that are about the log itself, and that people do not record."""


RETIREMENT, REPLACEMENT = "retirement", "replacement"
"""The kinds of the documents that say why the file of a segment is gone: it was kept long enough, or another segment
holds what it held."""


class TableKind(StrEnum):
    """What a table holds, and so what may be done to it."""

    FACT = "fact"
    DERIVED = "derived"
    ISSUED = "issued"
    OPERATIONAL = "operational"


def _table(name: str, kind: TableKind, *columns: Any, **options: Any) -> Table:
    return Table(name, metadata, *columns, info={"kind": kind}, **options)


def _position(**more: Any) -> Column[int]:
    """The position in the log of what a row tells."""
    return Column("position", BigInteger, ForeignKey("log.position"), nullable=False, **more)


log = _table(
    "log",
    TableKind.FACT,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),  # when the store learned it
    Column("kind", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),  # the bytes that the tree's leaf hashes
)

document = _table(
    "document",
    TableKind.FACT,
    _position(primary_key=True, autoincrement=False),
    # agreement, order, check, deployment, checks (of batches), holidays, zone, key, hold, release, retirement,
    # replacement
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

fact = _table(
    "fact",
    TableKind.FACT,
    _position(primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False, unique=True),
    Column("supersedes", Text, nullable=False, index=True),
    Column("recorded", BigInteger, nullable=False),  # as its author dates it
    Column("key", Text, unique=True),  # the idempotency key, where one was given
    Column("salt", LargeBinary),  # NULL with `body` where it was erased
    Column("body", LargeBinary),  # canonical JSON, as a file of facts says it
)

author = _table(
    "author",
    TableKind.FACT,
    Column("handle", Text, primary_key=True),  # what stands for the name in leaves
    Column("name", Text, unique=True),  # NULL with `salt` where it was erased
    Column("salt", LargeBinary),
)

segment = _table(
    "segment",
    TableKind.FACT,
    _position(primary_key=True, autoincrement=False),
    Column(
        "kind", Text, nullable=False
    ),  # observations, states, measurements, latencies, outcomes, failures, figures, sketches
    Column("name", Text, nullable=False, unique=True),  # its path below the segments, with `/`
    Column("sha256", LargeBinary, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),  # of the evidence in it
    Column("last", BigInteger, nullable=False),
    Column("told", LargeBinary, nullable=False),  # canonical JSON: where it came from, and how it was taken
    Column("retired", BigInteger, ForeignKey("log.position")),  # of the document that says that its file is gone
)

batch = _table(
    "batch",
    TableKind.FACT,
    _position(primary_key=True, autoincrement=False),
    Column("location", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("roster", LargeBinary, nullable=False),  # SHA-256 of the document that lists its checks
    Column("every", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),  # the starts of its first and last slot
    Column("last", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("body", LargeBinary),  # its bytes; NULL where `observation` holds its rows, or a segment holds them
    Column("sealed", BigInteger, ForeignKey("log.position")),  # of the segment that holds it
    Column("closed", BigInteger),  # when the location closed it, by its clock
    Column("previous", LargeBinary),  # SHA-256 of the batch before, as it says
    Column("agent", LargeBinary),  # the public key that signed it, and the signature; NULL where nobody did
    Column("signature", LargeBinary),
    Column("flag", Text),  # why its results do not count; NULL where they do
    UniqueConstraint("location", "sequence"),
    Index("ix_batch_location_last", "location", "last"),
    Index("ix_batch_sealed", "sealed"),
)

observation = _table(
    "observation",
    TableKind.FACT,
    Column("begun", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Integer, primary_key=True, autoincrement=False),
    Column("outcome", SmallInteger, nullable=False),
    Column("latency", BigInteger),
    Column("position", BigInteger, nullable=False),  # of its batch; a foreign key would cost a quarter of the speed
    sqlite_with_rowid=False,
)

subject = _table(
    "subject",
    TableKind.FACT,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("check", Text, nullable=False),
    Column("location", Text, nullable=False),
    UniqueConstraint("check", "location"),
)

head = _table(
    "head",
    TableKind.FACT,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # the signed head, canonical JSON
)

stamp = _table(
    "stamp",
    TableKind.FACT,
    Column("size", BigInteger, ForeignKey("head.size"), primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, primary_key=True),
    Column("at", BigInteger, nullable=False),  # when it was taken in
    Column("body", LargeBinary, nullable=False),  # the authority's reply (RFC 3161, DER)
)

node = _table(
    "node",
    TableKind.DERIVED,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

statement = _table(
    "statement",
    TableKind.ISSUED,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("order", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # how long the log was that it was made from
    Column("at", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

setting = _table(
    "setting",
    TableKind.OPERATIONAL,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

sequencer = _table(
    "sequencer",
    TableKind.OPERATIONAL,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),  # one row, locked by whoever appends
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
