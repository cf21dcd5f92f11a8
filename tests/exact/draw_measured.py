"""Measured intervals and the figures of them: shares of counts, means, sums, percentiles; some of them missing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from makegood.model.facts import Measurements, Quantity
from makegood.model.order import Order
from makegood.model.terms import CountsAs, MeasureKind, MeasureRule
from tests.exact.dice import Dice
from tests.exact.draw_rules import CLAUSE
from tests.exact.setting import Setting
from tests.exact.stage import TICK

METRIC = "requests"
OF_SHARES = (MeasureKind.COUNTS, MeasureKind.MEAN)
OF_VALUES = (
    *(MeasureKind.MEAN, MeasureKind.SUM, MeasureKind.GREATEST, MeasureKind.LEAST),
    *(MeasureKind.PERCENTILE, MeasureKind.PERCENTILE),
)
RANKS = (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(19, 20), Fraction(1), Fraction(1, 3))


def measure(dice: Dice, s: Setting, name: str) -> MeasureRule:
    """Of counts or of values; where every interval is expected, so long that a period has not too many of them."""
    of_counts = dice.chance(0.5)
    kind = dice.one(OF_SHARES if of_counts else OF_VALUES)
    every = dice.one((30, 60, 120, 240, 420) if s.is_short else (240, 360, 420, 720))
    return MeasureRule(
        name,
        CLAUSE,
        kind,
        "",
        dice.by((0.8, ""), (0.2, "open")),
        dice.by((0.7, None), (0.1, 0), (0.2, 1)) if of_counts else None,
        dice.by((0.6, None), (0.2, CountsAs.UP), (0.2, CountsAs.OUTSIDE)),
        dice.by((0.5, ""), (0.1, "up"), (0.1, "down"), (0.3, "nothing")),
        METRIC,
        dice.by((0.9, ""), (0.1, "gateway")),
        value="" if of_counts else "value",
        unit="" if of_counts else dice.one(("%", "ms", "min", "widgets")),
        interval=every * TICK if kind in (MeasureKind.MEAN, MeasureKind.PERCENTILE) and dice.chance(0.7) else None,
        empty=dice.by((0.5, None), (0.3, Fraction(1)), (0.2, Fraction(0))) if of_counts else None,
        rank=dice.one(RANKS) if kind is MeasureKind.PERCENTILE else None,
    )


def measurements(dice: Dice, s: Setting, order: Order, rule: MeasureRule) -> dict[str, tuple[Measurements, ...]]:
    """From one source for each service, now and then from none."""
    found: dict[str, tuple[Measurements, ...]] = {}
    for service in order.services:
        if not dice.chance(0.05):
            found[service.name] = (_measured(dice, s, service.name, rule),)
    return found


def _measured(dice: Dice, s: Setting, name: str, rule: MeasureRule) -> Measurements:
    spans = _spans(dice, s, rule)
    gaps = dice.by((0.5, 0.0), (0.3, 0.05), (0.2, 0.3))
    spans = [one for one in spans if not dice.chance(gaps)] or spans[:1]
    start, end = (np.array([s.stage.instant(one[side]) for one in spans], dtype=np.int64) for side in (0, 1))
    recorded = end.copy()
    if dice.chance(0.15):
        recorded = np.maximum(recorded, s.stage.instant(s.as_of + dice.one((-1, 0, 1))))
    return Measurements(name, METRIC, "gateway", start, end, _columns(dice, rule, len(spans)), recorded)


def _spans(dice: Dice, s: Setting, rule: MeasureRule) -> list[tuple[int, int]]:
    """The cells from each local midnight; or, where none are expected, any that follow each other."""
    lead, until = s.start - 1440, min(s.end + 1440, s.stage.ticks - 1440)
    length = (rule.interval or 0) // TICK
    if length and dice.chance(0.9):
        whole = [
            (start, min(start + length, high))
            for low, high in s.face.dates.values()
            for start in range(low, high, length)
        ]
        return [one for one in whole if lead <= one[0] < until]
    return list(_uneven(dice, s, lead, until))


def _uneven(dice: Dice, s: Setting, at: int, until: int) -> Iterator[tuple[int, int]]:
    step = 120 if s.is_short else 600
    edges = sorted({edge + dice.one((-1, 0, 0, 1)) for edge in s.marks})
    while at < until:
        end = at + dice.between(step // 4, step)
        aimed = [edge for edge in edges if at < edge <= end]
        if aimed and dice.chance(0.6):
            end = dice.one(aimed)
        yield at, end
        at = end


def _columns(dice: Dice, rule: MeasureRule, many: int) -> dict[str, Quantity]:
    unknown = dice.by((0.7, 0.0), (0.3, 0.1))
    if rule.value:
        most, places = dice.one((5, 50)), dice.one((0, 0, 1, 2))
        return {"value": _quantity(dice, [dice.between(0, most) for _ in range(many)], unknown, places)}
    most, fails = dice.one((1, 3, 10)), dice.one((0.05, 0.3))
    valid = [dice.between(0, most) for _ in range(many)]
    good = [dice.between(0, n) if dice.chance(fails) else n for n in valid]
    return {"good": _quantity(dice, good, unknown, 0), "valid": _quantity(dice, valid, unknown, 0)}


def _quantity(dice: Dice, values: list[int], unknown: float, places: int) -> Quantity:
    known = [not dice.chance(unknown) if unknown else True for _ in values]
    return Quantity(np.array(values, dtype=np.int64), np.array(known, dtype=np.bool_), places)
