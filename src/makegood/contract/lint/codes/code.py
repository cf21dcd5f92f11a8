"""A kind of finding: its stable code, how grave it is, what it is about, why it matters, and its repair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from makegood.model.problem import Severity

_SEVERITIES: Final = {"E": Severity.ERROR, "W": Severity.WARNING, "N": Severity.NOTE}


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding, in general terms; a problem says the same of one place. `letters` are E, W or N."""

    code: str
    letters: str
    what: str
    why: str
    repair: str

    @property
    def severities(self) -> tuple[Severity, ...]:
        """How grave it is, the gravest first where that depends."""
        return tuple(_SEVERITIES[letter] for letter in self.letters.split(", "))


@dataclass(frozen=True, slots=True)
class Family:
    """Codes that belong together, under a heading."""

    title: str
    codes: tuple[Code, ...]


def family(title: str, *codes: Code) -> Family:
    return Family(title, codes)
