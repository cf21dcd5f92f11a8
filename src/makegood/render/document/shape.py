"""The published form of a statement, `makegood.statement/1`: every field with its unit and zone.

Lengths of time are in microseconds (`…_us`). Instants are RFC 3339 in UTC, with the local clock of the period's zone
beside them in words. Exact numbers are fractions written `n/d`, or `n` where they are whole. Words are for people and
may change between releases; everything else may not.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from makegood.model.statement import Life, RestsOn, RunName, Verdict
from makegood.model.terms import Counts, CountsAs, MeasureKind, RemedyForm, Strength
from makegood.model.trace import Kind, Op

FORMAT: Literal["makegood.statement/1"] = "makegood.statement/1"

Exact = Annotated[str, Field(pattern=r"^-?[0-9]{1,400}(/[1-9][0-9]{0,399})?$")]
Utc = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$")]


class Form(BaseModel):
    """What every part has: frozen, and no field that is not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class NumberForm(Form):
    """An exact number."""

    exact: Exact = Field(description="The number as a fraction n/d, or n where it is whole")
    decimal: str = Field(description="The same as a decimal, cut towards zero after 12 digits; for display only")


class ShareForm(NumberForm):
    """An exact share of one."""

    percent: str = Field(description="In percent, rounded down and shown apart from the target; for display only")


class MoneyForm(Form):
    """An amount of money."""

    minor: int | Exact = Field(description="Minor units of the currency; a fraction n/d only where nothing rounded it")
    currency: str = Field(description="ISO 4217 code")
    text: str = Field(description="In major units with the code; for display only")


class MomentForm(Form):
    """An instant."""

    utc: Utc = Field(description="RFC 3339 in UTC, with microseconds where there are any")
    local: str = Field(description="The clock of the period's zone with its distance from UTC; for display only")


class SpanForm(Form):
    """A half-open stretch of time: its end is not inside."""

    start: Utc | None = Field(description="First instant inside, RFC 3339 in UTC; null where it has no beginning")
    end: Utc | None = Field(description="First instant after it, RFC 3339 in UTC; null where it has no end")
    length_us: int = Field(description="Elapsed time in microseconds")
    local: str = Field(description="On the clock of the period's zone; for display only")


class SpansForm(Form):
    """Disjoint spans in time order."""

    total_us: int = Field(description="Elapsed time inside, in microseconds")
    text: str = Field(description="The total in hours, minutes and seconds; for display only")
    spans: tuple[SpanForm, ...] = Field(description="The spans")


class ClauseForm(Form):
    """Where in the agreement a rule stands."""

    id: str = Field(description="Anchor of the clause")
    number: str = Field(description="Number as printed, or empty")
    title: str = Field(description="Heading, or empty")
    line: int = Field(description="Line of the rule in the agreement's file, from 1; 0 where unknown")


class GateForm(Form):
    """A condition that was tried."""

    says: str = Field(description="The condition as the agreement has it")
    holds: bool = Field(description="Whether it held")
    found: str = Field(description="What was found")
    facts: tuple[str, ...] = Field(description="Ids of the facts it rests on")
    short_by_us: int | None = Field(description="How much was missing, in microseconds; null where that has no meaning")
    deciding: bool = Field(description="False where the condition is only reported")


class ExcuseForm(Form):
    """An exclusion applied to one maintenance or cause."""

    exclusion: str = Field(description="Name of the exclusion")
    clause: ClauseForm = Field(description="Its clause")
    item: str = Field(description="Id of the maintenance or cause")
    title: str = Field(description="What it was called")
    granted: bool = Field(description="Whether anything was excused")
    why: str = Field(description="One sentence")
    counts_as: CountsAs = Field(description="Where excused time goes")
    asked: SpansForm = Field(description="The downtime that the item covers")
    excused: SpansForm = Field(description="What was excused of it")
    gates: tuple[GateForm, ...] = Field(description="Every condition that was tried, in document order")


class OutageForm(Form):
    """A span of confirmed unavailability, before excuses."""

    id: str = Field(description="Id of the outage")
    span: SpanForm = Field(description="When")
    brief: bool = Field(description="Whether it is shorter than the agreement counts")
    open: bool = Field(description="Whether it had not ended when the evidence did")
    only_unfavourable: bool = Field(description="Whether it exists only if what was not seen was down")
    seen_by: tuple[str, ...] = Field(description="Checks and locations that saw it")
    counted: SpansForm = Field(description="What counts against the promise")
    excused: SpansForm = Field(description="What was excused")


