"""A statement: the figures for one order, commitment, subject and period, as known at an instant, with its trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from makegood.model.expression import Unit
from makegood.model.facts import Gone
from makegood.model.money import Money
from makegood.model.spans import Duration, Instant, Span, Spans
from makegood.model.terms import Choice, Clause, Counts, CountsAs, MeasureKind, RemedyForm, Strength
from makegood.model.trace import Node
from makegood.model.when import Period


class Verdict(StrEnum):
    """Whether the promise was kept. An aim is only recorded; a running period is never met."""

    MET = "met"
    BREACHED = "breached"
    INSUFFICIENT = "insufficient data"
    NOT_APPLICABLE = "not applicable"
    RECORDED = "recorded"
    RUNNING = "running"
    UNSTATED = "unstated"


class Life(StrEnum):
    """How final a statement is. `running` until its period ends, `provisional` while facts inside are unconfirmed."""

    RUNNING = "running"
    PROVISIONAL = "provisional"
    FINAL = "in review"


class RestsOn(StrEnum):
    """What a figure is made of: time that is up or down, measured intervals, or tickets and the like."""

    TIME = "time"
    INTERVALS = "intervals"
    ITEMS = "items"


class RunName(StrEnum):
    """The two runs over the unseen: blind slots as the provider would have them, and as the customer would."""

    FAVOURABLE = "favourable"
    UNFAVOURABLE = "unfavourable"


@dataclass(frozen=True, slots=True)
class Outage:
    """A span of confirmed unavailability before excuses, with the checks and locations that saw it.

    `brief` outages are shorter than the agreement counts. `open` ones had not ended when the evidence did.
    """

    id: str
    span: Span
    brief: bool
    seen_by: tuple[str, ...]
    counted: Spans
    excused: Spans
    open: bool = False
    only_unfavourable: bool = False


@dataclass(frozen=True, slots=True)
class GateResult:
    """One condition tried: what it says, whether it held, and on what. `short_by` is how much was missing, in µs."""

    says: str
    holds: bool
    found: str
    facts: tuple[str, ...] = ()
    short_by: Duration | None = None
    deciding: bool = True


@dataclass(frozen=True, slots=True)
class Excuse:
    """An exclusion applied to one item (a maintenance or a cause): granted or refused, with every condition tried.

    `asked` is the downtime the item covers, `granted` what was excused of it; `why` is one sentence.
    """

    exclusion: str
    clause: Clause
    item: str
    title: str
    granted: bool
    why: str
    asked: Spans
    excused: Spans
    counts_as: CountsAs
    gates: tuple[GateResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Classes:
    """Every instant of the period in exactly one class. `brief` is the part of `up` that was in outages too short."""

    outside: Spans
    excused: Spans
    down: Spans
    unknown: Spans
    up: Spans
    brief: Spans


@dataclass(frozen=True, slots=True)
class Line:
    """One remedy line: exact and rounded amount of a credit, before and after limits, with its derivation.

    `unstated` names what the agreement leaves out where no amount can be computed.
    """

    remedy: str
    clause: Clause
    subject: str
    form: RemedyForm
    says: str
    money: Money | None
    days: Fraction | None
    cut_by: str
    paid: str
    unstated: str
    withheld: str
    node: Node | None
    unstated_clause: Clause | None = None
    part: str = ""
    """The outage or the date that the line is for, where a remedy is given for each; empty is the period."""
    before: Fraction | None = None
    """The exact amount before any limit, in minor units, days or points."""
    unit: Unit = Unit.DAYS
    """What `days` counts where it is not None: days or points."""
    held: bool = False
    """Whether it is withheld only until there is more of it; `withheld` says since when, and what it waits for."""
    brought: str = ""
    """Of a line from earlier periods, which periods it comes from and what kept it back then; else empty."""


@dataclass(frozen=True, slots=True)
class Right:
    """A power or duty that the facts gave, or did not yet give, with the count it stands on."""

    remedy: str
    clause: Clause
    says: str
    given: bool
    why: str
    node: Node | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole chain under one run. `ratio` is None where the denominator is zero.

    `numerator` and `denominator` are microseconds; `tier` is what the scale's row says.
    """

    run: RunName
    verdict: Verdict
    numerator: Fraction
    denominator: Fraction
    ratio: Fraction | None
    covered: Duration
    excused_up: Duration
    excused_out: Duration
    down: Duration
    tier: str
    lines: tuple[Line, ...]
    rights: tuple[Right, ...]
    trace: Node


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due time: of a claim, an answer, a payment. `late_from` is the first instant that is late; None is unstated."""

    clock: str
    clause: Clause
    says: str
    duty_of: str
    late_from: Instant | None
    arithmetic: str
    strength: Strength
    requires: tuple[str, ...] = ()
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """What the statement becomes under an alternative of a reading."""

    alternative: str
    verdict: Verdict
    amount: str
    difference: str
    changes: bool
    late_from: Mapping[str, Instant | None] | None = None


@dataclass(frozen=True, slots=True)
class PricedReading:
    """A reading that was used, and its alternatives re-judged."""

    choice: Choice
    prices: tuple[Price, ...]

    @property
    def matters(self) -> bool:
        return any(p.changes for p in self.prices)


@dataclass(frozen=True, slots=True)
class SmallestChange:
    """The least single change of one kind that alters verdict or amount; re-run to prove it.

    `kind` is `seconds`, `gate`, `unknown span` or `reading`.
    """

    kind: str
    says: str
    size: Duration | None
    verdict: Verdict
    amount: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was seen: expected and seen slots over all locations of the subject's checks; unseen time in µs."""

    expected: int
    seen: int
    by_location: tuple[tuple[str, int, int], ...]
    logs: tuple[tuple[str, Spans], ...] = ()
    """The sources that report states rather than answer in slots, each with the judged time that it told of."""
    locations: tuple[tuple[str, str], ...] = ()
    """The locations that took part, and who ran each: empty for whoever runs the hub, or where nobody was enrolled."""


