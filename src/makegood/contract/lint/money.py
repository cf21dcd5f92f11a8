"""What an amount can come to: shares of named fees, days or money, and how much of them is at stake."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from makegood.contract.lint.ground import amount_words, example_words
from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit
from makegood.model.terms import RemedyRule, Terms


@dataclass(frozen=True, slots=True)
class Part:
    """An amount that is a number, or a share of one basis; `scale` names the table that gives the share, if any."""

    factor: Fraction
    unit: Unit
    basis: str = ""
    scale: str = ""
    currency: str = ""


def part_of(expression: Expression | None, terms: Terms) -> Part | None:
    """An amount as one product of a number, a basis and a table; None where it is anything else."""
    match expression:
        case Literal(value, unit, currency):
            return Part(value, unit, currency=currency)
        case Name(name) if name in terms.bases:
            return Part(Fraction(1), Unit.MONEY, basis=name)
        case Name(name) if name in terms.scales:
            scale = terms.scales[name]
            return Part(Fraction(1), scale.unit, scale=name, currency=scale.currency)
        case Operation(Operator.MULTIPLY, (left, right)):
            return _times(part_of(left, terms), part_of(right, terms))
    return None


def _times(left: Part | None, right: Part | None) -> Part | None:
    if left is None or right is None or (left.basis and right.basis) or (left.scale and right.scale):
        return None
    units = [u for u in (left.unit, right.unit) if u is not Unit.SHARE]
    if len(units) > 1:
        return None
    unit = units[0] if units else Unit.SHARE
    currency = left.currency or right.currency
    return Part(left.factor * right.factor, unit, left.basis or right.basis, left.scale or right.scale, currency)


def largest(paid: Part, terms: Terms) -> Fraction | None:
    """The most that an amount can be, as a factor of its basis; None where a row is unstated."""
    if not paid.scale:
        return paid.factor
    tiers = terms.scales[paid.scale].tiers
    if any(tier.step is not None for tier in tiers):
        return None
    amounts = [tier.amount for tier in tiers]
    known = [a for a in amounts if isinstance(a, Fraction)]
    return max(known) * paid.factor if known and len(known) == len(amounts) else None


def at_stake(remedy: RemedyRule, terms: Terms) -> str:
    """What a credit is at most, in words: `up to 25 % of the fees, 250.00 of each 1,000.00 of fees`; or nothing."""
    paid = part_of(remedy.amount, terms)
    most = largest(paid, terms) if paid is not None else None
    if paid is None or most is None:
        return ""
    unit = Unit.SHARE if paid.basis else paid.unit
    fees = " of the fees, " + example_words((most,), unit) if paid.basis else ""
    return f"up to {amount_words(most, unit, paid.currency)}{fees}"
