"""Small agreements, orders and facts, built directly: whatever a test does not name is plain.

A plain agreement promises 99 % of every calendar month in UTC for each service, from what a source reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from makegood.engine.chain import cases_of
from makegood.engine.judge.case import Case, World
from makegood.engine.statement import state
from makegood.model.detection import Begins, Ends
from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit
from makegood.model.facts import (
    DOWN,
    UNKNOWN,
    UP,
    AnyFact,
    Cause,
    Facts,
    Judgement,
    Maintenance,
    Notice,
    Results,
    Standing,
    States,
)  # fmt: skip
from makegood.model.money import Money
from makegood.model.order import CoveredService, Fee, Order, Term
from makegood.model.spans import HOUR, MINUTE, SECOND, Duration, Instant, Span
from makegood.model.statement import Statement
from makegood.model.terms import (
    BasisRule,
    Clause,
    Commitment,
    DetectRule,
    Each,
    EvidenceKind,
    ExcludeRule,
    FeesOf,
    FeesWhen,
    Gate,
    GateKind,
    LimitRule,
    MeasureKind,
    MeasureRule,
    Nesting,
    OutageRule,
    Over,
    Range,
    RemedyForm,
    RemedyRule,
    ScaleRule,
    Scope,
    Strength,
    Terms,
    Tier,
    Unstated,
)
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Calendar, ClockTime, PeriodKind, PeriodRule, Weekday, WeeklyWindow

CLAUSE = Clause("clause", "1", "Clause")
OUTCOMES = {"up": UP, "down": DOWN, "unknown": UNKNOWN, ".": UP, "x": DOWN, "o": UNKNOWN}
NOW = "2026-12-31 00:00"


def at(text: str, zone: str = "UTC") -> Instant:
    """`2026-03-02 14:30` or `2026-03-02` as an instant."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


def span(first: str, last: str, zone: str = "UTC") -> Span:
    """`2026-03-02 14:30` to `15:10`, or to another date and time."""
    whole = last if "-" in last else f"{first[:10]} {last}"
    return Span(at(first, zone), at(whole, zone))


def share(text: str) -> Fraction:
    """`99.9` per cent."""
    return Fraction(text) / 100


def literal(value: int | Fraction | str, unit: Unit, currency: str = "") -> Literal:
    return Literal(Fraction(value), unit, currency)


def dollars(amount: int | str) -> Literal:
    return literal(Fraction(amount) * 100, Unit.MONEY, "USD")


def times(*names: str) -> Operation:
    return Operation(Operator.MULTIPLY, tuple(Name(n) for n in names))


def tier(low: str, high: str, gives: str | Unstated, sides: str = "[)", per_cent: bool = True) -> Tier:
    """A row from one per cent to another (empty is open); `sides` says which edges are inside; it gives per cent."""
    low_edge, high_edge = (share(edge) if edge else None for edge in (low, high))
    amount = gives if isinstance(gives, Unstated) else share(gives) if per_cent else Fraction(gives)
    held = Range(low_edge, sides[0] == "[", high_edge, sides[1] == "]")
    return Tier(held, amount, f"{low or '0'} to {high or '100'} %", CLAUSE)


def windows(*texts: str) -> tuple[WeeklyWindow, ...]:
    """`Sunday 02:00-06:00` or `Friday 18:00 - Monday 03:00`."""
    return tuple(_window(text) for text in texts)


def _window(text: str) -> WeeklyWindow:
    if " - " not in text:
        day, _, hours = text.partition(" ")
        first, _, last = hours.partition("-")
        return WeeklyWindow(Weekday[day.upper()], _clock(first), Weekday[day.upper()], _clock(last))
    (day, first), (other, last) = (part.split(" ") for part in text.split(" - "))
    return WeeklyWindow(Weekday[day.upper()], _clock(first), Weekday[other.upper()], _clock(last))


def _clock(text: str) -> ClockTime:
    hours, _, minutes = text.partition(":")
    return ClockTime(int(hours) * 3600 + int(minutes) * 60)


def notice(hours: int, side: Side = Side.AT_LEAST, **more: Any) -> Gate:
    return Gate(GateKind.NOTICE, f"notice {side.value} {hours} h", notice=Threshold(side, hours * HOUR), **more)


