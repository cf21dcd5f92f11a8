"""Boundaries, counted: how often something lay exactly on one, a unit below it, or a unit above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

SIDES = {-1: "a unit below", 0: "on", 1: "a unit above"}


class Edges:
    """The oracle tells it of every comparison that it makes."""

    def __init__(self) -> None:
        self.hit: Counter[tuple[str, int]] = Counter()

    def near(self, kind: str, beyond: int | Fraction, unit: int | Fraction = 1) -> None:
        """A value lies so far beyond an edge (negative: short of it). Only within one unit of it does it count."""
        if beyond == 0:
            self.hit[kind, 0] += 1
        elif -unit <= beyond <= unit:
            self.hit[kind, 1 if beyond > 0 else -1] += 1

    def meet(self, kind: str, edge: int, ticks: frozenset[int]) -> None:
        """One of some ticks lies on an edge, one before it or one after it."""
        for beyond in (-1, 0, 1):
            if edge + beyond in ticks:
                self.hit[kind, beyond] += 1

    def missed(self, wanted: Mapping[str, Iterable[int]], least: int) -> list[str]:
        """The boundaries that were hit fewer times than the least, in words."""
        return [
            f"{kind}: {SIDES[side]} {self.hit[kind, side]} times"
            for kind, sides in wanted.items()
            for side in sides
            if self.hit[kind, side] < least
        ]
