"""The keys of a store's log, one after the other, and putting a new one in place of the last.

Whatever moment a change is interrupted, one key is right, and it is at hand. `store.toml` names the file of the new key
first, then the key is written, then the log records the change under a head that the new key signs, and last
`store.toml` names the new key alone. Which of two keys is the log's, the log says: see `key_files`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DBAPIError

from makegood.evidence.canonical import NotCanonical, canonical
from makegood.evidence.head import SignedHead, sign_head, succession, successor
from makegood.evidence.leaf import KEY, commitment, new_salt
from makegood.evidence.signing import PublicKey, SigningKey, read_key, write_key
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.backups import said
from makegood.store.durable import only_writer
from makegood.store.key_files import holds
from makegood.store.opened import Store
from makegood.store.place import SETTINGS, StorePlace, name_keys, read_place
from makegood.store.sql.database import reading, writing
from makegood.store.sql.log import Entry, append, extent
from makegood.store.sql.proving import key_changes
from makegood.store.sql.store import author_handle, unwritable
from makegood.store.sql.tables import fact

_OWN_ID = re.compile(r"-[0-9a-f]{16}$")


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of the log. `position` is that of the entry that brought it in, and `at` when (µs UTC); None of the first.

    It signs the heads that cover that entry, until the entry of the key after it.
    """

    public: PublicKey
    position: int | None = None
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of keys: the key that signs now and its file, the position of the entry that says so, the key before.

    `finished` says that the change was recorded earlier, and that only `store.toml` was still to say so. `unused` is a
    key's file that an interrupted change had made, and that this one did not take.
    """

    key: LogKey
    file: Path
    before: LogKey
    finished: bool = False
    unused: Path | None = None


def log_keys(store: Store) -> list[LogKey]:
    """Every key that the log had, the present one last. Raises Refused where one does not follow the one before."""
    with reading(store.engine) as connection:
        return _keys(connection, store)


def _keys(connection: Connection, store: Store) -> list[LogKey]:
    found = [LogKey(PublicKey(store.first_key))]
    for change in key_changes(connection, extent(connection).size):
        try:
            public = successor(change.said.value, store.log, found[-1].public)
        except NotCanonical as wrong:
            raise Refused([error("store-damaged", Place(f"log {change.position}"), str(wrong))]) from None
        found.append(LogKey(public, change.position, change.leaf.at))
    return found


def change_key(store: Store, to: Path | None, now: Instant, by: str) -> Changed:
    """Put a new key in place of the log's, which signs that it follows; the new one signs from that entry on.

    The new key is made in the file `to`, or taken from it where it is there; else in a new file beside the key before.
    A change that was interrupted is gone on with. Raises Refused; the key is then the one that it was.
    """
    try:
        with only_writer(store.folder):
            place = read_place(store.folder)
            return _finished(store, place) or _changed(store, place, to, now, by)
    except OSError as failure:
        where = failure.filename if isinstance(failure.filename, str) else str(store.folder / SETTINGS)
        raise Refused([error("unwritable", Place(where), f"this cannot be written: {said(failure)}")]) from None


def _finished(store: Store, place: StorePlace) -> Changed | None:
    """End a change that the log records already, and that was interrupted or not answered."""
    if place.next_key is None or not place.next_key.is_file():
        return None
    *_, now = keys = log_keys(store)
    if not holds(place.next_key, now.public.raw):
        return None
    name_keys(place.folder, place.next_key)
    return Changed(now, place.next_key, keys[-2] if len(keys) > 1 else now, finished=True)


def _changed(store: Store, place: StorePlace, to: Path | None, now: Instant, by: str) -> Changed:
    old = store.key
    new, file = _prepared(place, to, {one.public for one in log_keys(store)})
    unused = place.next_key if place.next_key not in (None, file) else None
    made = _record(store, old, new, now, by)
    name_keys(place.folder, file)
    *_, before, _ = log_keys(store)
    return Changed(made, file, before, unused=unused if unused is not None and unused.is_file() else None)


def _prepared(place: StorePlace, to: Path | None, known: Collection[PublicKey]) -> tuple[SigningKey, Path]:
    """The key that is to follow, durable in a file that `store.toml` names by then; none of those that are known."""
    there = to if to is not None else _left_over(place)
    if there is not None and there.exists():
        new = read_key(there)
        if new.public in known:
            what, why = f"key {new.public.id} is, or was, a key of this log", "a new key is one that never signed"
            raise Refused([error("key", Place(str(there)), what, why, "name a file that is not there yet")])
        name_keys(place.folder, place.key, there)
        return new, there
    new = SigningKey.make()
    file = to if to is not None else place.key.with_name(_named(place.key, new.public))
    if not file.absolute().parent.is_dir():
        raise Refused([error("key", Place(str(file)), f"there is no folder {file.parent}", "", "make it first")])
    name_keys(place.folder, place.key, file)
    write_key(file, new)
    return new, file


def _left_over(place: StorePlace) -> Path | None:
    """The file of the key that a change, interrupted before the log knew of it, was to bring in."""
    left = place.next_key
    if left is None or not left.is_file():
        return None
    if _OWN_ID.search(left.stem) and b"-----END" not in left.read_bytes():  # the write was cut short
        left.unlink()
        return None
    return left


def _named(key: Path, new: PublicKey) -> str:
    return f"{_OWN_ID.sub('', key.stem)}-{new.id}{key.suffix}"


def _record(store: Store, old: SigningKey, new: SigningKey, now: Instant, by: str) -> LogKey:
    """Let the log say that a new key follows, under a head that the new key signs."""
    payload, salt, named = succession(store.log, new.public, old), new_salt(), f"key {new.public.id}"
    body = canonical(payload)

    def sign(key: bytes | None, size: int, root: bytes, at: Instant) -> SignedHead:
        if (key or store.first_key) != old.public.raw:
            what = "somebody else changed the key at the same time"
            raise Refused([error("key", Place(str(store.folder)), what, "", "look: makegood key STORE")])
        return sign_head(store.log, size, root, at, new)

    try:
        with writing(store.engine) as connection:
            extent(connection, lock=True)
            entry = Entry(KEY, named, author_handle(connection, by), commitment(salt, body))
            (position,) = append(connection, [entry], now, sign)
            row = {"position": position, "kind": KEY, "id": named, "supersedes": "", "recorded": now}
            connection.execute(insert(fact).values(**row, key=None, salt=salt, body=body))
    except DBAPIError as failure:
        raise Refused([unwritable(store.engine, failure)]) from None
    return log_keys(store)[-1]
