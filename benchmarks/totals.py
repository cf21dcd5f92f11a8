"""Goal B: from outages and excuses of many orders to the verdict and the row of the table for each month, exactly.

The same is asked of DuckDB (joins of spans with months, whole microseconds, products in 128 bits) and of a loop over
`Fraction`, which is given some of the orders. All answers are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np

from benchmarks.timing import Measured, in_turns
from makegood.engine.judge.totals import SpansOf, holds, ratios, rows, totals
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND
from makegood.model.terms import Range
from makegood.model.threshold import Side, Threshold

ORDERS, LOOPED = 10_000, 200
YEAR = 365 * DAY
MONTHS = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * DAY
TARGET = Threshold(Side.AT_LEAST, Fraction(999, 1000))
EDGES = [Fraction(95, 100), Fraction(99, 100), Fraction(999, 1000)]
TABLE = [Range(low, low is not None, high, False) for low, high in zip([None, *EDGES], EDGES, strict=False)]


@dataclass(frozen=True)
class Fleet:
    """Of every order a year of months, all covered, with 14 outages; every third is excused as up, every seventh out of
    the ratio, for its first half."""

    periods: SpansOf
    covered: SpansOf
    down: SpansOf
    excused_up: SpansOf
    excused_out: SpansOf


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and the ratios."""
    fleet, few = made(ORDERS), made(LOOPED)
    months = len(fleet.periods.subject)
    (mine, swept), (duck, joined), (looped, walked) = in_turns(
        [lambda: by_sweep(fleet), by_duckdb(fleet), lambda: by_fractions(few)], 3
    )
    if mine != duck or looped != by_sweep(few):
        raise AssertionError("the answers differ")
    each = [swept / months, joined / months, walked / len(few.periods.subject)]
    size = f"{ORDERS:,} orders, {months:,} order-months"
    yield Measured("totals, verdicts and rows in one sweep", size, swept, f"{rate(each[0])}; equal to both")
    yield Measured("DuckDB", size, joined, f"{rate(each[1])}, the sweep {each[1] / each[0]:,.1f} times as fast")
    loop = f"{rate(each[2])}, the sweep {each[2] / each[0]:,.0f} times as fast"
    yield Measured("a loop over Fraction", f"{LOOPED} orders", walked, loop)


def rate(seconds: float) -> str:
    """Order-months a second, in words."""
    return f"{1 / seconds / 1e6:,.2f} M order-months/s"


def made(orders: int) -> Fleet:
    """The facts of so many orders."""
    dice = np.random.default_rng(11)
    each = np.arange(orders, dtype=np.int64)
    months = np.tile(np.stack((MONTHS[:-1], MONTHS[1:]), axis=1), (orders, 1))
    start = np.sort(dice.integers(0, YEAR // SECOND - 4 * 3600, (orders, 14)), axis=1) * SECOND
    end = start + dice.integers(MINUTE, 3 * HOUR, start.shape)
    end[:, :-1] = np.minimum(end[:, :-1], start[:, 1:])
    down = np.stack((start, end), axis=2)

    def first_half(chosen: slice) -> SpansOf:
        part = down[:, chosen].copy()
        part[:, :, 1] -= (part[:, :, 1] - part[:, :, 0]) // 2
        return SpansOf(np.repeat(each, part.shape[1]), part.reshape(-1, 2))

    return Fleet(
        SpansOf(np.repeat(each, 12), months),
        SpansOf(each, np.tile(np.array([[0, YEAR]]), (orders, 1))),
        SpansOf(np.repeat(each, 14), down.reshape(-1, 2)),
        first_half(slice(0, None, 3)),
        first_half(slice(1, None, 7)),
    )


@dataclass(frozen=True, eq=False)
class Answer:
    """Of each month available and judged time in microseconds, whether the target is met, and the row of the table."""

    columns: tuple[Any, Any, Any, Any]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and all(map(np.array_equal, self.columns, other.columns))


def by_sweep(fleet: Fleet) -> Answer:
    """Ours: what a replay of a fleet and a single case call."""
    found = totals(fleet.periods, fleet.covered, fleet.down, fleet.excused_up, fleet.excused_out)
    values = ratios(found)
    return Answer((values.numerator, values.denominator, holds(values, TARGET), rows(values, TABLE)))


def by_duckdb(fleet: Fleet) -> Callable[[], Answer]:
    """Each kind of span joined with the months that it touches and added up."""
    db = duckdb.connect(":memory:", config={"threads": "1"})
    kinds = {
        "periods": fleet.periods, "covered": fleet.covered, "down": fleet.down, "up": fleet.excused_up,
        "outside": fleet.excused_out,
    }  # fmt: skip
    for name, kind in kinds.items():
        columns = {"n": kind.subject, "a": kind.edges[:, 0].copy(), "b": kind.edges[:, 1].copy()}
        db.register("given", columns)
        db.execute(f'create table "{name}" as select * from given')
    sums = ", ".join(
        f'"{name}_sums" as (select p.n, p.a, sum(least(s.b, p.b) - greatest(s.a, p.a)) as time from periods p'
        f' join "{name}" s on s.n = p.n and s.a < p.b and s.b > p.a group by all)'
        for name in ("covered", "down", "up", "outside")
    )
    joins = " ".join(f'left join "{name}_sums" using (n, a)' for name in ("covered", "down", "up", "outside"))
    times = {name: f'coalesce("{name}_sums".time, 0)' for name in ("covered", "down", "up", "outside")}
    judged = f"{times['covered']} - {times['outside']}"
    ratio = f"{judged} - ({times['down']} - {times['up']} - {times['outside']})"
    below = " ".join(
        f"when available::hugeint * {e.denominator} < judged::hugeint * {e.numerator} then {row}"
        for row, e in enumerate(EDGES)
    )
    query = (
        f"with {sums}, figures as (select n, a, {ratio} as available, {judged} as judged from periods {joins})"
        f" select available::bigint as available, judged::bigint as judged, available::hugeint * 1000 >="
        f" judged::hugeint * 999 as met, case {below} else -1 end as row from figures order by n, a"
    )

    def work() -> Answer:
        found = db.execute(query).fetchnumpy()
        return Answer((found["available"], found["judged"], found["met"], found["row"]))

    return work


def by_fractions(fleet: Fleet) -> Answer:
    """Month by month, span by span, with exact ratios."""
    kinds = [by_order(k) for k in (fleet.covered, fleet.down, fleet.excused_up, fleet.excused_out)]
    found = list[tuple[int, int, bool, int]]()
    for order, (first, last) in zip(fleet.periods.subject.tolist(), fleet.periods.edges.tolist(), strict=True):
        covered, down, up, outside = (
            sum(max(0, min(b, last) - max(a, first)) for a, b in kind.get(order, ())) for kind in kinds
        )
        judged = covered - outside
        available = judged - (down - up - outside)
        ratio = Fraction(available, judged)
        row = next((i for i, one in enumerate(TABLE) if one.holds(ratio)), -1)
        found.append((available, judged, TARGET.holds(ratio), row))
    columns = zip(*found, strict=True)
    return Answer(tuple(np.array(column) for column in columns))  # type: ignore[arg-type]


def by_order(kind: SpansOf) -> dict[int, list[list[int]]]:
    """The spans of each order."""
    found: dict[int, list[list[int]]] = {}
    for order, edges in zip(kind.subject.tolist(), kind.edges.tolist(), strict=True):
        found.setdefault(order, []).append(edges)
    return found
