"""Files that are there whole or not at all, whatever moment the power fails; and one writer of a folder at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a file beside `path`, make it durable, and only then give it its name.

    The name beside begins with a dot, which no reader of a folder looks at.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(beside)
        _sync(beside, os.O_RDWR)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync(path.parent, os.O_RDONLY)


def make_folder(path: Path) -> None:
    """The folder, durable in its parent, which must exist."""
    if not path.is_dir():
        path.mkdir()
        _sync(path.parent, os.O_RDONLY)


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


def _sync(path: Path, flags: int) -> None:
    if sys.platform == "win32" and path.is_dir():
        return
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
