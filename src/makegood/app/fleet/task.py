"""A task of a fleet: some orders with the evidence of their services, and what is to be said of each."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from makegood.app.judging import Docket, binding, judge_range
from makegood.app.refusals import NOT_BEGUN, not_begun
from makegood.engine.chain import cases_of, judged_commitments
from makegood.engine.judge.case import Case, World
from makegood.engine.judge.sharing import Sights
from makegood.engine.statement import state
from makegood.engine.survey import surely_met
from makegood.model.problem import Problem, Refused
from makegood.model.spans import Instant
from makegood.model.statement import NotApplicable, Verdict
from makegood.model.terms import Terms
from makegood.render.document import statement_piece
from makegood.render.fleet import Row, row_of


@dataclass(frozen=True)
class Asked:
    """One order to be judged: its place among all that were asked for, from 0, and the labels of its periods."""

    number: int
    docket: Docket
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """Orders that one worker judges together, as known at an instant. Their dockets hold the same facts.

    `documents` asks for whole statements as JSON; `swept` lets one sweep tell the periods that are surely met, which
    changes no figure.
    """

    asked: tuple[Asked, ...]
    as_of: Instant
    documents: bool = False
    swept: bool = True

    @property
    def orders(self) -> tuple[str, ...]:
        return tuple(one.docket.order.id for one in self.asked)


@dataclass(frozen=True)
class Sheet:
    """What was found of one order: a row for each statement, the statements as JSON where they were asked for, what of
    the agreement does not apply, the periods left out because they have not begun, and why it could not be judged."""

    number: int
    order: str
    rows: tuple[Row, ...] = ()
    documents: tuple[str, ...] = ()
    not_applicable: tuple[NotApplicable, ...] = ()
    left_out: str = ""
    problems: tuple[Problem, ...] = ()
    swept: int = 0
    """How many order-periods the sweep alone told."""


def work(packed: bytes) -> bytes:
    """Judge a task: both it and its sheets travel as bytes, so that every pool carries the same."""
    task: Task = pickle.loads(packed)
    return pickle.dumps(judge_task(task), pickle.HIGHEST_PROTOCOL)


def judge_task(task: Task) -> list[Sheet]:
    """A sheet for each order of a task, in its order."""
    facts = task.asked[0].docket.facts.known_at(task.as_of)
    sights = Sights(facts, task.as_of)
    if task.documents or not task.swept:
        return [_whole(one, sights, task.documents) for one in task.asked]
    return _swept(task.asked, sights)


def _whole(one: Asked, sights: Sights, documents: bool) -> Sheet:
    """An order judged by the chain alone; its statements are explained where they are to be published."""
    world = sights.world(one.docket.order)
    try:
        answers, left_out = judge_range(world, one.docket, one.labels, explain=documents)
    except Refused as refused:
        return _refused(one, refused)
    statements = [s for answer in answers for s in answer.statements]
    return Sheet(
        one.number,
        one.docket.order.id,
        tuple(map(row_of, statements)),
        tuple(map(statement_piece, statements)) if documents else (),
        tuple(dict.fromkeys(n for answer in answers for n in answer.not_applicable)),
        left_out.what if left_out is not None else "",
    )


def _refused(one: Asked, refused: Refused) -> Sheet:
    if all(p.code == NOT_BEGUN for p in refused.problems):
        return Sheet(one.number, one.docket.order.id, left_out=refused.problems[0].what)
    return Sheet(one.number, one.docket.order.id, problems=refused.problems)


@dataclass(frozen=True, eq=False)
class _Opened:
    """The cases of an order in each of its periods, with the terms that bind it there."""

    one: Asked
    world: World
    periods: tuple[tuple[str, Terms, list[Case]], ...] = ()
    refused: Sheet | None = None


def _swept(asked: Sequence[Asked], sights: Sights) -> list[Sheet]:
    """The orders judged by one sweep over all their periods, and by the chain where that cannot tell."""
    opened = [_open(one, sights.world(one.docket.order)) for one in asked]
    cases = [case for order in opened for _, _, some in order.periods for case in some]
    met = iter(surely_met(cases).tolist())
    return [order.refused or _sheet(order, met) for order in opened]


def _open(one: Asked, world: World) -> _Opened:
    periods = []
    try:
        for label in one.labels:
            _, terms = binding(world, one.docket, label)
            periods.append((label, terms, cases_of(world, terms, label) if judged_commitments(terms) else []))
    except Refused as refused:
        return _Opened(one, world, refused=_refused(one, refused))
    return _Opened(one, world, tuple(periods))


def _sheet(order: _Opened, met: Iterator[bool]) -> Sheet:
    """The rows of an order; `met` gives one answer for each of its cases, in their order."""
    rows: list[Row] = []
    told, left_out = 0, ""
    for label, terms, cases in order.periods:
        surely = [next(met) for _ in cases]
        if left_out or any(case.span.start >= order.world.as_of for case in cases):
            left_out = left_out or not_begun(label).what
        elif cases and all(surely):
            rows += map(_met, cases)
            told += 1
        else:
            rows += map(row_of, state(order.world, terms, label, (), explain=False).statements)
    return Sheet(order.one.number, order.one.docket.order.id, tuple(rows), left_out=left_out, swept=told)


def _met(case: Case) -> Row:
    """The row of a case that surely meets its target, and so owes nothing."""
    order, first, last = case.world.order, case.period.first, case.period.last
    plan = order.plan_on(first)
    return Row(
        order.id, order.customer, case.terms.agreement, case.terms.version, plan, case.commitment.name, case.subject,
        case.period.label, first, last, Verdict.MET, "none",
    )  # fmt: skip
