"""Files that are there whole or not at all, whatever moment the power fails; and one writer of a folder at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a file beside `path`, make it durable, and only then give it its name.

    The name beside begins with a dot, which no reader of a folder looks at.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(beside)
        sync(beside, os.O_RDWR)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync(path.parent, os.O_RDONLY)


def make_folder(path: Path, private: bool = False) -> None:
    """The folder, durable in its parent, which must exist; where it is made `private`, only its user gets into it."""
    if not path.is_dir():
        path.mkdir(mode=PRIVATE_FOLDER if private else 0o777)
        sync(path.parent, os.O_RDONLY)


def begin_private(path: Path) -> None:
    """An empty file that only its user may read, before anything is in it; one that is there stays as it is."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, PRIVATE_FILE))


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Wait until no other process writes in the folder. The lock ends with its process, so none is ever left over."""
    if sys.platform == "win32":  # no such lock: imports are then one at a time by agreement
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_all(folder: Path) -> None:
    """Make everything in a folder durable, and the folder."""
    for path in folder.rglob("*"):
        sync(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    sync(folder)


def exchange(one: Path, other: Path) -> None:
    """Let two folders beside each other change their names, at once where the system can, and durably.

    Where it cannot, there is a moment without `other`; `one` is then beside it under its own name with `.old`.
    """
    if not _exchanged(one, other):
        aside = one.with_name(f"{one.name}.old")
        other.rename(aside)
        one.rename(other)
        aside.rename(one)
    sync(one.parent)


def _exchanged(one: Path, other: Path) -> bool:
    import ctypes

    if not sys.platform.startswith("linux") or not hasattr(libc := ctypes.CDLL(None), "renameat2"):
        return False
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0)


def held(folder: Path) -> bool:
    """Whether a process writes in the folder now."""
    if sys.platform == "win32":
        return True
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def sync(path: Path, flags: int = os.O_RDONLY) -> None:
    """Make a file, or what a folder lists, durable."""
    if sys.platform == "win32" and path.is_dir():
        return
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
