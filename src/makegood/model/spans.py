"""Instants, spans and sets of spans: the time that everything else is made of.

An instant is a whole number of microseconds since 1970-01-01T00:00:00Z (UTC, no leap seconds). A span is half-open: it
holds its start and not its end. A set of spans is sorted and disjoint, and spans that touch are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Instant: TypeAlias = int
Duration: TypeAlias = int
Times: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]

MICROSECOND: Duration = 1
SECOND: Duration = 1_000_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR
"""Twenty-four elapsed hours; a local date may be longer or shorter, see `makegood.calendar`."""

BEGINNING_OF_TIME: Instant = -(2**62)
END_OF_TIME: Instant = 2**62
"""Open ends: an order without a last day, a fact that still holds."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of time, `start <= t < end`, in µs UTC. Raises ValueError when it ends before it starts."""

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def length(self) -> Duration:
        return self.end - self.start

    def __contains__(self, instant: Instant) -> bool:
        return self.start <= instant < self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


class Spans:
    """A sorted set of disjoint, non-empty spans; immutable. `|`, `&` and `-` are union, intersection and difference.

    `edges` is a read-only int64 array of shape (n, 2): start and end of each span in microseconds UTC.
    """

    __slots__ = ("edges",)
    edges: Times

    def __init__(self, spans: Iterable[Span | tuple[Instant, Instant]] = ()) -> None:
        pairs = [(s.start, s.end) if isinstance(s, Span) else s for s in spans]
        self.edges = _normal(np.array(pairs, dtype=np.int64).reshape(-1, 2)) if pairs else _NO_EDGES

    @classmethod
    def from_edges(cls, edges: Times) -> Spans:
        """Any int64 array of shape (n, 2), in any order, overlapping or not. Raises ValueError as a span does."""
        made = cls.__new__(cls)
        made.edges = _normal(np.asarray(edges, dtype=np.int64).reshape(-1, 2))
        return made

    @property
    def total(self) -> Duration:
        """The time inside, in microseconds, as an unbounded Python integer."""
        return int(self._lengths.sum())

    @property
    def _lengths(self) -> NDArray[np.uint64]:
        """Of each span; one that is open on both sides is longer than int64 can say, and all together are no longer."""
        return (self.edges[:, 1] - self.edges[:, 0]).view(np.uint64)

    @property
    def hull(self) -> Span | None:
        """From the first start to the last end, or None when empty."""
        return Span(int(self.edges[0, 0]), int(self.edges[-1, 1])) if len(self) else None

    def __or__(self, other: Spans) -> Spans:
        if not len(self.edges) or not len(other.edges):
            return self if len(self.edges) else other
        return _sweep(self, other, lambda a, b: a | b)

    def __and__(self, other: Spans) -> Spans:
        if len(self.edges) == 1 or not len(other.edges):
            self, other = other, self
        if not len(self.edges) or len(other.edges) == 1:
            return self if not len(self.edges) else self.within(Span(*other.edges[0].tolist()))
        return _sweep(self, other, lambda a, b: a & b)

    def __sub__(self, other: Spans) -> Spans:
        if not len(self.edges) or not len(other.edges):
            return self
        near = other.touching(Span(int(self.edges[0, 0]), int(self.edges[-1, 1])))
        return _sweep(self, near, lambda a, b: a & ~b) if len(near.edges) else self

    def within(self, span: Span) -> Spans:
        """The part inside one span."""
        if not span.length or not len(self.edges):
            return NOTHING
        near = self.touching(span)
        if not len(near.edges) or (near.edges[0, 0] >= span.start and near.edges[-1, 1] <= span.end):
            return near
        return _known(np.clip(near.edges, span.start, span.end))

    def before(self, instants: Times) -> Times:
        """How much of the time inside lies before each of some instants that are not further apart than int64 can say,
        int64[n] µs."""
        if not len(self.edges):
            return np.zeros(len(instants), dtype=np.int64)
        whole = np.concatenate(([0], np.cumsum(self.edges[:, 1] - self.edges[:, 0])))
        over = self.edges[:, 1].searchsorted(instants, side="right")  # spans that have ended by then
        last = self.edges[np.minimum(over, len(self.edges) - 1), 0]
        part = np.where(over < len(self.edges), np.maximum(instants - last, 0), 0)
        found: Times = whole[over] + part
        return found

    def lasting(self, shortest: Duration) -> Spans:
        """Only the spans at least this long."""
        return _known(self.edges[self._lengths >= max(shortest, 0)])

    def touching(self, span: Span) -> Spans:
        """The whole spans that share an instant with this one."""
        if len(self.edges) <= 1:
            return (
                self if len(self.edges) and self.edges[0, 0] < span.end and self.edges[0, 1] > span.start else NOTHING
            )
        first = int(self.edges[:, 1].searchsorted(span.start, side="right"))
        last = int(self.edges[:, 0].searchsorted(span.end, side="left"))
        return self if last - first == len(self.edges) else _known(self.edges[first : max(first, last)])

    def covers(self, span: Span) -> bool:
        """Whether every instant of the span is inside."""
        return span.length == 0 or self.within(span).total == span.length

    def __contains__(self, instant: Instant) -> bool:
        at = int(np.searchsorted(self.edges[:, 0], instant, side="right")) - 1
        return at >= 0 and instant < int(self.edges[at, 1])

    def __iter__(self) -> Iterator[Span]:
        return (Span(start, end) for start, end in self.edges.tolist())

    def __len__(self) -> int:
        return int(self.edges.shape[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and np.array_equal(self.edges, other.edges)

    def __hash__(self) -> int:
        return hash(self.edges.tobytes())

    def __repr__(self) -> str:
        return f"Spans({[(s.start, s.end) for s in self]})"


def at_least(k: int, members: Iterable[Spans]) -> Spans:
    """The instants at which at least k of the members hold (k of 1 is the union, k of all the intersection)."""
    if k <= 0:
        raise ValueError("a quorum counts at least one member")
    sets = [s for s in members if len(s.edges)]
    if len(sets) < k:
        return NOTHING
    if len(sets) == 1:
        return sets[0]
    edges = np.concatenate([s.edges for s in sets])
    times = edges.reshape(-1)
    order = np.argsort(times, kind="stable")
    return _where(times[order], np.cumsum(np.where(order % 2, -1, 1)) >= k)


def _known(edges: Times) -> Spans:
    """A set whose edges are known to be sorted, disjoint, apart and not empty."""
    made = Spans.__new__(Spans)
    edges.setflags(write=False)
    made.edges = edges
    return made


_NO_EDGES: Times = np.empty((0, 2), dtype=np.int64)
_NO_EDGES.setflags(write=False)
NOTHING = Spans()
"""The empty set."""


def _normal(edges: Times) -> Times:
    if len(edges) == 1:
        start, end = edges[0].tolist()
        if end > start:
            edges = edges.copy()
            edges.setflags(write=False)
            return edges
    if (edges[:, 1] < edges[:, 0]).any():
        raise ValueError("a span cannot end before it starts")
    edges = edges[edges[:, 1] > edges[:, 0]]
    if len(edges) > 1:
        edges = edges[np.argsort(edges[:, 0], kind="stable")]
        reach = np.maximum.accumulate(edges[:, 1])
        first = np.concatenate(([True], edges[1:, 0] > reach[:-1]))
        last = np.concatenate((first[1:], [True]))
        edges = np.stack((edges[first, 0], reach[last]), axis=1)
    else:
        edges = edges.copy()
    edges.setflags(write=False)
    return edges


def _sweep(a: Spans, b: Spans, keep: Callable[[Truths, Truths], Truths]) -> Spans:
    """The instants at which the condition holds of being in one set and in the other; never of being in neither."""
    times = np.concatenate((a.edges.reshape(-1), b.edges.reshape(-1)))
    order = np.argsort(times, kind="stable")
    of_a = order < 2 * len(a)
    return _where(times[order], keep(np.logical_xor.accumulate(of_a), np.logical_xor.accumulate(~of_a)))


def _where(times: Times, holds: Truths) -> Spans:
    """The spans in which a condition holds, given in order from each time on; of equal times the last one decides.

    After the last time of all it does not hold.
    """
    if not len(times):
        return Spans()
    last = np.ones(len(times), dtype=np.bool_)
    np.not_equal(times[1:], times[:-1], out=last[:-1])
    times, holds = times[last], holds[last]
    changes = np.empty(len(times), dtype=np.bool_)
    changes[0] = holds[0]
    np.not_equal(holds[1:], holds[:-1], out=changes[1:])
    return _known(times[changes].reshape(-1, 2))
