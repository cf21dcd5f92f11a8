"""A folder of backups of one log: what each of them holds, and the files that they share.

    backups.json                      which log they are of, and how they are encrypted
    000000000042-20260302T000000…Z/   one backup: the size of its log, and when it was taken
      backup.json                     what belongs to it, with hashes; written last
      database.sqlite                 everything that the database held
      key.pem                         the key that signs; only where asked for, and only encrypted
    files/                            the segments, each once, named by its hash

Where a passphrase encrypts them, all but `backups.json` ends in `.encrypted`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from makegood.evidence.canonical import INSTANT, NotCanonical, canonical, fields, instant, read_canonical, whole
from makegood.evidence.head import SignedHead, head_of
from makegood.exchange.moments import written
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant
from makegood.store.durable import PRIVATE_FOLDER, sync, write_whole
from makegood.store.encrypting import CHUNK, MAGIC, OWN, SALT, TAG, Lock, Undecryptable
from makegood.store.place import KEEPS, keeps_of, said_keeps

MARK, FILES, MANIFEST, DATABASE, KEY = "backups.json", "files", "backup.json", "database.sqlite", "key.pem"
ENCRYPTED = ".encrypted"
VERSION = 1
NAME = re.compile(r"[0-9]{12}-[0-9]{8}T[0-9]{6}\.[0-9]{6}Z")
_HASH, _LOG, _SETTINGS = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}"), re.compile(r"([0-9a-f]{2})*")
_TEXT = re.compile(r".+", re.DOTALL)
AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a store by its name below it, with the SHA-256 (hexadecimal) and the size of its content."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What belongs to a backup: the log as it was at `at` (µs UTC), under its signed head; the database, the segments.

    `statements` is how many were issued by then, `schema` the revision of the database, `program` the version of
    Makegood. `head` is None for an empty log. `keeps` is for how long the store kept evidence, in calendar months.
    """

    log: str
    at: Instant
    program: str
    schema: str
    head: SignedHead | None
    database: Part
    files: tuple[Part, ...]
    statements: int
    key: bool
    keeps: Mapping[str, int] = field(default_factory=lambda: dict(KEEPS))

    @property
    def size(self) -> int:
        """How many entries the log had."""
        return self.head.head.size if self.head is not None else 0

    @property
    def name(self) -> str:
        """What the backup is called: the later one of a log comes later in the alphabet."""
        stamp = re.sub(r"[-:Z]", "", written(self.at))
        return f"{self.size:012d}-{stamp if '.' in stamp else stamp + '.000000'}Z"

    def to_bytes(self) -> bytes:
        """As a file, in canonical JSON."""
        head = None if self.head is None else self.head.document()
        return canonical({
            "at": str(self.at), "backup": VERSION, "database": _told(self.database), "files": [*map(_told, self.files)],
            "head": head, "keep": said_keeps(self.keeps), "key": self.key, "log": self.log, "program": self.program,
            "schema": self.schema, "statements": self.statements,
        })  # fmt: skip

    @classmethod
    def from_bytes(cls, raw: bytes) -> Manifest:
        """What `to_bytes` wrote. Raises NotCanonical for anything else."""
        found = read_canonical(raw)
        if isinstance(found, dict):
            found.setdefault("keep", {})  # backups of version 1 did not always say it
        said = fields(
            found, "a backup", keep=None, at=INSTANT, backup=None, database=None, files=None, head=None, key=None,
            log=_LOG, program=_TEXT, schema=_TEXT, statements=None,
        )  # fmt: skip
        whole(said["backup"], "backup", VERSION, VERSION)
        if not isinstance(said["files"], list) or not isinstance(said["key"], bool):
            raise NotCanonical("`files` of a backup is a list, and `key` a truth")
        try:
            keeps = keeps_of(said["keep"] if isinstance(said["keep"], dict) else {"": None}, Path(MANIFEST))
        except Refused as refused:
            raise NotCanonical(refused.problems[0].what) from None
        return cls(
            said["log"], instant(said["at"], "at"), said["program"], said["schema"],
            None if said["head"] is None else head_of(said["head"]), _part(said["database"]),
            tuple(map(_part, said["files"])), whole(said["statements"], "statements"), said["key"], keeps,
        )  # fmt: skip


