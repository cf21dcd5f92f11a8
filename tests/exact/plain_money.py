"""Money as the design states it: fees, tables, amounts, and limits in turn (3.8, 3.12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from makegood.model.expression import Expression, Literal, Name, Operation, Unit, names_in
from makegood.model.order import CoveredService, Order, Term
from makegood.model.terms import (
    BasisRule,
    Commitment,
    FeesOf,
    FeesWhen,
    LimitEach,
    LimitRule,
    Nesting,
    RemedyForm,
    RemedyRule,
    ScaleRule,
    Terms,
    Unstated,
)  # fmt: skip
from makegood.model.threshold import Threshold
from tests.exact.edges import Edges
from tests.exact.plain_periods import ONE_DAY, dates_of, months_after
from tests.exact.thresholds import in_range, whole_units

PER = {"month": 1, "quarter": 3, "year": 12}
DEPTH = [LimitEach.CREDIT, LimitEach.SERVICE, LimitEach.ORDER]
NEARLY_HALF = Fraction(1, 20)


class NotStated(Exception):
    """An amount needs what nothing states."""


@dataclass
class Owed:
    """One line, exact: before limits, after them, and rounded; None where something is unstated."""

    remedy: RemedyRule
    subject: str
    before: Fraction | None
    withheld: bool
    after: Fraction | None = None
    cut_by: str = ""
    money: Fraction | None = None
    days: Fraction | None = None
    unstated: bool = False


@dataclass(frozen=True)
class Figured:
    """What amounts may read of a case: its services and dates, and (None for a limit) its figures."""

    services: tuple[CoveredService, ...]
    dates: tuple[date, date]
    commitment: Commitment | None = None
    ratio: Fraction | None = None
    down: Fraction = Fraction()


Covers = Callable[[CoveredService, tuple[date, date]], bool]
"""Whether an order covers a service at any instant of the judged dates."""


class Amounts:
    """Amounts of one agreement and order, exact."""

    def __init__(self, terms: Terms, order: Order, covers: Covers, edges: Edges) -> None:
        self.terms, self.order, self.covers, self.edges = terms, order, covers, edges

    def of(self, amount: Expression, case: Figured) -> Fraction:
        """Raises NotStated."""
        if isinstance(amount, Literal):
            return amount.value
        if isinstance(amount, Name):
            return self._named(amount.name, case)
        operator, operands = amount.operator.value, amount.operands
        if operator == "if":
            assert isinstance(operands[0], Operation)
            a, b = (self.of(o, case) for o in operands[0].operands)
            self.edges.near("a condition in an amount", a - b, Fraction(1, 100))
            holds = a < b if operands[0].operator.value == "<" else a >= b
            return self.of(operands[1] if holds else operands[2], case)
        numbers = [self.of(o, case) for o in operands]
        return self._combined(operator, numbers)

    def _combined(self, operator: str, numbers: list[Fraction]) -> Fraction:
        first, *others = numbers
        match operator:
            case "+" | "sum":
                return sum(numbers, Fraction())
            case "-":
                return first - others[0]
            case "least" | "greatest":
                self.edges.near(f"the {operator} of two", first - others[0])
                return min(numbers) if operator == "least" else max(numbers)
            case "x":
                product = first
                for other in others:
                    product *= other
                return product
            case "/":
                if not others[0]:
                    raise NotStated
                return first / others[0]
        raise NotImplementedError(operator)

    def _named(self, name: str, case: Figured) -> Fraction:
        if name in self.terms.bases:
            return self.fees(self.terms.bases[name], case)
        if case.ratio is None or case.commitment is None:
            raise NotStated
        if name in self.terms.scales:
            return self.row(self.terms.scales[name], case.ratio)
        if name == "availability":
            return case.ratio
        if name == "downtime":
            return case.down
        target = case.commitment.target
        if not isinstance(target, Threshold):
            raise NotStated
        return Fraction(target.edge) if name == "target" else Fraction(target.edge) - case.ratio

    def row(self, scale: ScaleRule, value: Fraction) -> Fraction:
        """The deepest row that holds, of the lowest upper edge, or else of the highest lower one; or the sum of all."""
        rows = [t for t in scale.tiers if in_range(t.range, value)]
        if scale.nesting is Nesting.DEEPEST and len(rows) > 1:
            highs = sorted(t.range.high for t in rows if t.range.high is not None)
            if highs:
                rows = [t for t in rows if t.range.high == highs[0]]
            lows = sorted(t.range.low for t in rows if t.range.low is not None)
            if lows and not highs:
                rows = [t for t in rows if t.range.low == lows[-1]]
            if len(rows) > 1:
                raise NotStated
        if not rows or any(isinstance(t.amount, Unstated) for t in rows):
            raise NotStated
        return sum((t.amount for t in rows if isinstance(t.amount, Fraction)), Fraction())

    def fees(self, rule: BasisRule, case: Figured) -> Fraction:
        among = case.services if rule.fees is FeesOf.SUBJECT else self.order.services
        there = [s for s in among if self.covers(s, case.dates)]
        if not there:
            raise NotStated
        return sum((self._fee(rule.when, service, case.dates) for service in there), Fraction())

    def _fee(self, when: FeesWhen, service: CoveredService, dates: tuple[date, date]) -> Fraction:
        at = _term_at(self.order, dates[0])
        held = self.order.agreed[at]
        term = (held.first, held.last)
        if when is FeesWhen.PERIOD:
            day = max(dates[0], self.order.term.first, service.starts or dates[0])
            self._near_fees(service, day)
            fee = [f for f in service.fees if f.starts <= day][-1]
            return fee.amount.minor * months(*dates) / (months(*term) if fee.per == "term" else PER[fee.per])
        if when is FeesWhen.RENEWAL_DAY:
            if at + 1 == len(self.order.agreed):
                raise NotStated
            renewal = self.order.agreed[at + 1]
            return self._of_term(service, renewal) / days(renewal.first, renewal.last)
        whole = self._of_term(service, held)
        if when in (FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS):
            return sum((self._inside(when, service, dates, one) for one in self.order.agreed), Fraction())
        match when:
            case FeesWhen.TERM_EQUAL_PARTS:
                return whole * months(*dates) / months(*term)
        raise NotImplementedError(when)

    def _inside(self, when: FeesWhen, service: CoveredService, dates: tuple[date, date], term: Term) -> Fraction:
        inside = max(dates[0], term.first), min(dates[1], term.last)
        if inside[1] < inside[0]:
            return Fraction()
        whole = self._of_term(service, term)
        if when is FeesWhen.TERM_MONTHS:
            return whole * months(*inside) / months(term.first, term.last)
        return whole * Fraction(days(*inside), days(term.first, term.last))

    def _of_term(self, service: CoveredService, term: Term) -> Fraction:
        day = max(term.first, service.starts or term.first)
        fee = [f for f in service.fees if f.starts <= day][-1]
        if fee.per == "term":
            return fee.amount.minor
        return fee.amount.minor * months(term.first, term.last) / PER[fee.per]

    def _near_fees(self, service: CoveredService, day: date) -> None:
        for later in service.fees[1:]:
            self.edges.near("the date of a later fee", (day - later.starts).days)

    def scope(self, limit: LimitRule) -> LimitEach:
        """As written; else each service where the amount reads that service's fees, else the order."""
        if limit.each is not None:
            return limit.each
        read = [self.terms.bases[name].fees for name in names_in(limit.most) if name in self.terms.bases]
        return LimitEach.SERVICE if FeesOf.SUBJECT in read else LimitEach.ORDER

    def settle(self, line: Owed, case: Figured) -> None:
        """Days converted, and money rounded once."""
        if line.after is None:
            line.unstated = True
            return
        exact = line.after
        if line.remedy.unit is Unit.DAYS:
            line.days = exact
            if line.remedy.converts is None:
                return
            try:
                exact = exact * self.of(line.remedy.converts, Figured(case.services, case.dates))
            except NotStated:
                line.unstated = True
                return
        rest = exact - exact.numerator // exact.denominator
        even = "an even" if exact.numerator // exact.denominator % 2 == 0 else "an odd"
        how = line.remedy.rounding.value
        self.edges.near(f"{how} at half a cent above {even} one", rest - Fraction(1, 2), NEARLY_HALF)
        self.edges.near(f"{how} at a whole cent", rest if rest < NEARLY_HALF else rest - 1, NEARLY_HALF)
        line.money = Fraction(whole_units(exact, how))


