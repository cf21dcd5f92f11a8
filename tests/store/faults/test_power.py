"""Power fails at any moment: what was acknowledged is there. A build that acknowledges too early loses it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from makegood.store.opened import Store, opened
from tests.store.faults import work
from tests.store.faults.conftest import TORTURE, dice
from tests.store.faults.nursery import Nursery, Process
from tests.store.faults.power import Event, after_a_cut, recorded

CUTS = 1_500 if TORTURE else 16


def run(store: Path, processes: Nursery, weak: bool, beside: bool) -> tuple[dict[str, bytes], list[Event]]:
    """The database before the work, and all that became of it during the work."""
    database, record = store / "makegood.sqlite", store.parent / "record"
    before = {str(database): database.read_bytes()}
    told = store.parent / "told"
    assert processes.run(Process(str(store), str(told), record=str(record), weak=weak, beside=beside)) == [0]
    return before, recorded(record)


def cut(store: Path, before: dict[str, bytes], events: Sequence[Event], fate: random.Random) -> tuple[Path, bytes]:
    """The store as it could stand after power failed behind these events, and what had been told by then."""
    folder = store.parent / "cut"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(store, folder / "store", ignore=shutil.ignore_patterns("makegood.sqlite*"))
    for table in store.parent.glob("*.csv"):
        shutil.copy(table, folder)
    for path, content in after_a_cut(before, events, fate).items():
        if not path.endswith("-shm"):
            (folder / "store" / Path(path).name).write_bytes(content)
    return folder / "store", (store.parent / "told").read_bytes()[: events[-1].told]


def cuts(events: Sequence[Event], weak: bool) -> list[tuple[int, random.Random]]:
    """After how many events power fails, and the dice that say what of the rest was kept."""
    fate = dice("power", weak)
    return [(fate.randint(1, len(events)), dice("kept", weak, n)) for n in range(CUTS)]


@pytest.mark.parametrize("beside", [True, False])
def test_what_was_acknowledged_survives_a_cut_of_power(
    beside: bool, processes: Nursery, fresh: Callable[[], Path]
) -> None:
    store = fresh()
    before, events = run(store, processes, weak=False, beside=beside)
    told = 0
    for number, (many, fate) in enumerate(cuts(events, weak=False)):
        folder, said = cut(store, before, events[:many], fate)
        acks = work.read_acknowledged(said)
        told += len(acks)
        if number % 8 == 0:
            work.held_to_its_word(folder, acks)
        else:
            with opened(folder) as found:
                work.kept(found, acks)
    assert told > CUTS


def test_a_build_that_acknowledges_too_early_is_caught(processes: Nursery, fresh: Callable[[], Path]) -> None:
    store = fresh()
    before, events = run(store, processes, weak=True, beside=True)
    cases = (cut(store, before, events[:many], fate) for many, fate in cuts(events, weak=True))
    lost = sum(has_lost(folder, work.read_acknowledged(said)) for folder, said in cases)
    assert lost > CUTS // 2


def has_lost(folder: Path, acks: list[work.Acknowledged]) -> bool:
    """Whether something that was acknowledged is lost, in a store that is sound otherwise."""
    try:
        with opened(folder) as found:
            work.kept(found, acks)
    except AssertionError as failure:
        if "is lost" in str(failure):
            return True
        raise
    return False


def test_a_segment_is_durable_before_the_log_lists_it(
    fresh: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, done = fresh(), list[tuple[str, str]]()
    fsync, rename, commit = os.fsync, os.replace, Store.append

    def syncing(handle: int) -> None:
        fsync(handle)
        done.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))

    def renaming(source: Path, target: Path) -> None:
        rename(source, target)
        done.append(("rename", f"{source} {target}"))

    def committing(*given: object) -> object:
        done.append(("commit", ""))
        return commit(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", renaming)
    monkeypatch.setattr(Store, "append", committing)
    work.do(store, "a", work.IMPORTS, work.BEGIN)
    (segment,) = (store / "states").iterdir()
    (moved,) = (what for kind, what in done if kind == "rename" and what.endswith(str(segment)))
    beside, _ = moved.split()
    order = [("sync", beside), ("rename", moved), ("sync", str(segment.parent)), ("commit", "")]
    assert [step for step in done if step in order] == order
    assert ("sync", str(store)) in done[: done.index(("sync", beside))], (
        "the folder of the segments is in its own folder"
    )
