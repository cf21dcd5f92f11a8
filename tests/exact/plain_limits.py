"""Limits on credits in turn (3.12): innermost first, the last line cut, and what is left over carried or held."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from makegood.model.expression import Name, Unit, names_in
from makegood.model.terms import Excess, FeesOf, LimitEach, LimitRule, Picked
from tests.exact.edges import Edges
from tests.exact.plain_fees import Figured, NotStated
from tests.exact.plain_money import Amounts, Owed, of_limit
from tests.exact.plain_periods import ONE_DAY, dates_of, term_at

DEPTH = [LimitEach.CREDIT, LimitEach.SERVICE, LimitEach.ORDER]
FORWARD = "from earlier periods"


@dataclass
class Placed:
    """A line and the case that it belongs to."""

    line: Owed
    case: Figured


Used = Callable[[LimitRule, date, date, set[str] | None], Fraction]
"""What lines of a limit came to in periods whose last date lies between two dates, of some subjects or of all."""
Past = Callable[[LimitRule, Figured, str | None], list[list[Owed]]]
"""The lines under a limit of each earlier period of the order, before limits: of one subject or of all."""


class Limits:
    """Every limit on credits over the lines of an order and period."""

    def __init__(self, amounts: Amounts, used: Used, past: Past, edges: Edges) -> None:
        self.amounts, self.used, self.past, self.edges = amounts, used, past, edges

    def cut(self, lines: list[Placed], cases: list[Figured]) -> None:
        """Cut the lines; those that come from earlier periods are added to them."""
        limits = [x for x in self.amounts.terms.limits if x.unit not in (Unit.TIME, Unit.ITEMS)]
        limits.sort(key=lambda x: (DEPTH.index(self.scope(x)), x.over.longer))
        for placed in lines:
            placed.line.after = placed.line.before
        for limit in limits:
            lines += self._from_earlier(limit, cases)
            due = [p for p in lines if p.line.remedy.name in limit.on and not p.line.withheld]
            due = [p for p in due if p.line.after is not None]
            for group in self._groups(self.scope(limit), due):
                if limit.picked is not None:
                    self._pick(limit, group)
                if limit.most != Name("unlimited"):
                    self._most(limit, [p for p in group if not p.line.withheld])
                if limit.least is not None:
                    self._least(limit, [p for p in group if not p.line.withheld])

    def scope(self, limit: LimitRule) -> LimitEach:
        """As written; else each service where it reads that service's fees, else the order."""
        if limit.each is not None:
            return limit.each
        terms = self.amounts.terms
        read = [terms.bases[name].fees for name in names_in(limit.most) if name in terms.bases]
        return LimitEach.SERVICE if FeesOf.SUBJECT in read else LimitEach.ORDER

    def _groups(self, scope: LimitEach, due: list[Placed]) -> Iterable[list[Placed]]:
        if scope is LimitEach.CREDIT:
            return [[one] for one in due]
        if scope is LimitEach.ORDER:
            return [due] if due else []
        return [[p for p in due if p.line.subject == name] for name in dict.fromkeys(p.line.subject for p in due)]

    def _pick(self, limit: LimitRule, group: list[Placed]) -> None:
        """Only one counts; of equal ones the first."""
        if len(group) < 2:
            return
        sizes = [p.line.after or Fraction() for p in group]
        self.edges.near("one credit beside another", sizes[0] - sizes[1])
        best = {
            Picked.FIRST: 0,
            Picked.LARGEST: sizes.index(max(sizes)),
            Picked.SMALLEST: sizes.index(min(sizes)),
        }
        assert limit.picked is not None
        for n, placed in enumerate(group):
            if n != best[limit.picked]:
                placed.line.withheld = True

    def _most(self, limit: LimitRule, group: list[Placed]) -> None:
        if not group:
            return
        case, scope, over = group[0].case, self.scope(limit), limit.over
        left = self.amounts.of(limit.most, of_limit(case))
        before, rule = case.dates[0] - ONE_DAY, self.amounts.terms.periods[case.commitment.period]
        subjects = None if scope is LimitEach.ORDER else {p.line.subject for p in group}
        if over.days:
            left -= self.used(limit, case.dates[1] - timedelta(days=over.days - 1), before, subjects)
        elif over.term:
            left -= self.used(limit, term_at(self.amounts.fees.order, case.dates[0]).first, before, subjects)
        elif over.periods:
            first = case.dates[0]
            for _ in range(over.periods - 1):
                first, _ = dates_of(rule, first - ONE_DAY)
            left -= self.used(limit, first, before, subjects)
        elif over.period and over.period != case.commitment.period:
            first, _ = dates_of(self.amounts.terms.periods[over.period], case.dates[0])
            left -= self.used(limit, first, before, subjects)
        left = max(Fraction(), left)
        for placed in group:
            line = placed.line
            assert line.after is not None
            self.edges.near(f"a limit for each {scope.value}", line.after - left)
            if line.after > left:
                line.after, line.cut_by = left, limit.name
            left -= line.after

    def _least(self, limit: LimitRule, group: list[Placed]) -> None:
        assert limit.least is not None
        if not group:
            return
        total = sum((p.line.after or Fraction() for p in group), Fraction())
        least = self.amounts.of(limit.least, of_limit(group[0].case))
        self.edges.near("the least that is credited", total - least)
        if total < least:
            for placed in group:
                placed.line.withheld = True

    def _from_earlier(self, limit: LimitRule, cases: list[Figured]) -> list[Placed]:
        """A line for what earlier periods left over, where a limit carries it or holds it back."""
        carries = limit.excess is Excess.CARRIED and limit.most != Name("unlimited")
        holds = limit.least is not None and limit.below is Excess.HELD
        if limit.over.longer or not (carries or holds):
            return []
        remedies = self.amounts.terms.remedies
        mine = [c for c in cases if any(remedies[n].commitment == c.commitment.name for n in limit.on)]
        subjects = [None] if self.scope(limit) is LimitEach.ORDER else list(dict.fromkeys(c.subject for c in mine))
        found = []
        for subject in subjects if mine else ():
            case = next(c for c in mine if subject in (None, c.subject))
            left, like = Fraction(), None
            for lines in self.past(limit, case, subject):
                total = left + sum((line.before or Fraction() for line in lines), Fraction())
                like = next((line for line in reversed(lines) if line.before is not None), like)
                left = self._left_over(limit, total, case, carries, holds)
            if left and like is not None:
                alike = [
                    c for c in mine if subject in (None, c.subject) and c.commitment.name == like.remedy.commitment
                ]
                case = alike[0] if alike else case
                found.append(Placed(Owed(like.remedy, case.subject, left, False, FORWARD, left), case))
        return found

    def _left_over(self, limit: LimitRule, total: Fraction, case: Figured, carries: bool, holds: bool) -> Fraction:
        try:
            if holds and limit.least is not None and total < self.amounts.of(limit.least, of_limit(case)):
                return total
            return max(Fraction(), total - self.amounts.of(limit.most, of_limit(case))) if carries else Fraction()
        except NotStated:
            return Fraction()
