"""The certificates that a location was shown: when each ends, and what of that the hub does not know yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

from makegood.model.results import Reason, Result
from makegood.model.spans import HOUR, Duration, Instant

MOST = 1_000
"""So many are told at once; the others wait for the next time."""
AGAIN: Duration = HOUR
"""One that did not change is told again after that long, when it was seen since: the hub forgets what nobody sees."""


@dataclass(slots=True)
class _Seen:
    """When a certificate ends and was seen last, and what the hub was told of it and when; all µs."""

    ends: Instant
    at: Instant
    told_ends: Instant = 0
    told: Instant = 0

    @property
    def due(self) -> bool:
        return self.ends != self.told_ends or self.at >= self.told + AGAIN


class Certificates:
    """What the checks of a location were shown last, by the checks' names."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def see(self, check: str, result: Result) -> None:
        """Take in what a probe found. A handshake that failed because a certificate has ended tells that it has, even
        though nothing else of it is known."""
        there = self._seen.get(check)
        ends = result.expires
        if not ends and result.reason is Reason.CERTIFICATE_EXPIRED:
            ends = there.ends if there is not None and there.ends <= result.begun else result.begun
        if not ends:
            return
        if there is None:
            self._seen[check] = _Seen(ends, result.begun)
        else:
            there.ends, there.at = ends, result.begun

    def keep(self, checks: Collection[str]) -> None:
        """Forget those of other checks."""
        for gone in self._seen.keys() - set(checks):
            del self._seen[gone]

    def news(self, most: int = MOST) -> dict[str, Instant]:
        """When certificates end of which the hub does not know, or has not heard for long: up to so many."""
        due = ((check, one.ends) for check, one in self._seen.items() if one.due)
        return dict(islice(due, most))

    def told(self, news: Mapping[str, Instant], now: Instant) -> None:
        """The hub has taken these in."""
        for check, ends in news.items():
            if (one := self._seen.get(check)) is not None:
                one.told_ends, one.told = ends, now

    def tell_again(self) -> None:
        """The hub may have lost what it was told."""
        for one in self._seen.values():
            one.told_ends = 0
