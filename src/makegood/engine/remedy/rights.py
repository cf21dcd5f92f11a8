"""Rights and duties that follow from a count: how many, in which days, and whether it is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import COMPARISONS
from makegood.engine.remedy.standing import withheld
from makegood.model.statement import Line, Right, Verdict
from makegood.model.terms import CountRule, RemedyForm
from makegood.model.trace import Kind, Node, Op, derive, leaf


@dataclass(frozen=True, eq=False)
class Earlier:
    """What a period of the same commitment came to for one subject; `dated` is the date that its items have."""

    dated: date
    subject: str
    verdict: Verdict
    lines: tuple[Line, ...]


Past = Callable[[date, date, str], Sequence[Earlier]]
"""The periods whose first or last date (`period start`, `period end`) lies between two, the judged one included."""


def rights(case: Case, past: Past) -> tuple[Right, ...]:
    """The rights and duties that follow from counts of this commitment and its remedies, at the end of its period."""
    found: list[Right] = []
    for remedy in case.terms.remedies.values():
        if remedy.form not in (RemedyForm.RIGHT, RemedyForm.DUTY) or not remedy.count or remedy.beyond is None:
            continue
        rule = case.terms.counts[remedy.count]
        if not _concerns(rule, case):
            continue
        node = counted(rule, case, past)
        edge = leaf(Op.RULE, str(remedy.beyond), Kind.ITEMS, remedy.beyond.edge, remedy.clause)
        holds = derive(COMPARISONS[remedy.beyond.side], remedy.name, Kind.TRUTH, [node, edge], remedy.clause)
        kept_back = withheld(remedy, case)
        why = f"{node.value} counted by {rule.name.replace('-', ' ')}, and it takes {remedy.beyond}"
        why = f"{why}; but {kept_back}" if kept_back else why
        says = f"{remedy.who} {'may' if remedy.form is RemedyForm.RIGHT else 'must'} {', '.join(remedy.does)}"
        found.append(Right(remedy.name, remedy.clause, says, holds.value is True and not kept_back, why, holds))
    return tuple(found)


def _concerns(rule: CountRule, case: Case) -> bool:
    remedy = case.terms.remedies.get(rule.of)
    return rule.of == case.commitment.name or (remedy is not None and remedy.commitment == case.commitment.name)


def counted(rule: CountRule, case: Case, past: Past) -> Node:
    """The items of a count in the local dates that end with the period's own date.

    Breaches are counted for the subject alone, credits for the whole order: it is one party that is awarded them.
    """
    last = case.period.first if rule.dated == "period start" else case.period.last
    first = last - timedelta(days=rule.days - 1)
    parts: list[Node] = []
    for earlier in past(first, last, rule.dated):
        if rule.of == case.commitment.name:
            if earlier.verdict is Verdict.BREACHED and earlier.subject == case.subject:
                parts.append(leaf(Op.FACT, f"breach dated {earlier.dated}", Kind.ITEMS, Fraction(1)))
            continue
        for line in earlier.lines:
            if line.remedy == rule.of and not line.withheld:
                size = line.days if line.days is not None else Fraction(1)
                operands = (line.node,) if line.node is not None else ()
                says = f"{line.remedy.replace('-', ' ')} for {line.subject} dated {earlier.dated}"
                parts.append(leaf(Op.FINDING, says, Kind.ITEMS, size, line.clause, operands=operands))
    return derive(Op.SUM, f"{rule.name.replace('-', ' ')}: {first} to {last}", Kind.ITEMS, parts, rule.clause)
