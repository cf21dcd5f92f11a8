"""Every case is judged as its file says, and every statement of it holds together."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest

from makegood.evidence import verify_alone
from makegood.model.facts import Facts
from makegood.model.problem import Refused
from makegood.model.spans import SECOND, Spans
from makegood.model.statement import SmallestChange, Statement
from makegood.model.terms import MeasureKind
from makegood.model.trace import recompute
from makegood.render.document import StatementDocument, statement_json, trace_from_document
from makegood.render.document.holding import what_does_not_hold
from tests.cases.comparing import differences
from tests.cases.judging import Judged, opened
from tests.cases.reading import Section, every_section, plain

SECTIONS = every_section()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.name)
def test_case(section: Section, tmp_path: Path) -> None:
    expected = plain(section.blocks["expected"], f"{section.name}, expected")
    try:
        judged = opened(section, tmp_path)
        answer = judged.answer
    except Refused as refused:
        if expected != {"refused": ", ".join(p.code for p in refused.problems)}:
            raise AssertionError("\n".join(str(p) for p in refused.problems)) from None
        return
    found = differences(expected, judged)
    assert not found, f"\n{section.path}\n{section.title}\n\n" + "\n".join(found)
    for statement in answer.statements:
        classes_are_disjoint_and_whole(statement)
        trace_recomputes(statement)
        document_is_valid(statement)
        changes_are_as_told(statement, judged)


def classes_are_disjoint_and_whole(statement: Statement) -> None:
    c = statement.classes
    classes = (c.outside, c.excused, c.down, c.unknown, c.up)
    assert sum(part.total for part in classes) == statement.judged.length
    assert not any((a & b).total for a, b in combinations(classes, 2))
    assert Spans([span for part in classes for span in part]) == Spans([statement.judged])
    assert (c.brief - c.up).total == 0


def trace_recomputes(statement: Statement) -> None:
    for figures in (statement.favourable, statement.unfavourable):
        for node in figures.trace.walk():
            assert recompute(node) == node.value, node.says
        if figures.ratio is not None and statement.measure is MeasureKind.RATIO:
            assert Fraction(figures.numerator, figures.denominator) <= 1


def document_is_valid(statement: Statement) -> None:
    text = statement_json(statement)
    document = StatementDocument.model_validate_json(text)
    trace_from_document(document)
    assert list(what_does_not_hold(document)) == []
    alone = json.loads(text)
    verify_alone.check_classes(alone)
    verify_alone.check_figures(alone, verify_alone.check_trace(alone["trace"]))


def changes_are_as_told(statement: Statement, judged: Judged) -> None:
    """Readings and notices are changed in the order and the facts themselves, and the case is judged again."""
    now = (statement.verdict, statement.amount)
    for reading in statement.readings:
        for price in reading.prices:
            then = same_statement(statement, _read_as(judged, reading.choice.id, price.alternative))
            if then is not None:
                assert (then.verdict, then.amount) == (price.verdict, price.amount), reading.choice.id
                assert price.changes or (then.verdict, then.amount) == now
    for change in statement.smallest:
        assert (change.verdict, change.amount) != now, change.says
        if change.kind == "gate":
            gate_is_the_least(change, statement, judged)
        if change.kind == "seconds":
            seconds_are_the_least(change, statement)


def _read_as(judged: Judged, choice: str, alternative: str) -> tuple[Statement, ...]:
    """The statements under another reading; none where the label names no period then."""
    try:
        return judged.again(readings={choice: alternative}).statements
    except Refused as refused:
        if [p.code for p in refused.problems] != ["no-such-period"]:
            raise
        return ()


def same_statement(statement: Statement, among: tuple[Statement, ...]) -> Statement | None:
    return next((s for s in among if (s.commitment, s.subject) == (statement.commitment, statement.subject)), None)


def gate_is_the_least(change: SmallestChange, statement: Statement, judged: Judged) -> None:
    assert change.size is not None
    item = change.says.split()[2]
    for by, expected in ((change.size, True), (change.size - SECOND, False)):
        then = same_statement(statement, judged.again(facts=earlier(judged.docket.facts, item, by)).statements)
        assert then is not None
        assert ((then.verdict, then.amount) == (change.verdict, change.amount)) is expected, change.says


def earlier(facts: Facts, item: str, by: int) -> Facts:
    """The facts, had every notice of one item been accepted so much earlier."""
    return replace(
        facts,
        notices=tuple(
            replace(n, accepted=n.accepted - by) if n.of == item and n.accepted is not None else n
            for n in facts.notices
        ),
    )


def seconds_are_the_least(change: SmallestChange, statement: Statement) -> None:
    """Where a change of down time turns the verdict, the target lies between it and one second less."""
    assert change.size is not None
    words = statement.target.split()
    if change.verdict is statement.verdict or words[-1] != "%" or words[:2] != ["at", "least"]:
        return
    edge = Fraction(words[-2]) / 100
    numerator, denominator = statement.favourable.numerator, statement.favourable.denominator
    if statement.favourable.ratio != numerator / denominator:
        return  # the agreement rounds: the edge is that of the rounding
    if statement.favourable.ratio != Fraction(numerator, denominator):
        return  # the agreement rounds the ratio, and the edge lies half a place away
    step = SECOND if change.size > 0 else -SECOND
    before, after = ((numerator - size) / denominator >= edge for size in (change.size - step, change.size))
    assert before != after, change.says
