"""The disk refuses: it is full, a write fails or is cut short, nothing becomes durable. It is said; nothing is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from makegood.app.upkeep import check_store, erase, rebuild_store
from makegood.model.problem import Refused
from makegood.store.opened import create, opened
from tests.store.faults import work
from tests.store.faults.conftest import TORTURE, dice
from tests.store.faults.nursery import REFUSED, Nursery, Process
from tests.store.faults.points import Fault

ROUNDS = 60 if TORTURE else 1
FAILING = [
    (Fault("before database write", action="fail"), 250),
    (Fault("before database write", action="full", for_good=True), 250),
    (Fault("torn database write", action="short"), 250),
    (Fault("before database sync", action="fail", for_good=True), 11),
    (Fault("before fsync", action="fail"), 3),
    (Fault("before fsync", action="full", for_good=True), 3),
    (Fault("before rename", action="full"), 1),
]


@pytest.mark.parametrize(("fault", "most"), FAILING, ids=lambda one: f"{one}" if isinstance(one, int) else one.point)
def test_a_call_that_fails_is_told_and_loses_nothing(
    fault: Fault, most: int, processes: Nursery, fresh: Callable[[], Path]
) -> None:
    for attempt in range(ROUNDS):
        store, number = fresh(), dice(fault, attempt).randint(1, most)
        told = store.parent / "told"
        one = Fault(fault.point, number, fault.action, fault.for_good)
        (code,) = processes.run(Process(str(store), str(told), fault=one, beside=bool(number % 2)))
        assert code in (0, REFUSED), "a fault of the disk became one of the program"
        acks = work.acknowledged(told)
        assert code == REFUSED or len(acks) == work.STEPS
        work.held_to_its_word(store, acks)


def test_a_file_that_may_not_grow_is_told_and_loses_nothing(processes: Nursery, fresh: Callable[[], Path]) -> None:
    store = fresh()
    told, longest = store.parent / "told", 190_000
    (code,) = processes.run(Process(str(store), str(told), longest=longest, beside=True))
    assert code == REFUSED
    acks = work.acknowledged(told)
    assert 0 < len(acks) < work.STEPS
    work.held_to_its_word(store, acks)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: that needs root on Linux")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(ballast: Path, leaving: int) -> None:
    """Leave so many bytes of a disk."""
    disk = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes(disk.f_bavail * disk.f_bsize - leaving))


def test_a_full_disk_is_told_read_from_and_gone_on_with_when_there_is_room(small: Path, processes: Nursery) -> None:
    store = small / "store"
    create(store).engine.dispose()
    told, ballast = small.parent / "told", small / "ballast"
    fill(ballast, 125_000)
    (code,) = processes.run(Process(str(store), str(told)))
    assert code == REFUSED
    assert "store" in told.with_suffix(".refused").read_text()
    acks = work.acknowledged(told)
    assert 0 < len(acks) < work.STEPS
    (code,) = processes.run(Process(str(store), str(told), first=len(acks) + 1))
    assert code == REFUSED
    with opened(store) as found:
        work.kept(found, acks)
    subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
    work.held_to_its_word(store, acks)


def test_on_a_disk_without_any_room_the_store_is_read_and_not_written(small: Path) -> None:
    store = small / "store"
    create(store).engine.dispose()
    work.do(store, "a", 1, work.BEGIN)
    fill(small / "ballast", 0)
    with opened(store) as found:
        assert found.facts() == work.facts_of("a", 1)
    assert check_store(store).problems == []
    uses: list[Callable[[], object]] = [
        lambda: work.do(store, "a", 2, work.BEGIN),
        lambda: rebuild_store(store),
        lambda: erase(store, ["a"], "", by="ops", because="asked", now=work.BEGIN),
    ]
    for use in uses:
        with pytest.raises(Refused) as refused:
            use()
        assert [p.code for p in refused.value.problems] == ["unwritable"]
    (small / "ballast").unlink()
    work.do(store, "a", 2, work.BEGIN)
