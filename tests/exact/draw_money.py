"""Targets, tables, amounts and remedies, drawn at and beside what the oracle measured."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from makegood.model.expression import Expression, Literal, Name, Operation, Operator, Unit
from makegood.model.money import Rounding
from makegood.model.terms import (
    RECURRING,
    BasisRule,
    Before,
    Commitment,
    Counts,
    FeesOf,
    FeesWhen,
    InTime,
    MeasureKind,
    MeasureRule,
    Nesting,
    Range,
    RemedyEach,
    RemedyForm,
    RemedyRule,
    ScaleRule,
    StandingAt,
    Step,
    Terms,
    Tier,
    Unstated,
)  # fmt: skip
from makegood.model.threshold import Side, Threshold
from tests.exact.dice import Dice
from tests.exact.draw_limits import COMMON, begins_here, clocks, with_counts, with_limits
from tests.exact.draw_rules import CLAUSE, LEAST_SIDES
from tests.exact.oracle import Oracle
from tests.exact.plain_figures import Run
from tests.exact.question import Question
from tests.exact.setting import Setting
from tests.exact.stage import TICK

UNSTATED = Unstated(CLAUSE, "it")
SHARES = [Fraction(n, 1000) for n in (50, 100, 125, 150, 200, 250, 333, 500, 500, 500, 1000)]
PLAIN_TARGETS = [Fraction(n, 1000) for n in (500, 800, 900, 950, 990, 999, 1000)]
OTHER = tuple(when for when in FeesWhen if when not in (*COMMON, FeesWhen.RENEWAL_DAY))
UNITS = {Counts.SHARE: Unit.SHARE, Counts.TIME: Unit.TIME, Counts.NUMBER: Unit.ITEMS}


def consequences(dice: Dice, s: Setting, q: Question, oracle: Oracle) -> Terms:
    """The question's terms with all that follows from its figures."""
    terms = q.terms
    remedies: list[RemedyRule] = []
    scales: list[ScaleRule] = []
    for commitment in terms.commitments.values():
        runs = [r for favourable in (True, False) for r in oracle.times.measured(commitment, s.day, favourable)]
        counts = terms.measures[commitment.measure].counts
        measure = terms.measures[commitment.measure]
        made = replace(commitment, target=_target(dice, runs, measure), counts=counts)
        terms = replace(terms, commitments={**terms.commitments, commitment.name: made})
        others = {c.name: terms.measures[c.measure].counts for c in terms.commitments.values() if c.name != made.name}
        named = _Tables(dice, made, runs, measure, others)
        remedies += _remedies(dice, made, named)
        scales += named.scales
    terms = replace(
        terms,
        scales={x.name: x for x in scales},
        bases=_bases(dice, bool(terms.outages)),
        remedies={r.name: r for r in remedies},
        clocks={**terms.clocks, **clocks(dice, remedies)},
    )
    if remedies and dice.chance(0.5):
        terms = with_limits(dice, s, replace(q, terms=terms), oracle)
    if dice.chance(0.09) and begins_here(s, q.order):
        terms = with_counts(dice, s, terms, remedies)
    return terms


def _beside(dice: Dice, runs: list[Run]) -> Fraction | None:
    """A figure that was measured, or one that a tick, or an item, more or less would make."""
    known = [r for r in runs if r.figure is not None]
    if not known:
        return None
    run = dice.one(known)
    assert run.figure is not None
    near = run.figure
    if run.running and run.best is not None and dice.chance(0.7):
        near = run.best
    if dice.chance(0.7):
        near += dice.one((-1, 0, 1)) * run.unit
    return max(near, Fraction())


