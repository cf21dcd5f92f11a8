"""What every rule rests on: its clause, the values that an agreement leaves out, and the force of a promise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Clause:
    """Where in the agreement a rule stands: its anchor, number and title, and the line of its block."""

    id: str
    number: str = ""
    title: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip() or self.id


@dataclass(frozen=True, slots=True)
class Unstated:
    """A value that the agreement does not give; `what` names it for the reader."""

    clause: Clause
    what: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What every rule has: its name, and the clause that it is."""

    name: str
    clause: Clause


class Strength(StrEnum):
    """The legal force of a commitment or a duty. Only a promise or an effort can be breached; an aim is recorded."""

    PROMISE = "promise"
    EFFORTS = "efforts"
    AIM = "aim"
