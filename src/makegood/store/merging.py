"""Evidence of several files as one: each key once, known from when it first was, and every contradiction named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makegood.model.facts import Results, States
from makegood.model.problem import Place, Problem, error
from makegood.model.spans import Times
from makegood.store.evidence_files import Rows

MOST_TOLD = 20
WORDS = ("up", "down", "unknown")


@dataclass(frozen=True)
class FileRows:
    """The evidence of one file of the folder, named relative to it."""

    name: str
    rows: Rows


@dataclass(frozen=True)
class _Table:
    """The rows of one check or service in all files: `second` int64 indexes `seconds`, `file` the files."""

    seconds: tuple[str, ...]
    second: Times
    at: Times
    earliest: Times
    outcome: NDArray[np.int8]
    recorded: Times
    file: Times

    def only(self, keep: NDArray[np.bool_] | Times) -> _Table:
        return _Table(
            self.seconds, self.second[keep], self.at[keep], self.earliest[keep], self.outcome[keep],
            self.recorded[keep], self.file[keep],
        )  # fmt: skip


def merge_results(files: Sequence[FileRows]) -> tuple[dict[str, Results], list[Problem]]:
    """The observations by check, in order of time and location."""
    results, problems = dict[str, Results](), list[Problem]()
    for check, table in _by_first(files):
        once = _each_once(table)
        problems.extend(_contradictions(once, files, f"check `{check}` at location"))
        results[check] = Results(
            check, once.seconds, once.at, once.second.astype(np.int16), once.outcome, once.recorded
        )
    return results, problems


def merge_states(files: Sequence[FileRows]) -> tuple[dict[str, tuple[States, ...]], list[Problem]]:
    """The reported states by service and source, in order of time."""
    states, problems = dict[str, tuple[States, ...]](), list[Problem]()
    for service, table in _by_first(files):
        once = _each_once(table)
        problems.extend(_contradictions(once, files, f"service `{service}` as reported by"))
        of = [once.only(once.second == i) for i in range(len(once.seconds))]
        states[service] = tuple(
            States(service, source, rows.at, rows.earliest, rows.outcome, rows.recorded)
            for source, rows in zip(once.seconds, of, strict=True)
        )
    return states, problems


def _by_first(files: Sequence[FileRows]) -> Iterable[tuple[str, _Table]]:
    """The rows grouped by check or service, names sorted."""
    names = sorted({first for f in files for first, _ in f.rows.subjects})
    seconds = {
        name: tuple(sorted({second for f in files for first, second in f.rows.subjects if first == name}))
        for name in names
    }
    parts: dict[str, list[_Table]] = {name: [] for name in names}
    for number, f in enumerate(files):
        subjects = f.rows.subjects
        for name in dict.fromkeys(first for first, _ in subjects):
            second_of = np.array(
                [seconds[name].index(second) if first == name else -1 for first, second in subjects], dtype=np.int64
            )
            second = second_of[f.rows.subject]
            at = np.flatnonzero(second >= 0)
            r = f.rows
            parts[name].append(
                _Table(
                    seconds[name],
                    second[at],
                    r.at[at],
                    r.earliest[at],
                    r.outcome[at],
                    r.recorded[at],
                    np.full(len(at), number, dtype=np.int64),
                )
            )
    for name in names:
        tables = parts[name]
        yield (
            name,
            _Table(
                seconds[name],
                *(
                    np.concatenate([getattr(t, column) for t in tables])
                    for column in ("second", "at", "earliest", "outcome", "recorded", "file")
                ),
            ),
        )


def _each_once(table: _Table) -> _Table:
    """Sorted by time and place; of rows that say the same, the one known first. Rows that differ all stay."""
    order = np.lexsort((table.earliest, table.recorded, table.outcome, table.second, table.at))
    table = table.only(order)
    same = (
        (table.at[1:] == table.at[:-1])
        & (table.second[1:] == table.second[:-1])
        & (table.outcome[1:] == table.outcome[:-1])
    )
    return table.only(np.concatenate((np.ones(min(1, len(order)), dtype=np.bool_), ~same)))


def _contradictions(table: _Table, files: Sequence[FileRows], whose: str) -> Iterable[Problem]:
    from makegood.exchange.moments import written

    clash = np.flatnonzero((table.at[1:] == table.at[:-1]) & (table.second[1:] == table.second[:-1]))
    for i in clash[:MOST_TOLD].tolist():
        first, second = (files[int(table.file[j])].name for j in (i, i + 1))
        said = [WORDS[int(table.outcome[j])] for j in (i, i + 1)]
        where = f"{whose} `{table.seconds[int(table.second[i])]}` at {written(int(table.at[i]))}"
        what = f"{where}: {said[0]} in {first}, and {said[1]} in {second}"
        yield error(
            "evidence-contradicts", Place(second), what, "one instant has one outcome", "correct one of the files"
        )
    if len(clash) > MOST_TOLD:
        yield error(
            "evidence-contradicts", Place(files[0].name), f"{len(clash) - MOST_TOLD:,} more rows contradict others"
        )
