"""A process is killed at any moment: what it had acknowledged is there, nothing is there twice, the next goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.faults import work
from tests.store.faults.conftest import TORTURE, dice
from tests.store.faults.nursery import Nursery, Process
from tests.store.faults.points import FILES, POINTS, SYNCS, WRITES, Fault

KILLED = -9
ROUNDS = 150 if TORTURE else 1
TIMES = 600 if TORTURE else 4
MOST = {
    **dict.fromkeys(POINTS, 7), "insert author": 1, "insert segment": 1, "before commit": 69, "after commit": 69,
    **dict.fromkeys(FILES, 3), "before rename": 1, "after rename": 1, **dict.fromkeys(WRITES, 250),
    **dict.fromkeys(SYNCS, 11),
}  # fmt: skip
"""How often the work comes to a point at least."""


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_a_point_loses_nothing(point: str, processes: Nursery, fresh: Callable[[], Path]) -> None:
    for attempt in range(ROUNDS):
        store = fresh()
        number = dice(point, attempt).randint(1, MOST[point])
        told = store.parent / "told"
        (code,) = processes.run(Process(str(store), str(told), fault=Fault(point, number), beside=bool(number % 2)))
        assert code == KILLED, f"{point} was not come to {number} times"
        work.held_to_its_word(store, work.acknowledged(told))


def test_kills_at_any_time_lose_nothing(processes: Nursery, fresh: Callable[[], Path]) -> None:
    killed = 0
    for attempt in range(TIMES):
        store = fresh()
        told = store.parent / "told"
        after = dice("time", attempt).uniform(0.01, 0.6)
        (code,) = processes.run(Process(str(store), str(told), after=after))
        assert code in (KILLED, 0)
        killed += code == KILLED
        work.held_to_its_word(store, work.acknowledged(told))
    assert killed


def test_two_kills_one_after_the_other_lose_nothing(processes: Nursery, fresh: Callable[[], Path]) -> None:
    store = fresh()
    told = store.parent / "told"
    for point, number in (("before database sync", 9), ("after commit", 2), ("before commit", 3)):
        (code,) = processes.run(Process(str(store), str(told), fault=Fault(point, number)))
        assert code == KILLED
    work.held_to_its_word(store, work.acknowledged(told))
