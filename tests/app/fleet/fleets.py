"""Random fleets on disk: orders of the starter's agreement, over services of their own and services that they share."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from makegood.app.fleet.judging import Fleet, open_fleet, order_files, sheets
from makegood.app.fleet.pools import Pool
from makegood.app.fleet.task import Sheet, work
from makegood.app.starting import start
from makegood.model.spans import SECOND, Instant

PERIODS = ("2026-01", "2026-06")
AS_OF: Instant = round(datetime(2026, 6, 10, tzinfo=UTC).timestamp()) * SECOND
"""June is running then."""
SHARED = ("mail", "search", "login")


def written(folder: Path, orders: int, seed: int = 1) -> Path:
    """A folder with the agreement, `orders` in `orders/`, and a status log for each service in `facts/`."""
    dice = Random(seed)
    start(folder)
    text = (folder / "acme.order.yaml").read_text(encoding="utf-8")
    (folder / "facts" / "states" / "shop.csv").unlink()
    (folder / "facts" / "work.facts.yaml").unlink()
    (folder / "orders").mkdir()
    for n in range(orders):
        services = [f"own-{n:03}"] if dice.random() < 0.5 else []
        services += dice.sample(SHARED, dice.randint(0 if services else 1, 2))
        head = text[: text.index("services:")].replace("acme-hosting", f"order-{n:03}").replace("Acme", f"Acme {n}")
        if dice.random() < 0.3:
            head = head.replace("2026-01-01 to 2026-12-31", f"2026-0{dice.randint(2, 5)}-11 to 2026-12-31")
        fees = "".join(f"  - service: {name}\n    fee: {dice.randint(1, 99)}0.00 EUR per month\n" for name in services)
        (folder / "orders" / f"{n:03}.order.yaml").write_text(f"{head}services:\n{fees}", encoding="utf-8")
        for name in services:
            log = folder / "facts" / "states" / f"{name}.csv"
            if not log.exists():
                log.write_text(status_log(name, dice), encoding="utf-8")
    return folder


def status_log(service: str, dice: Random) -> str:
    """Half a year that tells every hour, with some outages and two days of which half is unknown."""
    at, end = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=1), datetime(2026, 6, 10, tzinfo=UTC)
    rows = ["at,service,status"]
    blind = at + timedelta(days=dice.randint(1, 150))
    while at < end:
        unseen = blind <= at < blind + timedelta(days=2) and dice.random() < 0.6
        rows.append(f"{at.isoformat()},{service},{'unknown' if unseen else 'up'}")
        if dice.random() < 0.001:
            down = at + timedelta(minutes=5)
            rows.append(f"{down.isoformat()},{service},down")
            rows.append(f"{(down + timedelta(minutes=dice.randint(1, 50))).isoformat()},{service},up")
        at += timedelta(hours=1)
    return "\n".join(rows) + "\n"


def opened(folder: Path) -> Fleet:
    return open_fleet(folder / "hosting.sla.md", order_files([folder / "orders"]), folder / "facts", PERIODS)


def told(fleet: Fleet, pool: Pool, workers: int = 2, documents: bool = False) -> list[Sheet]:
    return list(sheets(fleet, pool, AS_OF, workers, documents))


def deadly(task: bytes) -> bytes:
    """Work that ends the process that does it."""
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def slow(task: bytes) -> bytes:
    """Work that a test is never long enough for."""
    time.sleep(60)
    return task


def unhurried(task: bytes) -> bytes:
    """The work, after long enough to be killed in it."""
    time.sleep(0.1)
    return work(task)


def faulty(task: bytes) -> bytes:
    raise ValueError(f"{len(task) > 0}")
