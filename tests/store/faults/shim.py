"""What SQLite writes and makes durable, seen and meddled with from inside its own process.

A file system (VFS) of SQLite's own is registered in the very library that the program uses: it hands everything to the
usual one, and asks a `Meddler` before each write, truncation and synchronisation. The program does not know of it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

OK, FULL, IOERR_WRITE, IOERR_FSYNC = 0, 13, 10 | 3 << 8, 10 | 4 << 8

_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
_WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _L)
_TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _L)
_SYNC = ctypes.CFUNCTYPE(_I, _P, _I)
_OPEN = ctypes.CFUNCTYPE(_I, _P, _P, _P, _I, _P)
_DELETE = ctypes.CFUNCTYPE(_I, _P, ctypes.c_char_p, _I)


class Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        ("version", _I), ("close", _P), ("read", _P), ("write", _WRITE), ("truncate", _TRUNCATE), ("sync", _SYNC),
        ("size", _P), *((f"other_{n}", _P) for n in range(12)),
    )  # fmt: skip


class File(ctypes.Structure):
    """sqlite3_file."""

    _fields_ = (("methods", ctypes.POINTER(Methods)),)


class Vfs(ctypes.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("version", _I), ("file_size", _I), ("longest", _I), ("next", _P), ("name", ctypes.c_char_p), ("data", _P),
        ("open", _OPEN), ("delete", _DELETE), *((f"other_{n}", _P) for n in range(14)),
    )  # fmt: skip


class Meddler:
    """What may be done to each call; this one lets all of them through."""

    def write(self, path: str, at: int, content: bytes, write: Callable[[bytes], int]) -> int:
        """Write through `write` or not, and answer with a code of SQLite."""
        del path, at
        return write(content)

    def truncate(self, path: str, size: int, truncate: Callable[[], int]) -> int:
        """Cut a file to a size."""
        del path, size
        return truncate()

    def sync(self, path: str, sync: Callable[[], int]) -> int:
        """Make a file durable."""
        del path
        return sync()

    def delete(self, path: str, delete: Callable[[], int]) -> int:
        """Remove a file."""
        del path
        return delete()


_kept: list[Any] = []
"""What the library points at as long as the process lives."""


def meddle(meddler: Meddler) -> None:
    """Put a meddler between SQLite and its files, for the rest of this process."""
    import pysqlite3._sqlite3 as built

    library = ctypes.CDLL(built.__file__)
    library.sqlite3_initialize()
    library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    usual = library.sqlite3_vfs_find(None)
    own = Vfs.from_buffer_copy(usual.contents)
    paths: dict[int, str] = {}
    made: dict[int, tuple[Methods, Methods]] = {}

    def opening(vfs: int, name: int | None, file: int, flags: int, given: int | None) -> int:
        code = int(usual.contents.open(vfs, name, file, flags, given))
        opened = ctypes.cast(file, ctypes.POINTER(File)).contents
        if code == OK and name and opened.methods:
            paths[file] = (ctypes.string_at(name)).decode()
            address = ctypes.addressof(opened.methods.contents)
            if address not in made:
                made[address] = opened.methods.contents, _through(opened.methods.contents, paths, meddler)
            opened.methods = ctypes.pointer(made[address][1])
        return code

    def deleting(vfs: int, name: bytes, folder_too: int) -> int:
        return meddler.delete(name.decode(), lambda: int(usual.contents.delete(vfs, name, folder_too)))

    own.name, own.open, own.delete = b"meddled", _OPEN(opening), _DELETE(deleting)
    _kept.extend((own, made, paths, library))
    library.sqlite3_vfs_register(ctypes.byref(own), 1)


def _through(usual: Methods, paths: dict[int, str], meddler: Meddler) -> Methods:
    own = Methods.from_buffer_copy(usual)

    def writing(file: int, raw: int, count: int, at: int) -> int:
        def write(content: bytes) -> int:
            return int(usual.write(file, ctypes.cast(ctypes.c_char_p(content), _P), len(content), at))

        return meddler.write(paths[file], at, ctypes.string_at(raw, count), write)

    def truncating(file: int, size: int) -> int:
        return meddler.truncate(paths[file], size, lambda: int(usual.truncate(file, size)))

    def syncing(file: int, flags: int) -> int:
        return meddler.sync(paths[file], lambda: int(usual.sync(file, flags)))

    own.write, own.truncate, own.sync = _WRITE(writing), _TRUNCATE(truncating), _SYNC(syncing)
    return own
