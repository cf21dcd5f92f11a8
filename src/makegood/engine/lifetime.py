"""The terms of an order, one after the other: those agreed, and those by which it renews until it is told not to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from makegood.calendar.deadline import explain_deadline
from makegood.calendar.period import clamped
from makegood.calendar.wording import at_words
from makegood.calendar.zone import Zone
from makegood.model.facts import Facts, ItemKind
from makegood.model.order import OPEN_END, Order, Renews, Term
from makegood.model.spans import END_OF_TIME, Instant
from makegood.model.when import Allowance, Calendar, DayCount, Period

NOT_RENEWED = "non-renewal received"
"""The event of a change by which an order does not renew, as facts write it."""

_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Lifetime:
    """The terms of an order as far as they are known; all dates are local to its zone.

    `last` is the last date that it covers, OPEN_END where it goes on. `ended_by` is the notice of non-renewal that ends
    it, and `said` tells of each notice what it does.
    """

    order: Order
    last: date
    ended_by: str = ""
    said: tuple[str, ...] = ()

    @property
    def first(self) -> date:
        return self.order.term.first

    @property
    def whole(self) -> Term:
        """From the first date to the last, which have no gap between them."""
        return Term(self.first, self.last)

    def term_on(self, day: date) -> Term:
        """The term that holds a date: the first one for a date before it, the last one for a date after it."""
        day = min(max(day, self.first), self.last)
        return next((t for t in reversed(self.order.agreed) if t.first <= day <= t.last), None) or _renewed(
            self.order, day
        )

    def after(self, term: Term) -> Term | None:
        """The term that follows, None where there is none."""
        return None if term.last >= self.last else self.term_on(term.last + _ONE)

    def renewal_from(self, day: date) -> Term | None:
        """The first renewal term that begins on a date or after it, None where there is none."""
        first = max(day, self.first + _ONE)
        if first > self.last:
            return None
        term = self.term_on(first)
        return term if term.first >= first else self.after(term)

    def number(self, term: Term) -> int:
        """How often the order was renewed up to a term: 0 in the first."""
        agreed = self.order.agreed
        if term in agreed:
            return agreed.index(term)
        assert self.order.renews is not None
        return len(agreed) + _nth(self.order.renews.length, agreed[-1].last + _ONE, term.first)

    def notes(self, period: Period) -> list[str]:
        """What a reader of a period must know of the order's renewals; nothing in its first term."""
        term, found = self.term_on(period.first), list[str]()
        following = self.after(term)
        if self.number(term):
            found.append(f"the period lies in the term {term.first} to {term.last}, renewal {self.number(term)}")
        if following is not None and following.first <= period.last:
            found.append(f"the order is renewed on {following.first}; the term at the period's first date governs it")
        return found + (list(self.said) if self.number(term) or self.last <= period.last else [])

    def between(self, first: date, last: date) -> Iterator[Term]:
        """The terms that share a date with these dates, the earliest first."""
        if last < self.first or first > self.last:
            return
        term: Term | None = self.term_on(first)
        while term is not None and term.first <= last:
            yield term
            term = self.after(term)


def lifetime(order: Order, facts: Facts | None = None) -> Lifetime:
    """The terms of an order by the facts known, or as if no notice had been given."""
    last = last_date(order.agreed[-1], order.renews)
    if order.renews is None or order.agreed[-1].last >= OPEN_END:
        return Lifetime(order, last)
    going_on = Lifetime(order, last)
    told = sorted(
        (at, item.id)
        for item in (facts.items if facts is not None else ())
        if item.kind is ItemKind.CHANGE and item.order in ("", order.id)
        for at in item.at(NOT_RENEWED)
    )
    ends = [(*_end(going_on, at, fact), fact) for at, fact in told]
    said = tuple(says for _, says, _ in ends)
    found = min(((end, fact) for end, _, fact in ends if end is not None), default=(last, ""))
    return Lifetime(order, found[0], found[1], said)


def last_date(agreed: Term, renews: Renews | None) -> date:
    """The last date of an order by its last agreed term, as if no notice were given; OPEN_END where it goes on."""
    if renews is None or agreed.last >= OPEN_END:
        return agreed.last
    return OPEN_END if renews.most is None else _start(renews.length, agreed.last + _ONE, renews.most) - _ONE


def _end(going_on: Lifetime, received: Instant, fact: str) -> tuple[date | None, str]:
    """The last date of the term that a notice ends, and what is to be said of it; None where it ends none."""
    order, renews = going_on.order, going_on.order.renews
    assert renews is not None
    zone = Zone.named(order.zone)
    calendar, due, counted = Calendar("order", order.zone), received, ""
    if renews.notice is not None:
        found = explain_deadline(received, renews.notice, calendar)
        due, counted = found.value, f"; {renews.notice} of notice: {found.arithmetic.partition('; late from')[0]}"
    heard = f"notice of non-renewal received {at_words(zone.shown(received))} ({fact}){counted}"
    term = going_on.term_on(max(zone.date_of(received), order.agreed[-1].last))
    late = due > _over(term, zone) or (renews.notice is None and due == _over(term, zone))
    if late and not renews.postponed:
        return None, f"{heard}; too late for the term that ends on {term.last}, and without effect"
    following: Term | None = term
    while following is not None and due > _over(following, zone):
        following = going_on.after(following)
    if following is None:
        return None, f"{heard}; the order ends without it"
    why = f"too late for the term that ends on {term.last}, so " if late else ""
    return following.last, f"{heard}; {why}the order ends on {following.last}"


def _over(term: Term, zone: Zone) -> Instant:
    return END_OF_TIME if term.last >= OPEN_END else zone.day(term.last).end


def _renewed(order: Order, day: date) -> Term:
    assert order.renews is not None
    length, base = order.renews.length, order.agreed[-1].last + _ONE
    n = _nth(length, base, day)
    return Term(_start(length, base, n), min(_start(length, base, n + 1) - _ONE, OPEN_END))


def _nth(length: Allowance, base: date, day: date) -> int:
    """The number of the automatic term that holds a date; 0 is the first one."""
    if length.unit is not DayCount.MONTHS:
        return (day - base).days // (length.count * (7 if length.unit is DayCount.WEEKS else 1))
    n = ((day.year - base.year) * 12 + day.month - base.month) // length.count
    return n if _start(length, base, n) <= day else n - 1


def _start(length: Allowance, base: date, n: int) -> date:
    """The first date of an automatic term, counted from the first of them, so that the day of the month is kept."""
    try:
        if length.unit is DayCount.MONTHS:
            months = base.year * 12 + base.month - 1 + n * length.count
            return clamped(months // 12, months % 12 + 1, base.day)
        return base + timedelta(days=n * length.count * (7 if length.unit is DayCount.WEEKS else 1))
    except (OverflowError, ValueError):
        return OPEN_END + _ONE
