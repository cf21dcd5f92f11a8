"""A change of keys is killed at any moment: one key is right, it is at hand, and the change can be gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.evidence.signing import read_key
from makegood.store.checking import check
from makegood.store.keys import log_keys
from makegood.store.opened import Store, opened
from makegood.store.place import read_place
from tests.store.faults import work
from tests.store.faults.nursery import Nursery, Process
from tests.store.faults.points import FILES, Fault

KILLED = -9
TABLES = ("author", "log", "head", "fact")
SQL = (
    *((f"insert {name}", 1) for name in TABLES), ("update sequencer", 1), ("before commit", 1), ("after commit", 1),
)  # fmt: skip
ON_DISK = [(point, number) for point in FILES for number in ((1, 2) if "rename" in point else (1, 2, 3, 4, 5, 6))]
"""Two renames are of `store.toml`, before and after; six times a file or its folder is made durable."""
POINTS = [(kind, *point) for kind in ("sqlite", "postgresql") for point in SQL]
POINTS += [("sqlite", *point) for point in ON_DISK]


@pytest.mark.parametrize(("database", "point", "number"), POINTS, indirect=["database"])
def test_a_change_of_keys_that_is_killed_leaves_one_right_key(
    point: str, number: int, processes: Nursery, store: Store
) -> None:
    folder = store.folder
    work.do(folder, "a", 1, work.BEGIN)
    first = store.key.public
    told = folder.parent / "told"
    (code,) = processes.run(Process(str(folder), str(told), fault=Fault(point, number), change=True))
    assert code == KILLED, f"{point} was not come to {number} times"
    with opened(folder) as found:
        keys = [one.public for one in log_keys(found)]
        recorded, complete = len(keys) - 1, read_place(folder).next_key is None
        assert found.key.public == keys[-1]
        assert (keys[-1] == first) is not recorded
        assert _signed_on(folder, 2) == keys[-1].raw
    work.change(folder)
    with opened(folder) as found:
        keys = [one.public for one in log_keys(found)]
        assert len(keys) == (3 if recorded and complete else 2), "the change was made again, or not at all"
        place = read_place(folder)
        assert place.next_key is None
        assert read_key(place.key).public == keys[-1]
        assert len(list(place.key.parent.iterdir())) == len(keys), "a key lies there that nobody knows of"
    assert _signed_on(folder, 3) == keys[-1].raw


def _signed_on(folder: Path, step: int) -> bytes:
    """The public key of the head after one more step; the store is sound then."""
    work.do(folder, "a", step, work.BEGIN)
    with opened(folder) as store:
        assert check(store).problems == []
        head = store.head()
    assert head is not None
    return head.public
