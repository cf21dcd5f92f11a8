"""Measurements of other programs: what was counted or measured of a service, interval by interval, as columns.

A table has `start`, `end` (or `every`, the length of the interval), `service`, `metric`, and one column for each
quantity: `good` and `valid` counts, a `value`, `p95`, `mean`, or any other word. It may have `source`, `recorded` and
`note`. Numbers are exact; an empty cell is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.exchange.any_table import read_table
from makegood.exchange.columns import Names, Sieve, chosen_column, shown, why_no_name
from makegood.exchange.decimal_column import NO_NUMBER, Numbers, read_decimals, why_no_number
from makegood.exchange.observations import recorded
from makegood.exchange.table import Batch, Form, Rejections, Unreadable
from makegood.exchange.time_column import LATEST
from makegood.model.figures import COUNTS
from makegood.model.spans import Duration, Instant, Times

READ = ("start", "end", "every", "service", "metric", "source", "recorded")
ASIDE = ("note",)
"""Words beside the quantities, which are not read."""

Series = tuple[str, str, str]
"""A service, a metric and a source."""


@dataclass(frozen=True, eq=False)
class MeasurementRows:
    """Rows in file order, in columns of equal length n.

    `row` int64 numbers them as `exchange.table` does. `of` int64 is an index into `series`. `start`, `end` (half-open)
    and `recorded` int64 µs UTC. Each of `quantities` has n numbers.
    """

    series: tuple[Series, ...]
    row: Times
    of: Times
    start: Times
    end: Times
    recorded: Times
    quantities: Mapping[str, Numbers]

    def __len__(self) -> int:
        return len(self.row)

    def only(self, keep: NDArray[np.bool_] | Times) -> MeasurementRows:
        """The rows where `keep`, bool[n], holds, or those at the indexes of an int64 array, in their order."""
        if keep.dtype == np.bool_ and keep.all():
            return self
        return MeasurementRows(
            self.series, self.row[keep], self.of[keep], self.start[keep], self.end[keep], self.recorded[keep],
            {name: of.only(keep) for name, of in self.quantities.items()},
        )  # fmt: skip


@dataclass(frozen=True)
class ReadMeasurements:
    """The accepted rows, the refused ones, and the columns that were not looked at."""

    rows: MeasurementRows
    rejected: Rejections
    left_aside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What holds for rows of a table without such a column; `every` in µs, None where the table must say it."""

    service: str = ""
    metric: str = ""
    source: str = ""
    every: Duration | None = None


def read_measurements(
    path: Path,
    form: Form,
    otherwise: Otherwise,
    known: Collection[str] | None = None,
    now: Instant | None = None,
    with_recorded: bool = False,
) -> ReadMeasurements:
    """Read a whole file in batches.

    `known` are the only services allowed; intervals that end after `now` are refused. `recorded` of a row is its
    column's where `with_recorded`, else the end of its interval. Raises Unreadable when the file is no such table, and
    OSError as `open` does.
    """
    rejected, parts = Rejections(), list[MeasurementRows]()
    left_aside: dict[str, None] = {}
    for batch in read_table(path, form, rejected):
        left_aside |= dict.fromkeys(c for c in batch.columns if c in ASIDE)
        if not len(batch.rows) and (parts or not batch.columns):
            continue
        parts.append(_rows(batch, otherwise, known, now, with_recorded, rejected))
    rejected.first.sort()
    return ReadMeasurements(joined(parts), rejected, tuple(left_aside))


def joined(parts: Sequence[MeasurementRows]) -> MeasurementRows:
    """The rows of all parts, one after the other, their series in alphabetical order."""
    parts = [part for part in parts if len(part)] or parts[:1]
    if len(parts) == 1 and list(parts[0].series) == sorted(parts[0].series):
        return parts[0]
    series = sorted({names for part in parts for names in part.series})
    number = {names: i for i, names in enumerate(series)}
    words = dict.fromkeys(word for part in parts for word in part.quantities)
    none = np.empty(0, dtype=np.int64)

    def column(columns: Sequence[Times]) -> Times:
        return np.concatenate([none, *columns])

    of = [np.array([number[names] for names in part.series], dtype=np.int64)[part.of] for part in parts]
    return MeasurementRows(
        tuple(series),
        column([p.row for p in parts]),
        column(of),
        column([p.start for p in parts]),
        column([p.end for p in parts]),
        column([p.recorded for p in parts]),
        {word: Numbers.joined([p.quantities.get(word) or Numbers.none(len(p)) for p in parts]) for word in words},
    )


