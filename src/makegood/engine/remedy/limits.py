"""Limits on credits: the most for each line, service or order, in a period or over several, innermost first.

What lies within a limit's span and was credited earlier counts against it; of several lines the last ones are cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from makegood.calendar.period import period_holding
from makegood.engine.judge.case import Case
from makegood.engine.remedy.amounts import Missing, Setting, amount_node
from makegood.model.expression import Expression, Name, Unit, names_in
from makegood.model.money import Money
from makegood.model.statement import Line
from makegood.model.terms import FeesOf, LimitEach, LimitRule, Terms
from makegood.model.trace import Kind, Node, Op, derive, leaf

Earlier = Callable[[Case, date, date], Sequence[Line]]
"""The credit lines of a case's commitment from earlier periods whose last date lies between two local dates."""

UNLIMITED: Expression = Name("unlimited")
_DEPTH = (LimitEach.CREDIT, LimitEach.SERVICE, LimitEach.ORDER)


@dataclass(frozen=True, eq=False)
class Placed:
    """A line and the case that it belongs to."""

    case: Case
    line: Line


def within_limits(lines: list[Placed], terms: Terms, earlier: Earlier) -> list[Placed]:
    """The lines, cut by every limit that concerns them: the narrowest scope first, then the shortest span."""
    limits = [limit for limit in terms.limits if limit.unit in (Unit.MONEY, Unit.DAYS) and limit.most != UNLIMITED]
    for limit in sorted(limits, key=lambda rule: (_DEPTH.index(scope_of(rule, terms)), _long(rule))):
        for group in _groups(limit, lines, terms):
            cut = _cut_group(limit, [lines[n] for n in group], earlier)
            for n, placed in zip(group, cut, strict=True):
                lines[n] = placed
    return lines


def scope_of(limit: LimitRule, terms: Terms) -> LimitEach:
    """What a limit is for each of: as written, else each service where it reads that service's fees, else the order."""
    if limit.each is not None:
        return limit.each
    bases = [terms.bases[name] for name in names_in(limit.most) if name in terms.bases]
    return LimitEach.SERVICE if any(b.fees is FeesOf.SUBJECT for b in bases) else LimitEach.ORDER


def _long(limit: LimitRule) -> int:
    return 1 if limit.days or limit.over else 0


def _groups(limit: LimitRule, lines: Sequence[Placed], terms: Terms) -> Iterator[list[int]]:
    """The positions of the lines that share one allowance."""
    concerned = [n for n, placed in enumerate(lines) if placed.line.remedy in limit.on and placed.line.node is not None]
    due = [n for n in concerned if not lines[n].line.withheld]
    match scope_of(limit, terms):
        case LimitEach.CREDIT:
            yield from ([n] for n in due)
        case LimitEach.SERVICE:
            for subject in dict.fromkeys(lines[n].line.subject for n in due):
                yield [n for n in due if lines[n].line.subject == subject]
        case LimitEach.ORDER:
            if due:
                yield due


def _cut_group(limit: LimitRule, group: list[Placed], earlier: Earlier) -> list[Placed]:
    case = group[0].case
    try:
        left = _allowance(limit, group, earlier)
    except Missing as missing:
        said = f"{_named(limit)}: {missing.what} (clause {limit.clause})"
        return [replace(p, line=replace(p.line, unstated=said, unstated_clause=limit.clause)) for p in group]
    cut: list[Placed] = []
    for placed in group:
        node = placed.line.node
        assert node is not None
        kept = derive(
            Op.LEAST, f"not more than {_named(limit)}", node.kind, [node, left], limit.clause, currency=node.currency
        )
        left = derive(
            Op.SUBTRACT, f"left of {_named(limit)}", node.kind, [left, kept], limit.clause, currency=node.currency
        )
        cut.append(Placed(case if placed.case is case else placed.case, _cut(placed.line, kept, limit)))
    return cut


def _allowance(limit: LimitRule, group: list[Placed], earlier: Earlier) -> Node:
    """The most, less what earlier periods of the limit's span have used of it; never below zero. Raises Missing."""
    case = group[0].case
    most = amount_node(limit.most, Setting(case, None))
    for placed in group:
        node = placed.line.node
        assert node is not None
        if node.kind is not most.kind:
            raise Missing(f"the limit counts {most.kind.value} and the credit {node.kind.value}", limit.clause)
        if node.currency != most.currency:
            raise Missing(f"the limit is in {most.currency} and the credit in {node.currency}", limit.clause)
    zero = leaf(Op.RULE, "nothing", most.kind, Fraction(), limit.clause, (), most.currency)
    used = [_used(limit, line) for line in _earlier(limit, group, earlier)]
    if used:
        spent = derive(Op.SUM, "credited earlier in its span", most.kind, used, currency=most.currency)
        most = derive(
            Op.SUBTRACT, f"left of {_named(limit)}", most.kind, [most, spent], limit.clause, currency=most.currency
        )
    return derive(
        Op.GREATEST, f"{_named(limit)}, at least nothing", most.kind, [most, zero], limit.clause, currency=most.currency
    )


def _earlier(limit: LimitRule, group: list[Placed], earlier: Earlier) -> list[Line]:
    """Lines of earlier periods that lie in the limit's span; none for a limit of the judged period itself."""
    case = group[0].case
    before = case.period.first - timedelta(days=1)
    if limit.days:
        first = case.period.last - timedelta(days=limit.days - 1)
    elif limit.over and limit.over != case.commitment.period:
        first = period_holding(case.terms.periods[limit.over], case.span.start).first
    else:
        return []
    subjects = {placed.line.subject for placed in group}
    alike = scope_of(limit, case.terms) is not LimitEach.ORDER
    cases = {placed.case.commitment.name: placed.case for placed in group}
    lines = [line for one in cases.values() for line in earlier(one, first, before)]
    return [line for line in lines if line.remedy in limit.on and (not alike or line.subject in subjects)]


def _used(limit: LimitRule, line: Line) -> Node:
    node = line.node
    says = f"{line.remedy.replace('-', ' ')} for {line.subject}"
    if node is None or line.withheld:
        return leaf(Op.FINDING, f"{says}: nothing", Kind.MONEY, Fraction(), line.clause)
    value = line.days if limit.unit is Unit.DAYS else node.value
    kind = Kind.DAYS if limit.unit is Unit.DAYS else Kind.MONEY
    return leaf(Op.FINDING, says, kind, value, line.clause, (), node.currency, operands=(node,))


def _cut(line: Line, kept: Node, limit: LimitRule) -> Line:
    assert line.node is not None
    assert isinstance(kept.value, Fraction)
    assert isinstance(line.node.value, Fraction)
    name = limit.name if kept.value < line.node.value else line.cut_by
    if line.money is not None:
        return replace(line, money=Money(kept.value, kept.currency), node=kept, cut_by=name)
    return replace(line, days=kept.value, node=kept, cut_by=name)


def _named(limit: LimitRule) -> str:
    return limit.name.replace("-", " ")
