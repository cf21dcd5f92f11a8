"""A basis in money: whose fees, of when, prorated how (DESIGN 2, basis)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from makegood.engine.judge.case import Case
from makegood.model.order import OPEN_END, CoveredService, Fee, Term
from makegood.model.spans import Spans
from makegood.model.terms import BasisRule, FeesOf, FeesWhen
from makegood.model.trace import Kind, Node, Op, derive, leaf

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class FeesUnknown(Exception):
    """The order does not say what the basis asks for; the text says what is missing."""


def basis_node(rule: BasisRule, case: Case) -> Node:
    """The money that the basis names for this case, exact, in minor units. Raises FeesUnknown."""
    key = (basis_node, rule, tuple(s.name for s in case.services), case.period)
    return case.world.once(key, lambda: _basis(rule, case))


def _basis(rule: BasisRule, case: Case) -> Node:
    among = case.services if rule.fees is FeesOf.SUBJECT else case.world.order.services
    services = [s for s in among if len(Spans([case.world.covered(s)]).within(case.span))]
    parts = [_one(rule, service, case) for service in services]
    if not parts:
        raise FeesUnknown("the order has no such service")
    currency = parts[0].currency
    says = f"fees of {rule.fees.value}, {rule.when.value}"
    return derive(Op.SUM, says, Kind.MONEY, parts, rule.clause, (), "", currency)


def _one(rule: BasisRule, service: CoveredService, case: Case) -> Node:
    order, first, last = case.world.order, case.period.first, case.period.last
    match rule.when:
        case FeesWhen.PERIOD:
            fee = fee_on(service, max(first, order.term.first, service.starts or first))
            return _scaled(
                _fee(service, fee), _months(first, last) / _per(fee, order.term), f"times a {fee.per} in the period"
            )
        case FeesWhen.TERM_EQUAL_PARTS:
            parts = _months(first, last) / months_of(order.term)
            return _scaled(_of_term(service, order.term), parts, "the period as an equal part of the term")
        case FeesWhen.TERM_MONTHS:
            inside = months_of(Term(max(first, order.term.first), min(last, order.term.last)))
            return _scaled(
                _of_term(service, order.term), inside / months_of(order.term), "months of the term inside the period"
            )
        case FeesWhen.TERM_DAYS:
            days = _days(max(first, order.term.first), min(last, order.term.last))
            share = Fraction(days, _days(order.term.first, order.term.last))
            return _scaled(_of_term(service, order.term), share, "days of the term inside the period")
        case FeesWhen.RENEWAL_DAY:
            if order.renewal is None:
                raise FeesUnknown("the order has no renewal term yet")
            days = _days(order.renewal.first, order.renewal.last)
            return _scaled(_of_term(service, order.renewal), Fraction(1, days), f"one of {days} days")


def fee_on(service: CoveredService, day: date) -> Fee:
    """The fee of a service in force on a local date. Raises FeesUnknown where the order names none."""
    begun = [fee for fee in service.fees if fee.starts <= day]
    if not begun:
        raise FeesUnknown(f"the order names no fee of {service.name} for {day}")
    return max(begun, key=lambda fee: fee.starts)


def _fee(service: CoveredService, fee: Fee) -> Node:
    says = f"fee of {service.name} per {fee.per} from {fee.starts}"
    return leaf(Op.FACT, says, Kind.MONEY, fee.amount.minor, None, (f"order: {service.name}",), fee.amount.currency)


def _of_term(service: CoveredService, term: Term) -> Node:
    if term.last >= OPEN_END:
        raise FeesUnknown("the order's term has no end, so no fee of the term is known")
    fee = fee_on(service, max(term.first, service.starts or term.first))
    return _scaled(_fee(service, fee), months_of(term) / _per(fee, term), f"times a {fee.per} in the term")


def _scaled(fee: Node, share: Fraction, says: str) -> Node:
    part = leaf(Op.FACT, says, Kind.ITEMS, share)
    return derive(Op.MULTIPLY, "fee times its part", Kind.MONEY, [fee, part], None, (), "", fee.currency)


def _per(fee: Fee, term: Term) -> Fraction:
    if fee.per == "term" and term.last >= OPEN_END:
        raise FeesUnknown("the order's term has no end, and its fee is for the whole term")
    return months_of(term) if fee.per == "term" else Fraction(MONTHS[fee.per])


def _days(first: date, last: date) -> int:
    return max(0, (last - first).days + 1)


def _months(first: date, last: date) -> Fraction:
    return months_of(Term(first, last))


def months_of(term: Term) -> Fraction:
    """Whole months from the first date, and the rest as a share of the month that it falls in."""
    if term.last < term.first:
        return Fraction()
    end = term.last + timedelta(days=1)
    whole = (end.year - term.first.year) * 12 + end.month - term.first.month
    if _months_later(term.first, whole) > end:
        whole -= 1
    reached, following = _months_later(term.first, whole), _months_later(term.first, whole + 1)
    return whole + Fraction((end - reached).days, (following - reached).days)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))
