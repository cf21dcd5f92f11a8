"""A facts folder: `*.facts.yaml` written by hand; `observations/`, `states/`, `measurements/` by hand or imported.

A file placed by hand is CSV, JSON Lines or Parquet, and its rows are known from `recorded`, or else from when they
happened. An imported file is Parquet, named by a hash and listed in `imports.jsonl`; without that it does not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np

from makegood.exchange.facts import read_fact_files
from makegood.exchange.measurements import Otherwise, read_measurements
from makegood.exchange.observations import read_observations
from makegood.exchange.status_log import read_status_log
from makegood.exchange.table import Rejections, Unreadable, form_of
from makegood.model.facts import (
    AnyFact,
    Cause,
    F,
    Facts,
    Item,
    Judgement,
    Maintenance,
    Notice,
    Results,
    Retraction,
    Standing,
)
from makegood.model.problem import Place, Problem, error, warning
from makegood.store.archive import read_archive
from makegood.store.evidence_files import FileRows, Rows, read_imported, rows_by_check
from makegood.store.figure_files import read_figures
from makegood.store.imports import IMPORTED, IMPORTED_FACTS, MANIFEST, Import
from makegood.store.keeping import Kept, kept
from makegood.store.measurement_files import read_measured
from makegood.store.measuring import MeasuredFiles, merge_measurements
from makegood.store.merging import MOST_TOLD, merge_results, merge_states, of_firsts
from makegood.store.opened import opened
from makegood.store.place import SETTINGS, is_store, read_place
from makegood.store.refusals import disk_refusal
from makegood.store.segments import segment_file

KINDS = ("observations", "states", "measurements")
FACTS = ".facts.yaml"
AT_ONCE = 500_000
"""Rows of observations that are merged at once, or one check's if it has more."""


def read_folder(path: Path, size: int | None = None) -> tuple[Facts, list[Problem]]:
    """Everything that a folder says, with the SHA-256 of each file by its relative name, and every problem in it.

    Of a store the first `size` entries of its log count, and all of these are known; or all, by when they were
    recorded.
    """
    if not path.is_dir():
        hint = "make the folder, or name the one that holds the facts"
        what = "this is a file, not a folder" if path.exists() else "there is no such folder"
        return Facts(), [error("no-facts-folder", Place(str(path)), what, "", hint)]
    digests, problems = dict[str, str](), list[Problem]()
    hand_written = list[tuple[str, bytes]]()
    keeping = kept(path, size)
    imported = {made.written: made for made in keeping.imports if made.written.endswith(FACTS)}
    for file in [] if is_store(path) else sorted(path.glob(f"*{FACTS}")):
        made = imported.pop(file.name, None)
        if made is None and IMPORTED_FACTS.fullmatch(file.name):
            problems.append(_not_listed(file.name))
        elif (raw := _bytes(file, file.name, problems)) is not None:
            hand_written.append((file.name, raw))
            digests[file.name] = hashlib.sha256(raw).hexdigest()
            if made is not None and digests[file.name] != made.written_sha256:
                problems.append(_changed(file.name, made))
    problems.extend(_missing(made) for made in imported.values())
    facts, found = read_fact_files(hand_written)
    facts += keeping.facts
    problems.extend(found)
    problems.extend(_misplaced(path))
    evidence = _evidence(path, keeping, digests, problems)
    return _whole(facts, evidence, digests, keeping, size is not None and is_store(path)), problems


def read_records(path: Path, size: int, evidence: Facts) -> Facts:
    """The facts among the first `size` entries of a store's log, with the evidence of others, and without digests: what
    people record is little, and read much faster."""
    keeping = kept(path, size)
    return _whole(keeping.facts, evidence, {}, keeping, True)


def _whole(facts: list[AnyFact], evidence: Facts, digests: dict[str, str], keeping: Kept, by_position: bool) -> Facts:
    return Facts(
        _of(facts, Maintenance), _of(facts, Notice), _of(facts, Cause), _of(facts, Judgement), _of(facts, Standing),
        _of(facts, Retraction), evidence.results, evidence.states, digests, _of(facts, Item), evidence.measurements,
        keeping.head, tuple(keeping.gone), keeping.operated, by_position,
    )  # fmt: skip


def read_evidence(path: Path, digests: dict[str, str], problems: list[Problem]) -> Facts:
    """The observations, states and measurements alone; digests and problems are added to those given."""
    return _evidence(path, kept(path), digests, problems)


def _evidence(path: Path, keeping: Kept, digests: dict[str, str], problems: list[Problem]) -> Facts:
    files = _files(path, keeping, digests, problems)
    results = _results(path, files, digests, problems, keeping.size)
    if is_store(path):
        with opened(path) as store:
            files.measurements.extend(read_figures(store, keeping.size, digests, problems))
    states, clashes = merge_states(files.states)
    problems.extend(clashes)
    measurements, clashes = merge_measurements(files.measurements)
    problems.extend(clashes)
    return Facts(results=results, states=states, measurements=measurements)


