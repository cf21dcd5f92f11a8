"""Fees by the month and the day, and roundings, each beside its arithmetic."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.remedy.fees import FeesUnknown, basis_node, months_of
from makegood.model.money import Money, Rounding, rounded
from makegood.model.order import CoveredService, Fee, Term
from makegood.model.terms import FeesOf, FeesWhen
from makegood.model.when import PeriodKind, PeriodRule
from tests.engine.building import case, known, order, service, terms
from tests.engine.oracle_money import months, whole_units

DATES = st.dates(date(2019, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-01-01", "2026-12-31", Fraction(12)),
        ("2026-02-01", "2026-02-28", Fraction(1)),
        ("2026-01-15", "2026-02-14", Fraction(1)),
        ("2026-01-15", "2026-02-15", 1 + Fraction(1, 28)),
        ("2026-03-01", "2026-03-10", Fraction(10, 31)),
        ("2026-01-31", "2026-02-27", Fraction(1)),
        ("2026-01-31", "2026-02-28", 1 + Fraction(1, 31)),
        ("2024-02-29", "2025-02-28", 12 + Fraction(1, 29)),
        ("2026-03-02", "2026-03-01", Fraction()),
    ],
)
def test_a_term_has_whole_months_and_a_share_of_the_one_it_ends_in(first: str, last: str, found: Fraction) -> None:
    assert months_of(Term(date.fromisoformat(first), date.fromisoformat(last))) == found


@given(DATES, DATES)
def test_months_are_those_counted_one_by_one(first: date, last: date) -> None:
    assert months_of(Term(first, last)) == months(first, last)


def basis(
    whose: FeesOf, when: FeesWhen, label: str, kind: PeriodKind, *services: CoveredService, **more: str
) -> Fraction:
    rule = PeriodRule("period", kind, "UTC")
    made = terms(period=rule, basis=(whose, when))
    of = order(*services, **more)
    node = basis_node(made.bases["fees"], case(made, known(), label, of))
    assert isinstance(node.value, Fraction)
    return node.value


MONTH, QUARTER, WEEK = PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.WEEK


@pytest.mark.parametrize(
    ("when", "label", "kind", "per", "found"),
    [
        (FeesWhen.PERIOD, "2026-03", MONTH, "month", Fraction(120_000)),
        (FeesWhen.PERIOD, "2026-Q1", QUARTER, "month", Fraction(360_000)),
        (FeesWhen.PERIOD, "2026-03", MONTH, "quarter", Fraction(40_000)),
        (FeesWhen.PERIOD, "2026-03", MONTH, "year", Fraction(10_000)),
        (FeesWhen.PERIOD, "2026-03", MONTH, "term", Fraction(10_000)),
        (FeesWhen.PERIOD, "2026-W11", WEEK, "month", Fraction(120_000 * 7, 31)),
        (FeesWhen.TERM_EQUAL_PARTS, "2026-Q1", QUARTER, "year", Fraction(30_000)),
        (FeesWhen.TERM_MONTHS, "2026-Q1", QUARTER, "term", Fraction(30_000)),
        (FeesWhen.TERM_DAYS, "2026-03", MONTH, "term", Fraction(120_000 * 31, 365)),
        (FeesWhen.TERM_DAYS, "2026-02", MONTH, "month", Fraction(12 * 120_000 * 28, 365)),
    ],
)
def test_a_fee_is_spread_as_the_basis_says(
    when: FeesWhen, label: str, kind: PeriodKind, per: str, found: Fraction
) -> None:
    assert basis(FeesOf.SUBJECT, when, label, kind, service("web", 120_000, per)) == found


def test_fees_of_all_services_are_those_that_the_order_covers_in_the_period() -> None:
    services = (
        service("web", 100),
        service("mail", 20, ends=date(2026, 2, 28)),
        service("files", 3, starts=date(2026, 3, 31)),
    )
    assert basis(FeesOf.ORDER, FeesWhen.PERIOD, "2026-03", MONTH, *services) == 103
    assert basis(FeesOf.SUBJECT, FeesWhen.PERIOD, "2026-03", MONTH, *services) == 100


def test_a_fee_holds_from_its_date_until_a_later_one() -> None:
    fees = tuple(
        Fee(Money(Fraction(cents), "USD"), "month", date.fromisoformat(day))
        for cents, day in ((100, "2026-01-01"), (200, "2026-03-01"), (300, "2026-03-02"))
    )
    web = CoveredService("web", "web", ("web-check",), fees)
    found = [basis(FeesOf.SUBJECT, FeesWhen.PERIOD, label, MONTH, web) for label in ("2026-02", "2026-03", "2026-04")]
    assert found == [100, 200, 300]


def test_a_basis_that_the_order_does_not_fill_is_unknown() -> None:
    with pytest.raises(FeesUnknown, match="renewal"):
        basis(FeesOf.SUBJECT, FeesWhen.RENEWAL_DAY, "2026-03", MONTH, service())
    with pytest.raises(FeesUnknown, match="no fee"):
        basis(FeesOf.SUBJECT, FeesWhen.PERIOD, "2026-03", MONTH, CoveredService("web", "web", (), ()))


def test_a_day_of_the_renewal_term_is_its_fees_by_its_days() -> None:
    made = terms(basis=(FeesOf.SUBJECT, FeesWhen.RENEWAL_DAY))
    of = order(service("web", 36_500), renewals=(Term(date(2027, 1, 1), date(2027, 12, 31)),))
    assert basis_node(made.bases["fees"], case(made, known(), of=of)).value == 12 * 36_500 / Fraction(365)


@pytest.mark.parametrize(
    ("exact", "half_up", "half_even", "down", "up"),
    [
        ("2", 2, 2, 2, 2),
        ("2.49", 2, 2, 2, 3),
        ("2.5", 3, 2, 2, 3),
        ("3.5", 4, 4, 3, 4),
        ("2.51", 3, 3, 2, 3),
        ("0", 0, 0, 0, 0),
        ("0.001", 0, 0, 0, 1),
    ],
)
def test_money_is_rounded_once_by_the_named_rule(exact: str, half_up: int, half_even: int, down: int, up: int) -> None:
    found = [
        rounded(Fraction(exact), how) for how in (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.DOWN, Rounding.UP)
    ]
    assert found == [half_up, half_even, down, up]


@given(st.fractions(0, 1000, max_denominator=40), st.sampled_from(list(Rounding)))
def test_rounding_is_that_of_the_oracle(exact: Fraction, how: Rounding) -> None:
    assert rounded(exact, how) == whole_units(exact, how.value)
