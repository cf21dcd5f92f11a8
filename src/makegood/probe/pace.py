"""How fast probes are begun, and whether what they found can be believed, by how the loop that runs them keeps time.

A probe that waits costs nothing, one that begins costs work: so starts are paced by what the loop can do, never by how
many are waiting. Where the loop itself stood still, a time-out says nothing about the service.
"""

from __future__ import annotations

from collections import deque

from makegood.model.spans import SECOND, Duration, Instant

LONGEST_TURN: Duration = SECOND // 100
"""The loop's turns are kept below this: what is measured in them is late by so much."""

MOST_AT_ONCE = 64
KEPT: Duration = 600 * SECOND
"""For how long a standstill is remembered: longer than any probe may take."""


class Pace:
    """How many probes the next turn of the loop may begin. Turns that take long halve it, others add one."""

    def __init__(self) -> None:
        self.at_once = 8

    def turn(self, took: Duration) -> None:
        """The loop's last turn took so long, µs."""
        self.at_once = max(1, self.at_once // 2) if took > LONGEST_TURN else min(MOST_AT_ONCE, self.at_once + 1)


class Standstills:
    """How late the loop woke, and when. Instants are of the steady clock, µs; `tick` is told at least every `every`."""

    def __init__(self, every: Duration, now: Instant) -> None:
        self._every = every
        self._last = now
        self._late: deque[tuple[Instant, Duration]] = deque()

    def tick(self, now: Instant) -> Duration:
        """The loop runs now. The answer is how much later than it should, µs."""
        late = max(0, now - self._last - self._every)
        self._last = now
        if late > LONGEST_TURN:
            while self._late and self._late[-1][1] <= late:
                self._late.pop()  # a later and longer one tells more
            self._late.append((now, late))
        while self._late and self._late[0][0] < now - KEPT:
            self._late.popleft()
        return late

    def longest(self, since: Instant, now: Instant) -> Duration:
        """The longest standstill that ended after `since`, or has not ended yet, µs."""
        open_one = max(0, now - self._last - self._every)
        return max(open_one, next((late for at, late in self._late if at >= since), 0))
