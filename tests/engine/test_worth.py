"""Readings and silences weighed over statements: what an alternative owes, what a silence leaves open, their rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from makegood.engine.sums import Between, Owed
from makegood.engine.worth import Weighing
from makegood.model.expression import Literal, Name, Operation, Operator, Unit
from makegood.model.facts import Facts
from makegood.model.spans import MINUTE
from makegood.model.terms import Choice, Clause, Terms, Unstated, Variant
from makegood.model.threshold import Side, Threshold
from makegood.model.when import PeriodKind, PeriodRule
from tests.engine import building as make

EIGHT = make.span("2026-03-05 00:00", "08:00")
SHORT = make.span("2026-02-05 00:00", "07:00")
ELSEWHERE = Clause("elsewhere", "9", "Elsewhere", 90)


def choice(name: str, *alternatives: str) -> Choice:
    return Choice(name, make.CLAUSE, name.partition(".")[0], alternatives, 0)


def weighed(now: Terms, others: Sequence[tuple[Choice, Terms]], facts: Facts, *labels: str) -> Weighing:
    terms = replace(now, choices=tuple(dict.fromkeys(c for c, _ in others)))
    weighing, world = Weighing(), make.world(facts)
    for label in labels:
        weighing.add(world, terms, label, [Variant(c, 1, other) for c, other in others])
    return weighing


def dollars(minor: int) -> Owed:
    return Owed({"USD": Between(Fraction(minor), Fraction(minor))})


def test_readings_are_ranked_by_money_over_all_statements_and_idle_ones_come_last() -> None:
    """March is breached at 8 h (10 %); February's 7 h are more than 1 % of 672 h too, but not under 98.9 %."""
    facts = make.known(make.down(SHORT, EIGHT))
    dearer = make.terms(tiers=(make.tier("95", "99", "30"), make.tier("", "95", "40")))
    milder = make.terms(target=Threshold(Side.AT_LEAST, Fraction(9895, 10000)))
    found = weighed(
        make.terms(),
        [
            (choice("idle.key", "a", "b"), make.terms()),
            (choice("target.is", "99 %", "98.95 %"), milder),
            (choice("scale.rows", "10 %", "30 %"), dearer),
        ],
        facts,
        "2026-02",
        "2026-03",
    ).weighed()
    assert [(r.choice.id, r.matters) for r in found] == [
        ("scale.rows", True),
        ("target.is", True),
        ("idle.key", False),
    ]
    rows, target, _ = (r.alternatives[0] for r in found)
    assert (rows.difference, rows.verdicts, len(rows.changed)) == (dollars(400_00), 0, 2)
    assert (target.difference, target.verdicts) == (dollars(-100_00), 1)
    assert [pair.either.period.label for pair in target.changed] == ["2026-02"]


def test_a_reading_that_cuts_time_otherwise_is_judged_over_the_period_that_holds_the_start() -> None:
    quarters = make.terms(period=PeriodRule("period", PeriodKind.QUARTER, "UTC"))
    reading = choice("period.is", "calendar month", "calendar quarter")
    (found,) = weighed(make.terms(), [(reading, quarters)], make.known(make.down(EIGHT)), "2026-03").weighed()
    (pair,) = found.alternatives[0].changed
    assert pair.after is not None
    assert (pair.after.period.label, found.alternatives[0].difference) == ("2026-Q1", dollars(-100_00))


def test_a_silence_leaves_a_credit_open_and_without_a_limit_it_has_no_most() -> None:
    tiers = (make.tier("95", "99", Unstated(ELSEWHERE, "the credit of this row")), make.tier("", "95", "25"))
    weighing = weighed(make.terms(tiers=tiers), [], make.known(make.down(EIGHT)), "2026-02", "2026-03")
    (found,) = weighing.weighed_silences()
    assert (found.silence.rule, found.silence.what) == ("scale", "the credit of this row")
    assert [s.period.label for s in found.credits] == ["2026-03"]
    assert found.most is None


def test_a_limit_bounds_what_a_silence_leaves_open() -> None:
    """Half of the fees of 1,000 dollars is the most, whatever the row gives: 500 dollars."""
    tiers = (make.tier("95", "99", Unstated(ELSEWHERE, "the credit of this row")), make.tier("", "95", "25"))
    half = Operation(Operator.MULTIPLY, (Literal(Fraction(1, 2), Unit.SHARE), Name("fees")))
    terms = make.terms(tiers=tiers, limits=(make.limit("cap", "credit", half, Unit.MONEY, over="period"),))
    (found,) = weighed(terms, [], make.known(make.down(EIGHT)), "2026-03").weighed_silences()
    assert found.most == dollars(500_00)


def test_a_silence_that_nothing_asked_for_leaves_nothing_open() -> None:
    tiers = (make.tier("95", "99", "10"), make.tier("", "95", Unstated(ELSEWHERE, "the credit of this row")))
    (found,) = weighed(make.terms(tiers=tiers), [], make.known(make.down(EIGHT)), "2026-03").weighed_silences()
    assert not found.matters


def test_an_unstated_target_leaves_the_verdict_open() -> None:
    silent = make.terms(target=Unstated(make.CLAUSE, "the target"))
    (found,) = weighed(silent, [], make.known(make.down(EIGHT)), "2026-03").weighed_silences()
    assert [s.period.label for s in found.targets] == ["2026-03"]


def test_an_alternative_over_unseen_time_is_worth_a_range() -> None:
    longer = make.terms(outage={"shortest": Threshold(Side.AT_LEAST, 600 * MINUTE)})
    facts = make.known(make.down(EIGHT, last="2026-03-31 12:00"))
    weighing, world = Weighing(), make.world(facts, as_of="2026-04-02")
    reading = choice("downtime.shortest", "0 min", "600 min")
    weighing.add(world, replace(make.terms(), choices=(reading,)), "2026-03", [Variant(reading, 1, longer)])
    (found,) = weighing.weighed()
    assert found.alternatives[0].difference == Owed({"USD": Between(Fraction(-100_00), Fraction(0))})
