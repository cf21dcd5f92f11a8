"""Statements made by hand: the same 47 minutes of 8 February 2026 under several agreements, and other cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

from makegood.calendar.zone import Zone
from makegood.model.money import Money
from makegood.model.spans import HOUR, MINUTE, SECOND, Instant, Span, Spans
from makegood.model.statement import (
    Classes,
    Coverage,
    Deadline,
    Excuse,
    Figures,
    GateResult,
    Life,
    Line,
    Outage,
    Pins,
    Price,
    PricedReading,
    Right,
    RunName,
    SmallestChange,
    Statement,
    Verdict,
)
from makegood.model.terms import Choice, Clause, CountsAs, Range, RemedyForm, Strength
from makegood.model.trace import Kind, Node, Op, derive, leaf, write_ranges
from makegood.model.when import ClockTime, Period

ZONE = "America/New_York"

AVAILABILITY = Clause("availability", "1", "Availability", 12)
MAINTENANCE = Clause("maintenance", "2", "Maintenance", 31)
CREDITS = Clause("credits", "3", "Service credits", 52)
CLAIMS = Clause("claims", "4", "Claims", 77)
TERMINATION = Clause("termination", "5", "Termination", 90)

NOTHING = Spans()


def at(day: date, hours: int, minutes: int = 0) -> Instant:
    """A local time in New York."""
    return Zone.named(ZONE).instant(day, ClockTime(hours * 3600 + minutes * 60))


SUNDAY = date(2026, 2, 8)
BROKEN = Span(at(SUNDAY, 2, 10), at(SUNDAY, 2, 57))
ANNOUNCED = Span(at(SUNDAY, 2), at(SUNDAY, 6))
FEBRUARY = Period("2026-02", date(2026, 2, 1), date(2026, 2, 28), ZONE)
WHOLE = Span(at(date(2026, 2, 1), 0), at(date(2026, 3, 1), 0))
AS_OF = at(date(2026, 3, 3), 9, 30)

PINS = Pins(
    engine="0.1.0",
    tzdata="2026a",
    zones={"America/New_York": "e9ed07d7bee0c76a9d442d091ef1f01668fee7c4f26014c0a868b19fe6c18a95"},
    holidays="0.109",
    agreement="3b1f0e7a5d2c4b6988a7766554433221100ffeeddccbbaa99887766554433221",
    order="c0ffee7a5d2c4b6988a7766554433221100ffeeddccbbaa9988776655443aa10",
    facts={"observations": "91d20a7a5d2c4b6988a7766554433221100ffeeddccbbaa99887766554430f0f"},
)
SEEN = Coverage(120_960, 120_960, (("Ashburn", 40_320, 40_320), ("Dublin", 40_320, 40_320), ("Tokyo", 40_320, 40_320)))


def classes(
    judged: Span,
    down: Spans = NOTHING,
    excused: Spans = NOTHING,
    outside: Spans = NOTHING,
    unknown: Spans = NOTHING,
    brief: Spans = NOTHING,
) -> Classes:
    """The five classes of a period, `up` being the rest."""
    up = Spans([judged]) - outside - excused - down - unknown
    return Classes(outside, excused, down, unknown, up, brief)


def ratio_tree(judged: Span, broken: Spans, edge: Fraction, excused: Spans = NOTHING) -> tuple[Node, Node]:
    """The derivation of a ratio, and of the test whether it keeps the promise."""
    slots = tuple(
        leaf(
            Op.FACT,
            f"{place} failed from its third failure in a row to its first success",
            Kind.SPANS,
            broken,
            facts=(f"check/web@{place}",),
        )
        for place in ("Ashburn", "Dublin", "Tokyo")
    )
    seen = leaf(Op.FINDING, "At least 2 of 3 locations were failing", Kind.SPANS, broken, AVAILABILITY, operands=slots)
    covered = leaf(Op.RULE, "The month in America/New_York", Kind.SPANS, Spans([judged]), AVAILABILITY)
    work = leaf(Op.FINDING, "Downtime that an exclusion granted", Kind.SPANS, excused, MAINTENANCE, ("M-17",))
    down = derive(Op.DIFFERENCE, "Downtime", Kind.SPANS, (seen, work))
    length = derive(Op.TOTAL, "Covered time", Kind.TIME, (covered,))
    lost = derive(Op.TOTAL, "Length of the downtime", Kind.TIME, (down,))
    available = derive(Op.SUBTRACT, "Available time", Kind.TIME, (length, lost))
    ratio = derive(Op.DIVIDE, "Availability", Kind.SHARE, (available, length), AVAILABILITY)
    target = leaf(Op.RULE, "The target", Kind.SHARE, edge, AVAILABILITY)
    return ratio, derive(Op.AT_LEAST, "The promise is kept", Kind.TRUTH, (ratio, target), AVAILABILITY)


SCALE = (
    Range(Fraction(99, 100), True, Fraction(999, 1000), False),
    Range(None, False, Fraction(99, 100), False),
)


def credit_tree(ratio: Node, fee: int = 1_250_000) -> Node:
    """The credit of a ratio: a tier's share of the monthly fee, rounded, and no more than the fee."""
    rows = tuple(
        leaf(Op.RULE, says, Kind.SHARE, Fraction(share, 100), CREDITS)
        for says, share in (("99 % or more, below 99.9 %", 10), ("below 99 %", 25))
    )
    tier = derive(
        Op.LOOKUP, "Credit tier", Kind.SHARE, (ratio, *rows), CREDITS, argument="deepest|" + write_ranges(SCALE)
    )
    fees = leaf(
        Op.FACT, "Fees of the affected service in February", Kind.MONEY, Fraction(fee), CREDITS, ("order/ORD-7",), "USD"
    )
    exact = derive(Op.MULTIPLY, "Credit before rounding", Kind.MONEY, (tier, fees), currency="USD")
    whole = derive(Op.ROUND, "Credit in whole cents", Kind.MONEY, (exact,), argument="half up", currency="USD")
    cap = leaf(Op.RULE, "No more than the fee of the month", Kind.MONEY, Fraction(fee), CREDITS, currency="USD")
    return derive(Op.LEAST, "Credit", Kind.MONEY, (whole, cap), CREDITS, currency="USD")


