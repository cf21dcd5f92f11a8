"""How a check's results become outages: the rule and the results.

A check runs on fixed slots of one length with one offset for all its locations: slot k is
`offset + k * every <= t < offset + (k + 1) * every`. What results look like on slots is in `model.grid`, what is found
in `model.findings`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from makegood.model.spans import Duration, Instant, Times


class Outcome(IntEnum):
    """What one result says. *Unknown* is a location that abstained, because its own control probes failed."""

    UP = 0
    DOWN = 1
    UNKNOWN = 2


class Begins(StrEnum):
    """From when a confirmed failure counts: the first of the streak, or the slot that confirms it."""

    FIRST_FAILURE = "first failure"
    CONFIRMATION = "confirmation"


class Ends(StrEnum):
    """Until when it counts: the first success of the streak that ends it, or the slot that confirms the recovery."""

    FIRST_SUCCESS = "first success"
    CONFIRMATION = "confirmation"


ALL = "all"
MAJORITY = "a majority"


@dataclass(frozen=True, slots=True)
class Detection:
    """The `detect` and `outage` clauses for one check.

    A location fails from its `fails_after`-th consecutive failed slot to its `recovers_after`-th consecutive good one.
    The service is down while at least `locations` of them fail: a number, or words that `quorum_of` understands.
    `every` and `timeout` are microseconds. Raises ValueError for a length or count below one.
    """

    every: Duration
    fails_after: int
    recovers_after: int
    locations: int | str
    begins: Begins
    ends: Ends
    timeout: Duration = 0

    def __post_init__(self) -> None:
        if self.every < 1 or self.fails_after < 1 or self.recovers_after < 1 or self.timeout < 0:
            raise ValueError("a check needs a slot of some length, and at least one result to fail and to recover")


def quorum_of(spec: int | str, n: int) -> int:
    """How many of a check's n locations must fail at once: the K of the clause.

    A number is itself; `all` is n; `a majority` is more than half; `half`, `at least half`, `60 %` and `2/3` are that
    share of n, rounded up. n counts the locations of the check, not those that happen to answer: none connected is no
    agreement. Raises ValueError when it cannot be understood, when n locations can never reach it, and when a share
    comes down to a single one of several ("at least half" of two), which nobody who writes a share expects: write the
    number 1 then.
    """
    if isinstance(spec, str):
        k = _words(spec, n)
        if k == 1 < n and not spec.strip().removeprefix("at least ").strip().isdecimal():
            raise ValueError(f"{spec!r} of {n} locations is one of them: write 1, or {MAJORITY!r}")
    else:
        k = spec
    if not 1 <= k <= n:
        raise ValueError(f"{spec!r} cannot be reached with {n} locations")
    return k


def _words(spec: str, n: int) -> int:
    words = spec.strip().removeprefix("at least ").strip()
    if words == ALL:
        return n
    if words in (MAJORITY, "majority"):
        return n // 2 + 1
    if words.isdecimal():
        return int(words)
    if words == "half":
        return ceil(Fraction(n, 2))
    if found := re.fullmatch(r"(\d+(?:\.\d+)?) ?%", words):
        return ceil(Fraction(found[1]) / 100 * n)
    if (found := re.fullmatch(r"(\d+)/(\d+)", words)) and int(found[2]):
        return ceil(Fraction(int(found[1]), int(found[2])) * n)
    raise ValueError(f"{spec!r} is no number of locations: write a number, {ALL!r}, {MAJORITY!r} or a share")


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """The results of one check, one row each, in any order and with repeats.

    `slot` int64[n] is the number of the slot in which the result began, `location` int32[n] (any integer type) an index
    into `locations`, `outcome` int8[n] an `Outcome`. `offset` is the start of slot 0, `every` its length, in
    microseconds.
    """

    locations: tuple[str, ...]
    offset: Instant
    every: Duration
    slot: Times
    location: NDArray[np.integer]
    outcome: NDArray[np.int8]
