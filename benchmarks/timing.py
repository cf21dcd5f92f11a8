"""How the benchmarks measure: the least of several takings, in turns with what a figure is held against.

The machine may be busy: a figure says little alone, and a ratio of two that were taken in turns says more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Measured(NamedTuple):
    """One line: what, its size in words, the seconds, and what that is beside something else."""

    what: str
    size: str
    seconds: float
    beside: str = ""


def in_turns(works: Sequence[Callable[[], Any]], times: int = 5) -> list[tuple[Any, float]]:
    """What each work made, and its least time in seconds; each time all of them are done one after the other."""
    made: list[Any] = [None] * len(works)
    least = [float("inf")] * len(works)
    for _ in range(times):
        for i, work in enumerate(works):
            start = perf_counter()
            made[i] = work()
            least[i] = min(least[i], perf_counter() - start)
    return list(zip(made, least, strict=True))


SCANNED = 1 << 25
"""Words of the scan, 256 MB: more than any cache holds."""


def bit_scan() -> Callable[[], Any]:
    """The limit of detection: one bit a sample read once from memory, `SCANNED` times 64 samples."""
    words: NDArray[np.uint64] = np.arange(SCANNED, dtype=np.uint64)
    return lambda: np.bitwise_or.reduce(words)
