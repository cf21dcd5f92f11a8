"""Which down time is excused, one rule at a time (DESIGN 3.7)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from makegood.model.expression import Unit
from makegood.model.facts import AnyFact, Judgement, States
from makegood.model.spans import HOUR, MINUTE, Span
from makegood.model.statement import Statement
from makegood.model.terms import CountsAs, Each, Gate, GateKind, Strength, Terms
from makegood.model.threshold import Side
from makegood.model.when import Allowance, Calendar, DayCount, PeriodKind, PeriodRule
from tests.engine.building import (
    at,
    because,
    down,
    exclude,
    judged,
    known,
    lasting,
    limit,
    literal,
    notice,
    of_kind,
    order,
    service,
    span,
    terms,
    told,
    windows,
    within,
    work,
)  # fmt: skip

NIGHT = span("2026-03-15 02:00", "06:00")
PLANNED = work("patch", NIGHT)


def minutes(statement: Statement) -> tuple[int, int]:
    """Down and excused minutes."""
    return statement.classes.down.total // MINUTE, statement.classes.excused.total // MINUTE


def one(agreement: Terms, *facts: AnyFact | States, contacts: tuple[str, ...] = ("ops",), **more: Any) -> Statement:
    return judged(agreement, known(*facts), of=order(contacts=contacts), **more)[0]


WHOLE_NIGHT = down(NIGHT)
AHEAD = NIGHT.start - 72 * HOUR
SECOND = 1_000_000


@pytest.mark.parametrize(
    ("notices", "contacts", "granted"),
    [
        ([told(PLANNED, AHEAD)], ("ops",), True),
        ([told(PLANNED, AHEAD + SECOND)], ("ops",), False),
        ([told(PLANNED, AHEAD), told(PLANNED, AHEAD + SECOND, "boss")], ("ops", "boss"), False),
        ([told(PLANNED, AHEAD), told(PLANNED, AHEAD + SECOND, "boss")], ("ops",), True),
        ([told(PLANNED, AHEAD), told(PLANNED, None, "boss")], ("ops", "boss"), False),
        ([told(PLANNED, AHEAD), told(PLANNED, AHEAD + HOUR, id="again")], ("ops",), True),
        ([told(PLANNED, None), told(PLANNED, AHEAD, id="again")], ("ops",), True),
        ([told(PLANNED, AHEAD, order="another")], ("ops",), False),
        ([told(PLANNED, None, order="another"), told(PLANNED, AHEAD, id="mine")], ("ops",), True),
        ([told(PLANNED, AHEAD, via="chat")], ("ops",), False),
        ([], ("ops",), False),
    ],
    ids=[
        "exactly in time", "a second late", "the last required contact decides", "others do not", "a bounce",
        "the first acceptance counts", "after a bounce", "another order's notice", "another order's bounce",
        "another channel", "none",
    ],
)  # fmt: skip
def test_notice_is_from_the_last_required_acceptance_to_the_start(
    notices: list[AnyFact], contacts: tuple[str, ...], granted: bool
) -> None:
    agreement = terms(excludes=(exclude("work", gates=(notice(72, channels=("email",)),)),))
    statement = one(agreement, WHOLE_NIGHT, PLANNED, *notices, contacts=contacts)
    assert minutes(statement) == ((0, 240) if granted else (240, 0))


def test_a_gate_without_its_fact_is_not_shown() -> None:
    agreement = terms(excludes=(exclude("work", gates=(notice(72),)),))
    (excuse,) = one(agreement, WHOLE_NIGHT, PLANNED).excuses
    assert not excuse.granted
    assert "not shown" in excuse.gates[0].found


@pytest.mark.parametrize(
    ("judgements", "granted"),
    [([], False), ([True], True), ([False], False), ([True, False], False), ([False, True], True)],
)
def test_a_gate_of_effort_holds_on_the_latest_judgement(judgements: list[bool], granted: bool) -> None:
    agreement = terms(excludes=(exclude("work", gates=(notice(72, effort=True),)),))
    late = told(PLANNED, NIGHT.start - HOUR)
    said = [Judgement(f"j{9 - n}", n, "Kim", "", "patch", "notice", holds) for n, holds in enumerate(judgements)]
    for facts in (said, said[::-1]):
        assert one(agreement, WHOLE_NIGHT, PLANNED, late, *facts).excuses[0].granted is granted


@pytest.mark.parametrize(
    ("accepted", "granted"),
    [
        ("2026-03-10 23:59", True),  # a Tuesday; Wednesday, Thursday and Friday go by before Saturday
        ("2026-03-11 00:00", False),
    ],
)
def test_notice_in_business_days_ends_with_the_day(accepted: str, granted: bool) -> None:
    saturday = work("patch", span("2026-03-14 00:00", "04:00"))
    days = Gate(GateKind.NOTICE, "3 business days", notice=Allowance(3, DayCount.BUSINESS_DAYS), notice_calendar="open")
    agreement = terms(
        excludes=(exclude("work", gates=(days,)),),
        hours=Calendar("open", "UTC", windows("Monday 00:00 - Saturday 00:00")),
    )
    statement = one(agreement, down(saturday.announced), saturday, told(saturday, at(accepted)))
    assert statement.excuses[0].granted is granted


def test_what_is_expected_is_reported_and_never_decides() -> None:
    agreement = terms(excludes=(exclude("work", expect=(notice(72, strength=Strength.AIM),)),))
    statement = one(agreement, WHOLE_NIGHT, PLANNED)
    assert minutes(statement) == (0, 240)
    (expected,) = statement.expected
    assert not expected.holds
    assert not expected.deciding


def test_an_exclusion_does_not_apply_where_its_exception_holds() -> None:
    agreement = terms(excludes=(exclude("work", unless=(of_kind("emergency"),)),))
    assert minutes(one(agreement, WHOLE_NIGHT, PLANNED)) == (0, 240)
    assert minutes(one(agreement, WHOLE_NIGHT, work("patch", NIGHT, kind="emergency"))) == (240, 0)


@pytest.mark.parametrize(
    ("gates", "clips", "excused"),
    [
        ((within("Sunday 02:00-06:00"),), (), 240),
        ((within("Sunday 02:00-05:00"),), (), 0),
        ((), (within("Sunday 02:00-05:00"),), 180),
        ((), (within("Sunday 03:00-05:00", outside=True),), 120),
        ((within("Monday 03:00-05:00", outside=True),), (), 240),
        ((within("Sunday 03:00-05:00", outside=True),), (), 0),
        ((), (lasting(1),), 60),
        ((lasting(4),), (), 240),
        ((lasting(3),), (), 0),
        ((), (within("Sunday 03:00-06:00"), lasting(2)), 60),
    ],
)
def test_gates_are_whole_and_clips_are_spans(gates: tuple[Gate, ...], clips: tuple[Gate, ...], excused: int) -> None:
    agreement = terms(excludes=(exclude("work", gates=gates, clips=clips),))
    assert minutes(one(agreement, WHOLE_NIGHT, PLANNED)) == (240 - excused, excused)


def test_maintenance_is_always_clipped_to_what_was_announced() -> None:
    longer = down(span("2026-03-15 01:00", "08:00"))
    assert minutes(one(terms(excludes=(exclude("work"),)), longer, PLANNED)) == (180, 240)


@pytest.mark.parametrize(("first", "counts_as"), [("a", CountsAs.OUTSIDE), ("b", CountsAs.UP)])
def test_each_second_asks_unlimited_exclusions_first_and_then_in_document_order(
    first: str, counts_as: CountsAs
) -> None:
    rules = (exclude("a", counts_as=CountsAs.OUTSIDE), exclude("b", counts_as=CountsAs.UP))
    agreement = terms(excludes=rules)
    assert {e.exclusion: e.excused.total for e in one(agreement, WHOLE_NIGHT, PLANNED).excuses} == {
        "a": 240 * MINUTE, "b": 0,
    }  # fmt: skip
    other = "b" if first == "a" else "a"
    capped = limit("cap", other, literal(9, Unit.ITEMS), Unit.ITEMS, days=30)
    statement = one(terms(excludes=rules, limits=(capped,)), WHOLE_NIGHT, PLANNED)
    assert {e.exclusion: e.excused.total for e in statement.excuses} == {first: 240 * MINUTE, other: 0}
    up = statement.favourable.excused_up
    assert (CountsAs.UP if up else CountsAs.OUTSIDE) is counts_as


def works(*days: str) -> list[Any]:
    """An hour of work on each day, and all of it down."""
    planned = [work(f"work-{n}", span(f"{day} 02:00", "03:00")) for n, day in enumerate(days)]
    return [down(*(w.announced for w in planned)), *planned]


@pytest.mark.parametrize(
    ("days", "label", "excused"),
    [
        (("2026-03-02", "2026-03-30", "2026-03-31"), "2026-03", 2),
        (("2026-03-01", "2026-03-30", "2026-03-31"), "2026-03", 3),
        (("2026-03-01", "2026-03-02", "2026-04-01"), "2026-04", 1),
        (("2026-03-02", "2026-03-03", "2026-03-31"), "2026-03", 2),
        (("2026-03-02", "2026-03-03", "2026-04-01"), "2026-04", 1),
        (("2026-03-03", "2026-03-04", "2026-04-01"), "2026-04", 0),
    ],
    ids=["the thirtieth date", "the thirty-first date", "both dates before April", "one month",
         "across a month's end, one too early", "across a month's end"],
)  # fmt: skip
def test_the_third_of_two_in_thirty_days_is_refused_whole(days: tuple[str, ...], label: str, excused: int) -> None:
    capped = limit("cap", "work", literal(2, Unit.ITEMS), Unit.ITEMS, days=30)
    agreement = terms(excludes=(exclude("work"),), limits=(capped,))
    assert minutes(one(agreement, *works(*days), label=label))[1] == excused * 60


def test_a_refused_instance_still_counts_as_an_earlier_one() -> None:
    capped = limit("cap", "work", literal(1, Unit.ITEMS), Unit.ITEMS, days=5)
    agreement = terms(excludes=(exclude("work"),), limits=(capped,))
    statement = one(agreement, *works("2026-03-02", "2026-03-05", "2026-03-09", "2026-03-15"))
    assert [e.granted for e in statement.excuses] == [True, False, False, True]


def test_work_that_passed_no_gate_or_broke_nothing_is_no_instance() -> None:
    capped = limit("cap", "work", literal(1, Unit.ITEMS), Unit.ITEMS, days=30)
    agreement = terms(excludes=(exclude("work", gates=(of_kind("standard"),)),), limits=(capped,))
    last = work("last", span("2026-03-03 02:00", "03:00"))
    other = work("other", span("2026-03-01 02:00", "03:00"), kind="emergency")
    quiet = work("quiet", span("2026-03-01 05:00", "06:00"))
    broken = down(last.announced, other.announced)
    assert minutes(one(agreement, broken, last, other, quiet)) == (60, 60)


def test_work_outside_the_service_hours_is_no_instance_and_uses_no_hours() -> None:
    for most in (literal(1, Unit.ITEMS), literal(HOUR, Unit.TIME)):
        capped = limit("cap", "work", most, most.unit, days=30)
        agreement = terms(
            excludes=(exclude("work"),),
            limits=(capped,),
            measure={"service_hours": "open"},
            hours=Calendar("open", "UTC", windows("Tuesday 00:00 - Saturday 00:00")),
        )
        monday_and_tuesday = works("2026-03-02", "2026-03-03")
        assert minutes(one(agreement, *monday_and_tuesday)) == (0, 60)


@pytest.mark.parametrize(
    ("days", "hours", "label", "excused"),
    [
        (("2026-03-02", "2026-03-03", "2026-03-04"), 2, "2026-03", 120),
        (("2026-03-02", "2026-03-03", "2026-03-08"), 2, "2026-03", 180),
        (("2026-03-30", "2026-03-31", "2026-04-01"), 2, "2026-04", 0),
        (("2026-03-30", "2026-03-31", "2026-04-05"), 2, "2026-04", 60),
        (("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-08"), 1, "2026-03", 60),
    ],
    ids=["the third hour", "on the sixth date after", "across a month's end", "a month and six dates later",
         "what was refused is used up"],
)  # fmt: skip
def test_hours_are_used_up_on_the_local_dates_ending_with_the_seconds_own(
    days: tuple[str, ...], hours: int, label: str, excused: int
) -> None:
    capped = limit("cap", "work", literal(hours * HOUR, Unit.TIME), Unit.TIME, days=5)
    agreement = terms(excludes=(exclude("work"),), limits=(capped,))
    assert minutes(one(agreement, *works(*days), label=label))[1] == excused


def test_a_second_that_two_ask_for_uses_up_hours_once() -> None:
    capped = limit("cap", "work", literal(2 * HOUR, Unit.TIME), Unit.TIME, over="period")
    agreement = terms(excludes=(exclude("work"),), limits=(capped,))
    first, again = works("2026-03-02")[1], work("again", span("2026-03-02 02:00", "03:00"))
    broken = down(first.announced, span("2026-03-09 02:00", "04:00"))
    later = work("later", span("2026-03-09 02:00", "04:00"))
    assert minutes(one(agreement, broken, first, again, later)) == (60, 120)


BOTH = span("2026-03-15 02:00", "06:00")


@pytest.mark.parametrize(
    ("of", "excused"), [(("web",), 0), (("mail",), 0), (("web", "mail"), 240)], ids=["web", "mail", "both"]
)
def test_an_order_is_excused_only_while_every_service_that_is_down_is(of: tuple[str, ...], excused: int) -> None:
    agreement = terms(each=Each.ORDER, excludes=(exclude("cause", "cause", causes=("client",)),))
    causes = [because(f"cause-{name}", BOTH, of=name) for name in of]
    facts = known(down(BOTH), down(BOTH, name="mail"), *causes)
    (statement,) = judged(agreement, facts, of=order(service("web"), service("mail")))
    assert minutes(statement) == (240 - excused, excused)


def test_a_service_is_part_of_an_order_only_from_its_start() -> None:
    early = down(span("2026-03-05 00:00", "12:00"), name="mail")
    of = order(service("web"), service("mail", starts=date(2026, 3, 10)))
    (statement,) = judged(terms(each=Each.ORDER), known(down(), early), of=of)
    assert statement.classes.down.total == 0


def test_excused_time_counts_as_up_or_leaves_the_ratio() -> None:
    month = 31 * 24 * 60
    for counts_as, numerator, denominator in (
        (CountsAs.UP, month - 60, month),
        (CountsAs.OUTSIDE, month - 240 - 60, month - 240),
    ):
        agreement = terms(excludes=(exclude("work", counts_as=counts_as),))
        statement = one(agreement, down(NIGHT, span("2026-03-20 02:00", "03:00")), PLANNED)
        assert statement.favourable.ratio == Fraction(numerator, denominator)


def test_a_limit_in_its_own_period_goes_across_judged_periods() -> None:
    quarter = PeriodRule("quarter", PeriodKind.QUARTER, "UTC")
    capped = limit("cap", "work", literal(90 * MINUTE, Unit.TIME), Unit.TIME, over="quarter")
    agreement = terms(excludes=(exclude("work"),), limits=(capped,), periods=(quarter,))
    facts = works("2026-02-02", "2026-03-03", "2026-04-04")
    assert [minutes(one(agreement, *facts, label=m))[1] for m in ("2026-02", "2026-03", "2026-04")] == [60, 30, 60]


@pytest.mark.parametrize(("side", "granted"), [(Side.AT_LEAST, True), (Side.MORE_THAN, False)])
def test_notice_has_a_side(side: Side, granted: bool) -> None:
    agreement = terms(excludes=(exclude("work", gates=(notice(72, side),)),))
    assert one(agreement, WHOLE_NIGHT, PLANNED, told(PLANNED, AHEAD)).excuses[0].granted is granted


def test_an_extension_is_new_work_with_its_own_notice() -> None:
    agreement = terms(excludes=(exclude("work", gates=(notice(72),)),))
    more = work("more", Span(NIGHT.end, NIGHT.end + HOUR))
    broken = down(Span(NIGHT.start, NIGHT.end + HOUR))
    told_of = told(PLANNED, AHEAD), told(more, NIGHT.end)
    assert minutes(one(agreement, broken, PLANNED, more, *told_of)) == (60, 240)
