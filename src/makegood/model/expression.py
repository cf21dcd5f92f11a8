"""Amounts as closed arithmetic over the names of rules: + - x /, least, greatest, sum, if. No loops, no calls out."""

from __future__ import annotations

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


def names_in(expression: Expression) -> frozenset[str]:
    """Every name that the expression reads."""
    match expression:
        case Name(name):
            return frozenset((name,))
        case Operation(_, operands):
            return frozenset().union(*(names_in(o) for o in operands))
        case Literal():
            return frozenset()