Used = Callable[[LimitRule, date, date, set[str] | None], Fraction]
"""What lines of a limit came to in periods whose last date lies between two dates, of some subjects or of all."""


class Limits:
    """Every limit on credits over the lines of an order and period: innermost first, and the last line is cut."""

    def __init__(self, amounts: Amounts, used: Used, edges: Edges) -> None:
        self.amounts, self.used, self.edges = amounts, used, edges

    def cut(self, lines: list[tuple[Owed, Figured, str]]) -> None:
        """Each line with its case and the name of its commitment's period rule."""
        amounts = self.amounts
        limits = [x for x in amounts.terms.limits if x.unit in (Unit.MONEY, Unit.DAYS) and x.most != Name("unlimited")]
        limits.sort(key=lambda x: (DEPTH.index(amounts.scope(x)), x.over.longer))
        for line, _, _ in lines:
            line.after = line.before
        for limit in limits:
            due = [one for one in lines if one[0].remedy.name in limit.on and not one[0].withheld]
            due = [one for one in due if one[0].after is not None]
            for group in self._groups(amounts.scope(limit), due):
                self._cut(limit, group, amounts.scope(limit))

    def _groups(
        self, scope: LimitEach, due: list[tuple[Owed, Figured, str]]
    ) -> Iterable[list[tuple[Owed, Figured, str]]]:
        if scope is LimitEach.CREDIT:
            return [[one] for one in due]
        if scope is LimitEach.ORDER:
            return [due] if due else []
        return [[one for one in due if one[0].subject == name] for name in dict.fromkeys(o[0].subject for o in due)]

    def _cut(self, limit: LimitRule, group: list[tuple[Owed, Figured, str]], scope: LimitEach) -> None:
        case, period = group[0][1], group[0][2]
        left = self.amounts.of(limit.most, Figured(case.services, case.dates))
        before = case.dates[0] - ONE_DAY
        subjects = None if scope is LimitEach.ORDER else {line.subject for line, _, _ in group}
        if limit.over.days:
            left -= self.used(limit, case.dates[1] - timedelta(days=limit.over.days - 1), before, subjects)
        elif limit.over.period and limit.over.period != period:
            first, _ = dates_of(self.amounts.terms.periods[limit.over.period], case.dates[0])
            left -= self.used(limit, first, before, subjects)
        left = max(Fraction(), left)
        for line, _, _ in group:
            assert line.after is not None
            self.edges.near(f"a limit for each {scope.value}", line.after - left)
            if line.after > left:
                line.after, line.cut_by = left, limit.name
            left -= line.after


def is_amount(remedy: RemedyRule, commitment: Commitment) -> bool:
    return remedy.form in (RemedyForm.CREDIT, RemedyForm.CHARGE) and remedy.commitment == commitment.name


def covered_dates(order: Order, service: CoveredService) -> tuple[date, date]:
    first, last = order.term.first, order.agreed[-1].last
    return max(first, service.starts or first), min(last, service.ends or last)


def _term_at(order: Order, day: date) -> int:
    """The number of the term that holds a date; the first one for a date before all of them."""
    return max((n for n, term in enumerate(order.agreed) if term.first <= day), default=0)


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
