"""Goal A: from the results of many checks in memory to their outages, in both runs, beside a scan of one bit a sample.

The results are those of `samples`: a year of 10,000 checks that are quiet, and one of fewer that flap. DuckDB and
Polars do the nearest that they can say, on part of the same samples: the favourable run alone, dated by confirmation,
of columns that are put in order for them. What is found is held against the oracles of the tests and against them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from benchmarks.samples import LOCATIONS, PLACES, YEAR, bad, normal
from benchmarks.timing import SCANNED, Measured, bit_scan, in_turns
from makegood.engine.detect import detect, gridded
from makegood.engine.detect.forms import as_planes
from makegood.engine.detect.grid import only_checks
from makegood.model.detection import Begins, Detection, Ends, Observations, Outcome
from makegood.model.findings import Findings
from makegood.model.grid import OPEN, Grid, Planes, Runs
from makegood.model.spans import MINUTE, Spans
from tests.engine.detect.oracle import Rule, answer
from tests.engine.detect.oracle_bits import down

QUIET, FLAPPING, COMPARED = 10_000, 200, 4
"""Checks of the grids, and of the part that the others are given."""
WEEKS = 2 * 7 * 24 * 60
RULE = Rule(3, 2, 3, "first failure", "first success")
LAW = Detection(MINUTE, RULE.fails_after, RULE.recovers_after, RULE.quorum, Begins(RULE.begins), Ends(RULE.ends))
CONFIRMED = replace(LAW, begins=Begins.CONFIRMATION, ends=Ends.CONFIRMATION)
ALWAYS = np.array([[0, OPEN]] * PLACES, dtype=np.int64)


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and the ratios."""
    for kind, make, checks, times in (("normal", normal, QUIET, 3), ("bad", bad, FLAPPING, 5)):
        grid = make(checks)
        samples = grid.series * YEAR
        (found, detecting), (_, scanning) = in_turns([partial(detect, LAW, grid), bit_scan()], times)
        hold_against_oracles(grid, found[0])
        scanned, detected = SCANNED * 64 / scanning, samples / detecting
        size = f"{checks:,} checks, {samples / 1e9:,.1f} G samples, {form_of(grid)}"
        yield Measured(f"{kind}: 1-bit scan of memory", f"{SCANNED * 64 / 1e9:.1f} G bits", scanning, rate(scanned))
        beside = f"{rate(detected)}, {detected / scanned:.3f} of the scan; equal to the oracles"
        yield Measured(f"{kind}: detect, both runs", size, detecting, beside)
        yield from reading(kind, only_checks(grid, np.arange(1)))
        yield from others(kind, only_checks(grid, np.arange(COMPARED)))


def rate(samples_a_second: float) -> str:
    """Samples a second, in words."""
    return f"{samples_a_second / 1e9:,.3f} G samples/s"


def form_of(grid: Grid) -> str:
    """In which form a grid is, and how large."""
    if isinstance(grid.seen, Runs):
        return f"{len(grid.seen.start) / grid.series:,.0f} runs each"
    return "bit planes"


def reading(kind: str, grid: Grid) -> Iterator[Measured]:
    """The same of one check from its rows: put into slots and taken apart, and detected."""
    seen = rows_of(grid)
    (again, seconds), (_, detecting) = in_turns([partial(gridded, seen, 0, YEAR, ALWAYS), partial(detect, LAW, grid)])
    if list(detect(LAW, again)[0]) != list(detect(LAW, grid)[0]):
        raise AssertionError("rows and what was made of them differ")
    n = len(seen.slot)
    yield Measured(f"{kind}: rows of results to a grid", f"{n:,} rows", seconds, rate(n / seconds))
    yield Measured(f"{kind}: detect, both runs, one check", f"{n:,} samples", detecting, rate(n / detecting))


def rows_of(grid: Grid) -> Observations:
    """The results of the only check of a grid, one row each, in the order of time."""
    outcome = outcomes(grid)
    slot, place = np.nonzero(outcome != Outcome.UNKNOWN)
    return Observations(LOCATIONS, 0, MINUTE, slot, place.astype(np.int16), outcome[slot, place])


def outcomes(grid: Grid) -> NDArray[np.int8]:
    """int8[slots, series]; a missing result is unknown."""
    planes = as_planes(grid).seen
    assert isinstance(planes, Planes)
    failed, blind = (
        np.unpackbits(p.view(np.uint8), axis=1, bitorder="little")[:, :YEAR] for p in (planes.down, planes.unknown)
    )
    return (failed + 2 * blind).T.astype(np.int8)


