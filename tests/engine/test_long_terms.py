"""What earlier periods count for later ones, over whole terms and across commitments, zones and sources."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from makegood.model.expression import Unit
from makegood.model.spans import HOUR
from makegood.model.statement import Verdict
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Calendar, PeriodKind, PeriodRule
from tests.engine import building as make

DAY = PeriodRule("period", PeriodKind.DAY, "UTC")
FIVE_HOURS_AND_ONE = make.span("2026-03-02 00:00", "05:00"), make.span("2026-03-03 00:00", "01:00")


def test_a_limit_over_two_days_is_judged_at_the_end_of_a_long_term() -> None:
    cap = make.limit("cap", "credit", make.dollars(1), Unit.MONEY, days=2, zone="UTC")
    agreement = make.terms(period=DAY, limits=(cap,))
    order = make.order(last="2030-12-31")
    (statement,) = make.judged(agreement, make.known(), "2027-12-30", order, as_of="2030-01-01")
    (line,) = statement.unfavourable.lines
    assert line.money is not None
    assert line.money.minor in (0, 100)


def test_what_another_commitment_was_credited_counts_against_a_limit_that_both_share() -> None:
    first = make.credit(make.dollars(80), "first")
    second = replace(make.credit(make.dollars(80), "second"), commitment="other")
    cap = replace(make.limit("cap", "first", make.dollars(100), Unit.MONEY, days=2, zone="UTC"), on=("first", "second"))
    agreement = make.terms(period=DAY, limits=(cap,), remedies=[first, second])
    nine_tenths = Threshold(Side.AT_LEAST, Fraction(9, 10))
    other = replace(agreement.commitments["uptime"], name="other", target=nine_tenths)
    agreement = replace(agreement, commitments={**agreement.commitments, "other": other})
    facts = make.known(make.down(*FIVE_HOURS_AND_ONE))
    credited = [
        [line.money.minor for s in make.judged(agreement, facts, day) for line in s.favourable.lines if line.money]
        for day in ("2026-03-02", "2026-03-03")
    ]
    assert credited == [[80_00, 20_00], [0]]


def test_a_period_that_began_before_the_terms_first_date_there_counts_against_a_limit() -> None:
    """The term begins on 2 March in Tokyo, which is still 1 March in London."""
    cap = make.limit("cap", "credit", make.dollars(100), Unit.MONEY, days=2, zone="Europe/London")
    london = replace(DAY, zone="Europe/London")
    agreement = make.terms("Europe/London", london, limits=(cap,), remedies=[make.credit(make.dollars(100))])
    order = make.order(first="2026-03-02", zone="Asia/Tokyo")
    facts = make.known(make.down(make.span("2026-03-01 15:00", "20:00"), make.span("2026-03-02 15:00", "20:00")))
    credited = [
        [
            line.money.minor
            for s in make.judged(agreement, facts, day, order)
            for line in s.favourable.lines
            if line.money
        ]
        for day in ("2026-03-01", "2026-03-02")
    ]
    assert credited == [[100_00], [0]]


def test_a_source_of_which_nothing_is_known_yet_changes_nothing() -> None:
    told = make.down(make.span("2026-03-02 00:00", "05:00"))
    later = make.reported("web", [(make.at("2026-03-01"), "up"), (make.at(make.NOW), "up")], "later", make.at(make.NOW))
    agreement = make.terms(period=DAY, detect={"checks": "all"})
    alone, beside = (
        make.judged(agreement, make.known(*sources).known_at(make.at("2026-04-01")), "2026-03-02", as_of="2026-04-01")
        for sources in ((told,), (told, later))
    )
    assert [s.verdict for s in alone] == [s.verdict for s in beside] == [Verdict.BREACHED]


def test_a_nominal_length_needs_something_covered() -> None:
    closed = Calendar("open", "UTC", make.windows("Tuesday 09:00-17:00"))
    agreement = make.terms(
        period=replace(DAY, nominal=24 * HOUR), hours=closed, measure={"service_hours": "open"}
    )  # fmt: skip
    (statement,) = make.judged(agreement, make.known(make.down()), "2026-03-02")
    assert statement.verdict is Verdict.NOT_APPLICABLE
