"""The values that a table is asked about: what they count, where they begin and end, and on which side a miss lies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from makegood.contract.lint.ground import Situation, length_words, lengths_of, share_words
from makegood.contract.numbers import decimal
from makegood.model.money import plain
from makegood.model.spans import SECOND
from makegood.model.terms import (
    Commitment,
    Counted,
    CountRule,
    Counts,
    MeasureKind,
    MeasureRule,
    RemedyEach,
    RemedyRule,
    ScaleRule,
)
from makegood.model.threshold import Side, Threshold

MILLISECOND = SECOND // 1000
_UPPER = (Side.AT_MOST, Side.BELOW)


@dataclass(frozen=True)
class Domain:
    """`low` and `high` (None is without end) bound the values; `whole` ones come one by one, `step` apart if rounded.

    Only values that `asked` lets through are looked up; None asks about all. `grows` where a larger value is worse.
    `time` is whether a value is a share of time, which a sentence can say in minutes. `of_each` is whether each outage
    or day is looked up by itself, which has no target of its own; `counted` is then which outages count at all.
    """

    counts: Counts
    low: Fraction
    high: Fraction | None
    grows: bool
    asked: Threshold[Fraction] | None = None
    step: Fraction | None = None
    time: bool = False
    unit: str = ""
    of_each: bool = False
    counted: Threshold[Fraction] | None = None

    def asks(self, value: Fraction) -> bool:
        return self.asked is None or self.asked.holds(value)

    def occurs(self, value: Fraction) -> bool:
        """Whether a whole outage can be so long: a shorter one than counts never gets as far as a table."""
        return self.counted is None or self.counted.holds(value)

    def words(self, value: Fraction) -> str:
        """A value as an agreement writes it."""
        match self.counts:
            case Counts.SHARE:
                return share_words(value)
            case Counts.TIME:
                short = 0 < value < SECOND and value % MILLISECOND == 0
                return f"{value // MILLISECOND} ms" if short else length_words(value)
            case Counts.MONEY if self.unit:
                return f"{plain(value, self.unit)} {self.unit}"
            case _:
                return f"{decimal(value)} {self.unit}".strip()


def domain_of(situation: Situation, scale: ScaleRule, remedy: RemedyRule) -> Domain | None:
    """What a remedy asks a table about; None where that is not known, as of a figure of another commitment."""
    terms = situation.terms
    commitment = terms.commitments.get(remedy.commitment)
    measure = terms.measures.get(commitment.measure) if commitment is not None else None
    if scale.of in terms.counts:
        return _of_count(scale, terms.counts[scale.of], remedy)
    if scale.of in terms.bases:
        return Domain(Counts.MONEY, Fraction(0), None, True, None, None, False, scale.currency or "USD")
    if commitment is None or measure is None or not isinstance(commitment.target, Threshold):
        return None
    target = Threshold(commitment.target.side, Fraction(commitment.target.edge), commitment.target.written)
    if scale.of == "":
        return _of_figure(scale, measure, target)
    if scale.of == "downtime" and remedy.each is not RemedyEach.PERIOD:
        some = Threshold(Side.MORE_THAN, Fraction(0), "none")
        outage = terms.outages.get(measure.of) if remedy.each is RemedyEach.OUTAGE else None
        shortest = outage.shortest if outage is not None and outage.counted is Counted.ALL else None
        counted = None if shortest is None else Threshold(shortest.side, Fraction(shortest.edge), shortest.written)
        return Domain(Counts.TIME, Fraction(0), None, True, some, of_each=True, counted=counted)
    if scale.of == "downtime":
        return _of_downtime(situation, commitment, measure, target)
    if scale.of == "shortfall" and target.side not in _UPPER:
        asked = Threshold(Side.MORE_THAN, Fraction(0), "none")
        return Domain(measure.counts, Fraction(0), target.edge, True, asked, unit=_unit(scale))
    return None


def missed(target: Threshold[Fraction]) -> Threshold[Fraction]:
    """The values that miss a target, as a threshold of their own."""
    opposite = {
        Side.AT_LEAST: Side.BELOW,
        Side.MORE_THAN: Side.AT_MOST,
        Side.AT_MOST: Side.MORE_THAN,
        Side.BELOW: Side.AT_LEAST,
    }
    return Threshold(opposite.get(target.side, Side.BELOW), target.edge, target.written)


def _of_figure(scale: ScaleRule, measure: MeasureRule, target: Threshold[Fraction]) -> Domain:
    grows = target.side in _UPPER
    share = measure.counts is Counts.SHARE
    step = None if measure.rounding is None or not share else Fraction(1, 10 ** (measure.rounding + 2))
    if measure.kind is MeasureKind.COUNT:
        step = Fraction(1)
    of_time = measure.kind is MeasureKind.RATIO
    high = Fraction(1) if share and not grows else None
    return Domain(measure.counts, Fraction(0), high, grows, missed(target), step, of_time, _unit(scale))


def _of_downtime(
    situation: Situation, commitment: Commitment, measure: MeasureRule, target: Threshold[Fraction]
) -> Domain | None:
    """Downtime that misses a share of time: more than the share leaves of the shortest period there is."""
    if measure.kind is MeasureKind.TOTAL:
        return Domain(Counts.TIME, Fraction(0), None, True, missed(target))
    period = situation.terms.periods.get(commitment.period)
    if measure.kind is not MeasureKind.RATIO or period is None or target.side in _UPPER:
        return None
    allowed = (1 - target.edge) * lengths_of(period, situation.terms.effective)[0]
    side = Side.MORE_THAN if target.side is Side.AT_LEAST else Side.AT_LEAST
    return Domain(Counts.TIME, Fraction(0), None, True, Threshold(side, allowed, length_words(allowed)))


def _of_count(scale: ScaleRule, count: CountRule, remedy: RemedyRule) -> Domain:
    asked = remedy.beyond if remedy.count == count.name else None
    edges = [e for tier in scale.tiers for e in (tier.range.low, tier.range.high) if e is not None]
    whole = Fraction(1) if all(e.denominator == 1 for e in edges) else None
    return Domain(Counts.NUMBER, Fraction(0), None, True, asked, whole, unit=_unit(scale))


def _unit(scale: ScaleRule) -> str:
    """The word that the edges of a table are counted in."""
    said: Mapping[str, None] = dict.fromkeys(
        found[1] for tier in scale.tiers if (found := re.search(r"[0-9] ?([A-Za-z][A-Za-z /-]*)\Z", tier.says))
    )
    return next(iter(said), "") if scale.counts is Counts.NUMBER else ""
