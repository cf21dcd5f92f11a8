"""Taking a backup of a store: of one moment, beside whoever writes, read back, and there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from pathlib import Path

from sqlalchemy import func, select

from makegood import __version__
from makegood.evidence.head import SignedHead
from makegood.evidence.tree import Tree, leaf_hash
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant
from makegood.store.backups import (
    DATABASE,
    FILES,
    KEY,
    MANIFEST,
    MARK,
    Backups,
    Manifest,
    Part,
    all_parts,
    new_backups,
    open_backups,
    said,
)
from makegood.store.durable import PRIVATE_FOLDER, held, make_folder, only_writer, sync
from makegood.store.looking_again import LookedAgain, look_again
from makegood.store.opened import Store
from makegood.store.segments import segment_file
from makegood.store.sql.copying import snapshot
from makegood.store.sql.database import Unusable, engine_of, reading, sqlite_url
from makegood.store.sql.deriving import derive
from makegood.store.sql.log import leaves, signed_head
from makegood.store.sql.schema import revisions
from makegood.store.sql.tables import segment, statement

_WORK = ".backup-"


@dataclass(frozen=True)
class Taken:
    """A backup that was taken, where; how many files and bytes of segments were new in it; how many backups went; and
    what was read again of segments that were not new."""

    folder: Path
    manifest: Manifest
    copied: int
    copied_bytes: int
    removed: int = 0
    again: LookedAgain = field(default_factory=LookedAgain)


def take(
    store: Store, to: Path, passphrase: bytes | None, *, now: Instant, with_key: bool = False, keep: int = 0
) -> Taken:
    """Take a backup into a folder of backups, made where it is missing.

    `keep` is how many of the latest are kept, 0 for all. Raises Refused; no backup was taken then, and what is there
    already is untouched.
    """
    _must_be_apart(store, to)
    if with_key and passphrase is None:
        what = "the key that signs is backed up only encrypted"
        raise Refused(
            [error("key", Place("--with-key"), what, "whoever has it can sign in your name", "say --encrypt")]
        )
    try:
        make_folder(to, private=True)
        with only_writer(to):
            _tidy(to)
            _tidy_store(store.folder)
            backups = _opened(to, store.log, passphrase)
            while True:
                try:
                    return _take(store, backups, now, with_key, keep)
                except _GoneMeanwhile:
                    continue  # it is not in the next copy of the database
    except OSError as failure:
        where = failure.filename if isinstance(failure.filename, str) else str(to)
        raise Refused([_failed(where, said(failure))]) from None
    except Unusable as failure:
        raise Refused([_failed(str(to), str(failure))]) from None


class _GoneMeanwhile(Exception):
    """A segment was retired or replaced after the database was copied."""


def latest(backups: Backups) -> Manifest | None:
    """The latest backup of a folder."""
    names = backups.names()
    return backups.manifest(names[-1]) if names else None


def _take(store: Store, backups: Backups, now: Instant, with_key: bool, keep: int) -> Taken:
    part = backups.path / f"{_WORK}{now}"
    part.mkdir(mode=PRIVATE_FOLDER)
    try:
        with _plain_folder(store, backups, part) as work:
            file = work / DATABASE
            snapshot(store.engine, file)
            held_now = _looked_at(file, backups)
            copied = [one for one in held_now.files if not backups.holds(one)]
            rest = sorted(set(held_now.files) - set(copied), key=lambda one: one.name)
            again = look_again(store.place, backups, rest, now)
            for one in copied:
                _copy(store, backups, one)
            if with_key:
                _put_key(store, held_now.head, backups, part, work)
            kept = backups.path / part.name / backups.stored(DATABASE)
            database = _put_database(backups, file, kept)
        manifest = Manifest(
            backups.log, now, __version__, revisions()[-1], held_now.head, database, held_now.files,
            held_now.statements, with_key, store.place.keeps,
        )  # fmt: skip
        _put_manifest(backups, part, manifest)
        sync(part)
        part.rename(backups.path / manifest.name)
        sync(backups.path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    removed = _remove_old(backups, keep) if keep else 0
    size = sum(one.size for one in copied)
    return Taken(backups.path / manifest.name, manifest, len(copied), size, removed, again)


@dataclass(frozen=True)
class _Held:
    head: SignedHead | None
    files: tuple[Part, ...]
    statements: int


def _looked_at(file: Path, backups: Backups) -> _Held:
    """What a copy of the database holds. Raises Refused where it is not sound, or does not extend the latest backup."""
    before = latest(backups)
    engine = engine_of(sqlite_url(file))
    try:
        with reading(engine) as connection:
            wrong = [said for (said,) in connection.exec_driver_sql("pragma integrity_check") if said != "ok"]
            made, head = derive(connection), signed_head(connection)
            root = made.frontier.root
            if wrong or (head is None) != (made.frontier.size == 0):
                raise Refused([_unsound(wrong[0] if wrong else "its log has no head")])
            if head is not None and not (
                head.verifies and (head.head.size, head.head.root) == (made.frontier.size, root)
            ):
                raise Refused([_unsound("its log does not have the root that its latest head signed")])
            if before is not None and before.head is not None:
                tree = Tree(lambda start, end: [leaf_hash(one) for one in leaves(connection, start, end)])
                size = before.head.head.size
                if made.frontier.size < size or tree.root(size) != before.head.head.root:
                    raise Refused([_forked(backups, before)])
            asked = select(segment.c.name, segment.c.sha256, segment.c.bytes).order_by(segment.c.position)
            asked = asked.where(segment.c.retired.is_(None))
            files = tuple(Part(name, bytes(digest).hex(), size) for name, digest, size in connection.execute(asked))
            statements = connection.execute(select(func.count()).select_from(statement)).scalar_one()
            return _Held(head, files, statements)
    finally:
        engine.dispose()


@contextmanager
def _plain_folder(store: Store, backups: Backups, part: Path) -> Iterator[Path]:
    """Where the database is copied to: into the backup, or beside the store where the backup is to be encrypted."""
    if backups.lock is None:
        yield part
        return
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=store.folder))
    try:
        with only_writer(work):
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _copy(store: Store, backups: Backups, one: Part) -> None:
    """Copy a segment, fetched where it is only on the object store."""
    source, target = segment_file(store.place, one.name, one.digest), backups.shared(one)
    try:
        if isinstance(source, Problem):
            if _gone(store, one):
                raise _GoneMeanwhile
            if source.code == "segment-unreadable":
                raise Refused([replace(source, hint=f"{source.hint}; no backup was taken")])
            raise Refused([_segment(source.where.source, source.what)])
        found = backups.put(source, target)
    except FileNotFoundError:
        if _gone(store, one):
            raise _GoneMeanwhile from None
        raise Refused([_segment(str(store.folder / one.name), "this segment is missing")]) from None
    if (found.digest, found.size) != (one.digest, one.size):
        target.unlink()
        raise Refused([_segment(str(source), "this segment was changed")])
    backups.verify(target, one)


def _gone(store: Store, one: Part) -> bool:
    with reading(store.engine) as connection:
        asked = select(segment.c.position).where(segment.c.name == one.name, segment.c.retired.is_not(None))
        return connection.execute(asked).first() is not None


def _put_database(backups: Backups, file: Path, target: Path) -> Part:
    """The copy of the database, durable and read back."""
    if file == target:
        sync(file)
        with file.open("rb") as raw:
            digest = file_digest(raw, "sha256").hexdigest()
        database = Part(DATABASE, digest, file.stat().st_size)
    else:
        database = backups.put(file, target)
    backups.verify(target, database)
    return database


def _put_key(store: Store, head: SignedHead | None, backups: Backups, part: Path, work: Path) -> None:
    key = store.key if head is None else store.key_of(head.public)
    plain = work / KEY
    plain.touch(mode=0o600)
    plain.write_bytes(key.pem())
    backups.verify(part / backups.stored(KEY), backups.put(plain, part / backups.stored(KEY)))


def _put_manifest(backups: Backups, part: Path, manifest: Manifest) -> None:
    with tempfile.TemporaryDirectory(prefix=_WORK) as folder:  # it names no fact
        plain = Path(folder) / MANIFEST
        plain.write_bytes(manifest.to_bytes())
        target = part / backups.stored(MANIFEST)
        backups.verify(target, backups.put(plain, target))


def _opened(to: Path, log: str, passphrase: bytes | None) -> Backups:
    if not (to / MARK).is_file():
        if any(one.name != FILES for one in to.iterdir()):
            hint = "name a folder that is empty or not there yet, or one with backups of this store"
            raise Refused([error("backup-exists", Place(str(to)), "this folder holds something else", "", hint)])
        return new_backups(to, log, passphrase)
    backups = open_backups(to, passphrase)
    if backups.log != log:
        what = "the backups in this folder are of another store"
        raise Refused([error("backup-exists", Place(str(to)), what, f"of log {backups.log}", "name another folder")])
    return backups


def _must_be_apart(store: Store, to: Path) -> None:
    inside = to.resolve().is_relative_to(store.folder.resolve())
    if inside or store.folder.resolve().is_relative_to(to.resolve()):
        why = "what befalls one would befall the other"
        hint = "name a folder elsewhere, best on another disk or machine"
        raise Refused([error("backup-exists", Place(str(to)), "a backup does not lie in its store", why, hint)])
    if to.exists() and not to.is_dir():
        raise Refused([error("backup-exists", Place(str(to)), "this is a file, not a folder")])
    if not to.absolute().parent.is_dir():
        hint = f"make the folder {to.parent} first"
        raise Refused([error("backup-exists", Place(str(to)), "the folder above it does not exist", "", hint)])


def _tidy(to: Path) -> None:
    """Remove what backups that were interrupted left; we are the only one who takes one here now."""
    for one in to.glob(f"{_WORK}*"):
        shutil.rmtree(one, ignore_errors=True)
    for one in (to / FILES).glob(".*.part"):
        one.unlink(missing_ok=True)


def _tidy_store(folder: Path) -> None:
    """Remove the copies of the database that encrypted backups left beside it when they were interrupted."""
    for one in folder.glob(f"{_WORK}*"):
        if not held(one):
            shutil.rmtree(one, ignore_errors=True)


def _remove_old(backups: Backups, keep: int) -> int:
    """Remove all but the latest backups, and the segments that none of those has; how many backups went."""
    names = backups.names()
    old, rest = names[:-keep], [backups.manifest(name) for name in names[-keep:]]
    for name in old:
        gone = (backups.path / name).rename(backups.path / f"{_WORK}{name}")  # half a backup is none
        shutil.rmtree(gone)
    wanted = {backups.shared(part) for part in all_parts(rest)}
    for file in (backups.path / FILES).iterdir() if old else ():
        if file not in wanted:
            file.unlink()
    return len(old)


def _unsound(what: str) -> Problem:
    hint = "see what is wrong: makegood check; no backup was taken"
    return error("store-damaged", Place("the store"), what, "", hint)


def _segment(file: str, what: str) -> Problem:
    return error("store-damaged", Place(file), what, "the log lists it", "restore it; no backup was taken")


def _forked(backups: Backups, before: Manifest) -> Problem:
    what = f"the latest backup there, {before.name}, holds entries that this store does not have"
    why = "the store was restored from an earlier one since, or entries were taken out of it"
    hint = "keep those backups, and name another folder"
    return error("backup-exists", Place(str(backups.path)), what, why, hint)


def _failed(where: str, why: str) -> Problem:
    hint = "free it or make room, and take the backup again; none was taken"
    return error("unwritable", Place(where), "the backup cannot be written", why, hint)
