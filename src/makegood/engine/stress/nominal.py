"""An order that nobody made: one service for some years, for a nominal fee, so that credits are shares of a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from makegood.calendar.period import clamped
from makegood.engine.sums import Between
from makegood.model.expression import Expression, Literal, Operation
from makegood.model.money import Money
from makegood.model.order import CoveredService, Fee, Order, Term
from makegood.model.terms import Terms

MONTHLY_FEE = Fraction(10**9)
"""The nominal fee of a month in minor units: so high that no rounding of a credit is seen in its share."""
NO_CURRENCY = "XTS"
"""ISO 4217's code for testing, where the agreement itself names no currency."""
CHECK, CONTACT = "nominal check", "contact"


def nominal_order(terms: Terms, plan: str = "", deployment: str = "") -> Order:
    """An order of one service for two years from the agreement's first date on, and a renewal term of a year.

    It begins a month earlier, so that a whole period in any zone lies inside. There is one service for each kind of
    instance that a commitment is limited to.
    """
    zone = next((rule.zone for rule in terms.periods.values()), "UTC")
    term = Term(terms.effective - timedelta(days=31), _years(terms.effective, 2).last)
    fee = Fee(Money(MONTHLY_FEE, currency_of(terms)), "month", term.first)
    limited = [c.scope.only_instances for c in terms.commitments.values()]
    instances = dict.fromkeys("production" if not only or "production" in only else only[0] for only in limited)
    services = tuple(
        CoveredService("service" if n == 1 else f"service {n}", "", (CHECK,), (fee,), instance=instance)
        for n, instance in enumerate(instances or ("production",), 1)
    )
    return Order(
        id="nominal",
        agreement=terms.agreement,
        customer="the customer",
        provider=terms.provider,
        zone=zone,
        term=term,
        services=services,
        plans=((term.first, plan),) if plan else (),
        renewals=(_years(term.last + timedelta(days=1), 1),),
        deployment=deployment,
        contacts=(CONTACT,),
    )


def share_of_fee(amount: Between) -> Between:
    """An amount of the nominal order as a share of one month's fee of one service."""
    return Between(amount.favourable / MONTHLY_FEE, amount.unfavourable / MONTHLY_FEE)


def currency_of(terms: Terms) -> str:
    """The currency of the agreement's own amounts, or that for testing where it names none."""
    found = [scale.currency for scale in terms.scales.values()]
    for amount in (*(r.amount for r in terms.remedies.values()), *(limit.most for limit in terms.limits)):
        found += [literal.currency for literal in _literals(amount)]
    return next(filter(None, found), NO_CURRENCY)


def _literals(expression: Expression | None) -> Iterator[Literal]:
    if isinstance(expression, Literal):
        yield expression
    if isinstance(expression, Operation):
        for operand in expression.operands:
            yield from _literals(operand)


def _years(first: date, many: int) -> Term:
    return Term(first, clamped(first.year + many, first.month, first.day) - timedelta(days=1))
