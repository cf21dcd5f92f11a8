"""Several writers at once, and clocks that are wrong: everything has its place once, and time goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from makegood.evidence.leaf import read_leaf
from makegood.store.opened import opened
from makegood.store.sql.database import reading
from makegood.store.sql.log import leaves
from tests.store.faults import work
from tests.store.faults.nursery import Nursery, Process
from tests.store.faults.points import Fault


def test_two_writers_take_turns(processes: Nursery, fresh: Callable[[], Path]) -> None:
    store = fresh()
    told = [store.parent / f"told-{writer}" for writer in "ab"]
    codes = processes.run(*(Process(str(store), str(t), writer) for t, writer in zip(told, "ab", strict=True)))
    assert codes == [0, 0]
    acks = [ack for t in told for ack in work.acknowledged(t)]
    assert len(acks) == 2 * work.STEPS
    work.held_to_its_word(store, acks, ("a", "b"))


def test_two_writers_of_the_same_facts_record_them_once(processes: Nursery, fresh: Callable[[], Path]) -> None:
    store = fresh()
    told = [store.parent / f"told-{number}" for number in range(2)]
    assert processes.run(*(Process(str(store), str(t)) for t in told)) == [0, 0]
    work.held_to_its_word(store, [ack for t in told for ack in work.acknowledged(t)])


def test_a_writer_that_is_killed_holds_up_nobody(processes: Nursery, fresh: Callable[[], Path]) -> None:
    store = fresh()
    told = [store.parent / f"told-{writer}" for writer in "ab"]
    killed = Process(str(store), str(told[0]), "a", fault=Fault("insert fact", 3))
    assert processes.run(killed, Process(str(store), str(told[1]), "b")) == [-9, 0]
    work.held_to_its_word(store, [ack for t in told for ack in work.acknowledged(t)], ("a", "b"))


def test_a_clock_that_is_set_back_and_forth_never_turns_the_log_round(
    processes: Nursery, fresh: Callable[[], Path]
) -> None:
    store, hour = fresh(), 3_600_000_000
    told = store.parent / "told"
    clock = [0, 5 * hour, hour, 9 * hour, -2 * hour]
    assert processes.run(Process(str(store), str(told), clock=clock)) == [0]
    with opened(store) as found, reading(found.engine) as connection:
        at = [read_leaf(raw).at for raw in leaves(connection, 0, found.size())]
    assert at == sorted(at)
    assert at[-1] == work.BEGIN + 9 * hour
    work.held_to_its_word(store, work.acknowledged(told))
