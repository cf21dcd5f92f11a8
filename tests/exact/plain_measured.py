"""Figures of measured intervals as the pages state them (3.2): interval by interval, in plain loops."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import ceil

from makegood.model.facts import Measurements, Quantity
from makegood.model.order import CoveredService
from makegood.model.terms import MeasureKind, MeasureRule
from tests.exact.bits import span
from tests.exact.edges import Edges
from tests.exact.question import Question
from tests.exact.stage import TICK, Face
from tests.exact.thresholds import places

UNITS = {"%": Fraction(1, 100), "ms": Fraction(1_000), "s": Fraction(1_000_000), "min": Fraction(TICK)}
TENTH = Fraction(1, 10)


@dataclass(frozen=True)
class Row:
    """One recorded interval in ticks: the good ones of the valid, or a value of one; None where it is not known."""

    start: int
    end: int
    amount: Fraction | None
    of: Fraction | None

    @cached_property
    def ticks(self) -> int:
        return span(self.start, self.end)

    @property
    def is_known(self) -> bool:
        return self.amount is not None and self.of is not None

    @property
    def is_partly_known(self) -> bool:
        return not self.is_known and (self.amount is not None or self.of is not None)


@dataclass
class Values:
    """What a figure is made of: the intervals that count, how many excused ones are good, and what is missing.

    `missing` and `coming` are how many intervals went unmeasured, and how many are still to come; None where the
    measure does not say how long one is. `lacks` is whether anything is missing, `unseen` whether of some time nothing
    is known at all, and `good` whether what is missing is taken for good. Of `partly` one of two numbers is known.
    """

    counting: list[tuple[Fraction, Fraction]] = field(default_factory=list)
    good_ones: list[Fraction] = field(default_factory=list)
    partly: list[Row] = field(default_factory=list)
    lacks: bool = False
    unseen: bool = False
    good: bool = False
    missing: int | None = None
    coming: int | None = None
    step: Fraction = Fraction(1)
    """What one more of the last place makes of a value."""


@dataclass(frozen=True)
class Came:
    """Numerator and denominator as they are shown, the figure, what a running period can still reach, and whether
    nothing bounds the figure, in which case it is as good (True) or as bad (False) as can be."""

    numerator: Fraction
    denominator: Fraction
    figure: Fraction | None
    best: Fraction | None = None
    bound: bool | None = None


def rows_of(q: Question, service: CoveredService, measure: MeasureRule) -> list[Row]:
    """What is known of a service, of an interval that was recorded twice the later record."""
    found: dict[int, Row] = {}
    for made in q.facts.measurements.get(service.name, ()):
        if made.metric == measure.metric and measure.source in ("", made.source):
            for n, (start, end, recorded) in enumerate(
                zip(made.start.tolist(), made.end.tolist(), made.recorded.tolist(), strict=True)
            ):
                if recorded <= q.as_of:
                    amount, of = _amounts(made, measure, n)
                    if of == 0 and amount is None:
                        amount = of
                    found[start] = Row(q.stage.tick(start), q.stage.tick(end), amount, of)
    return list(found.values())


def _amounts(made: Measurements, measure: MeasureRule, n: int) -> tuple[Fraction | None, Fraction | None]:
    if not measure.value:
        return _cell(made.quantities.get(measure.good), n), _cell(made.quantities.get(measure.valid), n)
    value = _cell(made.quantities.get(measure.value), n)
    return (None if value is None else value * UNITS.get(measure.unit, Fraction(1))), Fraction(1)


def _cell(column: Quantity | None, n: int) -> Fraction | None:
    if column is None or not column.known[n]:
        return None
    return Fraction(int(column.values[n]), 10**column.places)


def step_of(q: Question, service: CoveredService, measure: MeasureRule) -> Fraction:
    """What one more of the last place makes of a value of a service."""
    columns = [made.quantities.get(measure.value) for made in q.facts.measurements.get(service.name, ())]
    most = max((column.places for column in columns if column is not None), default=0)
    places: int = 10**most
    return UNITS.get(measure.unit, Fraction(1)) / places


def bad(rows: list[Row], measure: MeasureRule) -> int:
    """The ticks that excuses are asked for: the intervals in which something failed; of values, all of them."""
    found = 0
    for row in rows:
        if measure.value or (row.of is not None and (row.amount or 0) < row.of):
            found |= row.ticks
    return found


def cells(face: Face, length: int, scope: int) -> list[tuple[int, int]]:
    """The half-open cells from each local midnight that begin in some ticks."""
    return [
        (start, min(start + length // TICK, high))
        for low, high in face.dates.values()
        for start in range(low, high, length // TICK)
        if scope >> start & 1
    ]


def come_to(measure: MeasureRule, v: Values, keeps_down: bool, edges: Edges) -> Came:
    """What the intervals of a period come to under a target that keeps the figure down, or up."""
    if measure.kind is MeasureKind.COUNTS:
        return _share_of_counts(measure, v, edges)
    if measure.kind is MeasureKind.MEAN:
        return _mean(measure, v, edges)
    return _of_values(measure, v, keeps_down, edges)


def _share_of_counts(measure: MeasureRule, v: Values, edges: Edges) -> Came:
    good = sum((amount for amount, _ in v.counting), Fraction()) + sum(v.good_ones, Fraction())
    valid = sum((of for _, of in v.counting), Fraction()) + sum(v.good_ones, Fraction())
    if v.lacks:
        if v.unseen or (not v.good and any(row.of is None for row in v.partly)):
            return Came(Fraction(v.good), Fraction(1), rounded(measure, Fraction(v.good), edges))
        for row in v.partly:  # all or none of the valid ones were good; beside the good ones there were no others
            valid += row.of if row.of is not None else row.amount or 0
            good += row.amount if row.amount is not None else (row.of or 0) * v.good
    if not valid:
        return Came(good, valid, measure.empty)
    return Came(good, valid, rounded(measure, good / valid, edges))


def _mean(measure: MeasureRule, v: Values, edges: Edges) -> Came:
    if measure.value:
        if v.lacks:
            return Came(Fraction(), Fraction(), None, bound=v.good)
        return _mean_of([amount for amount, _ in v.counting], measure, edges, None)
    shares = []
    for amount, of in v.counting:
        if of:
            shares.append(amount / of)
        elif measure.empty is not None:
            shares.append(measure.empty)
    shares += [Fraction(1)] * len(v.good_ones)
    if v.lacks:
        if v.missing is None:
            return Came(Fraction(v.good), Fraction(1), Fraction(v.good))
        shares += [Fraction(v.good)] * v.missing
    return _mean_of(shares, measure, edges, v.coming)


def _mean_of(shares: list[Fraction], measure: MeasureRule, edges: Edges, coming: int | None) -> Came:
    total, number = Fraction(), len(shares)
    for share in shares:
        total += share
    best = None
    if coming is not None and number + coming:
        best = (total + coming) / (number + coming)
    figure = rounded(measure, total / number, edges) if number else None
    return Came(total, Fraction(number), figure, None if best is None else rounded(measure, best, edges))


def _of_values(measure: MeasureRule, v: Values, keeps_down: bool, edges: Edges) -> Came:
    values = sorted(amount / of for amount, of in v.counting)
    upwards = v.good is not keeps_down
    """Whether what is missing is taken for more than anything that was measured."""
    figure = best = None
    match measure.kind:
        case MeasureKind.SUM:
            figure = None if v.lacks and upwards else sum(values, Fraction())
            best = figure if keeps_down else None
        case MeasureKind.GREATEST:
            figure = None if v.lacks and upwards else values[-1] if values else None
            best = figure if keeps_down else None
        case MeasureKind.LEAST:
            figure = None if v.lacks and not upwards else values[0] if values else None
            best = None if keeps_down else figure
        case MeasureKind.PERCENTILE:
            figure, best = _percentile(measure, v, values, upwards, keeps_down, edges)
    if figure is None:
        return Came(Fraction(), Fraction(), None, bound=v.good if v.lacks else None)
    return Came(figure, Fraction(1), figure, best)


def _percentile(
    measure: MeasureRule, v: Values, values: list[Fraction], upwards: bool, keeps_down: bool, edges: Edges
) -> tuple[Fraction | None, Fraction | None]:
    """The least value with at least such a share of all intervals at or below it, at present and at best."""
    rank = measure.rank or Fraction(1)
    if v.lacks and v.missing is None:
        return None, None
    missing = v.missing or 0 if v.lacks else 0
    filled: list[Fraction | None] = [*values]
    filled = [*filled, *[None] * missing] if upwards else [*[None] * missing, *filled]
    at_present = _ranked(filled, rank, edges)
    if v.coming is None:
        return at_present, None
    filled = [*[None] * v.coming, *filled] if keeps_down else [*filled, *[None] * v.coming]
    return at_present, _ranked(filled, rank, edges)


def _ranked(values: list[Fraction | None], rank: Fraction, edges: Edges) -> Fraction | None:
    if not values:
        return None
    place = rank * len(values)
    edges.near("the rank of a percentile", place - round(place), TENTH)
    return values[ceil(place) - 1]


def rounded(measure: MeasureRule, ratio: Fraction, edges: Edges) -> Fraction:
    """To as many places of a percentage as the measure says, half up."""
    if measure.rounding is None:
        return ratio
    last_place = ratio * 10 ** (measure.rounding + 2)
    edges.near("half of a last place", last_place % 1 - Fraction(1, 2), TENTH)
    return places(ratio, measure.rounding)
