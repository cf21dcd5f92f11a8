"""An amount worked out: closed arithmetic over scales, bases and figures, built as a trace (DESIGN 2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.engine.judge.figures import Figure
from makegood.engine.remedy.fees import FeesUnknown, basis_node
from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit
from makegood.model.terms import Clause, ScaleRule, Unstated
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


class Missing(Exception):
    """An amount needs what the agreement or the order does not say: `what` names it, and the clause if there is one."""

    def __init__(self, what: str, clause: Clause | None = None) -> None:
        super().__init__(what)
        self.what, self.clause = what, clause


@dataclass(frozen=True, eq=False)
class Setting:
    """Where an amount is worked out: the case, and its figure (None for a limit that reads no figure)."""

    case: Case
    figure: Figure | None


def amount_node(expression: Expression, setting: Setting) -> Node:
    """The amount as a node. Raises Missing where a row, a fee or a figure that it needs is not stated."""
    match expression:
        case Literal(value, unit, currency):
            return leaf(Op.RULE, "as the agreement says", _KINDS[unit], value, None, (), currency)
        case Name(name):
            return _named(name, setting)
        case Operation(operator, operands):
            nodes = [amount_node(o, setting) for o in operands]
            kind, currency = _kind(operator, nodes)
            try:
                return derive(_OPERATIONS[operator], in_words(expression), kind, nodes, None, (), "", currency)
            except ZeroDivisionError:
                raise Missing("an amount divides by nothing") from None


def in_words(expression: Expression) -> str:
    """The amount as a reader writes it: `uptime credits × service fees`."""
    match expression:
        case Literal(value, unit):
            number = str(value * 100 if unit is Unit.SHARE else value)
            return f"{number} %" if unit is Unit.SHARE else f"{number} {unit.value}"
        case Name(name):
            return name.replace("-", " ")
        case Operation(operator, operands):
            words = [in_words(o) for o in operands]
            signs = {Operator.MULTIPLY: "×", Operator.DIVIDE: "÷"}
            if operator in (Operator.LEAST, Operator.GREATEST, Operator.SUM, Operator.IF):
                return f"{operator.value} of {', '.join(words)}"
            return f" {signs.get(operator, operator.value)} ".join(words)


def _kind(operator: Operator, nodes: list[Node]) -> tuple[Kind, str]:
    if operator in (Operator.BELOW, Operator.AT_LEAST):
        return Kind.TRUTH, ""
    kinds = [n.kind for n in nodes if n.kind not in (Kind.SHARE, Kind.TRUTH)]
    currency = next((n.currency for n in nodes if n.currency), "")
    if operator is Operator.DIVIDE and len(kinds) == 2:
        return Kind.SHARE, ""
    if operator is Operator.MULTIPLY and Kind.MONEY in kinds:
        return Kind.MONEY, currency
    return (kinds[0] if kinds else Kind.SHARE), currency


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
    """What the table gives for a value. Raises Missing where no row holds, or one that holds is unstated."""
    assert isinstance(value.value, Fraction)
    held = [t for t in scale.tiers if t.range.holds(value.value)]
    if not held:
        raise Missing("no row of the table holds this value", scale.clause)
    for tier in held:
        if isinstance(tier.amount, Unstated):
            raise Missing(tier.amount.what, tier.amount.clause)
    if len(held) > 1 and scale.nesting.value == "deepest":
        edges = [t.range.high for t in held]
        if len(set(edges)) < len(edges):
            raise Missing("two rows of the table hold this value", scale.clause)
    kind = _KINDS[scale.unit]
    rows = [
        leaf(Op.RULE, t.says, kind, None if isinstance(t.amount, Unstated) else t.amount, t.clause, (), scale.currency)
        for t in scale.tiers
    ]
    argument = f"{scale.nesting.value}|{write_ranges([t.range for t in scale.tiers])}"
    return derive(
        Op.LOOKUP, scale.name.replace("-", " "), kind, [value, *rows], scale.clause, (), argument, scale.currency
    )


def row_text(scale: ScaleRule, ratio: Fraction) -> str:
    """The rows that hold, as the agreement writes them."""
    return " and ".join(t.says for t in scale.tiers if t.range.holds(ratio))