def _rows(
    batch: Batch,
    otherwise: Otherwise,
    known: Collection[str] | None,
    now: Instant | None,
    with_recorded: bool,
    rejected: Rejections,
) -> MeasurementRows:
    words = _quantities(batch)
    chosen_column(batch, "start")
    for column, given in (("service", otherwise.service), ("metric", otherwise.metric)):
        if column not in batch.columns and not given:
            raise Unreadable(f"there is no column `{column}`: name the {column} that all rows are of")
    sieve = Sieve(batch)
    names = (Names(), Names(), Names())
    service = sieve.names("service", otherwise.service, names[0], known, "service")
    metric = sieve.names("metric", otherwise.metric, names[1], None, "metric")
    source = sieve.names("source", otherwise.source, names[2], None, "source")
    start = sieve.times("start", now)
    end = _ends(sieve, start, otherwise.every, now)
    when = recorded(sieve, end, now, with_recorded)
    quantities = {word: _numbers(sieve, word) for word in words}
    if set(COUNTS) <= set(words):
        good, valid = quantities["good"], quantities["valid"]
        for at in np.flatnonzero(good.exceed(valid)).tolist():
            sieve.refuse(at, f"good: {good.written(at)} is more than valid, {valid.written(at)}")
    keep = sieve.kept(rejected)
    widths = [max(1, len(n.all)) for n in names]
    pairs, of = np.unique(
        ((service * widths[1] + metric) * widths[2] + source)[keep], return_inverse=True
    )  # one number for each series that the rows have
    series = tuple(
        (
            names[0].all[p // widths[2] // widths[1]],
            names[1].all[p // widths[2] % widths[1]],
            names[2].all[p % widths[2]],
        )
        for p in pairs.tolist()
    )
    return MeasurementRows(
        series, batch.rows[keep], of.astype(np.int64), start[keep], end[keep], when[keep],
        {word: numbers_.only(keep) for word, numbers_ in quantities.items()},
    )  # fmt: skip


def _quantities(batch: Batch) -> list[str]:
    """The columns that are quantities. Raises Unreadable where there is none, or one that no word names."""
    words = [column for column in batch.columns if column not in READ and column not in ASIDE]
    if not words:
        raise Unreadable("there is no quantity: add a column such as `value`, `p95`, or `good` and `valid`")
    for word in words:
        if reason := why_no_name(word, None, "quantity"):
            raise Unreadable(f"a column has no name that can be used: {reason}")
    return words


def _ends(sieve: Sieve, start: Times, every: Duration | None, now: Instant | None) -> Times:
    """int64[n], the ends of the intervals: as written, or a length after the start."""
    columns = sieve.batch.columns
    if "end" in columns and "every" in columns:
        raise Unreadable("there are columns `end` and `every`, which mean the same: leave one out")
    if "end" in columns:
        end = sieve.times("end", now)
    elif "every" in columns:
        end = start + _lengths(sieve)
    elif every is not None:
        end = start + every
    else:
        raise Unreadable("there is no column `end` or `every`: say how long each interval is")
    for at in np.flatnonzero(end <= start).tolist():
        if at not in sieve.reasons:
            how = "ends when it starts" if end[at] == start[at] else "ends before it starts"
            sieve.refuse(at, f"end: the interval {how}")
    for at in np.flatnonzero(end >= LATEST).tolist():
        sieve.refuse(at, "end: the interval ends after the year 9998")
    if now is not None and "end" not in columns:
        for at in np.flatnonzero((end > now) & (start <= now)).tolist():
            sieve.refuse(at, "start: the interval has not ended yet")
    return end


def _lengths(sieve: Sieve) -> Times:
    texts = sieve.batch.columns["every"]
    read = {text: read_length(text) for text in dict.fromkeys(texts)}
    wrong = {text: length for text, length in read.items() if isinstance(length, Wrong)}
    for at in [i for i, text in enumerate(texts) if text in wrong] if wrong else ():
        reason = wrong[texts[at]]
        sieve.refuse(at, f"every: {', '.join(part for part in (reason.what, reason.why) if part)}: {reason.hint}")
    sound = {text: 1 if isinstance(length, Wrong) else length for text, length in read.items()}
    return np.fromiter(map(sound.__getitem__, texts), dtype=np.int64, count=len(texts))


def read_length(text: str) -> Duration | Wrong:
    """How long an interval is, in µs: `5 min`. Days are counted by dates, and have no length of their own."""
    length = numbers.duration(text)
    if isinstance(length, int) and length <= 0:
        return Wrong(f"`{text}` is no time at all", "an interval has a length", "write as in 5 min")
    return length


def _numbers(sieve: Sieve, word: str) -> Numbers:
    texts = sieve.batch.columns[word]
    found = read_decimals(texts)
    for at in np.flatnonzero(found.places == NO_NUMBER).tolist():
        sieve.refuse(at, f"{word}: `{shown(texts[at])}` {why_no_number(texts[at])}")
    if word in COUNTS:
        for at in np.flatnonzero(found.digits < 0).tolist():
            sieve.refuse(at, f"{word}: `{shown(texts[at])}` is below zero, and nothing is counted so often")
    return found
