"""Chance from one seed. Only `random()` is drawn from, whose numbers the language promises to keep."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """The same throws for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def chance(self, of: float) -> bool:
        return self._random() < of

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def one(self, among: Sequence[T]) -> T:
        return among[int(self._random() * len(among))]

    def some(self, among: Sequence[T], least: int, most: int) -> tuple[T, ...]:
        """So many different ones, in the order in which they stand."""
        left = list(range(len(among)))
        chosen = [left.pop(self.between(0, len(left) - 1)) for _ in range(min(self.between(least, most), len(among)))]
        return tuple(among[n] for n in sorted(chosen))

    def by(self, *weighted: tuple[float, T]) -> T:
        """One of the values, by weights that add up to one."""
        left = self._random()
        for weight, value in weighted:
            left -= weight
            if left < 0:
                return value
        return weighted[-1][1]
