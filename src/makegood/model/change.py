"""How an agreement changes, and what that makes of its versions for one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from makegood.model.spans import Instant
from makegood.model.terms import Clause, Terms

ANNOUNCED, ACCEPTED, REJECTED = "change announced", "change accepted", "change rejected"
"""The events of a change, as facts and clocks write them."""


class TakesEffect(StrEnum):
    """When a new version begins to bind an order that was concluded under an earlier one."""

    ON_ITS_DATE = "on its effective date"
    AT_RENEWAL = "at renewal"


class LateNotice(StrEnum):
    """What becomes of a version whose notice has not run out by its effective date."""

    POSTPONES = "postpones it"
    VOIDS = "voids it"


class Consent(StrEnum):
    """What the customer has to say to a new version."""

    NOT_NEEDED = "not needed"
    UNLESS_REJECTED = "unless rejected"
    NEEDED = "needed"


class Rejected(StrEnum):
    """What becomes of a version that the customer rejected in time."""

    WAITS = "waits for renewal"
    NEVER = "is never in force"


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """What an agreement says of its own change; how long notice and objection run is said by its clocks."""

    clause: Clause
    takes_effect: TakesEffect = TakesEffect.ON_ITS_DATE
    late_notice: LateNotice = LateNotice.POSTPONES
    consent: Consent = Consent.NOT_NEEDED
    rejected: Rejected = Rejected.WAITS
    retroactive: bool = False


@dataclass(frozen=True)
class Version:
    """One version of an agreement as an order may be bound by it: its own rules of change, and its terms by plan."""

    name: str
    effective: date
    rules: ChangeRules
    terms: Mapping[str, Terms]

    def on_plan(self, plan: str) -> Terms | None:
        """Its terms on a plan, or on some other where it does not know that one; None where it binds on none."""
        return self.terms.get(plan) or next(iter(self.terms.values()), None)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a decision: what it says, the clause and the facts that it rests on, and the days by which it fails.

    `late_by` counts local dates from the effective date to the first one that the clause allows; None where it is met.
    """

    says: str
    clause: Clause | None = None
    facts: tuple[str, ...] = ()
    late_by: int | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """One version for one order: in force from `first` to `last`, both local dates inside, and why.

    `first` is None for a version that never binds the order, and `last` where nothing replaces it. `announced` is the
    instant at which the last of the contacts had the announcement, where one is recorded.
    """

    version: str
    effective: date
    announced: Instant | None
    first: date | None
    last: date | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class AskedNotice:
    """What the old version asks of the announcement of the new one.

    `announced` is the date asked about, `given` what follows for it, one for each notice; `by` the last date on which
    an announcement is early enough, None where none is asked for or no date would do.
    """

    announced: date | None
    given: tuple[Reason, ...]
    kept: bool
    allowed: date | None
    by: date | None
    asked: tuple[str, ...]
    voids: bool