class LineForm(Form):
    """One remedy line."""

    remedy: str = Field(description="Name of the remedy")
    clause: ClauseForm = Field(description="Its clause")
    subject: str = Field(description="Whose fees or service")
    form: RemedyForm = Field(description="Credit or charge")
    says: str = Field(description="The derivation in words")
    money: MoneyForm | None = Field(description="Amount after rounding and limits; null where in days or unstated")
    days: NumberForm | None = Field(description="Amount in days; null where it is in no days or unstated")
    points: NumberForm | None = Field(description="Amount in points; null where it is in no points or unstated")
    cut_by: str = Field(description="The limit that cut it, or empty")
    paid: str = Field(description="How it is paid")
    part: str = Field(description="The outage or the date that it is for, or empty where it is for the period")
    unstated: str = Field(description="What the agreement leaves out, or empty")
    withheld: str = Field(description="Why it is withheld, or empty")
    held: bool = Field(description="Whether it is withheld only until there is more; withheld says what it waits for")
    brought: str = Field(description="Of a line from earlier periods, which ones and what kept it, or empty")
    step: int | None = Field(description="Id of the step of the trace that ends in this amount")


class RightForm(Form):
    """A power or a duty."""

    remedy: str = Field(description="Name of the remedy")
    clause: ClauseForm = Field(description="Its clause")
    says: str = Field(description="The right or duty in words")
    given: bool = Field(description="Whether the facts gave it")
    why: str = Field(description="The count it stands on")
    step: int | None = Field(description="Id of the step of the trace that decides it")


class MeasureForm(Form):
    """What was measured."""

    kind: MeasureKind = Field(description="The kind of figure")
    counts: Counts = Field(description="What the figure counts")
    unit: str = Field(description="The word for what a measured quantity counts, or empty")
    rests_on: RestsOn = Field(description="What the figure is made of; only time has outages")


class FigureForm(Form):
    """A figure and its operands: a share of one, microseconds, or a number, by what the measure counts."""

    value: NumberForm = Field(description="The figure, exact")
    numerator: NumberForm = Field(description="What was good, or the figure itself")
    denominator: NumberForm = Field(description="What it is a share of, or one")
    text: str = Field(description="The figure in words; for display only")


class FiguresForm(Form):
    """The whole chain under one run over what was not seen."""

    run: RunName = Field(description="favourable: what was not seen was up; unfavourable: it was down where it may be")
    verdict: Verdict = Field(description="Verdict of this run")
    numerator_us: NumberForm | None = Field(
        description="Available time in microseconds; null where the figure is no share of time"
    )
    denominator_us: NumberForm | None = Field(
        description="Time it is a share of, in microseconds; null where the figure is no share of time"
    )
    ratio: ShareForm | None = Field(
        description="The figure where it is a share; null where it is none, or the denominator is zero"
    )
    figure: FigureForm | None = Field(
        description="The figure in what the measure counts; null where nothing was covered, or nothing bounds it"
    )
    covered_us: int = Field(description="Covered time in microseconds: the period without what is outside")
    excused_up_us: int = Field(description="Excused time that counts as up, in microseconds")
    excused_out_us: int = Field(description="Excused time that leaves the ratio, in microseconds")
    down_us: int = Field(description="Downtime that counts, in microseconds")
    tier: str = Field(description="What the scale's row says, or empty")
    lines: tuple[LineForm, ...] = Field(description="Credits and charges")
    rights: tuple[RightForm, ...] = Field(description="Rights and duties")
    step: int = Field(description="Id of the step of the trace that ends in the verdict")


class DeadlineForm(Form):
    """A due time."""

    clock: str = Field(description="Name of the clock")
    clause: ClauseForm = Field(description="Its clause")
    says: str = Field(description="The rule in words")
    duty_of: str = Field(description="Whose duty")
    late_from: MomentForm | None = Field(description="The first instant that is late; null where none is stated")
    arithmetic: str = Field(description="How it was counted")
    strength: Strength = Field(description="Its legal force")
    requires: tuple[str, ...] = Field(description="What it must contain")
    via: tuple[str, ...] = Field(description="How it must be sent")


class PriceForm(Form):
    """The statement under an alternative of a reading."""

    alternative: str = Field(description="The alternative")
    verdict: Verdict = Field(description="Its verdict")
    amount: str = Field(description="Its credit in words")
    difference: str = Field(description="Against this statement, in words")
    changes: bool = Field(description="Whether verdict, amount or a deadline changes")
    late_from: dict[str, MomentForm | None] | None = Field(
        description="Deadlines that move, by clock; null where none does"
    )


