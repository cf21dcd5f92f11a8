"""Credits added up and subtracted: by unit, under both runs, exactly."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.comparing import compared, difference
from makegood.engine.sums import DAYS, NOTHING, Between, Owed, owed_by, owed_by_all
from makegood.model.expression import Unit
from makegood.model.statement import Verdict
from makegood.model.terms import Unstated
from tests.engine import building as make
from tests.engine.worlds import examples

EIGHT = make.span("2026-03-05 00:00", "08:00")


def both(favourable: int, unfavourable: int) -> Between:
    return Between(Fraction(favourable), Fraction(unfavourable))


@st.composite
def sums(draw: st.DrawFn) -> Owed:
    amounts = st.builds(both, st.integers(-9, 9), st.integers(-9, 9))
    found = draw(st.dictionaries(st.sampled_from(["USD", "EUR", DAYS]), amounts, max_size=3))
    return Owed({unit: amount for unit, amount in found.items() if amount}, draw(amounts))


@examples(200)
@given(sums(), sums(), sums())
def test_sums_and_differences_are_those_of_numbers(a: Owed, b: Owed, c: Owed) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert (a + b) - b == a
    assert a - a == NOTHING
    assert bool(a - b) == (a != b)


def test_a_range_knows_its_ends_whichever_run_they_come_from() -> None:
    assert [int(n) for n in (both(5, 2).least, both(5, 2).most, both(-7, 2).size)] == [2, 5, 7]


def test_a_statement_owes_its_lines_and_an_unseen_span_makes_a_range() -> None:
    (sure,) = make.judged(make.terms(), make.known(make.down(EIGHT)))
    assert owed_by(sure) == Owed({"USD": both(100_00, 100_00)})
    (unsure,) = make.judged(make.terms(), make.known(make.down(last="2026-03-31 12:00")), as_of="2026-04-02")
    assert unsure.verdict is Verdict.INSUFFICIENT
    assert owed_by(unsure) == Owed({"USD": both(0, 100_00)})
    assert owed_by_all([sure, unsure, None]) == Owed({"USD": both(100_00, 200_00)})


def test_what_is_unstated_is_counted_and_adds_no_money() -> None:
    silent = make.terms(tiers=(make.tier("95", "99", Unstated(make.CLAUSE, "the credit")), make.tier("", "95", "25")))
    (found,) = make.judged(silent, make.known(make.down(EIGHT)))
    assert owed_by(found) == Owed({}, both(1, 1))


def test_days_without_a_price_keep_their_unit() -> None:
    in_days = make.terms(
        remedies=[make.credit(make.times("scale"), unit=Unit.DAYS)],
        tiers=(make.tier("95", "99", "5", per_cent=False), make.tier("", "95", "10", per_cent=False)),
        scale={"unit": Unit.DAYS},
    )
    (found,) = make.judged(in_days, make.known(make.down(EIGHT)))
    assert owed_by(found) == Owed({DAYS: both(5, 5)})


def test_differences_are_taken_run_by_run() -> None:
    """The same unseen time on both sides is no difference, though both sides are ranges."""
    facts = make.known(make.down(last="2026-03-31 12:00"))
    before = make.judged(make.terms(), facts, as_of="2026-04-02")
    dearer = make.terms(tiers=(make.tier("95", "99", "20"), make.tier("", "95", "25")))
    after = make.judged(dearer, facts, as_of="2026-04-02")
    assert not any(pair.changes for pair in compared(before, before))
    assert difference(compared(before, after)) == Owed({"USD": both(0, 100_00)})


def test_a_statement_that_one_side_lacks_is_compared_with_nothing() -> None:
    (found,) = make.judged(make.terms(), make.known(make.down(EIGHT)))
    (pair,) = compared([], [found])
    assert pair.changes
    assert pair.difference == owed_by(found)
    (gone,) = compared([found], [])
    assert gone.difference == NOTHING - owed_by(found)
