"""Transfers of curl in the running loop, thousands at once.

curl watches its sockets through a selector of its own, which the loop sees as one file. That is a sixth faster than a
reader and a writer in the loop for each socket, as pycurl's `AsyncCurlMulti` has them, and tells a failure of the
machinery itself from one of a transfer, which only the latter may be held against a service.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from typing import NamedTuple

import pycurl

_EVENTS: Mapping[int, int] = {
    pycurl.POLL_IN: selectors.EVENT_READ,
    pycurl.POLL_OUT: selectors.EVENT_WRITE,
    pycurl.POLL_INOUT: selectors.EVENT_READ | selectors.EVENT_WRITE,
}
_MASK = (0, pycurl.CSELECT_IN, pycurl.CSELECT_OUT, pycurl.CSELECT_IN | pycurl.CSELECT_OUT)
"""What curl calls the events of a selector."""


class Failure(NamedTuple):
    """How a transfer failed: the code of curl's, and its message."""

    code: int
    message: str


class Broken(Exception):
    """The machinery failed, and no transfer is to blame."""


class Transfers:
    """Transfers of one loop, which is the one that runs when this is made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._multi = pycurl.CurlMulti()
        self._waiting: dict[pycurl.Curl, asyncio.Future[Failure | None]] = {}
        self._sockets = selectors.DefaultSelector()
        self._watched: set[int] = set()
        self._timer: asyncio.Handle | None = None
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._loop.add_reader(self._sockets.fileno(), self._ready)

    def __len__(self) -> int:
        return len(self._waiting)

    async def perform(self, curl: pycurl.Curl) -> Failure | None:
        """Wait until a transfer is done; the answer is how it failed, if it has. Raises Broken. Where the waiting is
        cancelled, so is the transfer; the handle is then free at once."""
        try:
            self._multi.add_handle(curl)
        except pycurl.error as why:
            raise Broken(*why.args) from why
        done = self._waiting[curl] = self._loop.create_future()
        try:
            return await done  # type: ignore[no-any-return]
        finally:
            if self._waiting.pop(curl, None) is not None:
                self._multi.remove_handle(curl)

    async def aclose(self) -> None:
        """End every transfer; who waits for one is cancelled."""
        for curl, done in list(self._waiting.items()):
            self._release(curl)
            done.cancel()
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._sockets.fileno())
        self._multi.close()
        self._sockets.close()

    def _watch(self, what: int, socket: int, _multi: object, _data: object) -> None:
        events = _EVENTS.get(what)
        if events is None:
            if socket in self._watched:
                self._watched.discard(socket)
                self._sockets.unregister(socket)
        elif socket in self._watched:
            self._sockets.modify(socket, events)
        else:
            self._watched.add(socket)
            self._sockets.register(socket, events)

    def _set_timer(self, milliseconds: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if milliseconds == 0:
            self._timer = self._loop.call_soon(self._timed)  # never from within curl's own call
        elif milliseconds > 0:
            self._timer = self._loop.call_later(milliseconds / 1000, self._timed)

    def _timed(self) -> None:
        self._timer = None
        self._act([(pycurl.SOCKET_TIMEOUT, 0)])

    def _ready(self) -> None:
        self._act([(key.fd, _MASK[events]) for key, events in self._sockets.select(0)])

    def _act(self, ready: list[tuple[int, int]]) -> None:
        try:
            for socket, mask in ready:
                self._multi.socket_action(socket, mask)
            more = 1
            while more:
                more, done, failed = self._multi.info_read()
                for curl in done:
                    self._end(curl, None)
                for curl, code, message in failed:
                    self._end(curl, Failure(code, message))
        except pycurl.error as why:
            for curl in list(self._waiting):
                self._end(curl, Broken(*why.args))

    def _end(self, curl: pycurl.Curl, why: Failure | Broken | None) -> None:
        done = self._release(curl)
        if done is None or done.done():
            return
        if isinstance(why, Broken):
            done.set_exception(why)
        else:
            done.set_result(why)

    def _release(self, curl: pycurl.Curl) -> asyncio.Future[Failure | None] | None:
        done = self._waiting.pop(curl, None)
        if done is not None:
            self._multi.remove_handle(curl)
        return done
