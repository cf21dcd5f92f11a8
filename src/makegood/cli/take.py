"""`import`: take evidence into a folder of facts."""

from __future__ import annotations

import getpass
import time
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.app.importing import ImportReport, import_evidence
from makegood.app.judging import file_bytes
from makegood.cli.bring import bring_in, chosen, names_of, options_of, services_by_check
from makegood.cli.screen import say
from makegood.cli.usage import WrongUsage
from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Foreign
from makegood.exchange.measurements import read_length
from makegood.exchange.orders import read_order
from makegood.model.order import Order
from makegood.model.problem import Refused
from makegood.model.spans import Duration

KINDS = {"observations": "observations", "status-log": "status log", "measurements": "measurements"}


def take(
    file: Path,
    *,
    into: Path,
    kind: Annotated[Literal["observations", "status-log", "measurements"] | None, Parameter(name="--as")] = None,
    check: str = "",
    location: str = "",
    source: str = "",
    service: str = "",
    metric: str = "",
    every: str = "",
    order: Path | None = None,
    by: str = "",
    dry_run: bool = False,
    from_: Annotated[str, Parameter(name="--from")] = "",
    name: tuple[str, ...] = (),
    down_from: Literal["minor", "major", "critical"] | None = None,
    down_by: Literal["status", "impact"] | None = None,
    polls: Path | None = None,
    components: Path | None = None,
    fetched: str = "",
    grace: str = "",
) -> int:
    """Take observations, a status log or measurements into a folder of facts: all of a file or nothing.

    Files of other programs are taken too, and told by what is in them.

    Parameters
    ----------
    file
        The file to read.
    into
        The folder of facts; made where it is missing.
    kind
        observations, status-log or measurements; told by the columns where not given.
    check
        The check of rows that name none.
    location
        The location of rows that name none.
    source
        Who reported a status log, or who measured; the file's name where not given.
    service
        The service of measurements that name none.
    metric
        The metric of measurements that name none.
    every
        How long each interval of measurements is, such as "5 min", where no column says it.
    order
        Refuse rows about checks and services that this order does not know.
    by
        Who records this; the user's name where not given.
    dry_run
        Count what would be accepted, rejected and duplicate, and write nothing.
    from_
        The format of another program's file; told by its content where not given.
    name
        What we call a thing of that file: "its name=our name", as often as needed, or one name for all of it.
    down_from
        Of a status page: minor, major or critical; what a component is down from on. major where not given.
    down_by
        Of a status page: by the status of each component, or by the impact of the whole incident.
    polls
        Of a status page: a table of when it was asked, and which incidents were unresolved.
    components
        Of a status page: its components.json or summary.json, with those that had no incident.
    fetched
        When the file was fetched, where it does not say so itself.
    grace
        Of healthchecks: how long after a failure it is told at most, period and grace together.
    """
    ordered = _order(order) if order else None
    known = _known(ordered) if ordered else None
    now, recorded_by = time.time_ns() // 1000, by or _user()
    if not kind:
        given = {
            "down-from": down_from, "down-by": down_by, "polls": polls, "components": components, "fetched": fetched,
            "grace": grace,
        }  # fmt: skip
        foreign = Foreign(
            file, now, recorded_by, source, names_of(name), options_of(given),
            services_by_check(ordered) if ordered else {}, location,
        )  # fmt: skip
        if format_ := chosen(foreign, from_):
            return bring_in(foreign, into, format_, known, dry_run)
    elif from_ or name:
        raise WrongUsage(
            "--as is for tables of ours, and --from and --name for files of other programs: say one of them"
        )
    report = import_evidence(
        file,
        into,
        KINDS[kind] if kind else None,  # type: ignore[arg-type]
        source,
        check,
        location,
        service,
        metric,
        _length(every),
        now=now,
        by=recorded_by,
        known=known,
        dry_run=dry_run,
    )
    say(_told(report, file, into, dry_run))
    return 1 if report.rejected else 0


def _length(every: str) -> Duration | None:
    """The length of an interval. Raises WrongUsage where it is none."""
    if not every:
        return None
    length = read_length(every)
    if isinstance(length, Wrong):
        reason = ", ".join(part for part in (length.what, length.why) if part)
        raise WrongUsage(f"--every: {reason}" + (f"; {length.hint}" if length.hint else ""))
    return length


def _order(path: Path) -> Order:
    read, problems = read_order(file_bytes(path), str(path))
    if read is None:
        raise Refused(problems)
    return read.order


def _known(order: Order) -> set[str]:
    return {s.name for s in order.services} | {c for s in order.services for c in s.checks}


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
