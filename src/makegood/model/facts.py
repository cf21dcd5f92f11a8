"""Facts: what happened, who recorded it and when. Append-only; a correction is a fact that supersedes another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, Instant, Span, Times

F = TypeVar("F", bound="Fact")

UP, DOWN, UNKNOWN = 0, 1, 2
"""Outcomes of an observation, as stored: int8."""

NEVER, EVER = Span(0, 0), Span(BEGINNING_OF_TIME, END_OF_TIME)


@dataclass(frozen=True, slots=True)
class Fact:
    """What every fact has. `recorded` is when it became known (UTC), `supersedes` the id of the fact it corrects."""

    id: str
    recorded: Instant
    by: str
    supersedes: str = ""


class GoneBecause(StrEnum):
    """Why something is gone: it was kept for as long as it had to be, or it was erased for somebody's sake."""

    RETIRED = "retired"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Gone:
    """What was recorded and is no longer there, since `at`: evidence of a kind about a span, or the fact of an id."""

    kind: str
    because: GoneBecause
    at: Instant
    span: Span | None = None
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Maintenance(Fact):
    """Announced planned work on services. `announced` is the span announced; `kind` and `purpose` are as stated."""

    services: tuple[str, ...] = ()
    announced: Span = NEVER
    kind: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Notice(Fact):
    """What was sent about a maintenance to one contact: accepted by the receiving server at an instant, or bounced."""

    of: str = ""
    to: str = ""
    via: str = "email"
    accepted: Instant | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class Cause(Fact):
    """What a span of a service is attributed to, on what evidence; `directed_by` names who directed a client's act."""

    service: str = ""
    span: Span = NEVER
    cause: str = ""
    evidence: str = ""
    directed_by: str = ""
    committed: str = ""


@dataclass(frozen=True, slots=True)
class Judgement(Fact):
    """A named person's decision about a gate of effort: `about` is a maintenance, `gate` the gate's kind."""

    about: str = ""
    gate: str = ""
    holds: bool = True
    because: str = ""


@dataclass(frozen=True, slots=True)
class Standing(Fact):
    """A payment or conduct standing of an order over a span, such as `overdue`."""

    order: str = ""
    span: Span = EVER
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Retraction(Fact):
    """Withdraws the fact that it supersedes and puts nothing in its place."""

    because: str = ""


class ItemKind(StrEnum):
    """What a record of events is about."""

    TICKET = "ticket"
    INCIDENT = "incident"
    CLAIM = "claim"
    CHANGE = "change"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Item(Fact):
    """A ticket, incident, claim, change or drill: what happened to it and when, from which clocks are derived.

    `facts` are its properties in words (impact, urgency, the remedy and period of a claim), which classes read;
    `events` its dated events in order, the same word as often as it happened; `states` the spans in which it was, for
    example, waiting for the customer. `service` or `order` say whom it concerns; empty is every one.
    """

    kind: ItemKind = ItemKind.TICKET
    service: str = ""
    order: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    events: tuple[tuple[str, Instant], ...] = ()
    states: tuple[tuple[str, Span], ...] = ()

    def fact(self, name: str) -> str:
        """A property by its name; empty where none is recorded."""
        return next((value for key, value in self.facts if key == name), "")

    def at(self, event: str) -> tuple[Instant, ...]:
        """The instants at which an event happened, the earliest first."""
        return tuple(sorted(at for name, at in self.events if name == event))


AnyFact: TypeAlias = Maintenance | Notice | Cause | Judgement | Standing | Retraction | Item


@dataclass(frozen=True)
class Results:
    """The observations of one check, in columns of equal length n.

    `begun`: int64 µs UTC when the probe began. `location`: int16 index into `locations`. `outcome`: int8, UP, DOWN or
    UNKNOWN. `recorded`: int64 µs when it became known.
    """

    check: str
    locations: tuple[str, ...]
    begun: Times
    location: NDArray[np.int16]
    outcome: NDArray[np.int8]
    recorded: Times

    def __len__(self) -> int:
        return len(self.begun)

    def by_location(self) -> Iterator[tuple[str, Times, NDArray[np.int8]]]:
        """Of each location, in the order of their names, when its probes began (int64[m] µs, ascending) and what came
        of them (int8[m]); m may be 0. Nothing of it is kept, so that many checks take no more room than one."""
        for name, index in sorted((name, n) for n, name in enumerate(self.locations)):
            mine = self.location == index
            begun = self.begun[mine]
            order = begun.argsort(kind="stable")
            yield name, begun[order], self.outcome[mine][order]

    def known_at(self, as_of: Instant) -> Results:
        keep = self.recorded <= as_of
        return self if bool(keep.all()) else self.only(keep)

    def only(self, keep: NDArray[np.bool_]) -> Results:
        return Results(
            self.check, self.locations, self.begun[keep], self.location[keep], self.outcome[keep], self.recorded[keep]
        )


