"""Tables as commitments use them, swept: each edge as a point, and the open stretch between two neighbouring edges.

Inside a stretch every value is in the same rows, so that what is found there is true of all of it; nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from makegood.calendar.window import length
from makegood.contract.lint.ground import (
    EXAMPLE_MONTH,
    Situation,
    amount_words,
    example_words,
    length_name,
    length_words,
    lengths_of,
    share_words,
)
from makegood.model.expression import names_in
from makegood.model.problem import Place
from makegood.model.spans import DAY, SECOND, Duration
from makegood.model.terms import Commitment, MeasureKind, Nesting, ScaleRule, Strength, Tier, Unstated
from makegood.model.threshold import Side, Threshold
from makegood.model.when import Calendar, PeriodKind

_MONTHS: Final = (PeriodKind.MONTH, PeriodKind.BILLING_MONTH)


@dataclass(frozen=True, slots=True)
class Piece:
    """One edge (`low` equals `high`), or all values strictly between two neighbouring edges; and the rows there."""

    low: Fraction
    high: Fraction
    held: tuple[int, ...]

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    @property
    def middle(self) -> Fraction:
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Example:
    """A period to say values in minutes by: its length, and how a sentence names it."""

    length: Duration
    words: str


@dataclass(frozen=True)
class Table:
    """A scale as one commitment uses it: only values that miss the target are ever looked up."""

    situation: Situation
    scale: ScaleRule
    commitment: Commitment
    target: Threshold[Fraction]
    pieces: tuple[Piece, ...]
    example: Example

    def place(self, row: int, key: str = "when") -> Place:
        return self.situation.place(self.scale.name, "rows", row, key)

    def whole(self) -> Place:
        return self.situation.place(self.scale.name, "rows")

    def says(self, row: int) -> str:
        tier = self.scale.tiers[row]
        gives = "unstated" if isinstance(tier.amount, Unstated) else self.amount(tier.amount)
        return f"`{tier.says}` ({gives})"

    def amount(self, amount: Fraction) -> str:
        return amount_words(amount, self.scale.unit, self.scale.currency)

    def down(self, value: Fraction) -> str:
        """The downtime that a value leaves in the example period."""
        return length_words((1 - value) * self.example.length)

    def either(self, rows: tuple[int, ...]) -> str:
        """What rows give, as alternatives with their price."""
        return self.priced(self.amounts(rows))

    def priced(self, amounts: tuple[Fraction, ...]) -> str:
        """Amounts as alternatives; shares of fees with what they come to: `10 % or 25 %, 100.00 or 250.00 of …`."""
        words = " or ".join(self.amount(a) for a in amounts)
        money = example_words(amounts, self.scale.unit)
        return words + (f", {money}" if money else "")

    def amounts(self, rows: tuple[int, ...]) -> tuple[Fraction, ...]:
        """The different amounts that rows give, the smallest first; unstated ones left out."""
        found = (self.scale.tiers[n].amount for n in rows)
        return tuple(sorted({a for a in found if isinstance(a, Fraction)}))

    def missing(self) -> Iterator[Piece]:
        """The pieces that miss the target, the highest first."""
        return (piece for piece in reversed(self.pieces) if not self.target.holds(piece.middle))

    def deciding(self, piece: Piece) -> tuple[int, ...]:
        """The rows that decide there: all where rows add up, else the one with the lowest upper end; two are a tie."""
        if len(piece.held) < 2 or self.scale.nesting is Nesting.ADDING:
            return piece.held
        tops = {row: top(self.scale.tiers[row]) for row in piece.held}
        return tuple(row for row in piece.held if tops[row] == min(tops.values()))

    def gives(self, piece: Piece) -> Fraction | None:
        """The credit there, or None where no row, a tie or an unstated row decides."""
        rows = self.deciding(piece)
        if not rows or (len(rows) > 1 and self.scale.nesting is Nesting.DEEPEST):
            return None
        total = Fraction(0)
        for row in rows:
            amount = self.scale.tiers[row].amount
            if isinstance(amount, Unstated):
                return None
            total += amount
        return total


def tables(situation: Situation) -> Iterator[Table]:
    """Each scale with each commitment whose remedies use it, where the target is a share with a lower side."""
    terms = situation.terms
    for remedy in terms.remedies.values():
        commitment = terms.commitments.get(remedy.commitment)
        if commitment is None or remedy.amount is None or commitment.strength is Strength.AIM:
            continue
        measure, target = terms.measures.get(commitment.measure), commitment.target
        if measure is None or measure.kind is not MeasureKind.RATIO or not isinstance(target, Threshold):
            continue
        if target.side not in (Side.AT_LEAST, Side.MORE_THAN):
            continue
        edge, example = Fraction(target.edge), example_period(situation, commitment)
        for name in sorted(names_in(remedy.amount) & set(terms.scales)):
            scale = terms.scales[name]
            step = None if measure.rounding is None else Fraction(1, 10 ** (measure.rounding + 2))
            share = Threshold(target.side, edge, target.written)
            yield Table(situation, scale, commitment, share, sweep(scale, edge, step), example)


def example_period(situation: Situation, commitment: Commitment) -> Example:
    """The period in which a commitment's values are said in minutes: its longest, and of months one of 30 days."""
    terms = situation.terms
    measure, period = terms.measures.get(commitment.measure), terms.periods.get(commitment.period)
    hours = terms.calendars.get(measure.service_hours) if measure is not None else None
    if isinstance(hours, Calendar) and hours.hours:
        weeks = 4 * SECOND * sum(length(window) for window in hours.hours)
        return Example(weeks, f"four weeks of {length_words(weeks)} service time")
    if period is None or (period.kind in _MONTHS and period.nominal is None):
        return Example(EXAMPLE_MONTH, "a month of 30 days")
    longest = period.nominal or max(n for n in lengths_of(period, terms.effective) if n % DAY == 0)
    noun = period.kind.value.rpartition(" ")[2]
    if noun in ("day", "week"):
        return Example(longest, f"a {noun}")
    named = length_words(longest) if period.nominal else length_name(longest, period.kind)
    return Example(longest, named if noun == "days" else f"a {noun} of {named}")