def figures(
    judged: Span,
    down: Spans,
    edge: Fraction,
    run: RunName = RunName.FAVOURABLE,
    excused: Spans = NOTHING,
    tier: str = "",
    lines: Sequence[Line] = (),
    rights: Sequence[Right] = (),
    verdict: Verdict | None = None,
) -> Figures:
    """One run over the chain."""
    ratio, kept = ratio_tree(judged, down | excused, edge, excused)
    assert isinstance(ratio.value, Fraction)
    length = Fraction(judged.length)
    if verdict is None:
        verdict = Verdict.MET if kept.value else Verdict.BREACHED
    return Figures(
        run,
        verdict,
        length - down.total,
        length,
        ratio.value,
        judged.length,
        excused.total,
        0,
        down.total,
        tier,
        tuple(lines),
        tuple(rights),
        kept,
    )


def credit_line(node: Node | None, money: Money | None, says: str, **changes: object) -> Line:
    line = Line(
        "availability-credit",
        CREDITS,
        "checkout",
        RemedyForm.CREDIT,
        says,
        money,
        None,
        "",
        "against the invoice after the claim",
        "",
        "",
        node,
    )
    return replace(line, **changes)  # type: ignore[arg-type]


REFUSED_WORK = Excuse(
    "scheduled-maintenance",
    MAINTENANCE,
    "M-17",
    "Replace the storage controllers",
    False,
    "Notice was given 71 h ahead; at least 72 h were needed.",
    Spans([BROKEN]),
    NOTHING,
    CountsAs.UP,
    (
        GateResult("kind is standard", True, "standard", ("M-17",)),
        GateResult("notice at least 72 h", False, "71 h: accepted Thu 5 Feb 2026 03:00 −05:00", ("N-41",), HOUR),
        GateResult("within Sunday 02:00-06:00", True, "02:00–06:00 announced", ("M-17",)),
        GateResult("reasonable efforts to announce twice", False, "not shown", (), None, False),
    ),
)


def outage(span: Span, excused: Spans = NOTHING, **changes: object) -> Outage:
    seen = ("web@Ashburn", "web@Dublin", "web@Tokyo")
    made = Outage(f"checkout/{span.start // SECOND}", span, False, seen, Spans([span]) - excused, excused)
    return replace(made, **changes)  # type: ignore[arg-type]


def claim(late_from: Instant | None, arithmetic: str) -> Deadline:
    return Deadline(
        "claim",
        CLAIMS,
        "Claims are made within 30 days after the month",
        "customer",
        late_from,
        arithmetic,
        Strength.PROMISE,
        ("order", "dates and times of the outage"),
        ("email",),
    )


CLAIM = claim(
    at(date(2026, 3, 31), 0), "day 0 is Sat 28 Feb 2026; day 30 is Mon 30 Mar 2026; late from the next midnight"
)

