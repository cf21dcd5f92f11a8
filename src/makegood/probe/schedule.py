"""When the probes of checks begin: slot by slot, at each check's offset, whatever else goes on.

Pure: it is given the time, by a clock that never goes back (the agent's steady one), and keeps no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from makegood.model.checks import Check
from makegood.model.spans import SECOND, Duration, Instant

LATEST: Duration = 5 * SECOND
"""A probe that could not begin this long after its time does not begin."""


@dataclass(frozen=True, slots=True)
class Start:
    """A probe that is to begin: its check, and when (µs UTC)."""

    check: Check
    at: Instant

    @property
    def by(self) -> Instant:
        """Where it has not begun until then it is too late: its slot has ended, or `LATEST` has passed."""
        return min(self.at - self.check.offset + self.check.every, self.at + LATEST)


class Schedule:
    """The starts of a set of checks.

    A slot whose time has passed when the check comes is not begun: a check begins with the first offset that is still
    ahead. `skipped` counts slots that passed wholly while nobody asked, which are not made up for.
    """

    def __init__(self, checks: Iterable[Check], now: Instant) -> None:
        self.skipped = 0
        self._told = now
        self._next: dict[str, Start] = {}
        self._order: list[tuple[Instant, str]] = []
        self.replace(checks, now)

    def __len__(self) -> int:
        return len(self._next)

    @property
    def next_at(self) -> Instant | None:
        """When the next probe is to begin; None where there is no check."""
        return self._order[0][0] if self._order else None

    def due(self, now: Instant) -> list[Start]:
        """The starts whose time has come, in its order, each once; of a check that missed several, the last."""
        self._told = max(self._told, now + 1)
        starts: list[Start] = []
        behind = False
        while self._order and self._order[0][0] <= now:
            _, name = heappop(self._order)
            start = self._next[name]
            every = start.check.every
            passed = (now - start.at) // every
            self.skipped += passed
            behind = behind or passed > 0
            starts.append(Start(start.check, start.at + passed * every))
            self._push(Start(start.check, start.at + (passed + 1) * every))
        return sorted(starts, key=lambda start: start.at) if behind else starts

    def replace(self, checks: Iterable[Check], now: Instant) -> None:
        """Other checks from the next slot of each on. What keeps its name and its slots begins neither twice nor late;
        what is new, or has other slots, begins with the first that is ahead."""
        before, self._next, self._order = self._next, {}, []
        self._told = max(self._told, now)
        for check in checks:
            known = before.get(check.name)
            if known is not None and known.check.every == check.every:
                start = Start(check, known.at)
            else:
                slot = -((check.offset - self._told) // check.every)
                start = Start(check, slot * check.every + check.offset)
            self._next[check.name] = start
            self._order.append((start.at, check.name))
        heapify(self._order)

    def _push(self, start: Start) -> None:
        self._next[start.check.name] = start
        heappush(self._order, (start.at, start.check.name))
