"""How much one location may ask of the hub, so that an agent that loops, or means harm, does not slow the others.

What is asked is paid for afterwards, out of a credit that grows with time up to a limit: so a location that was away
tells what it has at once, and a single large batch is never refused for its size. Who is in debt waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from makegood.model.problem import Place, Refused, error
from makegood.model.spans import MINUTE, SECOND, Duration, Instant

TOO_MUCH = "too-much"
"""The code of the error."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`most` at once, and one more every `each` µs."""

    most: int
    each: Duration


class Paid(StrEnum):
    """What a location pays for."""

    REQUESTS = "requests"
    BYTES = "bytes"
    LISTS = "bytes of new lists of checks"
    ALARMS = "alarms"


PACES: Mapping[Paid, Pace] = {
    Paid.REQUESTS: Pace(1_000, SECOND // 50),
    Paid.BYTES: Pace(64 << 20, 1),
    Paid.LISTS: Pace(64 << 20, 100),
    Paid.ALARMS: Pace(100, MINUTE // 2),
}
"""Fifty requests and a megabyte a second, of which new lists have 10 kB, and two alarms a minute. An agent that
runs 10,000 checks a minute needs less than two requests and 10 kB a second."""


@dataclass(eq=False)
class Paces:
    """The credit of each location. May be used from many threads. Instants are µs UTC; a clock that goes back costs
    nobody anything, and gives nothing."""

    paces: Mapping[Paid, Pace] = field(default_factory=lambda: PACES)
    _spent: dict[tuple[str, Paid], tuple[Duration, Instant]] = field(default_factory=dict)
    """What is missing to the full credit, as the time in which it grows back, and when that was so."""
    _lock: Lock = field(default_factory=Lock)

    def must_not_owe(self, location: str, now: Instant) -> None:
        """Raises Refused, with how long to wait, for a location that is in debt."""
        with self._lock:
            owed = {
                paid: self._missing(location, paid, now) - pace.most * pace.each for paid, pace in self.paces.items()
            }
        paid = max(owed, key=lambda one: owed[one])
        if owed[paid] >= 0:
            seconds = owed[paid] // SECOND + 1
            what = f"`{location}` asks too much of this hub: {paid.value}"
            raise Refused([error(TOO_MUCH, Place(location), what, "", f"wait {seconds} s")])

    def charge(self, location: str, paid: Paid, much: int, now: Instant) -> None:
        """Take from the credit of a location, also beyond it."""
        with self._lock:
            missing = self._missing(location, paid, now) + much * self.paces[paid].each
            if missing:
                self._spent[location, paid] = missing, now

    def _missing(self, location: str, paid: Paid, now: Instant) -> Duration:
        missing, at = self._spent.get((location, paid), (0, now))
        missing = max(0, missing - max(0, now - at))
        if not missing:
            self._spent.pop((location, paid), None)
        elif now < at:
            self._spent[location, paid] = missing, now
        return missing
