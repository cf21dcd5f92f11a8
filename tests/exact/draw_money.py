"""Targets, tables, remedies, limits on money, counts and clocks, drawn at and beside what the oracle measured."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit, names_in
from makegood.model.money import Rounding
from makegood.model.terms import (
    BasisRule,
    ClockRule,
    Commitment,
    CountRule,
    FeesOf,
    FeesWhen,
    LimitEach,
    LimitRule,
    Nesting,
    Over,
    Range,
    RemedyForm,
    RemedyRule,
    ScaleRule,
    Terms,
    Tier,
    Unstated,
)  # fmt: skip
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, DayCount, PeriodKind
from tests.exact.dice import Dice
from tests.exact.draw_rules import CLAUSE, LEAST_SIDES
from tests.exact.oracle import Oracle, Run
from tests.exact.question import Question
from tests.exact.setting import Setting
from tests.exact.stage import TICK

WHENS = (FeesWhen.PERIOD, FeesWhen.TERM_EQUAL_PARTS, FeesWhen.TERM_MONTHS, FeesWhen.TERM_DAYS)
OTHER_SCALES = (("day-scale", Unit.DAYS), ("money-scale", Unit.MONEY))
UNSTATED = Unstated(CLAUSE, "it")
SHARES = [Fraction(n, 1000) for n in (50, 100, 125, 150, 200, 250, 333, 500, 500, 500, 1000)]
PLAIN_TARGETS = [Fraction(n, 1000) for n in (500, 800, 900, 950, 990, 999, 1000)]


def consequences(dice: Dice, s: Setting, q: Question, oracle: Oracle) -> Terms:
    """The question's terms with all that follows from its figures."""
    terms = q.terms
    for commitment in terms.commitments.values():
        runs = [r for favourable in (True, False) for r in oracle.measured(commitment, s.day, favourable)]
        target = _target(dice, runs)
        made = replace(commitment, target=target)
        terms = replace(terms, commitments={**terms.commitments, commitment.name: made})
    runs = [r for c in terms.commitments.values() for f in (True, False) for r in oracle.measured(c, s.day, f)]
    scale = _scale(dice, runs, "scale", Unit.SHARE)
    remedies = [r for c in terms.commitments.values() for r in _remedies(dice, c, runs, scale)]
    named = {name for r in remedies if r.amount is not None for name in names_in(r.amount)}
    others = [_scale(dice, runs, name, unit) for name, unit in OTHER_SCALES if name in named]
    terms = replace(
        terms,
        scales={x.name: x for x in (scale, *others)},
        bases=_bases(dice),
        remedies={r.name: r for r in remedies},
        clocks=_clocks(dice, remedies),
    )
    if remedies and dice.chance(0.5):
        terms = _with_limits(dice, s, replace(q, terms=terms), oracle)
    if dice.chance(0.12) and q.order.term.first >= s.stage.first:
        terms = _with_counts(dice, s, terms, remedies)
    return terms


def _beside(dice: Dice, runs: list[Run]) -> Fraction | None:
    """A ratio that was measured, or one that a tick more or less of down time would make."""
    known = [r for r in runs if r.ratio is not None]
    if not known:
        return None
    run = dice.one(known)
    if run.ratio is not None and dice.chance(0.3):
        return run.ratio
    beside = (run.numerator + dice.one((-1, 0, 1))) / run.denominator
    if run.running and dice.chance(0.7):
        beside = (run.numerator + run.rest + dice.one((-1, 0, 1))) / (run.denominator + run.rest)
    return min(max(beside, Fraction(0)), Fraction(1))


def _target(dice: Dice, runs: list[Run]) -> Threshold[Fraction] | Unstated:
    if dice.chance(0.02):
        return UNSTATED
    edge = _beside(dice, runs) if dice.chance(0.75) else None
    return Threshold(dice.one(LEAST_SIDES), dice.one(PLAIN_TARGETS) if edge is None else edge)


