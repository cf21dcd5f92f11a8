"""Whose clock is right: the hub and its locations compare theirs, and what most of them agree on holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from makegood.model.spans import Duration


@dataclass(frozen=True, slots=True)
class Agreed:
    """What clocks agree on. `ahead` is how far the true time is ahead of the hub's clock, µs, rounded down; `trusted`
    whether one location's clock, and `hub` whether the hub's, is within the limit of it."""

    ahead: Duration
    trusted: bool
    hub: bool


def agree(mine: Duration | None, others: Sequence[Duration], limit: Duration) -> Agreed:
    """Hold one location's clock against those of the others and of the hub.

    Each offset is how far the hub's clock is ahead of a location's, µs; None was not measured, and is trusted until it
    is. The true time is the median of all clocks. Where two of them lie apart nobody can say which is wrong, and the
    location is not trusted: of an even number of clocks it must be near both in the middle.
    """
    clocks = sorted([0, *(-one for one in others), *(() if mine is None else (-mine,))])
    low, high = clocks[(len(clocks) - 1) // 2], clocks[len(clocks) // 2]
    ahead = int(Fraction(low + high, 2) // 1) if high - low <= limit else 0
    trusted = mine is None or (abs(-mine - low) <= limit and abs(-mine - high) <= limit)
    return Agreed(ahead, trusted, abs(low) <= limit or abs(high) <= limit)
