"""The database of Uptime Kuma, `kuma.db`: its heartbeats as observations, and its single maintenances.

Each heartbeat is a probe. *Pending* is a probe that failed and was not confirmed yet: it is down here, since an
agreement confirms by its own rule. During *maintenance* Kuma does not probe: unknown. It keeps single results for a
while only, and sums of counts after that, which cannot be dated: what has no result stays unseen, never up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import Names, shown
from makegood.exchange.foreign_json import Findings, counted, plain_words
from makegood.exchange.kuma_work import read_work
from makegood.exchange.moments import written
from makegood.exchange.naming import Naming
from makegood.exchange.observations import NO_LATENCY, Observations, joined
from makegood.exchange.sqlite_file import columns_of, opened, tables_of
from makegood.exchange.table import Unreadable
from makegood.exchange.time_column import NO_TIME, read_times
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.spans import Times

NEEDED = {"monitor", "heartbeat"}
SUMS = ("stat_minutely", "stat_hourly", "stat_daily")
OUTCOME = {0: DOWN, 1: UP, 2: DOWN, 3: UNKNOWN}
"""By Kuma's status: down, up, pending, maintenance."""
NO_PROBE = ("group", "manual")
"""Types of monitors whose state is that of others, or set by hand."""
BATCH = 50_000
MOST_LISTED = 10