def _scale(dice: Dice, runs: list[Run], name: str, unit: Unit) -> ScaleRule:
    wanted = [_beside(dice, runs) if dice.chance(0.6) else None for _ in range(dice.between(1, 3))]
    edges = sorted({Fraction(dice.between(1, 1000), 1000) if edge is None else edge for edge in wanted})
    nesting = dice.by((0.6, Nesting.DEEPEST), (0.4, Nesting.ADDING))
    is_nested = nesting is Nesting.ADDING or dice.chance(0.2)
    tiers, low, low_inside = [], None, False
    for edge in edges:
        inside = dice.chance(0.5)
        held = Range(None if is_nested else low, low_inside and not is_nested, edge, inside)
        tiers.append(_tier(dice, held, unit))
        low, low_inside = edge, not inside if dice.chance(0.9) else inside
    if dice.chance(0.6):
        tiers.append(_tier(dice, Range(low, low_inside, None, False), unit))
    currency = "USD" if unit is Unit.MONEY else ""
    return ScaleRule(name, CLAUSE, unit, tuple(tiers), nesting, currency)


def _tier(dice: Dice, held: Range, unit: Unit) -> Tier:
    amounts = {
        Unit.SHARE: dice.one(SHARES),
        Unit.DAYS: Fraction(dice.between(0, 10)),
        Unit.MONEY: Fraction(dice.between(0, 50_000)),
    }
    return Tier(held, UNSTATED if dice.chance(0.05) else amounts[unit], "a row", CLAUSE)


def _bases(dice: Dice) -> dict[str, BasisRule]:
    whens = WHENS
    return {
        "fees": BasisRule("fees", CLAUSE, FeesOf.SUBJECT, dice.one(whens)),
        "all-fees": BasisRule("all-fees", CLAUSE, FeesOf.ORDER, dice.one(whens)),
        "renewal-day": BasisRule("renewal-day", CLAUSE, dice.one(list(FeesOf)), FeesWhen.RENEWAL_DAY),
    }


def _money(dice: Dice, most: int = 100_000) -> Literal:
    return Literal(Fraction(dice.between(0, most)), Unit.MONEY, "USD")


def _times(*operands: Expression) -> Operation:
    return Operation(Operator.MULTIPLY, operands)


def _amount(dice: Dice, runs: list[Run], scale: ScaleRule) -> Expression:
    """Money, by any of the operations; of two compared, one is often what the other comes to."""
    literal = _money(dice, 5_000)
    basis = dice.by((0.4, "fees"), (0.15, "all-fees"), (0.45, ""))
    product = _times(Name("scale"), Name(basis) if basis else literal)
    shares = [t.amount for t in scale.tiers if isinstance(t.amount, Fraction)] or [Fraction(1)]
    exact = Literal(literal.value * dice.one(shares) + dice.one((0, 0, -1, 1)), Unit.MONEY, "USD")
    other = exact if exact.value >= 0 and not basis and dice.chance(0.7) else _money(dice, 5_000)
    match dice.between(0, 9):
        case 0:
            return Operation(Operator.LEAST, (product, other))
        case 1:
            return Operation(Operator.GREATEST, (product, other))
        case 2:
            return Operation(dice.one((Operator.ADD, Operator.SUM)), (product, _money(dice, 500)))
        case 3:
            return Name("money-scale")
        case 4:
            return _times(dice.one((Name("shortfall"), Name("availability"), Name("target"))), _money(dice))
        case 5:
            hour = Literal(Fraction(dice.one((60, 1, 30)) * TICK), Unit.TIME)
            return _times(Operation(Operator.DIVIDE, (Name("downtime"), hour)), _money(dice, 999))
        case 6:
            edge = Literal(_beside(dice, runs) or Fraction(9, 10), Unit.SHARE)
            operator = dice.one((Operator.BELOW, Operator.AT_LEAST))
            condition = Operation(operator, (Name("availability"), edge))
            return Operation(Operator.IF, (condition, product, _money(dice, 999)))
    return product


def _remedies(dice: Dice, commitment: Commitment, runs: list[Run], scale: ScaleRule) -> list[RemedyRule]:
    found = []
    for n in range(dice.by((0.1, 0), (0.6, 1), (0.3, 2))):
        more: dict[str, Any] = {
            "rounding": dice.one(tuple(Rounding)),
            "requires_standing": ("overdue",) if dice.chance(0.1) else (),
        }
        if dice.chance(0.2):
            more |= {"amount": Name("day-scale"), "unit": Unit.DAYS}
            more["converts"] = Name("renewal-day") if dice.chance(0.6) else None
        else:
            more["amount"] = _amount(dice, runs, scale)
        form = dice.by((0.92, RemedyForm.CREDIT), (0.08, RemedyForm.CHARGE))
        found.append(RemedyRule(f"{commitment.name}-credit-{n}", CLAUSE, form, commitment.name, **more))
    return found


