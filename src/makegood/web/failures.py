"""Wrong tokens, counted by where they come from: past some of them a minute the answer is to wait.

A right token is answered all the same, so that nobody who shares an address, such as that of a proxy, is locked out by
somebody else. Tokens are random 256 bits: what this saves is logs and patience, not secrecy.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

MOST, SECONDS = 20, 60.0
MOST_ADDRESSES = 10_000


class Failures:
    """The recent failures of each address; `clock` is steady, in seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._by: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, address: str) -> int:
        """Count one more; for how many seconds to wait, 0 where there were few."""
        now = self._clock()
        times = self._by.setdefault(address, deque(maxlen=MOST))
        self._by.move_to_end(address)
        while times and times[0] <= now - SECONDS:
            times.popleft()
        if len(self._by) > MOST_ADDRESSES:
            self._by.popitem(last=False)
        wait = int(times[0] + SECONDS - now) + 1 if len(times) == MOST else 0
        times.append(now)
        return wait
