"""Who serves a store: a file beside it that says so for as long as that process lives, however it ends."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep

from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant

FILE = "serve.lock"
PATIENCE = 1.0
"""Seconds that a server waits for a lock which somebody who only looks may hold for a moment."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A server at work on a store: its process, its URL, the token that whoever may read the file may act with, and
    since when (µs UTC)."""

    pid: int
    url: str
    token: str
    since: Instant

    def __repr__(self) -> str:
        return f"Serving(pid={self.pid}, url={self.url!r}, since={self.since})"


class ServeLock:
    """The lock of a store's folder, held until `leave` or the end of the process, also by a kill.

    What counts is the lock that the system holds for a living process on the file; what is written in a file that
    nobody holds means nothing. The file is never removed, so that all look at the same one.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        self.held = False

    def take(self, patience: float = PATIENCE) -> bool:
        """Take the lock, unless another process has it; whether it is ours now."""
        until = monotonic() + patience
        while not self.held:
            self.held = _locked(self._handle, exclusive=True)
            if self.held or monotonic() >= until:
                break
            sleep(0.02)
        return self.held

    def say(self, serving: Serving) -> None:
        """Write who serves. The lock must be held."""
        os.fchmod(self._handle, 0o600)  # before the token is in it, should somebody have made the file first
        raw = json.dumps(asdict(serving)).encode("utf-8")
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, raw, 0)

    def leave(self) -> None:
        """Let go of it."""
        if self.held:
            os.ftruncate(self._handle, 0)
        os.close(self._handle)
        self.held = False


def serving(folder: Path) -> Serving | None:
    """Who serves a store now; None where nobody does, whatever an earlier server left behind.

    Raises Refused where somebody does, and the file says that to its owner alone.
    """
    file = folder / FILE
    try:
        handle = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except PermissionError:
        hint = "act as the user that it runs as, or over HTTP with a token of your own"
        what = "a server may be at work on this store, which another user runs"
        raise Refused([error("served", Place(str(file)), what, "", hint)]) from None
    try:
        until = monotonic() + PATIENCE
        while not _locked(handle, exclusive=False):
            if (found := _read(handle)) is not None:
                return found
            if monotonic() >= until:  # it holds the lock, and has not yet said where it answers
                what, hint = "a server is starting on this store, or stopping", "do it again in a moment"
                raise Refused([error("served", Place(str(file)), what, "", hint)])
            sleep(0.02)
        return None
    finally:
        os.close(handle)


def _read(handle: int) -> Serving | None:
    try:
        return Serving(**json.loads(os.pread(handle, 1 << 16, 0)))
    except (ValueError, TypeError):
        return None


def _locked(handle: int, exclusive: bool) -> bool:
    if sys.platform == "win32":  # no such lock: one server for each store by agreement
        return exclusive
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
