"""Grain, shortest outage, reported states and running periods, one rule at a time (DESIGN 3.3 to 3.6)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from makegood.model.spans import HOUR, MINUTE, SECOND
from makegood.model.statement import Life, Verdict
from makegood.model.terms import Counted, Each, EvidenceKind
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Calendar, Partial, PeriodKind, PeriodRule
from tests.engine.building import at, down, judged, known, order, reported, service, span, terms, watched, windows

NEW_YORK = "America/New_York"
FIVE = 5 * MINUTE


@pytest.mark.parametrize(
    ("length", "side", "counted", "seconds"),
    [
        (FIVE, Side.AT_LEAST, Counted.ALL, 300),
        (FIVE, Side.MORE_THAN, Counted.ALL, 0),
        (FIVE - SECOND, Side.AT_LEAST, Counted.ALL, 0),
        (FIVE + SECOND, Side.MORE_THAN, Counted.ALL, 301),
        (FIVE + SECOND, Side.MORE_THAN, Counted.BEYOND, 1),
        (FIVE, Side.AT_LEAST, Counted.BEYOND, 0),
        (2 * FIVE, Side.AT_LEAST, Counted.BEYOND, 300),
    ],
)
def test_the_shortest_outage_has_a_side(length: int, side: Side, counted: Counted, seconds: int) -> None:
    start = at("2026-03-10 12:00")
    log = reported("web", [(at("2026-01-01"), "up"), (start, "down"), (start + length, "up"), (at("2026-12-31"), "up")])
    agreement = terms(outage={"shortest": Threshold(side, FIVE), "counted": counted})
    (statement,) = judged(agreement, known(log))
    assert statement.classes.down.total == seconds * SECOND
    assert statement.classes.brief.total == (length if not seconds and counted is Counted.ALL else 0)


def test_the_shortest_outage_is_tested_whole_across_a_periods_end() -> None:
    agreement = terms(outage={"shortest": Threshold(Side.AT_LEAST, 10 * MINUTE)})
    log = down(span("2026-03-31 23:57", "2026-04-01 00:07"))
    march, april = (judged(agreement, known(log), month)[0].classes.down.total for month in ("2026-03", "2026-04"))
    assert (march, april) == (3 * MINUTE, 7 * MINUTE)


@pytest.mark.parametrize(
    ("start", "end", "share", "minutes"),
    [
        # Clocks go from 02:00 to 03:00 on 8 March 2026: the date has 23 hours, so its last cell of 4 h has 3.
        ("2026-03-08 01:30", "2026-03-08 01:31", "any", 240),
        ("2026-03-08 23:30", "2026-03-08 23:31", "any", 180),
        ("2026-03-08 22:20", "2026-03-09 00:00", "half", 180),
        ("2026-03-08 22:40", "2026-03-09 00:00", "half", 0),
        ("2026-03-08 21:00", "2026-03-09 00:00", "all", 180),
        ("2026-03-08 04:59", "2026-03-08 05:01", "any", 480),
        ("2026-03-08 23:59", "2026-03-09 00:01", "any", 180 + 240),
    ],
)
def test_a_grain_is_counted_from_the_local_midnight_of_a_short_date(
    start: str, end: str, share: str, minutes: int
) -> None:
    agreement = terms(NEW_YORK, outage={"grain": 4 * HOUR, "grain_down": share})
    log = down(span(start, end, NEW_YORK))
    (statement,) = judged(agreement, known(log), of=order(zone=NEW_YORK))
    assert statement.classes.down.total == minutes * MINUTE


def test_of_several_services_each_is_grained_first() -> None:
    agreement = terms(each=Each.ORDER, outage={"grain": HOUR, "grain_down": "all"})
    halves = span("2026-03-10 12:00", "12:30"), span("2026-03-10 12:30", "13:00")
    log = known(down(halves[0]), down(halves[1], name="mail"))
    (statement,) = judged(agreement, log, of=order(service("web"), service("mail")))
    assert statement.classes.down.total == 0


@pytest.mark.parametrize(("holds", "hours"), [(None, 0), (HOUR, 1), (3 * HOUR, 3), (9 * HOUR, 4)])
def test_a_last_state_holds_no_longer_than_is_stated_nor_than_is_known(holds: int | None, hours: int) -> None:
    log = reported("web", [(at("2026-03-01"), "up"), (at("2026-03-20 08:00"), "down")])
    (statement,) = judged(terms(detect={"holds": holds}), known(log), as_of="2026-03-20 12:00")
    assert statement.classes.down.total == hours * HOUR
    assert statement.classes.unknown.total == (4 - hours) * HOUR


def test_a_change_between_two_looks_is_unknown_and_a_repeated_state_is_none() -> None:
    log = reported("web", [(at("2026-03-01"), "up"), (at("2026-03-10 12:00"), "down"), (at("2026-03-10 13:00"), "down"),
                           (at("2026-03-10 14:00"), "up"), (at("2026-04-02"), "up")])  # fmt: skip
    seen = type(log)(log.service, log.source, log.at, log.at - 10 * MINUTE, log.outcome, log.recorded)
    (statement,) = judged(terms(), known(seen))
    assert statement.classes.down.total == 110 * MINUTE
    assert statement.classes.unknown.total == 20 * MINUTE


def test_a_month_with_a_clock_change_has_its_true_length() -> None:
    for month, hours in (("2026-03", 743), ("2026-11", 721), ("2026-04", 720)):
        (statement,) = judged(terms(NEW_YORK), known(down()), month, order(zone=NEW_YORK))
        assert statement.favourable.denominator == hours * HOUR


def test_a_nominal_length_replaces_the_true_one_with_the_difference_as_up() -> None:
    month = PeriodRule("period", PeriodKind.MONTH, "UTC", nominal=730 * HOUR)
    (statement,) = judged(terms(period=month), known(down(span("2026-02-10 00:00", "07:18"))), "2026-02")
    assert statement.favourable.ratio == Fraction(99, 100)
    assert statement.verdict is Verdict.MET


@pytest.mark.parametrize(
    ("broken", "nominal", "rounding", "verdict"),
    [
        ("06:43:12", None, None, Verdict.RUNNING),  # 1 % of 28 days
        ("06:43:13", None, None, Verdict.BREACHED),
        ("06:43:13", 730 * HOUR, None, Verdict.RUNNING),
        ("07:18:00", 730 * HOUR, None, Verdict.RUNNING),
        ("07:18:01", 730 * HOUR, None, Verdict.BREACHED),
        ("06:43:13", None, 1, Verdict.RUNNING),
        ("08:00:00", None, 1, Verdict.BREACHED),
    ],
)
def test_a_running_period_is_breached_once_a_perfect_remainder_cannot_mend_it(
    broken: str, nominal: int | None, rounding: int | None, verdict: Verdict
) -> None:
    month = PeriodRule("period", PeriodKind.MONTH, "UTC", nominal=nominal)
    agreement = terms(period=month, measure={"rounding": rounding})
    (statement,) = judged(agreement, known(down(span("2026-02-10 00:00", broken))), "2026-02", as_of="2026-02-11")
    assert statement.verdict is verdict
    assert statement.judged.length == 10 * 24 * HOUR


def test_a_perfect_remainder_is_inside_the_service_hours() -> None:
    hours = Calendar("open", "UTC", windows("Monday 09:00-10:00"))  # four hours in February 2026, two of them by then
    agreement = terms(hours=hours, measure={"service_hours": "open"})
    for end, verdict in (("09:02", Verdict.RUNNING), ("09:03", Verdict.BREACHED)):
        (statement,) = judged(agreement, known(down(span("2026-02-09 09:00", end))), "2026-02", as_of="2026-02-11")
        assert statement.verdict is verdict


def test_what_the_order_does_not_cover_is_outside() -> None:
    of = order(first="2026-03-11", last="2026-03-20")
    log = down(span("2026-03-10 12:00", "2026-03-11 12:00"))
    (statement,) = judged(terms(), known(log), of=of)
    assert statement.classes.outside.total == 21 * 24 * HOUR
    assert statement.classes.down.total == 12 * HOUR
    whole = PeriodRule("period", PeriodKind.MONTH, "UTC", partial=Partial.NOT)
    assert judged(terms(period=whole), known(log), of=of) == ()


def test_a_period_with_nothing_covered_is_not_applicable() -> None:
    never = Calendar("open", "UTC", windows("Monday 09:00-10:00"))
    agreement = terms(
        period=PeriodRule("period", PeriodKind.DAY, "UTC"), hours=never, measure={"service_hours": "open"}
    )
    (statement,) = judged(agreement, known(down()), "2026-03-10")
    assert statement.verdict is Verdict.NOT_APPLICABLE
    assert statement.favourable.ratio is None


@pytest.mark.parametrize(
    ("unknown", "verdict"), [("", Verdict.INSUFFICIENT), ("up", Verdict.MET), ("down", Verdict.BREACHED)]
)
def test_an_agreement_that_decides_unknown_time_chooses_the_run(unknown: str, verdict: Verdict) -> None:
    log = down(last="2026-03-31 00:00")
    (statement,) = judged(terms(measure={"unknown": unknown}), known(log))
    assert statement.verdict is verdict


def test_a_statement_is_provisional_while_an_outage_below_the_shortest_is_open_at_its_end() -> None:
    agreement = terms(outage={"shortest": Threshold(Side.AT_LEAST, 10 * MINUTE)}, detect={"holds": HOUR})
    log = reported("web", [(at("2026-03-01"), "up"), (at("2026-03-31 23:57"), "down")])
    (statement,) = judged(agreement, known(log), as_of="2026-04-01")
    assert statement.life is Life.PROVISIONAL


def test_a_confirmed_outage_below_the_shortest_that_is_still_open_leaves_its_statement_provisional() -> None:
    for signs, life in (("." * 57 + "xxx", Life.PROVISIONAL), ("." * 54 + "xxx...", Life.FINAL)):
        watch = watched("web-check", {"here": signs}, at("2026-03-31 23:00"))
        agreement = terms(
            outage={"shortest": Threshold(Side.AT_LEAST, 10 * MINUTE)},
            detect={"evidence": EvidenceKind.OBSERVATIONS, "every": MINUTE, "fails_after": 2},
        )
        (statement,) = judged(agreement, known(watch), as_of="2026-04-01")
        assert statement.life is life
