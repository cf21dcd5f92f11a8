"""How a server begins on a store with a year of sealed evidence: the first look at every service, and the days of the
page, as `serve` makes them; their processor time, and the memory that the process has come to.

The data are those of `samples`, normal, as `archive` takes them in. What the first look says is held against what all
results say that are read at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from benchmarks.archive import DAYS, take
from benchmarks.samples import LOCATIONS, PLACES, YEAR, normal
from benchmarks.timing import Measured
from makegood.app.configured import Configured
from makegood.app.deployed import deployed
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.serve_settings import PageSettings
from makegood.app.shown import Shown
from makegood.app.watching import Watching, dockets_of
from makegood.engine.judge.case import World
from makegood.engine.judge.down import checked
from makegood.engine.live import OrderNow
from makegood.model.spans import DAY, MINUTE
from makegood.store.compacting import compact
from makegood.store.folder import read_folder
from makegood.store.opened import Store, create
from makegood.store.outages import outages_in
from makegood.store.sealing_days import seal
from makegood.store.sql.database import reading

CHECKS = 100
NOW = YEAR * MINUTE
LABEL = "1970-12"
T = TypeVar("T")


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took, and the memory after it."""
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        store = create(Path(name) / "store")
        take(store, normal(CHECKS), CHECKS)
        for _ in seal(store, (DAYS - 1) * DAY, NOW, "benchmark"):
            pass
        for _ in compact(store, (DAYS - 1) * DAY, NOW, "benchmark"):
            pass
        _deploy(store, Path(name))
        size = f"{CHECKS} checks, {CHECKS * PLACES * YEAR / 1e9:.2f} G samples, {len(LOCATIONS)} places"
        watching = Watching(store, lambda *_: None)
        _, seconds = _timed(lambda: watching.look(NOW))
        _hold_against(store)
        yield Measured(
            "the first look, when a server begins", size, seconds, f"{_resident():,.0f} MB; equal to all at once"
        )
        _, seconds = _timed(lambda: watching.look(NOW + MINUTE))
        yield Measured("a look a minute later, nothing new", size, seconds)
        shown = Shown(store, Configured(store), PageSettings())
        for what in ("the days of the page, evaluated", "the same again"):
            _, seconds = _timed(lambda: shown.study(NOW + MINUTE))
            yield Measured(what, size, seconds, f"{_resident():,.0f} MB")
        _, seconds = _timed(lambda: shown.refresh(NOW + MINUTE))
        yield Measured("how services do, for the page", size, seconds)
        store.engine.dispose()


AGREEMENT = """\
# Hosting

```sla
agreement: hosting
title: Hosting
version: 1970-01-01
effective: 1970-01-01
provider: Host
```

## Availability {#availability}

Each service is up for at least 99.9 % of every month.

```sla
calendar: utc
zone: UTC
```

```sla
period: month
is: calendar month
in: utc
```

```sla
detect: monitoring
reads: observations
every: 1 min
answers within: 10 s
fails after: 3 consecutive failures
recovers after: 1 success
locations: a majority
checks: any
```

```sla
outage: downtime
from: monitoring
begins: first failure
ends: first success
```

```sla
measure: availability
is: ratio of time
of: downtime
```

```sla
target: uptime
each: service
over: month
measures: availability
is: at least 99.9 %
strength: promise
```
"""


def _deploy(store: Store, folder: Path) -> None:
    services = "".join(f"  - {{service: service {n:05}, checks: [check {n:05}]}}\n" for n in range(CHECKS))
    (folder / "hosting.sla.md").write_text(AGREEMENT)
    (folder / "acme.order.yaml").write_text(
        f"order: acme\nagreement: hosting\ncustomer: Acme\nprovider: Host\nzone: UTC\nterm: from 1970-01-01\n"
        f"services:\n{services}"
    )
    files = [folder / "hosting.sla.md", folder / "acme.order.yaml"]
    apply_plan(store, plan(deployed(store), offer_of_files(files)), NOW, "ops")


def _hold_against(store: Store) -> None:
    """Raises AssertionError unless the outages that were kept are those of all results, read at once."""
    (docket,), _ = dockets_of(deployed(store))
    (terms,) = docket.terms.values()
    facts = read_folder(store.folder)[0]
    order, results = OrderNow(World(docket.order, facts, NOW), terms, LABEL), list(facts.results.values())
    for rule, outage in order.rules:
        for one, seen in zip(results, checked(results, rule, outage), strict=True):
            order.see(rule, outage, one.check, seen)
    said = {(s.order, s.commitment, s.name): list(s.outages) for s in order.subjects(NOW) if s.outages}
    with reading(store.engine) as connection:
        if not said or outages_in(connection) != said:
            raise AssertionError("the first look does not say what all results say at once")


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def _resident() -> float:
    """The memory of this process now, MB."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS:"))
    return int(line.split()[1]) / 1000
