"""A fleet on a Dask scheduler and workers, which are processes on this machine."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from makegood.app.fleet.judging import Fleet, sheets
from makegood.app.fleet.parts import packed
from makegood.app.fleet.pools import Here
from makegood.app.fleet.task import Sheet
from makegood.model.problem import Refused
from tests.app.fleet.fleets import AS_OF, opened, told, unhurried, written
from tests.app.fleet.test_fleet import figures
from tests.cli.running import environment

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own, which are not ours to mend
ROOT = Path(__file__).resolve().parents[3]
QUIET = ["--no-dashboard"]


class Running(NamedTuple):
    address: str
    workers: list[subprocess.Popen[bytes]]


def worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    command = ["worker", address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", *QUIET]
    return dask(folder, *command, "--local-directory", str(folder))


def dask(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    path = f"{environment()['PYTHONPATH']}{os.pathsep}{ROOT}"
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            env=environment({"PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}),
            cwd=folder,
            stdout=log,
            stderr=log,
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("dask")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scheduler = dask(folder, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-show", *QUIET)
    address = f"tcp://127.0.0.1:{port}"
    processes = [scheduler]
    try:
        workers = [worker(address, folder) for _ in range(2)]
        processes += workers
        answers(port)
        yield Running(address, workers)
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def answers(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return opened(written(tmp_path_factory.mktemp("fleet"), 16, seed=5))


def test_a_cluster_says_what_this_process_says(fleet: Fleet, running: Running) -> None:
    from makegood.app.fleet.dask import Cluster

    assert figures(told(fleet, Cluster(running.address))) == figures(told(fleet, Here()))
    some = Fleet(fleet.asked[:4], (), ())
    documents = [told(some, pool, documents=True) for pool in (Cluster(running.address), Here())]
    assert figures(documents[0]) == figures(documents[1])


def test_a_deadline_ends_the_work_of_a_cluster(fleet: Fleet, running: Running) -> None:
    from makegood.app.fleet.dask import Cluster

    with pytest.raises(Refused) as refused:
        list(sheets(fleet, Cluster(running.address, napping), AS_OF, 1, seconds=0.5))
    assert [p.code for p in refused.value.problems] == ["fleet-deadline"]


def napping(task: bytes) -> bytes:
    """Work that is longer than the deadline, and short enough for what comes after it."""
    time.sleep(1)
    return task


def test_a_worker_of_a_cluster_that_is_killed_changes_nothing(fleet: Fleet, running: Running) -> None:
    from makegood.app.fleet.dask import Cluster

    dice = Random(3)
    tasks = list(packed(fleet.asked, AS_OF, 2))
    kill_after = dice.randrange(len(tasks) // 2)
    found = list[Sheet]()
    for n, (_, result) in enumerate(Cluster(running.address, unhurried).run(tasks, time.monotonic() + 120)):
        found += pickle.loads(result)
        if n == kill_after:
            time.sleep(dice.random() * 0.1)
            running.workers[0].send_signal(signal.SIGKILL)
    assert running.workers[0].wait() == -signal.SIGKILL
    assert figures(sorted(found, key=lambda sheet: sheet.number)) == figures(told(fleet, Here()))


def test_an_address_where_nobody_answers_is_refused() -> None:
    from makegood.app.fleet.dask import Cluster

    for address in ("tcp://127.0.0.1:1", "nowhere", ""):
        with pytest.raises(Refused) as refused:
            Cluster(address)
        assert [p.code for p in refused.value.problems] == ["no-cluster"]
