"""Observations of other programs: what each probe found, as columns.

A table has `check`, `location`, `begun` (or `at`) and `outcome`: up, down or unknown. It may have `reason` (words) and
`latency_ms` (a number); `recorded` is read where it is asked for. Other columns are left aside and named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from makegood.exchange.any_table import read_table
from makegood.exchange.columns import Names, Sieve, chosen_column
from makegood.exchange.table import Batch, Form, Rejections, Unreadable
from makegood.model.spans import Instant, Times

NO_LATENCY = -1
READ = ("check", "location", "begun", "at", "outcome", "reason", "latency_ms", "recorded")


@dataclass(frozen=True)
class Observations:
    """Rows in file order, in columns of equal length n.

    `row` int64 numbers them as `exchange.table` does. `check`, `location`, `reason` int64 are indexes into `checks`,
    `locations`, `reasons`. `begun` and `recorded` int64 µs UTC; `outcome` int8 UP, DOWN or UNKNOWN; `latency` int64 µs,
    NO_LATENCY where there is none.
    """

    checks: tuple[str, ...]
    locations: tuple[str, ...]
    reasons: tuple[str, ...]
    row: Times
    check: Times
    location: Times
    begun: Times
    outcome: NDArray[np.int8]
    reason: Times
    latency: Times
    recorded: Times

    def __len__(self) -> int:
        return len(self.row)

    def only(self, keep: NDArray[np.bool_] | Times) -> Observations:
        """The rows where `keep`, bool[n], holds, or those at the indexes of an int64 array, in their order."""
        return Observations(
            self.checks, self.locations, self.reasons, self.row[keep], self.check[keep], self.location[keep],
            self.begun[keep], self.outcome[keep], self.reason[keep], self.latency[keep], self.recorded[keep],
        )  # fmt: skip


@dataclass(frozen=True)
class ReadObservations:
    """The accepted rows, the refused ones, and the columns that were not looked at."""

    rows: Observations
    rejected: Rejections
    left_aside: tuple[str, ...]


@dataclass
class Gathered:
    """What is gathered while a file is read batch by batch: the names in the order met, the refused rows, and the
    columns that were not looked at."""

    checks: Names = field(default_factory=Names)
    locations: Names = field(default_factory=Names)
    rejected: Rejections = field(default_factory=Rejections)
    left_aside: dict[str, None] = field(default_factory=dict)


def read_observations(
    path: Path,
    form: Form,
    check: str = "",
    location: str = "",
    known: Collection[str] | None = None,
    now: Instant | None = None,
    with_recorded: bool = False,
) -> ReadObservations:
    """Read a whole file into memory.

    `check` and `location` are taken where the table has no such column; `known` are the only checks allowed; rows that
    begin after `now` are refused. `recorded` of a row is its column's where `with_recorded`, else when it began. Raises
    Unreadable when the file is no such table, and OSError as `open` does.
    """
    gathered, reasons = Gathered(), Names()
    parts: list[tuple[Times, ...]] = [
        (o.row, o.check, o.location, o.begun, o.outcome.astype(np.int64), o.reason, o.latency, o.recorded)
        for o in observed(path, form, gathered, check, location, known, now, with_recorded, reasons)
    ]
    row, check_, place, begun, outcome, reason, latency, when = joined(parts, 8)
    rows = Observations(
        gathered.checks.all, gathered.locations.all, reasons.all or ("",), row, check_, place, begun,
        outcome.astype(np.int8), reason, latency, when,
    )  # fmt: skip
    gathered.rejected.first.sort()
    return ReadObservations(rows, gathered.rejected, tuple(gathered.left_aside))


def observed(
    path: Path,
    form: Form,
    gathered: Gathered,
    check: str = "",
    location: str = "",
    known: Collection[str] | None = None,
    now: Instant | None = None,
    with_recorded: bool = False,
    reasons: Names | None = None,
) -> Iterator[Observations]:
    """The accepted rows of a file, batch by batch, as `read_observations` reads them.

    The names of checks and locations are numbered across the batches; the reasons too where they are given, else each
    batch has its own, so that no more of them are kept.
    """
    some = False
    for batch in read_table(path, form, gathered.rejected):
        if not len(batch.rows) and (some or not batch.columns):
            continue
        some = True
        gathered.left_aside |= dict.fromkeys(c for c in batch.columns if c not in READ)
        begun_in = chosen_column(batch, "begun", "at")
        chosen_column(batch, "outcome")
        _given(batch, "check", check)
        _given(batch, "location", location)
        sieve, words = Sieve(batch), Names() if reasons is None else reasons
        words.number.setdefault("", 0)
        checks = sieve.names("check", check, gathered.checks, known, "check")
        places = sieve.names("location", location, gathered.locations, None, "location")
        begun, outcome, reason = sieve.times(begun_in, now), sieve.outcomes("outcome"), _reasons(sieve, words)
        latency = np.full(len(batch.rows), NO_LATENCY, dtype=np.int64)
        if "latency_ms" in batch.columns:
            latency = sieve.quantities("latency_ms", 1000)
        when = recorded(sieve, begun, now, with_recorded)
        keep = sieve.kept(gathered.rejected)
        yield Observations(
            gathered.checks.all, gathered.locations.all, words.all, batch.rows, checks, places, begun, outcome, reason,
            latency, when,
        ).only(keep)  # fmt: skip


def recorded(sieve: Sieve, begun: Times, now: Instant | None, with_recorded: bool) -> Times:
    """int64[n]: the column `recorded` where there is one and it is wanted, else the time of the row itself."""
    if not with_recorded or "recorded" not in sieve.batch.columns:
        return begun
    times = sieve.times("recorded", now)
    for at in np.flatnonzero(times < begun).tolist():
        if at not in sieve.reasons:
            sieve.refuse(at, "recorded: nothing is known before it happens")
    return times


def joined(parts: list[tuple[Times, ...]], width: int) -> list[Times]:
    """The columns of all batches, one after the other."""
    if not parts:
        return [np.empty(0, dtype=np.int64) for _ in range(width)]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def _reasons(sieve: Sieve, reasons: Names) -> Times:
    texts = sieve.batch.columns.get("reason")
    if texts is None:
        return np.zeros(len(sieve.batch.rows), dtype=np.int64)
    return sieve.words("reason", reasons)


def _given(batch: Batch, column: str, default: str) -> None:
    if column not in batch.columns and not default:
        raise Unreadable(f"there is no column `{column}`: name the {column} that all rows are of")
