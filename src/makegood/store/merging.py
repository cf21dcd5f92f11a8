"""Evidence of several files as one: each key once, known from when it first was, and every contradiction named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makegood.exchange.moments import written
from makegood.model.facts import Results, States
from makegood.model.problem import Place, Problem, error, warning
from makegood.model.spans import Times
from makegood.store.evidence_files import FileRows, Rows

BATCH = "batch "
"""How the names of batches begin, of which nobody can correct one: they are what a location signed."""
MOST_TOLD = 20
WORDS = ("up", "down", "unknown")


@dataclass(frozen=True)
class Table:
    """The rows of all files by subject, time and outcome; int64[n] each, `outcome` int8.

    `first` (check or service), `second` (location or source) and `file` are indexes into `firsts`, `seconds`, `files`.
    """

    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    files: tuple[str, ...]
    first: Times
    second: Times
    at: Times
    earliest: Times
    outcome: NDArray[np.int8]
    recorded: Times
    file: Times

    def only(self, keep: NDArray[np.bool_] | Times | slice) -> Table:
        """The rows of a mask, of indexes in their order, or of a slice."""
        return Table(
            self.firsts, self.seconds, self.files, self.first[keep], self.second[keep], self.at[keep],
            self.earliest[keep], self.outcome[keep], self.recorded[keep], self.file[keep],
        )  # fmt: skip

    def by_first(self) -> Iterator[tuple[str, Table]]:
        """Each check or service with its rows; rows sorted by `first` are asked for."""
        edges = np.searchsorted(self.first, np.arange(len(self.firsts) + 1)).tolist()
        for name, start, end in zip(self.firsts, edges, edges[1:], strict=False):
            if start < end:
                yield name, self.only(slice(start, end))

    def by_second(self) -> Iterator[tuple[str, Table]]:
        """Each location or source with its rows."""
        for i in np.unique(self.second).tolist():
            yield self.seconds[i], self.only(self.second == i)


def of_firsts(files: FileRows, firsts: Collection[str] | None) -> FileRows:
    """The rows about some checks or services; None is all of them."""
    if firsts is None:
        return files
    rows = files.rows
    asked = np.array([first in firsts for first, _ in rows.subjects], dtype=np.bool_)[rows.subject]
    some = Rows(
        rows.subjects, rows.subject[asked], rows.at[asked], rows.earliest[asked], rows.outcome[asked],
        rows.recorded[asked],
    )  # fmt: skip
    return FileRows(files.names, files.file[asked], some)


def merge_results(files: Sequence[FileRows]) -> tuple[dict[str, Results], list[Problem]]:
    """The observations by check, in order of location and time."""
    table = _each_once(_joined(files))
    results = dict[str, Results]()
    for check, of in table.by_first():
        seconds, location = np.unique(of.second, return_inverse=True)
        names = tuple(table.seconds[i] for i in seconds.tolist())
        results[check] = Results(check, names, of.at, location.astype(np.int16), of.outcome, of.recorded)
    return results, list(_contradictions(table, "check `{}` at location `{}`"))


def merge_states(files: Sequence[FileRows]) -> tuple[dict[str, tuple[States, ...]], list[Problem]]:
    """The reported states by service and source, in order of time."""
    table = _each_once(_joined(files))
    states = {
        service: tuple(States(service, source, s.at, s.earliest, s.outcome, s.recorded) for source, s in of.by_second())
        for service, of in table.by_first()
    }
    return states, list(_contradictions(table, "service `{}` as reported by `{}`"))


def _joined(files: Sequence[FileRows]) -> Table:
    """The rows of all files, names numbered in alphabetical order."""
    firsts = sorted({first for f in files for first, _ in f.rows.subjects})
    seconds = sorted({second for f in files for _, second in f.rows.subjects})
    first_number, second_number = ({name: i for i, name in enumerate(names)} for names in (firsts, seconds))
    names, columns = list[str](), list[tuple[Times, ...]]()
    for f in files:
        of = np.array([(first_number[a], second_number[b]) for a, b in f.rows.subjects], dtype=np.int64).reshape(-1, 2)
        r = f.rows
        outcome = r.outcome.astype(np.int64)
        columns.append((*of[r.subject].T, r.at, r.earliest, outcome, r.recorded, f.file + len(names)))
        names.extend(f.names)
    none = np.empty(0, dtype=np.int64)
    first, second, at, earliest, outcome, recorded, file = (
        np.concatenate([none, *(part[i] for part in columns)]) for i in range(7)
    )
    return Table(
        tuple(firsts), tuple(seconds), tuple(names), first, second, at, earliest, outcome.astype(np.int8),
        recorded, file,
    )  # fmt: skip


def _each_once(table: Table) -> Table:
    """Sorted by subject, time and outcome; of rows that say the same, the one known first. Rows that differ stay."""
    if _ascends(table):
        return table
    order = np.lexsort((table.at, table.second, table.first))
    if not _same_key(ordered := table.only(order)).any():
        return ordered
    order = np.lexsort((table.earliest, table.recorded, table.outcome, table.at, table.second, table.first))
    ordered = table.only(order)
    again = _same_key(ordered) & (ordered.outcome[1:] == ordered.outcome[:-1])
    return ordered.only(np.concatenate((np.ones(1, dtype=np.bool_), ~again)))


def _ascends(table: Table) -> bool:
    """Whether each row lies after the one before it, so that none is there twice: so imports write them."""
    later = table.at[1:] > table.at[:-1]
    later = (table.second[1:] > table.second[:-1]) | ((table.second[1:] == table.second[:-1]) & later)
    later = (table.first[1:] > table.first[:-1]) | ((table.first[1:] == table.first[:-1]) & later)
    return bool(later.all())


def _same_key(table: Table) -> NDArray[np.bool_]:
    """bool[n - 1], whether each row but the first has subject and time of the one before."""
    same: NDArray[np.bool_] = table.at[1:] == table.at[:-1]
    same &= table.second[1:] == table.second[:-1]
    same &= table.first[1:] == table.first[:-1]
    return same


def _contradictions(table: Table, whose: str) -> Iterable[Problem]:
    clash = np.flatnonzero(_same_key(table)).tolist()
    for i in clash[:MOST_TOLD]:
        files = [table.files[int(table.file[j])] for j in (i, i + 1)]
        said = [WORDS[int(table.outcome[j])] for j in (i, i + 1)]
        subject = whose.format(table.firsts[int(table.first[i])], table.seconds[int(table.second[i])])
        what = f"{subject} at {written(int(table.at[i]))}: {said[0]} in {files[0]}, and {said[1]} in {files[1]}"
        if all(name.startswith(BATCH) for name in files):
            why = "nobody knows which is right, so the slot counts as unseen"
            hint = "look at the location: two agents may run under its name, or its clock may have gone back"
            yield warning("evidence-contradicts", Place(files[1]), what, why, hint)
        else:
            why, hint = "one instant has one outcome", "correct one of the files"
            yield error("evidence-contradicts", Place(files[1]), what, why, hint)
    if len(clash) > MOST_TOLD:
        more = clash[MOST_TOLD:]
        by_file = [i for i in more if not all(table.files[int(table.file[j])].startswith(BATCH) for j in (i, i + 1))]
        last, told = Place(table.files[int(table.file[more[-1]])]), error if by_file else warning
        yield told("evidence-contradicts", last, f"{len(more):,} more rows contradict others")
