"""The derivation of a figure as data: typed nodes, each of which recomputes its value from its operands.

The engine computes by building nodes with `derive`, so that a value and its explanation cannot differ. `recompute`
checks a tree: every node's stored value equals what its operation makes of its operands' values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

from makegood.model.money import Rounding, rounded
from makegood.model.spans import Spans
from makegood.model.terms import Clause, Range

Value: TypeAlias = Spans | Fraction | bool | str | None


class Kind(StrEnum):
    """What a node's value is: spans of time, a length of time in microseconds, a pure number, minor units, days …"""

    SPANS = "spans"
    TIME = "time"
    SHARE = "share"
    MONEY = "money"
    DAYS = "days"
    ITEMS = "items"
    POINTS = "points"
    INSTANT = "instant"
    TRUTH = "truth"
    LABEL = "label"


class Op(StrEnum):
    """The operations of the chain. FACT, RULE and FINDING are leaves or cite what was found; the rest compute."""

    FACT = "fact"
    RULE = "rule"
    FINDING = "finding"
    UNION = "union"
    INTERSECTION = "intersection"
    DIFFERENCE = "difference"
    TOTAL = "total time"
    SUM = "sum"
    SUBTRACT = "minus"
    MULTIPLY = "times"
    DIVIDE = "divided by"
    LEAST = "least of"
    GREATEST = "greatest of"
    STARTED = "started steps"
    COMPLETE = "complete steps"
    ROUND = "rounded"
    ROUND_RATIO = "rounded ratio"
    AT_LEAST = "is at least"
    MORE_THAN = "is more than"
    BELOW = "is below"
    AT_MOST = "is at most"
    EXACTLY = "is exactly"
    LOOKUP = "by the table"
    IF = "if"
    ALL = "all hold"
    ANY = "any holds"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Node:
    """One step. `says` names it for a reader; `clause` and `facts` are what it rests on; `argument` is what the
    operation needs besides its operands (a rounding, the ranges of a table, a currency for display)."""

    op: Op
    says: str
    value: Value
    kind: Kind
    operands: tuple[Node, ...] = ()
    clause: Clause | None = None
    facts: tuple[str, ...] = ()
    argument: str = ""
    currency: str = ""

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents first."""
        yield self
        for operand in self.operands:
            yield from operand.walk()


LEAVES = frozenset((Op.FACT, Op.RULE, Op.FINDING))


def derive(
    op: Op,
    says: str,
    kind: Kind,
    operands: Sequence[Node],
    clause: Clause | None = None,
    facts: tuple[str, ...] = (),
    argument: str = "",
    currency: str = "",
) -> Node:
    """A node whose value is computed from its operands. Raises ZeroDivisionError for a division by nothing."""
    value = _COMPUTE[op]([o.value for o in operands], argument)
    return Node(op, says, value, kind, tuple(operands), clause, facts, argument, currency)


def leaf(
    op: Op,
    says: str,
    kind: Kind,
    value: Value,
    clause: Clause | None = None,
    facts: tuple[str, ...] = (),
    currency: str = "",
    operands: tuple[Node, ...] = (),
) -> Node:
    """A fact, a value of a rule, or a finding with what it rests on."""
    return Node(op, says, value, kind, operands, clause, facts, "", currency)


def recompute(node: Node) -> Value:
    """The value that the operation gives on the operands' stored values; a leaf's is its own."""
    return node.value if node.op in LEAVES else _COMPUTE[node.op]([o.value for o in node.operands], node.argument)


def write_ranges(ranges: Sequence[Range]) -> str:
    """The ranges of a table as text for a node's argument: `>=99/100 <999/1000; …`."""
    return "; ".join(_write_range(r) for r in ranges)


def read_ranges(text: str) -> tuple[Range, ...]:
    """What `write_ranges` wrote."""
    return tuple(_read_range(part) for part in text.split("; ")) if text else ()


def _write_range(r: Range) -> str:
    low = [] if r.low is None else [f"{'>=' if r.low_inside else '>'}{r.low}"]
    high = [] if r.high is None else [f"{'<=' if r.high_inside else '<'}{r.high}"]
    return " ".join(low + high) or "any"


