"""A batch of observations as a location sends it, and the bytes that stand for it (docs/store.md, *Batches*).

Two forms hold the same things. *Rows* say when each probe began, and may say why it is what it is and how long its
parts took. *Slots* are a table of slots by checks with two bits a sample, for locations that probe everything in every
slot. Integers are little-endian; one batch has one sequence of bytes, whose SHA-256 the log commits to. Each batch
names that of the one before it, so that a location cannot put another one in its place later.
"""

from __future__ import annotations

import struct
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from makegood.evidence.canonical import canonical
from makegood.evidence.figures import Figures, NoFigures, read_figures
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.runs import MISSING
from makegood.model.spans import Duration, Instant, Times

MAGIC = b"makegood.batch/2"
CONTEXT = b"makegood.batch/2\n"
"""What stands before the hash of a batch that its location signs."""
ROWS, SLOTS = 1, 2
WITH_LATENCY, WITH_DETAILS, WITH_FIGURES = 1, 2, 4
HEADER = struct.Struct("<16sBBHIIQqqq32s32s")
"""Magic, form, what follows, length of the location's name; rows (or checks), slots (0 in rows); sequence, length of a
slot in µs, first slot (0 in rows), when it was closed; SHA-256 of the batch before, and of the list of checks."""

FIRST = bytes(32)
"""What the first batch of a location says in place of the hash of the one before."""
NO_LATENCY, NO_SHORT_LATENCY = -1, 2**32 - 1
MOST_LATENCY = NO_SHORT_LATENCY - 1
MOST_ROWS = 1_000_000
MOST_SAMPLES = 64_000_000

Samples: TypeAlias = tuple[Times, Times, NDArray[np.int8]]
"""Check (its index), slot and outcome of what was seen, int64[n] each, the outcome int8."""

_FOUR = (np.arange(256, dtype=np.uint8)[:, None] >> np.array([0, 2, 4, 6], dtype=np.uint8)) & 3


class Damaged(ValueError):
    """Bytes that are no batch, or a batch that cannot be; says why in one line."""


@dataclass(frozen=True, eq=False)
class Roster:
    """The list of the checks that a location probes, a document that many batches share. Raises Damaged where it is
    empty or names one twice."""

    checks: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.checks or len(set(self.checks)) < len(self.checks):
            raise Damaged("the checks are one or more, each once")

    @cached_property
    def body(self) -> bytes:
        """Canonical JSON."""
        return canonical(list(self.checks))

    @cached_property
    def digest(self) -> bytes:
        return sha256(self.body).digest()

    @cached_property
    def names(self) -> frozenset[str]:
        """The checks without their order."""
        return frozenset(self.checks)


@dataclass(frozen=True, eq=False)
class Details:
    """More of each of n rows: `reason` uint8[n] (`Reason`), `status` uint16[n] the code of the last answer or 0, and
    how long parts of it took, int64[n] µs, NO_LATENCY for what did not happen. A row's latency is its whole time."""

    reason: NDArray[np.uint8]
    status: NDArray[np.uint16]
    dns: Times
    connect: Times
    tls: Times
    first_byte: Times

    @property
    def times(self) -> tuple[Times, ...]:
        """The parts, in the order of the bytes."""
        return self.dns, self.connect, self.tls, self.first_byte

    @property
    def outcome(self) -> NDArray[np.int8]:
        """UP, DOWN or UNKNOWN of each reason, also of those that a later version of the program knows."""
        return np.where(self.reason == 0, UP, np.where(self.reason < 100, DOWN, UNKNOWN)).astype(np.int8)


