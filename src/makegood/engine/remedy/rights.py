"""Rights and duties that follow from a count: how many, in which days, and whether it is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import COMPARISONS
from makegood.model.statement import Line, Right, Verdict
from makegood.model.terms import CountRule, RemedyForm
from makegood.model.trace import Kind, Node, Op, derive, leaf

Past = Callable[[date, date, str], Sequence[tuple[date, str, Verdict, tuple[Line, ...]]]]
"""Between two local dates, and by what dates an item: each period's date, commitment, verdict and lines."""


def rights(case: Case, past: Past) -> tuple[Right, ...]:
    """The rights and duties of the agreement that follow from counts, as they stand at the end of the case's period."""
    found: list[Right] = []
    for remedy in case.terms.remedies.values():
        if remedy.form not in (RemedyForm.RIGHT, RemedyForm.DUTY) or not remedy.count or remedy.beyond is None:
            continue
        node = counted(case.terms.counts[remedy.count], case, past)
        edge = leaf(Op.RULE, str(remedy.beyond), Kind.ITEMS, remedy.beyond.edge, remedy.clause)
        holds = derive(COMPARISONS[remedy.beyond.side], remedy.name, Kind.TRUTH, [node, edge], remedy.clause)
        says = f"{remedy.who} may " if remedy.form is RemedyForm.RIGHT else f"{remedy.who} must "
        why = f"{_plain(node.value)} counted by `{remedy.count}`; {remedy.beyond} is needed"
        found.append(Right(remedy.name, remedy.clause, says + ", ".join(remedy.does), holds.value is True, why, holds))
    return tuple(found)


def counted(rule: CountRule, case: Case, past: Past) -> Node:
    """The items of a count in the consecutive local dates that end with the period's dating date."""
    last = case.period.first if rule.dated == "period start" else case.period.last
    first = last - timedelta(days=rule.days - 1)
    parts: list[Node] = []
    for dated, commitment, verdict, lines in past(first, last, rule.dated):
        if commitment == rule.of and verdict is Verdict.BREACHED:
            parts.append(leaf(Op.FACT, f"breach dated {dated}", Kind.ITEMS, Fraction(1)))
        for line in lines:
            if line.remedy == rule.of and not line.withheld:
                size = line.days if line.days is not None else Fraction(1)
                operands = (line.node,) if line.node is not None else ()
                says = f"{line.remedy} for {line.subject} dated {dated}"
                parts.append(leaf(Op.FINDING, says, Kind.ITEMS, size, line.clause, operands=operands))
    return derive(Op.SUM, f"{rule.name}: {first} to {last}", Kind.ITEMS, parts, rule.clause)


def _plain(value: object) -> str:
    return str(value)