class ReadingForm(Form):
    """A choice where the text is silent, ambiguous or contradicts itself."""

    id: str = Field(description="The rule's name and the path of keys")
    clause: ClauseForm = Field(description="Where the question arises")
    rule: str = Field(description="Name of the rule")
    alternatives: tuple[str, ...] = Field(description="What it may mean")
    chosen: int | None = Field(description="Index of the alternative that was used, from 0; null where none was")
    because: str = Field(description="Why")
    clauses: tuple[str, ...] = Field(description="Clauses that bear on it")
    matters: bool = Field(description="Whether an alternative changes this statement")
    prices: tuple[PriceForm, ...] = Field(description="The statement under each other alternative")


class ChangeForm(Form):
    """The least single change of one kind that alters verdict or amount."""

    kind: str = Field(description="seconds, gate, unknown span or reading")
    says: str = Field(description="The change in words")
    size_us: int | None = Field(description="Its size in microseconds; null where it has none")
    verdict: Verdict = Field(description="The verdict it leads to")
    amount: str = Field(description="The credit it leads to, in words")


class StepForm(Form):
    """One step of the derivation. Operands stand before the steps that use them."""

    id: int = Field(description="Place in the list, from 0", ge=0)
    op: Op = Field(description="The operation; fact, rule and finding are given, all others recompute")
    says: str = Field(description="What the value is")
    kind: Kind = Field(description="What the value measures")
    spans_us: tuple[tuple[int, int], ...] | None = Field(
        default=None, description="Value: pairs of start and end in microseconds since 1970-01-01T00:00:00Z"
    )
    number: Exact | None = Field(
        default=None,
        description="Value: exact number, in microseconds (time), minor units (money), days, items or a share",
    )
    truth: bool | None = Field(default=None, description="Value: whether it holds")
    label: str | None = Field(default=None, description="Value: a label")
    text: str = Field(description="The value in words; for display only")
    operands: tuple[int, ...] = Field(description="Ids of the steps it is made of, in order")
    argument: str = Field(description="What the operation needs besides: a rounding, the edges of a table")
    currency: str = Field(description="ISO 4217 code for money, else empty")
    clause: ClauseForm | None = Field(description="The clause it rests on")
    facts: tuple[str, ...] = Field(description="Ids of the facts it rests on")


class LocationForm(Form):
    """What one location saw."""

    location: str = Field(description="Name of the location")
    expected: int = Field(description="Slots that it should have seen")
    seen: int = Field(description="Slots that it saw")


class OperatedForm(Form):
    """Who ran a location in the judged time."""

    location: str = Field(description="Name of the location")
    operator: str = Field(description="Who ran it; empty for whoever runs the hub, or where no agent was enrolled")


class TimedForm(Form):
    """The clock of the one ticket or the like that a statement is about."""

    clock: str = Field(description="Name of the clock")
    clause: ClauseForm = Field(description="Its clause")
    label: str = Field(description="The class that decided what it allows, or empty")
    start: MomentForm = Field(description="When it started")
    due: MomentForm | None = Field(description="The first instant that is late; null where there is no deadline")
    stopped: MomentForm | None = Field(description="When it was kept; null while it is not")
    arithmetic: str = Field(description="How the deadline was counted")
    item: str = Field(description="Id of the ticket or the like")
    kind: str = Field(description="What it is, such as ticket, incident or drill")


class CoverageForm(Form):
    """How much was seen."""

    expected: int = Field(description="Slots over all locations of the subject's checks")
    seen: int = Field(description="Slots that were seen")
    by_location: tuple[LocationForm, ...] = Field(description="The same for each location")
    locations: tuple[OperatedForm, ...] = Field(
        default=(), description="The locations that took part, and who ran them; empty where a statement does not say"
    )


class GoneForm(Form):
    """Something that was recorded and is no longer there."""

    kind: str = Field(description="The kind of evidence, such as `outcomes`, or of fact, such as `maintenance`")
    because: Literal["retired", "erased"] = Field(description="Kept for as long as it had to be, or personal data")
    at: MomentForm = Field(description="When it went, or the last of it")
    span: SpanForm | None = Field(description="The time that the evidence told of; null for a fact")
    fact: str = Field(description="The id of the fact; empty for evidence")


