"""A basis in money: whose fees, of when, prorated how (DESIGN 2, basis)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from makegood.calendar.period import following
from makegood.calendar.zone import Zone
from makegood.engine.judge.case import Case
from makegood.engine.lifetime import Lifetime
from makegood.engine.remedy.reach import RECEIVED, claim_of
from makegood.model.order import OPEN_END, CoveredService, Fee, Term
from makegood.model.spans import DAY, HOUR, MINUTE, Instant, Spans
from makegood.model.terms import RECURRING, BasisRule, Before, FeesOf, FeesWhen
from makegood.model.trace import Kind, Node, Op, derive, leaf
from makegood.model.when import Period

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class FeesUnknown(Exception):
    """The order does not say what the basis asks for; the text says what is missing."""


def basis_node(rule: BasisRule, case: Case, first_outage: Instant | None = None) -> Node:
    """The money that the basis names for this case, exact, in minor units. `first_outage` is the begin of the first
    outage, for fees of the time before it. Raises FeesUnknown."""
    key = (basis_node, rule, tuple(s.name for s in case.services), case.subject, case.period, first_outage)
    return case.world.once(key, lambda: _basis(rule, case, first_outage))


def _basis(rule: BasisRule, case: Case, first_outage: Instant | None) -> Node:
    if rule.when is FeesWhen.INVOICE:
        return _invoice(rule, case)
    services = [s for s in _whose(rule, case) if len(Spans([case.world.covered(s)]).within(case.span))]
    before = _before(rule, case, first_outage) if rule.when is FeesWhen.BEFORE else None
    parts = [part for service in services for part in _parts(rule, service, case, before)]
    if not parts:
        raise FeesUnknown("the order has no such service" if not services else "the order names no such fee")
    currency = parts[0].currency
    says = f"fees of {rule.fees.value}, {_when_words(rule)}"
    return derive(Op.SUM, says, Kind.MONEY, parts, rule.clause, (), "", currency)


def _when_words(rule: BasisRule) -> str:
    if rule.when is not FeesWhen.BEFORE:
        return rule.when.value
    count, unit = (rule.days, "day") if rule.days else (rule.months, "month")
    return f"the {count} {unit}{'' if count == 1 else 's'} before {rule.before.value}"


def _whose(rule: BasisRule, case: Case) -> list[CoveredService]:
    """The services whose fees count. What the order says of a whole it says of its parts. Raises FeesUnknown where it
    says nothing that others could be alike in."""
    order, day = case.world.order, case.period.first
    every = order.services
    affected = [s for s in every if s in case.services or s.name == case.subject]
    if rule.alike:
        said = {order.said_of(s, rule.alike, day) for s in affected} - {""}
        if not said:
            raise FeesUnknown(f"the order does not say the {rule.alike} of {case.subject}")
        return [s for s in every if order.said_of(s, rule.alike, day) in said]
    return affected if rule.fees is FeesOf.SUBJECT else list(every)


def _before(rule: BasisRule, case: Case, first_outage: Instant | None) -> Term:
    """The dates of the time before an event. Raises FeesUnknown where the event is not known."""
    match rule.before:
        case Before.PERIOD:
            day = case.period.first
        case Before.END:
            day = case.period.last + timedelta(days=1)
        case Before.OUTAGE:
            if first_outage is None:
                raise FeesUnknown("no outage counts in the period")
            day = Zone.named(case.period.zone).date_of(first_outage)
        case Before.CLAIM:
            remedies = [r.name for r in case.terms.remedies.values() if r.commitment == case.commitment.name]
            claim = claim_of(case, remedies)
            if claim is None or not claim.at(RECEIVED):
                raise FeesUnknown("no claim is recorded yet")
            day = Zone.named(case.period.zone).date_of(claim.at(RECEIVED)[0])
    first = day - timedelta(days=rule.days) if rule.days else _months_later(day, -rule.months)
    return Term(first, day - timedelta(days=1))


def _invoice(rule: BasisRule, case: Case) -> Node:
    """The first invoice after the claim, or after the period where no claim is recorded."""
    remedies = [r.name for r in case.terms.remedies.values() if r.commitment == case.commitment.name]
    claim = claim_of(case, remedies)
    received = claim.at(RECEIVED) if claim is not None else ()
    after = Zone.named(case.period.zone).date_of(received[0]) if received else case.period.last
    later = sorted((i for i in case.world.order.invoices if i.on > after), key=lambda i: i.on)
    if not later:
        raise FeesUnknown(f"the order names no invoice after {after}")
    invoice = later[0]
    says = f"invoice {invoice.id} of {invoice.on}"
    fact = (f"order: {invoice.id}",)
    return leaf(Op.FACT, says, Kind.MONEY, invoice.amount.minor, rule.clause, fact, invoice.amount.currency)


def _parts(rule: BasisRule, service: CoveredService, case: Case, before: Term | None) -> Iterator[Node]:
    """The recurring fees of a service and its charges, of the kinds that count, over the dates of the basis."""
    if before is not None:
        if RECURRING in rule.kinds:
            yield from _between(service, before, case.world.lifetime)
        yield from _charges(rule, service, before)
        return
    if (RECURRING in rule.kinds and service.fees) or (rule.kinds == (RECURRING,) and not service.part_of):
        yield from _own(rule, service, case)
    period = case.period
    if rule.when is FeesWhen.PERIOD_BEFORE:
        period = following(case.terms.periods[case.commitment.period], period, -1)
    over = case.term if rule.when in _OF_TERM else Term(period.first, period.last)
    for charge in _charges(rule, service, over):
        share, says = _spread(rule.when, case)
        yield charge if share == 1 else _scaled(charge, share, says)


def _charges(rule: BasisRule, service: CoveredService, over: Term) -> Iterator[Node]:
    for charge in service.charges:
        if charge.kind in rule.kinds and over.first <= charge.on <= over.last:
            says = f"{charge.kind} of {service.name} on {charge.on}"
            fact = (f"order: {service.name}",)
            yield leaf(Op.FACT, says, Kind.MONEY, charge.amount.minor, None, fact, charge.amount.currency)


def _between(service: CoveredService, over: Term, terms: Lifetime) -> Iterator[Node]:
    """The fees of the dates that the order covers, each fee for the stretch in which it holds.

    A fee for a whole term is worth another part of it in each term, so that its stretch ends with the term.
    """
    first = max(over.first, terms.first, service.starts or over.first)
    last = min(over.last, terms.last, service.ends or over.last)
    steps = sorted(service.fees, key=lambda fee: fee.starts)
    for n, fee in enumerate(steps):
        begin = max(first, fee.starts)
        end = last if n + 1 == len(steps) else min(last, steps[n + 1].starts - timedelta(days=1))
        if begin > end:
            continue
        stretches = list(terms.between(begin, end)) if fee.per == "term" else [Term(begin, end)]
        for term in stretches:
            part = Term(max(begin, term.first), min(end, term.last))
            says = f"times a {fee.per} from {part.first} to {part.last}"
            yield _scaled(_fee(service, fee), months_of(part) / _per(fee, term), says)


_OF_TERM = (FeesWhen.TERM, FeesWhen.TERM_EQUAL_PARTS, FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS)


def _spread(when: FeesWhen, case: Case) -> tuple[Fraction, str]:
    """The part of the term's fees, or of the period's, that a basis takes, and its words."""
    first, last, term = case.period.first, case.period.last, case.term
    match when:
        case FeesWhen.DAY | FeesWhen.HOUR | FeesWhen.MINUTE:
            return 1 / _units(when, case), when.value
        case FeesWhen.TERM_EQUAL_PARTS:
            _with_an_end(term)
            return _months(first, last) / months_of(term), "the period as an equal part of the term"
        case FeesWhen.TERM_MONTHS | FeesWhen.TERM_DAYS:
            return _inside(when, case.period, term)
        case _:
            return Fraction(1), ""


def _own(rule: BasisRule, service: CoveredService, case: Case) -> Iterator[Node]:
    """The recurring fees of a service; of months or days inside the period, those of each term it meets."""
    if rule.when not in (FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS):
        yield _one(rule, service, case)
        return
    met = list(case.world.lifetime.between(case.period.first, case.period.last))
    for term in met or [case.term]:  # none where only hours of the period lie in the order, whose zone is another
        yield _scaled(_of_term(service, term), *_inside(rule.when, case.period, term))


def _inside(when: FeesWhen, period: Period, term: Term) -> tuple[Fraction, str]:
    """The part of a term that lies in a period, by months or by days, and its words."""
    _with_an_end(term)
    first, last = max(period.first, term.first), min(period.last, term.last)
    if when is FeesWhen.TERM_MONTHS:
        return _months(first, last) / months_of(term), "months of the term inside the period"
    return Fraction(_days(first, last), _days(term.first, term.last)), "days of the term inside the period"


def _one(rule: BasisRule, service: CoveredService, case: Case) -> Node:
    term, first, last = case.term, case.period.first, case.period.last
    begun = max(first, case.world.lifetime.first, service.starts or first)
    match rule.when:
        case FeesWhen.PERIOD_BEFORE:
            earlier = following(case.terms.periods[case.commitment.period], case.period, -1)
            fee = fee_on(service, earlier.first)
            part = _months(earlier.first, earlier.last) / _per(fee, term)
            return _scaled(_fee(service, fee), part, f"times a {fee.per} in {earlier.label}")
        case FeesWhen.TERM:
            return _of_term(service, term)
        case FeesWhen.DAY | FeesWhen.HOUR | FeesWhen.MINUTE:
            fee = fee_on(service, begun)
            share, says = _spread(rule.when, case)
            return _scaled(_fee(service, fee), _months(first, last) / _per(fee, term) * share, says)
        case FeesWhen.YEAR_DAY:
            fee = fee_on(service, begun)
            return _scaled(_fee(service, fee), 12 / _per(fee, term) / 365, rule.when.value)
        case FeesWhen.INVOICE | FeesWhen.BEFORE | FeesWhen.TERM_MONTHS | FeesWhen.TERM_DAYS:
            raise FeesUnknown("these fees are no part of a service's own")
        case FeesWhen.PERIOD:
            fee = fee_on(service, begun)
            return _scaled(
                _fee(service, fee), _months(first, last) / _per(fee, term), f"times a {fee.per} in the period"
            )
        case FeesWhen.TERM_EQUAL_PARTS:
            return _scaled(_of_term(service, term), *_spread(rule.when, case))
        case FeesWhen.RENEWAL_DAY:
            return _renewal_day(service, case.world.lifetime, term)


def _renewal_day(service: CoveredService, terms: Lifetime, term: Term) -> Node:
    renewal = terms.after(term)
    if renewal is None:
        raise FeesUnknown("the order is not renewed" if terms.ended_by else "the order has no renewal term yet")
    days = _days(renewal.first, renewal.last)
    return _scaled(_of_term(service, renewal), Fraction(1, days), f"one of {days} days")


def _units(when: FeesWhen, case: Case) -> Fraction:
    """How many days, hours or minutes the judged period has; by its nominal length where it has one."""
    nominal = case.terms.periods[case.commitment.period].nominal
    if when is FeesWhen.DAY:
        return Fraction(nominal, DAY) if nominal else Fraction((case.period.last - case.period.first).days + 1)
    return Fraction(nominal or case.span.length, HOUR if when is FeesWhen.HOUR else MINUTE)


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
    _with_an_end(term)
    fee = fee_on(service, max(term.first, service.starts or term.first))
    return _scaled(_fee(service, fee), months_of(term) / _per(fee, term), f"times a {fee.per} in the term")


def _with_an_end(term: Term) -> None:
    if term.last >= OPEN_END:
        raise FeesUnknown("the order's term has no end, so no fee of the term is known")


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
