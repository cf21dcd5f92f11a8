"""Use cases: back a store up, bring it back, and exercise that, with what it achieved recorded as a fact."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic_ns

from sqlalchemy import select

from makegood.app.upkeep import must_be_store
from makegood.evidence.canonical import NotCanonical
from makegood.evidence.head import SignedHead, read_head
from makegood.model.facts import Item, ItemKind
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Duration, Instant
from makegood.store.backing_up import Taken, take
from makegood.store.backups import Manifest, said
from makegood.store.checking import Checked
from makegood.store.encrypting import read_passphrase
from makegood.store.opened import Store, opened
from makegood.store.restoring import Restored, Wanted, find, restore, unpack, verify
from makegood.store.sql.database import reading
from makegood.store.sql.log import tree
from makegood.store.sql.store import Appended
from makegood.store.sql.tables import log

BEGUN, RESTORED = "restore begun", "restore verified"
"""The events of such a drill. They are not those that a promise about a service's recovery reads."""


@dataclass(frozen=True)
class Drilled:
    """What a drill achieved: `lost` entries would be, `point` is the age of the oldest of them (0 where none is), and
    `time` is how long it took until all was verified, both in µs. `position` is that of the fact about it."""

    manifest: Manifest
    checked: Checked
    lost: int
    point: Duration
    time: Duration
    position: int


def back_up(
    folder: Path, to: Path, *, encrypt: Path | None, now: Instant, with_key: bool = False, keep: int = 0
) -> Taken:
    """Take a backup of a store, encrypted under the passphrase of a file where one is named. Raises Refused."""
    must_be_store(folder)
    passphrase = _passphrase(encrypt)
    with opened(folder) as store:
        return take(store, to, passphrase, now=now, with_key=with_key, keep=keep)


def extent(folder: Path) -> int:
    """How many entries the log of a store has. Raises Refused."""
    must_be_store(folder)
    with opened(folder) as store:
        return store.size()


def bring_back(
    backup: Path, to: Path, *, decrypt: Path | None, since: Path | None, wanted: Wanted, now: Instant
) -> Restored:
    """Restore a backup, or the latest of a folder of them. `since` is the file of a head that it must extend."""
    backups, manifest = find(backup, _passphrase(decrypt))
    witness = None if since is None else _head(since)
    return restore(backups, manifest, to, replace(wanted, witness=witness), now)


def drill(
    folder: Path, backup: Path, *, decrypt: Path | None, now: Instant, by: str, within: Path | None = None
) -> Drilled:
    """Restore a backup into a folder for a while, verify everything, and record in the store what that achieved.

    `within` is where that folder is made; that for temporary files where not given. Raises Refused where the backup
    cannot be brought back, or is not of this store; no drill is recorded then.
    """
    must_be_store(folder)
    begun = monotonic_ns()
    backups, manifest = find(backup, _passphrase(decrypt))
    with opened(folder) as store:
        lost, point = _lost(store, manifest, now)
        try:
            with tempfile.TemporaryDirectory(prefix="makegood-drill-", dir=within) as work:
                checked = verify(unpack(backups, manifest, Path(work)), manifest, manifest.head)
        except OSError as failure:
            where = failure.filename if isinstance(failure.filename, str) else str(within or tempfile.gettempdir())
            hint = "make room, or name another folder with --within"
            raise Refused(
                [error("unwritable", Place(where), f"this cannot be written: {said(failure)}", "", hint)]
            ) from None
        taken = (monotonic_ns() - begun) // 1000
        (position,) = store.append(Appended(by, [_fact(manifest, lost, point, taken, now, by)]), now + taken).positions
    return Drilled(manifest, checked, lost, point, taken, position)


def _lost(store: Store, manifest: Manifest, now: Instant) -> tuple[int, Duration]:
    """How many entries the backup does not have, and how old the oldest of them is (µs)."""
    size = store.size()
    with reading(store.engine) as connection:
        same = store.log == manifest.log and manifest.size <= size
        if not same or (manifest.head and tree(connection).root(manifest.size) != manifest.head.head.root):
            what = "this backup holds another log than the store"
            why = "it is of another store, or the store was restored from an earlier backup since"
            raise Refused([error("no-backup", Place(manifest.name), what, why)])
        first = connection.execute(select(log.c.at).where(log.c.position == manifest.size)).scalar()
    return size - manifest.size, 0 if first is None else max(now - first, 0)


def _fact(manifest: Manifest, lost: int, point: Duration, taken: Duration, now: Instant, by: str) -> Item:
    said = (
        ("drill", "restore of a backup"),
        ("backup", manifest.name),
        ("entries restored", str(manifest.size)),
        ("entries that would be lost", str(lost)),
        ("recovery point", seconds(point)),
        ("recovery time", seconds(taken)),
    )
    events = ((BEGUN, now), (RESTORED, now + taken))
    return Item(f"restore-drill-{now}", now + taken, by, kind=ItemKind.DRILL, facts=said, events=events)


def seconds(length: Duration) -> str:
    """A length of time as a fact says it: whole seconds, a started one as a whole."""
    return f"{-(-length // 1_000_000)} s"


def _passphrase(file: Path | None) -> bytes | None:
    return None if file is None else read_passphrase(file)


def _head(file: Path) -> SignedHead:
    try:
        return read_head(file.read_bytes().rstrip(b"\n"))
    except OSError as failure:
        raise Refused([error("witness", Place(str(file)), f"this cannot be read: {said(failure)}")]) from None
    except NotCanonical as wrong:
        hint = "name a file that `makegood head STORE -o FILE` wrote"
        raise Refused([error("witness", Place(str(file)), f"this is no signed head: {wrong}", "", hint)]) from None