def of_kind(*kinds: str) -> Gate:
    return Gate(GateKind.FACT, f"kind: {' or '.join(kinds)}", "kind", kinds)


def within(*texts: str, outside: bool = False) -> Gate:
    return Gate(GateKind.OUTSIDE if outside else GateKind.WITHIN, "window", windows=windows(*texts), calendar="local")


def lasting(hours: int) -> Gate:
    return Gate(GateKind.LASTING, f"at most {hours} h", lasting=Threshold(Side.AT_MOST, hours * HOUR))


def exclude(name: str, what: str = "maintenance", **more: Any) -> ExcludeRule:
    """Maintenance, or causes, of the commitment `uptime`."""
    return ExcludeRule(name, CLAUSE, ("uptime",), what, **more)


def limit(name: str, on: str, most: Expression, unit: Unit, **more: Any) -> LimitRule:
    over = Over(more.pop("over", ""), more.pop("days", 0), zone=more.pop("zone", ""))
    return LimitRule(name, CLAUSE, (on,), most, unit, over, **more)


def credit(amount: Expression, name: str = "credit", **more: Any) -> RemedyRule:
    return RemedyRule(name, CLAUSE, RemedyForm.CREDIT, "uptime", amount=amount, **more)


PLAIN_TIERS = (tier("95", "99", "10"), tier("", "95", "25"))


def terms(
    zone: str = "UTC",
    period: PeriodRule | None = None,
    each: Each = Each.SERVICE,
    target: Threshold[Fraction] | Unstated = Threshold(Side.AT_LEAST, Fraction(99, 100)),  # noqa: B008
    strength: Strength = Strength.PROMISE,
    detect: Mapping[str, Any] | None = None,
    outage: Mapping[str, Any] | None = None,
    measure: Mapping[str, Any] | None = None,
    tiers: tuple[Tier, ...] = PLAIN_TIERS,
    scale: Mapping[str, Any] | None = None,
    basis: tuple[FeesOf, FeesWhen] = (FeesOf.SUBJECT, FeesWhen.PERIOD),
    remedies: Sequence[RemedyRule] | None = None,
    periods: Iterable[PeriodRule] = (),
    hours: Calendar | None = None,
    **more: Any,
) -> Terms:
    """An agreement with one commitment, `uptime`; `more` are other fields of Terms."""
    cut = period or PeriodRule("period", PeriodKind.MONTH, zone)
    found = [credit(times("scale", "fees"))] if remedies is None else remedies
    reads: dict[str, Any] = {"evidence": EvidenceKind.REPORTED, **(detect or {})}
    dated: dict[str, Any] = {"begins": Begins.FIRST_FAILURE, "ends": Ends.FIRST_SUCCESS, **(outage or {})}
    calendars = {"local": Calendar("local", zone), **({hours.name: hours} if hours else {})}
    made = Terms(
        "plain",
        "Plain agreement",
        "1",
        date(2020, 1, 1),
        "Provider",
        calendars=calendars,
        periods={p.name: p for p in (cut, *periods)},
        detects={"detect": DetectRule("detect", CLAUSE, **reads)},
        outages={"downtime": OutageRule("downtime", CLAUSE, "detect", **dated)},
        measures={"share": MeasureRule("share", CLAUSE, MeasureKind.RATIO, "downtime", **(measure or {}))},
        commitments={"uptime": Commitment("uptime", CLAUSE, Scope(each), cut.name, "share", target, strength)},
        scales={"scale": ScaleRule("scale", CLAUSE, **{"unit": Unit.SHARE, "tiers": tiers, **(scale or {})})},
        bases={"fees": BasisRule("fees", CLAUSE, *basis)},
        remedies={r.name: r for r in found},
    )
    return replace(made, **more)


def nested(amount: Nesting) -> dict[str, Any]:
    return {"nesting": amount}


def service(name: str = "web", fee: int = 1_000_00, per: str = "month", **more: Any) -> CoveredService:
    """A service with one fee, in cents, and one check of its own name."""
    fees = (Fee(Money(Fraction(fee), "USD"), per, date(2020, 1, 1)),)
    return CoveredService(name, name, (f"{name}-check",), fees, **more)


