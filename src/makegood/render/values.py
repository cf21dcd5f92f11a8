"""Money, counts and the values of trace nodes in words."""

from __future__ import annotations

from fractions import Fraction

from makegood.model.money import Money
from makegood.model.spans import Spans
from makegood.model.trace import Kind, Node
from makegood.render.lengths import duration
from makegood.render.moments import local_stretch
from makegood.render.shares import decimal, percent, written

LISTED = 4
"""As many spans as one line names; a document in JSON has them all."""


def money(amount: Money) -> str:
    """`1,250.00 USD`; an amount that is not yet rounded is cut and says so: `833.33… USD`."""
    return str(amount) if amount.whole else str(amount).replace(" ", "… ", 1)


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
            return _in_kind(value, node)
        case None:
            return "unstated"


def _in_kind(value: Fraction, node: Node) -> str:
    match node.kind:
        case Kind.TIME:
            return duration(value)
        case Kind.SHARE:
            plain = written(value)
            return plain if "…" not in plain else f"{percent(value)} ({value.numerator:,}/{value.denominator:,})"
        case Kind.MONEY if node.currency:
            return money(Money(value, node.currency))
        case Kind.DAYS:
            return f"{number(value)} {'day' if value == 1 else 'days'}"
        case _:
            return number(value)
