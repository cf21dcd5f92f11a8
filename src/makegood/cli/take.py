"""`import`: take evidence into a folder of facts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Literal, get_args

from cyclopts import Parameter

from makegood.app.given import Kind
from makegood.app.importing import ImportReport, import_evidence
from makegood.app.judging import file_bytes
from makegood.app.recording import record
from makegood.cli.bring import TABLES, bring_in, chosen, holidays_in, names_of, options_of, services_by_check
from makegood.cli.progress import telling
from makegood.cli.screen import say
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Foreign
from makegood.exchange.foreign_json import counted
from makegood.exchange.measurements import read_length
from makegood.exchange.orders import read_order
from makegood.model.order import Order
from makegood.model.problem import Refused
from makegood.model.spans import Duration, Instant

HOLIDAYS = "holidays"
KINDS: dict[str, Kind] = dict(zip(TABLES, get_args(Kind), strict=True))


def take(
    file: Path,
    *,
    into: Path | None = None,
    kind: Annotated[str, Parameter(name="--as")] = "",
    check: str = "",
    location: str = "",
    source: str = "",
    service: str = "",
    metric: str = "",
    every: str = "",
    order: Path | None = None,
    by: str = "",
    key: str = "",
    dry_run: bool = False,
    progress: bool = False,
    from_: Annotated[str, Parameter(name="--from")] = "",
    name: tuple[str, ...] = (),
    down_from: Literal["minor", "major", "critical"] | None = None,
    down_by: Literal["status", "impact"] | None = None,
    polls: Path | None = None,
    components: Path | None = None,
    fetched: str = "",
    grace: str = "",
    step: str = "",
    service_label: str = "",
    location_label: str = "",
    source_label: str = "",
    places: str = "",
    between: str = "",
    zone: tuple[str, ...] = (),
    work_kind: Annotated[str, Parameter(name="--kind")] = "",
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
        observations, status-log or measurements; of Prometheus a quantity such as p95, or up; of a calendar holidays.
    check
        The check of rows that name none.
    location
        The location of rows that name none.
    source
        Who reported a status log, or who measured; the file's name where not given.
    service
        The service of measurements that name none.
    metric
        The metric of measurements that name none, or what to call that of Prometheus.
    every
        How long each interval of measurements is, such as "5 min", where no column says it.
    order
        Refuse rows about checks and services that this order does not know.
    by
        Who records this; the user's name where not given.
    key
        Of facts for a store: an idempotency key, under which the same file may be sent again.
    dry_run
        Count what would be accepted, rejected and duplicate, and write nothing.
    progress
        Tell on the error stream how far it is, also where that is no terminal.
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
    step
        Of Prometheus: the step of the query, such as "1 min"; told by the samples where not given.
    service_label
        Of Prometheus: the label that names the service, or the check.
    location_label
        Of Prometheus: the label that names the location, with --as up; instance where not given.
    source_label
        Of Prometheus: the label that names the source.
    places
        Of Prometheus: round every number to so many decimals, half up.
    between
        Of a calendar: only what begins on these dates, "2026-01-01 to 2026-12-31".
    zone
        Of a calendar: the zone of its dates and floating times; or "its name=Europe/Berlin" for a zone of its own.
    work_kind
        Of a calendar, or of downtimes in Datadog: the kind of the announced work.
    """
    ordered = _order(order) if order else None
    known = _known(ordered) if ordered else None
    now, recorded_by = time.time_ns() // 1000, by or user_name()
    if file.name.endswith(".facts.yaml"):
        return _recorded(file, _folder(into), now, recorded_by, key, dry_run)
    if kind not in KINDS:
        given = {
            "as": kind if kind != HOLIDAYS else "", "metric": metric, "step": step, "service-label": service_label,
            "location-label": location_label, "source-label": source_label, "places": places, "between": between,
            "zone": "\n".join(zone), "kind": work_kind,
            "down-from": down_from, "down-by": down_by, "polls": polls, "components": components, "fetched": fetched,
            "grace": grace,
        }  # fmt: skip
        foreign = Foreign(
            file, now, recorded_by, source, names_of(name), options_of(given),
            services_by_check(ordered) if ordered else {}, location,
        )  # fmt: skip
        format_ = chosen(foreign, from_)
        if kind == HOLIDAYS:
            if format_ is None or format_.name != "icalendar":
                raise WrongUsage(f"--as holidays is for a calendar, and {file.name} is none")
            return holidays_in(foreign)
        if format_:
            for option, value in (("check", check), ("service", service), ("every", every)):
                if value:
                    raise WrongUsage(f"--{option} is for tables of ours, and this file is read as {format_.name}")
            return bring_in(foreign, _folder(into), format_, known, dry_run)
    elif from_ or name:
        raise WrongUsage(
            "--as is for tables of ours, and --from and --name for files of other programs: say one of them"
        )
    folder = _folder(into)
    with telling(progress) as tell:
        report = import_evidence(
            file,
            folder,
            KINDS[kind] if kind else None,
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
            progress=tell,
        )
    say(_told(report, file, folder, dry_run))
    return 1 if report.rejected else 0


def _recorded(file: Path, into: Path, now: Instant, by: str, key: str, dry_run: bool) -> int:
    """Record facts in a store, and say what became of them."""
    made = record(file, into, now=now, by=by, key=key, dry_run=dry_run)
    lines = [f"{counted(made.new, 'fact')} accepted, {made.duplicate:,} duplicate"]
    if dry_run:
        lines.append("nothing was recorded: this was a dry run")
    elif not made.new:
        lines.append("nothing is new: nothing was recorded")
    else:
        first, last = made.positions[0], made.positions[-1]
        lines.append(f"recorded in {into}, " + (f"position {first}" if first == last else f"positions {first}-{last}"))
    say("\n".join(lines))
    return 0


def _folder(into: Path | None) -> Path:
    if into is None:
        raise WrongUsage("--into is missing: name the folder of facts; see makegood import --help")
    return into


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
