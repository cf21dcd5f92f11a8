"""Tables as remedies use them, swept: each edge as a point, and the open stretch between two neighbouring edges.

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
)
from makegood.contract.lint.tiers.domain import Domain, domain_of
from makegood.model.expression import names_in
from makegood.model.problem import Place
from makegood.model.spans import DAY, SECOND, Duration
from makegood.model.terms import Commitment, Nesting, RemedyRule, ScaleRule, Strength, Tier, Unstated
from makegood.model.when import Calendar, PeriodKind

_MONTHS: Final = (PeriodKind.MONTH, PeriodKind.BILLING_MONTH)


@dataclass(frozen=True, slots=True)
class Piece:
    """One edge (`low` equals `high`), or all values strictly between two neighbouring edges, and the rows there.

    The last stretch of values without end has no `high`.
    """

    low: Fraction
    high: Fraction | None
    held: tuple[int, ...]

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    @property
    def middle(self) -> Fraction:
        return self.low + 1 if self.high is None else (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Example:
    """A period to say values in minutes by: its length, and how a sentence names it."""

    length: Duration
    words: str


@dataclass(frozen=True)
class Table:
    """A scale as one remedy uses it: only values that miss what it follows are ever looked up."""

    situation: Situation
    scale: ScaleRule
    remedy: RemedyRule
    domain: Domain
    pieces: tuple[Piece, ...]
    example: Example

    @property
    def commitment(self) -> Commitment | None:
        return self.situation.terms.commitments.get(self.remedy.commitment)

    @property
    def target(self) -> str:
        """What must be missed, as a sentence names it."""
        found = self.commitment
        if found is not None and self.scale.of == "":
            return f"the target of {found.target}"
        if found is not None and self.scale.of == "downtime":
            return f"what `{found.name}` allows"
        return f"`{(found.name if found is not None else self.remedy.count) or self.remedy.name}`"

    def place(self, row: int, key: str = "when") -> Place:
        return self.situation.place(self.scale.name, "rows", row, key)

    def whole(self) -> Place:
        return self.situation.place(self.scale.name, "rows")

    def says(self, row: int) -> str:
        tier = self.scale.tiers[row]
        gives = "unstated" if isinstance(tier.amount, Unstated) else self.amount(tier.amount)
        return f"`{tier.says}` ({gives}{' a step' if tier.step else ''})"

    def amount(self, amount: Fraction) -> str:
        return amount_words(amount, self.scale.unit, self.scale.currency)

    def value(self, value: Fraction) -> str:
        """A looked-up value as it is written."""
        return self.domain.words(value)

    def told(self, value: Fraction, other: Fraction | None = None) -> str:
        """What a value, or the stretch up to another, comes to: of a share of time, the minutes in the example."""
        if not self.domain.time:
            return self.value(value) if other is None else f"{self.value(value)} to {self.value(other)}"
        down = [length_words((1 - v) * self.example.length) for v in (value, other) if v is not None]
        return f"{' to '.join(dict.fromkeys(down))} down in {self.example.words}"

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
        """The pieces that are asked about, the least miss first."""
        ordered = self.pieces if self.domain.grows else reversed(self.pieces)
        return (piece for piece in ordered if self.domain.asks(piece.middle))

    def deciding(self, piece: Piece) -> tuple[int, ...]:
        """The rows that decide there: all where rows add up, else the deepest; two equally deep ones are a tie."""
        if len(piece.held) < 2 or self.scale.nesting is not Nesting.DEEPEST:
            return piece.held
        depths = {row: self.scale.tiers[row].range.depth for row in piece.held}
        return tuple(row for row in piece.held if depths[row] == min(depths.values()))

    def gives(self, piece: Piece) -> Fraction | None:
        """The credit all over a piece; None where no row, a tie or an unstated row decides, or steps are counted."""
        rows = self.deciding(piece)
        if not rows or (len(rows) > 1 and self.scale.nesting is not Nesting.ADDING):
            return None
        total = Fraction(0)
        for row in rows:
            tier = self.scale.tiers[row]
            if isinstance(tier.amount, Unstated) or tier.step is not None:
                return None
            total += tier.amount
        return total

    def highest(self) -> int:
        """The row that reaches the largest values."""
        return max(range(len(self.scale.tiers)), key=lambda n: _top(self.scale.tiers[n]))

    def lowest(self) -> int:
        """The row that reaches the smallest values."""
        lows = [t.range.low if t.range.low is not None else Fraction(-1) for t in self.scale.tiers]
        return min(range(len(lows)), key=lambda n: lows[n])


def tables(situation: Situation) -> Iterator[Table]:
    """Each scale with each remedy that looks values up in it, where it is known which values those are."""
    terms = situation.terms
    for remedy in terms.remedies.values():
        commitment = terms.commitments.get(remedy.commitment)
        if remedy.amount is None or (commitment is not None and commitment.strength is Strength.AIM):
            continue
        for name in sorted(names_in(remedy.amount) & set(terms.scales)):
            scale = terms.scales[name]
            domain = domain_of(situation, scale, remedy)
            if domain is not None and domain.counts is scale.counts and scale.tiers:
                example = example_period(situation, commitment)
                yield Table(situation, scale, remedy, domain, sweep(scale, domain), example)


def example_period(situation: Situation, commitment: Commitment | None) -> Example:
    """The period in which a commitment's values are said in minutes: its longest, and of months one of 30 days."""
    terms = situation.terms
    measure = terms.measures.get(commitment.measure) if commitment is not None else None
    period = terms.periods.get(commitment.period) if commitment is not None else None
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


