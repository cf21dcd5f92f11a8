"""An amount worked out: closed arithmetic over scales, bases and figures, built as a trace (DESIGN 2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from makegood.calendar.wording import duration_words
from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure
from makegood.engine.remedy.fees import FeesUnknown, basis_node
from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit
from makegood.model.money import Money
from makegood.model.terms import Clause, Nesting, Range, ScaleRule, Unstated
from makegood.model.trace import Kind, Node, Op, derive, leaf, write_ranges

_KINDS = {
    Unit.SHARE: Kind.SHARE,
    Unit.MONEY: Kind.MONEY,
    Unit.DAYS: Kind.DAYS,
    Unit.TIME: Kind.TIME,
    Unit.ITEMS: Kind.ITEMS,
}
_OPERATIONS = {
    Operator.ADD: Op.SUM,
    Operator.SUM: Op.SUM,
    Operator.SUBTRACT: Op.SUBTRACT,
    Operator.MULTIPLY: Op.MULTIPLY,
    Operator.DIVIDE: Op.DIVIDE,
    Operator.LEAST: Op.LEAST,
    Operator.GREATEST: Op.GREATEST,
    Operator.IF: Op.IF,
    Operator.BELOW: Op.BELOW,
    Operator.AT_LEAST: Op.AT_LEAST,
}


def _literal_words(value: Fraction, unit: Unit, currency: str) -> str:
    match unit:
        case Unit.SHARE:
            return f"{value * 100} %"
        case Unit.MONEY:
            return str(Money(value, currency))
        case Unit.TIME:
            return duration_words(int(value))
        case Unit.DAYS | Unit.ITEMS:
            return f"{value} {unit.value}"


_PURE = {Kind.SHARE, Kind.ITEMS}
"""Kinds that are pure numbers: they may multiply and divide anything."""


class Missing(Exception):
    """An amount needs what the agreement or the order does not say: `what` names it, and the clause if there is one."""

    def __init__(self, what: str, clause: Clause | None = None) -> None:
        super().__init__(what)
        self.what, self.clause = what, clause


@dataclass(frozen=True, eq=False)
class Setting:
    """Where an amount is worked out: the case, and its figure (None for a limit that reads none)."""

    case: Case
    figure: Figure | None


def amount_node(expression: Expression, setting: Setting) -> Node:
    """The amount as a node. Raises Missing where a row, a fee or a figure that it needs is not stated."""
    match expression:
        case Literal(value, unit, currency):
            return leaf(Op.RULE, "as the agreement says", _KINDS[unit], value, None, (), currency)
        case Name(name):
            return _named(name, setting)
        case Operation(Operator.IF, operands):
            return _if(expression, operands, setting)
        case Operation(operator, operands):
            return _combined(operator, in_words(expression), [amount_node(o, setting) for o in operands])


def _if(expression: Expression, operands: tuple[Expression, ...], setting: Setting) -> Node:
    """Only the branch that is taken is worked out: what the other one lacks spoils nothing."""
    condition = amount_node(operands[0], setting)
    if condition.kind is not Kind.TRUTH:
        raise Missing("the condition of an `if` is no comparison")
    taken = amount_node(operands[1] if condition.value is True else operands[2], setting)
    unasked = leaf(Op.FINDING, "not asked", taken.kind, None)
    branches = (taken, unasked) if condition.value is True else (unasked, taken)
    return derive(Op.IF, in_words(expression), taken.kind, [condition, *branches], currency=taken.currency)


def _combined(operator: Operator, says: str, nodes: list[Node]) -> Node:
    kind, currency = _kind(operator, nodes)
    try:
        return derive(_OPERATIONS[operator], says, kind, nodes, currency=currency)
    except ZeroDivisionError:
        raise Missing("an amount divides by nothing") from None


def in_words(expression: Expression) -> str:
    """The amount as a reader writes it: `uptime credits × service fees`."""
    match expression:
        case Literal(value, unit, currency):
            return _literal_words(value, unit, currency)
        case Name(name):
            return name.replace("-", " ")
        case Operation(operator, operands):
            words = [in_words(o) for o in operands]
            signs = {Operator.MULTIPLY: "×", Operator.DIVIDE: "÷"}
            if operator in (Operator.LEAST, Operator.GREATEST, Operator.SUM, Operator.IF):
                return f"{operator.value} of {', '.join(words)}"
            return f" {signs.get(operator, operator.value)} ".join(words)


def _kind(operator: Operator, nodes: list[Node]) -> tuple[Kind, str]:
    """What an operation on such operands counts. Raises Missing for a sum of unlike things and the like."""
    kinds = [n.kind for n in nodes]
    if Kind.TRUTH in kinds:
        raise Missing("an amount reckons with a comparison")
    currencies = {n.currency for n in nodes if n.kind is Kind.MONEY}
    if len(currencies) > 1:
        raise Missing(f"an amount mixes {' and '.join(sorted(currencies))}")
    currency = next(iter(currencies), "")
    counted = [k for k in kinds if k not in _PURE]
    if operator is Operator.MULTIPLY:
        if len(counted) > 1:
            raise Missing(f"an amount multiplies {counted[0].value} by {counted[1].value}")
        return (counted[0] if counted else Kind.SHARE), currency
    if operator is Operator.DIVIDE:
        if kinds[1] in _PURE:
            return kinds[0], currency
        if kinds[0] is kinds[1]:
            return Kind.SHARE, ""
        raise Missing(f"an amount divides {kinds[0].value} by {kinds[1].value}")
    if len(set(kinds) - _PURE) > 1 or (counted and len(counted) < len(kinds)):
        raise Missing(f"an amount puts {' and '.join(sorted({k.value for k in kinds}))} together")
    if operator in (Operator.BELOW, Operator.AT_LEAST):
        return Kind.TRUTH, ""
    return (counted[0] if counted else kinds[0]), currency


def _named(name: str, setting: Setting) -> Node:
    case, figure = setting.case, setting.figure
    terms = case.terms
    if name in terms.bases:
        try:
            return basis_node(terms.bases[name], case)
        except FeesUnknown as unknown:
            raise Missing(str(unknown), terms.bases[name].clause) from None
    if figure is None or figure.ratio is None:
        raise Missing(f"`{name}` needs a figure, and there is none")
    if name in terms.scales:
        return row_node(terms.scales[name], figure.ratio)
    target = case.commitment.target
    match name:
        case "availability":
            return figure.ratio
        case "downtime":
            return figure.down
        case "target" | "shortfall" if not isinstance(target, Unstated) and isinstance(target.edge, Fraction):
            goal = leaf(Op.RULE, "the target", Kind.SHARE, target.edge, case.commitment.clause)
            if name == "target":
                return goal
            return derive(Op.SUBTRACT, "shortfall", Kind.SHARE, [goal, figure.ratio])
    raise Missing(f"`{name}` is not known here", case.commitment.clause)


def row_node(scale: ScaleRule, value: Node) -> Node:
    """What the table gives for a value. Raises Missing where no row holds, two do, or what counts is unstated."""
    assert isinstance(value.value, Fraction)
    held = [t for t in scale.tiers if t.range.holds(value.value)]
    if not held:
        raise Missing("no row of the table holds this value", scale.clause)
    counting = held
    if scale.nesting is Nesting.DEEPEST:
        lowest = min((t.range for t in held), key=_upper)
        counting = [t for t in held if _upper(t.range) == _upper(lowest)]
        if len(counting) > 1:
            raise Missing("two rows of the table hold this value", scale.clause)
    for tier in counting:
        if isinstance(tier.amount, Unstated):
            raise Missing(tier.amount.what, tier.amount.clause)
    kind = _KINDS[scale.unit]
    rows = [
        leaf(Op.RULE, t.says, kind, None if isinstance(t.amount, Unstated) else t.amount, t.clause, (), scale.currency)
        for t in scale.tiers
    ]
    argument = f"{scale.nesting.value}|{write_ranges([t.range for t in scale.tiers])}"
    says = scale.name.replace("-", " ")
    return derive(Op.LOOKUP, says, kind, [value, *rows], scale.clause, argument=argument, currency=scale.currency)


def _upper(r: Range) -> tuple[bool, Fraction]:
    return (r.high is None, r.high or Fraction())


def row_text(scale: ScaleRule, ratio: Fraction) -> str:
    """The rows that hold, as the agreement writes them."""
    return " and ".join(t.says for t in scale.tiers if t.range.holds(ratio))
