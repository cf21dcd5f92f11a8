"""A ZIP file that can be written in one way only, and a reader that takes nothing else.

Readers of ZIP differ over files with two entries of one name, sizes that are said twice, data before, between and after
the entries, and names that lead out of a folder. Here every byte but the contents follows from the names and the
contents: entries stand one after the other, stored and not compressed, without times, comments, or extra fields. The
reader reads the entries from the start, and then compares the rest with what the writer would have written.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from zlib import crc32

NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
"""A name in small letters of ASCII, in folders by `/`: the same on every system, and inside the folder it is put in."""
LONGEST_NAME = 200
MOST_ENTRIES, MOST_BYTES = 0xFFFE, 0xFFFF_FFFE
"""What the plain form of ZIP can say."""

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_NEEDS, _MADE_BY, _DAY, _MODE = 20, 3 << 8 | 20, 1 << 5 | 1, 0o100644 << 16
"""Version 2.0, by a system with modes; 1 January 1980, the first day ZIP knows; a plain file that all can read."""


class NoArchive(ValueError):
    """Bytes that are no such archive, or contents that fit in none; says where and why, in one line."""


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files in their order. Raises NoArchive for names and sizes that cannot be written."""
    for name in files:
        if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise NoArchive(f"`{name[:60]}` is no name for a file in an archive")
    entries = b"".join(_head(name, content) + content for name, content in files.items())
    written = entries + _tail(files, len(entries)) if len(entries) <= MOST_BYTES else entries
    if len(files) > MOST_ENTRIES or len(written) > MOST_BYTES:
        raise NoArchive("this is more than an archive can hold: 65,534 files and 4 GiB")
    return written


def read_archive(raw: bytes) -> dict[str, bytes]:
    """The files of an archive in their order. Raises NoArchive for anything that `write_archive` does not write."""
    if len(raw) > MOST_BYTES:
        raise NoArchive("it is larger than 4 GiB")
    files: dict[str, bytes] = {}
    at = 0
    while raw.startswith(b"PK\x03\x04", at):
        name, content = _entry(raw, at)
        if name in files:
            raise NoArchive(f"it has two files of the name {name}")
        head = _head(name, content)
        if not raw.startswith(head, at):
            raise NoArchive(f"the header of {name} is not what it must be, or its contents were changed")
        files[name] = content
        at += len(head) + len(content)
    if not files:
        raise NoArchive("it does not begin with a file, as a bundle does")
    if len(files) > MOST_ENTRIES or raw[at:] != _tail(files, at):
        raise NoArchive("its directory is not the one of its files, it breaks off, or something stands after its end")
    return files


def _entry(raw: bytes, at: int) -> tuple[str, bytes]:
    """Name and contents of the entry that begins here, by what its header says of their lengths."""
    if len(raw) < at + _LOCAL.size:
        raise NoArchive("it breaks off inside a header")
    *_, size, name_length, _extra = _LOCAL.unpack_from(raw, at)
    start = at + _LOCAL.size + name_length
    if len(raw) < start + size:
        raise NoArchive("it breaks off inside a file, or a file says that it is larger than it is")
    try:
        name = raw[at + _LOCAL.size : start].decode("ascii")
    except UnicodeDecodeError:
        raise NoArchive("a file has a name that is not ASCII") from None
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise NoArchive(f"`{name[:60]!a}` is a name that is not allowed")
    return name, raw[start : start + size]


def _head(name: str, content: bytes) -> bytes:
    size = len(content)
    fields = (_NEEDS, 0, 0, 0, _DAY, crc32(content), size, size, len(name), 0)
    return _LOCAL.pack(b"PK\x03\x04", *fields) + name.encode("ascii")


def _tail(files: Mapping[str, bytes], at: int) -> bytes:
    """The directory and the end, where the entries take so many bytes."""
    directory, offset = [], 0
    for name, content in files.items():
        size = len(content)
        fields = (_MADE_BY, _NEEDS, 0, 0, 0, _DAY, crc32(content), size, size, len(name), 0, 0, 0, 0, _MODE, offset)
        directory.append(_CENTRAL.pack(b"PK\x01\x02", *fields) + name.encode("ascii"))
        offset += _LOCAL.size + len(name) + size
    listed = b"".join(directory)
    return listed + _END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(listed), at, 0)
