"""What statements owe, added up and subtracted: exact, by currency or in days, under both runs over the unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from makegood.model.expression import Unit
from makegood.model.statement import Line, Statement
from makegood.model.terms import RemedyForm

DAYS, POINTS = Unit.DAYS.value, Unit.POINTS.value
COUNTED = (DAYS, POINTS)
"""Units of credits that are no money."""
"""The unit of credits whose worth in money is not known; every other unit is a currency, in its minor units."""


@dataclass(frozen=True, slots=True)
class Between:
    """One amount under both runs: equal unless something unseen matters. The least may be either of them."""

    favourable: Fraction = Fraction()
    unfavourable: Fraction = Fraction()

    def __add__(self, other: Between) -> Between:
        return Between(self.favourable + other.favourable, self.unfavourable + other.unfavourable)

    def __sub__(self, other: Between) -> Between:
        return Between(self.favourable - other.favourable, self.unfavourable - other.unfavourable)

    def __bool__(self) -> bool:
        return bool(self.favourable or self.unfavourable)

    @property
    def least(self) -> Fraction:
        return min(self.favourable, self.unfavourable)

    @property
    def most(self) -> Fraction:
        return max(self.favourable, self.unfavourable)

    @property
    def size(self) -> Fraction:
        """How far it is from nothing at most."""
        return max(abs(self.favourable), abs(self.unfavourable))


@dataclass(frozen=True)
class Owed:
    """Credits that are due, by unit (ISO 4217 code in minor units, `days`, `points`), and how many lines are unstated.

    As a difference, `unstated` counts the lines that became unstated, less those that no longer are.
    """

    amounts: Mapping[str, Between] = field(default_factory=dict)
    unstated: Between = Between()

    def __add__(self, other: Owed) -> Owed:
        return Owed(_merged(self.amounts, other.amounts, 1), self.unstated + other.unstated)

    def __sub__(self, other: Owed) -> Owed:
        return Owed(_merged(self.amounts, other.amounts, -1), self.unstated - other.unstated)

    def __bool__(self) -> bool:
        return any(self.amounts.values()) or bool(self.unstated)

    @property
    def size(self) -> Fraction:
        """The largest of its amounts, whatever it is in; only for ranking."""
        return max((amount.size for amount in self.amounts.values()), default=Fraction())


NOTHING = Owed()


def owed_by(statement: Statement | None) -> Owed:
    """The credits of a statement; nothing where there is no statement. What is withheld is not due."""
    if statement is None:
        return NOTHING
    best = _of(statement.favourable.lines)
    worst = best if statement.exact else _of(statement.unfavourable.lines)
    units = sorted({*best[0], *worst[0]})
    amounts = {u: Between(best[0].get(u, Fraction()), worst[0].get(u, Fraction())) for u in units}
    return Owed(amounts, Between(Fraction(best[1]), Fraction(worst[1])))


def owed_in_one_run(lines: Sequence[Line]) -> Owed:
    """The credits of one run, as if both came to it."""
    amounts, unstated = _of(lines)
    return Owed({u: Between(a, a) for u, a in amounts.items()}, Between(Fraction(unstated), Fraction(unstated)))


def owed_by_all(statements: Iterable[Statement | None]) -> Owed:
    """The credits of several statements together."""
    found = NOTHING
    for statement in statements:
        found += owed_by(statement)
    return found


def _of(lines: Sequence[Line]) -> tuple[dict[str, Fraction], int]:
    amounts: dict[str, Fraction] = {}
    unstated = 0
    for line in lines:
        if line.form is not RemedyForm.CREDIT or line.withheld:
            continue
        if line.unstated:
            unstated += 1
        elif line.money is not None:
            amounts[line.money.currency] = amounts.get(line.money.currency, Fraction()) + line.money.minor
        elif line.days is not None:
            unit = line.unit.value
            amounts[unit] = amounts.get(unit, Fraction()) + line.days
    return amounts, unstated


def _merged(a: Mapping[str, Between], b: Mapping[str, Between], sign: int) -> dict[str, Between]:
    found = dict(a)
    for unit, amount in b.items():
        before = found.get(unit, Between())
        found[unit] = before + amount if sign > 0 else before - amount
    return {unit: amount for unit, amount in found.items() if amount}
