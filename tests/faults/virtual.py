"""An event loop whose time is not the machine's: it passes at once, and only while everything waits."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Skipping(selectors.SelectSelector):
    """Where it would wait for a timer, the time is that of the timer."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits, and for nothing that time brings")
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Begins at 0. Nothing in it may wait for another thread or a socket."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now


def virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in time that is not the machine's."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