@dataclass(frozen=True)
class Backups:
    """A folder of backups of one log, and what encrypts them; None where they are not encrypted."""

    path: Path
    log: str
    lock: Lock | None

    def names(self) -> list[str]:
        """The backups that are whole, the latest last."""
        return sorted(p.name for p in self.path.iterdir() if NAME.fullmatch(p.name) and p.is_dir())

    def manifest(self, name: str) -> Manifest:
        """What belongs to a backup. Raises Refused where that cannot be read, or is of another one."""
        file = self.path / name / self.stored(MANIFEST)
        try:
            found = Manifest.from_bytes(b"".join(self.content(file)))
        except NotCanonical as wrong:
            raise Refused([damaged(file, f"this is no list of what belongs to a backup: {wrong}")]) from None
        if found.log != self.log or found.name != name:
            raise Refused([damaged(file, "it belongs to another backup")])
        return found

    def stored(self, name: str) -> str:
        """What a file of a backup is called."""
        return name + ENCRYPTED if self.lock is not None else name

    def shared(self, part: Part) -> Path:
        """Where the one copy of a segment is."""
        if self.lock is None:
            return self.path / FILES / part.digest
        return self.path / FILES / (self.lock.name(bytes.fromhex(part.digest)) + ENCRYPTED)

    def holds(self, part: Part) -> bool:
        """Whether a segment's copy is there, in its whole size."""
        file = self.shared(part)
        return file.is_file() and file.stat().st_size == self._size_of(part.size)

    def content(self, file: Path) -> Iterator[bytes]:
        """The content of a file, part by part. Raises Refused where it is missing or does not open."""
        try:
            with file.open("rb") as raw:
                if self.lock is not None:
                    yield from self.lock.decrypt(raw)
                    return
                while block := raw.read(AT_ONCE):
                    yield block
        except Undecryptable as wrong:
            raise Refused([damaged(file, str(wrong))]) from None
        except OSError as failure:
            what = "it is missing" if isinstance(failure, FileNotFoundError) else f"it cannot be read: {said(failure)}"
            raise Refused([damaged(file, what)]) from None

    def put(self, source: Path, target: Path) -> Part:
        """Copy a file durably, encrypted where these are; its hash and size. Raises OSError as the system does."""

        def write(beside: Path) -> None:
            with source.open("rb") as raw, beside.open("wb") as out:
                if self.lock is not None:
                    self.lock.encrypt(raw, out)
                    return
                while block := raw.read(AT_ONCE):
                    out.write(block)

        write_whole(target, write)
        with source.open("rb") as raw:
            return Part(source.name, file_digest(raw, "sha256").hexdigest(), source.stat().st_size)

    def verify(self, file: Path, part: Part) -> None:
        """Read a file back, from the disk where the system lets us. Raises Refused where it differs."""
        _forget(file)
        digest, size = sha256(), 0
        for block in self.content(file):
            digest.update(block)
            size += len(block)
        if (digest.hexdigest(), size) != (part.digest, part.size):
            raise Refused([damaged(file, f"it is not the {part.name} that was backed up: its hash differs")])

    def fetch(self, file: Path, part: Part, target: Path) -> None:
        """Write the content of a file to a new one, verified. Raises Refused, and OSError as the system does."""
        digest = sha256()
        with target.open("wb") as out:
            for block in self.content(file):
                digest.update(block)
                out.write(block)
        sync(target, os.O_RDWR)
        if digest.hexdigest() != part.digest:
            raise Refused([damaged(file, f"it is not the {part.name} that was backed up: its hash differs")])

    def _size_of(self, size: int) -> int:
        if self.lock is None:
            return size
        return len(MAGIC) + 3 + SALT + OWN + size + TAG * max(1, -(-size // CHUNK))


def open_backups(path: Path, passphrase: bytes | None) -> Backups:
    """A folder of backups. Raises Refused for what is none, and for another passphrase than theirs."""
    mark = path / MARK
    try:
        found = fields(
            json.loads(mark.read_bytes()), MARK, backups=None, log=_LOG, encrypted=_SETTINGS, token=_SETTINGS
        )
        whole(found["backups"], "backups", VERSION, VERSION)
    except FileNotFoundError:
        what = "there is no such folder" if not path.exists() else f"this is no folder of backups: it has no {MARK}"
        raise Refused([error("no-backup", Place(str(path)), what, "", "makegood backup STORE --to FOLDER")]) from None
    except OSError as failure:
        raise Refused([error("no-backup", Place(str(mark)), f"this cannot be read: {said(failure)}")]) from None
    except (ValueError, NotCanonical) as wrong:
        raise Refused([damaged(mark, f"this is not what a backup wrote: {wrong}")]) from None
    return Backups(path, found["log"], _lock(path, bytes.fromhex(found["encrypted"]), found["token"], passphrase))


def new_backups(path: Path, log: str, passphrase: bytes | None) -> Backups:
    """Make a folder of backups of a log; the folder is there and empty."""
    lock = None if passphrase is None else Lock.make(passphrase)
    (path / FILES).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    encrypted, token = ("", "") if lock is None else (lock.settings.hex(), lock.token().hex())
    text = json.dumps({"backups": VERSION, "log": log, "encrypted": encrypted, "token": token}, indent=2) + "\n"
    write_whole(path / MARK, lambda beside: _write(beside, text))
    return Backups(path, log, lock)


def _lock(path: Path, settings: bytes, token: str, passphrase: bytes | None) -> Lock | None:
    if not settings:
        if passphrase is not None:
            what = "the backups in this folder are not encrypted"
            raise Refused([error("passphrase", Place(str(path)), what, "", "name another folder for those that are")])
        return None
    if passphrase is None:
        what = "the backups in this folder are encrypted"
        raise Refused([error("passphrase", Place(str(path)), what, "", "name the file of their passphrase")])
    try:
        lock = Lock.of(settings, passphrase)
    except Undecryptable as wrong:
        raise Refused([damaged(path / MARK, str(wrong))]) from None
    if not lock.opens(bytes.fromhex(token)):
        what = "the backups in this folder are encrypted with another passphrase"
        raise Refused([error("passphrase", Place(str(path)), what)])
    return lock


def damaged(file: Path, what: str) -> Problem:
    """What is said of a file of a backup that is not what it was."""
    return error("backup-damaged", Place(str(file)), what, "", "use another backup")


def said(failure: OSError) -> str:
    """What the system says, in small letters."""
    return (failure.strerror or str(failure) or "the system refuses").lower()


def all_parts(manifests: Iterable[Manifest]) -> set[Part]:
    """The segments that belong to any of some backups."""
    return {part for manifest in manifests for part in manifest.files}


def _told(part: Part) -> dict[str, str | int]:
    return {"name": part.name, "sha256": part.digest, "bytes": part.size}


def _part(value: Any) -> Part:
    found = fields(value, "a file of a backup", name=_TEXT, sha256=_HASH, bytes=None)
    name = Path(found["name"])
    if name.is_absolute() or ".." in name.parts:
        raise NotCanonical(f"`{found['name']}` is no name below a store")
    return Part(found["name"], found["sha256"], whole(found["bytes"], "bytes"))


def _forget(file: Path) -> None:
    """Let the system drop what it keeps of a file in memory, so that it is read from the disk."""
    if not hasattr(os, "posix_fadvise") or not file.is_file():
        return
    handle = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
