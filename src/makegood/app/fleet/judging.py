"""Use case: judge many orders under one agreement on a pool, and tell what was found in the order that was asked."""

from __future__ import annotations

import pickle
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from makegood.app.fleet.parts import packed
from makegood.app.fleet.pools import Pool
from makegood.app.fleet.task import Asked, Sheet
from makegood.app.judging import Docket, labels, open_dockets
from makegood.app.refusals import OUTSIDE_TERM
from makegood.model.problem import Place, Problem, Refused, error
from makegood.model.spans import Instant

ENDING = ".order.yaml"
KEPT = 1 << 24
"""Bytes of results out of turn that are kept in memory; more lie in a temporary file."""


def order_files(named: Sequence[Path]) -> list[Path]:
    """The files of orders that are named: themselves, and every `*.order.yaml` of a folder by name, each once.

    Raises Refused for folders without any, all at once.
    """
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in named:
        here = [path]
        if path.is_dir():
            here = sorted(p for p in path.iterdir() if p.name.endswith(ENDING) and p.is_file())
        if not here:
            hint = f"name the file, or put orders into the folder as `NAME{ENDING}`"
            problems.append(error("no-orders", Place(str(path)), f"this folder holds no file `*{ENDING}`", "", hint))
        found |= dict.fromkeys(here)
    if problems:
        raise Refused(problems)
    return list(found)


@dataclass(frozen=True)
class Fleet:
    """Orders that were read and found in order, with the periods that are to be judged of each.

    `outside` are the orders whose term meets none of these periods, in the words of the refusal of one alone.
    """

    asked: tuple[Asked, ...]
    outside: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def orders(self) -> list[str]:
        return [one.docket.order.id for one in self.asked]

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys(label for one in self.asked for label in one.labels))


def open_fleet(
    agreement: Path,
    orders: Sequence[Path],
    facts: Path,
    period: tuple[str, str],
    other_services: bool = False,
    size: int | None = None,
) -> Fleet:
    """Read everything before any work. Raises Refused with every problem of all inputs together, and where no order
    has a time in the periods, the first and the last label."""
    dockets = open_dockets(agreement, orders, facts, other_services, size)
    asked: list[Asked] = []
    outside: list[Problem] = []
    problems: dict[Problem, None] = {}
    for docket in dockets:
        found = _labels(docket, period)
        if not isinstance(found, Problem):
            asked.append(Asked(len(asked), docket, tuple(found)))
        elif found.code == OUTSIDE_TERM:
            outside.append(found)
        else:
            problems[found] = None
    if problems or not asked:
        raise Refused([*problems, *outside])
    return Fleet(tuple(asked), tuple(outside), dockets[0].warnings)


def _labels(docket: Docket, period: tuple[str, str]) -> list[str] | Problem:
    try:
        return labels(docket, *period)
    except Refused as refused:
        return refused.problems[0]


def sheets(
    fleet: Fleet,
    pool: Pool,
    as_of: Instant,
    workers: int,
    documents: bool = False,
    swept: bool = True,
    seconds: float = float(24 * 3600),
) -> Generator[Sheet]:
    """What was found of each order, in the order of the fleet, as soon as it and all before it are done.

    `workers` is for how many the work is cut, `seconds` how long all of it may take. Raises Refused where a task could
    not be done.
    """
    deadline = time.monotonic() + seconds
    tasks = packed(fleet.asked, as_of, workers, documents, swept)
    with closing(_Turn()) as turn:
        work = pool.run(tasks, deadline)
        with closing(work):
            for _, result in work:
                for sheet in pickle.loads(result):
                    turn.put(sheet)
                yield from turn.ready()


class _Turn:
    """Results that wait for their turn, in a temporary file without a name when they are many."""

    def __init__(self) -> None:
        self.next = 0
        self.places: dict[int, tuple[int, int]] = {}
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=KEPT)  # noqa: SIM115 -- closed with its owner

    def put(self, sheet: Sheet) -> None:
        raw = pickle.dumps(sheet, pickle.HIGHEST_PROTOCOL)
        at = self.file.seek(0, 2)
        self.file.write(raw)
        self.places[sheet.number] = (at, len(raw))

    def ready(self) -> Iterator[Sheet]:
        """Those whose turn it is."""
        while (place := self.places.pop(self.next, None)) is not None:
            self.file.seek(place[0])
            sheet: Sheet = pickle.loads(self.file.read(place[1]))
            self.next += 1
            yield sheet
        if not self.places:
            self.file.seek(0)
            self.file.truncate()

    def close(self) -> None:
        self.file.close()
