"""A file of evidence that has been read and waits to be weighed and kept: in memory, or on disk where it may be large.

Observations come by the minute and by the location, so they are put aside on disk and memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Protocol, TypeAlias

import duckdb
import numpy as np

from makegood.app.given import Given, Manner, read_given, write_given
from makegood.app.into_folder import evidence_in, imported_observations
from makegood.app.weighing import HELD, WORDS, weigh
from makegood.exchange.moments import written
from makegood.exchange.observations import Gathered, observed
from makegood.exchange.table import Rejections, form_of
from makegood.model.facts import Facts
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.durable import make_folder, write_whole
from makegood.store.refusals import disk_refusal
from makegood.store.staging import Contradiction, Known, Staged, staging

ASIDE = "make room there, or name another folder in TMPDIR, and import the file again"
"""What can be done where rows cannot be put aside."""
MOST_TOLD = 200
"""Of the rows that contradict, so many are told with their reasons; all are counted."""

Progress: TypeAlias = Callable[[str, int], None]
"""Told what is being done, "reading", "comparing" or "writing", and with how many rows."""


@dataclass(frozen=True, slots=True)
class Weight:
    """How many rows are new and how many known already, after those that contradict were added to the rejected ones."""

    new: int
    duplicate: int


class Arrival(Protocol):
    """The rows of a file, and those that were refused."""

    @property
    def rejected(self) -> Rejections: ...

    @property
    def left_aside(self) -> Sequence[str]: ...

    def __len__(self) -> int: ...

    def weigh(self, into: Path) -> Weight:
        """Compare the rows with each other and with a folder; those that contradict are rejected. Once only."""

    def keep(self, into: Path, name: str, recorded: Instant) -> None:
        """Write what is new to a file of the folder, known from `recorded` on."""


@contextmanager
def arrival(
    path: Path, manner: Manner, now: Instant, known: Collection[str] | None, progress: Progress
) -> Iterator[Arrival]:
    """A file, read. Raises Unreadable when it is no such table, OSError as `open` does, and Refused on a full disk."""
    if manner.kind != "observations":
        yield FewRows(read_given(path, manner, now, known), manner)
        return
    with ExitStack() as ends:
        with _room(Path(gettempdir()), ASIDE):
            staged = ends.enter_context(staging())
        gathered = Gathered()
        for rows in observed(path, form_of(path.name), gathered, manner.check, manner.location, known, now):
            with _room(staged.folder, ASIDE):
                staged.add(rows)
            progress("reading", staged.rows)
        yield ManyRows(staged, gathered, progress)


@dataclass(eq=False)
class FewRows:
    """Rows in memory: states and measurements."""

    given: Given
    manner: Manner
    new: np.ndarray | None = None

    @property
    def rejected(self) -> Rejections:
        return self.given.rejected

    @property
    def left_aside(self) -> Sequence[str]:
        return self.given.left_aside

    def __len__(self) -> int:
        return len(self.given.rows)

    def weigh(self, into: Path) -> Weight:
        weighed = weigh(evidence_in(into), self.given, self.manner)
        for at in weighed.wrong[:MOST_TOLD].tolist():
            self.rejected.add(int(self.given.rows.row[at]), weighed.why(at))
        self.rejected.count += max(0, len(weighed.wrong) - MOST_TOLD)
        self.new = weighed.new
        return Weight(int(weighed.new.sum()), int(weighed.duplicate.sum()))

    def keep(self, into: Path, name: str, recorded: Instant) -> None:
        assert self.new is not None, "rows are weighed before they are kept"
        with _room(into):
            write_given(into, name, self.given.rows.only(self.new), self.manner, recorded)


@dataclass(eq=False)
class ManyRows:
    """Rows on disk: observations."""

    staged: Staged
    gathered: Gathered
    progress: Progress

    @property
    def rejected(self) -> Rejections:
        return self.gathered.rejected

    @property
    def left_aside(self) -> Sequence[str]:
        return tuple(self.gathered.left_aside)

    def __len__(self) -> int:
        return self.staged.rows

    def weigh(self, into: Path) -> Weight:
        imported = imported_observations(into)
        held = imported if imported is not None else _known(evidence_in(into), self.gathered)
        self.progress("comparing", len(self))
        with _room(self.staged.folder, ASIDE):
            counts = self.staged.weigh(held, MOST_TOLD)
        for one in counts.first_wrong:
            self.rejected.add(one.row, _why(one))
        self.rejected.count += counts.wrong - len(counts.first_wrong)
        return Weight(counts.new, counts.duplicate)

    def keep(self, into: Path, name: str, recorded: Instant) -> None:
        self.progress("writing", len(self))
        staged, latencies = self.staged, into / "latencies"
        with _room(into):
            make_folder((into / name).parent)
            write_whole(into / name, lambda beside: staged.write(beside, recorded))
            if staged.has_latencies():
                make_folder(latencies)
                write_whole(latencies / Path(name).name, staged.write_latencies)


def _known(facts: Facts, gathered: Gathered) -> Known:
    """What is known about the checks and locations of a file, numbered as in the file."""
    columns: list[tuple[np.ndarray, ...]] = [(np.empty(0, dtype=np.int64),) * 4]
    for check, number in gathered.checks.number.items():
        if check in facts.results:
            r = facts.results[check]
            place = np.array([gathered.locations.number.get(name, -1) for name in r.locations], dtype=np.int64)
            columns.append((np.full(len(r.begun), number), place[r.location], r.begun, r.outcome.astype(np.int64)))
    return Known(*(np.concatenate([part[i] for part in columns]) for i in range(4)))


def _why(wrong: Contradiction) -> str:
    says = f"`{wrong.check}` ({wrong.location}) at {written(wrong.begun)} is {WORDS[wrong.outcome]}"
    if not wrong.against:
        return f"{says}, which contradicts {HELD} for that instant"
    return f"{says}, which contradicts row {wrong.against}"


@contextmanager
def _room(where: Path, hint: str = "make room, and import the file again") -> Iterator[None]:
    """Refuse where the disk does."""
    try:
        yield
    except (duckdb.Error, OSError) as failure:
        what, why = "the rows cannot be written", disk_refusal(failure)
        raise Refused([error("unwritable", Place(str(where)), what, why, hint)]) from None