_BEATS = """
select id, monitor_id, status, msg, cast(round(coalesce({ping}, -0.001) * 1000) as integer),
       case when typeof(time) = 'text' then replace(substr(time, 1, 10) || 'T' || substr(time, 12), 'Z', '') || 'Z'
            else '' end
from heartbeat order by monitor_id, time, id
"""


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor whose results are taken: our name of its check, and how often it probes (s; a retry's own, or 0)."""

    id: int
    name: str
    check: str
    every: int
    retry: int


def tells(file: Foreign) -> bool:
    """Whether it is a database with monitors and heartbeats."""
    return tables_of(file) >= NEEDED


def read(file: Foreign) -> Brought:
    """Every heartbeat that is kept, and the maintenances. Raises Unreadable, and OSError as `open` does."""
    tables = tables_of(file)
    if missing := sorted(NEEDED - tables):
        raise Unreadable(f"this is no database of Uptime Kuma: it has no table {' and no table '.join(missing)}")
    with opened(file.path) as db:
        return _Reading(file, db, tables).brought()


@dataclass
class _Reading:
    """One reading of one database."""

    file: Foreign
    db: sqlite3.Connection
    tables: set[str]
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.findings = Findings(str(self.file.path))
        self.naming = Naming(self.file.names, self.findings, "monitor")

    def brought(self) -> Brought:
        monitors = {monitor.id: monitor for monitor in self._monitors()}
        self.notes += self.naming.finish()
        observations = self._beats(monitors) if not self.findings.count else None
        work = read_work(self.file, self.db, self.tables, {m.id: m.check for m in monitors.values()})
        facts = work.maintenances if not self.findings.count else ()
        self._about(monitors, observations if not self.findings.count else None)
        self.notes += work.notes
        return Brought(self.file.source or "uptime-kuma", facts, observations=observations,
                       notes=tuple(self.notes), problems=self.findings.all())  # fmt: skip

    def _monitors(self) -> Iterator[Monitor]:
        has = columns_of(self.db, "monitor")
        if lacking := {"id", "name", "interval"} - has:
            raise Unreadable(f"its table monitor has no column {min(lacking)}: this layout is not known")
        kind, retry = ("type" if "type" in has else "''"), ("retry_interval" if "retry_interval" in has else "0")
        found = self.db.execute(f"select id, name, {kind}, interval, {retry} from monitor order by id").fetchall()
        names = [str(name or "") for _, name, *_ in found]
        taken, skipped = dict[str, int](), list[str]()
        for id_, name, type_, every, retried in found:
            called = str(name or "")
            if type_ in NO_PROBE:
                skipped.append(called)
                continue
            check = self.naming.of(f"{called} ({id_})" if names.count(called) > 1 else called, str(id_))
            if check is None:
                continue
            if (first := taken.setdefault(check, id_)) != id_:
                what = f"the monitors {first} and {id_}, `{shown(called)}`, would become one check, `{check}`"
                self.findings.error("foreign-name", what, "", "give each a name of its own")
            yield Monitor(int(id_), called, check, _whole(every), _whole(retried))
        if skipped:
            some = ", ".join(f"`{shown(name)}`" for name in skipped[:5])
            self.notes.append(f"left out: {counted(len(skipped), 'monitor')} without probes of its own, {some}")

    def _beats(self, monitors: dict[int, Monitor]) -> Observations:
        has = columns_of(self.db, "heartbeat")
        if lacking := {"id", "monitor_id", "status", "time"} - has:
            raise Unreadable(f"its table heartbeat has no column {min(lacking)}: this layout is not known")
        found = self.db.execute(_BEATS.format(ping="ping" if "ping" in has else "null"))
        checks, reasons, parts = Names(), Names(), list[tuple[Times, ...]]()
        reasons.number[""] = 0
        while batch := found.fetchmany(BATCH):
            parts.append(self._batch([row for row in batch if row[1] in monitors], monitors, checks, reasons))
        row, check, begun, outcome, reason, latency = joined(parts, 6)
        nowhere = np.zeros(len(row), dtype=np.int64)
        rows = Observations(checks.all, (self.file.location or "uptime-kuma",), reasons.all, row, check, nowhere, begun,
                            outcome.astype(np.int8), reason, latency, begun)  # fmt: skip
        return self._each_once(rows)

    def _batch(
        self, batch: Sequence[tuple[int, int, int, str, int, str]], monitors: dict[int, Monitor], checks: Names,
        reasons: Names,
    ) -> tuple[Times, ...]:  # fmt: skip
        times = read_times([row[5] for row in batch])
        for i in np.flatnonzero((times == NO_TIME) | (times > self.file.now)).tolist():
            said = "lies in the future" if times[i] != NO_TIME else "has no time that can be read"
            self.findings.error("foreign-value", f"heartbeat {batch[i][0]} {said}: `{shown(batch[i][5])}`")
        for row in batch:
            checks.number.setdefault(monitors[row[1]].check, len(checks.number))
            if row[2] not in OUTCOME:
                what = f"heartbeat {row[0]} has the status `{shown(str(row[2]))}`"
                self.findings.error("foreign-value", what, "0 is down, 1 up, 2 pending, 3 maintenance")
        words = [plain_words(row[3]) if row[2] != 1 and isinstance(row[3], str) else "" for row in batch]
        for word in dict.fromkeys(words):
            reasons.number.setdefault(word, len(reasons.number))
        columns = (
            [row[0] for row in batch],
            [checks.number[monitors[row[1]].check] for row in batch],
            times,
            [OUTCOME.get(row[2], UNKNOWN) for row in batch],
            [reasons.number[word] for word in words],
            [row[4] if row[4] >= 0 else NO_LATENCY for row in batch],
        )
        return tuple(np.asarray(column, dtype=np.int64) for column in columns)

    def _each_once(self, rows: Observations) -> Observations:
        """Of results of one check at one instant that differ, the failure."""
        order = np.lexsort((rows.outcome != DOWN, rows.begun, rows.check))
        rows = rows.only(order)
        again = np.zeros(len(rows), dtype=np.bool_)
        again[1:] = (rows.begun[1:] == rows.begun[:-1]) & (rows.check[1:] == rows.check[:-1])
        if count := int(again.sum()):
            self.notes.append(
                f"{counted(count, 'heartbeat')} at the instant of another of its monitor: a failure is kept"
            )
        return rows.only(~again)

    def _about(self, monitors: dict[int, Monitor], rows: Observations | None) -> None:
        """What was found, of which layout, and for which time."""
        sums = [table for table in SUMS if table in self.tables]
        if sums:
            kept = [f"{self.db.execute(f'select count(*) from {t}').fetchone()[0]:,} in {t}" for t in sums]
            why = "they say how many results failed and not when, and count pending ones as failed"
            self.notes.append(f"layout of version 2: its sums ({', '.join(kept)}) were left out, since {why}")
        else:
            self.notes.append("layout of version 1: there are no tables of sums")
        if rows is None:
            return
        if not len(rows):
            self.notes.append("there are no heartbeats of the monitors that are taken")
            return
        for monitor in list(monitors.values())[:MOST_LISTED]:
            if monitor.check not in rows.checks:
                self.notes.append(f"`{monitor.check}` has no heartbeats")
                continue
            mine = rows.begun[rows.check == rows.checks.index(monitor.check)]
            said = f"`{monitor.check}`: {len(mine):,} results, {written(int(mine.min()))} to {written(int(mine.max()))}"
            retry = f", every {monitor.retry} s while failing: several results in one slot that differ make it blind"
            differs = monitor.retry and monitor.retry != monitor.every
            self.notes.append(f"{said}, every {monitor.every} s{retry if differs else ''}")
        self.notes.append("pending is taken as down, for the agreement to confirm, and maintenance as unknown; time "
                          "without a heartbeat stays unknown")  # fmt: skip


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
