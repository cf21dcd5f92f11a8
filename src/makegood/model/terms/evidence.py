"""From evidence to a figure: detection, outages, and what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from makegood.model.detection import Begins, Ends
from makegood.model.facts import ItemKind
from makegood.model.spans import Duration
from makegood.model.terms.clause import Rule
from makegood.model.threshold import Threshold


class EvidenceKind(StrEnum):
    """What a detection reads: results of checks in slots, spans that a source reports as such, or intervals that were
    counted or measured."""

    OBSERVATIONS = "observations"
    REPORTED = "reported states"
    MEASUREMENTS = "measurements"


FAILED = "failed"
"""The share of an interval's valid requests that were not good: a quantity that is worked out, not recorded."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A quantity of an interval and the side on which it makes the interval bad.

    `quantity` is FAILED or the word of a column; the edge is in the column's unit, or a multiple of what the column
    `times` says of the same interval, where there is one.
    """

    quantity: str
    bad: Threshold[Fraction]
    times: str = ""


@dataclass(frozen=True, slots=True)
class DetectRule(Rule):
    """Evidence to states. `fails_after` and `recovers_after` are consecutive results, `locations` the quorum.

    `holds` is how long the last reported state is believed without a newer one; None is not at all (DESIGN 3.3).
    `source` names the one source that counts; empty is every one. Of measurements of `metric`, an interval is down in
    which all of `bad` hold.
    """

    evidence: EvidenceKind
    every: Duration = 0
    timeout: Duration = 0
    fails_after: int = 1
    recovers_after: int = 1
    locations: str = "1"
    checks: str = "any"
    holds: Duration | None = None
    success: str = ""
    source: str = ""
    metric: str = ""
    bad: tuple[Condition, ...] = ()


class Counted(StrEnum):
    """How much of an outage longer than the shortest one counts."""

    ALL = "all of it"
    BEYOND = "the time beyond"


@dataclass(frozen=True, slots=True)
class OutageRule(Rule):
    """States to outages: which instants begin and end one, its grain and the shortest that counts."""

    detect: str
    begins: Begins
    ends: Ends
    shortest: Threshold[Duration] | None = None
    counted: Counted = Counted.ALL
    grain: Duration | None = None
    grain_down: str = "any"


class CountsAs(StrEnum):
    """Where excused time goes: into the up time, or out of numerator and denominator."""

    UP = "up"
    OUTSIDE = "outside the ratio"


class MeasureKind(StrEnum):
    """What is measured over a period; unstated where the agreement's text gives no formula that can be worked out."""

    RATIO = "ratio of time"
    TOTAL = "total time"
    LONGEST = "longest outage"
    COUNT = "count"
    COUNTS = "ratio of counts"
    MEAN = "mean of intervals"
    SUM = "sum"
    PERCENTILE = "percentile"
    GREATEST = "greatest"
    LEAST = "least"
    ELAPSED = "elapsed"
    MEAN_ELAPSED = "mean elapsed"
    IN_TIME = "share in time"
    PERIODS = "mean of periods"
    UNSTATED = "unstated"


OF_OUTAGES = frozenset((MeasureKind.RATIO, MeasureKind.TOTAL, MeasureKind.LONGEST))
"""Kinds that are always figures of outages; a count is one of outages or of items."""
OF_INTERVALS = frozenset(
    (
        *(MeasureKind.COUNTS, MeasureKind.MEAN, MeasureKind.SUM),
        *(MeasureKind.PERCENTILE, MeasureKind.GREATEST, MeasureKind.LEAST),
    )
)
"""Kinds that are figures of imported measurements."""
OF_ITEMS = frozenset((MeasureKind.ELAPSED, MeasureKind.MEAN_ELAPSED, MeasureKind.IN_TIME))
"""Kinds that are figures of a clock, over tickets and the like."""


class Counts(StrEnum):
    """What a figure counts, and so in what its target and the rows of its tables are written."""

    SHARE = "a share"
    TIME = "a length of time"
    NUMBER = "a number"
    MONEY = "an amount of money"


@dataclass(frozen=True, slots=True)
class MeasureRule(Rule):
    """A figure for a subject and a period.

    `of` names the outages, the clock, or the measure of which it is a figure. Of measurements, `metric` and `source`
    choose them, `good`, `valid` and `value` name their columns, and `unit` says what a value counts: `%`, a unit of
    time, or any other word. `interval` is the length of the cells from local midnight of which every one is expected;
    None takes the intervals as they are recorded. `empty` is the share that an interval without valid requests has;
    None leaves it out. `rank` is that of a percentile, as a share. `periods` is how many periods a mean goes over, the
    judged one the last. `items` and `where` choose the tickets and the like.
    """

    kind: MeasureKind
    of: str = ""
    service_hours: str = ""
    rounding: int | None = None
    excused: CountsAs | None = None
    """Where this measure puts excused time; None leaves it to each exclusion."""
    unknown: str = ""
    """`up`, `down` or `nothing` where the agreement decides what nobody saw, else empty."""
    metric: str = ""
    source: str = ""
    good: str = "good"
    valid: str = "valid"
    value: str = ""
    unit: str = ""
    interval: Duration | None = None
    empty: Fraction | None = None
    rank: Fraction | None = None
    periods: int = 0
    items: ItemKind | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    credited: str = ""
    """`up` where downtime of a period whose credit was paid does not count again, else empty."""

    @property
    def counts(self) -> Counts:
        """What the figure counts."""
        match self.kind:
            case MeasureKind.RATIO | MeasureKind.COUNTS | MeasureKind.IN_TIME | MeasureKind.PERIODS:
                return Counts.SHARE
            case MeasureKind.TOTAL | MeasureKind.LONGEST | MeasureKind.ELAPSED | MeasureKind.MEAN_ELAPSED:
                return Counts.TIME
            case MeasureKind.COUNT:
                return Counts.NUMBER
        if not self.value or self.unit == "%":
            return Counts.SHARE
        return Counts.TIME if self.unit in TIME_UNITS else Counts.NUMBER


TIME_UNITS: Mapping[str, Duration] = {"ms": 1_000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000}
"""Units of a measured quantity that is a length of time, in microseconds."""
