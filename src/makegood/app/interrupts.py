"""Interruptions that wait: what is begun in a block is ended before one takes hold."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let an interruption take hold only after the block. Another thread of the process may take the signal, and then
    the main thread is interrupted whatever it blocks: so it notes that one came."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = list[int]()
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if held:
            signal.raise_signal(signal.SIGINT)
