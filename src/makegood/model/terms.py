"""The terms of one agreement for one order: every rule typed, every choice by plan, deployment and reading made.

`makegood.contract` makes these from text; `makegood.engine` judges with them and never sees YAML. A value that the
agreement leaves out is `Unstated`, and spoils only what needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from makegood.model.detection import Begins, Ends
from makegood.model.expression import Expression, Unit
from makegood.model.money import Rounding
from makegood.model.spans import Duration
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, Calendar, PeriodRule, WeeklyWindow


@dataclass(frozen=True, slots=True)
class Clause:
    """Where in the agreement a rule stands: its anchor, number and title, and the line of its block."""

    id: str
    number: str = ""
    title: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip() or self.id


@dataclass(frozen=True, slots=True)
class Unstated:
    """A value that the agreement does not give; `what` names it for the reader."""

    clause: Clause
    what: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What every rule has: its name, and the clause that it is."""

    name: str
    clause: Clause


class Strength(StrEnum):
    """The legal force of a commitment or a duty. Only a promise or an effort can be breached; an aim is recorded."""

    PROMISE = "promise"
    EFFORTS = "efforts"
    AIM = "aim"


class Each(StrEnum):
    """What one statement is about."""

    SERVICE = "service"
    INSTANCE = "instance"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Scope:
    """The subjects of a commitment: one statement for each; services of a named stage are not covered."""

    each: Each
    not_stages: tuple[str, ...] = ()
    only_instances: tuple[str, ...] = ()


class EvidenceKind(StrEnum):
    """What a detection reads: results of checks in slots, or spans that a source reports as such."""

    OBSERVATIONS = "observations"
    REPORTED = "reported states"


@dataclass(frozen=True, slots=True)
class DetectRule(Rule):
    """Evidence to states. `fails_after` and `recovers_after` are consecutive results, `locations` the quorum.

    `holds` is how long the last reported state is believed without a newer one; None is not at all (DESIGN 3.3).
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
    """What is measured over a period."""

    RATIO = "ratio of time"
    ELAPSED = "elapsed"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class MeasureRule(Rule):
    """A figure for a subject and a period: the available share of covered time, or the time of a clock."""

    kind: MeasureKind
    of: str
    service_hours: str = ""
    rounding: int | None = None
    excused: CountsAs | None = None
    """Where this measure puts excused time; None leaves it to each exclusion."""
    unknown: str = ""
    """`up` or `down` where the agreement decides unknown time, else empty."""


@dataclass(frozen=True, slots=True)
class Commitment(Rule):
    """One promise: scope, period, measure and target, with its strength."""

    scope: Scope
    period: str
    measure: str
    target: Threshold[Fraction] | Threshold[Duration] | Unstated
    strength: Strength
    allows: Duration | None = None
    """Downtime that the agreement says the target allows in a period; lint holds it against the arithmetic."""


class GateKind(StrEnum):
    """What a gate or a clip tests about an announcement or a cause."""

    FACT = "fact"
    NOTICE = "notice"
    WITHIN = "within"
    OUTSIDE = "outside"
    LASTING = "lasting"
    ANNOUNCED = "announced"


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition. As a gate it holds or fails for a whole announcement; as a clip it is the spans inside.

    `effort` gates also hold on a recorded judgement of a named person. `fact` gates compare a field of the fact.
    """

    kind: GateKind
    says: str
    field: str = ""
    values: tuple[str, ...] = ()
    notice: Threshold[Duration] | Allowance | None = None
    notice_calendar: str = ""
    channels: tuple[str, ...] = ()
    lasting: Threshold[Duration] | None = None
    windows: tuple[WeeklyWindow, ...] = ()
    calendar: str = ""
    effort: bool = False
    strength: Strength = Strength.PROMISE


