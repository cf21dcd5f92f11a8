"""Use case: what every reading and silence of an agreement is worth, for orders over their history, or without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from makegood.app.asked_periods import asked_periods
from makegood.app.binding import ill_readings
from makegood.app.judging import Docket, binding, file_bytes, other_terms, world_at
from makegood.contract.agreement import read_agreement
from makegood.contract.binding import ill, terms_for, variants
from makegood.contract.nodes import Many, Node, Text
from makegood.contract.shape import UNSTATED
from makegood.contract.written import Agreement
from makegood.engine.stress import Stress, stressed
from makegood.engine.worth import Weighing
from makegood.model.problem import Problem, Refused
from makegood.model.spans import Instant
from makegood.model.statement import Statement

Ill: TypeAlias = Mapping[tuple[str, str], tuple[Problem, ...]]
"""The alternatives with which the agreement cannot be read, by a reading's id and the alternative, with why."""


@dataclass(frozen=True)
class Weighed:
    """Readings weighed over statements of real orders; `lines` say where each reading and silence is written."""

    weighing: Weighing
    statements: tuple[Statement, ...]
    lines: dict[str, int]
    ill: Ill


def weigh(dockets: Sequence[Docket], period: str | None, over: str | None, until: date | None, at: Instant) -> Weighed:
    """Weigh every reading over the named periods of every order. Raises Refused for a period that cannot be judged."""
    weighing, statements, broken = Weighing(), list[Statement](), dict[tuple[str, str], tuple[Problem, ...]]()
    seen: set[tuple[str, tuple[str, str]]] = set()
    for docket in dockets:
        world = world_at(docket, at)
        for label in asked_periods(docket, period, over, until, at):
            key, terms = binding(world, docket, label)
            if (docket.order.id, key) not in seen:
                seen.add((docket.order.id, key))
                broken |= ill_readings(docket.agreements, docket.order, docket.instead, docket.terms, key)
            statements += weighing.add(world, terms, label, other_terms(world, docket, key))
    return Weighed(weighing, tuple(statements), lines_of(dockets[0].agreement), broken)


@dataclass(frozen=True)
class StressedAgreement:
    """An agreement under stress in every situation (plan and deployment) that it knows."""

    agreement: Agreement
    situations: tuple[Stress, ...]
    lines: dict[str, int]
    warnings: tuple[Problem, ...]
    ill: Ill


def stress(path: Path) -> StressedAgreement:
    """Weigh every reading of an agreement over hypothetical periods. Raises Refused where it cannot be read."""
    agreement, problems = read_agreement(file_bytes(path), str(path))
    if agreement is None:
        raise Refused(problems)
    found, broken = [], dict[tuple[str, str], tuple[Problem, ...]]()
    for situation in agreement.situations():
        terms, _ = terms_for(agreement, situation)
        if terms is not None:
            others = variants(agreement, situation, terms)
            broken |= ill(agreement, situation, terms)
            found.append(stressed(terms, others, situation.get("plan", ""), situation.get("deployment", "")))
    return StressedAgreement(agreement, tuple(found), lines_of(agreement), tuple(problems), broken)


def lines_of(agreement: Agreement) -> dict[str, int]:
    """The line of each reading by its id, and of the first `unstated` of each rule by the rule's name."""
    found: dict[str, int] = {}
    for rule in agreement.rules:
        name = rule.exception_to.text if rule.exception_to is not None else rule.name
        for path, node in _marks(rule.node, name):
            found.setdefault(path, node.place.line)
            if isinstance(node, Text):
                found.setdefault(rule.name, node.place.line)
    return found


def _marks(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Each reading and each `unstated` below a node, by the path that names a reading; what a reading holds is its."""
    if isinstance(node, Text):
        if node.text == UNSTATED:
            yield path, node
    elif isinstance(node, Many):
        for n, item in enumerate(node.items, 1):
            yield from _marks(item, f"{path}.{n}")
    elif node.get("among") is not None:
        yield path, node
    else:
        chooses = node.get("by") is not None
        for key, value in node.entries:
            inner = path if chooses else f"{path}.{key.text.replace(' ', '-')}"
            yield from _marks(value, inner)