@dataclass(frozen=True)
class EvidenceFiles:
    """The rows of every file of evidence in a folder; of imported observations, which may be many, the names only."""

    observations: list[FileRows] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    states: list[FileRows] = field(default_factory=list)
    measurements: list[MeasuredFiles] = field(default_factory=list)

    def place(self, file: Path, name: str, kind: str, problems: list[Problem]) -> None:
        """Take in a file placed by hand. Raises Unreadable when it is no such table, and OSError as `open` does."""
        if kind == "measurements":
            otherwise = Otherwise(source=file.name.partition(".")[0])
            made = read_measurements(file, form_of(file.name), otherwise, with_recorded=True)
            problems.extend(_rejections(name, made.rejected))
            self.measurements.append(MeasuredFiles((name,), np.zeros(len(made.rows), dtype=np.int64), made.rows))
        else:
            of = self.observations if kind == "observations" else self.states
            of.append(_placed(file, name, kind, problems))

    def take(self, path: Path, names: list[str], kind: str) -> None:
        """Take in what imports wrote, its digests checked already. Raises duckdb.Error when one cannot be read."""
        if kind == "measurements":
            self.measurements.extend(read_measured(path, names))
        elif kind == "observations":
            self.imported.extend(names)
        else:
            self.states.append(read_imported(path, names, kind))


def _results(
    path: Path, files: EvidenceFiles, digests: dict[str, str], problems: list[Problem], size: int | None
) -> dict[str, Results]:
    """The observations by check, some checks at a time: what is made on the way takes several times their room."""
    found = dict[str, Results]()
    try:
        if is_store(path):
            with opened(path) as store:
                archive = read_archive(store, size, _rows_by_check(path, files).keys(), digests, problems)
            found |= archive.results
            if archive.rows is not None:
                files.observations.append(archive.rows)
        for checks in _together(path, files):
            parts = [of_firsts(placed, checks) for placed in files.observations]
            if files.imported:
                parts.append(read_imported(path, files.imported, "observations", checks))
            results, clashes = merge_results(parts)
            found |= results
            problems.extend(clashes)
    except duckdb.Error as failure:
        problems.append(_unreadable("observations", failure))
    return found


def _rows_by_check(path: Path, files: EvidenceFiles) -> dict[str, int]:
    rows = dict(rows_by_check(path, files.imported)) if files.imported else {}
    for placed in files.observations:
        for (check, _), count in placed.rows.counts():
            rows[check] = rows.get(check, 0) + count
    return rows


def _together(path: Path, files: EvidenceFiles) -> Iterator[list[str] | None]:
    """The checks in alphabetical order, as many as have `AT_ONCE` rows; None is all of them."""
    rows = _rows_by_check(path, files)
    if sum(rows.values()) <= AT_ONCE:
        yield None
        return
    together, size = list[str](), 0
    for check in sorted(rows):
        if together and size + rows[check] > AT_ONCE:
            yield together
            together, size = [], 0
        together.append(check)
        size += rows[check]
    yield together


def evidence_files(path: Path, digests: dict[str, str], problems: list[Problem]) -> EvidenceFiles:
    """The files of evidence, as far as they can be read and are as their imports left them."""
    return _files(path, kept(path), digests, problems)


def _files(path: Path, keeping: Kept, digests: dict[str, str], problems: list[Problem]) -> EvidenceFiles:
    problems.extend(keeping.problems)
    listed = {made.written: made for made in keeping.imports if made.written.partition("/")[0] in KINDS}
    later = is_store(path)
    if later and (place := read_place(path)).segments:
        for name in [name for name in listed if not (path / name).is_file()]:
            if isinstance(found := segment_file(place, name, listed[name].written_sha256), Problem):
                problems.append(found)
                del listed[name]
    evidence = EvidenceFiles()
    for kind in KINDS:
        imported = list[str]()
        for file in sorted((path / kind).iterdir()) if (path / kind).is_dir() else []:
            name = f"{kind}/{file.name}"
            if file.name.startswith("."):
                continue
            if not file.is_file():
                problems.append(_no_file(file, name, kind))
                continue
            made = listed.pop(name, None)
            if made is None and IMPORTED.fullmatch(file.name):
                problems.extend([] if later else [_not_listed(name)])
                continue
            if made is None and later:
                problems.append(_not_placed(name))
                continue
            try:
                digests[name] = _digest(file)
                if made is None:
                    evidence.place(file, name, kind, problems)
                elif digests[name] == made.written_sha256:
                    imported.append(name)
                else:
                    problems.append(_changed(name, made, later))
            except (OSError, Unreadable) as failure:
                problems.append(error("evidence-unreadable", Place(name), _said(failure)))
        if imported:
            try:
                evidence.take(path, imported, kind)
            except duckdb.Error as failure:
                problems.append(_unreadable(kind, failure))
    problems.extend(_missing(made) for made in listed.values())
    return evidence