@dataclass(frozen=True, slots=True)
class ExcludeRule(Rule):
    """Downtime that does not count: what it applies to, its gates and clips, and what is expected without deciding."""

    commitments: tuple[str, ...]
    what: str
    causes: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    clips: tuple[Gate, ...] = ()
    expect: tuple[Gate, ...] = ()
    unless: tuple[Gate, ...] = ()
    counts_as: CountsAs = CountsAs.UP


class Excess(StrEnum):
    """What becomes of what a limit cuts off."""

    LOST = "lost"
    REFUSED = "refused whole"


class LimitEach(StrEnum):
    """What a limit on credits is for each of: a line, a service (subject) of the order, or the whole order."""

    CREDIT = "credit"
    SERVICE = "service"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class LimitRule(Rule):
    """A most over time, instances or money of the rules named in `on`, which share it.

    `over` is the name of a period rule, or `days` gives N consecutive local dates of `zone` ending with the item's own.
    `each` None lets the amount decide: each service where it reads that service's fees, else the order.
    """

    on: tuple[str, ...]
    most: Expression
    unit: Unit
    over: str = ""
    days: int = 0
    zone: str = ""
    excess: Excess = Excess.LOST
    each: LimitEach | None = None


@dataclass(frozen=True, slots=True)
class CountRule(Rule):
    """A number of items in a span: instances, breaches, credits; `dated` says what dates an item."""

    of: str
    days: int = 0
    zone: str = ""
    dated: str = "period end"


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of values with a side at each end; None is unbounded. Values of equal lower and upper are one point."""

    low: Fraction | None
    low_inside: bool
    high: Fraction | None
    high_inside: bool

    def holds(self, value: Fraction) -> bool:
        above = self.low is None or value > self.low or (self.low_inside and value == self.low)
        below = self.high is None or value < self.high or (self.high_inside and value == self.high)
        return above and below


@dataclass(frozen=True, slots=True)
class Tier:
    """One row of a scale. `amount` is a share, a number of days or minor units, by the scale's unit."""

    range: Range
    amount: Fraction | Unstated
    says: str
    clause: Clause


class Nesting(StrEnum):
    """How rows that hold at once combine: the one with the lowest edge, or all of them together."""

    DEEPEST = "deepest"
    ADDING = "adding"


@dataclass(frozen=True, slots=True)
class ScaleRule(Rule):
    """Value to amount by rows."""

    unit: Unit
    tiers: tuple[Tier, ...]
    nesting: Nesting = Nesting.DEEPEST
    currency: str = ""


class FeesOf(StrEnum):
    """Whose fees a basis counts."""

    SUBJECT = "affected service"
    ORDER = "all services"


class FeesWhen(StrEnum):
    """Which fees, of when, and how they are spread."""

    PERIOD = "the judged period"
    TERM_EQUAL_PARTS = "the term, in equal parts"
    TERM_MONTHS = "the term, by months inside the period"
    TERM_DAYS = "the term, by days inside the period"
    RENEWAL_DAY = "one day of the renewal term"


@dataclass(frozen=True, slots=True)
class BasisRule(Rule):
    """Named money: whose fees, of when, prorated how."""

    fees: FeesOf
    when: FeesWhen


class RemedyForm(StrEnum):
    """What follows from a miss."""

    CREDIT = "credit"
    CHARGE = "charge"
    RIGHT = "right"
    DUTY = "duty"


@dataclass(frozen=True, slots=True)
class RemedyRule(Rule):
    """What follows from a miss: an amount in money or days, or a right or a duty.

    The trigger is a missed commitment (`commitment`), a count beyond a threshold (`count`), or an event in words
    (`upon`), which only a duty or a right has: what it `does`, and who owes or holds it.
    """

    form: RemedyForm
    commitment: str = ""
    count: str = ""
    beyond: Threshold[Fraction] | None = None
    amount: Expression | None = None
    unit: Unit = Unit.MONEY
    converts: Expression | None = None
    """For an amount in days: what one day is worth, applied only when its fees are known."""
    rounding: Rounding = Rounding.HALF_UP
    requires_standing: tuple[str, ...] = ()
    paid: str = ""
    does: tuple[str, ...] = ()
    who: str = ""
    upon: str = ""
    automatic: bool = False
    strength: Strength = Strength.PROMISE


