"""A pool of workers elsewhere: those of a Dask scheduler that is already running (the extra `cluster`)."""

from __future__ import annotations

import socket
import time
import warnings
from collections.abc import Generator, Iterable
from importlib.util import find_spec
from itertools import islice
from typing import Any

from makegood.app.fleet.pools import TRIES, Done, Packed, Work, given_up, too_late
from makegood.app.fleet.task import work
from makegood.model.problem import Place, Refused, error

PATIENCE = 10.0
"""Seconds in which a scheduler must answer."""
AHEAD = 2
"""Tasks on their way for each thread of a worker."""
FEWEST = 4


class Cluster:
    """The workers of the scheduler at an address such as `tcp://10.0.0.5:8786`. Raises Refused where there is none.

    They run this version of the program. A task whose worker dies is given to another by the scheduler.
    """

    def __init__(self, address: str, does: Work = work) -> None:
        if find_spec("distributed") is None:
            hint = 'install it: pip install "makegood[cluster]"'
            raise Refused([error("no-cluster", _PLACE, "Dask is not installed here", "", hint)])
        self.client, self.does = _client(address), does

    def run(self, tasks: Iterable[Packed], deadline: float) -> Generator[Done]:
        """Each task's number and result, as they are done; see `Pool`. It works once: the client is closed after it."""
        from distributed import as_completed
        from distributed.scheduler import KilledWorker

        waiting, known = iter(tasks), dict[Any, Packed]()
        left = max(deadline - time.monotonic(), 0.001)
        done: Any = as_completed(loop=self.client.loop, timeout=left)  # type: ignore[no-untyped-call]
        try:
            while True:
                self._submit(done, known, islice(waiting, max(0, self._room() - len(known))))
                if not known:
                    return
                try:
                    future = next(done)
                except TimeoutError:
                    raise Refused([too_late(next(iter(known.values())).orders)]) from None
                packed = known.pop(future)
                try:
                    result: bytes = future.result()
                except KilledWorker as killed:
                    raise Refused([given_up(packed.orders, f"the last was {killed.last_worker.address}")]) from None
                yield packed.number, result
        finally:
            self.client.cancel(list(known))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.client.close(timeout=PATIENCE)

    def _room(self) -> int:
        threads: int = sum(self.client.nthreads().values())
        return max(FEWEST, AHEAD * threads)

    def _submit(self, done: Any, known: dict[Any, Packed], some: Iterable[Packed]) -> None:
        for packed in some:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that a task is large, which its evidence may be
                future = self.client.submit(self.does, packed.task, pure=False, retries=TRIES - 1)
            known[future] = packed
            done.add(future)


def _client(address: str) -> Any:
    from distributed import Client
    from distributed.comm.addressing import get_address_host_port

    try:
        host, port = get_address_host_port(address, strict=True)
        socket.create_connection((host, port), PATIENCE).close()  # a client that finds nobody complains for long
        return Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as failure:
        hint = "start one with `dask scheduler`, and give the address that it says"
        why = (str(failure).splitlines() or [""])[0][:200]
        what = f"no Dask scheduler answers at {address}"
        raise Refused([error("no-cluster", _PLACE, what, why, hint)]) from None


_PLACE = Place("--cluster")