@dataclass(frozen=True, eq=False)
class _Batch:
    """What both forms have. `sequence` counts the batches of a location from 1 on, without gaps. A result belongs to
    slot k when it began at `k * every <= t < (k + 1) * every`, in µs since 1970 UTC. `closed` is when the location
    closed the batch, by its clock; `previous` the SHA-256 of the batch before, 32 zeros where there is none."""

    location: str
    sequence: int
    every: Duration
    roster: Roster
    _: KW_ONLY
    closed: Instant = 0
    previous: bytes = FIRST

    @property
    def checks(self) -> tuple[str, ...]:
        return self.roster.checks

    @property
    def name(self) -> str:
        """Its id in the log."""
        return f"{self.location}/{self.sequence}"

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 of its bytes."""
        return sha256(self.body).digest()

    @cached_property
    def body(self) -> bytes:
        """The canonical bytes."""
        raise NotImplementedError

    def _header(self, form: int, follows: int, count: int, slots: int, first: int) -> bytes:
        name = self.location.encode("utf-8")
        numbers = self.sequence, self.every, first, self.closed
        hashes = self.previous, self.roster.digest
        return HEADER.pack(MAGIC, form, follows, len(name), count, slots, *numbers, *hashes) + name

    def _must_be(self, right: bool, why: str) -> None:
        if not right:
            raise Damaged(why)

    def _check_names(self) -> None:
        self._must_be(0 < len(self.location.encode("utf-8")) < 2**16, "a location has a name")
        self._must_be(0 < self.sequence < 2**63, "sequences count from 1 on")
        self._must_be(0 < self.every < 2**62, "a slot has a length")
        self._must_be(abs(self.closed) < 2**62, "it was closed within time")
        self._must_be(len(self.previous) == len(FIRST), "the hash of the batch before has 32 bytes")


@dataclass(frozen=True, eq=False)
class RowBatch(_Batch):
    """Results one by one, in order of when they began and then of their checks, none of them twice.

    `begun` int64[n] µs UTC, `check` int64[n] an index into `checks`, `outcome` int8[n] UP, DOWN or UNKNOWN, `latency`
    int64[n] µs, NO_LATENCY where there is none. `figures` are what was measured besides, also of other slots than the
    rows are of. Raises Damaged for anything else, and for an outcome that is not that of its reason.
    """

    begun: Times
    check: Times
    outcome: NDArray[np.int8]
    latency: Times | None = None
    details: Details | None = None
    figures: Figures | None = None

    def __post_init__(self) -> None:
        self._check_names()
        n = len(self.begun)
        self._must_be(0 < n <= MOST_ROWS, f"a batch has 1 to {MOST_ROWS:,} rows")
        self._must_be(len(self.check) == len(self.outcome) == n, "its columns are of one length")
        self._must_be(self.check.min() >= 0 and self.check.max() < len(self.checks), "a row names a check of the list")
        self._must_be(self.outcome.min() >= 0 and self.outcome.max() <= UNKNOWN, "an outcome is 0, 1 or 2")
        later = self.begun[1:] > self.begun[:-1]
        later |= (self.begun[1:] == self.begun[:-1]) & (self.check[1:] > self.check[:-1])
        self._must_be(bool(later.all()), "the rows ascend by when they began and by check")
        covered = (self.span[1] - self.span[0]) // self.every + 1
        self._must_be(covered * len(self.checks) <= MOST_SAMPLES, "a batch covers few slots: send several")
        if self.latency is not None:
            self._must_be(len(self.latency) == n, "its columns are of one length")
            self._check_times(self.latency)
        if self.details is not None:
            self._must_be(self.latency is not None, "details come with latencies")
            lengths = {len(self.details.reason), len(self.details.status)}
            self._must_be(lengths == {n}, "its columns are of one length")
            self._must_be(np.array_equal(self.details.outcome, self.outcome), "an outcome is that of its reason")
            self._must_be({len(times) for times in self.details.times} == {n}, "its columns are of one length")
            self._check_times(np.concatenate(self.details.times))
        if self.figures is not None:
            self._must_be(int(self.figures.check.max()) < len(self.checks), "a figure is of a check of the list")

    def _check_times(self, times: Times) -> None:
        within = times.min() >= NO_LATENCY and times.max() <= MOST_LATENCY
        self._must_be(bool(within), f"a latency is 0 to {MOST_LATENCY:,} µs")

    @property
    def rows(self) -> int:
        return len(self.begun)

    @property
    def span(self) -> tuple[Instant, Instant]:
        """The starts of the first and the last slot, µs UTC."""
        return int(self.begun[0]) // self.every * self.every, int(self.begun[-1]) // self.every * self.every

    def samples(self) -> Samples:
        return self.check, self.begun // self.every, self.outcome

    def latencies(self) -> tuple[Times, Times, Times]:
        """Check, begin and latency of the rows that have one, int64[n] each."""
        if self.latency is None:
            none = np.empty(0, dtype=np.int64)
            return none, none, none
        kept = self.latency >= 0
        return self.check[kept], self.begun[kept], self.latency[kept]

    @cached_property
    def body(self) -> bytes:
        """The canonical bytes."""
        follows = (self.latency is not None) * WITH_LATENCY | (self.details is not None) * WITH_DETAILS
        follows |= (self.figures is not None) * WITH_FIGURES
        parts = [
            self._header(ROWS, follows, len(self.begun), 0, 0),
            self.begun.astype("<i8").tobytes(),
            self.check.astype("<u4").tobytes(),
            self.outcome.astype("u1").tobytes(),
        ]
        if self.latency is not None:
            parts.append(self.latency.astype("<u4").tobytes())  # -1 becomes the greatest number: none
        if self.details is not None:
            parts += [self.details.reason.astype("u1").tobytes(), self.details.status.astype("<u2").tobytes()]
            parts += [times.astype("<u4").tobytes() for times in self.details.times]
        if self.figures is not None:
            parts.append(self.figures.body)
        return b"".join(parts)


@dataclass(frozen=True, eq=False)
class SlotBatch(_Batch):
    """Results of all checks in consecutive slots.

    `cells` int8[slots, checks]: UP, DOWN, UNKNOWN or MISSING, from slot `first` on. `latency` uint32[slots, checks] µs,
    NO_SHORT_LATENCY where there is none. Raises Damaged for anything else.
    """

    first: int
    cells: NDArray[np.int8]
    latency: NDArray[np.uint32] | None = None

    def __post_init__(self) -> None:
        self._check_names()
        self._must_be(self.cells.ndim == 2 and self.cells.shape[1] == len(self.checks), "a column is of each check")
        self._must_be(0 < self.cells.size <= MOST_SAMPLES, f"a batch has 1 to {MOST_SAMPLES:,} samples")
        self._must_be(abs(self.first) * self.every < 2**62, "its slots lie within time")
        least, most = int(self.cells.min()), int(self.cells.max())
        self._must_be(least >= 0 and most <= MISSING, "a sample is 0, 1, 2 or 3")
        self._must_be(least != MISSING, "a batch has a result")
        self._must_be(self.latency is None or self.latency.shape == self.cells.shape, "each sample has its latency")

    @property
    def rows(self) -> int:
        return int(np.count_nonzero(self.cells != MISSING))

    @property
    def span(self) -> tuple[Instant, Instant]:
        """The starts of the first and the last slot, µs UTC."""
        return self.first * self.every, (self.first + len(self.cells) - 1) * self.every

    def samples(self) -> Samples:
        slot, check = np.nonzero(self.cells != MISSING)
        return check, slot + self.first, self.cells[slot, check]

    def latencies(self) -> tuple[Times, Times, Times]:
        """Check, begin (of its slot) and latency of the samples that have one, int64[n] each."""
        if self.latency is None:
            none = np.empty(0, dtype=np.int64)
            return none, none, none
        slot, check = np.nonzero(self.latency != NO_SHORT_LATENCY)
        return check, (slot + self.first) * self.every, self.latency[slot, check].astype(np.int64)

    @cached_property
    def body(self) -> bytes:
        """The canonical bytes."""
        follows = WITH_LATENCY if self.latency is not None else 0
        head = self._header(SLOTS, follows, len(self.checks), len(self.cells), self.first)
        flat = np.zeros((self.cells.size + 3) // 4 * 4, dtype=np.uint8)
        flat[: self.cells.size] = self.cells.reshape(-1)
        # Four samples lie in the four bytes of one word: two shifts bring them together.
        words = flat.view("<u4")
        packed = (words | (words >> 6) | (words >> 12) | (words >> 18)).astype(np.uint8)
        parts = [head, packed.tobytes()]
        if self.latency is not None:
            parts.append(self.latency.astype("<u4").tobytes())
        return b"".join(parts)


Batch: TypeAlias = RowBatch | SlotBatch


@dataclass(frozen=True, slots=True)
class Heading:
    """What the bytes of a batch say first, before its list of checks is known: whose it is, which one, how many rows
    (or checks) and slots, and the SHA-256 of the batch before and of the list of checks."""

    form: int
    follows: int
    count: int
    slots: int
    sequence: int
    every: Duration
    first: int
    closed: Instant
    previous: bytes
    roster: bytes
    location: str
    size: int


def heading_of(raw: bytes) -> Heading:
    """What the bytes of a batch say first. Raises Damaged."""
    if len(raw) < HEADER.size:
        raise Damaged("it is too short")
    magic, form, follows, length, count, slots, sequence, every, first, closed, previous, roster = HEADER.unpack_from(
        raw
    )
    if magic != MAGIC:
        raise Damaged("it does not begin as a batch")
    if follows > (WITH_LATENCY | WITH_DETAILS | WITH_FIGURES if form == ROWS else WITH_LATENCY):
        raise Damaged("its header is not one that we write")
    at = HEADER.size + length
    try:
        location = raw[HEADER.size : at].decode("utf-8")
    except UnicodeDecodeError:
        raise Damaged("the location is no UTF-8") from None
    return Heading(form, follows, count, slots, sequence, every, first, closed, previous, roster, location, at)


def read_batch(raw: bytes, checks: Roster) -> Batch:
    """The batch of its bytes and its list of checks. Raises Damaged for any bytes that `body` would not give."""
    head = heading_of(raw)
    if checks.digest != head.roster:
        raise Damaged("this is not its list of checks")
    if head.form == ROWS:
        made: Batch = _read_rows(raw, head, checks)
    elif head.form == SLOTS:
        made = _read_slots(raw, head, checks)
    else:
        raise Damaged("it has no known form")
    if made.body != raw:
        raise Damaged("these are not its canonical bytes")
    return made


def _read_rows(raw: bytes, head: Heading, checks: Roster) -> RowBatch:
    n, at = head.count, head.size
    width = 13 + 4 * bool(head.follows & WITH_LATENCY) + 19 * bool(head.follows & WITH_DETAILS)
    after = at + n * width
    if len(raw) < after or (len(raw) > after) != bool(head.follows & WITH_FIGURES):
        raise Damaged("its length is not that of its rows")

    def column(kind: str) -> NDArray[Any]:
        nonlocal at
        found: NDArray[Any] = np.frombuffer(raw, kind, n, at)
        at += found.nbytes
        return found

    begun, check, outcome = column("<i8").astype(np.int64), column("<u4").astype(np.int64), column("i1")
    latency = _long(column("<u4")) if head.follows & WITH_LATENCY else None
    details = None
    if head.follows & WITH_DETAILS:
        reason, status = column("u1"), column("<u2")
        details = Details(reason, status, *_long(np.frombuffer(raw, "<u4", 4 * n, at).reshape(4, n)))
    try:
        figures = read_figures(raw[after:]) if head.follows & WITH_FIGURES else None
    except NoFigures as wrong:
        raise Damaged(str(wrong)) from None
    return RowBatch(
        head.location, head.sequence, head.every, checks, begun, check, outcome, latency, details, figures,
        closed=head.closed, previous=head.previous,
    )  # fmt: skip


def _long(short: NDArray[np.uint32]) -> Times:
    """Times of 4 bytes as int64, NO_LATENCY where there is none."""
    return np.where(short == NO_SHORT_LATENCY, NO_LATENCY, short.astype(np.int64))


def _read_slots(raw: bytes, head: Heading, checks: Roster) -> SlotBatch:
    size, at, with_latency = head.count * head.slots, head.size, bool(head.follows)
    if size > MOST_SAMPLES or len(raw) != at + (size + 3) // 4 + (4 * size if with_latency else 0):
        raise Damaged("its length is not that of its slots")
    packed = np.frombuffer(raw, np.uint8, (size + 3) // 4, at)
    cells = _FOUR[packed].reshape(-1)[:size].reshape(head.slots, head.count).view(np.int8)
    short = np.frombuffer(raw, "<u4", size, at + len(packed)) if with_latency else None
    return SlotBatch(
        head.location, head.sequence, head.every, checks, head.first, cells,
        None if short is None else short.reshape(head.slots, head.count), closed=head.closed, previous=head.previous,
    )  # fmt: skip


def signed_bytes(digest: bytes) -> bytes:
    """What a location signs of a batch that has this SHA-256."""
    return CONTEXT + digest
