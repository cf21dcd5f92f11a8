"""A threshold and its side: `at least 99.9 %` holds at the edge, `more than 15` does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar


class Side(StrEnum):
    """On which side of its edge a threshold holds; always written, never assumed."""

    AT_LEAST = "at least"
    MORE_THAN = "more than"
    BELOW = "below"
    AT_MOST = "at most"
    EXACTLY = "exactly"


class Ordered(Protocol):
    """A value that can be compared with its like."""

    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T")
Rank = TypeVar("Rank", bound=Ordered)


@dataclass(frozen=True, slots=True)
class Threshold(Generic[T]):
    """A side and its edge. `written` is the edge as its author wrote it: shown, and no part of what is equal."""

    side: Side
    edge: T
    written: str = field(default="", compare=False)

    @property
    def edge_inside(self) -> bool:
        """Whether the edge itself satisfies the threshold."""
        return self.side in (Side.AT_LEAST, Side.AT_MOST, Side.EXACTLY)

    def holds(self: Threshold[Rank], value: Rank) -> bool:
        """Whether a value is on the named side; exact, for values that have an order."""
        match self.side:
            case Side.AT_LEAST:
                return not value < self.edge
            case Side.MORE_THAN:
                return self.edge < value
            case Side.BELOW:
                return value < self.edge
            case Side.AT_MOST:
                return not self.edge < value
            case Side.EXACTLY:
                return value == self.edge

    def __str__(self) -> str:
        return f"{self.side.value} {self.written or self.edge}"