COUNTING = PricedReading(
    Choice(
        "outage.begins",
        AVAILABILITY,
        "outage",
        ("first failure", "confirmation"),
        0,
        "The text says when the service becomes unavailable, not when that is confirmed.",
        ("1",),
    ),
    (Price("confirmation", Verdict.BREACHED, "1,250.00 USD", "none", False),),
)
EXCUSED_RATIO = PricedReading(
    Choice(
        "scheduled-maintenance.notice",
        MAINTENANCE,
        "scheduled-maintenance",
        ("to every contact", "to one contact"),
        0,
        "Clause 2 says “Customer's contacts”.",
        ("2", "6.1"),
    ),
    (Price("to one contact", Verdict.MET, "none", "1,250.00 USD less", True, {"claim": None}),),
)


def statement(**changes: object) -> Statement:
    """The breach, with anything else changed."""
    return replace(breach(), **changes)  # type: ignore[arg-type]


@cache
def breach() -> Statement:
    """47 of 40,320 minutes under 99.9 %, the excuse refused for an hour of notice."""
    down = Spans([BROKEN])
    edge = Fraction(999, 1000)
    node = credit_tree(ratio_tree(WHOLE, down, edge)[0])
    line = credit_line(node, Money(Fraction(125_000), "USD"), "10 % of 12,500.00 USD, the fees of checkout in February")
    right = Right(
        "terminate",
        TERMINATION,
        "Customer may terminate after three breaches within 12 months",
        False,
        "1 of 3 breaches",
        None,
    )
    run = figures(WHOLE, down, edge, tier="10 %", lines=(line,), rights=(right,))
    return Statement(
        agreement="northwind",
        agreement_title="Northwind Hosting Service Levels",
        version="3",
        provider="Northwind Hosting",
        customer="Contoso Retail",
        order="ORD-7",
        plan="Gold",
        commitment="monthly-availability",
        clause=AVAILABILITY,
        strength=Strength.PROMISE,
        target="at least 99.9 %",
        subject="checkout",
        period=FEBRUARY,
        span=WHOLE,
        judged=WHOLE,
        as_of=AS_OF,
        life=Life.FINAL,
        verdict=Verdict.BREACHED,
        amount="1,250.00 USD",
        credit_least=Money(Fraction(125_000), "USD"),
        credit_most=Money(Fraction(125_000), "USD"),
        classes=classes(
            WHOLE, down, brief=Spans([(at(date(2026, 2, 19), 14, 3), at(date(2026, 2, 19), 14, 3) + 40 * SECOND)])
        ),
        favourable=run,
        unfavourable=run,
        outages=(outage(BROKEN),),
        excuses=(REFUSED_WORK,),
        expected=(GateResult("announced on the status page", True, "posted Thu 5 Feb 2026 03:05 −05:00", ("N-42",)),),
        deadlines=(CLAIM,),
        readings=(COUNTING, EXCUSED_RATIO),
        smallest=(
            SmallestChange("gate", "If the notice had been accepted 1 h earlier", HOUR, Verdict.MET, "none"),
            SmallestChange("seconds", "With 6 min 41 s less downtime", 6 * MINUTE + 41 * SECOND, Verdict.MET, "none"),
        ),
        coverage=SEEN,
        notes=("Work M-17 overran nothing: the outage ended 3 h 3 min before its announced end.",),
        pins=PINS,
        period_end=date(2026, 2, 28),
        target_edge=edge,
    )


@cache
def met() -> Statement:
    """The same event where 24 hours of notice are enough: excused, and the promise is met exactly at 100 %."""
    excused = Spans([BROKEN])
    run = figures(WHOLE, NOTHING, Fraction(999, 1000), excused=excused)
    gates = (
        GateResult("notice at least 24 h", True, "71 h: accepted Thu 5 Feb 2026 03:00 −05:00", ("N-41",)),
        GateResult("within Sunday 02:00-06:00", True, "02:00–06:00 announced", ("M-17",)),
    )
    granted = replace(
        REFUSED_WORK, granted=True, why="Announced in time and inside its window.", excused=excused, gates=gates
    )
    return statement(
        agreement="fabrikam",
        agreement_title="Fabrikam Cloud SLA",
        version="2025-07",
        provider="Fabrikam Cloud",
        customer="Adatum",
        order="ORD-9",
        verdict=Verdict.MET,
        amount="none",
        credit_least=None,
        credit_most=None,
        classes=classes(WHOLE, excused=excused),
        favourable=run,
        unfavourable=run,
        outages=(outage(BROKEN, excused),),
        excuses=(granted,),
        expected=(),
        deadlines=(),
        readings=(COUNTING,),
        notes=(),
        smallest=(
            SmallestChange(
                "gate",
                "If the work had been announced 47 h 1 s later",
                47 * HOUR + SECOND,
                Verdict.BREACHED,
                "1,250.00 USD",
            ),
        ),
    )


