"""A fleet of orders over a year of months: on one process, on two, and on two workers of a Dask scheduler; and what the
one sweep that tells the periods which are surely met saves.

Every other order has a service of its own, the others share twelve. Each service has a status log that tells every half
hour, with four outages in the year. All pools must give the same rows.
"""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from benchmarks.replaying import LAST, log
from benchmarks.timing import Measured
from makegood.app.fleet.judging import Fleet, open_fleet, order_files, sheets
from makegood.app.fleet.parts import packed
from makegood.app.fleet.pools import Here, Pool
from makegood.app.fleet.processes import Processes
from makegood.app.fleet.task import Asked, Sheet
from makegood.app.judging import labels, open_docket, with_order
from makegood.app.starting import start
from makegood.model.facts import Facts

ORDERS, SHARED, WORKERS = 2_000, 12, 2
WHOLE = 200
"""Orders that are judged by the chain alone too: the sweep's gain is a ratio."""
PERIODS = ("2026-01", "2026-12")


def run() -> Iterator[Measured]:
    """What was measured, its size, the seconds it took."""
    yield _reading(ORDERS)
    fleet = sold(ORDERS)
    size = f"{ORDERS:,} orders, {sum(len(one.labels) for one in fleet.asked):,} months"
    tasks = list(packed(fleet.asked, LAST, WORKERS))
    carried = sum(len(one.task) for one in tasks)
    here, alone, spent = _timed(fleet, Here(), 1)
    swept = sum(sheet.swept for sheet in here)
    share = f"{swept / sum(len(one.labels) for one in fleet.asked):.1%} of the months told by the sweep alone"
    yield Measured(
        "fleet, this process",
        size,
        alone,
        f"{ORDERS / alone:,.0f} orders/s, {ORDERS / spent:,.0f} a CPU-second; {share}",
    )
    there, seconds, spent = _timed(fleet, Processes(WORKERS), WORKERS)
    _same(here, there)
    sent = f"{len(tasks)} tasks carry {carried / 1e6:,.1f} MB; sheets {len(pickle.dumps(here)) / 1e6:,.1f} MB"
    rates = f"{ORDERS / seconds:,.0f} orders/s, {ORDERS / spent:,.0f} a CPU-second, {alone / seconds:.2f} ×; {sent}"
    yield Measured(f"fleet, {WORKERS} processes", size, seconds, rates)
    if find_spec("distributed") is not None:
        from makegood.app.fleet.dask import Cluster

        with scheduler() as address:
            there, seconds, _ = _timed(fleet, Cluster(address), WORKERS)
        _same(here, there)
        beside = f"{ORDERS / seconds:,.0f} orders/s, {alone / seconds:.2f} ×"
        yield Measured(f"fleet, Dask with {WORKERS} workers", size, seconds, beside)
    some = Fleet(fleet.asked[:WHOLE], (), ())
    swept_rows, _, fast = _timed(some, Here(), 1)
    whole, seconds, slow = _timed(some, Here(), 1, swept=False)
    _same(swept_rows, whole)
    size = f"{WHOLE:,} orders, {sum(len(one.labels) for one in some.asked):,} months"
    beside = f"{WHOLE / slow:,.0f} orders a CPU-second; with the sweep {slow / fast:.1f} × as many"
    yield Measured("fleet by the chain alone", size, seconds, beside)


class Judged(NamedTuple):
    """What was found, the seconds it took, and the seconds of processor that this process and its children spent."""

    sheets: list[Sheet]
    seconds: float
    spent: float


def _timed(fleet: Fleet, pool: Pool, workers: int, swept: bool = True) -> Judged:
    begun, before = time.perf_counter(), _spent()
    found = list(sheets(fleet, pool, LAST, workers, swept=swept))
    return Judged(found, time.perf_counter() - begun, _spent() - before)


def _spent() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _same(one: list[Sheet], other: list[Sheet]) -> None:
    assert [sheet.rows for sheet in one] == [sheet.rows for sheet in other], "the pools differ"


def _reading(orders: int) -> Measured:
    """The files of so many orders read and bound, which one process does before any work."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        start(folder)
        text = (folder / "acme.order.yaml").read_text(encoding="utf-8")
        (folder / "orders").mkdir()
        for n in range(orders):
            order = folder / "orders" / f"{n:05}.order.yaml"
            order.write_text(text.replace("acme-hosting", f"order-{n:05}"), encoding="utf-8")
        files = order_files([folder / "orders"])
        begun, before = time.perf_counter(), _spent()
        fleet = open_fleet(folder / "hosting.sla.md", files, folder / "facts", PERIODS)
        seconds, spent = time.perf_counter() - begun, _spent() - before
    assert len(fleet.asked) == orders
    return Measured("fleet, files read and bound", f"{orders:,} orders", seconds, f"{orders / spent:,.0f} a CPU-second")


def sold(orders: int) -> Fleet:
    """The orders with the evidence of all services."""
    with TemporaryDirectory() as folder:
        start(Path(folder))
        one = open_docket(Path(folder) / "hosting.sla.md", Path(folder) / "acme.order.yaml", Path(folder) / "facts")
    dice = np.random.default_rng(11)
    names = [f"shared-{n % SHARED}" if n % 2 else f"own-{n}" for n in range(orders)]
    facts = Facts(states={name: (replace(log(name, dice), service=name),) for name in dict.fromkeys(names)})
    asked = []
    for n, name in enumerate(names):
        service = replace(one.order.services[0], name=name)
        docket = with_order(replace(one, facts=facts), replace(one.order, id=f"order-{n:05}", services=(service,)))
        asked.append(Asked(n, docket, tuple(labels(docket, *PERIODS))))
    return Fleet(tuple(asked), (), ())


@contextmanager
def scheduler() -> Iterator[str]:
    """A Dask scheduler with workers of one thread each, as processes on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    running = [
        subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet)  # type: ignore[call-overload]
    ]
    try:
        running += [
            subprocess.Popen([*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"], **quiet)  # type: ignore[call-overload]
            for _ in range(WORKERS)
        ]
        _awake(port, address)
        yield address
    finally:
        for process in running:
            process.kill()
            process.wait()


def _awake(port: int, address: str) -> None:
    from distributed import Client

    for _ in range(300):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        time.sleep(0.1)
    with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(WORKERS, 60)
