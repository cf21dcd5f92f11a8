"""Use case: an evidence bundle of a statement, from a store: what a counterparty checks without us."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from makegood.app.judging import file_bytes
from makegood.evidence.bundle import (
    STAMPS,
    Contents,
    Enclosed,
    Entry,
    Payload,
    extending,
    name_in_bundle,
    proven,
    write_bundle,
)
from makegood.evidence.canonical import NotCanonical
from makegood.evidence.head import SignedHead, read_head
from makegood.evidence.tree import Tree
from makegood.exchange.fact_json import fact_to_json
from makegood.model.facts import AnyFact, Cause, Item, Maintenance, Notice, Retraction, Standing
from makegood.model.order import Order
from makegood.model.problem import Place, Refused, error
from makegood.store.keeping import keep
from makegood.store.opened import opened
from makegood.store.place import is_store
from makegood.store.sql import issuing, log
from makegood.store.sql.database import reading, writing
from makegood.store.sql.open_days import open_batches
from makegood.store.sql.proving import (
    LoggedFact,
    authors,
    key_changes,
    logged_documents,
    logged_facts,
    logged_segments,
)
from makegood.store.sql.stamping import stamps
from makegood.store.sql.store import Document

AGREEMENT = ".sla.md"
MOST_BATCHES = 20_000
"""Batches of open days that a bundle lists, the latest ones: more than an agent closes in a day."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A bundle, and how many batches of open days it does not list because they are too many."""

    raw: bytes
    left_out: int


def documents(agreement: Path, order: Path) -> list[Document]:
    """The versions of an agreement, and the order, as documents. Raises Refused where one cannot be read."""
    versions = sorted(agreement.glob(f"*{AGREEMENT}")) if agreement.is_dir() else [agreement]
    found = [Document("agreement", path.name, file_bytes(path)) for path in versions]
    return [*found, Document("order", order.name, file_bytes(order))]