@cache
def insufficient() -> Statement:
    """Two locations were blind for 40 minutes after 12 minutes of seen downtime."""
    edge = Fraction(999, 1000)
    seen = Spans([(at(SUNDAY, 2, 10), at(SUNDAY, 2, 22))])
    blind = Spans([(at(SUNDAY, 2, 22), at(SUNDAY, 3, 2))])
    most = Money(Fraction(125_000), "USD")
    line = credit_line(credit_tree(ratio_tree(WHOLE, seen | blind, edge)[0]), most, "10 % of 12,500.00 USD")
    return statement(
        subject="search",
        verdict=Verdict.INSUFFICIENT,
        amount="at least 0.00 USD, at most 1,250.00 USD",
        life=Life.PROVISIONAL,
        credit_least=Money(Fraction(), "USD"),
        credit_most=most,
        classes=classes(WHOLE, seen, unknown=blind),
        favourable=figures(WHOLE, seen, edge),
        unfavourable=figures(WHOLE, seen | blind, edge, RunName.UNFAVOURABLE, tier="10 %", lines=(line,)),
        outages=(
            outage(Span(at(SUNDAY, 2, 10), at(SUNDAY, 2, 22))),
            outage(Span(at(SUNDAY, 2, 22), at(SUNDAY, 3, 2)), only_unfavourable=True, seen_by=()),
        ),
        excuses=(),
        expected=(),
        readings=(),
        notes=("Two of three locations saw nothing from 02:22 to 03:02.",),
        smallest=(
            SmallestChange(
                "unknown span", "If the unseen 40 min were known to be up", 40 * MINUTE, Verdict.MET, "none"
            ),
        ),
        coverage=Coverage(
            120_960, 120_880, (("Ashburn", 40_320, 40_320), ("Dublin", 40_320, 40_280), ("Tokyo", 40_320, 40_280))
        ),
    )


@cache
def aim() -> Statement:
    """An aim: the figure is recorded and nothing follows."""
    run = figures(WHOLE, Spans([BROKEN]), Fraction(9999, 10000), verdict=Verdict.RECORDED)
    return statement(
        agreement="tailspin",
        agreement_title="Tailspin Community Plan",
        provider="Tailspin Toys",
        version="1",
        customer="Wide World Importers",
        order="ORD-12",
        plan="Free",
        strength=Strength.AIM,
        target="at least 99.99 %",
        target_edge=Fraction(9999, 10000),
        verdict=Verdict.RECORDED,
        amount="none",
        credit_least=None,
        credit_most=None,
        favourable=run,
        unfavourable=run,
        excuses=(),
        expected=(),
        deadlines=(),
        readings=(),
        smallest=(),
        notes=(),
    )


@cache
def in_days() -> Statement:
    """A credit in days of service, not yet turned into money, cut by a limit; the claim's deadline is unstated."""
    edge = Fraction(9995, 10000)
    down = Spans([BROKEN])
    ratio = ratio_tree(WHOLE, down, edge)[0]
    days = leaf(Op.RULE, "Days of service", Kind.DAYS, Fraction(15), CREDITS)
    most = leaf(Op.RULE, "At most 15 days in a year", Kind.DAYS, Fraction(10), CREDITS)
    node = derive(Op.LEAST, "Credit", Kind.DAYS, (days, most), CREDITS)
    line = credit_line(
        node,
        None,
        "15 days of service for less than 99.95 %",
        days=Fraction(10),
        cut_by="at most 15 days a year, 5 used",
        withheld="fees for January are overdue",
    )
    charge = credit_line(
        None, None, "refund of the setup fee", remedy="setup-refund", unstated="the setup fee (clause 3)"
    )
    run = figures(
        WHOLE,
        down,
        edge,
        tier="15 days",
        lines=(line, charge),
        rights=(Right("terminate", TERMINATION, "Customer may terminate", True, "3 of 3 breaches", ratio),),
    )
    return statement(
        target="at least 99.95 %",
        target_edge=edge,
        amount="10 days; setup-refund unstated (clause 3)",
        credit_least=None,
        credit_most=None,
        favourable=run,
        unfavourable=run,
        excuses=(),
        readings=(),
        smallest=(),
        notes=(),
        expected=(),
        deadlines=(claim(None, "the agreement gives no deadline"),),
    )


