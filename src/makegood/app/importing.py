"""Import evidence of other programs into a facts folder: the whole file or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np

from makegood.app.given import Given, Kind, Manner, kind_of, known_claims, read_given, write_given
from makegood.app.judging import in_folder
from makegood.app.novelty import Novelty, novelty
from makegood.exchange.moments import written
from makegood.exchange.observations import Observations
from makegood.exchange.status_log import StatusRows
from makegood.exchange.table import Rejection, Unreadable
from makegood.model.facts import Facts
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant
from makegood.store.durable import make_folder, only_writer
from makegood.store.folder import read_evidence
from makegood.store.imports import Import, add_import, read_imports

MOST_TOLD = 20
WORDS = ("up", "down", "unknown")


@dataclass(frozen=True)
class ImportReport:
    """What became of the rows of a file. `first_rejected` tells the first 20 of the rejected ones.

    `before` is when the same file was imported earlier (RFC 3339), `left_aside` are the columns that were not read,
    and `file` is the one written, relative to the folder.
    """

    kind: Kind
    accepted: int
    duplicate: int
    rejected: int
    first_rejected: tuple[Rejection, ...]
    written: bool
    left_aside: tuple[str, ...] = ()
    before: str = ""
    file: str = ""


def import_evidence(
    path: Path,
    into: Path,
    kind: Kind | None = None,
    source: str = "",
    check: str = "",
    location: str = "",
    *,
    now: Instant,
    by: str,
    known: Collection[str] | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Read a file and, unless a row is rejected or it is a dry run, add its new rows to a folder, known from `now` on.

    `kind` None is told by the columns. `source` names a status log (else the file does); `check` and `location` are
    those of rows without such columns; `known` are the checks or services that rows may name. Raises Refused when the
    file or the folder cannot be used; the folder may be missing, not the one above it.
    """
    _check_folder(into)
    digest = _digest(path)
    try:
        manner = Manner(kind or kind_of(path), source or path.name.partition(".")[0], check, location)
        given = read_given(path, manner, now, known)
    except Unreadable as failure:
        raise Refused([error("evidence-unreadable", Place(str(path)), str(failure))]) from None
    except OSError as failure:
        raise Refused([_cannot_read(path, failure)]) from None
    if dry_run or given.rejected.count or not len(given.claims):
        return _report(into, given, manner, digest)[0]
    with _ready(into):
        report, compared = _report(into, given, manner, digest)
        if report.rejected or not report.accepted:
            return report
        name = _name(manner, digest, sum(i.sha256 == digest for i in read_imports(into)[0]))
        _keep(into, name, given.rows.only(compared.new), manner, now)
        made = Import(
            path.name, digest, manner.kind, name, _digest(into / name), report.accepted, report.duplicate, written(now),
            by, manner.source if manner.kind == "status log" else "", check, location,
        )  # fmt: skip
        add_import(into, made)
        return replace(report, written=True, file=name)


def _keep(into: Path, name: str, rows: Observations | StatusRows, manner: Manner, now: Instant) -> None:
    try:
        write_given(into, name, rows, manner, now)
    except (duckdb.Error, OSError) as failure:
        why = str(failure.strerror if isinstance(failure, OSError) else failure).splitlines()[0]
        hint = "make room, and import the file again"
        raise Refused([error("unwritable", Place(str(into)), "the rows cannot be written", why, hint)]) from None


def _report(into: Path, given: Given, manner: Manner, digest: str) -> tuple[ImportReport, Novelty]:
    """What would become of the rows, given what the folder holds now."""
    compared = novelty(known := known_claims(_facts(into), given, manner), given.claims)
    contradictions = np.flatnonzero(compared.against >= 0)
    for at in contradictions[: MOST_TOLD * 10].tolist():
        reason = _contradiction(given, at, int(compared.against[at]), len(known))
        given.rejected.add(int(given.rows.row[at]), reason)
    given.rejected.count += max(0, len(contradictions) - MOST_TOLD * 10)
    imports = read_imports(into)[0] if into.is_dir() else []
    before = next((i.recorded for i in imports if i.sha256 == digest and i.kind == manner.kind), "")
    first = tuple(sorted(given.rejected.first)[:MOST_TOLD])
    new, duplicate = int(compared.new.sum()), int(compared.duplicate.sum())
    report = ImportReport(
        manner.kind, new, duplicate, given.rejected.count, first, False, given.left_aside, before
    )  # fmt: skip
    return report, compared


def _contradiction(given: Given, at: int, against: int, known: int) -> str:
    claims = given.claims
    first, second = given.subjects[int(claims.subject[at])]
    says = f"`{first}` ({second}) at {written(int(claims.at[at]))} is {WORDS[int(claims.outcome[at])]}"
    if against < known:
        return f"{says}, which contradicts what the folder holds for that instant"
    return f"{says}, which contradicts row {int(given.rows.row[against - known])}"


def _facts(into: Path) -> Facts:
    """The evidence of the folder. Raises Refused when some cannot be read, since no row could be compared with it."""
    if not into.is_dir():
        return Facts()
    problems = list[Problem]()
    facts = read_evidence(into, {}, problems)
    if wrong := [p for p in problems if p.severity is Severity.ERROR]:
        raise Refused(in_folder(into, wrong))
    return facts


@contextmanager
def _ready(into: Path) -> Iterator[None]:
    """The folder, ours alone to write in; one that was made for this and stays empty goes again."""
    missing = not into.is_dir()
    make_folder(into)
    try:
        with only_writer(into):
            yield
    finally:
        for folder in (*into.iterdir(), into) if missing else ():
            with suppress(OSError):
                folder.rmdir()


def _name(manner: Manner, digest: str, earlier: int) -> str:
    """A name that no import listed has; one that was interrupted had the name that its repetition gets.

    `earlier` is the number of imports of the same file, in this manner or another.
    """
    taken = "\0".join((digest, manner.kind, manner.source, manner.check, manner.location, str(earlier)))
    return f"{manner.folder}/{hashlib.sha256(taken.encode()).hexdigest()[:16]}.parquet"


def _check_folder(into: Path) -> None:
    if into.exists() and not into.is_dir():
        raise Refused(
            [error("no-facts-folder", Place(str(into)), "this is a file, not a folder", "", "name a folder of facts")]
        )
    if not into.exists() and not into.absolute().parent.is_dir():
        hint = f"make the folder {into.parent} first"
        raise Refused([error("no-facts-folder", Place(str(into)), "the folder above it does not exist", "", hint)])


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as raw:
            return hashlib.file_digest(raw, "sha256").hexdigest()
    except OSError as failure:
        raise Refused([_cannot_read(path, failure)]) from None


def _cannot_read(path: Path, failure: OSError) -> Problem:
    what = f"this file cannot be read: {(failure.strerror or 'the system refuses').lower()}"
    return error("evidence-unreadable", Place(str(path)), what, "", "name a file that you may read")