@dataclass(frozen=True, slots=True)
class ClockRule(Rule):
    """A deadline measured in its own time: from an event, an allowance, in a calendar; with what it requires.

    `allow` maps a class label to an allowance, or has the single key "" where it is one for all. None is best effort.
    """

    starts: tuple[str, ...]
    allow: Mapping[str, Allowance | Unstated | None]
    by_class: str = ""
    calendar: str = ""
    repeats: bool = False
    pauses: tuple[str, ...] = ()
    stops: str = ""
    requires: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    strength: Strength = Strength.PROMISE
    duty_of: str = ""
    of: str = ""
    """The remedy or commitment whose consequence this clock times: a claim, an answer, a payment."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A label and the facts that give it: each field must have one of its values; no fields at all hold always."""

    label: str
    when: Mapping[str, tuple[str, ...]]
    says: str = ""


@dataclass(frozen=True, slots=True)
class ClassRule(Rule):
    """Facts to a label by a decision table; the first row whose conditions all hold decides."""

    rows: tuple[ClassRow, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A reading that was used: where the text is silent or contradicts itself, what was chosen, and why.

    `id` is stable: the rule's name, a dot, the path of keys. `chosen` indexes `alternatives`; None where none was.
    """

    id: str
    clause: Clause
    rule: str
    alternatives: tuple[str, ...]
    chosen: int | None
    because: str = ""
    clauses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "unstated" if self.chosen is None else self.alternatives[self.chosen]


AnyRule: TypeAlias = Rule | Calendar | PeriodRule


@dataclass(frozen=True)
class Terms:
    """All rules of one agreement as they bind one order, by name; and the choices that made them so."""

    agreement: str
    title: str
    version: str
    effective: date
    provider: str
    calendars: Mapping[str, Calendar | Unstated] = field(default_factory=dict)
    periods: Mapping[str, PeriodRule] = field(default_factory=dict)
    period_clauses: Mapping[str, Clause] = field(default_factory=dict)
    detects: Mapping[str, DetectRule] = field(default_factory=dict)
    outages: Mapping[str, OutageRule] = field(default_factory=dict)
    measures: Mapping[str, MeasureRule] = field(default_factory=dict)
    commitments: Mapping[str, Commitment] = field(default_factory=dict)
    excludes: tuple[ExcludeRule, ...] = ()
    limits: tuple[LimitRule, ...] = ()
    counts: Mapping[str, CountRule] = field(default_factory=dict)
    scales: Mapping[str, ScaleRule] = field(default_factory=dict)
    bases: Mapping[str, BasisRule] = field(default_factory=dict)
    remedies: Mapping[str, RemedyRule] = field(default_factory=dict)
    clocks: Mapping[str, ClockRule] = field(default_factory=dict)
    classes: Mapping[str, ClassRule] = field(default_factory=dict)
    not_applicable: Mapping[str, tuple[Clause, str]] = field(default_factory=dict)
    """Rules that do not bind this order, with the clause and the condition that says so."""
    choices: tuple[Choice, ...] = ()
    digest: str = ""
    """SHA-256 of the agreement's text."""
    plans: Mapping[str, Terms] = field(default_factory=dict)
    """The same agreement and readings on the order's other plans, where it changed its plan."""

    def on_plan(self, plan: str) -> Terms:
        """The terms that bind the order on a plan."""
        return self.plans.get(plan, self)


@dataclass(frozen=True)
class Variant:
    """The same terms with one reading taken the other way."""

    choice: Choice
    alternative: int
    terms: Terms

    @property
    def text(self) -> str:
        return self.choice.alternatives[self.alternative]