def order(*services: CoveredService, first: str = "2026-01-01", last: str = "2026-12-31", **more: Any) -> Order:
    """An order in UTC for the year 2026."""
    term = Term(date.fromisoformat(first), date.fromisoformat(last))
    made = Order("order", "plain", "Customer", "Provider", "UTC", term, services or (service(),))
    return replace(made, **more)


def reported(name: str, rows: Iterable[tuple[Instant, str]], source: str = "log", recorded: Instant = 0) -> States:
    """What a source reported of a service: an instant and `up`, `down` or `unknown`."""
    table = sorted(rows)
    times = np.array([t for t, _ in table], dtype=np.int64)
    outcome = np.array([OUTCOMES[o] for _, o in table], dtype=np.int8)
    return States(name, source, times, times, outcome, np.full(len(table), recorded, dtype=np.int64))


def down(*spans: Span, name: str = "web", first: str = "2026-01-01", last: str = NOW) -> States:
    """A service that was up from one instant to another but for these spans."""
    rows = [(at(first), "up"), (at(last), "up")]
    rows += [row for s in spans for row in ((s.start, "down"), (s.end, "up"))]
    return reported(name, dict(sorted(rows, key=lambda r: r[0])).items())


def watched(check: str, lines: Mapping[str, str], start: Instant, every: Duration = MINUTE) -> Results:
    """Results by location as signs, one each slot: `.` up, `x` down, `o` abstained, a blank none."""
    seen = [
        (start + k * every, n, OUTCOMES[sign])
        for n, line in enumerate(lines.values())
        for k, sign in enumerate(line)
        if sign != " "
    ]
    table = np.array(seen, dtype=np.int64).reshape(-1, 3)
    begun = table[:, 0]
    return Results(check, tuple(lines), begun, table[:, 1].astype(np.int16), table[:, 2].astype(np.int8), begun)


def work(name: str, announced: Span, *services: str, kind: str = "standard", **more: Any) -> Maintenance:
    return Maintenance(name, 0, "provider", services=services or ("web",), announced=announced, kind=kind, **more)


def told(of: Maintenance, accepted: Instant | None, to: str = "ops", **more: Any) -> Notice:
    """A notice of some work, accepted at an instant, or bounced."""
    name = f"{of.id}-to-{to}"
    return Notice(**{"id": name, "recorded": 0, "by": "mail", "of": of.id, "to": to, "accepted": accepted, **more})


def because(name: str, during: Span, cause: str = "client", of: str = "web", **more: Any) -> Cause:
    return Cause(name, 0, "provider", service=of, span=during, cause=cause, **more)


def known(*facts: AnyFact | States | Results) -> Facts:
    """Facts of any kind, sorted into their groups."""

    def those(kind: type) -> tuple[object, ...]:
        return tuple(f for f in facts if isinstance(f, kind))

    states: dict[str, tuple[States, ...]] = {}
    for one in facts:
        if isinstance(one, States):
            states[one.service] = (*states.get(one.service, ()), one)
    groups = {
        "maintenances": Maintenance,
        "notices": Notice,
        "causes": Cause,
        "judgements": Judgement,
        "standings": Standing,
    }
    found: dict[str, Any] = {name: those(kind) for name, kind in groups.items()}
    return Facts(**found, results={one.check: one for one in facts if isinstance(one, Results)}, states=states)


def judged(
    agreement: Terms, facts: Facts, label: str = "2026-03", of: Order | None = None, as_of: str | Instant = NOW
) -> tuple[Statement, ...]:
    """The statements of a period, without prices or smallest changes."""
    return state(world(facts, of, as_of), agreement, label, explain=False).statements


def world(facts: Facts, of: Order | None = None, as_of: str | Instant = NOW) -> World:
    return World(of or order(), facts, at(as_of) if isinstance(as_of, str) else as_of)


def case(agreement: Terms, facts: Facts | None = None, label: str = "2026-03", of: Order | None = None) -> Case:
    """The first case of a period."""
    return cases_of(world(facts or known(), of), agreement, label)[0]
