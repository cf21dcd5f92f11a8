"""How an amount came about, in one line: `10 % × 12,500.00 USD, at most 6,250.00 USD`."""

from __future__ import annotations

from makegood.model.statement import Line
from makegood.model.trace import Node, Op
from makegood.render.values import node_value

SIGNS = {Op.MULTIPLY: " × ", Op.SUM: " + ", Op.SUBTRACT: " − ", Op.DIVIDE: " ÷ "}
BOUNDS = {Op.LEAST: "at most", Op.GREATEST: "at least"}


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
        return SIGNS[node.op].join(map(_value, operands))
    return _value(node)


def _value(node: Node) -> str:
    return node_value(node, "UTC")
