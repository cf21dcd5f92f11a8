"""`import`: take evidence into a folder of facts."""

from __future__ import annotations

import getpass
import time
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.app.importing import ImportReport, import_evidence
from makegood.app.judging import file_bytes
from makegood.cli.screen import say
from makegood.exchange.orders import read_order
from makegood.model.problem import Refused

KINDS = {"observations": "observations", "status-log": "status log"}


def take(
    file: Path,
    *,
    into: Path,
    kind: Annotated[Literal["observations", "status-log"] | None, Parameter(name="--as")] = None,
    check: str = "",
    location: str = "",
    source: str = "",
    order: Path | None = None,
    by: str = "",
    dry_run: bool = False,
) -> int:
    """Take observations (CSV, JSON Lines, Parquet) or a status log into a folder of facts: all of a file or nothing.

    Parameters
    ----------
    file
        The file to read.
    into
        The folder of facts; made where it is missing.
    kind
        observations or status-log; told by the columns where not given.
    check
        The check of rows that name none.
    location
        The location of rows that name none.
    source
        Who reported a status log; the file's name where not given.
    order
        Refuse rows about checks and services that this order does not know.
    by
        Who records this; the user's name where not given.
    dry_run
        Count what would be accepted, rejected and duplicate, and write nothing.
    """
    known = _known(order) if order else None
    report = import_evidence(
        file,
        into,
        KINDS[kind] if kind else None,  # type: ignore[arg-type]
        source,
        check,
        location,
        now=time.time_ns() // 1000,
        by=by or _user(),
        known=known,
        dry_run=dry_run,
    )
    say(_told(report, file, into, dry_run))
    return 1 if report.rejected else 0


def _known(order: Path) -> set[str]:
    read, problems = read_order(file_bytes(order), str(order))
    if read is None:
        raise Refused(problems)
    return {s.name for s in read.order.services} | {c for s in read.order.services for c in s.checks}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _told(report: ImportReport, file: Path, into: Path, dry_run: bool) -> str:
    lines = [f"{report.accepted:,} accepted, {report.duplicate:,} duplicate, {report.rejected:,} rejected"]
    lines += [f"  row {r.row}: {r.reason}" for r in report.first_rejected]
    more = report.rejected - len(report.first_rejected)
    lines += [f"  and {more:,} more"] if more > 0 else []
    if report.before:
        lines.append(f"{file.name} was imported before, on {report.before}: nothing changes")
    elif report.rejected:
        lines.append("nothing was written, because rows were rejected: mend them and import the file again")
    elif dry_run:
        lines.append("nothing was written: this was a dry run")
    elif report.written:
        lines.append(f"written into {into}")
    else:
        lines.append("nothing is new: nothing was written")
    return "\n".join(lines)
