"""The observations of one file on their way into a folder: on disk, so that memory does not grow with their number.

Rows are put aside batch by batch, compared by key with each other and with what the folder holds, and what is new is
written in order. DuckDB does it within a bound of memory and spills the rest; all lies in a folder that goes away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from makegood.exchange.columns import OUTCOMES
from makegood.exchange.observations import Observations
from makegood.exchange.parquet_table import NEVER_FETCHED
from makegood.model.spans import Instant, Times

MEMORY = "192MB"
"""What DuckDB may use at once; ten million rows take 7 s within it."""
AT_ONCE = 250_000
"""Rows that are gathered before they are put aside."""

_WEIGH = """
copy (
  with ranked as (
    select *, first_value(outcome) over of_key as first_outcome, first_value(row) over of_key as first_row
    from read_parquet($parts) window of_key as (partition by "check", location, begun order by row)
  )
  select ranked.*, coalesce(known.outcome, first_outcome) as reference,
    case when known.outcome is null then first_row else 0 end as against
  from ranked left join known on known."check" = ranked."check" and known.location = ranked.location
    and known.begun = ranked.begun
) to $weighed (format parquet)
"""
_NEW = "row = against and outcome = reference"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A row of the file that says another outcome than what is known, or than the row `against` of the file; 0 is what
    the folder holds."""

    row: int
    check: str
    location: str
    begun: Instant
    outcome: int
    against: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows are new, known already, and contradict; the first of the latter in the order of the file."""

    new: int
    duplicate: int
    wrong: int
    first_wrong: tuple[Contradiction, ...]


class Staged:
    """Rows put aside. Every method raises duckdb.Error when the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.parts = folder, list[str]()
        self.waiting: list[Observations] = []
        self.rows = 0
        self.checks: tuple[str, ...] = ()
        self.locations: tuple[str, ...] = ()
        config = NEVER_FETCHED | {"threads": "1", "memory_limit": MEMORY, "temp_directory": str(folder)}
        self.db = duckdb.connect(":memory:", config=config)

    def add(self, rows: Observations) -> None:
        """Put rows aside. Checks and locations are numbered as in the batches before."""
        self.checks, self.locations = rows.checks, rows.locations
        self.waiting.append(rows)
        self.rows += len(rows)
        if sum(map(len, self.waiting)) >= AT_ONCE:
            self._put_aside()

    def weigh(self, known: Sequence[Path] | Known, most_told: int) -> Counts:
        """Compare the rows with each other and with what is known: imported files, or rows.

        Of rows with one key the first is compared with what is known, and the others with what that was compared with.
        """
        self._put_aside()
        if not self.parts:
            return Counts(0, 0, 0, ())
        self._know(known)
        weighed = str(self.folder / "weighed.parquet")
        self.db.execute(_WEIGH.replace("$parts", _texts(self.parts)).replace("$weighed", _text(weighed)))
        self.db.execute(f"create or replace temp view weighed as select * from read_parquet({_text(weighed)})")
        (counted,) = self.db.execute(
            f"select count(*) filter ({_NEW}), count(*) filter (outcome = reference), count(*) from weighed"
        ).fetchall()
        new, agreeing, every = counted
        wrong = self.db.execute(
            'select row, "check", location, begun, outcome, against from weighed where outcome <> reference'
            f" order by row limit {most_told}"
        ).fetchall()
        told = tuple(
            Contradiction(row, self.checks[check], self.locations[place], begun, outcome, against)
            for row, check, place, begun, outcome, against in wrong
        )
        return Counts(new, agreeing - new, every - agreeing, told)

    def write(self, path: Path, recorded: Instant) -> None:
        """What is new, sorted by check, location and time, as `evidence_files.write_observations` does."""
        self._write(
            path,
            f"['up', 'down', 'unknown'][outcome + 1] as outcome, reason, make_timestamptz({recorded}) as recorded",
        )

    def write_latencies(self, path: Path) -> None:
        """The latencies of what is new and has one, as `evidence_files.write_latencies` does."""
        self._write(path, "latency as latency_us", "and latency >= 0")

    def has_latencies(self) -> bool:
        """Whether anything new has one."""
        return bool(self.db.execute(f"select 1 from weighed where {_NEW} and latency >= 0 limit 1").fetchall())

    def _write(self, path: Path, columns: str, only: str = "") -> None:
        self._name()
        self.db.execute(
            'copy (select checks.name as "check", locations.name as location, make_timestamptz(begun) as begun, '
            f"{columns} from weighed join checks on checks.number = weighed.check join locations"
            f" on locations.number = weighed.location where {_NEW} {only}"
            f" order by checks.name, locations.name, begun) to {_text(str(path))} (format parquet, compression zstd)"
        )

    def _name(self) -> None:
        """The tables `checks` and `locations`."""
        for table, names in (("checks", self.checks), ("locations", self.locations)):
            self.db.execute(
                f"create or replace temp table {table} as select unnest($1) as name, unnest(range(len($1))) as number",
                [list(names)],
            )

    def _know(self, known: Sequence[Path] | Known) -> None:
        """The table or view `known`: what is held about the checks and locations of the file."""
        self._name()
        if isinstance(known, Known):
            columns = {"c": known.check, "p": known.location, "t": known.begun, "o": known.outcome}
            self.db.register("held", columns)
            self.db.execute(
                'create or replace temp view known as select c as "check", p as location, t as begun, o as outcome'
                " from held"
            )
            return
        files = [str(path) for path in known]
        if not files:
            self.db.execute(
                'create or replace temp view known as select 0 as "check", 0 as location, 0 as begun, 0 as outcome'
                " where false"
            )
            return
        first, last = self.db.execute(
            f"select min(begun), max(begun) from read_parquet({_texts(self.parts)})"
        ).fetchall()[0]
        outcomes = ", ".join(f"'{word}'" for word in OUTCOMES)
        self.db.execute(
            'create or replace temp view known as select checks.number as "check", locations.number as location,'
            f" epoch_us(begun) as begun, list_position([{outcomes}], outcome) - 1 as outcome"
            f" from read_parquet({_texts(files)}) as held join checks on checks.name = held.check"
            " join locations on locations.name = held.location"
            f" where begun between make_timestamptz({first}) and make_timestamptz({last})"
        )

    def _put_aside(self) -> None:
        waiting = [rows for rows in self.waiting if len(rows)]
        self.waiting = []
        if not waiting:
            return
        path = str(self.folder / f"part-{len(self.parts):06}.parquet")
        # The reasons of each batch are numbered on their own; those of all are numbered one after the other.
        before = np.cumsum([0, *(len(rows.reasons) for rows in waiting)])
        columns: dict[str, Times] = {
            name: np.concatenate([getattr(rows, name) for rows in waiting])
            for name in ("row", "check", "location", "begun", "outcome", "latency")
        }
        columns["reason"] = np.concatenate([rows.reason + n for rows, n in zip(waiting, before.tolist(), strict=False)])
        self.db.register("part", columns)
        self.db.execute("set variable reasons = $1", [[text for rows in waiting for text in rows.reasons]])
        self.db.execute(
            "copy (select * replace (getvariable('reasons')[reason + 1] as reason) from part)"
            f" to {_text(path)} (format parquet)"
        )
        self.db.unregister("part")
        self.parts.append(path)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Rows that are known: `check` and `location` int64[n] numbered as in the file, `begun` int64 µs UTC, `outcome`."""

    check: Times
    location: Times
    begun: Times
    outcome: Times


@contextmanager
def staging() -> Iterator[Staged]:
    """A place to put rows aside, which goes away at the end."""
    with TemporaryDirectory(prefix="makegood-import-") as folder:
        staged = Staged(Path(folder))
        try:
            yield staged
        finally:
            staged.db.close()


def _text(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _texts(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]"
