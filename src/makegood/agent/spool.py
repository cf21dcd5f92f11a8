"""The spool: batches on the disk before they count as closed, in order, until the hub has them and longer.

Files are only appended to. Each begins with what came before it, so that files can go from the oldest on:

    spool/<number of its first batch, 20 digits>.<count>.spool
    record: kind (1 byte), length of the content (4, little-endian), BLAKE2b of both and the content (16), content

A record that is cut off or changed ends its file: what follows was not counted as closed, or a later file says it.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import blake2b
from pathlib import Path

from makegood.evidence.batch import FIRST, Batch, Damaged, Roster, heading_of
from makegood.evidence.canonical import read_canonical
from makegood.evidence.signing import SIGNATURE
from makegood.model.spans import HOUR, Duration, Instant

FRAME = struct.Struct("<BI16s")
BASE_FORM = struct.Struct("<Q32sq")
"""In a base: the number and hash of the batch before the file, and when it was closed."""
LONGEST: Duration = 72 * HOUR
ROOM = 4 << 30
"""Bytes of a spool where nothing else is said."""
FILES = 16
"""Of so many files a full spool has about; the oldest goes whole."""
MOST_OF_A_FILE = 16 << 20


class Kind(IntEnum):
    """What a record holds."""

    BASE = 1
    LIST = 2
    """The list of checks of batches in this file: canonical JSON."""
    BATCH = 3
    """A signature and the bytes of a batch."""
    ACKNOWLEDGED = 4
    """The number of a batch that the hub has, 8 bytes."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A batch that is on the disk, with its signature and its list of checks."""

    sequence: int
    digest: bytes
    closed: Instant
    signature: bytes
    body: bytes
    checks: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    sequence: int
    closed: Instant
    at: int
    length: int


@dataclass(eq=False)
class _File:
    path: Path
    entries: list[_Entry] = field(default_factory=list)
    lists: dict[bytes, bytes] = field(default_factory=dict)
    size: int = 0


class Disk:
    """How the spool writes; a test puts another one in its place."""

    def write(self, handle: int, raw: bytes) -> int:
        """Append; how many bytes there was room for."""
        return os.write(handle, raw)

    def sync(self, handle: int) -> None:
        """Make it durable."""
        os.fsync(handle)


