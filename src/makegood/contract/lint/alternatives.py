"""Alternatives of readings that were not chosen: each must be a value that could have been, or it can have no price."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.binding import terms_for
from makegood.contract.lint.ground import Situation
from makegood.model.problem import Problem, Severity

_OF_THE_CHOICE = ("no-reason",)
"""Problems of having chosen, which here only lint does."""


def alternative_findings(situation: Situation) -> Iterator[Problem]:
    """What is wrong in the terms of a situation once another alternative is taken."""
    for choice in situation.terms.choices:
        for index, label in enumerate(choice.alternatives):
            if index != choice.chosen:
                _, found = terms_for(situation.agreement, situation.facts, {choice.id: label})
                yield from (p for p in found if p.severity is Severity.ERROR and p.code not in _OF_THE_CHOICE)
