"""Tables of credits: gaps, overlaps, shared edges, rows that never decide, credits that shrink as downtime grows.

One sweep over the edges of all rows: between two neighbouring edges every value is in the same rows, so that what is
found is complete, and nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from makegood.contract.lint.ground import (
    Situation,
    amount_words,
    down_words,
    example_words,
    share_words,
)
from makegood.model.expression import Unit, names_in
from makegood.model.problem import Place, Problem, note, warning
from makegood.model.terms import Commitment, MeasureKind, Nesting, ScaleRule, Strength, Tier, Unstated
from makegood.model.threshold import Side, Threshold

_NESTING_KEY = "rows that hold together"
_EDGES_KEY = "shared edges go to"


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


@dataclass(frozen=True)
class Table:
    """A scale as one commitment uses it: only values that miss the target are ever looked up."""

    situation: Situation
    scale: ScaleRule
    commitment: Commitment
    target: Threshold[Fraction]
    pieces: tuple[Piece, ...]

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

    def missing(self) -> Iterator[Piece]:
        """The pieces that miss the target, the highest first."""
        return (piece for piece in reversed(self.pieces) if not self.target.holds(piece.middle))

    def deciding(self, piece: Piece) -> tuple[int, ...]:
        """The rows that decide there: all where rows add up, else the one with the lowest upper end; two are a tie."""
        if len(piece.held) < 2 or self.scale.nesting is Nesting.ADDING:
            return piece.held
        tops = {row: _top(self.scale.tiers[row]) for row in piece.held}
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


def tier_findings(situation: Situation) -> Iterator[Problem]:
    """Every finding about the tables of credits of one situation."""
    for table in tables(situation):
        if not table.scale.tiers:
            continue
        yield from _gaps(table)
        yield from _together(table)
        yield from _never(table)
        yield from _shrinking(table)


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
        edge = Fraction(target.edge)
        for name in sorted(names_in(remedy.amount) & set(terms.scales)):
            scale = terms.scales[name]
            step = None if measure.rounding is None else Fraction(1, 10 ** (measure.rounding + 2))
            share = Threshold(target.side, edge, target.written)
            yield Table(situation, scale, commitment, share, sweep(scale, edge, step))


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


def _top(tier: Tier) -> Fraction:
    return Fraction(2) if tier.range.high is None else tier.range.high


def _gaps(table: Table) -> Iterator[Problem]:
    missing = list(table.missing())
    run: list[Piece] = []
    for piece in [*missing, None]:
        if piece is not None and not piece.held:
            run.append(piece)
            continue
        if run:
            yield _gap(table, run, first=run[0] is missing[0], last=piece is None)
            run = []


def _gap(table: Table, run: list[Piece], first: bool, last: bool) -> Problem:
    high, low = run[0], run[-1]
    values = _values(low, high)
    example = share_words(high.middle if len(run) == 1 else next(p for p in run if not p.is_point).middle)
    length = f"{down_words(high.high)} to {down_words(low.low)} down" if low.low != high.high else ""
    length = length or f"{down_words(high.high)} down"
    why = f"in a month of 30 days that is {length}: the commitment is missed, and what is owed is not said"
    if first and last:
        return warning(
            "tier-none", table.whole(), f"no row holds a value that misses {table.target}", why, "write rows"
        )
    if first:
        hint = f"raise the highest row so that it ends at the target, or add a row for {values}"
        what = f"no row holds {values}, just below the target of {table.target}"
        return warning("tier-gap-below-target", table.place(_highest(table)), what, why, hint)
    if last:
        row = _lowest(table)
        what = f"no row holds {values}: the worst misses are in no row"
        hint = (
            f"add a row `{'at most' if low.high == high.high and high.is_point else 'below'} {share_words(high.high)}`"
        )
        return warning("tier-gap-at-bottom", table.place(row), what, why, hint)
    what = f"no row holds {values}, such as {example}" if not high.is_point else f"no row holds {values}"
    hint = "move one of the two edges so that the rows meet"
    if not high.is_point:
        hint += ", or write `rounded: 2 places` in the measure if figures are rounded before the table is read"
    row = next(n for n, t in enumerate(table.scale.tiers) if t.range.high == low.low or t.range.low == high.high)
    return warning("tier-gap", table.place(row), what, why, hint)


def _values(low: Piece, high: Piece) -> str:
    if low is high and high.is_point:
        return f"exactly {share_words(high.high)}"
    top = f"at most {share_words(high.high)}" if high.is_point else f"less than {share_words(high.high)}"
    if low.low == 0 and low.is_point:
        return top
    bottom = f"at least {share_words(low.low)}" if low.is_point else f"more than {share_words(low.low)}"
    return f"{bottom} and {top}"


def _highest(table: Table) -> int:
    return max(range(len(table.scale.tiers)), key=lambda n: _top(table.scale.tiers[n]))


def _lowest(table: Table) -> int:
    lows = [t.range.low if t.range.low is not None else Fraction(-1) for t in table.scale.tiers]
    return min(range(len(lows)), key=lambda n: lows[n])


def _together(table: Table) -> Iterator[Problem]:
    """Rows that hold together: a tie, an edge in two rows, rows that nest, rows that overlap in part."""
    scale, situation = table.scale, table.situation
    nesting_said = situation.writes(scale.name, _NESTING_KEY)
    nested: Piece | None = None
    seen: set[tuple[int, ...]] = set()
    for piece in table.missing():
        if len(piece.held) < 2 or piece.held in seen:
            continue
        seen.add(piece.held)
        deciding = table.deciding(piece)
        if len(deciding) > 1 and scale.nesting is Nesting.DEEPEST:
            yield _tie(table, piece, deciding)
        elif nesting_said:
            continue
        elif piece.is_point and _meet(scale, piece):
            if not situation.writes(scale.name, _EDGES_KEY):
                yield _shared(table, piece)
        elif _one_in_another(scale, piece.held):
            nested = piece
        else:
            yield _overlap(table, piece)
    if nested is not None:
        yield _nested(table, nested)


def _meet(scale: ScaleRule, piece: Piece) -> bool:
    ranges = [scale.tiers[n].range for n in piece.held]
    return any(r.low == piece.low for r in ranges) and any(r.high == piece.low for r in ranges)


def _one_in_another(scale: ScaleRule, rows: tuple[int, ...]) -> bool:
    """Whether the rows begin together, as rows that only say `below` do, or one has no bounds at all (`otherwise`)."""
    ranges = [scale.tiers[n].range for n in rows]
    bounded = [r for r in ranges if r.low is not None or r.high is not None]
    return len({(r.low, r.low_inside) for r in bounded}) <= 1 or len(bounded) < 2


def _amounts(table: Table, rows: tuple[int, ...]) -> tuple[Fraction, ...]:
    found = (table.scale.tiers[n].amount for n in rows)
    return tuple(sorted({a for a in found if isinstance(a, Fraction)}))


def _either(table: Table, rows: tuple[int, ...]) -> str:
    amounts = _amounts(table, rows)
    words = " or ".join(table.amount(a) for a in amounts)
    money = example_words(amounts, table.scale.unit)
    return words + (f", {money}" if money and len(amounts) > 1 else "")


def _both(table: Table, rows: tuple[int, ...]) -> str:
    return " and ".join(table.says(n) for n in rows)


def _tie(table: Table, piece: Piece, rows: tuple[int, ...]) -> Problem:
    where = _values(piece, piece)
    what = f"{_both(table, rows)} both hold {where} and end at the same value"
    why = f"neither is deeper, so that the credit there cannot be told: {_either(table, rows)}"
    return warning("tier-tie", table.place(rows[-1]), what, why, "change the upper end of one of them")


def _shared(table: Table, piece: Piece) -> Problem:
    what = f"{share_words(piece.low)} exactly is in two rows: {_both(table, piece.held)}"
    why = f"at {down_words(piece.low)} down in a month of 30 days the credit is {_either(table, piece.held)}"
    hint = (
        f"write one edge with its side, as in `below {share_words(piece.low)}`; or, where the text prints both, "
        f"`{_EDGES_KEY}: {{among: [the smaller credit, the larger credit], chosen: …, because: …}}`"
    )
    return warning("tier-shared-edge", table.place(piece.held[-1]), what, why, hint)


def _nested(table: Table, piece: Piece) -> Problem:
    amounts = _amounts(table, piece.held)
    deepest = table.gives(piece)
    what = f"{share_words(piece.middle)} is in {len(piece.held)} rows, and the rule does not say how they combine"
    why = "nested rows are read so that the deepest counts"
    if deepest is not None and len(amounts) > 1:
        added = sum(amounts, Fraction(0))
        why = f"if the deepest counts it earns {table.amount(deepest)}, if they add up {table.amount(added)}"
        money = example_words((deepest, added), table.scale.unit)
        why += f": {money}" if money else ""
    hint = f"write `{_NESTING_KEY}: the deepest counts`, or `add up`"
    return warning("tier-nested", table.place(piece.held[-1]), what, why, hint)


def _overlap(table: Table, piece: Piece) -> Problem:
    what = f"{_both(table, piece.held)} overlap: both hold {_values(piece, piece)}"
    why = f"in a month with {down_words(piece.middle)} down of 30 days the credit is {_either(table, piece.held)}"
    hint = f"end the one where the other begins, or write `{_NESTING_KEY}: the deepest counts`"
    return warning("tier-overlap", table.place(piece.held[-1]), what, why, hint)


def _never(table: Table) -> Iterator[Problem]:
    """Rows that no miss can reach, rows that reach above the target, and rows that others always stand before."""
    missing = list(table.missing())
    met = [piece for piece in table.pieces if table.target.holds(piece.middle)]
    for row, tier in enumerate(table.scale.tiers):
        held = [piece for piece in missing if row in piece.held]
        above = [piece for piece in met if row in piece.held]
        if not held:
            yield _above(table, row)
        elif not any(row in table.deciding(piece) for piece in held):
            yield _shadowed(table, row)
        elif tier.range.high is not None and above and tier.range.high < 1:
            yield _past(table, row, above)


def _above(table: Table, row: int) -> Problem:
    what = f"the row {table.says(row)} is never reached"
    why = f"every value in it meets the target of {table.target}, and a credit needs a miss"
    return warning(
        "tier-above-target", table.place(row), what, why, "lower the row, raise the target, or delete the row"
    )


def _shadowed(table: Table, row: int) -> Problem:
    tier = table.scale.tiers[row]
    what = f"the row {table.says(row)} never decides"
    why = "wherever it holds, a deeper row holds too and counts"
    if tier.range.low is None and tier.range.high is None:
        return note("tier-never-decides", table.place(row), what, "every miss is in another row", "delete the row")
    return warning("tier-never-decides", table.place(row), what, why, "move its ends, or delete the row")


def _past(table: Table, row: int, above: list[Piece]) -> Problem:
    top = table.scale.tiers[row].range.high
    assert top is not None
    if len(above) == 1 and above[0].is_point:
        what = f"{share_words(top)} exactly meets the target and is also in the row {table.says(row)}"
        why = f"the row gives nothing there: at {down_words(top)} down in a month of 30 days the commitment is kept"
        return note("tier-at-target", table.place(row), what, why, f"write `below {share_words(top)}` for its end")
    what = f"the row {table.says(row)} reaches above the target of {table.target}"
    why = f"from {share_words(table.target.edge)} to {share_words(top)} it gives nothing, for the commitment is kept"
    return warning("tier-past-target", table.place(row), what, why, "end the row at the target, or raise the target")


def _shrinking(table: Table) -> Iterator[Problem]:
    above: tuple[Piece, Fraction] | None = None
    told: set[tuple[int, ...]] = set()
    for piece in table.missing():
        amount = table.gives(piece)
        if amount is None:
            continue
        if above is not None and amount < above[1] and piece.held not in told:
            told.add(piece.held)
            more, less = table.amount(above[1]), table.amount(amount)
            what = f"the credit shrinks from {more} to {less} as downtime grows past {down_words(piece.high)}"
            why = f"{share_words(above[0].middle)} earns {more}, and the worse {share_words(piece.middle)} only {less}"
            if table.scale.unit is Unit.SHARE:
                why += f": {example_words((above[1] - amount,), Unit.SHARE)} are lost by being down for longer"
            rows = table.deciding(piece)
            yield warning("tier-shrinks", table.place(rows[-1], "gives"), what, why, "exchange the two credits")
        if above is None or amount != above[1]:
            above = (piece, amount)
