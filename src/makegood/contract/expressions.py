"""Amounts as text: `uptime-credits x service-fees`, `least(10 % x fees, 500.00 USD)`; read into closed arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from makegood.contract import numbers
from makegood.contract.shape import Shape, from_words
from makegood.contract.wrong import Wrong
from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?![A-Za-z0-9])|(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)|(?P<sign>>=|<|[-+×÷/(),%])|(?P<unit>[A-Z]{3}))"
)
_FUNCTIONS = {
    "least": Operator.LEAST,
    "greatest": Operator.GREATEST,
    "sum": Operator.SUM,
    "if": Operator.IF,
}
_TIMES = ("x", "×")
_COUNTED = {"day": Unit.DAYS, "days": Unit.DAYS, "point": Unit.POINTS, "points": Unit.POINTS}
_DEEPEST = 16
_LONGEST = 100
"""So many operations may stand on one another. What is worked out one inside the other must not go on for ever; a
`sum(…)` of any number of terms is one operation."""


@dataclass
class _Reader:
    """A cursor over tokens; each method reads one level of precedence, and raises _Stop with what is wrong."""

    tokens: list[str]
    at: int = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def comparison(self, depth: int) -> Expression:
        left = self.sum(depth)
        if self.peek() in ("<", ">="):
            operator = Operator.BELOW if self.take() == "<" else Operator.AT_LEAST
            return Operation(operator, (left, self.sum(depth)))
        return left

    def sum(self, depth: int) -> Expression:
        left = self.product(depth)
        while self.peek() in ("+", "-"):
            operator = Operator.ADD if self.take() == "+" else Operator.SUBTRACT
            left = Operation(operator, (left, self.product(depth)))
        return left

    def product(self, depth: int) -> Expression:
        left = self.single(depth)
        while self.peek() in (*_TIMES, "/", "÷"):
            operator = Operator.MULTIPLY if self.take() in _TIMES else Operator.DIVIDE
            left = Operation(operator, (left, self.single(depth)))
        return left

    def single(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise _Stop(Wrong("the amount is nested too deeply", "", "give parts of it names of their own"))
        token = self.take()
        if token == "(":
            inner = self.comparison(depth + 1)
            self.close()
            return inner
        if token in _FUNCTIONS and self.peek() == "(":
            return self.call(_FUNCTIONS[token], depth)
        if token[:1].isdigit():
            return self.literal(token)
        if re.match(r"[a-z]", token) and token not in _TIMES:
            return Name(token)
        raise _Stop(
            Wrong(
                f"an amount cannot have `{token}` here" if token else "the amount ends too early",
                "a name of a rule, a number with its unit, or a bracket is missing",
                "write for example `uptime-credits x service-fees`",
            )
        )

    def call(self, operator: Operator, depth: int) -> Expression:
        self.take()
        operands = [self.comparison(depth + 1)]
        while self.peek() == ",":
            self.take()
            operands.append(self.comparison(depth + 1))
        self.close()
        if operator is Operator.IF and len(operands) != 3:
            raise _Stop(Wrong("`if` takes a condition and two amounts", "", "write `if(count >= 2, 20 %, 10 %)`"))
        return Operation(operator, tuple(operands))

    def close(self) -> None:
        if self.take() != ")":
            raise _Stop(Wrong("a bracket is not closed", "", "write the missing `)`"))

    def literal(self, digits: str) -> Literal:
        unit = self.peek()
        if unit == "%":
            self.take()
            return Literal(_good(numbers.percent(f"{digits} %")), Unit.SHARE)
        if re.fullmatch(r"[A-Z]{3}", unit):
            self.take()
            money = numbers.money(f"{digits} {unit}")
            if isinstance(money, Wrong):
                raise _Stop(money)
            return Literal(money.minor, Unit.MONEY, money.currency)
        if unit in _COUNTED:
            self.take()
            return Literal(_good(numbers.number(digits)), _COUNTED[unit])
        if unit in ("s", "min", "h", "minutes", "minute", "hours", "hour", "seconds", "second"):
            self.take()
            length = numbers.duration(f"{digits} {unit}")
            if isinstance(length, Wrong):
                raise _Stop(length)
            return Literal(Fraction(length), Unit.TIME)
        if re.match(r"[a-z]", unit) and unit not in _TIMES:
            self.take()
            return Literal(_good(numbers.number(digits)), Unit.ITEMS)
        return Literal(_good(numbers.number(digits)), Unit.SHARE)


class _Stop(Exception):
    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.what)
        self.wrong = wrong


def _good(value: Fraction | Wrong) -> Fraction:
    if isinstance(value, Wrong):
        raise _Stop(value)
    return value


def _stacked(value: Expression) -> int:
    """How many operations stand on one another at most."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        one, above = waiting.pop()
        if isinstance(one, Operation):
            deepest = max(deepest, above + 1)
            waiting += [(operand, above + 1) for operand in one.operands]
    return deepest


def expression(text: str) -> Expression | Wrong:
    """The amount that the text says, or what is wrong with it. Names are not looked up here."""
    tokens: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found and text[at:].strip()[:1] in "$€£¥₹":
            sign = text[at:].strip()[0]
            why = "it is the sign of several currencies"
            return Wrong(f"an amount cannot have “{sign}”", why, "write three letters behind it, as in 500 USD")
        if not found:
            return Wrong(
                f"an amount cannot have `{text[at:].strip()[:12]}`",
                "amounts are names of rules, numbers with units, and + - x /",
                "write for example `50 % x month-fees`",
            )
        tokens.append(found[0].strip())
        at = found.end()
    reader = _Reader(tokens)
    try:
        value = reader.comparison(0)
    except _Stop as stop:
        return stop.wrong
    if reader.peek() == "of":
        return Wrong(
            "an amount is not written with “of”",
            "it is arithmetic over the names of rules",
            "write `x` for it, as in `10 % x fees`",
        )
    if reader.peek():
        return Wrong(
            f"the amount goes on with `{reader.peek()}`", "an operator is missing before it", "write + - x or /"
        )
    if _stacked(value) > _LONGEST:
        hint = "write one `sum(…)` with commas between the terms, or give parts names of their own"
        return Wrong(f"the amount has more than {_LONGEST} operations in a row", "", hint)
    if isinstance(value, Operation) and value.operator in (Operator.BELOW, Operator.AT_LEAST):
        hint = "make it a condition, as in `if(availability < 95 %, 20 %, 10 %) x fees`"
        return Wrong("a comparison is no amount", "it holds or it does not", hint)
    return value


AMOUNT: Shape[Expression] = from_words("an amount", "uptime-credits x service-fees", expression)