def sweep(scale: ScaleRule, domain: Domain) -> tuple[Piece, ...]:
    """The pieces of all values that there can be, ascending; of values a step apart, only those that hold one."""
    edges = {domain.low, *([] if domain.high is None else [domain.high])}
    edges |= {domain.asked.edge} if domain.asked is not None else set()
    edges |= {domain.counted.edge} if domain.counted is not None else set()
    for tier in scale.tiers:
        edges |= {e for e in (tier.range.low, tier.range.high) if e is not None}
    ordered = sorted(e for e in edges if e >= domain.low and (domain.high is None or e <= domain.high))
    found: list[tuple[Fraction, Fraction | None]] = [(ordered[0], ordered[0])]
    for low, high in pairwise(ordered):
        found += [(low, high), (high, high)]
    if domain.high is None:
        found.append((ordered[-1], None))
    return tuple(
        Piece(low, high, _held(scale, low + 1 if high is None else (low + high) / 2))
        for low, high in found
        if domain.step is None or _on(low, high, domain.step)
    )


def values_in(table: Table, low: Piece, high: Piece) -> str:
    """The values from one piece up to another, as a sentence names them: `more than 98.99 % and less than 99 %`."""
    if low is high and high.is_point:
        return f"exactly {table.value(high.low)}"
    side, edge = "at least" if low.is_point else "more than", table.value(low.low)
    bottom = "" if low.is_point and low.low == table.domain.low else f"{side} {edge}"
    if high.high is None:
        return bottom or "any value"
    top = f"{'at most' if high.is_point else 'less than'} {table.value(high.high)}"
    return f"{bottom} and {top}" if bottom else top


def _held(scale: ScaleRule, value: Fraction) -> tuple[int, ...]:
    return tuple(n for n, tier in enumerate(scale.tiers) if tier.range.holds(value))


def _on(low: Fraction, high: Fraction | None, step: Fraction) -> bool:
    """Whether a multiple of the step is this edge, or lies strictly between these two."""
    if high is None:
        return True
    if low == high:
        return (low / step).denominator == 1
    return (low // step + 1) * step < high


def _top(tier: Tier) -> tuple[bool, Fraction]:
    """The upper end of a row; of one without, more than any value."""
    return (True, Fraction(0)) if tier.range.high is None else (False, tier.range.high)
