"""Fees as the design states them: whose, of when, spread how; by dates and months, counted one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from makegood.model.order import CoveredService, Fee, Order, Term
from makegood.model.terms import RECURRING, BasisRule, Before, Commitment, FeesOf, FeesWhen, Terms
from tests.exact.edges import Edges
from tests.exact.plain_periods import ONE_DAY, dates_of, months_after, term_at

PER = {"month": 1, "quarter": 3, "year": 12}
OF_TERM = (FeesWhen.TERM, FeesWhen.TERM_EQUAL_PARTS, FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS)


class NotStated(Exception):
    """An amount needs what nothing states."""


@dataclass(frozen=True)
class Figured:
    """What amounts may read of a case: its subject, services and dates, and (None for a limit) its figures.

    `minutes` is how long the period is, `part` the down time of the outage or date that a remedy is for, and
    `first_outage` the local date of the first one; `others` are the figures of other commitments.
    """

    subject: str
    services: tuple[CoveredService, ...]
    dates: tuple[date, date]
    commitment: Commitment
    minutes: int
    figure: Fraction | None = None
    denominator: Fraction = Fraction()
    down: Fraction = Fraction()
    outages: int = 0
    part: Fraction | None = None
    first_outage: date | None = None
    others: Mapping[str, Fraction | None] = field(default_factory=dict)


Covers = Callable[[CoveredService, Figured], bool]
"""Whether an order covers a service at any instant of a judged period."""


class Fees:
    """The fees of one order under one agreement."""

    def __init__(self, terms: Terms, order: Order, covers: Covers, edges: Edges) -> None:
        self.terms, self.order, self.covers, self.edges = terms, order, covers, edges

    def of(self, rule: BasisRule, case: Figured) -> Fraction:
        """Raises NotStated."""
        if rule.when is FeesWhen.INVOICE:
            later = sorted((i for i in self.order.invoices if i.on > case.dates[1]), key=lambda i: i.on)
            if not later:
                raise NotStated
            self.edges.near("the date of an invoice", (later[0].on - case.dates[1]).days - 1)
            return later[0].amount.minor
        among = [s for s in self.order.services if s in case.services or s.name == case.subject]
        if rule.fees is FeesOf.ORDER:
            among = list(self.order.services)
        there = [s for s in among if self.covers(s, case)]
        before = self._before(rule, case) if rule.when is FeesWhen.BEFORE else None
        parts = [part for service in there for part in self._parts(rule, service, case, before)]
        if not parts:
            raise NotStated
        return sum(parts, Fraction())

    def _before(self, rule: BasisRule, case: Figured) -> tuple[date, date]:
        day = {Before.PERIOD: case.dates[0], Before.END: case.dates[1] + ONE_DAY, Before.OUTAGE: case.first_outage}
        end = day[rule.before]
        if end is None:
            raise NotStated
        return (end - timedelta(days=rule.days) if rule.days else months_after(end, -rule.months)), end - ONE_DAY

    def _parts(
        self, rule: BasisRule, service: CoveredService, case: Figured, before: tuple[date, date] | None
    ) -> list[Fraction]:
        recurring = RECURRING in rule.kinds and bool(service.fees)
        if before is not None:
            found = self._between(service, before) if recurring else []
            return [*found, *self._charges(rule, service, before)]
        term = self._term(case)
        over = term if rule.when in OF_TERM else case.dates
        if rule.when is FeesWhen.PERIOD_BEFORE:
            over = self._dates_before(case)
        share = self._share(rule.when, case, term)
        found = [charge * share for charge in self._charges(rule, service, over)]
        if recurring or (rule.kinds == (RECURRING,) and not service.part_of):
            if rule.when in (FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS):
                met = [one for one in self.order.agreed if one.first <= case.dates[1] and case.dates[0] <= one.last]
                found += [
                    self._of_term(service, one) * self._share(rule.when, case, (one.first, one.last))
                    for one in met or [Term(*term)]
                ]
            else:
                found.append(self._recurring(rule.when, service, case) * share)
        return found

    def _charges(self, rule: BasisRule, service: CoveredService, over: tuple[date, date]) -> list[Fraction]:
        found = []
        for charge in service.charges:
            if charge.kind in rule.kinds:
                self.edges.near("a charge on the first date", (charge.on - over[0]).days)
                self.edges.near("a charge on the last date", (charge.on - over[1]).days)
                found += [charge.amount.minor] if over[0] <= charge.on <= over[1] else []
        return found

    def _share(self, when: FeesWhen, case: Figured, term: tuple[date, date]) -> Fraction:
        """The part of a term's fees, or of the period's, that a basis takes."""
        dates = case.dates
        inside = max(dates[0], term[0]), min(dates[1], term[1])
        nominal = self.terms.periods[case.commitment.period].nominal
        minutes = Fraction(nominal, 60_000_000) if nominal else Fraction(case.minutes)
        match when:
            case FeesWhen.TERM_EQUAL_PARTS:
                return months(*dates) / months(*term)
            case FeesWhen.TERM_MONTHS:
                return months(*inside) / months(*term)
            case FeesWhen.TERM_DAYS:
                return Fraction(days(*inside), days(*term))
            case FeesWhen.DAY:
                return 1 / (minutes / 1440 if nominal else Fraction(days(*dates)))
            case FeesWhen.HOUR:
                return 60 / minutes
            case FeesWhen.MINUTE:
                return 1 / minutes
        return Fraction(1)

    def _dates_before(self, case: Figured) -> tuple[date, date]:
        rule = self.terms.periods[case.commitment.period]
        return dates_of(rule, (case.dates[1] if rule.days else case.dates[0]) - ONE_DAY)

    def _term(self, case: Figured) -> tuple[date, date]:
        """The term at the first date of the period governs it."""
        term = term_at(self.order, case.dates[0])
        return term.first, term.last

    def _between(self, service: CoveredService, over: tuple[date, date]) -> list[Fraction]:
        """The fees of the dates that the order covers, each for the stretch in which it holds."""
        first, last = covered_dates(self.order, service)
        first, last = max(first, over[0]), min(last, over[1])
        found = []
        for n, fee in enumerate(service.fees):
            begins = max(first, fee.starts)
            ends = min(last, service.fees[n + 1].starts - ONE_DAY) if n + 1 < len(service.fees) else last
            for term in self.order.agreed if fee.per == "term" else (Term(begins, ends),):
                part = max(begins, term.first), min(ends, term.last)
                if part[0] <= part[1]:
                    found.append(fee.amount.minor * months(*part) / self._per(fee, (term.first, term.last)))
        return found

    def _per(self, fee: Fee, term: tuple[date, date]) -> Fraction:
        return months(*term) if fee.per == "term" else Fraction(PER[fee.per])

    def _recurring(self, when: FeesWhen, service: CoveredService, case: Figured) -> Fraction:
        """The fees of the term, or of the period at the fee in force on its first covered day, before any part."""
        if when in OF_TERM:
            return self._of_term(service, Term(*self._term(case)))
        if when is FeesWhen.RENEWAL_DAY:
            renewal = next((one for one in self.order.agreed if one.first > self._term(case)[1]), None)
            if renewal is None:
                raise NotStated
            return self._of_term(service, renewal) / days(renewal.first, renewal.last)
        dates = self._dates_before(case) if when is FeesWhen.PERIOD_BEFORE else case.dates
        begun = dates[0] if when is FeesWhen.PERIOD_BEFORE else max(dates[0], covered_dates(self.order, service)[0])
        fee = self._fee(service, begun)
        if when is FeesWhen.YEAR_DAY:
            return fee.amount.minor * 12 / self._per(fee, self._term(case)) / 365
        return fee.amount.minor * months(*dates) / self._per(fee, self._term(case))

    def _of_term(self, service: CoveredService, term: Term) -> Fraction:
        fee = self._fee(service, max(term.first, service.starts or term.first))
        return (
            fee.amount.minor if fee.per == "term" else fee.amount.minor * months(term.first, term.last) / PER[fee.per]
        )

    def _fee(self, service: CoveredService, day: date) -> Fee:
        for later in service.fees[1:]:
            self.edges.near("the date of a later fee", (day - later.starts).days)
        return [f for f in service.fees if f.starts <= day][-1]


def covered_dates(order: Order, service: CoveredService) -> tuple[date, date]:
    first, last = order.term.first, order.agreed[-1].last
    return max(first, service.starts or first), min(last, service.ends or last)


def days(first: date, last: date) -> int:
    return max(0, (last - first).days + 1)


@cache
def months(first: date, last: date) -> Fraction:
    """Whole months from the first date, then the days left over as a share of the month that they fall in."""
    if last < first:
        return Fraction()
    whole = 0
    while months_after(first, whole + 1) <= last + ONE_DAY:
        whole += 1
    begun, ends = months_after(first, whole), months_after(first, whole + 1)
    return whole + Fraction((last + ONE_DAY - begun).days, (ends - begun).days)
