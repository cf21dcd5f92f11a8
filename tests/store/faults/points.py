"""Where a process is killed or a call fails: named points of the program's way to the disk, counted from 1.

They are laid over the libraries and the system calls that the program uses; the program has none of it.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from tests.store.faults.shim import FULL, IOERR_FSYNC, IOERR_WRITE, Meddler, meddle

TABLES = ("author", "log", "node", "head", "fact", "document", "segment")
STATEMENTS = (*(f"insert {name}" for name in TABLES), "update sequencer")
SQL = (*STATEMENTS, "before commit", "after commit")
FILES = ("before fsync", "after fsync", "before rename", "after rename")
WRITES = ("before database write", "torn database write", "after database write")
SYNCS = ("before database sync", "after database sync")
POINTS = (*SQL, *FILES, *WRITES, *SYNCS)


@dataclass(frozen=True)
class Fault:
    """What befalls a process: at the n-th time that it comes to a point, it is killed, or the call there fails.

    `action` is `kill`, `fail` (with an error of the device), `full` (with that of a full disk) or `short` (a part is
    written, and then it fails). With `for_good` every later call fails too.
    """

    point: str
    number: int = 1
    action: str = "kill"
    for_good: bool = False


def kill() -> NoReturn:
    """End this process as a kill from outside does: nothing of it runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


class _Arm:
    """Counts how often the point was come to."""

    def __init__(self, fault: Fault) -> None:
        self.fault, self.count = fault, 0

    def here(self, point: str) -> bool:
        """Whether it is to happen now."""
        if point != self.fault.point:
            return False
        self.count += 1
        return self.count == self.fault.number or (self.fault.for_good and self.count > self.fault.number)

    def kill(self, point: str) -> None:
        if self.here(point):
            kill()


def arm(fault: Fault) -> None:
    """Let it happen in this process."""
    armed = _Arm(fault)
    _over_sql(armed)
    _over_files(armed)
    meddle(_Database(armed))


def _over_sql(armed: _Arm) -> None:
    def executing(_connection: Any, _cursor: Any, statement: str, *_rest: object) -> None:
        words = statement.lower().split(None, 3)
        if words[:2] == ["insert", "into"]:
            armed.kill(f"insert {words[2]}")
        elif words[0] == "update":
            armed.kill(f"update {words[1]}")

    event.listen(Engine, "before_cursor_execute", executing)
    usual = DefaultDialect.do_commit

    def commit(self: Any, connection: Any) -> None:
        armed.kill("before commit")
        usual(self, connection)  # type: ignore[no-untyped-call]
        armed.kill("after commit")

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]


def _over_files(armed: _Arm) -> None:
    fsync, replace = os.fsync, os.replace

    def syncing(handle: int) -> None:
        _before(armed, "before fsync")
        fsync(handle)
        armed.kill("after fsync")

    def replacing(source: Any, target: Any, **more: Any) -> None:
        _before(armed, "before rename")
        replace(source, target, **more)
        armed.kill("after rename")

    setattr(os, "fsync", syncing)  # noqa: B010 -- for this process alone
    setattr(os, "replace", replacing)  # noqa: B010


def _before(armed: _Arm, point: str) -> None:
    if not armed.here(point):
        return
    if armed.fault.action == "kill":
        kill()
    code = errno.ENOSPC if armed.fault.action == "full" else errno.EIO
    raise OSError(code, os.strerror(code))


class _Database(Meddler):
    """The same for what SQLite does with its files."""

    def __init__(self, armed: _Arm) -> None:
        self.armed = armed

    def write(self, path: str, at: int, content: bytes, write: Callable[[bytes], int]) -> int:
        del path, at
        action = self.armed.fault.action
        if self.armed.here("before database write"):
            return self._fail(FULL if action == "full" else IOERR_WRITE)
        if self.armed.here("torn database write"):
            write(content[: len(content) // 2])
            return self._fail(IOERR_WRITE)
        code = write(content)
        self.armed.kill("after database write")
        return code

    def sync(self, path: str, sync: Callable[[], int]) -> int:
        del path
        if self.armed.here("before database sync"):
            return self._fail(IOERR_FSYNC)
        code = sync()
        self.armed.kill("after database sync")
        return code

    def _fail(self, code: int) -> int:
        if self.armed.fault.action == "kill":
            kill()
        return code
