"""What orders of one provider share: a service that many of them cover is detected once, and not once for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from makegood.engine.judge.case import World
from makegood.engine.judge.down import Seen
from makegood.model.facts import Facts
from makegood.model.order import Order
from makegood.model.spans import Instant

Watched: TypeAlias = tuple[str, tuple[str, ...]]
"""A service and its checks: orders that mean the same by both see the same of it."""


@dataclass(eq=False)
class Sights:
    """What was seen of services under a detection, by worlds of the same facts (as known at `as_of`) and instant.

    Only that is shared. Outages are not: an order's own dates, zone and hours cut them.
    """

    facts: Facts
    as_of: Instant
    found: dict[Watched, dict[Any, Seen]] = field(default_factory=dict)

    def world(self, order: Order) -> World:
        """A world of an order that knows what others saw of its services, and tells them what it sees."""
        seen = {s.name: self.found.setdefault((s.name, s.checks), {}) for s in order.services}
        return World(order, self.facts, self.as_of, evidence=_Shared(seen))


class _Shared(dict[Any, Any]):
    """The evidence of one world; what `down_of` keeps in it, by a key that begins with the service, others see too."""

    def __init__(self, seen: Mapping[str, dict[Any, Seen]]) -> None:
        super().__init__()
        self.seen = seen

    def __contains__(self, key: object) -> bool:
        if super().__contains__(key):
            return True
        others = self._of(key)
        if others is None or key not in others:
            return False
        super().__setitem__(key, others[key])
        return True

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        others = self._of(key)
        if others is not None and isinstance(value, Seen):
            others[key] = value

    def _of(self, key: object) -> dict[Any, Seen] | None:
        return self.seen.get(key[0]) if isinstance(key, tuple) and isinstance(key[0], str) else None
