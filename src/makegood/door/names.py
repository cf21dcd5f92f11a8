"""Names asked of the system, each in a thread, because that is the only way a system's resolver can be asked."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeAlias

from makegood.model.spans import Duration

SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]

Lookup: TypeAlias = Callable[[str, int], list[Any]]

MOST = 2_048
"""Names that are asked for at once. A name server that hangs holds a thread for half a minute and more, and must not
keep other names waiting: so there are many, and beyond them the question is refused rather than delayed."""

IDLE = 20.0
"""Seconds that a thread waits for another name."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the system answered: families and socket addresses in its order of preference, and how long it took, µs by a
    steady clock, without the time a question waited in this process."""

    addresses: tuple[tuple[int, SocketAddress], ...]
    took: Duration


class Busy(Exception):
    """As many names are being asked for as may be."""


class Askers:
    """Threads that ask; one begins when none is idle. They are daemons: a name server that hangs must not keep the
    process from ending, as the threads of an executor would.

    `most` of them ask at once, and each ends after `idle` seconds without a name. `lookup` is asked, as
    `socket.getaddrinfo` is.
    """

    def __init__(self, most: int = MOST, idle: float = IDLE, lookup: Lookup | None = None) -> None:
        self.most, self._patience = most, idle
        self.lookup: Lookup = lookup or _system
        self.reset()

    @property
    def threads(self) -> int:
        """How many there are."""
        return self._all

    def reset(self) -> None:
        """Forgets all threads, as a forked child must: it has none of them."""
        self._lock = Lock()
        self._waiting: SimpleQueue[_Question] = SimpleQueue()
        self._idle = self._all = 0

    def put(self, question: _Question) -> None:
        """Raises Busy where no thread is free and no more may begin."""
        with self._lock:
            if self._idle:
                self._idle -= 1
                self._waiting.put(question)
                return
            if self._all >= self.most:
                raise Busy
            self._all += 1
        try:
            Thread(target=self._work, args=(question,), name="asks names", daemon=True).start()
        except RuntimeError:
            with self._lock:
                self._all -= 1
            raise Busy from None

    def _work(self, question: _Question) -> None:
        while True:
            question.ask(self.lookup)
            with self._lock:
                self._idle += 1
            while True:
                try:
                    question = self._waiting.get(timeout=self._patience)
                    break
                except Empty:
                    with self._lock:
                        if self._idle:  # else a question for this thread is on its way
                            self._idle -= 1
                            self._all -= 1
                            return


class _Question:
    __slots__ = ("answer", "loop", "name", "port")

    def __init__(self, name: str, port: int) -> None:
        self.name, self.port = name, port
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Found] = self.loop.create_future()

    def ask(self, lookup: Lookup) -> None:
        begun = time.monotonic_ns()
        found: Found | Exception
        try:
            given = lookup(self.name, self.port)
            both = (socket.AF_INET, socket.AF_INET6)
            kept = dict.fromkeys((int(family), where) for family, _, _, _, where in given if family in both)
            found = Found(tuple(kept), (time.monotonic_ns() - begun) // 1_000)
        except (OSError, ValueError) as problem:
            found = problem
        try:
            self.loop.call_soon_threadsafe(self._settle, found)
        except RuntimeError:
            return  # the loop has ended meanwhile, and nobody waits

    def _settle(self, found: Found | Exception) -> None:
        if self.answer.done():
            return
        if isinstance(found, Found):
            self.answer.set_result(found)
        else:
            self.answer.set_exception(found)


def _system(name: str, port: int) -> list[Any]:
    return socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)


_askers = Askers()
os.register_at_fork(after_in_child=_askers.reset)


async def ask(name: str, port: int, askers: Askers = _askers) -> Found:
    """The addresses that the system knows of a name, by its hosts file, its name servers and its search list; asked
    anew each time. Raises Busy, OSError or ValueError; a time limit is the caller's to set."""
    question = _Question(name, port)
    askers.put(question)
    return await question.answer