def record_documents(facts: Path, agreement: Path, order: Path, by: str) -> None:
    """Let the log of a store hold the documents that a statement pins, so that a bundle can prove them.

    Raises Refused for a plain folder, which has no log.
    """
    if not is_store(facts):
        hint = f"makegood store FOLDER makes a store; {facts} is a folder of facts"
        raise Refused([error("no-store", Place(str(facts)), "only what a store holds can be proved", "", hint)])
    keep(facts, [], time.time_ns() // 1000, by, documents=documents(agreement, order))


def saved_head(path: Path) -> SignedHead:
    """A head that a counterparty saved. Raises Refused where the file is none."""
    try:
        return read_head(file_bytes(path).strip())
    except NotCanonical as wrong:
        raise Refused([error("not-a-head", Place(str(path)), "this is no signed head", str(wrong))]) from None


def bundle(
    store: Path, order: Order, size: int, pinned: Sequence[Document], statement: bytes, since: SignedHead | None
) -> Bundled:
    """The bundle of a statement that was made from the first `size` entries of a store's log.

    Its head is that of `size`, or, where another key has signed since, the latest one, which extends it.

    It holds the documents, the facts that concern the order, of each segment its hash, and the batches that no segment
    holds yet; with `since`, a head that the reader saved, the proof that the log extends it. Raises Refused where that
    is not of this log, or longer.
    """
    with opened(store) as found, reading(found.engine) as connection:
        head = _to_show(connection, size)
        length = head.head.size
        tree = log.tree(connection)
        files: dict[str, bytes] = {}
        entries = list(_entries(connection, tree, (size, length), order, pinned, files))
        of_open_days, left_out = _of_open_days(connection, tree, (size, length), order, files)
        entries += of_open_days
        earlier = {size, length if since is None else length_of(since, head)} - {length}
        files |= {f"{STAMPS}{n}.tsr": one.reply for n, one in enumerate(stamps(connection, length), 1)}
        contents = Contents(
            head,
            found.first_key,
            statement,
            entries,
            files,
            [extending(tree, one, length) for one in sorted(earlier)],
            authors(connection, {entry.leaf.by for entry in entries}),
        )
        return Bundled(write_bundle(contents, found.key_of(head.public)), left_out)


def issue(store: Path, order: str, period: str, size: int, statement: bytes) -> int:
    """Let the store keep a statement as it was given; its number, the same for the same bytes."""
    with opened(store) as found, writing(found.engine) as connection:
        return issuing.issue(connection, order, period, size, time.time_ns() // 1000, statement)


def _to_show(connection: Connection, size: int) -> SignedHead:
    """The head of a size; where a former key signed it, which signs no bundle any more, the latest one."""
    head, latest = log.signed_head(connection, size), log.signed_head(connection)
    assert head is not None, "a statement pins a head that was signed"
    return latest if latest is not None and latest.public != head.public else head


def length_of(since: SignedHead, head: SignedHead) -> int:
    """How long the log was under a head that somebody saved. Raises Refused where `head` cannot extend that."""
    then, now = since.head, head.head
    if then.log != now.log:
        raise Refused([error("other-log", Place("--since"), f"this is a head of log {then.log}, not of {now.log}")])
    if not 0 < then.size <= now.size:
        what = f"this head is of {then.size:,} entries, and the head to be shown of {now.size:,}"
        raise Refused([error("log-went-back", Place("--since"), what)])
    return then.size


def _entries(
    connection: Connection,
    tree: Tree,
    sizes: tuple[int, int],
    order: Order,
    pinned: Sequence[Document],
    files: dict[str, bytes],
) -> Iterator[Entry]:
    """What the first entries hold of an order, so many as one size says, and the changes of keys up to the other."""
    known, size = sizes
    for one in logged_documents(connection, known, [d.digest for d in pinned]):
        assert one.body is not None
        name = name_in_bundle("documents/", one.name, files)
        files[name] = one.body
        yield proven(tree, size, one.position, one.leaf, Enclosed(name))
    for told in concerning(logged_facts(connection, known), order):
        payload = None if told.fact is None or told.salt is None else Payload(fact_to_json(told.fact), told.salt)
        yield proven(tree, size, told.position, told.leaf, payload)
    for part in logged_segments(connection, known):
        yield proven(tree, size, part.position, part.leaf)
    for change in key_changes(connection, size):
        yield proven(tree, size, change.position, change.leaf, change.said)


def _of_open_days(
    connection: Connection, tree: Tree, sizes: tuple[int, int], order: Order, files: dict[str, bytes]
) -> tuple[list[Entry], int]:
    """The batches of days that are not over, with their lists of checks; and how many are left out.

    One that tells of the order's checks alone is there whole, and one that tells of others' too by its hash.
    """
    known, size = sizes
    checks = {check for service in order.services for check in service.checks}
    some, left_out = open_batches(connection, known, checks, MOST_BATCHES)
    found, rosters = list[Entry](), set[bytes]()
    for one in some:
        enclosed = None
        if one.body is not None:
            enclosed = Enclosed(name_in_bundle("evidence/", f"{one.name.replace('/', '-')}.batch", files))
            files[enclosed.name] = one.body
            rosters.add(one.roster)
        found.append(proven(tree, size, one.position, one.leaf, enclosed))
    for told in logged_documents(connection, known, sorted(rosters)):
        assert told.body is not None
        name = name_in_bundle("evidence/", f"checks-{told.name}", files)
        files[name] = told.body
        found.append(proven(tree, size, told.position, told.leaf, Enclosed(name)))
    return found, left_out


def concerning(logged: Sequence[LoggedFact], order: Order) -> list[LoggedFact]:
    """The facts that concern an order, with all that they refer to: others may be of other customers.

    What is about none of its services, or of another order, is left out; so is what was erased and cannot be told.
    """
    names = {s.name for s in order.services}
    kept = {one.leaf.id for one in logged if one.fact is not None and _about(one.fact, names, order.id)}
    before = -1
    while len(kept) > before:
        before = len(kept)
        for one in logged:
            if one.fact is not None and (links := _links(one.fact)) and links & kept:
                kept |= {one.leaf.id, *links}
    return [one for one in logged if one.leaf.id in kept]


def _about(fact: AnyFact, names: set[str], order: str) -> bool:
    match fact:
        case Maintenance():
            return bool(names & set(fact.services))
        case Cause():
            return fact.service in names
        case Standing():
            return fact.order == order
        case Item():
            return fact.order in ("", order) and (not fact.service or fact.service in names)
    return False


def _links(fact: AnyFact) -> set[str]:
    """The ids that a fact refers to."""
    named = {fact.supersedes}
    match fact:
        case Notice():
            named.add(fact.of)
        case Retraction():
            pass
        case _:
            named.add(getattr(fact, "about", ""))
    return named - {""}
