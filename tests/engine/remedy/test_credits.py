"""Rows, limits over several lines, roundings after limits, and what both runs owe, in words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from makegood.model.expression import Name, Operation, Operator, Unit
from makegood.model.facts import Standing
from makegood.model.money import Rounding
from makegood.model.spans import HOUR, Span
from makegood.model.statement import Statement, Verdict
from makegood.model.terms import Nesting, Terms, Unstated
from makegood.model.threshold import Side, Threshold
from tests.engine.building import (
    CLAUSE,
    at,
    credit,
    dollars,
    down,
    judged,
    known,
    limit,
    literal,
    nested,
    order,
    reported,
    service,
    span,
    terms,
    tier,
    times,
)  # fmt: skip

MARCH = 31 * 24
"""Hours; 7.44 of them are one per cent."""


def lost(per_cent: str, name: str = "web") -> Any:
    """A service that was down for a share of March."""
    start = at("2026-03-05")
    return down(Span(start, start + int(Fraction(per_cent) / 100 * MARCH * HOUR)), name=name)


def one(agreement: Terms, per_cent: str) -> Statement:
    return judged(agreement, known(lost(per_cent)))[0]


NESTED = (tier("", "99", "10"), tier("", "95", "25"), tier("", "90", "50"))


@pytest.mark.parametrize(
    ("per_cent", "nesting", "amount"),
    [
        ("1", Nesting.DEEPEST, "none"),
        ("2", Nesting.DEEPEST, "100.00 USD"),
        ("5", Nesting.DEEPEST, "100.00 USD"),
        ("6", Nesting.DEEPEST, "250.00 USD"),
        ("11", Nesting.DEEPEST, "500.00 USD"),
        ("2", Nesting.ADDING, "100.00 USD"),
        ("6", Nesting.ADDING, "350.00 USD"),
        ("11", Nesting.ADDING, "850.00 USD"),
    ],
)
def test_of_nested_rows_the_lowest_edge_decides_unless_they_add(per_cent: str, nesting: Nesting, amount: str) -> None:
    for rows in (NESTED, NESTED[::-1]):
        assert one(terms(tiers=rows, scale=nested(nesting)), per_cent).amount == amount


def test_a_row_that_is_unstated_is_asked_only_where_it_holds() -> None:
    rows = (tier("95", "99", "10"), tier("", "95", Unstated(CLAUSE, "the row below 95 %")))
    met, less, more = (one(terms(tiers=rows), lost) for lost in ("1", "2", "6"))
    assert (met.verdict, met.amount) == (Verdict.MET, "none")
    assert (less.verdict, less.amount) == (Verdict.BREACHED, "100.00 USD")
    assert more.verdict is Verdict.BREACHED
    assert more.amount.startswith("unstated")


def test_a_value_that_no_row_holds_is_unstated() -> None:
    assert one(terms(tiers=(tier("95", "99", "10"),)), "6").amount.startswith("unstated")


@pytest.mark.parametrize(
    ("operator", "amount"),
    [(Operator.LEAST, "30.00 USD"), (Operator.GREATEST, "100.00 USD"), (Operator.ADD, "130.00 USD")],
)
def test_amounts_are_closed_arithmetic(operator: Operator, amount: str) -> None:
    made = credit(Operation(operator, (times("scale", "fees"), dollars(30))))
    assert one(terms(remedies=[made]), "2").amount == amount


@pytest.mark.parametrize(
    ("most", "amounts", "cut"),
    [
        (400, (100, 250, 50), ("", "", "cap")),
        (350, (100, 250, 0), ("", "", "cap")),
        (600, (100, 250, 250), ("", "", "")),
        (300, (100, 200, 0), ("", "cap", "cap")),
        (0, (0, 0, 0), ("cap", "cap", "cap")),
    ],
)
def test_under_a_limit_over_several_lines_the_last_one_is_cut(
    most: int, amounts: tuple[int, ...], cut: tuple[str, ...]
) -> None:
    capped = limit("cap", "credit", dollars(most), Unit.MONEY, over="period")
    facts = known(lost("2"), lost("6", "mail"), lost("7", "files"))
    of = order(service("web"), service("mail"), service("files"))
    found = [s.favourable.lines[0] for s in judged(terms(limits=(capped,)), facts, of=of)]
    assert [line.money.minor if line.money else None for line in found] == [100 * a for a in amounts]
    assert tuple(line.cut_by for line in found) == cut


@pytest.mark.parametrize(
    ("how", "minor"), [(Rounding.HALF_UP, 34), (Rounding.HALF_EVEN, 34), (Rounding.DOWN, 33), (Rounding.UP, 34)]
)
def test_a_line_is_rounded_after_its_limit(how: Rounding, minor: int) -> None:
    part = Operation(Operator.MULTIPLY, (literal(Fraction(1, 3), Unit.SHARE), Name("fees")))
    capped = limit("cap", "credit", part, Unit.MONEY, over="period")
    agreement = terms(remedies=[credit(Name("fees"), rounding=how)], limits=(capped,))
    (statement,) = judged(agreement, known(lost("2")), of=order(service("web", 101)))
    assert statement.favourable.lines[0].money is not None
    assert statement.favourable.lines[0].money.minor == minor


def test_a_standing_that_a_remedy_excludes_withholds_it_while_the_statement_is_made() -> None:
    agreement = terms(remedies=[credit(dollars(5), requires_standing=("overdue",))])
    for during, amount in (
        (span("2026-04-01", "2026-06-01"), "5.00 USD"),
        (span("2026-04-01", "2027-06-01"), "withheld"),
    ):
        standing = Standing("s", 0, "finance", order="order", span=during, standing="overdue")
        (statement,) = judged(agreement, known(lost("2"), standing))
        assert statement.amount.startswith(amount)


@pytest.mark.parametrize(
    ("seen_until", "amount"),
    [
        ("2026-03-31 23:00", "100.00 USD"),
        ("2026-03-30 00:00", "at least 100.00 USD, at most 250.00 USD"),
    ],
)
def test_bounds_are_the_least_and_the_greatest_of_both_runs(seen_until: str, amount: str) -> None:
    log = down(Span(at("2026-03-05"), at("2026-03-05 12:00")), last=seen_until)
    (statement,) = judged(terms(), known(log))
    assert (statement.verdict, statement.amount) == (Verdict.BREACHED, amount)


def test_what_may_be_none_is_at_most() -> None:
    log = reported("web", [(at("2026-01-01"), "up"), (at("2026-03-31 00:00"), "up")])
    (statement,) = judged(terms(), known(log))
    assert statement.verdict is Verdict.INSUFFICIENT
    assert statement.amount == "at most 100.00 USD"


def test_days_keep_their_unit_until_what_a_day_is_worth_is_known() -> None:
    days = credit(Name("scale"), unit=Unit.DAYS)
    rows = (tier("", "99", "10", per_cent=False),)
    agreement = terms(tiers=rows, scale={"unit": Unit.DAYS}, remedies=[days])
    assert one(agreement, "2").amount == "10 days"
    worth = credit(Name("scale"), unit=Unit.DAYS, converts=dollars(3))
    assert one(terms(tiers=rows, scale={"unit": Unit.DAYS}, remedies=[worth]), "2").amount == "10 days (30.00 USD)"


def test_downtime_and_shortfall_can_be_read_by_an_amount() -> None:
    made = credit(Operation(Operator.MULTIPLY, (Name("shortfall"), Name("fees"))))
    assert one(terms(remedies=[made]), "3").amount == "20.00 USD"


def test_a_commitment_without_a_target_has_no_verdict() -> None:
    assert one(terms(target=Unstated(CLAUSE, "the target")), "50").verdict is Verdict.UNSTATED
    more = Threshold(Side.MORE_THAN, Fraction(99, 100))
    assert one(terms(target=more), "1").verdict is Verdict.BREACHED
