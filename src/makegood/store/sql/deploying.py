"""What is deployed at a store: a chain of documents of the log, each of which says what was put and taken away by it.

The documents that they name, agreements, orders and checks, are in the log by their own bytes, and stay when they are
taken away. A record names the one before it, so that the same change made twice is two records, and none can be made
from a state that is no longer the latest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from makegood.evidence.canonical import NotCanonical, canonical, read_canonical
from makegood.model.problem import Place, Refused, error
from makegood.store.sql.store import Also, Document
from makegood.store.sql.tables import document

DEPLOYMENT = "deployment"
"""The kind of the documents that say so; `document/deployment` in the log."""

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Put:
    """A document that is deployed from then on: its kind and name, the file it was in, and its SHA-256."""

    kind: str
    name: str
    file: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One change of what is deployed. `after` is the SHA-256 of the record before it, empty for the first."""

    after: bytes
    put: tuple[Put, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()

    def document(self) -> Document:
        """The record as a document of the log."""
        body = canonical(
            {
                "after": self.after.hex(),
                "format": "makegood.deployment/1",
                "put": [{"file": p.file, "kind": p.kind, "name": p.name, "sha256": p.digest.hex()} for p in self.put],
                "removed": [{"kind": kind, "name": name} for kind, name in self.removed],
            }
        )
        return Document(DEPLOYMENT, "deployment.json", body)


def read_record(raw: bytes) -> Record:
    """The record of a document's bytes. Raises NotCanonical where they are none."""
    said = read_canonical(raw)
    try:
        if said["format"] != "makegood.deployment/1":
            raise NotCanonical("the form of this record is not known")
        put = tuple(Put(p["kind"], p["name"], p["file"], bytes.fromhex(p["sha256"])) for p in said["put"])
        return Record(bytes.fromhex(said["after"]), put, tuple((r["kind"], r["name"]) for r in said["removed"]))
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotCanonical(f"this is no record of what is deployed: {wrong}") from None


@dataclass(frozen=True)
class Standing:
    """What is deployed, by kind and name, and the SHA-256 of the record that made it so; empty where none is."""

    put: dict[tuple[str, str], Put]
    digest: bytes = b""


def standing(connection: Connection, size: int | None = None) -> Standing:
    """What the records among the first `size` entries of the log, or all, come to. Raises Refused for a damaged one."""
    asked = select(document.c.position, document.c.sha256, document.c.body).where(document.c.kind == DEPLOYMENT)
    if size is not None:
        asked = asked.where(document.c.position < size)
    put, digest = dict[tuple[str, str], Put](), b""
    for position, sha256, body in connection.execute(asked.order_by(document.c.position)):
        try:
            record = read_record(bytes(body))
        except NotCanonical as wrong:
            what = "this entry of the log is no record of what is deployed"
            raise Refused([error("not-canonical", Place(f"log {position}"), what, str(wrong))]) from None
        for gone in record.removed:
            put.pop(gone, None)
        put |= {(one.kind, one.name): one for one in record.put}
        digest = bytes(sha256)
    return Standing(put, digest)


def latest(connection: Connection, size: int | None = None) -> bytes:
    """The SHA-256 of the last record among the first `size` entries, or all; empty where there is none."""
    asked = select(document.c.sha256).where(document.c.kind == DEPLOYMENT)
    if size is not None:
        asked = asked.where(document.c.position < size)
    found = connection.execute(asked.order_by(document.c.position.desc()).limit(1)).scalar()
    return b"" if found is None else bytes(found)


def ever(connection: Connection, kind: str) -> list[str]:
    """The names of all documents of a kind that were ever applied."""
    asked = select(document.c.name).where(document.c.kind == kind).distinct()
    return list(connection.execute(asked).scalars())


def bodies(connection: Connection, digests: Collection[bytes]) -> dict[bytes, bytes]:
    """The bytes of documents by their SHA-256."""
    wanted, found = list(dict.fromkeys(digests)), dict[bytes, bytes]()
    for start in range(0, len(wanted), AT_ONCE):
        some = document.c.sha256.in_(wanted[start : start + AT_ONCE])
        rows = connection.execute(select(document.c.sha256, document.c.body).where(some))
        found |= {bytes(sha256): bytes(body) for sha256, body in rows}
    return found


def unmoved(after: bytes) -> Also:
    """Undoes a transaction that appends a record after another one than the latest. Raises Refused then."""

    def look(connection: Connection, positions: range) -> None:
        if latest(connection, positions.start) != after:
            what = "somebody else changed what is deployed since the plan was made"
            raise Refused([error("store-moved", Place("store"), what, "nothing was applied", "look at a new plan")])

    return look
