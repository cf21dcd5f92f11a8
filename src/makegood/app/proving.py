"""Use case: a proof of some entries of a store's log, or that it was only extended, as one file for somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from makegood.app.bundling import length_of
from makegood.app.upkeep import must_be_store
from makegood.evidence.bundle import Entry, Extends, extending, proven, write_proof
from makegood.evidence.head import SignedHead
from makegood.evidence.signing import PublicKey
from makegood.evidence.tree import Tree
from makegood.model.problem import Place, Problem, Refused, error
from makegood.store.opened import opened
from makegood.store.sql import log
from makegood.store.sql.database import reading
from makegood.store.sql.proving import key_changes, logged_entry, position_of
from makegood.store.sql.stamping import stamps


def prove(
    folder: Path, facts: Sequence[str], positions: Sequence[int], since: SignedHead | None, size: int | None = None
) -> bytes:
    """The file that proves that these entries are under a head, that of `size` or the latest; and with `since`, a head
    that its reader saved, that the log was only extended. It needs no secret key.

    Raises Refused with every entry that is not there, and for a saved head that the log does not extend.
    """
    must_be_store(folder)
    with opened(folder) as store, reading(store.engine) as connection:
        head = log.signed_head(connection, size)
        if head is None:
            what = "the log is empty" if size is None else f"no head of {size:,} entries was signed"
            raise Refused([error("no-head", Place(str(folder)), what)])
        tree = log.tree(connection)
        wanted = _positions(connection, facts, positions, head.head.size)
        changes = {change.position for change in key_changes(connection, head.head.size)}
        entries = [_entry(connection, tree, head.head.size, position) for position in sorted({*wanted, *changes})]
        extends = [] if since is None else _extends(tree, since, head)
        replies = [one.reply for one in stamps(connection, head.head.size)]
        return write_proof(head, PublicKey(store.first_key), extends, entries, replies)


def _positions(connection: Connection, facts: Sequence[str], positions: Sequence[int], size: int) -> list[int]:
    """Where the entries are that are asked for. Raises Refused with each that is not under the head."""
    found, problems = list[int](), list[Problem]()
    for position in positions:
        if not 0 <= position < size:
            what = f"there is no position {position:,} under a head of {size:,} entries"
            hint = "positions count from 0"
            problems.append(error("no-such-entry", Place("--position"), what, "", hint))
        found.append(position)
    for named in facts:
        at = position_of(connection, named)
        if at is None:
            problems.append(error("no-such-fact", Place("--fact"), f"no fact `{named}` is recorded here"))
        elif at >= size:
            what = f"`{named}` is at position {at:,}, beyond the head of {size:,} entries"
            problems.append(error("no-such-fact", Place("--fact"), what, "", "name a later head with --size"))
        else:
            found.append(at)
    if problems:
        raise Refused(problems)
    return found


def _entry(connection: Connection, tree: Tree, size: int, position: int) -> Entry:
    there = logged_entry(connection, position)
    assert there is not None, "a signed head covers it"
    leaf, said = there
    return proven(tree, size, position, leaf, said)


def _extends(tree: Tree, since: SignedHead, head: SignedHead) -> list[Extends]:
    length = length_of(since, head)
    if tree.root(length) != since.head.root:
        what = f"at {length:,} entries this log has another root than that head"
        why = "two logs grew from one: perhaps this store was restored from a backup since"
        raise Refused([error("log-forked", Place("--since"), what, why, "look: makegood check STORE")])
    return [extending(tree, length, head.head.size)] if length < head.head.size else []
