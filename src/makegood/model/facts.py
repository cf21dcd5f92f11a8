"""Facts: what happened, who recorded it and when. Append-only; a correction is a fact that supersedes another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

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


AnyFact: TypeAlias = Maintenance | Notice | Cause | Judgement | Standing | Retraction


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

    def known_at(self, as_of: Instant) -> Facts:
        """What was recorded by an instant, without what had been superseded by then."""
        groups = (self.maintenances, self.notices, self.causes, self.judgements, self.standings, self.retractions)
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
        )