def hold_against_oracles(grid: Grid, found: Findings) -> None:
    """Compare a year of a check with whole numbers, two weeks of it slot by slot. Raises AssertionError."""
    check = grid.checks // 2
    one = only_checks(grid, np.array([check]))
    outcome = outcomes(one).T
    failed, seen = ([whole(marks) for marks in o] for o in (outcome == Outcome.DOWN, outcome != Outcome.UNKNOWN))
    everywhere = [(1 << YEAR) - 1] * PLACES
    early = gridded(rows_of(one), 0, WEEKS, ALWAYS)
    words = ("up", "down", "unknown")
    rows = [(k, i, words[said]) for i in range(PLACES) for k, said in enumerate(outcome[i, :WEEKS].tolist())]
    weeks = detect(LAW, early)[0].of(0)
    for favourable in (True, False):
        run = "favourable" if favourable else "unfavourable"
        if getattr(found.of(check), run).down != spans(down(failed, seen, everywhere, RULE, YEAR, favourable)[1]):
            raise AssertionError("a year differs from that of the oracle")
        plain = answer(rows, [range(WEEKS)] * PLACES, RULE, favourable).down
        if getattr(weeks, run).down != Spans([(k * MINUTE, (k + 1) * MINUTE) for k in plain]):
            raise AssertionError("two weeks differ from those of the oracle")


def whole(marks: NDArray[np.bool_]) -> int:
    """The marks as one number, the first slot its lowest bit."""
    return int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")


def spans(bits: int) -> Spans:
    """The slots of a number as time."""
    raw = np.frombuffer(bits.to_bytes(YEAR // 8 + 1, "little"), dtype=np.uint8)
    changes = np.flatnonzero(np.diff(np.unpackbits(raw, bitorder="little").view(np.int8), prepend=0, append=0))
    return Spans.from_edges(changes.reshape(-1, 2) * MINUTE)


def others(kind: str, grid: Grid) -> Iterator[Measured]:
    """DuckDB and Polars beside ours, on the same samples; raises AssertionError where the down slots differ."""
    failed = in_columns(grid)
    works: list[tuple[str, Callable[[], int]]] = [
        ("ours, both runs", lambda: down_slots(detect(CONFIRMED, grid)[0])),
        ("DuckDB, favourable run", by_duckdb(failed)),
    ]
    try:
        works.append(("Polars, favourable run", by_polars(failed)))
    except ImportError:
        yield Measured(f"{kind}: Polars is not here; `make bench` fetches it", "", 0.0)
    samples = grid.series * YEAR
    size = f"{grid.checks} checks, {samples / 1e6:,.1f} M samples"
    taken = in_turns([work for _, work in works], 3)
    if len({slots for slots, _ in taken}) > 1:
        raise AssertionError(f"the down slots differ: {[slots for slots, _ in taken]}")
    for (name, _), (_, seconds) in zip(works, taken, strict=True):
        times = f", ours {seconds / taken[0][1]:,.0f} times as fast" if seconds != taken[0][1] else ""
        yield Measured(f"{kind}: {name}", size, seconds, f"{rate(samples / seconds)}{times}")


def in_columns(grid: Grid) -> list[NDArray[np.bool_]]:
    """A column for each location: the checks one after the other, with room between them that recovers."""
    marks = (outcomes(grid) == Outcome.DOWN).T.reshape(grid.checks, PLACES, YEAR)
    room = np.pad(marks, ((0, 0), (0, 0), (0, RULE.recovers_after)))
    return [np.ascontiguousarray(room[:, i].reshape(-1)) for i in range(PLACES)]


def down_slots(findings: Findings) -> int:
    """How many slots are down in the favourable run, over all checks."""
    return sum(int(np.diff(findings.favourable.down.of(check)).sum()) for check in range(len(findings)))


def by_duckdb(failed: list[NDArray[np.bool_]]) -> Callable[[], int]:
    """Window functions: a failure or a recovery confirmed marks the state, which holds until the next mark."""
    db = duckdb.connect(":memory:", config={"threads": "1"})
    db.register("given", {"i": np.arange(len(failed[0])), **{f"f{k}": column for k, column in enumerate(failed)}})
    db.execute("create table samples as select * from given order by i")
    marks = ", ".join(
        f"case when f{k} and lag(f{k}, 1, false) over w and lag(f{k}, 2, false) over w then 1"
        f" when not f{k} and not lag(f{k}, 1, false) over w then 0 end as m{k}"
        for k in range(PLACES)
    )
    held = " + ".join(f"coalesce(last_value(m{k} ignore nulls) over w, 0)" for k in range(PLACES))
    query = (
        f"with marks as (select i, {marks} from samples window w as (order by i)),"
        f" counts as (select {held} as n from marks window w as (order by i rows unbounded preceding))"
        f" select count(*) from counts where n >= {RULE.quorum}"
    )

    def work() -> int:
        return int(db.execute(query).fetchall()[0][0])

    return work


def by_polars(failed: list[NDArray[np.bool_]]) -> Callable[[], int]:
    """The same by shifted columns and filling forward. Raises ImportError where Polars is not installed."""
    pl: Any = importlib.import_module("polars")
    frame = pl.DataFrame({f"f{k}": column for k, column in enumerate(failed)})

    def state(k: int) -> Any:
        f = pl.col(f"f{k}")
        before, earlier = f.shift(1, fill_value=False), f.shift(2, fill_value=False)
        mark = pl.when(f & before & earlier).then(1).when(~f & ~before).then(0)
        return mark.cast(pl.Int8).forward_fill().fill_null(0)

    query = frame.lazy().select((pl.sum_horizontal([state(k) for k in range(PLACES)]) >= RULE.quorum).sum())

    def work() -> int:
        return int(query.collect().item())

    return work
