"""A problem that a person can mend: what is wrong, where, why it cannot be right, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`error` stops what depends on it; `warning` is likely a mistake; `note` is worth knowing before signing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A point in a source: file or field name, line and column from 1 (0 where there is none), and its clause."""

    source: str
    line: int = 0
    column: int = 0
    clause: str = ""

    def __str__(self) -> str:
        at = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        return f"{at} (clause {self.clause})" if self.clause else at


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about an input. `code` is stable and documented; `hint` says what to write instead."""

    code: str
    severity: Severity
    where: Place
    what: str
    why: str = ""
    hint: str = ""


class Refused(Exception):
    """An input was refused; carries every problem found in it, never only the first. Nothing was written."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.where}: {p.what}" for p in self.problems))


def error(code: str, where: Place, what: str, why: str = "", hint: str = "") -> Problem:
    return Problem(code, Severity.ERROR, where, what, why, hint)


def warning(code: str, where: Place, what: str, why: str = "", hint: str = "") -> Problem:
    return Problem(code, Severity.WARNING, where, what, why, hint)


def note(code: str, where: Place, what: str, why: str = "", hint: str = "") -> Problem:
    return Problem(code, Severity.NOTE, where, what, why, hint)
