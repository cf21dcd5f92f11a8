"""The agent's time: a clock that nobody sets, tied to the wall clock once; and how far the hub's clock is from it.

A step of the wall clock moves no slot: it is noticed, counted and told. Everything is µs; `now` is UTC.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from makegood.model.spans import SECOND, Duration, Instant
from makegood.probe.clocks import steady_clock, wall_clock

STEP: Duration = SECOND
"""A wall clock that is this much further from the steady one than before was set, rather than slewed."""
EXCHANGES = 8
"""So many exchanges with the hub are remembered; the quickest of them measures best."""


@dataclass(frozen=True, slots=True)
class Tie:
    """How far the time is ahead of the steady clock, µs, in one boot of the machine."""

    boot: str
    ahead: Duration


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question to the hub: when it was asked and the answer came by the agent's clock, and when the hub received
    it and answered by the hub's."""

    asked: Instant
    received: Instant
    answered: Instant
    came: Instant

    @property
    def offset(self) -> Duration:
        """How far the hub's clock is ahead, if the way there takes as long as the way back; rounded down."""
        return (self.received - self.asked + self.answered - self.came) // 2

    @property
    def trip(self) -> Duration:
        """How long the way there and back took: the offset is within half of it."""
        return max(0, self.came - self.asked - (self.answered - self.received))


class Clock:
    """The time of an agent. `wall` and `steady` are the system's clocks; `not_before` is an instant that has passed for
    certain: a wall clock before it is wrong, and the time begins there."""

    def __init__(
        self,
        wall: Callable[[], Instant] = wall_clock,
        steady: Callable[[], Duration] = steady_clock,
        not_before: Instant = 0,
        boot: str = "",
    ) -> None:
        self.wall, self.steady, self.boot = wall, steady, boot
        self.steps = 0
        self.last_step: Duration = 0
        self.trusted = wall() >= not_before
        """Whether results may count: false where the wall clock is known to be wrong, or the hub says so."""
        self._tie = max(wall(), not_before) - steady()
        self._apart = self._wall_apart()
        self._exchanges: deque[Exchange] = deque(maxlen=EXCHANGES)

    @property
    def tie(self) -> Tie:
        """What ties the time to the steady clock."""
        return Tie(self.boot, self._tie)

    def goes_on_from(self, before: Tie | None, limit: Duration) -> bool:
        """Whether the time is that of an earlier tie, as an agent of this boot had it."""
        return before is not None and before.boot == self.boot != "" and abs(before.ahead - self._tie) <= limit

    def now(self) -> Instant:
        """UTC; it goes on at the pace of the steady clock, and never back."""
        return self._tie + self.steady()

    def look(self) -> Duration:
        """How far the wall clock was set since the last look; 0 where it was not. The time does not follow it."""
        apart = self._wall_apart()
        moved, self._apart = apart - self._apart, apart
        if abs(moved) < STEP:
            return 0
        self.steps, self.last_step = self.steps + 1, moved
        return moved

    def _wall_apart(self) -> Duration:
        return self.wall() - self.now()

    def exchanged(self, one: Exchange) -> None:
        """Take in an exchange with the hub."""
        self._exchanges.append(one)

    def forget_exchanges(self) -> None:
        """The hub's clock was set: what was measured before says nothing any more."""
        self._exchanges.clear()

    @property
    def best(self) -> Exchange | None:
        """The quickest of the latest exchanges; None before there was one."""
        return min(self._exchanges, key=lambda one: one.trip, default=None)

    @property
    def hub_now(self) -> Instant:
        """The time by the hub's clock, as well as it is known."""
        best = self.best
        return self.now() + (best.offset if best else 0)

    def tie_anew(self, limit: Duration) -> bool:
        """Tie the time to the wall clock again where that is right by the hub's and this one is not; whether it was.

        Time may go back by it: whoever schedules by it begins anew.
        """
        best = self.best
        if best is None or abs(best.offset) <= limit or abs(self._wall_apart() - best.offset) > limit:
            return False
        self._tie = self.wall() - self.steady()
        self._apart = 0
        self._exchanges.clear()
        return True
