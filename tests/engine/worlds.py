"""Random agreements, orders and facts over three weeks around a clock change, in half hours, for the oracle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from makegood.engine.judge.case import World
from makegood.engine.statement import state
from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit
from makegood.model.facts import Facts, Maintenance, Notice, States
from makegood.model.money import Rounding
from makegood.model.order import Order
from makegood.model.spans import HOUR, MINUTE, Span
from makegood.model.statement import Statement
from makegood.model.terms import (
    Counted,
    CountsAs,
    Each,
    ExcludeRule,
    FeesOf,
    FeesWhen,
    Gate,
    GateKind,
    LimitRule,
    Nesting,
    Range,
    Strength,
    Terms,
    Tier,
)
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Calendar, ClockTime, Holidays, PeriodKind, PeriodRule, Weekday, WeeklyWindow
from tests.engine import building as make
from tests.engine.oracle import Oracle
from tests.engine.oracle_clock import Face, dates_of

TICK = 30 * MINUTE
DAYS = 21
PLACES = {
    "UTC": date(2026, 3, 2),
    "America/New_York": date(2026, 2, 23),
    "Europe/Berlin": date(2026, 10, 12),
    "Australia/Lord_Howe": date(2026, 3, 23),
    "Asia/Kolkata": date(2026, 2, 16),
}
"""Zones with a Monday, about two weeks before a clock change where there is one."""
SERVICES = ("web", "mail", "files")

_FEES_WHEN = (FeesWhen.PERIOD, FeesWhen.TERM_EQUAL_PARTS, FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS)


def examples(n: int) -> settings:
    """So many examples, or as many as the profile wants where it roams."""
    return settings(max_examples=max(n, settings().max_examples) if not settings().derandomize else n)


@dataclass(frozen=True)
class Asked:
    """One question to both the engine and the oracle: the period that holds `day`, as known at `as_of`."""

    terms: Terms
    order: Order
    facts: Facts
    as_of: int
    day: date
    start: int

    @property
    def world(self) -> World:
        return World(self.order, self.facts, self.as_of)

    @property
    def oracle(self) -> Oracle:
        first = self.start // TICK
        face = Face("UTC", TICK // 1_000_000, first - 48 * 12, first + 48 * (DAYS + 12))
        return Oracle(self.terms, self.order, self.facts, self.as_of, face)

    def statements(self) -> tuple[Statement, ...]:
        return state(self.world, self.terms, self.label, explain=False).statements

    @property
    def label(self) -> str:
        rule = self.terms.periods["period"]
        first, _ = dates_of(rule, self.day)
        if rule.kind is PeriodKind.MONTH:
            return f"{first:%Y-%m}"
        if rule.kind is PeriodKind.WEEK:
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02d}"
        return first.isoformat()


def ticks(first: int, last: int) -> st.SearchStrategy[int]:
    return st.integers(first, last).map(lambda n: n * TICK)


@st.composite
def clock_times(draw: st.DrawFn) -> ClockTime:
    return ClockTime(draw(st.integers(0, 48)) * 1800)


@st.composite
def weekly_windows(draw: st.DrawFn) -> WeeklyWindow:
    first = Weekday(draw(st.integers(0, 6)))
    last = draw(st.sampled_from([first, first, Weekday((first + 1) % 7), Weekday(draw(st.integers(0, 6)))]))
    start = ClockTime(draw(st.integers(0, 47)) * 1800)
    return WeeklyWindow(first, start, last, draw(clock_times()))


@st.composite
def states(draw: st.DrawFn, name: str, source: str, start: int) -> States:
    """Mostly up and down by turns from before the period on, and mostly seen to be up in the end."""
    at = start + draw(ticks(-96, 320))
    rows: list[tuple[int, int, int]] = []
    lengths = draw(st.lists(st.one_of(st.integers(1, 6), st.integers(1, 90)), min_size=1, max_size=16))
    for n, length in enumerate(lengths):
        early = draw(st.sampled_from([0, 0, 0, 0, 1, 2]))
        earliest = max(at - early * TICK, rows[-1][0] if rows else at)
        rows.append((at, earliest, draw(st.sampled_from([n % 2, n % 2, n % 2, n % 2, 0, 1, 2]))))
        at += length * TICK
    end = start + 48 * (DAYS + 3) * TICK
    if draw(st.sampled_from([True, True, True, False])) and at < end:
        rows += [(at, at, 0), (end, end, 0)]
    times, earlier, outcomes = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return States(name, source, times, earlier, outcomes.astype(np.int8), times)


@st.composite
def announced(draw: st.DrawFn, start: int) -> Span:
    begin = start + draw(st.one_of(ticks(48 * 6, 48 * 14), ticks(0, 48 * DAYS)))
    return Span(begin, begin + draw(st.one_of(ticks(1, 16), ticks(8, 200))))


@st.composite
def facts(draw: st.DrawFn, start: int, names: tuple[str, ...], most_states: int = 2) -> Facts:
    found: list[Any] = []
    for name in names:
        sources = draw(st.integers(0 if name != names[0] else 1, most_states))
        found += [draw(states(name, f"log {n}", start)) for n in range(sources)]
    for n in range(draw(st.integers(1, 5))):
        services = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        planned = make.work(f"work-{n}", draw(announced(start)), *services, kind=draw(st.sampled_from(["a", "b"])))
        found.append(planned)
        found += draw(notices(planned))
    for n in range(draw(st.integers(0, 4))):
        of, why = draw(st.sampled_from(names)), draw(st.sampled_from(["client", "client", "storm"]))
        found.append(make.because(f"cause-{n}", draw(announced(start)), why, of))
    return make.known(*found)


@st.composite
def notices(draw: st.DrawFn, planned: Maintenance) -> list[Notice]:
    found = []
    for contact in ("ops", "boss"):
        kind = draw(st.sampled_from(["none", "bounced", *["accepted"] * 8]))
        if kind != "none":
            accepted = planned.announced.start - draw(ticks(-4, 400)) if kind == "accepted" else None
            whose = draw(st.sampled_from(["", "", "", "order", "order", "order", "another"]))
            found.append(make.told(planned, accepted, contact, order=whose))
    return found


@st.composite
def gates(draw: st.DrawFn) -> Gate:
    kind = draw(st.sampled_from(["kind", "notice", "within", "outside", "lasting"]))
    side = draw(st.sampled_from([Side.AT_LEAST, Side.MORE_THAN]))
    match kind:
        case "kind":
            return make.of_kind(*draw(st.sampled_from([("a",), ("b",), ("a", "b")])))
        case "notice":
            return make.notice(draw(st.integers(0, 90)), side)
        case "lasting":
            return make.lasting(draw(st.integers(1, 30)))
    inside = GateKind.WITHIN if kind == "within" else GateKind.OUTSIDE
    return Gate(inside, "window", windows=tuple(draw(st.lists(weekly_windows(), min_size=1, max_size=2))),
                calendar="local")  # fmt: skip


@st.composite
def exclusions(draw: st.DrawFn, name: str) -> ExcludeRule:
    counts_as = draw(st.sampled_from(list(CountsAs)))
    clips = tuple(g for g in draw(st.lists(gates(), max_size=1)) if g.kind not in (GateKind.FACT, GateKind.NOTICE))
    if draw(st.booleans()):
        causes = draw(st.sampled_from([("client",), ("client", "storm")]))
        return make.exclude(name, "cause", causes=causes, clips=clips, counts_as=counts_as)
    unless = (make.of_kind("b"),) if draw(st.sampled_from([False, False, True])) else ()
    tried = tuple(draw(st.lists(gates(), max_size=1)))
    return make.exclude(name, gates=tried, clips=clips, unless=unless, counts_as=counts_as)


@st.composite
def limits(draw: st.DrawFn, name: str, on: str, zone: str) -> LimitRule:
    over, days = draw(st.sampled_from([("day", 0), ("week", 0), ("", 1), ("", 2), ("", 7), ("", 30)]))
    if draw(st.booleans()):
        return make.limit(name, on, make.literal(draw(st.integers(0, 2)), Unit.ITEMS), Unit.ITEMS, over=over, days=days,
                          zone=zone)  # fmt: skip
    most = make.literal(draw(ticks(0, 20)), Unit.TIME)
    return make.limit(name, on, most, Unit.TIME, over=over, days=days, zone=zone)


@st.composite
def scales(draw: st.DrawFn) -> tuple[tuple[Tier, ...], Nesting]:
    edges = sorted(draw(st.sets(st.integers(1, 99), min_size=1, max_size=3)))
    sides = {e: draw(st.booleans()) for e in edges}
    rows = []
    adding = draw(st.booleans())
    for n, edge in enumerate(edges):
        low = edges[n - 1] if n and not adding else None
        held = Range(None if low is None else Fraction(low, 100), low is not None and not sides[low],
                     Fraction(edge, 100), sides[edge])  # fmt: skip
        rows.append(Tier(held, Fraction(draw(st.integers(0, 60)), 100), f"below {edge} %", make.CLAUSE))
    if draw(st.booleans()):
        held = Range(Fraction(edges[-1], 100), not sides[edges[-1]], None, False)
        rows.append(Tier(held, Fraction(1, 100), "the rest", make.CLAUSE))
    return tuple(rows), draw(st.sampled_from((Nesting.DEEPEST, Nesting.ADDING))) if adding else Nesting.DEEPEST


@st.composite
def amounts(draw: st.DrawFn) -> Expression:
    product = make.times("scale", "fees")
    if draw(st.booleans()):
        return product
    operator = draw(st.sampled_from([Operator.LEAST, Operator.GREATEST, Operator.ADD]))
    return Operation(operator, (product, make.dollars(draw(st.integers(0, 300)))))


def half_hours(zone: str, day: date) -> int:
    """The instant of a local midnight."""
    return make.at(day.isoformat(), zone)


@st.composite
def asked(draw: st.DrawFn, instance_limits: bool = True, runs_over: bool = True) -> Asked:
    """Anything that both can judge. Without instance limits, or with periods that are over, where a test needs it."""
    zone = draw(st.sampled_from(list(PLACES)))
    monday = PLACES[zone]
    start = half_hours(zone, monday)
    kind = draw(st.sampled_from([PeriodKind.WEEK, PeriodKind.WEEK, PeriodKind.DAY]))
    nominal = draw(st.sampled_from([None, None, None, (24 if kind is PeriodKind.DAY else 168) * HOUR]))
    period = PeriodRule("period", kind, zone, nominal=nominal)
    grain, cell = draw(st.sampled_from([(None, "any"), (None, "any"), (HOUR, "any"), (HOUR, "all"), (2 * HOUR, "half"),
                                        (7 * HOUR, "half")]))  # fmt: skip
    side = draw(st.sampled_from([Side.AT_LEAST, Side.MORE_THAN]))
    shortest = Threshold(side, draw(ticks(1, 8))) if draw(st.booleans()) else None
    outage = {"grain": grain, "grain_down": cell, "shortest": shortest, "counted": draw(st.sampled_from(list(Counted)))}
    hours = Calendar("open", zone, tuple(draw(st.lists(weekly_windows(), min_size=1, max_size=3))),
                     Holidays(dates=(monday + timedelta(days=9),)) if draw(st.booleans()) else None)  # fmt: skip
    measure: dict[str, Any] = {
        "service_hours": draw(st.sampled_from(["", "", "", "open"])),
        "rounding": draw(st.sampled_from([None, None, 0, 1, 2])),
        "excused": draw(st.sampled_from([None, None, *CountsAs])),
        "unknown": draw(st.sampled_from(["", "", "", "up", "down"])),
    }
    rules = tuple(draw(exclusions(f"exclude-{n}")) for n in range(draw(st.integers(1, 3))))
    limited = [draw(limits(f"limit-{r.name}", r.name, zone)) for r in rules if draw(st.booleans())]
    if not instance_limits:
        limited = [x for x in limited if x.unit is not Unit.ITEMS]
    rows, nesting = draw(scales())
    remedies = [make.credit(draw(amounts()), rounding=draw(st.sampled_from(list(Rounding))))]
    if draw(st.booleans()):
        remedies.append(make.credit(make.dollars(draw(st.integers(1, 90))), "flat"))
    if draw(st.booleans()):
        most = draw(st.one_of(st.integers(0, 400).map(make.dollars), st.just(part_of("all-fees"))))
        on = tuple(r.name for r in remedies)
        limited.append(replace(make.limit("cap", "credit", most, Unit.MONEY, over="period"), on=on))
    per_cent = draw(st.sampled_from([50, 80, 90, 95, 99, 100]))
    target = Threshold(draw(st.sampled_from([Side.AT_LEAST, Side.MORE_THAN])), Fraction(per_cent, 100))
    agreement = make.terms(
        zone, period, draw(st.sampled_from((Each.SERVICE, Each.INSTANCE, Each.ORDER)[::2])),
        target,
        draw(st.sampled_from([*[Strength.PROMISE] * 7, Strength.AIM])),
        {"holds": draw(st.one_of(st.none(), ticks(0, 200))), "checks": draw(st.sampled_from(["any", "all"]))},
        outage, measure, rows, make.nested(nesting),
        (draw(st.sampled_from(list(FeesOf))), draw(st.sampled_from(_FEES_WHEN))),
        remedies, (PeriodRule("day", PeriodKind.DAY, zone), PeriodRule("week", PeriodKind.WEEK, zone)), hours,
        excludes=rules, limits=tuple(limited),
    )  # fmt: skip
    everything = make.terms(basis=(FeesOf.ORDER, FeesWhen.PERIOD)).bases["fees"]
    agreement = replace(agreement, bases={**agreement.bases, "all-fees": replace(everything, name="all-fees")})
    dates = st.integers(0, DAYS - 1).map(lambda n: monday + timedelta(days=n))
    sometimes = st.sampled_from([False] * 7 + [True]).flatmap(lambda some: dates if some else st.none())
    sold = [
        make.service(
            name, draw(st.integers(1, 99_999)), draw(st.sampled_from(["month", "quarter", "year", "term"])),
            starts=draw(sometimes), ends=draw(sometimes),
        )
        for name in SERVICES[: draw(st.integers(1, 3))]
    ]  # fmt: skip
    first, last = (
        monday + timedelta(days=draw(st.sampled_from([-9, -9, 0, 8]))),
        monday + timedelta(days=draw(st.sampled_from([12, 25, 30, 30]))),
    )
    sale = make.order(*sold, first=first.isoformat(), last=last.isoformat(), zone=zone, contacts=("ops", "boss"))
    evidence = draw(facts(start, tuple(s.name for s in sold)))
    as_of = start + 48 * (DAYS + 2) * TICK
    if runs_over and draw(st.sampled_from([False, False, False, False, True])):
        as_of = start + draw(ticks(48, 48 * DAYS))
    evidence = evidence.known_at(as_of)
    evidence = replace(evidence, states={k: tuple(s for s in v if len(s.at)) for k, v in evidence.states.items()})
    judged_day = monday + timedelta(days=draw(st.sampled_from([7, 8, 9, 13])))
    return Asked(agreement, sale, evidence, as_of, judged_day, start)


def part_of(basis: str) -> Operation:
    """5 % of a basis."""
    return Operation(Operator.MULTIPLY, (Literal(Fraction(5, 100), Unit.SHARE), Name(basis)))
