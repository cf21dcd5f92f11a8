"""What is owed, in words and money: the lines of one run or of both, added up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from makegood.model.money import Money
from makegood.model.statement import Line


def total(lines: Sequence[Line]) -> Money | None:
    """The money of all lines that are due, or None where there is none or an amount is unstated."""
    due = [line for line in lines if not line.withheld]
    if any(line.unstated for line in due):
        return None
    money = [line.money for line in due if line.money is not None]
    return Money(sum((m.minor for m in money), Fraction()), money[0].currency) if money else None


def owed(lines: Sequence[Line]) -> str:
    """The amount of one run: `1,250.00 USD`, `10 days (328.77 USD)`, `unstated (clause …)`, `withheld (clause …)` or
    `none`; the lines say what is unstated and why something is withheld."""
    if not lines:
        return "none"
    due = [line for line in lines if not line.withheld]
    if not due:
        return f"withheld (clause {lines[0].clause})"
    days = sum((line.days for line in due if line.days is not None), Fraction())
    money = total(due)
    unstated = [line.unstated for line in due if line.unstated]
    if days:
        worth = f" ({money})" if money else " (worth unstated)" if unstated else ""
        return f"{_plain(days)} {'day' if days == 1 else 'days'}{worth}"
    if unstated:
        return f"unstated (clause {due[0].clause})"
    return str(money) if money else "none"


def between(favourable: Sequence[Line], unfavourable: Sequence[Line]) -> str:
    """The amount that both runs agree on, or its bounds."""
    a, b = owed(favourable), owed(unfavourable)
    if a == b:
        return a
    least, most = total(favourable), total(unfavourable)
    if least and most and least.minor > most.minor:
        a, b = b, a
    return f"at most {b}" if a == "none" else f"at least {a}, at most {b}"


def _plain(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{number.numerator}/{number.denominator}"