@dataclass(frozen=True)
class States:
    """What one source reported of one service: state changes in time order; each holds until the next.

    `at` int64 µs UTC: the latest instant by which the state holds; `earliest` the earliest from which it may.
    `outcome` int8. `recorded` int64 µs.
    """

    service: str
    source: str
    at: Times
    earliest: Times
    outcome: NDArray[np.int8]
    recorded: Times

    def known_at(self, as_of: Instant) -> States:
        keep = self.recorded <= as_of
        if bool(keep.all()):
            return self
        return States(
            self.service, self.source, self.at[keep], self.earliest[keep], self.outcome[keep], self.recorded[keep]
        )


@dataclass(frozen=True, eq=False)
class Quantity:
    """One column of measurements, exact: int64[n] in units of 10**-`places`, and bool[n] where a value is known."""

    values: Times
    known: NDArray[np.bool_]
    places: int = 0

    def only(self, keep: NDArray[np.bool_]) -> Quantity:
        return Quantity(self.values[keep], self.known[keep], self.places)

    def at(self, row: int) -> Fraction | None:
        """The value of a row, or None where none is known."""
        return Fraction(int(self.values[row]), 10**self.places) if self.known[row] else None


@dataclass(frozen=True, eq=False)
class Measurements:
    """What one source counted or measured of one service, interval by interval.

    `start` and `end` int64[n] µs UTC are half-open intervals, sorted and disjoint. `quantities` hold a column for each
    word: `good` and `valid` counts, a `value`, or quantiles such as `p95`; their units are those of the metric.
    `recorded` int64[n] µs. An interval that is recorded as nothing (a `valid` of zero) is empty; one without a row is
    unknown. An interval that was added to later has a row for each recording, of which `known_at` leaves one.
    """

    service: str
    metric: str
    source: str
    start: Times
    end: Times
    quantities: Mapping[str, Quantity]
    recorded: Times

    def known_at(self, as_of: Instant) -> Measurements:
        """What was recorded by an instant; of an interval that was added to, the last row of those."""
        keep = self.recorded <= as_of
        known = self if bool(keep.all()) else self.only(keep)
        last = np.append(known.start[1:] != known.start[:-1], True)[: len(known.start)]
        return known if bool(last.all()) else known.only(last)

    def only(self, keep: NDArray[np.bool_]) -> Measurements:
        quantities = {name: q.only(keep) for name, q in self.quantities.items()}
        return replace(
            self, start=self.start[keep], end=self.end[keep], quantities=quantities, recorded=self.recorded[keep]
        )


@dataclass(frozen=True, slots=True)
class Operated:
    """Who runs a location's agent from an instant on, when it was enrolled: empty for whoever runs the hub."""

    location: str
    operator: str
    since: Instant


@dataclass(frozen=True)
class Facts:
    """Everything known, or everything known at an instant: facts that no later one supersedes, and the evidence."""

    maintenances: tuple[Maintenance, ...] = ()
    notices: tuple[Notice, ...] = ()
    causes: tuple[Cause, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    standings: tuple[Standing, ...] = ()
    retractions: tuple[Retraction, ...] = ()
    results: Mapping[str, Results] = field(default_factory=dict)
    states: Mapping[str, tuple[States, ...]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each input by its name, pinned in statements."""
    items: tuple[Item, ...] = ()
    measurements: Mapping[str, tuple[Measurements, ...]] = field(default_factory=dict)
    """By service; each of one metric from one source."""
    head: bytes = b""
    """The signed head of the log that the facts were read from, as a file; empty for those of no log."""
    gone: tuple[Gone, ...] = ()
    """What that log lists and no longer holds, as of now."""
    operated: tuple[Operated, ...] = ()
    """Who ran which location, in the order in which they were enrolled."""
    by_position: bool = False
    """Whether these are the first entries of a log, cut by position: then all of them are known, whatever instants
    they are said to be recorded at. A clock that was wrong once must hide nothing."""
    memo: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What was worked out of these facts alone, whatever order is judged by them; it only saves time."""

    def known_at(self, as_of: Instant) -> Facts:
        """What was recorded by an instant, or all of what was cut by position, without what is superseded by that."""
        as_of = END_OF_TIME if self.by_position else as_of
        groups = (
            *(self.maintenances, self.notices, self.causes, self.judgements, self.standings),
            *(self.retractions, self.items),
        )
        gone = {f.supersedes for group in groups for f in group if f.recorded <= as_of and f.supersedes}

        def kept(group: tuple[F, ...]) -> tuple[F, ...]:
            return tuple(f for f in group if f.recorded <= as_of and f.id not in gone)

        return Facts(
            kept(self.maintenances),
            kept(self.notices),
            kept(self.causes),
            kept(self.judgements),
            kept(self.standings),
            kept(self.retractions),
            {check: results.known_at(as_of) for check, results in self.results.items()},
            {service: tuple(s.known_at(as_of) for s in sources) for service, sources in self.states.items()},
            self.digests,
            kept(self.items),
            {service: tuple(m.known_at(as_of) for m in made) for service, made in self.measurements.items()},
            self.head,
            self.gone,
            tuple(one for one in self.operated if one.since <= as_of),
            self.by_position,
        )
