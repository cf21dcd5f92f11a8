"""Which version of an agreement binds an order on which dates (DESIGN 3.11).

The version in force when an order began needs no announcement: the order was concluded under it. Each later one is
decided by the rules of the version that it would replace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from makegood.calendar.wording import at_words
from makegood.calendar.zone import Zone
from makegood.engine.change.announced import Announcement, announcement
from makegood.engine.change.notice import first_date_from, is_objection, late_for, notices_asked, notices_given
from makegood.engine.lifetime import Lifetime, lifetime
from makegood.model.change import (
    ACCEPTED,
    REJECTED,
    ChangeRules,
    Consent,
    InForce,
    LateNotice,
    Reason,
    Rejected,
    TakesEffect,
    Version,
)
from makegood.model.facts import Facts
from makegood.model.order import OPEN_END, Order
from makegood.model.spans import Instant
from makegood.model.terms import Clause, Terms


def in_force(order: Order, versions: Sequence[Version], facts: Facts, agreement: str) -> tuple[InForce, ...]:
    """Every version by its effective date, with the dates on which it binds the order, and why.

    `facts` are those known. Dates are local to the order's zone, or to that of the clock that decides.
    """
    offered = sorted(versions, key=lambda v: v.effective)
    terms = lifetime(order, facts)
    decided = _concluded(order, offered)
    for version in offered:
        if any(d.version == version.name for d in decided):
            continue
        told = announcement(order, facts, agreement, version.name)
        since = version.effective if told.at is None else Zone.named(order.zone).date_of(told.at)
        found = _Decision(order, version, _binding(decided, offered, since), told, terms).made()
        decided = [*_ended(decided, found), found]
    return tuple(sorted(decided, key=lambda d: d.effective))


def timeline(decided: Sequence[InForce]) -> tuple[tuple[date, str], ...]:
    """The versions that bind, each with its first local date, the earliest first."""
    return tuple(sorted((d.first, d.version) for d in decided if d.first is not None))


def _concluded(order: Order, offered: Sequence[Version]) -> list[InForce]:
    """The version that the order was concluded under, with those that were replaced by then.

    That is the one the order names, else the last one effective by its first date, else the first that there is.
    """
    start, pin = order.term.first, order.pin.version if order.pin else ""
    named = next((v for v in offered if pin and v.name == pin), None)
    begun = [v for v in offered if v.effective <= start]
    base = named or (begun[-1] if begun else offered[0])
    found = []
    for version in offered:
        if version.effective < base.effective:
            why = Reason(f"older than version {base.name}, under which the order began on {start}")
            found.append(InForce(version.name, version.effective, None, None, None, (why,)))
    first = base.effective if not (named or begun) else start
    said = (
        "the order names it" if named else f"in force when the order began on {start}" if begun else "the first version"
    )
    return [*found, InForce(base.name, base.effective, None, first, None, (Reason(said),))]


def _binding(decided: Sequence[InForce], offered: Sequence[Version], day: date) -> Version:
    """The version that binds the order on a date, or the first that does."""
    spans = timeline(decided)
    name = next((name for first, name in reversed(spans) if first <= day), spans[0][1])
    return next(v for v in offered if v.name == name)


def _ended(decided: Sequence[InForce], found: InForce) -> list[InForce]:
    """The earlier versions, ended where the new one begins; one that would begin no earlier than it never binds."""
    first, kept = found.first, list[InForce]()
    for earlier in decided:
        if first is None or earlier.first is None or (earlier.last is not None and earlier.last < first):
            kept.append(earlier)
        elif earlier.first >= first:
            why = Reason(f"overtaken: version {found.version} is in force from {first}, before this one could be")
            kept.append(replace(earlier, first=None, last=None, reasons=(*earlier.reasons, why)))
        else:
            kept.append(replace(earlier, last=first - timedelta(days=1)))
    return kept


@dataclass
class _Decision:
    """One later version under the rules of the one that it would replace; each step adds its reason or ends it."""

    order: Order
    version: Version
    now: Version
    told: Announcement
    lifetime: Lifetime
    reasons: list[Reason] = field(default_factory=list)

    @property
    def rules(self) -> ChangeRules:
        return self.now.rules

    @property
    def terms(self) -> Terms | None:
        return self.now.on_plan(self.order.plan_on(self.version.effective))

    def made(self) -> InForce:
        first: date | None = self.version.effective
        for step in (self._kept, self._notified, self._not_before_announced, self._agreed, self._renewed):
            first = step(first) if first is not None else None
        if not self.reasons:
            self._because("nothing beside its effective date is asked for", self.rules.clause)
        return InForce(self.version.name, self.version.effective, self.told.at, first, None, tuple(self.reasons))

    def _because(self, says: str, clause: Clause | None = None, late_by: int | None = None) -> None:
        self.reasons.append(Reason(says, clause, self.told.facts if clause else (), late_by))

    def _kept(self, first: date) -> date | None:
        pin = self.order.pin
        if pin is None or pin.until_renewal:
            return first
        self._because(f"the order keeps version {pin.version or self.now.name}, whatever replaces it")
        return None

    def _notified(self, first: date) -> date | None:
        """The first date on which every notice has run out."""
        asked = notices_asked(self.terms) if self.terms is not None else []
        if self.terms is None or not asked:
            return first
        if not self.told.shown:
            self._because(f"not shown: {self.told.why}; {asked[0].name} asks for notice", asked[0].clause)
            return None
        given = list(notices_given(self.terms, first, self.told, self.order.zone))
        self.reasons += [g.reason for g in given]
        dates = [g.allowed for g in given if g.allowed is not None]
        if len(dates) < len(given):
            return None
        if max(dates) > first and self.rules.late_notice is LateNotice.VOIDS:
            self._because("a version whose notice is too short never comes into force", self.rules.clause)
            return None
        return max([first, *dates])

    def _not_before_announced(self, first: date) -> date:
        """Credits that are owed stay: a version does not bind time before it was announced."""
        if self.rules.retroactive or self.told.at is None:
            return first
        known = first_date_from(self.told.at, self.order.zone)
        if known <= first:
            return first
        self._because(
            f"announced {self._at(self.told.at)}: not in force for earlier time, so that credits owed for it stay",
            self.rules.clause,
            (known - first).days,
        )
        return known

    def _agreed(self, first: date) -> date | None:
        rejected, accepted = self.told.said(REJECTED), self.told.said(ACCEPTED)
        match self.rules.consent:
            case Consent.NEEDED if accepted is None:
                self._because("not shown: the customer has not accepted it, and must", self.rules.clause)
                return None
            case Consent.NEEDED if accepted is not None:
                self._because(f"accepted {self._at(accepted[0])} ({accepted[1]})", self.rules.clause)
                return max(first, first_date_from(accepted[0], self.order.zone))
            case Consent.UNLESS_REJECTED if rejected is not None:
                if accepted is not None and accepted[0] > rejected[0]:
                    self._because(f"rejected, and accepted later, {self._at(accepted[0])}", self.rules.clause)
                    return max(first, first_date_from(accepted[0], self.order.zone))
                return self._rejected(first, *rejected)
            case Consent.NOT_NEEDED if rejected is not None:
                self._because(
                    f"rejected {self._at(rejected[0])} ({rejected[1]}), and no consent is needed", self.rules.clause
                )
        return first

    def _rejected(self, first: date, at: Instant, fact: str) -> date | None:
        """What a rejection does: nothing where it came too late, else the version waits or is never in force."""
        said = f"rejected {self._at(at)} ({fact})"
        for clock in self.terms.clocks.values() if self.terms is not None else ():
            if is_objection(clock) and self.told.shown:
                late_from, arithmetic = late_for(self.terms, clock, self.told, self.order.zone)  # type: ignore[arg-type]
                if late_from is not None and at >= late_from:
                    self._because(f"{said}, too late: {arithmetic}", clock.clause)
                    return first
        if self.rules.rejected is Rejected.NEVER:
            self._because(f"{said}: it is never in force for this order", self.rules.clause)
            return None
        return self._at_renewal(first, f"{said}: it waits for renewal", self.rules.clause)

    def _renewed(self, first: date) -> date | None:
        renewed = self.lifetime.renewal_from(self.lifetime.first)
        if self.order.pin is not None and (renewed is None or first <= renewed.first):
            return self._at_renewal(first, "the order keeps its version until renewal", None)
        if self.rules.takes_effect is TakesEffect.AT_RENEWAL:
            return self._at_renewal(first, "a new version takes effect at renewal", self.rules.clause)
        return first

    def _at_renewal(self, first: date, said: str, clause: Clause | None) -> date | None:
        renewal, due = self.lifetime.renewal_from(first), self.lifetime.renewal_from(self.version.effective)
        if renewal is None:
            if due is None:
                last = "" if self.lifetime.last >= OPEN_END else f" after {self.lifetime.last}"
                ended = f" ({self.lifetime.ended_by})" if self.lifetime.ended_by else ""
                over = f"is not renewed{last}{ended}" if ended or self.order.renewals else "has no renewal term"
                self._because(f"{said}, and the order {over}", clause)
            else:
                late = (first - due.first).days
                self._because(
                    f"{said}, and it could be in force from {first} only, after that of {due.first}", clause, late
                )
            return None
        self._because(f"{said}, which is on {renewal.first}", clause)
        return renewal.first

    def _at(self, instant: Instant) -> str:
        return at_words(Zone.named(self.order.zone).shown(instant))
