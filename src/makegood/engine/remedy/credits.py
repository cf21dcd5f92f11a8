"""Credits and charges: one line for each remedy and subject, cut by limits, and rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure
from makegood.engine.remedy.amounts import Missing, Setting, amount_node
from makegood.engine.remedy.limits import Earlier, Placed, within_limits
from makegood.engine.remedy.standing import withheld
from makegood.model.expression import Unit
from makegood.model.money import Money
from makegood.model.statement import Line, Verdict
from makegood.model.terms import Clause, RemedyForm, RemedyRule
from makegood.model.trace import Kind, Node, Op, derive

AMOUNTS = (RemedyForm.CREDIT, RemedyForm.CHARGE)


@dataclass(frozen=True, eq=False)
class Due:
    """A case whose commitment was judged, with its figure and the lines that follow from it."""

    case: Case
    figure: Figure
    lines: tuple[Line, ...]


def credit(judged: Sequence[tuple[Case, Figure]], earlier: Earlier) -> list[Due]:
    """The lines of every case of one order and period, limits applied over all of them in the order of the cases."""
    if not judged:
        return []
    lines = [Placed(case, line) for case, figure in judged for line in _lines(case, figure)]
    cut = within_limits(lines, judged[0][0].terms, earlier)
    return [
        Due(case, figure, tuple(_settled(p.case, p.line) for p in cut if p.case is case)) for case, figure in judged
    ]


def _lines(case: Case, figure: Figure) -> list[Line]:
    """The remedies of a miss; none while the period runs, since the rest of it decides which row is reached."""
    if figure.verdict is not Verdict.BREACHED or case.running:
        return []
    remedies = [r for r in case.terms.remedies.values() if r.commitment == case.commitment.name and r.form in AMOUNTS]
    return [_line(remedy, case, figure) for remedy in remedies]


def _line(remedy: RemedyRule, case: Case, figure: Figure) -> Line:
    """One remedy of one subject, exact and before any limit; what is not stated is named instead."""
    blank = Line(
        remedy=remedy.name,
        clause=remedy.clause,
        subject=case.subject,
        form=remedy.form,
        says=" and ".join(remedy.does),
        money=None,
        days=None,
        cut_by="",
        paid=remedy.paid,
        unstated="",
        withheld=withheld(remedy, case),
        node=None,
    )
    if remedy.amount is None:
        return _unstated(blank, "the amount", remedy.clause)
    try:
        exact = amount_node(remedy.amount, Setting(case, figure))
        _check(exact, Kind.DAYS if remedy.unit is Unit.DAYS else Kind.MONEY, remedy)
    except Missing as missing:
        return _unstated(blank, missing.what, missing.clause or remedy.clause)
    assert isinstance(exact.value, Fraction)
    if remedy.unit is Unit.DAYS:
        return replace(blank, days=exact.value, node=exact)
    return replace(blank, money=Money(exact.value, exact.currency), node=exact)


def _unstated(line: Line, what: str, clause: Clause) -> Line:
    return replace(line, unstated=f"{what} (clause {clause})", unstated_clause=clause)


def _check(exact: Node, wanted: Kind, remedy: RemedyRule) -> None:
    if exact.kind is not wanted:
        raise Missing(f"its amount counts {exact.kind.value}, and {wanted.value} is what it gives", remedy.clause)


def _settled(case: Case, line: Line) -> Line:
    """Rounded to minor units once; days converted where what a day is worth is known."""
    remedy = case.terms.remedies[line.remedy]
    if line.node is None or line.unstated:
        return line
    node = line.node
    if line.days is not None and remedy.converts is not None:
        try:
            worth = amount_node(remedy.converts, Setting(case, None))
            _check(worth, Kind.MONEY, remedy)
        except Missing as missing:
            return _unstated(line, f"what a day is worth: {missing.what}", missing.clause or remedy.clause)
        node = derive(Op.MULTIPLY, "days in money", Kind.MONEY, [node, worth], currency=worth.currency)
    if node.kind is not Kind.MONEY:
        return line
    says = f"{remedy.name.replace('-', ' ')}, rounded {remedy.rounding.value}"
    how = remedy.rounding.value
    whole = derive(Op.ROUND, says, Kind.MONEY, [node], remedy.clause, argument=how, currency=node.currency)
    assert isinstance(whole.value, Fraction)
    return replace(line, money=Money(whole.value, node.currency), node=whole)
