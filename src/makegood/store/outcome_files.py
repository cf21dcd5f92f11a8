"""Sealed outcomes as Parquet (docs/store.md, *Sealed days*): a row for each series and for each run of its slots.

Columns: `check`, `location`, `state` texts; `slot`, `slots`, `every_us`, `position` integers. Slot k begins
k * every_us after 1970 UTC. The row `watched` of a series says which slots were watched; each of them that no other
row covers was seen up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from makegood.exchange.parquet_table import connect
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.runs import MISSING, Sheet
from makegood.model.spans import Duration, Times
from makegood.store.sheets import Beside, Layers

WATCHED = 4
STATES = ("up", "down", "unknown", "missing", "watched")
"""The words of `state`, by outcome; their second letters differ."""


def write_outcomes(path: Path, layers: Layers) -> int:
    """Write the layers of at least one series; how many rows. Raises duckdb.Error when the disk refuses."""
    sheet, beside = layers.sheet, layers.beside
    n, runs = len(sheet.series), np.diff(sheet.bounds)
    first_said = np.searchsorted(beside.series, np.arange(n))
    start = sheet.watched[:, 0].copy()
    alone = np.flatnonzero(sheet.watched[:, 0] == sheet.watched[:, 1])
    start[alone] = beside.slot[np.minimum(first_said[alone], len(beside.slot) - 1)] if len(beside.slot) else 0
    series = np.concatenate((np.arange(n), np.repeat(np.arange(n), runs), beside.series))
    rank = np.repeat([0, 1, 2], (n, len(sheet.first), len(beside.slot)))
    begin = np.concatenate((start, sheet.first, beside.slot))
    slots = np.concatenate(
        (sheet.watched[:, 1] - sheet.watched[:, 0], sheet.end - sheet.first, np.ones(len(beside.slot), dtype=np.int64))
    )
    state = np.concatenate((np.full(n, WATCHED), sheet.outcome, beside.outcome)).astype(np.int64)
    position = np.concatenate((np.full(n + len(sheet.first), -1), beside.position))
    order = np.lexsort((begin, rank, series))
    columns = {"s": series, "t": begin, "slots": slots, "w": state, "p": position}
    with connect() as db:
        db.register("given", {name: np.ascontiguousarray(column[order]) for name, column in columns.items()})
        db.execute("set variable checks = $1", [[check for check, _ in sheet.series]])
        db.execute("set variable places = $1", [[location for _, location in sheet.series]])
        target = str(path).replace("'", "''")
        db.execute(
            "copy (select getvariable('checks')[s + 1] as \"check\", getvariable('places')[s + 1] as location,"
            f" {list(STATES)}[w + 1] as state, t::bigint as slot, slots::integer as slots,"
            f" {sheet.every}::bigint as every_us, nullif(p, -1) as position from given)"
            f" to '{target}' (format parquet, compression zstd, compression_level 12)"
        )
    return len(order)


@dataclass(frozen=True, slots=True)
class OutcomeFile:
    """A file of outcomes: where it lies, how many rows it has, and how many of them are beside the base."""

    path: Path
    rows: int
    beside: int


def read_outcomes(files: Sequence[OutcomeFile]) -> list[Layers]:
    """The layers of each file. Raises duckdb.Error when one is damaged."""
    if not files:
        return []
    paths = [str(one.path) for one in files]
    with connect() as db:
        # One query over all files is several times as fast as one for each; DuckDB keeps their order.
        found = db.execute(
            "select ascii(state[2])::utinyint as letter, slot, slots from read_parquet($1)",
            [paths],
        ).fetchnumpy()
        named = db.execute(
            "select \"check\", location, every_us from read_parquet($1) where state = 'watched'", [paths]
        ).fetchnumpy()
        beside = [
            np.ma.filled(db.execute("select position from read_parquet($1)", [path]).fetchnumpy()["position"], -1)
            if one.beside
            else None
            for path, one in zip(paths, files, strict=True)
        ]
    outcome, slot, slots = _OUTCOME[found["letter"]], np.asarray(found["slot"]), np.asarray(found["slots"])
    if len(outcome) != sum(one.rows for one in files):
        raise duckdb.DataError("there are other rows than were written")
    names = list(zip(named["check"].tolist(), named["location"].tolist(), strict=True))
    layers, row, series = list[Layers](), 0, 0
    shared = dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]()
    for one, position in zip(files, beside, strict=True):
        here = slice(row, row + one.rows)
        count = int(np.count_nonzero(outcome[here] == WATCHED))
        mine = tuple(names[series : series + count])
        every = int(named["every_us"][series]) if count else 1
        layers.append(_layers(every, shared.setdefault(mine, mine), outcome[here], slot[here], slots[here], position))
        row, series = row + one.rows, series + count
    return layers


def _layers(
    every: Duration, names: tuple[tuple[str, str], ...], outcome: NDArray[np.int8], slot: Times, slots: Times,
    position: Times | None,
) -> Layers:  # fmt: skip
    heads = np.flatnonzero(outcome == WATCHED)
    if not len(heads) or heads[0] != 0:
        raise duckdb.DataError("the rows are not in the order in which they were written")
    run = outcome != WATCHED
    said = np.empty(0, dtype=np.int64)
    if position is not None:
        said = np.flatnonzero(position >= 0)
        run[said] = False
    bounds = np.concatenate(([0], np.cumsum(run)))[np.append(heads, len(outcome))]
    start = slot[heads].astype(np.int64)
    watched = np.column_stack((start, start + slots[heads]))
    first = slot[run].astype(np.int64, copy=False)  # files have it so already
    sheet = Sheet(every, names, watched, bounds, first, first + slots[run], outcome[run])
    series = np.searchsorted(heads, said, side="right") - 1
    positions = said if position is None else position[said].astype(np.int64)
    return Layers(sheet, Beside(series, slot[said].astype(np.int64), outcome[said], positions))


_OUTCOME = np.full(256, WATCHED, dtype=np.int8)
for _outcome in (UP, DOWN, UNKNOWN, MISSING):
    _OUTCOME[ord(STATES[_outcome][1])] = _outcome
assert len({word[1] for word in STATES}) == len(STATES)
