"""A batch of observations as a location sends it, and the bytes that stand for it (docs/store.md, *Batches*).

Two forms hold the same things. *Rows* say when each probe began. *Slots* are a table of slots by checks with two bits a
sample, for locations that probe everything in every slot. Integers are little-endian; one batch has one sequence of
bytes, whose SHA-256 the log commits to.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from makegood.evidence.canonical import canonical
from makegood.model.facts import UNKNOWN
from makegood.model.runs import MISSING
from makegood.model.spans import Duration, Instant, Times

MAGIC = b"makegood.batch/1"
ROWS, SLOTS = 1, 2
HEADER = struct.Struct("<16sBBHIIQqq32s")
"""Magic, form, whether latencies follow, length of the location's name; rows (or checks), slots (0 in rows); sequence,
length of a slot in µs, first slot (0 in rows); SHA-256 of the list of checks."""

NO_LATENCY, NO_SHORT_LATENCY = -1, 2**32 - 1
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


@dataclass(frozen=True, eq=False)
class _Batch:
    """What both forms have. `sequence` counts the batches of a location from 1 on, without gaps. A result belongs to
    slot k when it began at `k * every <= t < (k + 1) * every`, in µs since 1970 UTC."""

    location: str
    sequence: int
    every: Duration
    roster: Roster

    @property
    def checks(self) -> tuple[str, ...]:
        return self.roster.checks

    @property
    def name(self) -> str:
        """Its id in the log."""
        return f"{self.location}/{self.sequence}"

    def _header(self, form: int, with_latency: bool, count: int, slots: int, first: int) -> bytes:
        name = self.location.encode("utf-8")
        roster = self.roster.digest
        head = HEADER.pack(MAGIC, form, with_latency, len(name), count, slots, self.sequence, self.every, first, roster)
        return head + name

    def _must_be(self, right: bool, why: str) -> None:
        if not right:
            raise Damaged(why)

    def _check_names(self) -> None:
        self._must_be(0 < len(self.location.encode("utf-8")) < 2**16, "a location has a name")
        self._must_be(0 < self.sequence < 2**63, "sequences count from 1 on")
        self._must_be(0 < self.every < 2**62, "a slot has a length")


@dataclass(frozen=True, eq=False)
class RowBatch(_Batch):
    """Results one by one, in order of when they began and then of their checks, none of them twice.

    `begun` int64[n] µs UTC, `check` int64[n] an index into `checks`, `outcome` int8[n] UP, DOWN or UNKNOWN, `latency`
    int64[n] µs, NO_LATENCY where there is none. Raises Damaged for anything else.
    """

    begun: Times
    check: Times
    outcome: NDArray[np.int8]
    latency: Times | None = None

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
            self._must_be(len(self.latency) == n and self.latency.min() >= NO_LATENCY, "a latency is not negative")

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
        parts = [
            self._header(ROWS, self.latency is not None, len(self.begun), 0, 0),
            self.begun.astype("<i8").tobytes(),
            self.check.astype("<u4").tobytes(),
            self.outcome.astype("u1").tobytes(),
        ]
        if self.latency is not None:
            parts.append(self.latency.astype("<i8").tobytes())
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
        head = self._header(SLOTS, self.latency is not None, len(self.checks), len(self.cells), self.first)
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


def roster_of(raw: bytes) -> bytes:
    """The SHA-256 of the list of checks that the bytes of a batch name. Raises Damaged."""
    return _unpacked(raw)[-1]


def read_batch(raw: bytes, checks: Roster) -> Batch:
    """The batch of its bytes and its list of checks. Raises Damaged for any bytes that `body` would not give."""
    _, form, with_latency, length, count, slots, sequence, every, first, roster = _unpacked(raw)
    if checks.digest != roster:
        raise Damaged("this is not its list of checks")
    at = HEADER.size + length
    try:
        location = raw[HEADER.size : at].decode("utf-8")
    except UnicodeDecodeError:
        raise Damaged("the location is no UTF-8") from None
    common = location, sequence, every, checks
    made: Batch
    if form == ROWS:
        if len(raw) != at + count * (21 if with_latency else 13):
            raise Damaged("its length is not that of its rows")
        begun = np.frombuffer(raw, "<i8", count, at).astype(np.int64)
        check = np.frombuffer(raw, "<u4", count, at + 8 * count).astype(np.int64)
        outcome = np.frombuffer(raw, np.int8, count, at + 12 * count)
        latency = np.frombuffer(raw, "<i8", count, at + 13 * count).astype(np.int64) if with_latency else None
        made = RowBatch(*common, begun, check, outcome, latency)
    elif form == SLOTS:
        size = count * slots
        if size > MOST_SAMPLES or len(raw) != at + (size + 3) // 4 + (4 * size if with_latency else 0):
            raise Damaged("its length is not that of its slots")
        packed = np.frombuffer(raw, np.uint8, (size + 3) // 4, at)
        cells = _FOUR[packed].reshape(-1)[:size].reshape(slots, count).view(np.int8)
        short = np.frombuffer(raw, "<u4", size, at + len(packed)) if with_latency else None
        made = SlotBatch(*common, first, cells, None if short is None else short.reshape(slots, count))
    else:
        raise Damaged("it has no known form")
    if made.body != raw:
        raise Damaged("these are not its canonical bytes")
    return made


def _unpacked(raw: bytes) -> tuple[bytes, int, int, int, int, int, int, int, int, bytes]:
    if len(raw) < HEADER.size:
        raise Damaged("it is too short")
    found: tuple[bytes, int, int, int, int, int, int, int, int, bytes] = HEADER.unpack_from(raw)
    if found[0] != MAGIC:
        raise Damaged("it does not begin as a batch")
    if found[2] > 1:
        raise Damaged("its header is not one that we write")
    return found
