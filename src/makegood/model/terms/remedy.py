"""What follows from a miss: limits, counts, tables, fees, and remedies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from makegood.model.expression import Expression, Unit
from makegood.model.facts import ItemKind
from makegood.model.money import Rounding
from makegood.model.terms.clause import Clause, Rule, Strength, Unstated
from makegood.model.terms.evidence import Counts
from makegood.model.threshold import Threshold


class Excess(StrEnum):
    """What becomes of what a limit cuts off, or of what stays below a least amount."""

    LOST = "lost"
    CARRIED = "carried"
    HELD = "held"
    REFUSED = "refused whole"


class LimitEach(StrEnum):
    """What a limit on credits is for each of: a line, a service (subject) of the order, or the whole order."""

    CREDIT = "credit"
    SERVICE = "service"
    ORDER = "order"


class Picked(StrEnum):
    """Which one of several credits counts, where they do not add up."""

    LARGEST = "the largest"
    SMALLEST = "the smallest"
    FIRST = "the first"


@dataclass(frozen=True, slots=True)
class Over:
    """The span in which something is counted or limited, ending with the judged period.

    One of: a `period` rule by its name, `days` consecutive local dates of `zone`, so many `periods` of the commitment,
    or the `term` of the order. None of them is the judged period itself.
    """

    period: str = ""
    days: int = 0
    periods: int = 0
    term: bool = False
    zone: str = ""

    @property
    def longer(self) -> bool:
        """Whether it reaches, or may reach, beyond the judged period."""
        return bool(self.period or self.days or self.periods or self.term)


@dataclass(frozen=True, slots=True)
class LimitRule(Rule):
    """A most or a least over time, instances or money of the rules named in `on`, which share it.

    `most` is Name("unlimited") where there is none. `each` None lets the amount decide: each service where it reads
    that service's fees, else the order. With `exceeded` the least itself is too little. `picked` leaves one of the
    credits that share it, and drops the others.
    """

    on: tuple[str, ...]
    most: Expression
    unit: Unit
    over: Over = Over()
    excess: Excess = Excess.LOST
    each: LimitEach | None = None
    least: Expression | None = None
    below: Excess = Excess.LOST
    picked: Picked | None = None
    chooser: str = ""
    exceeded: bool = False


@dataclass(frozen=True, slots=True)
class CountRule(Rule):
    """A number of items in a span: breaches of commitments, days, points or awards of remedies, outages, or tickets and
    the like (`items`, those that `where` chooses); `of` may name several, and `dated` says what dates an item.

    `in_a_row` counts the periods that follow each other without a gap up to the judged one. `alike` counts only the
    largest group that has the same fact. `claimed` counts only what a claim was received for.
    """

    of: tuple[str, ...] = ()
    over: Over = Over()
    dated: str = "period end"
    items: ItemKind | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    in_a_row: bool = False
    alike: str = ""
    claimed: bool = False


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

    @property
    def depth(self) -> tuple[bool, Fraction, bool, Fraction]:
        """Of rows inside each other the deepest has the least: the lowest upper edge; of those without one, the highest
        lower edge."""
        if self.high is not None:
            return False, self.high, False, Fraction()
        return True, Fraction(), self.low is None, -(self.low or Fraction())


@dataclass(frozen=True, slots=True)
class Step:
    """An amount that counts again for each step of a value: `size` in what the table looks up, started or complete.

    The steps begin at `beyond`; None is at nothing, and by parts where the row begins.
    """

    size: Fraction
    started: bool
    beyond: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """One row of a scale. `amount` is a share, a number of days or points, or minor units, by the scale's unit."""

    range: Range
    amount: Fraction | Unstated
    says: str
    clause: Clause
    step: Step | None = None


class Nesting(StrEnum):
    """How rows that hold at once combine: the innermost one, all of them together, or each for the part of the value
    that lies in it."""

    DEEPEST = "deepest"
    ADDING = "adding"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class ScaleRule(Rule):
    """Value to amount by rows. `of` names the value that is looked up; empty is the figure of the commitment."""

    unit: Unit
    tiers: tuple[Tier, ...]
    nesting: Nesting = Nesting.DEEPEST
    currency: str = ""
    of: str = ""
    counts: Counts = Counts.SHARE
    """What the edges of its rows count."""


class FeesOf(StrEnum):
    """Whose fees a basis counts."""

    SUBJECT = "affected service"
    ORDER = "all services"


class FeesWhen(StrEnum):
    """Which fees, of when, and how they are spread."""

    PERIOD = "the judged period"
    PERIOD_BEFORE = "the period before"
    TERM = "the term"
    TERM_EQUAL_PARTS = "the term, in equal parts"
    TERM_MONTHS = "the term, by months inside the period"
    TERM_DAYS = "the term, by days inside the period"
    RENEWAL_DAY = "one day of the renewal term"
    DAY = "one day of the judged period"
    HOUR = "one hour of the judged period"
    MINUTE = "one minute of the judged period"
    YEAR_DAY = "one day of a year of 365 days"
    INVOICE = "the invoice credited"
    BEFORE = "before"


class Before(StrEnum):
    """What a basis of days or months looks back from."""

    PERIOD = "the period"
    END = "the end of the period"
    OUTAGE = "the first outage"
    CLAIM = "the claim"


RECURRING = "recurring"
"""The fees that an order pays per month, quarter, year or term; other kinds are charges by their own name."""


@dataclass(frozen=True, slots=True)
class BasisRule(Rule):
    """Named money: whose fees, of when, prorated how.

    `kinds` are the kinds of fee that count: recurring ones, and charges by name. `alike` takes the services that say
    the same of this fact as the affected one. With FeesWhen.BEFORE, the fees are those of the `months` or `days` before
    an event.
    """

    fees: FeesOf
    when: FeesWhen
    kinds: tuple[str, ...] = (RECURRING,)
    alike: str = ""
    months: int = 0
    days: int = 0
    before: Before = Before.PERIOD


class RemedyForm(StrEnum):
    """What follows from a miss."""

    CREDIT = "credit"
    CHARGE = "charge"
    RIGHT = "right"
    DUTY = "duty"


class RemedyEach(StrEnum):
    """What a remedy is given for each of."""

    PERIOD = "period"
    DAY = "day"
    OUTAGE = "outage"


class StandingAt(StrEnum):
    """When the standing of an order is tested."""

    STATEMENT = "when the statement is made"
    PERIOD_END = "at the end of the period"
    PERIOD = "at any time in the period"
    CLAIM = "when it is claimed"


@dataclass(frozen=True, slots=True)
class RemedyRule(Rule):
    """What follows from a miss: an amount in money, days or points, or a right or a duty.

    The trigger is a missed commitment (`commitment`), a count beyond a threshold (`count`), or an event in words
    (`upon`), which only a duty or a right has: what it `does`, and who owes or holds it. An amount is given once for
    `each` period, day with downtime, or outage.
    """

    form: RemedyForm
    commitment: str = ""
    count: str = ""
    beyond: Threshold[Fraction] | None = None
    amount: Expression | None = None
    unit: Unit = Unit.MONEY
    converts: Expression | None = None
    """For an amount in days or points: what one is worth, applied only when its fees are known."""
    rounding: Rounding = Rounding.HALF_UP
    requires_standing: tuple[str, ...] = ()
    standing_at: StandingAt = StandingAt.STATEMENT
    paid: str = ""
    does: tuple[str, ...] = ()
    who: str = ""
    upon: str = ""
    automatic: bool = False
    strength: Strength = Strength.PROMISE
    each: RemedyEach = RemedyEach.PERIOD
