"""How far a long work is, on the error stream: one line that changes on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

SOON, SELDOM = 0.2, 5.0
"""Seconds between two tellings, on a terminal and elsewhere."""
ERASE = "\r\x1b[K"


@contextmanager
def telling(always: bool, stream: TextIO | None = None) -> Iterator[Callable[[str, int], None]]:
    """What tells how many rows of a work are done: on a terminal, and elsewhere where it is always asked for.

    Quick works say nothing: the first telling comes after the first interval. At the end the line is gone again.
    """
    stream = sys.stderr if stream is None else stream
    terminal = stream.isatty()
    every = SOON if terminal else SELDOM
    last = time.monotonic()
    shown = False

    def write(text: str) -> None:
        with suppress(OSError):  # where nobody reads it any more, the work goes on
            stream.write(text)
            stream.flush()

    def tell(doing: str, rows: int) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if now - last < every or not (terminal or always):
            return
        last, shown = now, True
        text = f"{doing}: {rows:,} rows"
        write(f"{ERASE}{text}" if terminal else f"makegood: {text}\n")

    try:
        yield tell
    finally:
        if shown and terminal:
            write(ERASE)
