"""Import evidence of other programs into a facts folder: the whole file or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from makegood.app.arrivals import Arrival, Progress, arrival
from makegood.app.given import Kind, Manner, kind_of
from makegood.app.into_folder import cannot_read, check_folder, digest_of, ready
from makegood.exchange.moments import written
from makegood.exchange.table import Rejection, Unreadable
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Duration, Instant
from makegood.store.imports import Import
from makegood.store.keeping import imports_in, keep

MOST_TOLD = 20


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
    service: str = "",
    metric: str = "",
    every: Duration | None = None,
    *,
    now: Instant,
    by: str,
    known: Collection[str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read a file and, unless a row is rejected or it is a dry run, add its new rows to a folder, known from `now` on.

    `kind` None is told by the columns. `source` names a status log or measurements (else the file does); `check` and
    `location`, or `service`, `metric` and `every` (µs), are those of rows without such columns; `known` are the checks
    or services that rows may name; `progress` is told how far it is. Raises Refused when the file or the folder cannot
    be used; the folder may be missing, not the one above it.
    """
    check_folder(into)
    digest = digest_of(path)
    try:
        manner = Manner(
            kind or kind_of(path), source or path.name.partition(".")[0], check, location, service, metric, every
        )
        with arrival(path, manner, now, known, progress or _untold) as given:
            if dry_run or given.rejected.count or not len(given):
                return _report(into, given, manner, digest)
            with ready(into):
                report = _report(into, given, manner, digest)
                if report.rejected or not report.accepted:
                    return report
                name = _name(manner, digest, sum(i.sha256 == digest for i in imports_in(into)))
                given.keep(into, name, now)
                made = Import(
                    path.name, digest, manner.kind, name, digest_of(into / name), report.accepted, report.duplicate,
                    written(now), by, manner.source if manner.kind != "observations" else "", check, location, service,
                    metric, every or 0,
                )  # fmt: skip
                keep(into, [made], now, by)
                return replace(report, written=True, file=name)
    except Unreadable as failure:
        raise Refused([error("evidence-unreadable", Place(str(path)), str(failure))]) from None
    except OSError as failure:
        raise Refused([cannot_read(path, failure)]) from None


def _untold(_doing: str, _rows: int) -> None:
    pass


def _report(into: Path, given: Arrival, manner: Manner, digest: str) -> ImportReport:
    """What would become of the rows, given what the folder holds now."""
    weight = given.weigh(into)
    imports = imports_in(into) if into.is_dir() else []
    before = next((i.recorded for i in imports if i.sha256 == digest and i.kind == manner.kind), "")
    first = tuple(sorted(given.rejected.first)[:MOST_TOLD])
    return ImportReport(
        manner.kind, weight.new, weight.duplicate, given.rejected.count, first, False, tuple(given.left_aside), before
    )


def _name(manner: Manner, digest: str, earlier: int) -> str:
    """A name that no import listed has; one that was interrupted had the name that its repetition gets.

    `earlier` is the number of imports of the same file, in this manner or another.
    """
    said = [manner.kind, manner.source, manner.check, manner.location]
    if manner.kind == "measurements":
        said += [manner.service, manner.metric, str(manner.every or 0)]
    taken = "\0".join((digest, *said, str(earlier)))
    return f"{manner.folder}/{hashlib.sha256(taken.encode()).hexdigest()[:16]}.parquet"