@dataclass(frozen=True, slots=True)
class Pins:
    """What a statement was made with, so that it can be made again."""

    engine: str
    tzdata: str
    zones: Mapping[str, str]
    holidays: str
    agreement: str
    order: str
    facts: Mapping[str, str]
    head: str = ""
    """The signed head of the log that the facts were read from, in canonical JSON; empty for facts of no log."""
    gone: tuple[Gone, ...] = ()
    """Evidence of the period, and facts, that were in that log and are no longer there."""


@dataclass(frozen=True, slots=True)
class Timed:
    """The clock of the one ticket or the like that a statement is about.

    `due` is the first instant that is late, None where there is no deadline; `stopped` is when it was kept, None while
    it is not.
    """

    clock: str
    clause: Clause
    label: str
    start: Instant
    due: Instant | None
    stopped: Instant | None
    arithmetic: str
    item: str = ""
    """The id of the ticket or the like."""
    kind: str = ""
    """What it is: a ticket, an incident, a drill."""


@dataclass(frozen=True)
class Statement:
    """The answer. `favourable` and `unfavourable` are the same object where nothing unseen mattered.

    `amount` says the credit in words: `1,250.00 USD`, `at least …, at most …`, `unstated (clause 4)`, `none`.
    """

    agreement: str
    agreement_title: str
    version: str
    provider: str
    customer: str
    order: str
    plan: str
    commitment: str
    clause: Clause
    strength: Strength
    target: str
    subject: str
    period: Period
    span: Span
    judged: Span
    as_of: Instant
    life: Life
    verdict: Verdict
    amount: str
    credit_least: Money | None
    credit_most: Money | None
    classes: Classes
    favourable: Figures
    unfavourable: Figures
    outages: tuple[Outage, ...]
    excuses: tuple[Excuse, ...]
    expected: tuple[GateResult, ...]
    deadlines: tuple[Deadline, ...]
    readings: tuple[PricedReading, ...]
    smallest: tuple[SmallestChange, ...]
    coverage: Coverage
    notes: tuple[str, ...]
    pins: Pins
    period_end: date | None = None
    target_edge: Fraction | None = None
    """The edge of the target as a share of one, where the measure is a share; it decides how many digits are shown."""
    measure: MeasureKind = MeasureKind.RATIO
    counts: Counts = Counts.SHARE
    """What is measured, and what that figure counts."""
    timed: Timed | None = None
    """The clock that was run, where the statement is about one ticket or the like."""
    rests_on: RestsOn = RestsOn.TIME
    """What the figure is made of. `outages` are of time alone; of the others `classes` say what was not measured."""
    passed_over: tuple[str, ...] = ()
    """Of the notes, those on evidence that was not judged, since it is of a service that has parts."""
    not_kept: tuple[Timed, ...] = ()
    """Of a share in time, the clocks that were late or still run, in the order in which they started."""
    unit: str = ""
    """The word for what a measured quantity counts, such as `messages`; empty for shares and times."""

    @property
    def exact(self) -> bool:
        """Whether both runs over the unseen agree."""
        return self.favourable is self.unfavourable


@dataclass(frozen=True)
class NotApplicable:
    """What does not bind this order, or does not cover a service of it, and the clause that says so."""

    what: str
    clause: Clause
    why: str


@dataclass(frozen=True)
class Answer:
    """Everything that one agreement says of one order for a period: its statements, and what does not apply."""

    statements: tuple[Statement, ...]
    not_applicable: tuple[NotApplicable, ...]
