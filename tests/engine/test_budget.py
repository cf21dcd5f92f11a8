"""What is left of a target: the figures worked by hand, and every step judged again through supposed outages."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.calendar.period import period_named, span_of
from makegood.engine.budget import Budget, budgets
from makegood.engine.judge.case import Supposed
from makegood.engine.statement import state
from makegood.engine.sums import NOTHING, Between, owed_by
from makegood.engine.supposing import ended_well, with_supposed
from makegood.model.expression import Literal, Name, Operation, Operator, Unit
from makegood.model.facts import Facts, States
from makegood.model.spans import HOUR, MINUTE, SECOND, Span
from makegood.model.statement import Statement, Verdict
from makegood.model.terms import Counts, Range, RemedyEach, ScaleRule, Step, Strength, Terms, Tier, Unstated
from makegood.model.threshold import Side, Threshold
from tests.engine import building as make
from tests.engine.worlds import examples

MARCH = 31 * 24 * HOUR
NOON = "2026-03-11 12:00"


def end(terms: Terms, label: str = "2026-03") -> int:
    return span_of(period_named(terms.periods["period"], label)).end


def budget(terms: Terms, facts: Facts, as_of: str = NOON) -> Budget:
    (found,) = budgets(make.world(facts, as_of=as_of), terms, "2026-03", end(terms))
    return found


def seen(*spans: Span, until: str = NOON) -> States:
    return make.down(*spans, last=until)


def test_an_allowance_is_the_share_that_the_target_leaves_less_what_was_down() -> None:
    """1 % of 744 hours are 7 h 26 min 24 s; two hours were down."""
    found = budget(make.terms(), make.known(seen(make.span("2026-03-05 10:00", "12:00"))))
    (run,) = found.runs
    assert run.allowed == 7 * HOUR + 26 * MINUTE + 24 * SECOND
    assert run.used == 2 * HOUR
    assert run.left == 5 * HOUR + 26 * MINUTE + 24 * SECOND
    assert (found.now.verdict, run.verdict, run.owed) == (Verdict.RUNNING, Verdict.MET, NOTHING)


def test_an_allowance_is_cut_down_to_whole_seconds() -> None:
    """0.1 % of February's 2,419,200 s are 2,419.2 s: 40 min 19 s."""
    terms = make.terms(target=Threshold(Side.AT_LEAST, Fraction(999, 1000)))
    (found,) = budgets(make.world(make.known(make.down()), as_of="2026-03-02"), terms, "2026-02", end(terms, "2026-02"))
    assert found.runs[0].allowed == 40 * MINUTE + 19 * SECOND


@pytest.mark.parametrize(("side", "left"), [(Side.AT_LEAST, 0), (Side.MORE_THAN, -SECOND)])
def test_the_side_of_the_target_decides_its_last_second(side: Side, left: int) -> None:
    terms = make.terms(target=Threshold(side, Fraction(99, 100)))
    down = Span(make.at("2026-03-05"), make.at("2026-03-05") + 7 * HOUR + 26 * MINUTE + 24 * SECOND)
    assert budget(terms, make.known(seen(down))).runs[0].left == left


def test_each_step_says_what_the_row_costs_at_the_fees_of_the_order() -> None:
    """Below 99 % 10 % of 1,000 dollars, below 95 % 25 %; 5 % of 744 hours are 37 h 12 min."""
    (run,) = budget(make.terms(), make.known(seen())).runs
    assert [(s.more, s.verdict, s.amount) for s in run.steps] == [
        (7 * HOUR + 26 * MINUTE + 25 * SECOND, Verdict.BREACHED, "100.00 USD"),
        (37 * HOUR + 12 * MINUTE + SECOND, Verdict.BREACHED, "250.00 USD"),
    ]
    assert [s.cost.amounts["USD"].favourable for s in run.steps] == [100_00, 250_00]


