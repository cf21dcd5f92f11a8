"""Spans of down time with ends known only between bounds, made into reported states as the folder keeps them.

Several stretches of one service combine: it is surely down where one of them surely is, and perhaps down where one of
them perhaps is. A change between a sure state and another is one row, with the earliest and the latest instant it may
have come at; where nobody can say for how long it was either, the state is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np

from makegood.exchange.status_log import StatusRows
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.spans import Instant, Span, Spans


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch for which a service was down, or for which nobody vouches (`outcome` UNKNOWN). Instants in µs UTC.

    It began at or after `earliest_begin` and at or before `begin`; it ended at or after `end` and at or before
    `latest_end`. Raises ValueError where they are in another order.
    """

    earliest_begin: Instant
    begin: Instant
    end: Instant
    latest_end: Instant
    outcome: int = DOWN

    def __post_init__(self) -> None:
        if not self.earliest_begin <= self.begin <= self.end <= self.latest_end:
            raise ValueError("the bounds of a stretch are out of order")

    @classmethod
    def exactly(cls, begin: Instant, end: Instant, outcome: int = DOWN) -> Stretch:
        """One whose begin and end are both known."""
        return cls(begin, begin, end, end, outcome)


class _Is(Enum):
    """What can be said of an instant."""

    UP = UP
    DOWN = DOWN
    UNKNOWN = UNKNOWN
    EITHER = -1
    """Up or down, on the way from the one to the other."""


@dataclass(frozen=True, slots=True)
class _Run:
    is_: _Is
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class _Change:
    service: str
    earliest: Instant
    at: Instant
    outcome: int


def states_of(
    stretches: Mapping[str, Sequence[Stretch]], since: Instant, until: Instant
) -> tuple[StatusRows, StatusRows]:
    """The states of each service, and apart from them what is said of the instant at which the telling begins.

    Both have the same services.

    The source tells of [`since`, `until`] whole, both included: beside the stretches its services were up. A stretch
    that began before `since` is told from its begin if it lasted until then, else not at all; one that still lasts ends
    after `until`. Every service ends with a row at `until`, since that was still looked at.
    """
    rows, opening = list[_Change](), list[_Change]()
    for service in sorted(stretches):
        changes = list(_changes(service, _runs(stretches[service], since, until)))
        if changes[0].outcome == UP:
            opening.append(changes.pop(0))
        rows.extend(changes)
        last = (changes or opening)[-1]
        if last.at < until:
            rows.append(_Change(service, until, until, last.outcome))
    services = tuple(sorted(stretches))
    return _rows(services, rows), _rows(services, opening)


def _changes(service: str, runs: Sequence[_Run]) -> Iterator[_Change]:
    """One change for each run of a sure state, dated back to where the one before it may have ended."""
    earliest: Instant | None = None
    for run in runs:
        if run.is_ is _Is.EITHER:
            earliest = run.start
        else:
            yield _Change(service, run.start if earliest is None else earliest, run.start, run.is_.value)
            earliest = None


def _runs(stretches: Sequence[Stretch], since: Instant, until: Instant) -> list[_Run]:
    """What can be said of every instant from the first that is told to `until`; neighbours differ."""
    told = [s for s in stretches if s.latest_end > since]
    sure = Spans((s.begin, s.end) for s in told if s.outcome == DOWN)
    perhaps = Spans((s.earliest_begin, s.latest_end) for s in told if s.outcome == DOWN)
    blind = Spans((s.earliest_begin, s.latest_end) for s in told if s.outcome == UNKNOWN)
    first = min([since, *(s.earliest_begin for s in told)])
    whole = Span(first, max(until, first) + 1)
    sure, perhaps, blind = (spans.within(whole) for spans in (sure, perhaps, blind))
    edges = np.unique(np.concatenate([s.edges.reshape(-1) for s in (sure, perhaps, blind, Spans([whole]))])).tolist()
    runs = list[_Run]()
    for start, end in pairwise(edges):
        is_ = (
            _Is.DOWN if start in sure else _Is.UNKNOWN if start in blind else _Is.EITHER if start in perhaps else _Is.UP
        )
        _append(runs, _Run(is_, start, end))
    settled = list[_Run]()
    for i, run in enumerate(runs):
        before = runs[i - 1].is_ if i else _Is.UP
        after = runs[i + 1].is_ if i + 1 < len(runs) else _Is.UNKNOWN
        between = {before, after} == {_Is.UP, _Is.DOWN}
        _append(settled, run if run.is_ is not _Is.EITHER or between else _Run(_Is.UNKNOWN, run.start, run.end))
    return settled


def _append(runs: list[_Run], run: _Run) -> None:
    if runs and runs[-1].is_ is run.is_:
        run = _Run(run.is_, runs.pop().start, run.end)
    runs.append(run)


def _rows(services: tuple[str, ...], changes: Sequence[_Change]) -> StatusRows:
    number = {service: i for i, service in enumerate(services)}
    at = np.array([c.at for c in changes], dtype=np.int64)
    return StatusRows(
        services,
        np.arange(1, len(changes) + 1, dtype=np.int64),
        np.array([number[c.service] for c in changes], dtype=np.int64),
        at,
        np.array([c.earliest for c in changes], dtype=np.int64),
        np.array([c.outcome for c in changes], dtype=np.int8),
        at,
    )
