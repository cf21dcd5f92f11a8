"""The starts of an agent: each has a name that no other has, so that a copy of it is seen that never sends a batch.

An agent that is started again has a new name, and its old one never comes back. Where names that were there before come
back again and again, two agents under one key take turns. Once may be a request that was long on its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REMEMBERED = 8
"""Starts that are remembered: more than copies of one agent that run at a time."""
TURNS = 2
"""How often earlier starts come back until there are two."""
LONGEST = 32


@dataclass(frozen=True, slots=True)
class Lives:
    """The names of the last starts, the latest last, and how often one came back since the last new one."""

    names: tuple[str, ...] = ()
    turns: int = 0

    @property
    def several(self) -> bool:
        """Whether several agents are alive."""
        return self.turns >= TURNS

    @property
    def told(self) -> dict[str, str | int]:
        """As it is kept with what the agent tells."""
        return {"lives": " ".join(self.names), "turns": self.turns}


def lives(before: Mapping[str, Any], life: object) -> Lives:
    """The starts as of a request, by what was kept with the request before; one that names none changes nothing."""
    known = tuple(str(before.get("lives", "")).split())
    turns = int(before.get("turns", 0))
    if not isinstance(life, str) or not life.isalnum() or len(life) > LONGEST or life == (known or ("",))[-1]:
        return Lives(known, turns)
    if life in known:
        return Lives((*(name for name in known if name != life), life), turns + 1)
    return Lives((*known, life)[-REMEMBERED:])