def test_a_breach_that_nothing_can_mend_is_certain_while_the_period_runs() -> None:
    found = budget(make.terms(), make.known(seen(make.span("2026-03-05 00:00", "08:00"))))
    (run,) = found.runs
    assert (found.now.verdict, found.now.amount) == (Verdict.BREACHED, "none")
    assert (run.verdict, run.amount) == (Verdict.BREACHED, "100.00 USD")
    assert run.left == -(33 * MINUTE + 36 * SECOND)
    assert [s.cost.amounts["USD"].favourable for s in run.steps] == [150_00]


def test_what_nobody_saw_makes_two_budgets() -> None:
    facts = make.known(make.down(last="2026-03-11 08:00"))
    best, worst = budget(make.terms(), facts).runs
    assert (best.used, worst.used) == (0, 4 * HOUR)
    assert (best.left or 0) - (worst.left or 0) == 4 * HOUR


def test_the_pace_is_used_share_over_elapsed_share_and_its_end_lies_where_both_meet() -> None:
    """In 252 of 744 hours 2 h of 7 h 26 min 24 s were used: at that rate all of it is in 252 × 3.72 = 937.44 hours."""
    (run,) = budget(make.terms(), make.known(seen(make.span("2026-03-05 10:00", "12:00")))).runs
    assert run.pace == Fraction(2 * HOUR, 26784 * SECOND) / Fraction(252, 744)
    assert run.exhausted is None
    (faster,) = budget(make.terms(), make.known(seen(make.span("2026-03-05 10:00", "14:00")))).runs
    assert faster.exhausted == make.at("2026-03-01") + Fraction(26784, 4 * 3600) * 252 * HOUR


def test_an_aim_has_an_allowance_though_nothing_follows_from_it() -> None:
    (run,) = budget(make.terms(strength=Strength.AIM), make.known(seen())).runs
    assert run.allowed == 7 * HOUR + 26 * MINUTE + 24 * SECOND
    assert (run.verdict, run.steps) == (Verdict.RECORDED, ())


def test_without_a_number_nothing_is_allowed_or_left() -> None:
    (run,) = budget(make.terms(target=Unstated(make.CLAUSE, "the target")), make.known(seen())).runs
    assert (run.allowed, run.left, run.pace) == (None, None, None)


def test_an_amount_that_grows_between_the_edges_is_said_to() -> None:
    hourly = Operation(
        Operator.MULTIPLY,
        (
            Operation(Operator.DIVIDE, (Name("downtime"), Literal(Fraction(HOUR), Unit.TIME))),
            make.dollars(5),
        ),
    )
    (run,) = budget(make.terms(remedies=[make.credit(hourly)]), make.known(seen())).runs
    assert run.glides
    assert not budget(make.terms(), make.known(seen())).runs[0].glides


@examples(60)
@given(
    st.integers(0, 40 * 60), st.sampled_from([Side.AT_LEAST, Side.MORE_THAN]), st.sampled_from([None, 0, 2]), st.data()
)
def test_every_step_and_the_allowance_hold_for_an_outage_of_that_length(
    minutes: int, side: Side, rounding: int | None, data: st.DataObject
) -> None:
    """Not through the engine's own trial, but as an outage that is supposed to happen in the rest of the period."""
    edge = Fraction(data.draw(st.integers(950, 999)), 1000)
    terms = make.terms(target=Threshold(side, edge), measure={"rounding": rounding})
    start = make.at("2026-03-05")
    facts = make.known(seen(Span(start, start + minutes * MINUTE)))
    world = ended_well(make.world(facts, as_of=NOON), end(terms))
    (run,) = budget(terms, facts).runs

    def with_more(more: int) -> Statement:
        span = Span(make.at(NOON), make.at(NOON) + more)
        (found,) = state(with_supposed(world, [Supposed("web", span, True)]), terms, "2026-03", (), False).statements
        return found

    for step in run.steps:
        if step.more <= MARCH // 2:
            then, before = with_more(step.more), with_more(step.more - SECOND)
            assert (then.verdict, then.amount) == (step.verdict, step.amount)
            assert (before.verdict, before.amount) != (then.verdict, then.amount)
            assert owed_by(then) == step.owed
    if run.left is not None and run.left >= 0:
        assert with_more(run.left).verdict is Verdict.MET
        assert with_more(run.left + SECOND).verdict is Verdict.BREACHED


