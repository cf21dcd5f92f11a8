"""What is seldom met together: found by drawn pairs, and held here by small ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from makegood.model.expression import Unit
from makegood.model.money import Money
from makegood.model.order import Charge
from makegood.model.spans import HOUR
from makegood.model.statement import Verdict
from makegood.model.terms import (
    BasisRule,
    Counts,
    Excess,
    ExcludeRule,
    FeesOf,
    FeesWhen,
    MeasureKind,
    MeasureRule,
    Over,
    Strength,
    Terms,
)
from makegood.model.threshold import Side, Threshold
from makegood.model.when import PeriodKind, PeriodRule
from tests.engine import building as make

DAY = PeriodRule("period", PeriodKind.DAY, "UTC")
FIVE_HOURS = make.span("2026-03-02 00:00", "05:00")
AT_MOST_ONE = Threshold(Side.AT_MOST, Fraction(1))


def counting(strength: Strength = Strength.PROMISE) -> Terms:
    """At most one outage a day."""
    made = make.terms(period=DAY, strength=strength)
    measure = MeasureRule("share", make.CLAUSE, MeasureKind.COUNT, "downtime")
    commitment = replace(made.commitments["uptime"], target=AT_MOST_ONE, counts=Counts.NUMBER)
    return replace(made, measures={"share": measure}, commitments={"uptime": commitment})


def test_a_window_clips_downtime_that_has_no_announcement() -> None:
    clip = make.within("Monday 00:00-02:00")
    other = ExcludeRule("other", make.CLAUSE, ("uptime",), "downtime", ("ours",), clips=(clip,))
    facts = make.known(make.down(FIVE_HOURS))
    (statement,) = make.judged(make.terms(period=DAY, excludes=(other,)), facts, "2026-03-02")
    assert statement.favourable.excused_up == 2 * HOUR
    assert statement.favourable.down == 3 * HOUR


@pytest.mark.parametrize(
    ("strength", "verdict"), [(Strength.AIM, Verdict.RECORDED), (Strength.PROMISE, Verdict.BREACHED)]
)
def test_a_count_that_nothing_bounds_is_breached_only_where_it_is_promised(
    strength: Strength, verdict: Verdict
) -> None:
    (statement,) = make.judged(counting(strength), make.known(), "2026-03-02")
    assert statement.unfavourable.verdict is verdict


def test_a_count_that_nothing_bounds_runs_while_its_period_does() -> None:
    (statement,) = make.judged(counting(), make.known(), "2026-03-02", as_of="2026-03-02 12:00")
    assert statement.unfavourable.verdict is Verdict.RUNNING


def test_what_nobody_saw_before_the_period_may_make_one_outage_of_two() -> None:
    """At worst the first outage began the day before, so that it is not one of this day."""
    rows = {"2026-03-02": "down", "2026-03-02 05:00": "up", "2026-03-02 07:00": "down", "2026-03-02 08:00": "up"}
    facts = make.known(make.reported("web", [(make.at(at), what) for at, what in {**rows, make.NOW: "up"}.items()]))
    three = replace(counting().commitments["uptime"], target=Threshold(Side.AT_MOST, Fraction(3)))
    (statement,) = make.judged(replace(counting(), commitments={"uptime": three}), facts, "2026-03-02")
    assert statement.favourable.ratio == 2
    assert statement.unfavourable.ratio == 1


def test_days_that_are_carried_stay_days_though_they_are_worth_money() -> None:
    three = make.credit(make.literal(3, Unit.DAYS), unit=Unit.DAYS, converts=make.dollars(10))
    cap = make.limit("cap", "credit", make.literal(2, Unit.DAYS), Unit.DAYS)
    cap = replace(cap, over=Over(), excess=Excess.CARRIED)
    facts = make.known(make.down(FIVE_HOURS, make.span("2026-03-03 00:00", "05:00")))
    agreement = make.terms(period=DAY, remedies=[three], limits=(cap,))
    (statement,) = make.judged(agreement, facts, "2026-03-03", make.order(first="2026-03-02"))
    lines = statement.favourable.lines
    assert [line.unstated for line in lines] == ["", ""]
    assert [line.days for line in lines] == [Fraction(2), Fraction(0)]
    assert [line.money for line in lines] == [Money(Fraction(20_00), "USD"), Money(Fraction(0), "USD")]


def test_charges_of_the_period_before_are_those_of_that_period() -> None:
    basis = BasisRule("fees", make.CLAUSE, FeesOf.SUBJECT, FeesWhen.PERIOD_BEFORE, ("set-up",))
    agreement = make.terms(period=DAY, remedies=[make.credit(make.times("fees"))])
    agreement = replace(agreement, bases={"fees": basis})
    charges = tuple(Charge("set-up", date(2026, 3, day), Money(Fraction(day), "USD")) for day in (1, 2))
    order = make.order(replace(make.service(), charges=charges))
    (statement,) = make.judged(agreement, make.known(make.down(FIVE_HOURS)), "2026-03-02", order)
    assert [line.money for line in statement.favourable.lines] == [Money(Fraction(1), "USD")]


def test_a_period_of_which_only_hours_lie_in_the_order_has_no_date_of_its_term_and_no_part_of_its_fees() -> None:
    """1 March in New York still has hours at which the order has begun in UTC, on the 2nd."""
    day = replace(DAY, zone="America/New_York")
    basis = BasisRule("fees", make.CLAUSE, FeesOf.SUBJECT, FeesWhen.TERM_DAYS)
    agreement = replace(make.terms(period=day, remedies=[make.credit(make.times("fees"))]), bases={"fees": basis})
    down = make.known(make.down(make.span("2026-03-02 01:00", "04:00")))
    (statement,) = make.judged(agreement, down, "2026-03-01", make.order(first="2026-03-02"))
    assert [line.money for line in statement.favourable.lines] == [Money(Fraction(0), "USD")]