def _read_range(text: str) -> Range:
    low = high = None
    low_inside = high_inside = False
    for part in text.split():
        if part.startswith(">"):
            low_inside = part.startswith(">=")
            low = Fraction(part.lstrip(">="))
        elif part.startswith("<"):
            high_inside = part.startswith("<=")
            high = Fraction(part.lstrip("<="))
    return Range(low, low_inside, high, high_inside)


def _spans(values: Sequence[Value]) -> list[Spans]:
    return [v for v in values if isinstance(v, Spans)]


def _numbers(values: Sequence[Value]) -> list[Fraction]:
    return [v for v in values if isinstance(v, Fraction)]


def _union(values: Sequence[Value], _: str) -> Value:
    out = Spans()
    for spans in _spans(values):
        out = out | spans
    return out


def _intersection(values: Sequence[Value], _: str) -> Value:
    first, *rest = _spans(values)
    for spans in rest:
        first = first & spans
    return first


def _difference(values: Sequence[Value], _: str) -> Value:
    first, *rest = _spans(values)
    for spans in rest:
        first = first - spans
    return first


def _product(values: Sequence[Value], _: str) -> Value:
    out = Fraction(1)
    for number in _numbers(values):
        out *= number
    return out


def _minus(values: Sequence[Value], _: str) -> Value:
    first, *rest = _numbers(values)
    return first - sum(rest, Fraction())


def _steps(values: Sequence[Value]) -> Fraction:
    """How many steps of a size a value holds: none of one below nothing."""
    value, size = _numbers(values)
    return max(Fraction(), value) / size


def _divide(values: Sequence[Value], _: str) -> Value:
    a, b = _numbers(values)
    return a / b


def _lookup(values: Sequence[Value], argument: str) -> Value:
    """The amounts of the rows that hold: operands are the value looked up, then one amount per row in order."""
    value, *amounts = values
    ranges = read_ranges(argument.partition("|")[2])
    nesting = argument.partition("|")[0]
    if not isinstance(value, Fraction):
        return None
    held = [(r, a) for r, a in zip(ranges, amounts, strict=True) if r.holds(value)]
    if not held:
        return None
    if nesting == "adding":
        return None if any(a is None for _, a in held) else sum(_numbers([a for _, a in held]), Fraction())
    return min(held, key=lambda row: row[0].depth)[1]


def _if(values: Sequence[Value], _: str) -> Value:
    condition, then, otherwise = values
    return then if condition is True else otherwise


def _compare(holds: Callable[[Fraction, Fraction], bool]) -> Callable[[Sequence[Value], str], Value]:
    def compute(values: Sequence[Value], _: str) -> Value:
        a, b = _numbers(values)
        return holds(a, b)

    return compute


def _round_ratio(values: Sequence[Value], argument: str) -> Value:
    (number,) = _numbers(values)
    places = 10 ** int(argument)
    return Fraction(rounded(number * places, Rounding.HALF_UP), places)


_COMPUTE: dict[Op, Callable[[Sequence[Value], str], Value]] = {
    Op.UNION: _union,
    Op.INTERSECTION: _intersection,
    Op.DIFFERENCE: _difference,
    Op.TOTAL: lambda v, _: Fraction(sum(s.total for s in _spans(v))),
    Op.SUM: lambda v, _: sum(_numbers(v), Fraction()),
    Op.SUBTRACT: _minus,
    Op.MULTIPLY: _product,
    Op.DIVIDE: _divide,
    Op.LEAST: lambda v, _: min(_numbers(v)),
    Op.GREATEST: lambda v, _: max(_numbers(v)),
    Op.STARTED: lambda v, _: Fraction(ceil(_steps(v))),
    Op.COMPLETE: lambda v, _: Fraction(floor(_steps(v))),
    Op.ROUND: lambda v, how: Fraction(rounded(_numbers(v)[0], Rounding(how))),
    Op.ROUND_RATIO: _round_ratio,
    Op.AT_LEAST: _compare(lambda a, b: a >= b),
    Op.MORE_THAN: _compare(lambda a, b: a > b),
    Op.BELOW: _compare(lambda a, b: a < b),
    Op.AT_MOST: _compare(lambda a, b: a <= b),
    Op.EXACTLY: _compare(lambda a, b: a == b),
    Op.LOOKUP: _lookup,
    Op.IF: _if,
    Op.ALL: lambda v, _: all(v),
    Op.ANY: lambda v, _: any(v),
    Op.NOT: lambda v, _: not v[0],
}
