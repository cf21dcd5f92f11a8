"""PostgreSQL is killed, paused or unreachable, or its answer is lost: what it acknowledged is there, and there once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from makegood.model.problem import Refused
from makegood.store.opened import create, opened
from makegood.store.place import SETTINGS
from makegood.store.sql.store import Appended
from tests.store import postgres
from tests.store.faults import work
from tests.store.faults.conftest import TORTURE, dice
from tests.store.faults.nursery import REFUSED, Nursery, Process
from tests.store.faults.points import Fault
from tests.store.faults.servers import Server, answerless, durable_server

ROUNDS = 25 if TORTURE else 1
_NUMBER = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with durable_server() as found:
        yield found


def new_store(server: Server, tmp_path: Path) -> Path:
    number = next(_NUMBER)
    folder = tmp_path / f"try-{number}/store"
    folder.parent.mkdir()
    create(folder, postgres.url_of(str(server.folder), f"store_{number}")).engine.dispose()
    return folder


@contextmanager
def after(seconds: float, action: object) -> Iterator[None]:
    """Let something happen while the work goes on."""
    timer = threading.Timer(seconds, action)  # type: ignore[arg-type]
    timer.start()
    yield
    timer.join()


@pytest.mark.parametrize("point", ["insert fact", "before commit", "after commit"])
def test_a_writer_that_is_killed_loses_nothing(point: str, server: Server, processes: Nursery, tmp_path: Path) -> None:
    for attempt in range(ROUNDS):
        store = new_store(server, tmp_path)
        told = store.parent / "told"
        fault = Fault(point, dice("server", point, attempt).randint(1, 7))
        assert processes.run(Process(str(store), str(told), fault=fault)) == [-9]
        work.held_to_its_word(store, work.acknowledged(told))


@pytest.mark.parametrize("whole", [True, False])
def test_a_server_that_is_killed_loses_nothing(whole: bool, server: Server, processes: Nursery, tmp_path: Path) -> None:
    for attempt in range(ROUNDS):
        store = new_store(server, tmp_path)
        told = store.parent / "told"
        moment = dice("killed", whole, attempt).uniform(0.05, 0.5)
        kill = server.kill if whole else lambda: server.signal(signal.SIGKILL, first=False)
        with after(moment, kill):
            (code,) = processes.run(Process(str(store), str(told)))
        assert code in (0, REFUSED)
        if whole:
            server.start()
        else:
            postgres.answers(server.folder)
        work.held_to_its_word(store, work.acknowledged(told))


def test_a_server_that_is_paused_is_waited_for(server: Server, processes: Nursery, tmp_path: Path) -> None:
    store = new_store(server, tmp_path)
    told, seen = store.parent / "told", list[int]()

    def resume() -> None:
        seen.append(len(work.acknowledged(told)))
        server.signal(signal.SIGCONT)

    with after(0.2, lambda: server.signal(signal.SIGSTOP)), after(0.8, resume):
        assert processes.run(Process(str(store), str(told))) == [0]
    acks = work.acknowledged(told)
    assert seen[0] < len(acks) == work.STEPS
    work.held_to_its_word(store, acks)


def test_two_writers_take_turns(server: Server, processes: Nursery, tmp_path: Path) -> None:
    store = new_store(server, tmp_path)
    told = [store.parent / f"told-{number}" for number in range(3)]
    codes = processes.run(*(Process(str(store), str(t), writer) for t, writer in zip(told, "aab", strict=True)))
    assert codes == [0, 0, 0]
    work.held_to_its_word(store, [ack for t in told for ack in work.acknowledged(t)], ("a", "b"))


def test_a_commit_whose_answer_is_lost_may_be_done_again(server: Server, tmp_path: Path) -> None:
    store, way = new_store(server, tmp_path), server.folder / "way"
    way.mkdir()
    facts = work.facts_of("a", 1)
    appended = Appended("a", facts, keys={fact.id: f"key {fact.id}" for fact in facts})
    settings = store / SETTINGS
    straight = settings.read_text()
    with answerless(server.folder, way) as losing, opened(store) as near:
        settings.write_text(straight.replace(f"host={server.folder}", f"host={way}"))
        with opened(store) as found:
            losing.set()
            with pytest.raises(Refused) as refused:
                found.append(appended, work.BEGIN)
            losing.clear()
            assert "whether it was recorded is not known" in refused.value.problems[0].hint
            assert near.size() == len(facts)
            head = near.head()
            again = found.append(appended, work.BEGIN + 1)
            assert (len(again.positions), again.duplicate) == (0, len(facts))
            assert near.head() == head


def test_a_server_that_is_gone_is_told(server: Server, tmp_path: Path) -> None:
    store = new_store(server, tmp_path)
    server.stop()
    try:
        with pytest.raises(Refused) as refused:
            work.do(store, "a", 1, work.BEGIN)
    finally:
        server.start()
    assert "is it running" in refused.value.problems[0].hint
    work.held_to_its_word(store, [])
