"""How far a number of the prose is from the one of the rule that it seems to be: in minutes, days or money."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from makegood.contract.lint.drift.carried import Needed
from makegood.contract.lint.drift.quantities import Quantity
from makegood.contract.lint.ground import EXAMPLE_MONTH, length_words
from makegood.contract.numbers import decimal
from makegood.model.spans import SECOND

_MONEY = ("USD", "EUR", "GBP")


def apart(quantity: Quantity, meant: Sequence[Needed]) -> str:
    """`; “30 days” in the rule is 15 days less`: against the nearest of the rule's numbers that the text leaves out.

    Nothing where the rule has none of that kind.
    """
    value = quantity.value
    near = [n for n in meant if n.meaning[0] == quantity.kind and isinstance(n.meaning[1], Fraction)]
    if not near or not isinstance(value, Fraction):
        return ""
    rule = min(near, key=lambda n: abs(Fraction(n.meaning[1]) - value))
    gap = Fraction(rule.meaning[1]) - value
    words = _words(quantity.kind, abs(gap))
    return f"; “{rule.shown}” in `{rule.rule}` is {words} {'more' if gap > 0 else 'less'}" if words and gap else ""


def _words(kind: str, gap: Fraction) -> str:
    match kind:
        case "time":
            return length_words(gap)
        case "clock":
            return length_words(gap * SECOND)
        case "share":
            return f"{length_words(gap * EXAMPLE_MONTH)} of a month of 30 days"
        case "days" | "months" | "business days" | "business hours":
            unit = kind.removesuffix("s") if gap == 1 else kind
            return f"{decimal(gap)} {unit}"
        case _:
            return f"{decimal(gap)} {kind}" if kind in _MONEY else ""
