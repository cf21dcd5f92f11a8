"""Measurements of several files as one: each number once, known from when it first was, and every contradiction named.

Two rows about one interval add to each other: one may say how many were valid, and another how many were good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from makegood.exchange.decimal_column import MOST_DIGITS, Numbers
from makegood.exchange.measurements import MeasurementRows, joined
from makegood.exchange.moments import written
from makegood.model.facts import Measurements, Quantity
from makegood.model.figures import COUNTS
from makegood.model.problem import Place, Problem, error
from makegood.model.spans import Times

MOST_TOLD = 20


class Clash(IntEnum):
    """How a row contradicts another: their intervals overlap, one quantity has two values, more is good than valid, or
    the numbers of a series are too far apart to be kept exactly."""

    NONE = 0
    OVERLAP = 1
    DIFFERENT = 2
    EXCESS = 3
    DIGITS = 4


@dataclass(frozen=True, eq=False)
class MeasuredFiles:
    """The rows of one or more files: `file` int64[n] is an index into `names`."""

    names: tuple[str, ...]
    file: Times
    rows: MeasurementRows


@dataclass(frozen=True, eq=False)
class Comparison:
    """For each of n rows what it adds to those that were recorded before it, `rank` int64[n] in that order.

    `order` int64[n] sorts by series, interval and rank. `new` bool[n] holds where a row says something first; `clash`
    int8[n] is a Clash with the row `against` int64[n], over the quantity `about` int64[n], a place in `words` or -1.
    """

    words: tuple[str, ...]
    rank: Times
    order: Times
    new: NDArray[np.bool_]
    clash: NDArray[np.int8]
    against: Times
    about: Times

    def blame(self, places: Times, others: Times, clash: Clash, word: str = "") -> None:
        """Note a clash at the one of each two rows that was recorded later, unless it has one; places in `order`."""
        one, other = self.order[places], self.order[others]
        swapped = self.rank[one] < self.rank[other]
        later, earlier = np.where(swapped, other, one), np.where(swapped, one, other)
        fresh = self.clash[later] == Clash.NONE
        later, earlier = later[fresh], earlier[fresh]
        self.clash[later], self.against[later] = clash, earlier
        self.about[later] = self.words.index(word) if word else -1


def compared(rows: MeasurementRows, recording: Times) -> Comparison:
    """Compare all rows with each other; `recording` int64[n] says which was known first, and then their order."""
    n = len(rows)
    rank, none = np.empty(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    rank[np.argsort(recording, kind="stable")] = np.arange(n)
    order = _order(rows, rank)
    new, clash = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int8)
    found = Comparison(tuple(rows.quantities), rank, order, new, clash, none, none.copy())
    of, start, end = rows.of[order], rows.start[order], rows.end[order]
    lead = _leads(of, start)
    begins = lead == np.arange(n)
    new[order[begins]] = True
    others = np.flatnonzero(end != end[lead])
    found.blame(others, lead[others], Clash.OVERLAP)
    _overlaps(found, np.flatnonzero(begins), of, start, end)
    firsts = {word: _first(found, word, numbers.only(order), lead) for word, numbers in rows.quantities.items()}
    if set(COUNTS) <= set(firsts):
        _excess(found, rows, firsts["good"], firsts["valid"])
    for word, numbers in rows.quantities.items():
        _digits(found, word, numbers.only(order), of)
    return found


def merge_measurements(files: Sequence[MeasuredFiles]) -> tuple[dict[str, tuple[Measurements, ...]], list[Problem]]:
    """The measurements by service, each of one metric from one source; rows that contradict earlier ones are left out.

    An interval that a later recording adds to has a row for each of its states, in the order recorded, of which
    `known_at` keeps the last that was known.
    """
    rows = joined([f.rows for f in files])
    found = compared(rows, rows.recorded)
    keep = found.order[(found.new & (found.clash == Clash.NONE))[found.order]]
    made = dict[str, tuple[Measurements, ...]]()
    for measurements in _series(rows.only(keep)):
        made[measurements.service] = (*made.get(measurements.service, ()), measurements)
    return made, list(_problems(files, rows, found))


Measured: TypeAlias = Mapping[str, tuple[Measurements, ...]]
"""Measurements by service, each of one metric from one source, in the order of these."""


def longer(before: Measured, more: Sequence[MeasuredFiles]) -> Measured | None:
    """What was measured, with more of it; None where that is not of later intervals, or contradicts itself."""
    after, problems = merge_measurements(more)
    if problems:
        return None
    found = dict(before)
    for service, made in after.items():
        there = {(m.metric, m.source): m for m in before.get(service, ())}
        for one in made:
            key = one.metric, one.source
            if key in there and one.start[0] < there[key].end[-1]:
                return None
            there[key] = _joined(there[key], one) if key in there else one
        found[service] = tuple(there[key] for key in sorted(there))
    return found


def _joined(before: Measurements, after: Measurements) -> Measurements:
    words = dict.fromkeys((*before.quantities, *after.quantities))
    return replace(
        before,
        start=np.concatenate((before.start, after.start)),
        end=np.concatenate((before.end, after.end)),
        quantities={word: _longer(before, after, word) for word in words},
        recorded=np.concatenate((before.recorded, after.recorded)),
    )


def _longer(before: Measurements, after: Measurements, word: str) -> Quantity:
    parts = [_of(made, word) for made in (before, after)]
    places = max(part.places for part in parts)
    values = [part.values * 10 ** (places - part.places) for part in parts]
    return Quantity(np.concatenate(values), np.concatenate([part.known for part in parts]), places)


def _of(made: Measurements, word: str) -> Quantity:
    n = len(made.start)
    return made.quantities.get(word) or Quantity(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_))


def told(rows: MeasurementRows, found: Comparison, at: int, other: str) -> str:
    """What a row says that contradicts the row `other`, in words."""
    against = int(found.against[at])
    service, metric, source = rows.series[int(rows.of[at])]
    whose = f"`{metric}` of `{service}` from `{source}`, {interval(rows, at)}"
    word = found.words[int(found.about[at])] if found.about[at] >= 0 else ""
    match Clash(int(found.clash[at])):
        case Clash.OVERLAP:
            return f"{whose}, overlaps {interval(rows, against)} in {other}"
        case Clash.DIFFERENT:
            mine, theirs = (rows.quantities[word].written(i) for i in (at, against))
            return f"{whose}: {word} is {mine}, and {theirs} in {other}"
        case Clash.EXCESS:
            counts = {name: rows.quantities[name] for name in COUNTS}
            good, valid = (counts[n].written(at) or counts[n].written(against) for n in COUNTS)
            return f"{whose}: with {other}, {good} are good of {valid} that are valid"
        case _:
            mine, theirs = (rows.quantities[word].written(i) for i in (at, against))
            return (
                f"{whose}: {word} is {mine}, and {theirs} in {other}; together they need more than {MOST_DIGITS} digits"
            )


def interval(rows: MeasurementRows, at: int) -> str:
    return f"{written(int(rows.start[at]))} to {written(int(rows.end[at]))}"


def _order(rows: MeasurementRows, rank: Times) -> Times:
    of, start = rows.of, rows.start
    if bool(((of[1:] > of[:-1]) | ((of[1:] == of[:-1]) & (start[1:] > start[:-1]))).all()):
        return np.arange(len(rows))
    return np.lexsort((rank, start, of))


def _leads(of: Times, start: Times) -> Times:
    """int64[n], of rows in order the place of the first one of the same interval."""
    begins = np.ones(len(of), dtype=np.bool_)
    begins[1:] = (of[1:] != of[:-1]) | (start[1:] != start[:-1])
    return np.maximum.accumulate(np.where(begins, np.arange(len(of)), 0))


def _overlaps(found: Comparison, leads: Times, of: Times, start: Times, end: Times) -> None:
    """Intervals that begin before an earlier one of their series has ended; most series have none."""
    of, start, end = of[leads], start[leads], end[leads]
    near = np.flatnonzero((of[1:] == of[:-1]) & (start[1:] < end[:-1]))
    for series in np.unique(of[near]).tolist():
        mine = np.flatnonzero(of == series)
        longest = np.maximum.accumulate(end[mine])
        which = np.maximum.accumulate(np.where(end[mine] == longest, np.arange(len(mine)), 0))
        late = np.flatnonzero(start[mine][1:] < longest[:-1]) + 1
        found.blame(leads[mine[late]], leads[mine[which[late - 1]]], Clash.OVERLAP)


def _first(found: Comparison, word: str, numbers: Numbers, lead: Times) -> Times:
    """int64[n], for each place in the order the first of its interval that knows this quantity, or -1."""
    first = np.full(len(lead), -1, dtype=np.int64)
    known = np.flatnonzero(numbers.known)
    if len(known):
        begins = np.ones(len(known), dtype=np.bool_)
        begins[1:] = lead[known][1:] != lead[known][:-1]
        reference = known[np.maximum.accumulate(np.where(begins, np.arange(len(known)), 0))]
        differs = numbers.digits[known] != numbers.digits[reference]
        differs |= numbers.places[known] != numbers.places[reference]
        found.blame(known[differs], reference[differs], Clash.DIFFERENT, word)
        first[lead[known[begins]]] = known[begins]
        found.new[found.order[known[begins]]] = True
    return first[lead]


def _excess(found: Comparison, rows: MeasurementRows, good: Times, valid: Times) -> None:
    """More that is good in one row than is valid in another."""
    apart = np.flatnonzero((good >= 0) & (valid >= 0) & (good != valid))
    goods, valids = good[apart], valid[apart]
    more = rows.quantities["good"].only(found.order[goods]).exceed(rows.quantities["valid"].only(found.order[valids]))
    found.blame(goods[more], valids[more], Clash.EXCESS, "good")


def _digits(found: Comparison, word: str, numbers: Numbers, of: Times) -> None:
    """Numbers of one series that do not fit into MOST_DIGITS together."""
    most = _most_places(numbers, of)[of]
    room = 10 ** (MOST_DIGITS - np.where(numbers.known, most - numbers.places, 0)).astype(np.int64)
    large = np.flatnonzero(numbers.known & (np.abs(numbers.digits) >= room))
    for series in np.unique(of[large]).tolist():
        fine = np.flatnonzero(numbers.known & (of == series) & (numbers.places == most))
        found.blame(large[of[large] == series][:1], fine[:1], Clash.DIGITS, word)


def _most_places(numbers: Numbers, of: Times) -> Times:
    """int64[series], the decimals of the finest number of each series; 0 where there is none."""
    most = np.zeros(int(of.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(most, of, np.maximum(numbers.places, 0).astype(np.int64))
    return most


def _series(rows: MeasurementRows) -> Iterator[Measurements]:
    """Sound rows in order, each series by itself."""
    lead, last = _leads(rows.of, rows.start), np.ones(len(rows), dtype=np.bool_)
    last[:-1] = (lead[1:] != lead[:-1]) | (rows.recorded[1:] != rows.recorded[:-1])
    numbers = {word: _carried(of, lead).only(last) for word, of in rows.quantities.items()}
    rows = rows.only(last)
    edges = np.searchsorted(rows.of, np.arange(len(rows.series) + 1)).tolist()
    for (service, metric, source), begin, end in zip(rows.series, edges, edges[1:], strict=False):
        if begin == end:
            continue
        mine = np.arange(begin, end)
        quantities = {word: _quantity(of.only(mine)) for word, of in numbers.items() if of.known[begin:end].any()}
        start, until, when = (column[begin:end] for column in (rows.start, rows.end, rows.recorded))
        yield Measurements(service, metric, source, start, until, quantities, when)


def _carried(numbers: Numbers, lead: Times) -> Numbers:
    """Each row with what earlier ones of its interval say."""
    at = np.maximum.accumulate(np.where(numbers.known, np.arange(len(lead)), -1))
    known = at >= lead
    taken = numbers.only(np.where(known, at, 0)) if len(lead) else numbers
    return Numbers(taken.digits, np.where(known, taken.places, numbers.places).astype(np.int8))


def _quantity(numbers: Numbers) -> Quantity:
    known = numbers.known
    places = int(np.maximum(numbers.places, 0).max(initial=0))
    scale = 10 ** np.where(known, places - numbers.places, 0).astype(np.int64)
    return Quantity(np.where(known, numbers.digits * scale, 0), known, places)


def _problems(files: Sequence[MeasuredFiles], rows: MeasurementRows, found: Comparison) -> Iterator[Problem]:
    clashes = np.flatnonzero(found.clash)
    if not len(clashes):
        return
    names = [name for f in files for name in f.names]
    before = np.cumsum([0, *(len(f.names) for f in files)]).tolist()
    file = np.concatenate([f.file + first for f, first in zip(files, before, strict=False)])
    hints: Mapping[int, str] = {
        Clash.OVERLAP: "measurements of one metric from one source do not overlap: name another source, or mend one",
        Clash.DIGITS: "round the finer numbers first",
    }
    for at in clashes[:MOST_TOLD].tolist():
        other = names[int(file[int(found.against[at])])]
        hint = hints.get(int(found.clash[at]), "correct one of the files")
        yield error("evidence-contradicts", Place(names[int(file[at])]), told(rows, found, at, other), "", hint)
    if len(clashes) > MOST_TOLD:
        last = Place(names[int(file[clashes[-1]])])
        yield error("evidence-contradicts", last, f"{len(clashes) - MOST_TOLD:,} more rows contradict others")
