"""What is being judged: one commitment for one subject over one period, as known at an instant."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from makegood.calendar.period import span_of
from makegood.calendar.zone import Zone
from makegood.engine.lifetime import Lifetime, lifetime
from makegood.model.facts import Facts, Item
from makegood.model.order import CoveredService, Order, Term
from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, Instant, Span, Spans
from makegood.model.terms import Commitment, Each, MeasureRule, OutageRule, Terms
from makegood.model.when import Calendar, Period

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Supposed:
    """A span of a service that nobody saw, supposed to have been seen down or up, to try what that would change."""

    service: str
    span: Span
    down: bool


@dataclass(frozen=True, eq=False)
class World:
    """The facts known at an instant, with what was already worked out of them.

    `evidence` and `memo` only save time: they hold results of pure functions of the evidence and of all these facts.
    """

    order: Order
    facts: Facts
    as_of: Instant
    supposed: tuple[Supposed, ...] = ()
    evidence: dict[Any, Any] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict)

    def instead(self, facts: Facts | None = None, supposed: tuple[Supposed, ...] = ()) -> World:
        """This world with other records about the same evidence, or with unseen time supposed to be known."""
        known = facts or self.facts
        return World(self.order, known, self.as_of, supposed, self.evidence_under(self.order, known))

    def evidence_under(self, order: Order, facts: Facts) -> dict[Any, Any]:
        """What was worked out of the evidence, for a world with this order and these facts.

        Nothing of it where they cover other dates, as a notice of non-renewal makes them.
        """
        return self.evidence if lifetime(order, facts).whole == self.lifetime.whole else {}

    def once(self, key: Hashable, work: Callable[[], Made]) -> Made:
        """What `work` makes of these facts, made the first time that it is asked for."""
        if key not in self.memo:
            self.memo[key] = work()
        found: Made = self.memo[key]
        return found

    @cached_property
    def zone(self) -> Zone:
        return Zone.named(self.order.zone)

    @cached_property
    def lifetime(self) -> Lifetime:
        """The terms of the order, with every renewal, by these facts."""
        return lifetime(self.order, self.facts)

    def term_of(self, period: Period) -> Term:
        """The term to which a period belongs: the one that holds its first date that the order covers."""
        return self.lifetime.term_on(period.first)

    def covered(self, service: CoveredService) -> Span:
        """From the first instant that the order covers a service, in any of its terms, to the end of its last date."""
        whole = self.lifetime.whole
        first = max(whole.first, service.starts or whole.first)
        last = min(whole.last, service.ends or whole.last)
        return Span(0, 0) if last < first else self.dates(first, last)

    def dates(self, first: date, last: date) -> Span:
        """From the first instant of a date of the order to the end of another; an open end stays open."""
        end = END_OF_TIME if last.year >= 9999 else self.zone.day(last).end
        start = BEGINNING_OF_TIME if first.year <= 1 else self.zone.day(first).start
        return Span(start, end)


@dataclass(frozen=True, eq=False)
class Case:
    """One commitment, one subject, one period. `services` are the services that make up the subject."""

    world: World
    terms: Terms
    commitment: Commitment
    subject: str
    services: tuple[CoveredService, ...]
    period: Period
    item: Item | None = None
    """The ticket or the like that the statement is about, where it is about one."""

    @cached_property
    def span(self) -> Span:
        """The whole period."""
        return span_of(self.period)

    @cached_property
    def judged(self) -> Span:
        """The part of the period that has elapsed."""
        return Span(self.span.start, max(self.span.start, min(self.span.end, self.world.as_of)))

    @property
    def term(self) -> Term:
        """The term of the order to which the period belongs."""
        return self.world.term_of(self.period)

    @property
    def running(self) -> bool:
        return self.world.as_of < self.span.end

    @property
    def measure(self) -> MeasureRule:
        return self.terms.measures[self.commitment.measure]

    @property
    def outage(self) -> OutageRule:
        return self.terms.outages[self.measure.of]

    @property
    def quorum(self) -> int:
        """How many of the services must be down for the subject to be down."""
        return self.commitment.scope.quorum(len(self.services))

    def in_order(self, over: Span) -> Spans:
        """The part of a span in which the order covers at least one of the services."""
        found = Spans()
        for service in self.services:
            found = found | Spans([self.world.covered(service)]).within(over)
        return found

    def calendar(self, name: str) -> Calendar | None:
        found = self.terms.calendars.get(name)
        return found if isinstance(found, Calendar) else None


Subject: TypeAlias = tuple[str, tuple[CoveredService, ...]]
"""What a statement is about: its name, and the services that make it up."""


def subjects(commitment: Commitment, order: Order, day: date | None = None) -> list[Subject]:
    """The subjects of a commitment under an order, each with its services; services outside its scope are left out.

    `day` is the local date whose facts of the order count; without it, the first of the term. A service that has parts
    is made up of them.
    """
    scope, on = commitment.scope, day or order.term.first
    within = tuple(
        s
        for s in order.services
        if s.stage not in scope.not_stages
        and (not scope.only_instances or s.instance in scope.only_instances)
        and all(order.said_of(s, name, on) in words for name, words in scope.only.items())
    )
    whole = {s.part_of for s in within if s.part_of}
    leaves = tuple(s for s in within if s.name not in whole)
    if scope.each is Each.SERVICE:
        roots = [s for s in within if not s.part_of] + [s for s in within if s.part_of and not _inside(s, within)]
        return [(r.name, tuple(s for s in leaves if s.name == r.name or s.part_of == r.name)) for r in roots]
    if scope.each is Each.INSTANCE:
        return [(s.name, (s,)) for s in leaves]
    return [(order.id, leaves)] if leaves else []


def _inside(part: CoveredService, within: Sequence[CoveredService]) -> bool:
    return any(s.name == part.part_of for s in within)
