"""Bringing a backup back: beside what is there, everything verified, and only then in its place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from makegood.evidence.head import SignedHead
from makegood.evidence.signing import PublicKey, SigningKey, read_key, write_key
from makegood.evidence.tree import Tree, leaf_hash
from makegood.exchange.moments import written
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant
from makegood.store.backups import DATABASE, KEY, NAME, Backups, Manifest, damaged, open_backups, said
from makegood.store.checking import Checked, check
from makegood.store.durable import PRIVATE_FILE, PRIVATE_FOLDER, exchange, held, only_writer, sync, sync_all
from makegood.store.key_files import beside
from makegood.store.opened import Store, opened
from makegood.store.place import DATABASE as KEPT
from makegood.store.place import KEY as OWN_KEY
from makegood.store.place import StorePlace, is_store, read_place, segments_of, settle
from makegood.store.retiring import holds
from makegood.store.serving import serving
from makegood.store.sql import copying
from makegood.store.sql.database import Unusable, engine_of, reading, sqlite_url
from makegood.store.sql.log import leaves
from makegood.store.sql.schema import upgrade

_WORK = ".restoring"


@dataclass(frozen=True)
class Wanted:
    """How a backup is to be brought back.

    `database` is a URL of PostgreSQL, or empty for SQLite in the folder; `key` the file of the key that signs, where
    it is elsewhere; `witness` a head that somebody saved, which the log must extend; `switch` puts the store in the
    place of the one that is there. `segments` is the object store that the restored store is to use, or empty; with
    `switch` that of the store that is there, unless another is named.
    """

    database: str = ""
    key: Path | None = None
    witness: SignedHead | None = None
    switch: bool = False
    segments: str = ""


@dataclass(frozen=True)
class Restored:
    """What was brought back: the backup, what was verified, where the store before it went, and whether it can sign.

    `place` is the restored store's; `holds` are those of the store before it that the backup does not have.
    """

    manifest: Manifest
    checked: Checked
    aside: Path | None
    signs: bool
    place: StorePlace
    holds: tuple[str, ...] = ()


def find(path: Path, passphrase: bytes | None) -> tuple[Backups, Manifest]:
    """The backup that a path names, or the latest one of a folder of backups. Raises Refused for none."""
    if NAME.fullmatch(path.name) and path.is_dir():
        backups = open_backups(path.parent, passphrase)
        return backups, backups.manifest(path.name)
    backups = open_backups(path, passphrase)
    names = backups.names()
    if not names:
        raise Refused([error("no-backup", Place(str(path)), "no backup in this folder is whole")])
    return backups, backups.manifest(names[-1])


def restore(backups: Backups, manifest: Manifest, to: Path, wanted: Wanted, now: Instant) -> Restored:
    """Bring a backup back into a folder: a new one, or with `switch` in place of the store there, which is kept.

    Raises Refused with everything that is wrong; nothing is at `to` then that was not there before.
    """
    _must_be_free(to, wanted.switch)
    if wanted.witness is not None:
        _must_reach(manifest, wanted.witness)
    try:
        with _beside(to) as work:
            place = unpack(backups, manifest, work, wanted.database)
            checked = verify(place, manifest, wanted.witness)
            lost = _lost_holds(place, to) if wanted.switch else ()
            place = _with_settings(place, manifest, to, wanted)
            signs = _settle_key(backups, manifest, place, to, wanted)
            done = Restored(manifest, checked, None, signs, place, lost)
            if wanted.switch:
                _must_be_unserved(to)
                return replace(done, aside=_switch(work, to, now))
            _move(work, to)
            return done
    except OSError as failure:
        raise Refused([_failed(failure, to)]) from None


def unpack(backups: Backups, manifest: Manifest, work: Path, database: str = "") -> StorePlace:
    """The parts of a backup in a folder that is there, each with the hash that it was backed up with.

    It is no store yet: its `store.toml` is missing. Raises Refused, and OSError as the system does.
    """
    file = work / KEPT
    backups.fetch(backups.path / manifest.name / backups.stored(DATABASE), manifest.database, file)
    file.chmod(PRIVATE_FILE)
    for part in manifest.files:
        target = work / part.name
        target.parent.mkdir(parents=True, exist_ok=True)
        backups.fetch(backups.shared(part), part, target)
    place = StorePlace(work, database or sqlite_url(file), work / OWN_KEY)
    try:
        copy = engine_of(sqlite_url(file))
        try:
            upgrade(copy)
        finally:
            copy.dispose()
        copying.settle(file)
        if database:
            engine = engine_of(database)
            try:
                copying.load(file, engine)
            finally:
                engine.dispose()
            file.unlink()
    except Unusable as failure:
        raise Refused([error("store-database", Place(database or str(file)), str(failure))]) from None
    return place


def verify(place: StorePlace, manifest: Manifest, witness: SignedHead | None = None) -> Checked:
    """Look at everything in what was unpacked, and hold its log against the backup's head and a witness.

    Raises Refused with every problem.
    """
    engine = engine_of(place.database)
    try:
        store = Store(place, engine)
        if store.log != manifest.log:
            raise Refused([error("backup-damaged", Place(manifest.name), "its database is of another log")])
        checked = check(store, signatures=False)
        problems = [p for p in checked.problems if p.severity is Severity.ERROR]
        head = store.head()
        if head != manifest.head:
            problems.append(error("backup-damaged", Place(manifest.name), "its log has another head than it says"))
        if witness is not None and not problems and (why := _not_extended(store, witness)):
            problems.append(error("witness", Place("--since"), why))
    finally:
        engine.dispose()
    if problems:
        raise Refused(problems)
    if place.database == sqlite_url(place.folder / KEPT):
        copying.settle(place.folder / KEPT)
    return checked


def _not_extended(store: Store, witness: SignedHead) -> str:
    """Why the log is not one that a saved head was of; empty where it is."""
    if not witness.verifies or witness.head.log != store.log:
        return "this head is of another log, or its signature does not hold"
    with reading(store.engine) as connection:
        tree = Tree(lambda start, end: [leaf_hash(one) for one in leaves(connection, start, end)])
        if tree.root(witness.head.size) != witness.head.root:
            return "the log of the backup does not extend this head: entries were changed, or taken out"
    return ""


def _must_reach(manifest: Manifest, witness: SignedHead) -> None:
    """Refuse a backup that ends before what somebody has a head of."""
    if witness.head.log == manifest.log and witness.head.size > manifest.size:
        what = f"this head is of {witness.head.size:,} entries, and the backup has {manifest.size:,}"
        hint = "restore a later backup; where there is none, restore without --since, and tell whoever keeps that head"
        raise Refused([error("witness", Place("--since"), what, "the last of them would be lost", hint)])


def _with_settings(place: StorePlace, manifest: Manifest, to: Path, wanted: Wanted) -> StorePlace:
    """The restored store with what its `store.toml` is to say: of the store it replaces, or else of the backup.

    An object store is none of the backup's: two stores that share one would remove each other's files.
    """
    before = read_place(to) if wanted.switch else None
    segments = segments_of(wanted.segments, Path("--segments")) or (before.segments if before else "")
    return replace(place, segments=segments, keeps=before.keeps if before else manifest.keeps)


def _lost_holds(place: StorePlace, to: Path) -> tuple[str, ...]:
    """The holds of the store that is there, as far as it can be read, that the restored one does not have."""
    engine = engine_of(place.database)
    try:
        with opened(to, mending=False) as before:
            there = {one.name for one in holds(Store(place, engine))}
            return tuple(one.name for one in holds(before) if one.name not in there)
    except Refused:
        return ()
    finally:
        engine.dispose()


def _settle_key(backups: Backups, manifest: Manifest, place: StorePlace, to: Path, wanted: Wanted) -> bool:
    """Write the key, where there is one, and then `store.toml`; whether the store can sign."""
    signer = None if manifest.head is None else PublicKey(manifest.head.public)
    found = _key(backups, manifest, to, wanted)
    if found is not None and signer is not None and found[0].public != signer:
        what = f"this is key {found[0].public.id}, and the backup's head was signed by key {signer.id}"
        why = "a log goes on with the key that it had, and one that was changed later is not yet in this backup"
        hint = "name that key's file with --key; without a key, and without --switch, the store is restored to be read"
        raise Refused([error("key", Place(str(wanted.key or found[1] or to)), what, why, hint)])
    own = place
    if found is not None and found[1] is not None:
        own = replace(place, key=found[1].absolute())
    elif found is not None:
        place.key.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        write_key(place.key, found[0])
    settle(own)
    return found is not None


def _key(backups: Backups, manifest: Manifest, to: Path, wanted: Wanted) -> tuple[SigningKey, Path | None] | None:
    """The key that signs, and the file outside the store where it stays, or None where it is to lie inside."""
    if wanted.key is not None:
        return read_key(wanted.key), wanted.key
    if manifest.key:
        file = backups.path / manifest.name / backups.stored(KEY)
        return _key_of(b"".join(backups.content(file)), file), None
    if wanted.switch:
        return _key_of_the_other(to, None if manifest.head is None else manifest.head.public)
    return None


def _key_of_the_other(to: Path, public: bytes | None) -> tuple[SigningKey, Path | None] | None:
    """The key of the store that is switched from, or the former one of its keys that the backup goes on with."""
    place, first = read_place(to), None
    for file in beside(place):
        if not file.is_file():
            continue
        try:
            key = read_key(file)
        except Refused:
            if file == place.key:
                raise
            continue
        found = key, None if file.resolve().is_relative_to(to.resolve()) else file
        if public is None or key.public.raw == public:
            return found
        first = first or found
    return first


def _key_of(pem: bytes, file: Path) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused([damaged(file, "this is no key that signs")])
    return SigningKey(key)


def _must_be_unserved(to: Path) -> None:
    """A server would go on with what it knows of the store that was there, in the files of the one that is now."""
    if (found := serving(to)) is not None:
        what, hint = f"a server runs on this store, as process {found.pid}", "stop it, and restore again"
        raise Refused([error("served", Place(str(to)), what, "", hint)])


def _must_be_free(to: Path, switch: bool) -> None:
    if switch:
        if not is_store(to):
            what = "there is no store here to switch from"
            raise Refused([error("no-store", Place(str(to)), what, "", "restore without --switch")])
        _must_be_unserved(to)
    elif to.exists() and (not to.is_dir() or any(to.iterdir())):
        here = "there is a store here already" if is_store(to) else "this is not an empty folder"
        hint = "name a folder that is not there yet; --switch puts the restored store in this one's place"
        raise Refused([error("store-exists", Place(str(to)), here, "", hint)])
    if not to.absolute().parent.is_dir():
        raise Refused([error("store-exists", Place(str(to)), "the folder above it does not exist")])


@contextmanager
def _beside(to: Path) -> Iterator[Path]:
    """A folder beside the target, gone where something went wrong; those of restores that were killed go first."""
    parent, name = to.absolute().parent, to.absolute().name
    for one in parent.glob(f".{name}{_WORK}-*"):
        if not held(one):
            shutil.rmtree(one, ignore_errors=True)
    work = parent / f".{name}{_WORK}-{os.getpid()}"
    work.mkdir(mode=PRIVATE_FOLDER)
    try:
        with only_writer(work):
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _move(work: Path, to: Path) -> None:
    sync_all(work)
    if to.is_dir():
        work.chmod(to.stat().st_mode & 0o777)
        to.rmdir()
    work.rename(to)
    sync(to.absolute().parent)


def _switch(work: Path, to: Path, now: Instant) -> Path:
    """Put the restored store in the place of the other, which gets a dated name; where that is."""
    stamp = written(now // 1_000_000 * 1_000_000).replace("-", "").replace(":", "")
    aside = to.absolute().with_name(f"{to.absolute().name}.{stamp}")
    if aside.exists():
        raise Refused([error("store-exists", Place(str(aside)), "a store that was switched from is here already")])
    sync_all(work)
    work.chmod(to.stat().st_mode & 0o777)
    with only_writer(to):
        work.rename(aside)
        exchange(aside, to.absolute())
    return to.with_name(aside.name)


def _failed(failure: OSError, to: Path) -> Problem:
    where = failure.filename if isinstance(failure.filename, str) else str(to)
    hint = "free it or make room, and restore again; nothing was restored"
    return error("unwritable", Place(where), f"the store cannot be written: {said(failure)}", "", hint)
