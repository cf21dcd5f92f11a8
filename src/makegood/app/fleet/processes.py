"""A pool of processes on this machine, each with a pipe of its own, so that it is known which task a dead one had."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from makegood.app.fleet.pools import TRIES, Done, Packed, Work, given_up, too_late
from makegood.app.fleet.task import work
from makegood.app.interrupts import uninterrupted
from makegood.model.problem import Refused

GRACE = 2.0
"""Seconds that a process which was told to end may take."""


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    has: Packed | None = None


class Processes:
    """As many processes as `jobs`. They are started afresh, not forked: this one may have threads."""

    def __init__(self, jobs: int, does: Work = work) -> None:
        self.jobs, self.does = jobs, does
        self.workers: list[_Worker] = []

    def run(self, tasks: Iterable[Packed], deadline: float) -> Generator[Done]:
        waiting, redo = iter(tasks), list[Packed]()
        lost: dict[int, int] = {}
        try:
            while True:
                self._hand_out(waiting, redo)
                busy = [worker for worker in self.workers if worker.has is not None]
                if not busy:
                    return
                ready = wait([w.pipe for w in busy], max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise Refused([too_late(_had(busy[0]).orders)])
                for worker in [w for w in busy if w.pipe in ready]:
                    packed = _had(worker)
                    done = _received(worker.pipe)
                    if done is None:
                        self._bury(worker)
                        lost[packed.number] = lost.get(packed.number, 0) + 1
                        if lost[packed.number] == TRIES:
                            raise Refused([given_up(packed.orders, _ended(worker.process))])
                        redo.append(packed)
                        continue
                    worker.has = None
                    if isinstance(done, BaseException):
                        raise done
                    yield packed.number, done
        finally:
            self._end()

    def _hand_out(self, waiting: Iterator[Packed], redo: list[Packed]) -> None:
        """Give every idle worker a task, and start the workers that are missing for those that wait."""
        given = list[_Worker]()
        while (idle := next((w for w in self.workers if w.has is None), None)) or len(self.workers) < self.jobs:
            packed = redo.pop(0) if redo else next(waiting, None)
            if packed is None:
                break
            worker = idle or self._start()
            worker.has = packed
            given.append(worker)
        for worker in given:  # once all of them start: a large task is taken only by one that is awake
            with suppress(OSError):  # it died while it was idle: its pipe is at its end, which is seen when it is read
                worker.pipe.send_bytes(_had(worker).task)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.does), name="makegood-worker", daemon=True)
        with _no_interrupts():
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self.workers.append(worker)
        return worker

    def _bury(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join(GRACE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()

    def _end(self) -> None:
        for worker in self.workers:
            worker.process.terminate()
        for worker in list(self.workers):
            self._bury(worker)


def _serve(pipe: Connection, does: Work) -> None:
    """A worker: takes tasks until nobody sends any more. Who started it is interrupted, and ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            task = pipe.recv_bytes()
            try:
                done = does(task)
            except Exception as fault:  # noqa: BLE001 -- told where it can be shown
                pipe.send_bytes(b"!" + f"{type(fault).__name__}: {fault}".encode())
            else:
                pipe.send_bytes(b"=" + done)


def _received(pipe: Connection) -> bytes | RuntimeError | None:
    """A result, the fault of a worker, or None where it died."""
    try:
        told = pipe.recv_bytes()
    except (EOFError, OSError):
        return None
    return told[1:] if told[:1] == b"=" else RuntimeError(f"a worker failed with {told[1:].decode()}")


def _had(worker: _Worker) -> Packed:
    assert worker.has is not None
    return worker.has


def _ended(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"the last one was ended by {signal.Signals(-code).name}"
    return f"the last one left with {code}"


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """What starts here never sees an interrupt, not even while it starts; one that comes waits for this process."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    with uninterrupted():
        resource_tracker.ensure_running()  # the standard library starts it with the first process, and unblocks then
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
