"""A plan: what would change in what is deployed, before anything does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Happens(StrEnum):
    """What becomes of one document."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What would happen to an agreement, an order or a check.

    `keys` has for each key that differs its path, and what stands there before and after; empty where one side has
    nothing. `says` is a remark for the reader.
    """

    kind: str
    name: str
    happens: Happens
    keys: tuple[tuple[str, str, str], ...] = ()
    says: str = ""
