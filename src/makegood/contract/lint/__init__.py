"""Lint: what a careful reader finds in an agreement before it is signed, each with its place, its price and a repair.

Each file is one family of findings: a function from one situation (a plan and a deployment, with its terms) to
problems. `lint` composes them, and tells what several situations share once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from makegood.contract.agreement import read_agreement
from makegood.contract.lint.alternatives import alternative_findings
from makegood.contract.lint.deadlines import deadline_findings
from makegood.contract.lint.drift import drift_findings
from makegood.contract.lint.ground import Situation, situations
from makegood.contract.lint.limits import limit_findings
from makegood.contract.lint.loose import loose_findings, unused_findings
from makegood.contract.lint.measured import measured_findings
from makegood.contract.lint.tiers import tier_findings
from makegood.contract.lint.undated import undated_findings
from makegood.contract.lint.waiting import waiting_findings
from makegood.contract.lint.windows import window_findings
from makegood.contract.translation.document import is_translation, read_translation
from makegood.contract.written import Agreement
from makegood.model.problem import Problem

FAMILIES: tuple[Callable[[Situation], Iterator[Problem]], ...] = (
    tier_findings,
    measured_findings,
    limit_findings,
    deadline_findings,
    undated_findings,
    window_findings,
    loose_findings,
    alternative_findings,
    waiting_findings,
)


def lint(agreement: Agreement) -> list[Problem]:
    """Every finding about an agreement that was read, in the order of its lines."""
    found = dict.fromkeys((*drift_findings(agreement), *unused_findings(agreement)))
    for situation in situations(agreement):
        for family in FAMILIES:
            found.update(dict.fromkeys(family(situation)))
    return sorted(found, key=lambda problem: (problem.where.line, problem.where.column, problem.code))


def read_and_lint(raw: bytes, source: str) -> list[Problem]:
    """Everything that is wrong with the agreement in a file's bytes: what cannot be read, or else what lint finds.

    Of a translation only what is wrong with it alone; `translation_findings` holds it against its agreement.
    """
    if is_translation(raw):
        return read_translation(raw, source)[1]
    agreement, problems = read_agreement(raw, source)
    if agreement is None:
        return problems
    return [*problems, *(p for p in lint(agreement) if p not in problems)]
