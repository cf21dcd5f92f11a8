"""Backup and recovery of a store with a year of 50 checks from three locations, minute by minute.

The goal is a recovery point of at most 60 s and a recovery time of at most 5 min, for a year. The store is made by the
product's own import, which takes a minute for each month: `make bench` takes one month, and
``python -m benchmarks.backup 12`` the year.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep, time_ns

import duckdb

from benchmarks.timing import Measured
from makegood.app.importing import import_evidence
from makegood.app.safekeeping import back_up, drill
from makegood.model.facts import Maintenance
from makegood.model.spans import Span
from makegood.store.backups import NAME
from makegood.store.opened import create, opened
from makegood.store.sql.store import Appended

CHECKS, LOCATIONS, MONTHS = 50, ("frankfurt", "singapore", "ashburn"), 1
POINT, TIME = 60, 300
"""The goals, in seconds."""
EVERY, WATCHED = 30, 100
"""How often the store is looked at for a backup, and how long that is watched, in seconds."""

_MONTH = """
copy (
  select 'web-' || (i // {places} % {checks} + 1) as "check", {locations}[i % {places} + 1] as location,
    strftime(timestamp '{month}-01' + to_seconds(i // ({places} * {checks}) * 60 + 3 + i % 7), '%Y-%m-%dT%H:%M:%SZ')
      as begun,
    case when hash(i, {seed}) % 10000 < 13 then 'down' when hash(i, {seed}) % 10000 < 29 then 'unknown' else 'up' end
      as outcome,
    case when hash(i, {seed}) % 10000 < 13 then 'timeout' end as reason,
    20 + hash(i, {seed}) % 400 as latency_ms
  from range({rows}) t(i)
) to '{file}' (format parquet)
"""


def run(months: int = MONTHS) -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and what that says."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = folder / "store"
        create(store).engine.dispose()
        start = perf_counter()
        rows = sum(_import_month(store, folder / "month.parquet", month) for month in range(months))
        size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
        what = f"{months} months x {CHECKS} checks x {len(LOCATIONS)}"
        yield Measured("made by import", what, perf_counter() - start, f"{rows:,} samples, {size / 1e6:,.0f} MB")
        (folder / "passphrase").write_text("correct horse battery staple")
        for told, secret in (("", None), (", encrypted", folder / "passphrase")):
            yield from _kept(folder, store, folder / f"backups{told[2:]}", secret, told, what, size)
        yield _point(folder, store)


def _kept(
    folder: Path, store: Path, to: Path, secret: Path | None, told: str, what: str, size: int
) -> Iterator[Measured]:
    start = perf_counter()
    shutil.copytree(store, folder / "copy")
    plain = perf_counter() - start
    shutil.rmtree(folder / "copy")
    start = perf_counter()
    back_up(store, to, encrypt=secret, now=_now())
    seconds = perf_counter() - start
    yield Measured(
        f"first backup{told}", what, seconds, f"{size / seconds / 1e6:,.0f} MB/s; a plain copy {plain:,.2f} s"
    )
    _record(store)
    start = perf_counter()
    back_up(store, to, encrypt=secret, now=_now())
    yield Measured(f"next backup{told}", "one fact later", perf_counter() - start, "the database, and no segment")
    start = perf_counter()
    drill(store, to, decrypt=secret, now=_now(), by="benchmark", within=folder)
    seconds = perf_counter() - start
    goal = f"recovery time {seconds:,.1f} s, goal {TIME} s: {'kept' if seconds <= TIME else 'MISSED'}"
    yield Measured(f"drill{told}: restored and verified", what, seconds, goal)


def _point(folder: Path, store: Path) -> Measured:
    """The worst recovery point while a process takes backups by itself and a fact is recorded every second."""
    to = folder / "by-itself"
    command = [sys.executable, "-m", "makegood", "backup", str(store), "--to", str(to), "--every", f"{EVERY} s"]
    recorded = dict[int, float]()
    worst, begun = 0.0, monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as taking:
        try:
            while not _sizes(to):
                sleep(0.1)
            while (now := monotonic()) - begun < WATCHED:
                recorded[_record(store)] = monotonic()
                held = max(_sizes(to))
                lost = [at for size, at in recorded.items() if size > held]
                worst = max(worst, monotonic() - min(lost)) if lost else worst
                sleep(max(0.0, 1 - (monotonic() - now)))
        finally:
            taking.terminate()
    goal = f"recovery point at worst {worst:,.1f} s, goal {POINT} s: {'kept' if worst <= POINT else 'MISSED'}"
    return Measured(f'backup --every "{EVERY} s", a fact a second', f"watched for {WATCHED} s", worst, goal)


def _sizes(to: Path) -> list[int]:
    """The lengths of the log in the backups that are whole."""
    return [int(one.name.partition("-")[0]) for one in to.iterdir() if NAME.fullmatch(one.name)] if to.is_dir() else []


def _import_month(store: Path, file: Path, number: int) -> int:
    asked: dict[str, object] = {
        "checks": CHECKS,
        "places": len(LOCATIONS),
        "locations": list(LOCATIONS),
        "seed": number,
        "file": file,
    }
    month = f"{2024 + number // 12}-{number % 12 + 1:02d}"
    with duckdb.connect(":memory:", config={"threads": "1"}) as db:
        (days,) = db.execute(f"select day(last_day(date '{month}-01'))").fetchall()[0]
        rows = int(days) * 1440 * CHECKS * len(LOCATIONS)
        db.execute(_MONTH.format(month=month, rows=rows, **asked))
    report = import_evidence(file, store, "observations", now=_now(), by="benchmark")
    if report.accepted != rows:
        raise AssertionError(report)
    return rows


def _record(store: Path) -> int:
    """Record one fact; how long the log is then."""
    now = _now()
    fact = Maintenance(f"M-{now}", now, "benchmark", services=("web",), announced=Span(now, now + 1))
    with opened(store) as found:
        return found.append(Appended("benchmark", [fact]), now).positions.stop


def _now() -> int:
    return time_ns() // 1000


if __name__ == "__main__":
    for one in run(int(sys.argv[1]) if len(sys.argv) > 1 else MONTHS):
        print(f"{one.what:<44} {one.size:<30} {one.seconds:>9,.2f} s  {one.beside}", flush=True)
