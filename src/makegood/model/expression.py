"""Amounts as closed arithmetic over the names of rules: + - x /, least, greatest, sum, if. No loops, no calls out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias


class Unit(StrEnum):
    """What a number counts. A share is a pure number such as 10 %."""

    SHARE = "share"
    MONEY = "money"
    DAYS = "days"
    TIME = "time"
    ITEMS = "items"
    POINTS = "points"


class Operator(StrEnum):
    """The closed set of operations an amount may use."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "x"
    DIVIDE = "/"
    LEAST = "least"
    GREATEST = "greatest"
    SUM = "sum"
    IF = "if"
    BELOW = "<"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Literal:
    """A number written in the agreement. Money is in minor units of `currency`, time in microseconds."""

    value: Fraction
    unit: Unit
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A value of another rule or of the statement at hand: a scale, a basis, a count, `shortfall`, `downtime`."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator on its operands, in the order written."""

    operator: Operator
    operands: tuple[Expression, ...]


Expression: TypeAlias = Literal | Name | Operation


PURE = frozenset((Unit.SHARE, Unit.ITEMS))
"""Units that are pure numbers: they may multiply and divide anything."""


class Unlike(ValueError):
    """An operation on things that it cannot bring together; the message says which."""


def unit_of(operator: Operator, units: Sequence[Unit]) -> Unit | None:
    """What an operation on operands of such units counts; None for a comparison, which holds or does not.

    Of an `if` the units are those of its two amounts. Raises Unlike for a sum of unlike things and the like.
    """
    counted = [unit for unit in units if unit not in PURE]
    if operator is Operator.MULTIPLY:
        if len(counted) > 1:
            raise Unlike(f"multiplies {counted[0].value} by {counted[1].value}")
        return counted[0] if counted else Unit.SHARE
    if operator is Operator.DIVIDE:
        if units[1] in PURE:
            return units[0]
        if units[0] is units[1]:
            return Unit.SHARE
        raise Unlike(f"divides {units[0].value} by {units[1].value}")
    if len(set(counted)) > 1 or (counted and len(counted) < len(units)):
        raise Unlike(f"puts {' and '.join(sorted({unit.value for unit in units}))} together")
    if operator in (Operator.BELOW, Operator.AT_LEAST):
        return None
    return counted[0] if counted else units[0]


def names_in(expression: Expression) -> frozenset[str]:
    """Every name that the expression reads."""
    match expression:
        case Name(name):
            return frozenset((name,))
        case Operation(_, operands):
            return frozenset().union(*(names_in(o) for o in operands))
        case Literal():
            return frozenset()