def _target(dice: Dice, runs: list[Run], measure: MeasureRule) -> Threshold[Fraction] | InTime | Unstated:
    if dice.chance(0.02):
        return UNSTATED
    if measure.kind is MeasureKind.ELAPSED and dice.chance(0.6):
        return InTime.IN_TIME
    counts, edge = measure.counts, _beside(dice, runs) if dice.chance(0.75) else None
    if measure.value:
        side = dice.one((*LEAST_SIDES, Side.AT_MOST, Side.BELOW))
        return Threshold(side, Fraction(dice.between(0, 50)) if edge is None else edge)
    if counts is Counts.SHARE:
        return Threshold(dice.one(LEAST_SIDES), dice.one(PLAIN_TARGETS) if edge is None else min(edge, Fraction(1)))
    plain = Fraction(dice.between(0, 120) * TICK if counts is Counts.TIME else dice.between(0, 3))
    return Threshold(dice.one((Side.AT_MOST, Side.BELOW)), plain if edge is None else edge)


class _Tables:
    """The tables of one commitment, each drawn when an amount names it."""

    def __init__(
        self, dice: Dice, commitment: Commitment, runs: list[Run], measure: MeasureRule, others: dict[str, Counts]
    ) -> None:
        self.dice, self.commitment, self.runs, self.measure = dice, commitment, runs, measure
        self.others = others
        self.scales: list[ScaleRule] = []

    @property
    def counts(self) -> Counts:
        return self.commitment.counts

    @property
    def has_outages(self) -> bool:
        return self.measure.of == "downtime"

    def rows(self, unit: Unit) -> ScaleRule:
        """Rows by the figure of the commitment."""
        dice = self.dice
        wanted = [_beside(dice, self.runs) if dice.chance(0.6) else None for _ in range(dice.between(1, 3))]
        edges = sorted({self._plain_edge() if edge is None else edge for edge in wanted})
        nesting = dice.by((0.6, Nesting.DEEPEST), (0.4, Nesting.ADDING))
        is_nested = nesting is Nesting.ADDING or dice.chance(0.2)
        tiers, low, low_inside = [], None, False
        for edge in edges:
            inside = dice.chance(0.5)
            held = Range(None if is_nested else low, low_inside and not is_nested, edge, inside)
            tiers.append(self._tier(held, unit))
            low, low_inside = edge, not inside if dice.chance(0.9) else inside
        if dice.chance(0.6):
            tiers.append(self._tier(Range(low, low_inside, None, False), unit))
        return self._made(unit, tuple(tiers), nesting, "", self.counts)

    def steps(self, unit: Unit, part: bool) -> ScaleRule:
        """So much for each step of the down time, of what is missing, or of the outages; all of it, or part by part."""
        dice = self.dice
        of = dice.by((0.4, "downtime"), (0.25, "shortfall"), (0.2, "excess-downtime"), (0.15, "outages"))
        if not self.has_outages:
            of = "shortfall"
        if part or (of == "excess-downtime" and self.counts is not Counts.SHARE):
            of = "downtime"
        counts = {"shortfall": self.counts, "outages": Counts.NUMBER}.get(of, Counts.TIME)
        nesting = dice.by((0.5, Nesting.PARTS), (0.5, Nesting.DEEPEST))
        edges = sorted({self._step_edge(counts) for _ in range(dice.between(0, 2))} - {Fraction()})
        tiers, low = [], Fraction()
        for high in [*edges, None]:
            held = Range(low, True, high, False)
            beyond = dice.by((0.7, None), (0.3, Fraction()), (0.0, low)) if nesting is Nesting.PARTS else None
            if nesting is Nesting.DEEPEST and dice.chance(0.3):
                beyond = low
            step = Step(self._size(counts), dice.chance(0.5), beyond)
            plain = nesting is Nesting.DEEPEST and dice.chance(0.2)
            tiers.append(replace(self._tier(held, unit), step=None if plain else step))
            low = high if high is not None else low
        return self._made(unit, tuple(tiers), nesting, of, counts)

    def _step_edge(self, counts: Counts) -> Fraction:
        if counts is Counts.TIME:
            downs = [r.down_time for r in self.runs if r.down_time < 3_000 * TICK] or [Fraction(60 * TICK)]
            near = self.dice.one(downs) + self.dice.one((-1, 0, 0, 1)) * TICK
            return max(Fraction(), near if self.dice.chance(0.5) else Fraction(self.dice.between(1, 300) * TICK))
        return Fraction(self.dice.between(1, 3), 1 if counts is Counts.NUMBER else 100)

    def _size(self, counts: Counts) -> Fraction:
        """A length that divides what was down, now and then; else any."""
        dice = self.dice
        if counts is Counts.NUMBER:
            return Fraction(dice.between(1, 3))
        if counts is Counts.SHARE:
            return Fraction(dice.one((1, 5, 10)), 1000)
        downs = [int(r.down_time) // TICK for r in self.runs if r.down_time.denominator == 1]
        exact = dice.one(downs) // dice.between(1, 4) + dice.one((-1, 0, 0, 1)) if downs and dice.chance(0.5) else 0
        return Fraction(max(exact, dice.one((15, 30, 60, 61))) * TICK)

    def _made(self, unit: Unit, tiers: tuple[Tier, ...], nesting: Nesting, of: str, counts: Counts) -> ScaleRule:
        name = f"{self.commitment.name}-table-{len(self.scales)}"
        made = ScaleRule(name, CLAUSE, unit, tiers, nesting, "USD" if unit is Unit.MONEY else "", of, counts)
        self.scales.append(made)
        return made

    def _plain_edge(self) -> Fraction:
        dice = self.dice
        return {
            Counts.SHARE: Fraction(dice.between(1, 1000), 1000),
            Counts.TIME: Fraction(dice.between(1, 300) * TICK),
        }.get(self.counts, Fraction(dice.between(0, 4)))

    def _tier(self, held: Range, unit: Unit) -> Tier:
        dice = self.dice
        amounts = {Unit.SHARE: dice.one(SHARES), Unit.MONEY: Fraction(dice.between(0, 50_000))}
        amount = amounts.get(unit, Fraction(dice.between(0, 10)))
        return Tier(held, UNSTATED if dice.chance(0.05) else amount, "a row", CLAUSE)


def _bases(dice: Dice, has_outages: bool) -> dict[str, BasisRule]:
    return {
        "fees": _basis(dice, "fees", FeesOf.SUBJECT, has_outages),
        "all-fees": _basis(dice, "all-fees", FeesOf.ORDER, has_outages),
        "renewal-day": BasisRule("renewal-day", CLAUSE, dice.one(list(FeesOf)), FeesWhen.RENEWAL_DAY),
    }


def _basis(dice: Dice, name: str, fees: FeesOf, has_outages: bool) -> BasisRule:
    when = dice.one(COMMON) if dice.chance(0.6) else dice.one(OTHER)
    kinds = dice.by((0.75, (RECURRING,)), (0.17, (RECURRING, "set-up")), (0.08, ("set-up",)))
    if when is FeesWhen.YEAR_DAY:
        kinds = (RECURRING,)
    months, days = dice.by((0.5, (dice.between(1, 13), 0)), (0.5, (0, dice.between(1, 40))))
    if when is not FeesWhen.BEFORE:
        return BasisRule(name, CLAUSE, fees, when, kinds)
    before = dice.one((Before.PERIOD, Before.END, Before.OUTAGE if has_outages else Before.END))
    return BasisRule(name, CLAUSE, fees, when, kinds, months=months, days=days, before=before)


def _money(dice: Dice, most: int = 100_000) -> Literal:
    return Literal(Fraction(dice.between(0, most)), Unit.MONEY, "USD")


def _times(*operands: Expression) -> Operation:
    return Operation(Operator.MULTIPLY, operands)


def _amount(dice: Dice, tables: _Tables, part: bool) -> Expression:
    """Money, by any of the operations; of two compared, one is often what the other comes to."""
    literal = _money(dice, 5_000)
    if part or dice.chance(0.15):
        unit = dice.one((Unit.SHARE, Unit.MONEY))
        steps = Name(tables.steps(unit, part).name)
        basis: Expression = Name("fees") if dice.chance(0.5) else literal
        return steps if unit is Unit.MONEY else _times(steps, basis)
    if tables.others and dice.chance(0.2):
        return _of_another(dice, tables)
    case = dice.between(0, 9)
    if case == 3:
        return Name(tables.rows(Unit.MONEY).name)
    counts = tables.counts
    hour = Literal(Fraction(dice.one((60, 1, 30)) * TICK), Unit.TIME)
    if case == 4 and counts is not Counts.TIME:
        return _times(Name(dice.one(("shortfall", "availability", "target", "figure"))), _money(dice))
    if case in (4, 5) and tables.has_outages:
        name = "figure" if counts is Counts.TIME and case == 4 else "downtime"
        return _times(Operation(Operator.DIVIDE, (Name(name), hour)), _money(dice, 999))
    scale = tables.rows(Unit.SHARE)
    fees = dice.by((0.4, "fees"), (0.15, "all-fees"), (0.45, ""))
    product = _times(Name(scale.name), Name(fees) if fees else literal)
    shares = [t.amount for t in scale.tiers if isinstance(t.amount, Fraction)] or [Fraction(1)]
    exact = Literal(literal.value * dice.one(shares) + dice.one((0, 0, -1, 1)), Unit.MONEY, "USD")
    other = exact if exact.value >= 0 and not fees and dice.chance(0.7) else _money(dice, 5_000)
    match case:
        case 0:
            return Operation(Operator.LEAST, (product, other))
        case 1:
            return Operation(Operator.GREATEST, (product, other))
        case 2:
            return Operation(dice.one((Operator.ADD, Operator.SUM)), (product, _money(dice, 500)))
        case 6:
            edge = Literal(
                _beside(dice, tables.runs) or tables.rows(Unit.SHARE).tiers[0].range.high or Fraction(), UNITS[counts]
            )
            condition = Operation(dice.one((Operator.BELOW, Operator.AT_LEAST)), (Name("figure"), edge))
            return Operation(Operator.IF, (condition, product, _money(dice, 999)))
    return product


def _of_another(dice: Dice, tables: _Tables) -> Expression:
    """So much for what another commitment came to."""
    name, counts = dice.one(tuple(tables.others.items()))
    figure: Expression = Name(name)
    if counts is Counts.TIME:
        figure = Operation(Operator.DIVIDE, (figure, Literal(Fraction(60 * TICK), Unit.TIME)))
    return _times(figure, _money(dice, 999))


def _remedies(dice: Dice, commitment: Commitment, tables: _Tables) -> list[RemedyRule]:
    found = []
    for n in range(dice.by((0.1, 0), (0.6, 1), (0.3, 2))):
        each = dice.by((0.82, RemedyEach.PERIOD), (0.09, RemedyEach.DAY), (0.09, RemedyEach.OUTAGE))
        if not tables.has_outages:
            each = RemedyEach.PERIOD
        more: dict[str, Any] = {
            "rounding": dice.one(tuple(Rounding)),
            "requires_standing": ("overdue",) if dice.chance(0.12) else (),
            "standing_at": dice.one((StandingAt.STATEMENT, StandingAt.PERIOD_END, StandingAt.PERIOD)),
            "each": each,
        }
        unit = dice.by((0.77, Unit.MONEY), (0.15, Unit.DAYS), (0.08, Unit.POINTS))
        if unit is Unit.MONEY:
            more["amount"] = _amount(dice, tables, each is not RemedyEach.PERIOD)
        else:
            literal = Literal(Fraction(dice.between(1, 5)), unit)
            more |= {"amount": literal if dice.chance(0.3) else Name(tables.rows(unit).name), "unit": unit}
            worth = _money(dice, 999) if unit is Unit.POINTS else Name("renewal-day")
            more["converts"] = worth if dice.chance(0.6) else None
        form = dice.by((0.92, RemedyForm.CREDIT), (0.08, RemedyForm.CHARGE))
        found.append(RemedyRule(f"{commitment.name}-credit-{n}", CLAUSE, form, commitment.name, **more))
    return found
