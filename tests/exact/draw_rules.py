"""Random rules of time: calendars, detection, outages, measures, exclusions and their limits, as typed terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from makegood.model.detection import Begins, Ends
from makegood.model.expression import Literal, Unit
from makegood.model.terms import (
    Clause,
    Counted,
    CountsAs,
    DetectRule,
    EvidenceKind,
    Excess,
    ExcludeRule,
    Gate,
    GateKind,
    LimitRule,
    MeasureKind,
    MeasureRule,
    OutageRule,
    Over,
    Strength,
)  # fmt: skip
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Allowance, Calendar, DayCount, Holidays, PeriodKind, PeriodRule
from tests.exact.dice import Dice
from tests.exact.setting import Setting, office, window
from tests.exact.stage import TICK

CLAUSE = Clause("clause", "1", "Clause")
HOUR = 60
CHANNELS = ("email", "text")
LEAST_SIDES = (Side.AT_LEAST, Side.MORE_THAN)


def calendars(dice: Dice, s: Setting) -> dict[str, Calendar]:
    """The local time, opening hours of any kind, and plain office hours for counting business days."""
    hours = tuple(s.aim(window(dice)) for _ in range(dice.between(1, 2)))
    closed = Holidays(dates=(s.day + timedelta(days=dice.between(-3, 1)),)) if dice.chance(0.3) else None
    days_off = tuple(sorted({s.day + timedelta(days=dice.between(-9, 9)) for _ in range(dice.between(1, 3))}))
    return {
        "local": Calendar("local", s.stage.zone),
        "open": Calendar("open", s.stage.zone, hours, closed),
        "office": Calendar("office", s.stage.zone, office(dice), Holidays(dates=days_off) if days_off else None),
    }


def periods(s: Setting) -> dict[str, PeriodRule]:
    """The judged one, and others for limits."""
    others = (PeriodRule("day", PeriodKind.DAY, s.stage.zone), PeriodRule("week", PeriodKind.WEEK, s.stage.zone))
    return {rule.name: rule for rule in (s.rule, *others)}


def detect(dice: Dice, s: Setting) -> DetectRule:
    """Reported states, or observations where the period is short enough for slots."""
    checks = dice.by((0.6, "any"), (0.25, "all"), (0.15, "at least 2"))
    source = "log 0" if dice.chance(0.05) else ""
    if not (s.is_short and dice.chance(0.28)):
        holds = dice.by((0.5, None), (0.3, dice.between(1, 90)), (0.2, dice.between(90, 6_000)))
        held = None if holds is None else holds * TICK
        return DetectRule("detect", CLAUSE, EvidenceKind.REPORTED, checks=checks, holds=held, source=source)
    every = dice.one((10, 15, 20, 30, 60))
    s.lengths += [every, 2 * every, 3 * every]
    return DetectRule(
        "detect",
        CLAUSE,
        EvidenceKind.OBSERVATIONS,
        every * TICK,
        30_000_000,
        dice.by((0.35, 1), (0.35, 2), (0.3, 3)),
        dice.by((0.5, 1), (0.3, 2), (0.2, 3)),
        dice.by((0.45, "1"), (0.3, "at least 2"), (0.08, "all"), (0.09, "a majority"), (0.08, "60 %")),
        checks,
    )


def outage(dice: Dice, s: Setting) -> OutageRule:
    shortest = None
    if dice.chance(0.5):
        least = dice.by((0.7, dice.between(1, 30)), (0.3, dice.between(30, 240)))
        s.lengths += [least, least]
        shortest = Threshold(dice.one(LEAST_SIDES), least * TICK)
    grain = None
    if dice.chance(0.25):
        grain = dice.one((5, 15, 60, 60, 120, 420))
        s.lengths += [grain, grain // 2]
    return OutageRule(
        "downtime",
        CLAUSE,
        "detect",
        dice.one(tuple(Begins)),
        dice.one(tuple(Ends)),
        shortest,
        dice.by((0.65, Counted.ALL), (0.35, Counted.BEYOND)),
        None if grain is None else grain * TICK,
        dice.one(("any", "all", "half")),
    )


HALVES = {0: (36, 108), 1: (18, 54), 2: (9, 27), 3: (9, 45)}
"""Down time in a day, by the places to which the percentage is rounded, that lies on the half of the last place."""


def measure(dice: Dice, s: Setting, name: str = "share") -> MeasureRule:
    rounding = dice.by((0.6, None), (0.1, 0), (0.15, 1), (0.1, 2), (0.05, 3))
    if rounding is not None:
        s.lengths += HALVES[rounding]
    kind = dice.by(
        (0.76, MeasureKind.RATIO), (0.09, MeasureKind.TOTAL), (0.07, MeasureKind.LONGEST), (0.08, MeasureKind.COUNT)
    )
    return MeasureRule(
        name,
        CLAUSE,
        kind,
        "downtime",
        dice.by((0.75, ""), (0.25, "open")),
        rounding if kind is MeasureKind.RATIO else None,
        dice.by((0.6, None), (0.2, CountsAs.UP), (0.2, CountsAs.OUTSIDE)),
        dice.by((0.8, ""), (0.1, "up"), (0.1, "down")),
    )


def excludes(dice: Dice, s: Setting, commitments: tuple[str, ...]) -> tuple[ExcludeRule, ...]:
    many = dice.by((0.25, 0), (0.45, 1), (0.2, 2), (0.1, 3))
    return tuple(_exclude(dice, s, f"exclude-{n}", commitments) for n in range(many))


def _exclude(dice: Dice, s: Setting, name: str, commitments: tuple[str, ...]) -> ExcludeRule:
    whose = commitments if dice.chance(0.6) else commitments[:1]
    counts_as = dice.one(tuple(CountsAs))
    clips = tuple(_clip(dice, s) for _ in range(dice.by((0.5, 0), (0.35, 1), (0.15, 2))))
    if dice.chance(0.1):
        clips = tuple(clip for clip in clips if clip.kind is not GateKind.LASTING)  # it begins with no announcement
        return ExcludeRule(name, CLAUSE, whose, "downtime", ("storm",), (), clips, (), (), counts_as)
    if dice.chance(0.35):
        causes = dice.by((0.6, ("client",)), (0.4, ("client", "storm")))
        shown = (_of_fact(dice, "evidence", ("ticket", "mail")),) if dice.chance(0.2) else ()
        directed = (_of_fact(dice, "directed by", ("provider",)),) if dice.chance(0.25) else ()
        return ExcludeRule(name, CLAUSE, whose, "cause", causes, shown, clips, (), directed, counts_as)
    gates = tuple(_gate(dice, s) for _ in range(dice.by((0.25, 0), (0.45, 1), (0.3, 2))))
    expect = (_gate(dice, s),) if dice.chance(0.15) else ()
    unless = (_of_fact(dice, "kind", ("b",)),) if dice.chance(0.15) else ()
    return ExcludeRule(name, CLAUSE, whose, "maintenance", (), gates, clips, expect, unless, counts_as)


def _of_fact(dice: Dice, name: str, words: tuple[str, ...]) -> Gate:
    values = dice.some(words, 1, len(words))
    return Gate(GateKind.FACT, f"{name} is {' or '.join(values)}", name, values)


def _window_gate(dice: Dice, s: Setting, kind: GateKind) -> Gate:
    if dice.chance(0.2):
        return Gate(kind, f"{kind.value} hours", calendar="open")
    windows = tuple(s.aim(window(dice)) for _ in range(dice.by((0.7, 1), (0.3, 2))))
    return Gate(kind, f"{kind.value} {', '.join(map(str, windows))}", windows=windows, calendar="local")


def _lasting(dice: Dice, s: Setting) -> Gate:
    most = dice.between(1, 300)
    s.lengths.append(most)
    return Gate(GateKind.LASTING, f"lasting {most} min", lasting=Threshold(Side.AT_MOST, most * TICK))


def _clip(dice: Dice, s: Setting) -> Gate:
    kind = dice.by(
        (0.35, GateKind.WITHIN), (0.2, GateKind.OUTSIDE), (0.25, GateKind.LASTING), (0.1, GateKind.OF_EACH_OUTAGE),
        (0.1, GateKind.OUTAGES_LASTING),
    )  # fmt: skip
    if kind in (GateKind.WITHIN, GateKind.OUTSIDE):
        return _window_gate(dice, s, kind)
    return replace(_lasting(dice, s), kind=kind)


def _gate(dice: Dice, s: Setting) -> Gate:
    kind = dice.by(
        (0.4, GateKind.NOTICE),
        (0.15, GateKind.WITHIN),
        (0.1, GateKind.OUTSIDE),
        (0.1, GateKind.LASTING),
        (0.05, GateKind.ANNOUNCED),
        (0.2, GateKind.FACT),
    )
    match kind:
        case GateKind.NOTICE:
            return _notice(dice, s)
        case GateKind.WITHIN | GateKind.OUTSIDE:
            return _window_gate(dice, s, kind)
        case GateKind.LASTING:
            return _lasting(dice, s)
        case GateKind.ANNOUNCED:
            return Gate(kind, "announced", channels=_channels(dice))
    return _of_fact(dice, *dice.one((("kind", ("a", "b")), ("purpose", ("upgrade", "repair")))))


def _channels(dice: Dice) -> tuple[str, ...]:
    return dice.some(CHANNELS, 1, 2) if dice.chance(0.3) else ()


def _notice(dice: Dice, s: Setting) -> Gate:
    effort = dice.chance(0.15)
    strength = dice.by((0.9, Strength.PROMISE), (0.1, Strength.AIM))
    more: dict[str, Any] = {"channels": _channels(dice), "effort": effort, "strength": strength}
    if dice.chance(0.7):
        hours = dice.between(0, 96)
        edge = Threshold(dice.one(LEAST_SIDES), hours * HOUR * TICK)
        return Gate(GateKind.NOTICE, f"notice {edge.side.value} {hours} h", notice=edge, **more)
    unit = dice.one((DayCount.DAYS, DayCount.BUSINESS_DAYS, DayCount.BUSINESS_TIME))
    s.marks += [s.start, s.end, s.end] * 6
    count = dice.between(1, 4) if unit is not DayCount.BUSINESS_TIME else dice.between(1, 20) * HOUR * TICK
    calendar = dice.one(("office", "office", "local")) if unit is DayCount.DAYS else "office"
    allow = Allowance(count, unit)
    return Gate(GateKind.NOTICE, f"notice {allow}", notice=allow, notice_calendar=calendar, **more)


def time_limits(dice: Dice, s: Setting, rules: tuple[ExcludeRule, ...], starts_here: bool) -> tuple[LimitRule, ...]:
    """On one exclusion each, or on two that share it; of hours, or of instances.

    All other downtime is limited only where the order starts on the stage, so that none of it lies before.
    """
    found = []
    rules = tuple(r for r in rules if starts_here or r.what != "downtime")
    for n, rule in enumerate(rules):
        if not dice.chance(0.45):
            continue
        on = (rule.name,) if dice.chance(0.75) else tuple(dict.fromkeys((rule.name, rules[n - 1].name)))
        days = dice.by((0.45, 0), (0.15, 1), (0.2, 2), (0.2, 7))
        over = "" if days else dice.one(("day", "week", "period")) if s.rule.kind is not PeriodKind.DAYS else "day"
        term = not days and dice.chance(0.15)
        zone = s.stage.zone if days and dice.chance(0.5) else ""
        if dice.chance(0.45):
            most, unit = Literal(Fraction(dice.between(0, 2)), Unit.ITEMS), Unit.ITEMS
        else:
            ticks = dice.one(s.lengths) if s.lengths and dice.chance(0.5) else dice.between(0, 240)
            s.lengths.append(ticks)
            most, unit = Literal(Fraction(ticks * TICK), Unit.TIME), Unit.TIME
        excess = Excess.REFUSED if unit is Unit.TIME and dice.chance(0.3) else Excess.LOST
        found.append(
            LimitRule(
                f"limit-{n}", CLAUSE, on, most, unit, Over("" if term else over, days, term=term, zone=zone), excess
            )
        )
    return tuple(found)
