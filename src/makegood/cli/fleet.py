"""`evaluate` of many orders: which pool, which form, and what is told beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from makegood.app.fleet.judging import Fleet, open_fleet, sheets
from makegood.app.fleet.pools import NAMED, Here, Pool
from makegood.app.fleet.task import Sheet
from makegood.app.knowing import known
from makegood.cli.judge import Format, code_of
from makegood.cli.screen import complain, say, say_document, say_problems, writing
from makegood.cli.usage import WrongUsage
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.problem import Problem, Refused
from makegood.model.spans import SECOND
from makegood.model.statement import NotApplicable, Verdict
from makegood.render.document import collection_of
from makegood.render.fleet import FleetTable, csv_head, csv_rows

FEW = 200
"""Periods of orders up to which processes of their own cost more time than they save."""
ALL_PARTS = 8
"""Workers for which the work of a cluster is cut, whatever it has now: some may come later."""


@dataclass(frozen=True)
class Asking:
    """What is to be judged, as the command line has it. `period` are the first label and the last."""

    agreement: Path
    orders: Sequence[Path]
    facts: Path
    period: tuple[str, str]
    as_of: str | None
    other_services: bool


@dataclass
class Found:
    """What is told when all sheets have come."""

    verdicts: set[Verdict] = field(default_factory=set)
    not_applicable: dict[NotApplicable, None] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[Problem, None] = field(default_factory=dict)


def evaluate_fleet(
    asking: Asking,
    chosen: Format,
    output: Path | None,
    jobs: int | None,
    cluster: str | None,
    deadline: str,
    exit_code: bool,
) -> int:
    """Judge the orders and write what was found while it comes; the exit code. Raises WrongUsage and Refused."""
    if chosen in ("text", "html"):
        raise WrongUsage(f"--format {chosen} is for one order in one process; of a fleet say table, csv or json")
    if jobs is not None and (jobs < 1 or cluster is not None):
        raise WrongUsage("--jobs is a number from 1 up" if jobs < 1 else "say --jobs or --cluster, not both")
    seconds = _seconds(deadline)
    at, size = known(asking.as_of, asking.facts)
    fleet = open_fleet(asking.agreement, asking.orders, asking.facts, asking.period, asking.other_services, size)
    say_problems(fleet.warnings)
    pool, workers = _pool(fleet, jobs, cluster)
    found = Found()
    with (
        _to(output, chosen) as write,
        closing(sheets(fleet, pool, at, workers, documents=chosen == "json", seconds=seconds)) as made,
    ):
        for part in _parts(chosen, fleet, _noted(made, found), found):
            write(part)
    if output is not None:
        say(f"written: {output}")
    _tell(fleet, found)
    return code_of(found.verdicts) if exit_code else 0


def _seconds(text: str) -> float:
    length = numbers.duration(text)
    if isinstance(length, Wrong):
        raise WrongUsage(f"--deadline: {length.what}" + (f": {length.hint}" if length.hint else ""))
    return length / SECOND


def _pool(fleet: Fleet, jobs: int | None, cluster: str | None) -> tuple[Pool, int]:
    """Who does the work, and for how many it is cut."""
    if cluster is not None:
        from makegood.app.fleet.dask import Cluster

        return Cluster(cluster), ALL_PARTS
    if jobs is None:
        jobs = 1 if sum(len(one.labels) for one in fleet.asked) <= FEW else cores()
    if jobs == 1:
        return Here(), 1
    from makegood.app.fleet.processes import Processes

    return Processes(jobs), jobs


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _noted(made: Iterable[Sheet], found: Found) -> Iterator[Sheet]:
    """The sheets, with what is told later taken down. Raises Refused at the end where an order could not be judged."""
    for sheet in made:
        found.verdicts |= {row.verdict for row in sheet.rows}
        found.not_applicable |= dict.fromkeys(sheet.not_applicable)
        found.problems |= dict.fromkeys(sheet.problems)
        if sheet.left_out:
            found.left_out.setdefault(sheet.left_out, []).append(sheet.order)
        yield sheet
    if found.problems:
        raise Refused(list(found.problems))


def _parts(chosen: Format, fleet: Fleet, made: Iterable[Sheet], found: Found) -> Iterator[str]:
    """The output, part by part."""
    match chosen:
        case "json":
            pieces = chain.from_iterable(sheet.documents for sheet in made)
            yield from collection_of(pieces, lambda: list(found.not_applicable))
        case "csv":
            yield csv_head()
            yield from (csv_rows(sheet.rows) for sheet in made)
        case _:
            table = FleetTable(fleet.orders, fleet.labels)
            yield table.head()
            yield from (table.lines(sheet.rows) for sheet in made)
            yield table.totals()


@contextmanager
def _to(output: Path | None, chosen: Format) -> Iterator[Callable[[str], object]]:
    if output is not None:
        with writing(output) as write:
            yield write
    elif chosen == "table":
        yield _say
    else:
        yield say_document


def _say(text: str) -> None:
    if text:
        say(text)
        sys.stdout.flush()


def _tell(fleet: Fleet, found: Found) -> None:
    for said, orders in found.left_out.items():
        complain(f"{said}; it and later periods are left out of {_orders(orders)}")
    if fleet.outside:
        whats = "; ".join(f"{problem.what}: {problem.why}" for problem in fleet.outside[:NAMED])
        more = f"; and {len(fleet.outside) - NAMED:,} more" if len(fleet.outside) > NAMED else ""
        complain(f"left out are orders outside their terms: {whats}{more}")


def _orders(orders: Sequence[str]) -> str:
    return orders[0] if len(orders) == 1 else f"{len(orders):,} orders"
