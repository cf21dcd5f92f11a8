"""Who does the work: this process, processes beside it, or the workers of a Dask cluster. All give the same.

A pool takes tasks as bytes and gives results as bytes, in the order in which they are done, each with its number. It
takes no more tasks than it has work for, so that neither they nor results pile up. A worker that dies costs its task
a try; a task that has cost `TRIES` workers is given up, with a problem that names its orders.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from typing import NamedTuple, Protocol, TypeAlias

from makegood.app.fleet.task import work
from makegood.model.problem import Place, Problem, Refused, error

TRIES = 3
NAMED = 5
"""As many orders as a problem names."""


class Packed(NamedTuple):
    """A task on its way: its number from 0, the orders in it, and its bytes."""

    number: int
    orders: tuple[str, ...]
    task: bytes


Work: TypeAlias = Callable[[bytes], bytes]
Done: TypeAlias = tuple[int, bytes]


class Pool(Protocol):
    """Somewhere tasks are worked on. `deadline` is an instant of the monotonic clock, in seconds."""

    def run(self, tasks: Iterable[Packed], deadline: float) -> Generator[Done]:
        """Each task's number and result, as they are done. Closing the iterator ends the work.

        Raises Refused where a task is given up, where the deadline passes, and where there is no such pool.
        """
        ...


class Here:
    """This process: one task after the other."""

    def run(self, tasks: Iterable[Packed], deadline: float) -> Generator[Done]:
        for packed in tasks:
            if time.monotonic() > deadline:
                raise Refused([too_late(packed.orders)])
            yield packed.number, work(packed.task)


def given_up(orders: tuple[str, ...], why: str) -> Problem:
    """A task that cost every worker that took it its life."""
    what = f"the work on {named(orders)} was given up: {TRIES} workers died of it"
    hint = "give the workers more memory, or judge these orders alone to see what is wrong"
    return error("worker-lost", Place("--order"), what, why, hint)


def too_late(orders: tuple[str, ...]) -> Problem:
    what = f"the deadline passed before {named(orders)} had been judged"
    return error("fleet-deadline", Place("--deadline"), what, "", "allow more time, or use more jobs")


def named(orders: tuple[str, ...]) -> str:
    """`the orders a, b and 3 more`."""
    listed = ", ".join(f"`{order}`" for order in orders[:NAMED])
    more = f" and {len(orders) - NAMED:,} more" if len(orders) > NAMED else ""
    return f"the order{'' if len(orders) == 1 else 's'} {listed}{more}"
