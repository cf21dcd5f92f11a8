"""Repairs that a program can make: one value replaced by another, tried, and kept only if the finding is gone by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from makegood.contract.extent import end_of, lines_of, scalars_of
from makegood.contract.lint import read_and_lint
from makegood.model.problem import Problem, Severity

MOST_TRIED: Final = 40
"""So many repairs of one text are tried; each reads and lints it anew."""

_NAMED = re.compile(r"(?:did you mean|write) `([^`]+)`")
_WRITTEN = re.compile(r"write ([^`]+)\Z")
_LOOSE: Final = (" or ", "for example", "as in", ", if ", "…")


@dataclass(frozen=True, slots=True)
class Repair:
    """The text of a problem's line from its column up to `end` (from 1, itself left out) becomes `new`."""

    problem: Problem
    end: int
    new: str

    def applied(self, text: str) -> str:
        """The whole text with the repair made; all other lines stay as they are."""
        lines = lines_of(text)
        at = self.problem.where
        line = lines[at.line - 1]
        lines[at.line - 1] = line[: at.column - 1] + self.new + line[self.end - 1 :]
        return "".join(lines)


def repairs(
    text: str, source: str, problems: Sequence[Problem], only: Sequence[Problem] | None = None
) -> Iterator[Repair]:
    """Every repair of an agreement's problems, or of some `only`, that makes its finding go and brings no other."""
    lines, scalars = lines_of(text), scalars_of(text, source)
    before = {_key(p) for p in problems}
    tried = 0
    for problem in problems if only is None else only:
        scalar = scalars.get((problem.where.line, problem.where.column))
        new = proposed(problem)
        if scalar is None or not new or new == scalar.text or tried == MOST_TRIED:
            continue
        tried += 1
        repair = Repair(problem, end_of(problem, lines, scalars), new)
        after = read_and_lint(repair.applied(text).encode(), source)
        if _key(problem) not in {_key(p) for p in after} and not any(_graver(p, before) for p in after):
            yield repair


def proposed(problem: Problem) -> str:
    """The value that a problem's hint says to write, or nothing where it says more or less than one value."""
    if found := _NAMED.match(problem.hint):
        return found[1] if ": " not in found[1] else ""
    if (found := _WRITTEN.match(problem.hint)) and not any(word in problem.hint for word in _LOOSE):
        return found[1].strip()
    return ""


def _key(problem: Problem) -> tuple[str, int]:
    return problem.code, problem.where.line


def _graver(problem: Problem, before: set[tuple[str, int]]) -> bool:
    return problem.severity is not Severity.NOTE and _key(problem) not in before
