"""Real processes, made quickly: one that has everything loaded makes the others, each a copy of it, and sees them end.

``python -m tests.store.faults.nursery`` takes one line of JSON for each group of processes that run at once, and
answers with a line when all of them have ended.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from makegood.model.problem import Refused
from tests.store.faults import power, work
from tests.store.faults.points import Fault, arm

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0
REFUSED, FAULTY = 1, 70


@dataclass(frozen=True)
class Process:
    """A process that does the work: on a store, as a writer, some steps; what befalls it; and where it tells of them.

    `after` kills it so many seconds after it has begun. `record` is where everything that SQLite wrote is kept. `weak`
    lets it acknowledge before it is durable, `beside` lets somebody have the database open all the while. `clock` are
    instants (µs after the begin) that its clock shows in turns, `longest` is how many bytes any file may have. `change`
    lets it change the log's key instead.
    """

    store: str
    told: str
    writer: str = "a"
    first: int = 1
    last: int = work.STEPS
    fault: Fault | None = None
    after: float | None = None
    record: str = ""
    weak: bool = False
    beside: bool = False
    longest: int = 0
    clock: list[int] = field(default_factory=list)
    change: bool = False


class Nursery:
    """The process that makes the others, as the tests see it."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running

    def run(self, *processes: Process) -> list[int]:
        """Run processes at once to their end: 0 and so on as they left, or minus the signal that ended them."""
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._running.stdin.write(json.dumps([asdict(one) for one in processes]) + "\n")
        self._running.stdin.flush()
        answer: list[int] = json.loads(self._running.stdout.readline())
        return answer


@contextmanager
def nursery() -> Iterator[Nursery]:
    """One, for as long as it is needed."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONTZPATH": "", "OPENBLAS_NUM_THREADS": "1"}
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.store.faults.nursery"],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Nursery(running)
    finally:
        running.communicate(timeout=PATIENCE)


def main() -> None:
    """Make processes as asked, until nobody asks any more."""
    for line in sys.stdin:
        asked = [_process(said) for said in json.loads(line)]
        begun = [(_begin(one), one) for one in asked]
        print(json.dumps(_ended(begun)), flush=True)


def _process(said: dict[str, Any]) -> Process:
    fault = said.pop("fault")
    return Process(**said, fault=Fault(**fault) if fault else None)


def _begin(process: Process) -> int:
    number = os.fork()
    if number:
        return number
    code = FAULTY
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        code = _live(process)
    except Exception:  # noqa: BLE001 -- told, and the parent sees the code
        traceback.print_exc()
    finally:
        os._exit(code)


def _live(process: Process) -> int:
    if process.longest:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        sys.dont_write_bytecode = True  # Python 3.11 would leave half of what it compiled
        resource.setrlimit(resource.RLIMIT_FSIZE, (process.longest, resource.RLIM_INFINITY))
    if process.weak:
        power.weaken()
    if process.record:
        power.record(Path(process.record), Path(process.told))
    if process.fault is not None:
        arm(process.fault)
    try:
        if process.change:
            work.change(Path(process.store))
            return 0
        steps = range(process.first, process.last + 1)
        work.go_on(
            Path(process.store), process.writer, steps, Path(process.told), process.clock or None, process.beside
        )
    except Refused as refused:
        Path(process.told).with_suffix(".refused").write_text(str(refused), encoding="utf-8")
        return REFUSED
    return 0


def _ended(begun: Sequence[tuple[int, Process]]) -> list[int]:
    """Wait for all of them, and kill each when its time has come."""
    start, found = time.monotonic(), dict[int, int]()
    while len(found) < len(begun):
        now = time.monotonic() - start
        for number, process in begun:
            if number in found:
                continue
            if now > (PATIENCE if process.after is None else process.after):
                os.kill(number, signal.SIGKILL)
            ended, status = os.waitpid(number, os.WNOHANG)
            if ended:
                found[number] = os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    return [found[number] for number, _ in begun]


if __name__ == "__main__":
    main()