def sweep(scale: ScaleRule, target: Fraction, step: Fraction | None) -> tuple[Piece, ...]:
    """The pieces of 0 % to 100 %, ascending. With a step (rounding), only those that hold a rounded value."""
    edges = {Fraction(0), Fraction(1), target}
    for tier in scale.tiers:
        edges |= {e for e in (tier.range.low, tier.range.high) if e is not None and 0 <= e <= 1}
    ordered = sorted(edges)
    found: list[tuple[Fraction, Fraction]] = [(ordered[0], ordered[0])]
    for low, high in pairwise(ordered):
        found += [(low, high), (high, high)]
    return tuple(
        Piece(low, high, _held(scale, (low + high) / 2)) for low, high in found if step is None or _on(low, high, step)
    )


def _held(scale: ScaleRule, value: Fraction) -> tuple[int, ...]:
    return tuple(n for n, tier in enumerate(scale.tiers) if tier.range.holds(value))


def _on(low: Fraction, high: Fraction, step: Fraction) -> bool:
    """Whether a multiple of the step is this edge, or lies strictly between these two."""
    if low == high:
        return (low / step).denominator == 1
    return (low // step + 1) * step < high


def top(tier: Tier) -> Fraction:
    """The upper end of a row; of one without, more than any share."""
    return Fraction(2) if tier.range.high is None else tier.range.high


def values_in(low: Piece, high: Piece) -> str:
    """The values from one piece up to another, as a sentence names them: `more than 98.99 % and less than 99 %`."""
    if low is high and high.is_point:
        return f"exactly {share_words(high.high)}"
    top_words = f"at most {share_words(high.high)}" if high.is_point else f"less than {share_words(high.high)}"
    if low.low == 0 and low.is_point:
        return top_words
    bottom = f"at least {share_words(low.low)}" if low.is_point else f"more than {share_words(low.low)}"
    return f"{bottom} and {top_words}"