def _unreadable(kind: str, failure: duckdb.Error) -> Problem:
    why = disk_refusal(failure)
    return error("evidence-unreadable", Place(kind), "the imported files here cannot be read", why)


def _no_file(file: Path, name: str, kind: str) -> Problem:
    what = "this is a folder, and what it holds is not read" if file.is_dir() else "this cannot be read as a file"
    return error("evidence-unreadable", Place(name), what, "", f"put files of evidence into {kind}/ itself")


def _missing(made: Import) -> Problem:
    what, why = f"this file, imported from {made.file}, is missing", f"its import wrote {made.rows:,} rows"
    return error("import-missing", Place(made.written), what, why, "restore it from a copy")


def _changed(name: str, made: Import, in_store: bool = False) -> Problem:
    what = f"this file was changed after it was imported from {made.file}"
    hint = "restore it from a copy" + ("; a correction is a new fact that supersedes" if name.endswith(FACTS) else "")
    return error("evidence-unreadable", Place(name), what, f"{'the log' if in_store else MANIFEST} has its hash", hint)


def _placed(file: Path, name: str, kind: str, problems: list[Problem]) -> FileRows:
    """A file placed by hand: its name is the check, where no column says it, and the source of states."""
    stem = file.name.partition(".")[0]
    form = form_of(file.name)
    if kind == "observations":
        observed = read_observations(file, form, check=stem, with_recorded=True)
        rejected, o = observed.rejected, observed.rows
        firsts, seconds, first, second = o.checks, o.locations, o.check, o.location
        at, earliest, outcome, recorded = o.begun, o.begun, o.outcome, o.recorded
    else:
        log = read_status_log(file, form, with_recorded=True)
        rejected, s = log.rejected, log.rows
        firsts, seconds, first, second = s.services, (stem,), s.service, np.zeros(len(s), dtype=np.int64)
        at, earliest, outcome, recorded = s.at, s.earliest, s.outcome, s.recorded
    problems.extend(_rejections(name, rejected))
    pairs, subject = np.unique(first * max(1, len(seconds)) + second, return_inverse=True)
    subjects = tuple((firsts[int(p) // len(seconds)], seconds[int(p) % len(seconds)]) for p in pairs.tolist())
    rows = Rows(subjects, subject.astype(np.int64), at, earliest, outcome, recorded)
    return FileRows((name,), np.zeros(len(rows), dtype=np.int64), rows)


def _rejections(name: str, rejected: Rejections) -> Iterator[Problem]:
    for rejection in rejected.first[:MOST_TOLD]:
        yield error("evidence-row", Place(name, rejection.row), f"row {rejection.row}: {rejection.reason}")
    if rejected.count > MOST_TOLD:
        yield error("evidence-row", Place(name), f"{rejected.count - MOST_TOLD:,} more rows are refused")


def _misplaced(path: Path) -> Iterator[Problem]:
    """Files at the top of the folder that look like facts or evidence and would silently not count."""
    for file in sorted(path.iterdir()):
        ending = file.suffix.lower()
        if not file.is_file() or file.name.startswith(".") or file.name == MANIFEST:
            continue
        if file.name.endswith(FACTS):
            if is_store(path):
                yield _not_placed(file.name)
            continue
        if ending in (".csv", ".jsonl", ".ndjson", ".parquet"):
            hint = "move it to `observations/`, `states/` or `measurements/`"
            yield warning("facts-misplaced", Place(file.name), "this file is not read", "evidence has a folder", hint)
        elif ending in (".yaml", ".yml"):
            hint = f"name it `{file.stem.removesuffix('.facts')}{FACTS}` if it holds facts"
            yield warning(
                "facts-misplaced", Place(file.name), "this file is not read", f"facts are in `*{FACTS}`", hint
            )


def _not_placed(name: str) -> Problem:
    hint = "import it: makegood import FILE --into STORE"
    return warning("not-in-store", Place(name), "this file does not count", f"`{SETTINGS}` makes this a store", hint)


def _not_listed(name: str) -> Problem:
    why = f"{MANIFEST} does not list it, so its import was interrupted or has not ended"
    return warning("import-unfinished", Place(name), "this file does not count", why, "import its source again")


def _of(facts: list[AnyFact], kind: type[F]) -> tuple[F, ...]:
    return tuple(fact for fact in facts if isinstance(fact, kind))


def _bytes(file: Path, name: str, problems: list[Problem]) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError as failure:
        problems.append(error("facts-unreadable", Place(name), _said(failure)))
        return None


def _digest(file: Path) -> str:
    with file.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def _said(failure: Exception) -> str:
    if isinstance(failure, OSError):
        return f"this file cannot be read: {(failure.strerror or 'the system refuses').lower()}"
    return str(failure)