def _with_limits(dice: Dice, s: Setting, q: Question, oracle: Oracle) -> Terms:
    """One or two limits on credits, beside what the lines come to without them."""
    terms = q.terms
    for n in range(dice.by((0.7, 1), (0.3, 2))):
        unit = dice.by((0.85, Unit.MONEY), (0.15, Unit.DAYS))
        names = [r.name for r in terms.remedies.values() if r.unit is unit]
        if not names:
            continue
        on = dice.some(names, 1, 4)
        each = dice.by((0.3, None), (0.2, LimitEach.CREDIT), (0.25, LimitEach.SERVICE), (0.25, LimitEach.ORDER))
        days, over = dice.by(
            (0.75, (0, "period")), (0.05, (0, "")), (0.1, (dice.between(2, 5), "")), (0.1, (0, "week"))
        )
        if s.rule.kind not in (PeriodKind.DAY, PeriodKind.WEEK) or q.order.term.first < s.stage.first:
            days, over = 0, "period"  # what was credited before the stage is not known to the oracle
        if (days or over == "week") and each is LimitEach.CREDIT:
            on = on[:1]
        most = _most(dice, replace(q, terms=terms), oracle, on, unit)
        span = Over(over, days, zone=s.stage.zone if days else "")
        limit = LimitRule(f"cap-{n}", CLAUSE, on, most, unit, span, each=each)
        terms = replace(terms, limits=(*terms.limits, limit))
    return terms


def _most(dice: Dice, q: Question, oracle: Oracle, on: tuple[str, ...], unit: Unit) -> Expression:
    if dice.chance(0.05):
        return Name("unlimited")
    if unit is Unit.MONEY and dice.chance(0.15):
        return _times(Literal(dice.one(SHARES), Unit.SHARE), Name(dice.one(("fees", "all-fees"))))
    runs = [r for f in (True, False) for r in oracle.asked(q).judged(q.day, f)]
    sums = [line.after for r in runs for line in r.lines if line.remedy.name in on and line.after is not None]
    some = sum(dice.some(sums, 1, 3), Fraction())
    currency = "USD" if unit is Unit.MONEY else ""
    if dice.chance(0.5):
        return Literal(max(Fraction(), some + dice.one((-1, 0, 1))), unit, currency)
    return Literal(Fraction(int(some)) if dice.chance(0.5) else Fraction(dice.between(0, 20_000)), unit, currency)


def _with_counts(dice: Dice, s: Setting, terms: Terms, remedies: list[RemedyRule]) -> Terms:
    """A right or a duty after so many breaches, credits or days of credit, of periods that are short."""
    commitment = dice.one(tuple(terms.commitments))
    of = dice.one([commitment, *(r.name for r in remedies if r.commitment == commitment)])
    days = dice.between(1, 8) if s.rule.kind in (PeriodKind.DAY, PeriodKind.DAYS) else dice.between(1, 13)
    if s.stage.days > 40:
        days = dice.between(1, 3)
    dated = dice.by((0.7, "period end"), (0.3, "period start"))
    count = CountRule("count", CLAUSE, (of,), Over(days=days, zone=s.stage.zone), dated)
    beyond = Threshold(dice.one(LEAST_SIDES), Fraction(dice.between(0, 4)))
    form = dice.one((RemedyForm.RIGHT, RemedyForm.DUTY))
    standing = ("overdue",) if dice.chance(0.2) else ()
    right = RemedyRule(
        "right", CLAUSE, form, count="count", beyond=beyond, does=("end",), who="customer", requires_standing=standing
    )
    return replace(terms, counts={"count": count}, remedies={**terms.remedies, "right": right})


def _clocks(dice: Dice, remedies: list[RemedyRule]) -> dict[str, ClockRule]:
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
        allow = dice.by((0.92, Allowance(count, unit)), (0.04, None), (0.04, UNSTATED))
        of = dice.one([r.name for r in remedies] or ["uptime"]) if dice.chance(0.8) else "uptime"
        starts = ("end of period",) if dice.chance(0.95) else ("claim received",)
        calendar = dice.one(("office", "local", "")) if unit is not DayCount.BUSINESS_TIME else "office"
        found[f"clock-{n}"] = ClockRule(f"clock-{n}", CLAUSE, starts, {"": allow}, calendar=calendar, of=of)
    return found
