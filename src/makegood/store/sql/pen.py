"""Turns at writing a store in SQLite: a server lends its right to write to the commands that run beside it.

SQLite lets one connection write at a time but not in the order in which they ask, so that a busy server could keep a
command waiting for ever, and nothing would tell the server that another process wrote. With a server at hand every
transaction of a command asks it first: it waits in one line with the server's own, and the server is told when it is
over. Should the server end meanwhile, the locks of SQLite keep the transactions apart as they do without a server.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread

ENDING = ".pen"
"""What the name of the socket has beside that of the database."""

_YOURS = b"!"


class NoAnswer(Exception):
    """The server that has the pen does not answer."""


class _Line:
    """A lock that is given in the order in which it was asked for."""

    def __init__(self) -> None:
        self._inside = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False

    def __enter__(self) -> None:
        turn = Lock()
        turn.acquire()
        with self._inside:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._inside:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


_LINES: dict[str, _Line] = {}
"""Of each database of which this process has the pen, who waits for it."""


@contextmanager
def turn(database: str, patience: float) -> Iterator[None]:
    """A turn at writing a database, which is the path of its file.

    Raises NoAnswer where a server has the pen and does not lend it within `patience` seconds.
    """
    if (line := _LINES.get(database)) is not None:
        with line:
            yield
        return
    with _borrowed(database, patience):
        yield


@contextmanager
def lending(database: str, after: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Have the pen of a database, and lend it to other processes; `after` is called when one of them gave it back.

    Raises BlockingIOError where another process of this machine has it.
    """
    with _address(database) as address:
        if _answers(address):
            raise BlockingIOError(f"another server runs on {database}")
        Path(address).unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        door.bind(address)
        Path(address).chmod(0o600)
    line = _LINES[database] = _Line()
    door.listen(128)
    lender = Thread(target=_lend_to_all, args=(door, line, after), daemon=True)
    lender.start()
    try:
        yield
    finally:
        Path(database + ENDING).unlink(missing_ok=True)
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        lender.join()
        with line:
            del _LINES[database]


def _lend_to_all(door: socket.socket, line: _Line, after: Callable[[], None]) -> None:
    while True:
        try:
            asking, _ = door.accept()
        except OSError:  # closed
            return
        Thread(target=_lend, args=(asking, line, after), daemon=True).start()


def _lend(asking: socket.socket, line: _Line, after: Callable[[], None]) -> None:
    """Lend the pen until the connection ends, as it does with the process that asked."""
    with asking, line, suppress(OSError):
        asking.sendall(_YOURS)
        asking.recv(1)
    after()


@contextmanager
def _borrowed(database: str, patience: float) -> Iterator[None]:
    """The pen of the process that has it; of a database that no process serves there is none, and no need of it."""
    with _address(database) as address, socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(patience)
        try:
            asking.connect(address)
            answer = asking.recv(1)
        except (FileNotFoundError, ConnectionError):
            answer = b""  # nobody is there, or it ended: SQLite keeps the transactions apart
        except TimeoutError:
            raise NoAnswer from None
        with _until_over(asking if answer == _YOURS else None):
            yield


@contextmanager
def _until_over(borrowed: socket.socket | None) -> Iterator[None]:
    try:
        yield
    finally:
        if borrowed is not None:
            with suppress(OSError):
                borrowed.shutdown(socket.SHUT_RDWR)


def _answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(address)
        except OSError:
            return False
        return True


@contextmanager
def _address(database: str) -> Iterator[str]:
    """The address of the socket beside a database; a path that is too long for one is entered by its folder."""
    path = Path(database + ENDING)
    if len(os.fsencode(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
