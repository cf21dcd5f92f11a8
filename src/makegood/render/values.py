"""Money, counts and the values of trace nodes in words."""

from __future__ import annotations

from fractions import Fraction

from makegood.model.money import Money, minor_digits
from makegood.model.spans import Spans
from makegood.model.terms import Range
from makegood.model.trace import Kind, Node, Op, read_ranges
from makegood.render.lengths import duration
from makegood.render.moments import local_stretch, moment
from makegood.render.shares import decimal, percent, written

LISTED = 4
"""As many spans as one line names; a document in JSON has them all."""


def money(amount: Money) -> str:
    """`1,250.00 USD`; an amount that is not yet rounded is cut and says so: `833.33… USD`, `0.0016… USD`."""
    if amount.whole:
        return str(amount)
    if not 0 < amount.minor < 1:
        return str(amount).replace(" ", "… ", 1)
    places, value = minor_digits(amount.currency), amount.minor
    while value < 10:  # two digits that say something
        places, value = places + 1, value * 10
    return f"0.{int(value):0{places}d}… {amount.currency}"


def number(value: Fraction) -> str:
    """A count or a plain number, exact: `1,250`, `2.5`, `1/3`."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    ends = 10**6 % value.denominator == 0
    return decimal(value) if ends else f"{value.numerator:,}/{value.denominator:,}"


def items(count: int, one: str, many: str = "") -> str:
    """`1 outage`, `3 outages`, `no outages`."""
    return f"{f'{count:,}' if count else 'no'} {one if count == 1 else many or one + 's'}"


def spans(value: Spans, zone: str) -> str:
    """The total and the first few spans on the local clock."""
    if not len(value):
        return "none"
    shown = [local_stretch(span, zone) for span, _ in zip(value, range(LISTED), strict=False)]
    more = [f"and {len(value) - LISTED:,} more"] if len(value) > LISTED else []
    return f"{duration(value.total)}: {'; '.join(shown + more)}"


def node_value(node: Node, zone: str) -> str:
    """What a step of a derivation came to, in the unit of its kind."""
    match node.value:
        case bool(holds):
            return "yes" if holds else "no"
        case Spans() as value:
            return spans(value, zone)
        case str(label):
            return label
        case Fraction() as value:
            return _in_kind(value, node, zone)
        case None:
            return "unstated"


def argument_words(node: Node) -> str:
    """What an operation needs besides its operands: a rounding, or the rows of a table with their sides."""
    nesting, bar, rows = node.argument.partition("|")
    if node.op is not Op.LOOKUP or not bar or not node.operands:
        return f"{node.argument} places" if node.op is Op.ROUND_RATIO else node.argument
    return f"{nesting}: " + "; ".join(_range_words(row, node.operands[0]) for row in read_ranges(rows))


def _range_words(row: Range, looked_up: Node) -> str:
    low, high = (None if edge is None else _in_kind(edge, looked_up) for edge in (row.low, row.high))
    if low is not None and low == high:
        return f"exactly {low}"
    words = [] if low is None else [f"{'at least' if row.low_inside else 'more than'} {low}"]
    words += [] if high is None else [f"{'at most' if row.high_inside else 'below'} {high}"]
    return " and ".join(words) or "anything"


def _in_kind(value: Fraction, node: Node, zone: str = "UTC") -> str:
    match node.kind:
        case Kind.TIME:
            return duration(value)
        case Kind.SHARE:
            plain = written(value)
            return plain if "…" not in plain else f"{percent(value)} ({value.numerator:,}/{value.denominator:,})"
        case Kind.MONEY if node.currency:
            return money(Money(value, node.currency))
        case Kind.DAYS | Kind.POINTS:
            word = node.kind.value
            return f"{number(value)} {word.removesuffix('s') if value == 1 else word}"
        case Kind.INSTANT:
            return moment(int(value), zone)
        case _:
            return number(value)
