"""Amounts as the design states them: closed arithmetic, tables, and one rounding per line (3.8, 3.12)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from makegood.model.expression import Expression, Literal, Name, Operation, Unit
from makegood.model.terms import (
    Commitment,
    Nesting,
    RemedyForm,
    RemedyRule,
    ScaleRule,
    Terms,
    Tier,
    Unstated,
)  # fmt: skip
from makegood.model.threshold import Threshold
from tests.exact.edges import Edges
from tests.exact.plain_fees import Fees, Figured, NotStated
from tests.exact.plain_figures import keeps_down
from tests.exact.stage import TICK
from tests.exact.thresholds import in_range, whole_units

NEARLY_HALF = Fraction(1, 20)


@dataclass
class Owed:
    """One line, exact: before limits, after them, and rounded; None where something is unstated."""

    remedy: RemedyRule
    subject: str
    before: Fraction | None
    withheld: bool
    part: str = ""
    after: Fraction | None = None
    cut_by: str = ""
    money: Fraction | None = None
    days: Fraction | None = None
    unstated: bool = False


class Amounts:
    """Amounts of one agreement and order, exact."""

    def __init__(self, terms: Terms, fees: Fees, edges: Edges) -> None:
        self.terms, self.fees, self.edges = terms, fees, edges

    def of(self, amount: Expression, case: Figured) -> Fraction:
        """Raises NotStated."""
        if isinstance(amount, Literal):
            return amount.value
        if isinstance(amount, Name):
            return self._named(amount.name, case)
        operator, operands = amount.operator.value, amount.operands
        if operator == "if":
            assert isinstance(operands[0], Operation)
            a, b = (self.of(o, case) for o in operands[0].operands)
            self.edges.near("a condition in an amount", a - b, Fraction(1, 100))
            holds = a < b if operands[0].operator.value == "<" else a >= b
            return self.of(operands[1] if holds else operands[2], case)
        return self._combined(operator, [self.of(o, case) for o in operands])

    def _combined(self, operator: str, numbers: list[Fraction]) -> Fraction:
        first, *others = numbers
        match operator:
            case "+" | "sum":
                return sum(numbers, Fraction())
            case "-":
                return first - others[0]
            case "least" | "greatest":
                self.edges.near(f"the {operator} of two", first - others[0])
                return min(numbers) if operator == "least" else max(numbers)
            case "x":
                product = first
                for other in others:
                    product *= other
                return product
            case "/":
                if not others[0]:
                    raise NotStated
                return first / others[0]
        raise NotImplementedError(operator)

    def _named(self, name: str, case: Figured) -> Fraction:
        if name in self.terms.bases:
            return self.fees.of(self.terms.bases[name], case)
        if name in case.others:
            other = case.others[name]
            if other is None:
                raise NotStated
            return other
        scale = self.terms.scales.get(name)
        if scale is not None and scale.of:
            return self.row(scale, self._named(scale.of, case))
        if case.figure is None:
            raise NotStated
        if scale is not None:
            return self.row(scale, case.figure)
        if name in ("availability", "figure"):
            return case.figure
        return self._of_figure(name, case, case.figure)

    def _of_figure(self, name: str, case: Figured, figure: Fraction) -> Fraction:
        down = case.down if case.part is None else case.part
        if name == "downtime":
            return down
        if name == "outages":
            return Fraction(case.outages)
        target = case.commitment.target
        if not isinstance(target, Threshold):
            raise NotStated
        edge = Fraction(target.edge)
        if name == "target":
            return edge
        if name == "shortfall":
            return figure - edge if keeps_down(case.commitment) else edge - figure
        allowed = case.denominator * (1 - edge)
        return allowed if name == "allowed-downtime" else max(Fraction(), down - allowed)

    def row(self, scale: ScaleRule, value: Fraction) -> Fraction:
        """The deepest row that holds, the one of the lowest upper edge; or all that hold; or each for its own part."""
        if scale.nesting is Nesting.PARTS:
            return sum((self._of_part(tier, value) for tier in scale.tiers), Fraction())
        rows = [t for t in scale.tiers if in_range(t.range, value)]
        if scale.nesting is Nesting.DEEPEST and len(rows) > 1:
            highs = sorted(t.range.high for t in rows if t.range.high is not None)
            if highs:
                rows = [t for t in rows if t.range.high == highs[0]]
            if len(rows) > 1:
                raise NotStated
        if not rows:
            raise NotStated
        return sum((self._given(t, value, Fraction()) for t in rows), Fraction())

    def _given(self, tier: Tier, value: Fraction, beyond: Fraction) -> Fraction:
        if isinstance(tier.amount, Unstated):
            raise NotStated
        if tier.step is None:
            return tier.amount
        over = value - (beyond if tier.step.beyond is None else tier.step.beyond)
        return tier.amount * self._steps(max(Fraction(), over), tier.step.size, tier.step.started)

    def _of_part(self, tier: Tier, value: Fraction) -> Fraction:
        low = tier.range.low or Fraction()
        self.edges.near("the begin of a part", (value - low) / TICK)
        if value <= low:
            return Fraction()
        return self._given(tier, value if tier.range.high is None else min(value, tier.range.high), low)

    def _steps(self, over: Fraction, size: Fraction, started: bool) -> int:
        whole = over // size
        rest = over - whole * size
        unit = Fraction(TICK) if size >= TICK else Fraction(1)
        self.edges.near("a started step" if started else "a complete step", min(rest, rest - size, key=abs), unit)
        return whole + (started and rest > 0)

    def settle(self, line: Owed, case: Figured) -> None:
        """Days and points converted, and money rounded once."""
        if line.after is None:
            line.unstated = True
            return
        exact = line.after
        if line.remedy.unit is not Unit.MONEY:
            line.days = exact
            if line.remedy.converts is None:
                return
            try:
                exact = exact * self.of(line.remedy.converts, of_limit(case))
            except NotStated:
                line.unstated = True
                return
        rest = exact - exact.numerator // exact.denominator
        even = "an even" if exact.numerator // exact.denominator % 2 == 0 else "an odd"
        how = line.remedy.rounding.value
        self.edges.near(f"{how} at half a cent above {even} one", rest - Fraction(1, 2), NEARLY_HALF)
        self.edges.near(f"{how} at a whole cent", rest if rest < NEARLY_HALF else rest - 1, NEARLY_HALF)
        line.money = Fraction(whole_units(exact, how))


def of_limit(case: Figured) -> Figured:
    """The case without its figures, as limits and conversions read it."""
    return Figured(
        case.subject, case.services, case.dates, case.commitment, case.minutes, first_outage=case.first_outage
    )


def is_amount(remedy: RemedyRule, commitment: Commitment) -> bool:
    return remedy.form in (RemedyForm.CREDIT, RemedyForm.CHARGE) and remedy.commitment == commitment.name