class PinsForm(Form):
    """What the statement was made with."""

    engine: str = Field(description="Release of Makegood")
    tzdata: str = Field(description="Release of the IANA time zone database")
    zones: dict[str, str] = Field(description="SHA-256 of each zone's TZif bytes, in hexadecimal")
    holidays: str = Field(description="Release of the holiday lists")
    agreement: str = Field(description="SHA-256 of the agreement's text")
    order: str = Field(description="SHA-256 of the order's text")
    facts: dict[str, str] = Field(description="SHA-256 of each input by its name")
    head: str = Field(
        default="",
        description="Signed head of the log that the facts are of, in canonical JSON; empty for facts of no log",
    )
    gone: list[GoneForm] = Field(
        default_factory=list,
        description="Evidence of the period, and facts, that were in that log and are no longer there",
    )


class AgreementForm(Form):
    """The agreement in force."""

    id: str = Field(description="Id of the agreement")
    title: str = Field(description="Its title")
    version: str = Field(description="Its version")
    provider: str = Field(description="Who promises")


class OrderForm(Form):
    """The order judged."""

    id: str = Field(description="Id of the order")
    customer: str = Field(description="To whom it is promised")
    plan: str = Field(description="The plan, or empty")


class CommitmentForm(Form):
    """The commitment judged."""

    id: str = Field(description="Name of the commitment")
    clause: ClauseForm = Field(description="Its clause")
    strength: Strength = Field(description="promise, efforts, or an aim that is only recorded")
    target: str = Field(description="The target as the agreement writes it")
    edge: ShareForm | None = Field(description="The edge of the target as a share; null where it is not a share")


class PeriodForm(Form):
    """The period judged."""

    label: str = Field(description="Such as 2026-02 or 2026-Q1")
    first: date = Field(description="First local date")
    last: date = Field(description="Last local date")
    zone: str = Field(description="IANA name of the zone of all local times in this document")
    span: SpanForm = Field(description="The whole period")
    judged: SpanForm = Field(description="The part of it that this statement covers")


class ClassesForm(Form):
    """Every instant judged in one class; brief is a part of up."""

    up: SpansForm = Field(description="Available")
    down: SpansForm = Field(description="Counted as unavailable")
    unknown: SpansForm = Field(description="Where the two runs over what was not seen differ")
    excused: SpansForm = Field(description="Unavailable and excused")
    outside: SpansForm = Field(description="Not covered by the promise")
    brief: SpansForm = Field(description="The part of up in outages too short to count")


class CreditForm(Form):
    """What is owed."""

    text: str = Field(description="In words: an amount, bounds, what is unstated, or none")
    least: MoneyForm | None = Field(description="The least in money; null where it is none or not in money")
    most: MoneyForm | None = Field(description="The most in money; equal to the least where the amount is exact")


class StatementDocument(Form):
    """The figures for one order, commitment, subject and period, as known at an instant, with their derivation."""

    format: Literal["makegood.statement/1"] = Field(description="Name and version of this form")
    verdict: Verdict = Field(description="Whether the promise was kept")
    says: str = Field(description="The verdict in a sentence")
    exact: bool = Field(description="Whether what was not seen makes no difference; then figures has one run, else two")
    agreement: AgreementForm = Field(description="The agreement")
    order: OrderForm = Field(description="The order")
    commitment: CommitmentForm = Field(description="The commitment")
    measure: MeasureForm = Field(description="What is measured")
    timed: TimedForm | None = Field(description="The clock of one ticket or the like; null where it is about services")
    subject: str = Field(description="The service, instance or order that is judged")
    period: PeriodForm = Field(description="The period")
    as_of: MomentForm = Field(description="Facts recorded later are not in this statement")
    life: Life = Field(description="How final it is")
    credit: CreditForm = Field(description="What is owed")
    classes: ClassesForm = Field(description="Where the time went")
    figures: tuple[FiguresForm, ...] = Field(description="The favourable run, then the unfavourable one if it differs")
    outages: tuple[OutageForm, ...] = Field(description="Outages in time order")
    not_kept: tuple[TimedForm, ...] = Field(description="Of a share in time, the clocks that were late or still run")
    excuses: tuple[ExcuseForm, ...] = Field(description="Exclusions that were tried")
    expected: tuple[GateForm, ...] = Field(description="Covenants and aims that decide nothing")
    deadlines: tuple[DeadlineForm, ...] = Field(description="Due times")
    readings: tuple[ReadingForm, ...] = Field(description="Readings that were used")
    smallest: tuple[ChangeForm, ...] = Field(description="The least changes that would alter the outcome")
    coverage: CoverageForm = Field(description="How much was seen")
    notes: tuple[str, ...] = Field(description="What else a reader should know")
    pins: PinsForm = Field(description="What it was made with")
    period_end: date | None = Field(description="Local date from which deadlines after the period are counted")
    trace: tuple[StepForm, ...] = Field(description="The derivation, operands first")
