"""Limits on credits beside what the lines come to, counts, and clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit
from makegood.model.order import Order
from makegood.model.terms import (
    RECURRING,
    ClockRule,
    CountRule,
    Excess,
    FeesWhen,
    LimitEach,
    LimitRule,
    Over,
    Picked,
    RemedyForm,
    RemedyRule,
    StandingAt,
    Terms,
    Unstated,
)  # fmt: skip
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, DayCount, PeriodKind
from tests.exact.dice import Dice
from tests.exact.draw_rules import CLAUSE, LEAST_SIDES
from tests.exact.oracle import Oracle
from tests.exact.question import Question
from tests.exact.setting import BEFORE, Setting
from tests.exact.stage import TICK

HALF = Literal(Fraction(1, 2), Unit.SHARE)
COMMON = (FeesWhen.PERIOD, FeesWhen.TERM_EQUAL_PARTS, FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS)
"""Fees that are known wherever a case is judged."""
FROM_EARLIER = 0.09


def with_limits(dice: Dice, s: Setting, q: Question, oracle: Oracle) -> Terms:
    """One or two limits on credits; or one alone that carries or holds what it leaves over."""
    if dice.chance(FROM_EARLIER) and _reaches_back(s, q):
        return _with_what_is_left_over(dice, q, oracle)
    terms = q.terms
    for n in range(dice.by((0.7, 1), (0.3, 2))):
        unit = dice.by((0.8, Unit.MONEY), (0.12, Unit.DAYS), (0.08, Unit.POINTS))
        names = [r.name for r in terms.remedies.values() if r.unit is unit]
        if not names:
            continue
        on = dice.some(names, 1, 4)
        each = dice.by((0.3, None), (0.2, LimitEach.CREDIT), (0.25, LimitEach.SERVICE), (0.25, LimitEach.ORDER))
        over = _over(dice, s) if _reaches_back(s, q) else Over("period")
        if over.longer and over.period != "period" and each is LimitEach.CREDIT:
            on = on[:1]
        asked = replace(q, terms=terms)
        most = Name("unlimited") if dice.chance(0.15) else _most(dice, asked, oracle, on, unit)
        limit = LimitRule(f"cap-{n}", CLAUSE, on, most, unit, over, each=each)
        if dice.chance(0.15):
            limit = replace(limit, picked=dice.one(tuple(Picked)))
        if dice.chance(0.15):
            limit = replace(limit, least=_literal(dice, asked, oracle, on, unit))
        terms = replace(terms, limits=(*terms.limits, limit))
    return terms


def _reaches_back(s: Setting, q: Question) -> bool:
    """Whether the oracle knows every earlier period of the order, with all windows that are open in it."""
    return s.rule.kind in (PeriodKind.DAY, PeriodKind.WEEK) and begins_here(s, q.order)


def begins_here(s: Setting, order: Order) -> bool:
    """Whether the order begins so late on the stage that no window is cut before it."""
    return order.term.first >= s.stage.first + timedelta(days=BEFORE)


def _over(dice: Dice, s: Setting) -> Over:
    zone = s.stage.zone
    return dice.by(
        (0.45, Over("period")),
        (0.15, Over()),
        (0.12, Over(days=dice.between(2, 5), zone=zone)),
        (0.1, Over("week")),
        (0.1, Over(periods=dice.between(1, 3))),
        (0.08, Over(term=True)),
    )


def _most(dice: Dice, q: Question, oracle: Oracle, on: tuple[str, ...], unit: Unit) -> Expression:
    known = [b.name for b in q.terms.bases.values() if RECURRING in b.kinds and b.when in COMMON]
    if unit is Unit.MONEY and known and dice.chance(0.2):
        return Operation(Operator.MULTIPLY, (HALF, Name(dice.one(known))))
    return _literal(dice, q, oracle, on, unit)


def _literal(dice: Dice, q: Question, oracle: Oracle, on: tuple[str, ...], unit: Unit) -> Literal:
    """What some of the lines come to, a unit more or less; else any amount."""
    judged = [one for f in (True, False) for one in oracle.asked(q).judged(q.day, f)]
    sums = [x.after for one in judged for x in one.lines if x.remedy.name in on and x.after is not None]
    some = sum(dice.some(sums, 1, 3), Fraction())
    currency = "USD" if unit is Unit.MONEY else ""
    if dice.chance(0.5):
        return Literal(max(Fraction(), some + dice.one((-1, 0, 1))), unit, currency)
    return Literal(Fraction(int(some)) if dice.chance(0.5) else Fraction(dice.between(0, 20_000)), unit, currency)


def _with_what_is_left_over(dice: Dice, q: Question, oracle: Oracle) -> Terms:
    remedies = {r.name: replace(r, requires_standing=()) for r in q.terms.remedies.values()}
    terms = replace(q.terms, remedies=remedies)
    unit = dice.one([r.unit for r in remedies.values()])
    on = dice.some([r.name for r in remedies.values() if r.unit is unit], 1, 4)
    asked = replace(q, terms=terms)
    each = dice.one((LimitEach.SERVICE, LimitEach.ORDER))
    most: Expression = Name("unlimited")
    least = None
    if dice.chance(0.5):
        most = _literal(dice, asked, oracle, on, unit)
    else:
        least = _literal(dice, asked, oracle, on, unit)
    limit = LimitRule("left-over", CLAUSE, on, most, unit, Over(), Excess.CARRIED, each, least, Excess.HELD)
    return replace(terms, limits=(*terms.limits, limit))


def with_counts(dice: Dice, s: Setting, terms: Terms, remedies: list[RemedyRule]) -> Terms:
    """A right or a duty after so many breaches, outages, credits, days or points; or upon a miss."""
    commitment = dice.one(tuple(terms.commitments))
    form = dice.one((RemedyForm.RIGHT, RemedyForm.DUTY))
    standing = ("overdue",) if dice.chance(0.2) else ()
    right = RemedyRule("right", CLAUSE, form, does=("end",), who="customer", requires_standing=standing)
    if dice.chance(0.15):
        right = replace(right, commitment=commitment, standing_at=StandingAt.PERIOD_END)
        return replace(terms, remedies={**terms.remedies, "right": right})
    mine = [r.name for r in remedies if r.commitment == commitment]
    left_over = any(x.name == "left-over" for x in terms.limits)
    outages = ["downtime"] if terms.outages else []
    of = dice.one([commitment, commitment, *outages, *([] if left_over else mine)])
    alike = len({c.scope.each for c in terms.commitments.values()}) == 1
    several = tuple(terms.commitments) if of == commitment and alike and dice.chance(0.5) else (of,)
    dated = "period end" if of == "downtime" else dice.by((0.7, "period end"), (0.3, "period start"))
    count = CountRule("count", CLAUSE, several, _span(dice, s), dated)
    if of == commitment and dice.chance(0.3):
        count = replace(count, in_a_row=True)
    beyond = Threshold(dice.one(LEAST_SIDES), Fraction(dice.between(0, 4)))
    right = replace(right, count="count", beyond=beyond)
    return replace(terms, counts={"count": count}, remedies={**terms.remedies, "right": right})


def _span(dice: Dice, s: Setting) -> Over:
    if s.stage.days > 40:
        return Over(days=dice.between(1, 3), zone=s.stage.zone)
    most = 8 if s.rule.kind in (PeriodKind.DAY, PeriodKind.DAYS) else 13
    by_days = Over(days=dice.between(1, most), zone=s.stage.zone)
    if s.rule.kind is PeriodKind.DAYS:
        return by_days
    return dice.by((0.5, by_days), (0.2, Over(periods=dice.between(1, 2))), (0.15, Over(term=True)), (0.15, Over()))


def clocks(dice: Dice, remedies: list[RemedyRule]) -> dict[str, ClockRule]:
    found = {}
    for n in range(dice.by((0.4, 0), (0.4, 1), (0.2, 2))):
        unit = dice.one(tuple(DayCount))
        count = {
            DayCount.ELAPSED: dice.between(0, 100) * 30 * TICK,
            DayCount.BUSINESS_TIME: dice.between(0, 30) * 30 * TICK,
            DayCount.DAYS: dice.between(0, 60),
            DayCount.BUSINESS_DAYS: dice.between(0, 30),
            DayCount.WEEKS: dice.between(0, 6),
            DayCount.MONTHS: dice.between(0, 13),
        }[unit]
        allow = dice.by((0.92, Allowance(count, unit)), (0.04, None), (0.04, Unstated(CLAUSE, "it")))
        of = dice.one([r.name for r in remedies] or ["uptime"]) if dice.chance(0.8) else "uptime"
        starts = ("end of period",) if dice.chance(0.95) else ("claim received",)
        calendar = dice.one(("office", "local", "")) if unit is not DayCount.BUSINESS_TIME else "office"
        found[f"clock-{n}"] = ClockRule(f"clock-{n}", CLAUSE, starts, {"": allow}, calendar=calendar, of=of)
    return found
