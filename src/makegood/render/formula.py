"""How an amount came about, in one line: `10 % × 12,500.00 USD, at most 6,250.00 USD`."""

from __future__ import annotations

from fractions import Fraction

from makegood.model.statement import Line
from makegood.model.trace import Kind, Node, Op
from makegood.render.values import node_value, number

SIGNS = {Op.MULTIPLY: " × ", Op.SUM: " + ", Op.SUBTRACT: " − ", Op.DIVIDE: " ÷ "}
BOUNDS = {Op.LEAST: "at most", Op.GREATEST: "at least"}

FACTORS = {Op.MULTIPLY, Op.DIVIDE}
"""Operations that read from left to right in a row, without brackets."""


def how(line: Line) -> str:
    """What the agreement says of a remedy line; where it has no words of its own, the last steps of its derivation."""
    return line.says or ("" if line.node is None else formula(line.node))


def formula(node: Node) -> str:
    """The last steps of a derivation of numbers: its factors, bounds, and a rounding that changed something."""
    operands = node.operands
    if node.op is Op.ROUND and operands:
        changed = f", rounded {node.argument}" if operands[0].value != node.value else ""
        return formula(operands[0]) + changed
    if node.op in BOUNDS and operands:
        return ", ".join([formula(operands[0]), *(f"{BOUNDS[node.op]} {_value(other)}" for other in operands[1:])])
    if node.op in SIGNS and len(operands) == 1:
        return formula(operands[0])
    if node.op in SIGNS:
        first, *others = operands
        chained = {node.op, first.op} <= FACTORS and first.kind is not Kind.MONEY
        return SIGNS[node.op].join([formula(first) if chained else _value(first), *map(_value, others)])
    return _value(node)


def _value(node: Node) -> str:
    """A value; a rule's whole number from two up is a factor, and not a share: `10`, not `1000 %`."""
    value = node.value
    if node.op is Op.RULE and node.kind is Kind.SHARE and isinstance(value, Fraction):
        return number(value) if value.denominator == 1 and value > 1 else node_value(node, "UTC")
    return node_value(node, "UTC")
