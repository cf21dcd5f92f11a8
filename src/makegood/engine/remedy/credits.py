"""Credits: one line for each remedy and subject, rounded once, and cut by the limits over all of an order's lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure
from makegood.engine.remedy.amounts import Missing, Setting, amount_node
from makegood.model.expression import Name, Unit
from makegood.model.money import Money
from makegood.model.statement import Line, Verdict
from makegood.model.terms import LimitRule, RemedyForm, RemedyRule
from makegood.model.trace import Kind, Node, Op, derive

AMOUNTS = (RemedyForm.CREDIT, RemedyForm.CHARGE)


@dataclass(frozen=True, eq=False)
class Due:
    """A case whose commitment was judged, with its figure and the credit lines that follow from it."""

    case: Case
    figure: Figure
    lines: tuple[Line, ...]


def credit(judged: Sequence[tuple[Case, Figure]]) -> list[Due]:
    """The lines of every case of one order and period, limits applied over all of them in the order of the cases."""
    found = [(case, figure, _lines(case, figure)) for case, figure in judged]
    if not found:
        return []
    flat = [(n, line) for n, (_, _, lines) in enumerate(found) for line in lines]
    for limit in found[0][0].terms.limits:
        flat = _limited(limit, flat, [case for case, _, _ in found])
    return [
        Due(case, figure, tuple(_settled(case, line) for at, line in flat if at == n))
        for n, (case, figure, _) in enumerate(found)
    ]


def _lines(case: Case, figure: Figure) -> list[Line]:
    if figure.verdict is not Verdict.BREACHED:
        return []
    remedies = [r for r in case.terms.remedies.values() if r.commitment == case.commitment.name and r.form in AMOUNTS]
    return [_line(remedy, case, figure) for remedy in remedies]


def _line(remedy: RemedyRule, case: Case, figure: Figure) -> Line:
    blank = Line(
        remedy.name,
        remedy.clause,
        case.subject,
        remedy.form,
        "",
        None,
        None,
        "",
        remedy.paid,
        "",
        _standing(remedy, case),
        None,
    )
    if remedy.amount is None:
        return replace(blank, unstated="the amount")
    try:
        exact = amount_node(remedy.amount, Setting(case, figure))
    except Missing as missing:
        clause = f" (clause {missing.clause})" if missing.clause else ""
        return replace(blank, unstated=missing.what + clause)
    if remedy.unit is Unit.DAYS:
        assert isinstance(exact.value, Fraction)
        return replace(blank, days=exact.value, node=exact)
    return _in_money(blank, exact)


def _in_money(line: Line, exact: Node) -> Line:
    """The line as exact money; rounding comes after limits, once."""
    assert isinstance(exact.value, Fraction)
    return replace(line, money=Money(exact.value, exact.currency), node=exact)


def _standing(remedy: RemedyRule, case: Case) -> str:
    """Why nothing is due while the order has a standing that the remedy excludes, when the statement is made."""
    order, as_of = case.world.order, case.world.as_of
    for standing in case.world.facts.standings:
        if standing.order == order.id and standing.standing in remedy.requires_standing and as_of in standing.span:
            return f"the order is {standing.standing} (fact {standing.id})"
    return ""


def _limited(limit: LimitRule, flat: list[tuple[int, Line]], cases: list[Case]) -> list[tuple[int, Line]]:
    """Cut lines, the last ones first to go, so that their sum stays within the limit."""
    if limit.unit not in (Unit.MONEY, Unit.DAYS) or limit.most == Name("unlimited"):
        return flat
    concerned = [(at, line) for at, line in flat if line.remedy in limit.on and line.node is not None]
    if not concerned:
        return flat
    try:
        most = amount_node(limit.most, Setting(cases[concerned[0][0]], None))
    except Missing as missing:
        return [
            (at, replace(line, unstated=f"{missing.what}, which limits it") if line.remedy in limit.on else line)
            for at, line in flat
        ]
    left = most
    cut: list[tuple[int, Line]] = []
    for at, line in flat:
        if line.remedy not in limit.on or line.node is None or line.withheld:
            cut.append((at, line))
            continue
        kept = derive(
            Op.LEAST,
            f"not more than {limit.name.replace('-', ' ')} leaves",
            line.node.kind,
            [line.node, left],
            limit.clause,
            (),
            "",
            line.node.currency,
        )
        left = derive(
            Op.SUBTRACT,
            f"left of {limit.name.replace('-', ' ')}",
            line.node.kind,
            [left, kept],
            limit.clause,
            (),
            "",
            most.currency,
        )
        cut.append((at, _cut(line, kept, limit)))
    return cut


def _cut(line: Line, kept: Node, limit: LimitRule) -> Line:
    assert line.node is not None
    assert isinstance(kept.value, Fraction)
    assert isinstance(line.node.value, Fraction)
    name = limit.name if kept.value < line.node.value else line.cut_by
    if line.money is not None:
        return replace(line, money=Money(kept.value, kept.currency), node=kept, cut_by=name)
    return replace(line, days=kept.value, node=kept, cut_by=name)


def _settled(case: Case, line: Line) -> Line:
    """Rounded to minor units once; days converted where what a day is worth is known."""
    remedy = case.terms.remedies[line.remedy]
    if line.node is None:
        return line
    node = line.node
    if line.days is not None and remedy.converts is not None:
        try:
            worth = amount_node(remedy.converts, Setting(case, None))
        except Missing as missing:
            return replace(line, unstated=f"what a day is worth: {missing.what}")
        node = derive(Op.MULTIPLY, "days in money", Kind.MONEY, [node, worth], None, (), "", worth.currency)
    if node.kind is not Kind.MONEY:
        return line
    whole = derive(
        Op.ROUND,
        f"{remedy.name.replace('-', ' ')}, rounded {remedy.rounding.value}",
        Kind.MONEY,
        [node],
        remedy.clause,
        (),
        remedy.rounding.value,
        node.currency,
    )
    assert isinstance(whole.value, Fraction)
    return replace(line, money=Money(whole.value, node.currency), node=whole)
