"""A value exactly on an edge, and one second to each side of it, decided by whole numbers alone."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.statement import state
from makegood.model.spans import SECOND, Span
from makegood.model.statement import Verdict
from makegood.model.terms import Terms
from makegood.model.threshold import Side, Threshold
from tests.engine import building as make
from tests.engine.worlds import examples

MARCH = (date(2026, 4, 1) - date(2026, 3, 1)).days * 86_400


def outage(seconds: int) -> Span:
    start = make.at("2026-03-05")
    return Span(start, start + seconds * SECOND)


@given(st.integers(0, 100_000), st.integers(-2, 2), st.sampled_from([Side.AT_LEAST, Side.MORE_THAN]))
@examples(60)
def test_a_target_is_met_or_missed_by_cross_multiplied_seconds(edge: int, beside: int, side: Side) -> None:
    target = Fraction(edge, 100_000)
    down = min(max((MARCH * (100_000 - edge)) // 100_000 + beside, 0), MARCH - 5 * 86_400)
    terms = make.terms(target=Threshold(side, target))
    (statement,) = make.judged(terms, make.known(make.down(outage(down))))
    left, right = (MARCH - down) * 100_000, edge * MARCH
    met = left >= right if side is Side.AT_LEAST else left > right
    assert statement.verdict is (Verdict.MET if met else Verdict.BREACHED)


@given(st.integers(90_000, 98_999), st.integers(-2, 2), st.booleans())
@examples(60)
def test_a_row_is_found_by_cross_multiplied_seconds(edge: int, beside: int, inside: bool) -> None:
    cut = str(Fraction(edge, 1000))
    down = max((MARCH * (100_000 - edge)) // 100_000 + beside, 0)
    sides = ("[)", "[)") if inside else ("()", "[]")
    tiers = (make.tier(cut, "99", "10", sides[0]), make.tier("", cut, "25", sides[1]))
    (statement,) = make.judged(make.terms(tiers=tiers), make.known(make.down(outage(down))))
    left, right = (MARCH - down) * 100_000, edge * MARCH
    upper = left >= right if inside else left > right
    assert statement.amount == ("100.00 USD" if upper else "250.00 USD")


@given(st.integers(0, 20_000), st.integers(0, 3), st.sampled_from([None, 0, 1, 2, 3]), st.sampled_from([*Side][:2]))
@examples(30)
def test_the_seconds_that_would_change_a_statement_do_and_one_less_does_not(
    minutes: int, odd: int, rounding: int | None, side: Side
) -> None:
    down = minutes * 60 + odd
    tiers = (make.tier("95", "99.5", "10"), make.tier("90", "95", "25"), make.tier("", "90", "50"))
    terms = make.terms(tiers=tiers, target=Threshold(side, Fraction("0.995")), measure={"rounding": rounding})

    def said(seconds: int) -> tuple[Verdict, str]:
        return judged(terms, seconds)

    (statement,) = state(make.world(make.known(make.down(outage(down)))), terms, "2026-03").statements
    now = statement.verdict, statement.amount
    assert now == said(down)
    changes = [c for c in statement.smallest if c.kind == "seconds"]
    for change in changes:
        assert change.size is not None
        size = change.size // SECOND
        assert said(down + size) == (change.verdict, change.amount) != now
        assert said(down + size - (1 if size > 0 else -1)) == now
    assert any(c.size > 0 for c in changes if c.size) or said(MARCH - 5 * 86_400) == now
    assert any(c.size < 0 for c in changes if c.size) or said(0) == now


def judged(terms: Terms, seconds: int) -> tuple[Verdict, str]:
    (statement,) = make.judged(terms, make.known(make.down(outage(seconds))))
    return statement.verdict, statement.amount


@pytest.mark.parametrize(
    ("places", "down", "met"),
    [(None, 26_785, False), (1, 26_785, True), (0, 26_785, True), (1, 28_123, True), (1, 28_125, False)],
)
def test_a_ratio_is_rounded_only_where_the_agreement_says_so_and_then_for_the_target(
    places: int | None, down: int, met: bool
) -> None:
    terms = make.terms(measure={"rounding": places})
    assert judged(terms, down)[0] is (Verdict.MET if met else Verdict.BREACHED)
