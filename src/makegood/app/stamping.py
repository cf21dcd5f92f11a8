"""Use case: time stamps of an authority (RFC 3161) on the heads of a store, asked for here or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from makegood.app.posting import post
from makegood.app.reading import file_bytes
from makegood.app.upkeep import must_be_store
from makegood.door.policy import PUBLIC, Policy
from makegood.evidence.head import SignedHead
from makegood.evidence.stamps import (
    NotStamped,
    Stamp,
    read_authorities,
    read_stamp,
    stamp_request,
    stamped_at,
)
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.opened import opened
from makegood.store.sql.database import reading, writing
from makegood.store.sql.log import signed_head
from makegood.store.sql.stamping import head_with, keep_stamp, stamps

QUERY = "application/timestamp-query"
MOST = 1 << 16
"""Bytes of a reply: with a chain of certificates it has some thousands."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A stamp on the head of so many entries: the instant (µs UTC) that the authority says, whether its chain was
    followed to a certificate that is trusted, and whether it was there already."""

    size: int
    at: Instant
    trusted: bool = False
    known: bool = False


def request(folder: Path, size: int | None) -> tuple[int, bytes]:
    """What is to be sent to an authority for a stamp on the head of a size, or the latest; and that size."""
    must_be_store(folder)
    with opened(folder) as store, reading(store.engine) as connection:
        head = _head(connection, folder, size)
        return head.head.size, stamp_request(head).raw


def ask(
    folder: Path, url: str, authorities: Sequence[Path], size: int | None, now: Instant, policy: Policy = PUBLIC
) -> Stamped:
    """Ask an authority for a stamp on the head of a size, or the latest, and keep it.

    Raises Refused where none comes, the policy lets nobody ask there, or the stamp is not about this head and this
    request; nothing is kept then.
    """
    must_be_store(folder)
    with opened(folder) as store:
        with reading(store.engine) as connection:
            head = _head(connection, folder, size)
        asked = stamp_request(head)
        reply = post(url, asked.raw, QUERY, MOST, policy)
        found = _read(reply, url)
        if found.digest != head.digest or found.nonce != asked.nonce:
            raise _wrong(url, "the reply is to another request than ours", "somebody repeats an earlier one")
        trusted = _trusted(reply, head, authorities, url)
        with writing(store.engine) as connection:
            new = keep_stamp(connection, head.head.size, now, reply)
    return Stamped(head.head.size, found.at, trusted, not new)


def take_reply(folder: Path, file: Path, authorities: Sequence[Path], now: Instant) -> Stamped:
    """Keep the reply of an authority that came in a file, with the head of this store that it is about.

    Raises Refused where it is about none of them.
    """
    must_be_store(folder)
    reply, name = file_bytes(file), str(file)
    if len(reply) > MOST:
        raise _wrong(name, f"a reply has at most {MOST:,} bytes, and this file {len(reply):,}")
    found = _read(reply, name)
    with opened(folder) as store:
        with reading(store.engine) as connection:
            head = head_with(connection, found.digest)
        if head is None:
            why = "a stamp is on the bytes of a head, as `makegood head STORE -o FILE` writes them"
            raise _wrong(name, "this stamp is on no head of this store", why)
        trusted = _trusted(reply, head, authorities, name)
        with writing(store.engine) as connection:
            new = keep_stamp(connection, head.head.size, now, reply)
    return Stamped(head.head.size, found.at, trusted, not new)


def kept(folder: Path) -> list[Stamped]:
    """The stamps that a store has, by what their authorities say."""
    must_be_store(folder)
    with opened(folder) as store, reading(store.engine) as connection:
        return [Stamped(one.size, _read(one.reply, str(folder)).at) for one in stamps(connection)]


def _head(connection: Connection, folder: Path, size: int | None) -> SignedHead:
    head = signed_head(connection, size)
    if head is None:
        what = "the log is empty" if size is None else f"no head of {size:,} entries was signed"
        raise Refused([error("no-head", Place(str(folder)), what)])
    return head


def _read(reply: bytes, name: str) -> Stamp:
    try:
        return read_stamp(reply)
    except NotStamped as wrong:
        raise _wrong(name, str(wrong)) from None


def _trusted(reply: bytes, head: SignedHead, authorities: Sequence[Path], name: str) -> bool:
    """Whether there are certificates to go by; Refused where the stamp does not lead to one of them."""
    if not authorities:
        return False
    roots = [root for path in authorities for root in read_authorities(file_bytes(path), str(path))]
    try:
        stamped_at(reply, head, roots)
    except NotStamped as wrong:
        raise _wrong(name, str(wrong)) from None
    return True


def _wrong(name: str, what: str, why: str = "") -> Refused:
    return Refused([error("not-stamped", Place(name), what, why, "nothing was kept")])