@cache
def running() -> Statement:
    """The running month, ten days in, with an outage that goes on; service hours leave the nights outside."""
    now = at(date(2026, 2, 11), 0)
    judged = Span(WHOLE.start, now)
    going = Span(at(date(2026, 2, 10), 23, 50), now)
    nights = Spans((at(date(2026, 2, d), 0), at(date(2026, 2, d), 1)) for d in range(1, 11))
    run = figures(judged, Spans([going]), Fraction(999, 1000), verdict=Verdict.RUNNING)
    run = replace(run, denominator=run.denominator - nights.total, numerator=run.numerator - nights.total)
    assert run.ratio is not None
    run = replace(run, ratio=run.numerator / run.denominator)
    return statement(
        subject="api",
        verdict=Verdict.RUNNING,
        life=Life.RUNNING,
        amount="none",
        credit_least=None,
        credit_most=None,
        judged=judged,
        as_of=now,
        classes=classes(judged, Spans([going]), outside=nights),
        favourable=run,
        unfavourable=run,
        outages=(outage(going, open=True),),
        excuses=(),
        expected=(),
        deadlines=(),
        readings=(),
        notes=(),
        smallest=(
            SmallestChange("seconds", "With 20 min more downtime", 20 * MINUTE, Verdict.BREACHED, "1,250.00 USD"),
        ),
    )


HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e \x00{{ 7*7 }} [bold]“&\"'</details>"


@cache
def hostile() -> Statement:
    """Every text that comes from outside tries to be something else."""
    clause = Clause(HOSTILE, HOSTILE, HOSTILE)
    base = breach()
    gates = tuple(replace(g, says=HOSTILE, found=HOSTILE, facts=(HOSTILE,)) for g in REFUSED_WORK.gates)
    excuse = replace(
        REFUSED_WORK, exclusion=HOSTILE, clause=clause, item=HOSTILE, title=HOSTILE, why=HOSTILE, gates=gates
    )
    trace = leaf(Op.FACT, HOSTILE, Kind.LABEL, HOSTILE, clause, (HOSTILE,))
    run = replace(
        base.favourable,
        tier=HOSTILE,
        trace=trace,
        lines=tuple(
            replace(
                x,
                says=HOSTILE,
                cut_by=HOSTILE,
                paid=HOSTILE,
                clause=clause,
                withheld=HOSTILE,
                unstated=HOSTILE,
                remedy=HOSTILE,
                subject=HOSTILE,
            )
            for x in base.favourable.lines
        ),
        rights=tuple(replace(x, says=HOSTILE, why=HOSTILE, remedy=HOSTILE) for x in base.favourable.rights),
    )
    reading = base.readings[1]
    return replace(
        base,
        agreement=HOSTILE,
        agreement_title=HOSTILE,
        version=HOSTILE,
        provider=HOSTILE,
        customer=HOSTILE,
        order=HOSTILE,
        plan=HOSTILE,
        commitment=HOSTILE,
        clause=clause,
        target=HOSTILE,
        subject=HOSTILE,
        amount=HOSTILE,
        favourable=run,
        unfavourable=run,
        excuses=(excuse,),
        notes=(HOSTILE,),
        outages=(outage(BROKEN, id=HOSTILE, seen_by=(HOSTILE,)),),
        deadlines=(
            replace(
                CLAIM,
                says=HOSTILE,
                clock=HOSTILE,
                arithmetic=HOSTILE,
                duty_of=HOSTILE,
                requires=(HOSTILE,),
                via=(HOSTILE,),
            ),
        ),
        readings=(
            replace(
                reading,
                choice=replace(reading.choice, because=HOSTILE, alternatives=(HOSTILE, HOSTILE)),
                prices=tuple(
                    replace(p, alternative=HOSTILE, amount=HOSTILE, difference=HOSTILE) for p in reading.prices
                ),
            ),
        ),
        smallest=(SmallestChange("gate", HOSTILE, None, Verdict.MET, HOSTILE),),
        coverage=replace(SEEN, by_location=((HOSTILE, 1, 1),)),
        pins=replace(PINS, engine=HOSTILE, facts={HOSTILE: HOSTILE}),
    )


def everything() -> dict[str, Statement]:
    """The samples by name, without the hostile one."""
    return {f.__name__: f() for f in (breach, met, insufficient, aim, in_days, running)}
