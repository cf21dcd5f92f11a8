"""`import` of a file of another program: its options made one value, and what became of it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from makegood.app.bringing import BroughtReport, bring, format_of
from makegood.app.into_folder import cannot_read
from makegood.cli.screen import say
from makegood.cli.usage import WrongUsage
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Foreign
from makegood.exchange.columns import why_no_name
from makegood.exchange.foreign_json import counted
from makegood.exchange.formats import FORMATS, Format
from makegood.exchange.ical import holidays_text
from makegood.exchange.moments import read_moment
from makegood.exchange.naming import EVERYTHING
from makegood.exchange.table import Unreadable, form_of
from makegood.model.order import Order
from makegood.model.problem import Place, Refused, error

TABLES = ("observations", "status-log", "measurements")
"""What a table of ours may be taken as."""

OF_TABLES = ("metric",)
"""Options that tables of ours have too."""


def names_of(given: Sequence[str]) -> dict[str, str]:
    """Our names by the file's: `Compute - Phoenix=web`, or `web` for everything in it. Raises WrongUsage."""
    names: dict[str, str] = {}
    for text in given:
        foreign, sign, ours = text.rpartition("=")
        if not ours.strip() or (sign and not foreign.strip()):
            raise WrongUsage(f'--name "{text}" names nothing: write --name "its name=our name", or --name "our name"')
        foreign, ours = foreign.strip() or EVERYTHING, ours.strip()
        if reason := why_no_name(ours, None, "name"):
            raise WrongUsage(f"--name: {reason}")
        if names.setdefault(foreign, ours) != ours:
            raise WrongUsage(f'--name calls "{foreign or "everything"}" both "{names[foreign]}" and "{ours}"')
    if EVERYTHING in names and len(names) > 1:
        raise WrongUsage(f'--name "{names[EVERYTHING]}" is for everything in the file, and others are named beside it')
    return names


def options_of(given: Mapping[str, str | Path | None]) -> dict[str, str]:
    """The options that were given, instants and lengths as whole microseconds. Raises WrongUsage."""
    options: dict[str, str] = {}
    for name, value in given.items():
        if value is None or value == "":
            continue
        options[name] = str(value)
        if name == "fetched":
            moment = read_moment(options[name])
            if isinstance(moment, Wrong):
                raise WrongUsage(f"--fetched: {moment.what}" + (f": {moment.hint}" if moment.hint else ""))
            options[name] = str(moment[0])
        if name == "grace":
            length = numbers.duration(options[name])
            if isinstance(length, Wrong):
                raise WrongUsage(f"--grace: {length.what}" + (f": {length.hint}" if length.hint else ""))
            options[name] = str(length)
    return options


def chosen(file: Foreign, name: str) -> Format | None:
    """The format of a file; None where it is to be read as a table of ours. Raises Refused, and WrongUsage."""
    if name and name not in FORMATS:
        raise WrongUsage(f"--from {name}: known are " + ", ".join(FORMATS))
    found = format_of(file, name)
    if found is None:
        if "as" in file.options:
            raise WrongUsage(_no_kind(file.options["as"]))
        said = [f"--{option}" for option in file.options if option not in OF_TABLES] + ["--name"] * bool(file.names)
        if said:
            raise WrongUsage(f"{said[0]} is for files of other programs, and this is none that is known: say --from")
        _is_a_table(file.path)
        return None
    strange = [option for option in file.options if option not in found.options]
    if strange:
        of = " or ".join(f.name for f in FORMATS.values() if strange[0] in f.options) or "tables"
        raise WrongUsage(f"--{strange[0]} is for {of}, and this file is read as {found.name}")
    return found


def _no_kind(word: str) -> str:
    near = get_close_matches(word, TABLES, n=1, cutoff=0.5)
    meant = f'. Did you mean "{near[0]}"?' if near else ""
    return f"--as {word}: a table is taken as {', '.join(TABLES[:-1])} or {TABLES[-1]}{meant}"


def _is_a_table(path: Path) -> None:
    try:
        form_of(path.name)
    except Unreadable:
        if not path.is_file():
            return  # what is wrong with it is told where it is opened
        what = "this file is neither a table of ours nor of a format that is known"
        why = "; ".join(f"{one.name}: {one.says}" for one in FORMATS.values())
        hint = "tables end in .csv, .jsonl or .parquet; if it is one of these formats, say so with --from"
        raise Refused([error("foreign-unknown", Place(str(path)), what, why, hint)]) from None


def services_by_check(order: Order) -> dict[str, tuple[str, ...]]:
    """The services of an order by the check that is about them."""
    checks = dict.fromkeys(check for service in order.services for check in service.checks)
    return {check: tuple(s.name for s in order.services if check in s.checks) for check in checks}


def holidays_in(file: Foreign) -> int:
    """Print the days off of a calendar, to be pasted into a calendar rule. Raises Refused."""
    try:
        say(holidays_text(file))
    except Unreadable as failure:
        raise Refused([error("foreign-unreadable", Place(str(file.path)), str(failure))]) from None
    except OSError as failure:
        raise Refused([cannot_read(file.path, failure)]) from None
    return 0


def bring_in(file: Foreign, into: Path, kind: Format, known: set[str] | None, dry_run: bool) -> int:
    """Import the file and say what became of it."""
    report = bring(file, into, kind, known=known, dry_run=dry_run)
    say(_told(report, kind, file.path, into, dry_run))
    return 0


def _told(report: BroughtReport, kind: Format, file: Path, into: Path, dry_run: bool) -> str:
    counts = [
        f"{counted(part.new, part.kind.removesuffix('s'))} accepted, {part.duplicate:,} duplicate"
        for part in report.parts
    ]
    lines = [f"read as {kind.name}: {kind.says}", *(counts or ["nothing in it can be taken"])]
    lines += [f"  {note}" for note in report.notes]
    if dry_run:
        lines.append("nothing was written: this was a dry run")
    elif report.written:
        lines.append(f"written into {into}")
    elif report.before:
        lines.append(f"{file.name} was imported before, on {report.before}: nothing changes")
    else:
        lines.append("nothing is new: nothing was written")
    return "\n".join(lines)