def test_announced_work_ahead_is_priced_as_announced_and_as_refused() -> None:
    work = make.work("M-1", make.span("2026-03-22 02:00", "12:00"))
    terms = make.terms(excludes=(make.exclude("planned", gates=(make.notice(72),)),))
    late = make.told(work, make.at("2026-03-19 03:00"))
    early = make.told(work, make.at("2026-03-19 02:00"))
    refused = budget(terms, make.known(seen(), work, late)).planned
    granted = budget(terms, make.known(seen(), work, early)).planned
    assert [(p.item, p.excused, p.cost.amounts.get("USD"), p.verdict) for p in refused] == [
        ("M-1", False, Between(Fraction(100_00), Fraction(100_00)), Verdict.BREACHED)
    ]
    assert [(p.excused, p.cost, p.verdict, p.verdict_refused) for p in granted] == [
        (True, NOTHING, Verdict.MET, Verdict.BREACHED)
    ]
    assert granted[0].cost_refused == refused[0].cost


def test_work_that_is_over_or_in_another_period_is_not_ahead() -> None:
    over = make.work("M-1", make.span("2026-03-02 02:00", "12:00"))
    later = make.work("M-2", make.span("2026-04-02 02:00", "12:00"))
    assert budget(make.terms(), make.known(seen(), over, later)).planned == ()


def test_one_more_outage_is_priced_where_a_credit_is_given_for_each() -> None:
    """Eight hours down have missed the target, and each outage gives 30 dollars: one more of any length 30 more."""
    terms = make.terms()
    (name, credit), *_ = terms.remedies.items()
    each = replace(credit, each=RemedyEach.OUTAGE, amount=Literal(Fraction(30_00), Unit.MONEY, "USD"))
    terms = replace(terms, remedies={**terms.remedies, name: each})
    found = budget(terms, make.known(seen(make.span("2026-03-05 00:00", "08:00"))))
    assert found.end.amount == "30.00 USD"
    assert found.further
    assert {(f.amount, f.cost.amounts["USD"]) for f in found.further} == {
        ("60.00 USD", Between(Fraction(30_00), Fraction(30_00)))
    }


def test_one_more_outage_is_not_shown_where_seconds_of_down_time_tell_all() -> None:
    found = budget(make.terms(), make.known(seen()))
    assert (found.further, found.not_told) == ((), "")


def test_one_more_outage_costs_more_for_each_started_hour() -> None:
    """5 dollars for each started hour of down time: 8 hours were down, one of an hour and a second starts two more."""
    terms = make.terms()
    (name, credit), *_ = terms.remedies.items()
    hours = ScaleRule(
        "hours", credit.clause, Unit.MONEY,
        (Tier(Range(Fraction(0), True, None, False), Fraction(5_00), "5.00 USD for each started hour", credit.clause,
              Step(Fraction(HOUR), True)),),
        currency="USD", of="downtime", counts=Counts.TIME,
    )  # fmt: skip
    each = replace(credit, amount=Name("hours"))
    terms = replace(terms, remedies={**terms.remedies, name: each}, scales={**terms.scales, "hours": hours})
    found = budget(terms, make.known(seen(make.span("2026-03-05 00:00", "08:00"))))
    assert found.end.amount == "40.00 USD"
    costs = {f.length: f.cost.amounts["USD"].least for f in found.further}
    assert (costs[HOUR], costs[HOUR + SECOND]) == (Fraction(5_00), Fraction(10_00))