class Spool:
    """The spool in a folder, as the last process left it. `room` is how many bytes it may have.

    `latest`, `previous` and `closed` are the number, hash and instant of the last batch that was closed; `oldest` is
    the first that is still here (`latest + 1` where none is). Methods raise OSError where the disk refuses; nothing
    was closed then.
    """

    def __init__(self, folder: Path, room: int = ROOM, disk: Disk | None = None) -> None:
        self.folder, self.room, self.disk = folder, room, disk or Disk()
        self.latest, self.previous, self.closed = 0, FIRST, 0
        self.acknowledged = 0
        self.dropped = 0
        """How many batches went that the hub did not have."""
        self._files: list[_File] = []
        self._handle = -1
        folder.mkdir(exist_ok=True)
        self._read()

    def close(self) -> None:
        """Let go of the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    @property
    def oldest(self) -> int:
        """The first batch that is here."""
        return next((one.entries[0].sequence for one in self._files if one.entries), self.latest + 1)

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(one.size for one in self._files)

    def begin_at(self, sequence: int, digest: bytes) -> None:
        """Go on from a batch that the hub has, in a spool in which nothing was closed yet."""
        if self.latest == 0 and not self._files:
            self.latest, self.previous, self.acknowledged = sequence, digest, sequence
            self._new_file()

    def append(self, some: Sequence[tuple[Batch, bytes]]) -> None:
        """Close batches, each with its signature: they are on the disk when this returns, all of them or none.

        The first of them follows `latest`, and each the one before it.
        """
        if self._handle < 0 or self._files[-1].size > min(MOST_OF_A_FILE, self.room // FILES):
            self._new_file()
        file = self._files[-1]
        out, entries, lists, at = bytearray(), list[_Entry](), dict[bytes, bytes](), file.size
        for one, signature in some:
            if one.roster.digest not in file.lists and one.roster.digest not in lists:
                out += _record(Kind.LIST, one.roster.body)
                lists[one.roster.digest] = one.roster.body
            content = signature + one.body
            entries.append(_Entry(one.sequence, one.closed, at + len(out), FRAME.size + len(content)))
            out += _record(Kind.BATCH, content)
        self._write(file, bytes(out))
        file.entries += entries
        file.lists |= lists
        self.latest, self.previous, self.closed = some[-1][0].sequence, some[-1][0].digest, some[-1][0].closed

    def after(self, sequence: int) -> Iterator[Closed]:
        """The batches after a number that are here, in their order. One that was changed on the disk is left out."""
        for file in list(self._files):
            start = bisect_left(file.entries, sequence + 1, key=lambda entry: entry.sequence)
            for entry in file.entries[start:]:
                found = _closed(file, entry)
                if found is not None:
                    yield found

    def acknowledge(self, sequence: int) -> None:
        """The hub has all batches up to a number, or has no more than those any longer. It need not be remembered: a
        batch that is sent again is a duplicate."""
        if sequence == self.acknowledged:
            return
        self.acknowledged = sequence
        if self._handle >= 0:
            with suppress(OSError):
                record = _record(Kind.ACKNOWLEDGED, struct.pack("<Q", sequence))
                self._write(self._files[-1], record, durably=False)

    def make_room(self, now: Instant, longest: Duration = LONGEST) -> range:
        """Let the oldest files go: those older than `longest`, and while there are more bytes than there is room for.

        The batches that went and that the hub did not have.
        """
        first = self.oldest
        while len(self._files) > 1 and (self._old(self._files[0], now - longest) or self.size > self.room):
            gone = self._files.pop(0)
            gone.path.unlink(missing_ok=True)
        lost = range(max(first, self.acknowledged + 1), self.oldest)
        self.dropped += len(lost)
        return lost

    def let_go(self) -> bool:
        """On a disk that is full: let the oldest file go if the hub has all that is in it; whether one went."""
        if len(self._files) < 2 or (self._files[0].entries and self._files[0].entries[-1].sequence > self.acknowledged):
            return False
        self._files.pop(0).path.unlink(missing_ok=True)
        return True

    def _old(self, file: _File, before: Instant) -> bool:
        return not file.entries or file.entries[-1].closed < before

    def _write(self, file: _File, raw: bytes, durably: bool = True) -> None:
        """Append to the last file; where that fails it is cut to what it was, and another one is begun next time."""
        try:
            written = 0
            while written < len(raw):
                written += self.disk.write(self._handle, raw[written:])
            if durably:
                self.disk.sync(self._handle)
        except OSError:
            handle, self._handle = self._handle, -1
            with suppress(OSError):  # what then lies beyond is found not to be counted, and said again by a later file
                os.ftruncate(handle, file.size)
            os.close(handle)
            raise
        file.size += len(raw)

    def _new_file(self) -> None:
        self.close()
        number = next(n for n in range(10**6) if not self._path(n).exists())
        path = self._path(number)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        raw = _record(Kind.BASE, BASE_FORM.pack(self.latest, self.previous, self.closed))
        raw += _record(Kind.ACKNOWLEDGED, struct.pack("<Q", self.acknowledged))
        file = _File(path)
        try:
            self._handle = handle
            self._write(file, raw)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._files.append(file)

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.latest + 1:020}.{number:06}.spool"

    def _read(self) -> None:
        """Read what is there. Whatever was not counted as closed is forgotten."""
        for path in sorted(self.folder.glob("*.spool")):
            file = _File(path)
            for kind, at, content in _records(path):
                file.size = at + FRAME.size + len(content)
                self._take_in(file, kind, at, content)
            if file.size:
                self._files.append(file)
            else:
                path.unlink()  # its first record was not written whole

    def _take_in(self, file: _File, kind: int, at: int, content: bytes) -> None:
        match kind:
            case Kind.BASE:
                sequence, digest, closed = BASE_FORM.unpack(content)
                self._forget_from(sequence + 1)
                self.latest, self.previous, self.closed = sequence, digest, closed
            case Kind.LIST:
                one = Roster(tuple(read_canonical(content)))
                file.lists[one.digest] = content
            case Kind.BATCH:
                head = heading_of(content[SIGNATURE:])
                self._forget_from(head.sequence)
                file.entries.append(_Entry(head.sequence, head.closed, at, FRAME.size + len(content)))
                self.latest, self.previous, self.closed = head.sequence, _sha256(content[SIGNATURE:]), head.closed
            case Kind.ACKNOWLEDGED:
                (self.acknowledged,) = struct.unpack("<Q", content)

    def _forget_from(self, sequence: int) -> None:
        """What was written and not counted as closed is said again by a later file."""
        for file in self._files:
            del file.entries[bisect_left(file.entries, sequence, key=lambda entry: entry.sequence) :]


def _record(kind: Kind, content: bytes) -> bytes:
    return FRAME.pack(kind, len(content), _sum(kind, content)) + content


def _sum(kind: int, content: bytes) -> bytes:
    return blake2b(struct.pack("<BI", kind, len(content)) + content, digest_size=16).digest()


def _sha256(raw: bytes) -> bytes:
    from hashlib import sha256

    return sha256(raw).digest()


def _records(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Kind, place and content of each whole record of a file."""
    with path.open("rb") as raw:
        at = 0
        while len(frame := raw.read(FRAME.size)) == FRAME.size:
            kind, length, told = FRAME.unpack(frame)
            content = raw.read(length)
            if len(content) < length or _sum(kind, content) != told:
                return
            yield kind, at, content
            at += FRAME.size + length


def _closed(file: _File, entry: _Entry) -> Closed | None:
    try:
        with file.path.open("rb") as raw:
            raw.seek(entry.at)
            record = raw.read(entry.length)
        kind, length, told = FRAME.unpack_from(record)
        content = record[FRAME.size :]
        if len(content) != length or _sum(kind, content) != told:
            return None
        body = content[SIGNATURE:]
        head = heading_of(body)
        checks = file.lists[head.roster]
    except (OSError, struct.error, Damaged, KeyError):
        return None
    return Closed(entry.sequence, _sha256(body), entry.closed, content[:SIGNATURE], body, checks)
