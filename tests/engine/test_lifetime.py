"""The terms of an order: agreed, renewed by themselves, and ended by a notice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from makegood.calendar.zone import Zone
from makegood.engine.lifetime import NOT_RENEWED, Lifetime, lifetime
from makegood.model.facts import Facts, Item, ItemKind
from makegood.model.order import OPEN_END, Order, Renews, Term
from makegood.model.spans import SECOND, Instant
from makegood.model.when import Allowance, DayCount

ZONE = "America/New_York"
YEAR = Allowance(12, DayCount.MONTHS)
DAYS_30 = Allowance(30, DayCount.DAYS)


def order(first: date, last: date, renews: Renews | None = None, *renewals: Term) -> Order:
    return Order("o", "a", "c", "p", ZONE, Term(first, last), (), renewals=renewals, renews=renews)


def told(*instants: Instant, of: str = "o") -> Facts:
    return Facts(
        items=tuple(
            Item(f"NR-{n}", at, "legal", kind=ItemKind.CHANGE, order=of, events=((NOT_RENEWED, at),))
            for n, at in enumerate(instants, 1)
        )
    )


def end_of(day: date) -> Instant:
    return Zone.named(ZONE).day(day).end


def test_every_date_lies_in_exactly_one_term() -> None:
    whole = lifetime(order(date(2024, 1, 31), date(2024, 2, 28), Renews(Allowance(1, DayCount.MONTHS))))
    found, day = [whole.term_on(date(2024, 1, 31))], date(2024, 1, 31)
    while day < date(2026, 3, 1):
        held = whole.term_on(day)
        assert held.first <= day <= held.last
        if held != found[-1]:
            assert held.first == found[-1].last + timedelta(days=1)
            assert whole.after(found[-1]) == held
            found.append(held)
            assert whole.number(held) == len(found) - 1
        day += timedelta(days=1)
    assert [t.first.day for t in found[1:]] == [29] * 12 + [28] + [29] * 11 + [28]


def test_terms_that_are_agreed_come_before_those_that_follow_by_themselves() -> None:
    second = Term(date(2027, 1, 1), date(2027, 6, 30))
    whole = lifetime(order(date(2026, 1, 1), date(2026, 12, 31), Renews(Allowance(2, DayCount.WEEKS)), second))
    assert whole.term_on(date(2027, 3, 1)) == second
    assert list(whole.between(date(2027, 6, 30), date(2027, 7, 15))) == [
        second, Term(date(2027, 7, 1), date(2027, 7, 14)), Term(date(2027, 7, 15), date(2027, 7, 28)),
    ]  # fmt: skip
    assert whole.last == OPEN_END


def test_a_date_outside_belongs_to_the_nearest_term() -> None:
    whole = lifetime(order(date(2026, 1, 1), date(2026, 12, 31)))
    assert whole.term_on(date(2025, 6, 1)) == whole.term_on(date(2028, 6, 1)) == whole.order.term
    assert whole.after(whole.order.term) is None
    assert whole.renewal_from(date(2026, 6, 1)) is None


@pytest.mark.parametrize(
    ("first", "renewal"),
    [
        (date(2025, 1, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 1)),
        (date(2026, 3, 2), date(2027, 3, 1)),
        (date(2031, 1, 1), date(2031, 3, 1)),
    ],
)
def test_the_renewal_from_a_date_on_is_the_first_that_begins_no_earlier(first: date, renewal: date) -> None:
    found = lifetime(order(date(2025, 3, 1), date(2026, 2, 28), Renews(YEAR))).renewal_from(first)
    assert found is not None
    assert found.first == renewal


@pytest.mark.parametrize(
    ("renews", "before", "last"),
    [
        (Renews(YEAR, DAYS_30), timedelta(days=30), OPEN_END),
        (Renews(YEAR, DAYS_30), timedelta(days=30, seconds=1), date(2026, 2, 28)),
        (Renews(YEAR), timedelta(seconds=1), date(2026, 2, 28)),
        (Renews(YEAR), timedelta(), date(2027, 2, 28)),
        (Renews(YEAR, Allowance(1, DayCount.MONTHS)), timedelta(days=31), date(2026, 2, 28)),
        (Renews(YEAR, Allowance(72 * 3600 * SECOND, DayCount.ELAPSED)), timedelta(hours=72), date(2026, 2, 28)),
        (Renews(YEAR, Allowance(72 * 3600 * SECOND, DayCount.ELAPSED)), timedelta(hours=71), OPEN_END),
        (Renews(YEAR, DAYS_30), timedelta(days=29), OPEN_END),
        (Renews(YEAR, DAYS_30, postponed=True), timedelta(days=29), date(2027, 2, 28)),
        (Renews(YEAR, Allowance(14, DayCount.MONTHS), postponed=True), timedelta(days=29), date(2028, 2, 29)),
        (Renews(YEAR, DAYS_30, most=1), timedelta(days=29), date(2027, 2, 28)),
    ],
)
def test_a_notice_ends_the_order_where_all_of_its_notice_lies_before_the_end(
    renews: Renews, before: timedelta, last: date
) -> None:
    at = end_of(date(2026, 2, 28)) - before // timedelta(microseconds=1)
    found = lifetime(order(date(2025, 3, 1), date(2026, 2, 28), renews), told(at))
    assert found.last == last
    assert len(found.said) == 1
    assert bool(found.ended_by) is (last != OPEN_END and renews.most is None)


def test_the_earliest_end_counts_and_notices_of_other_orders_do_not() -> None:
    of = order(date(2025, 3, 1), date(2026, 2, 28), Renews(YEAR))
    late, early = end_of(date(2026, 5, 1)), end_of(date(2026, 1, 1))
    assert lifetime(of, told(late, early)) == Lifetime(
        of, date(2026, 2, 28), "NR-2", lifetime(of, told(late, early)).said
    )
    assert lifetime(of, told(early, of="another")).last == OPEN_END
    assert lifetime(of, told(early, of="")).last == date(2026, 2, 28)


def test_an_order_that_does_not_renew_hears_no_notice() -> None:
    of = order(date(2025, 3, 1), date(2026, 2, 28), None, Term(date(2026, 3, 1), date(2027, 2, 28)))
    assert lifetime(of, told(end_of(date(2025, 6, 1)))) == Lifetime(of, date(2027, 2, 28))
