"""What a store holds is read by nobody but the user that it is of, whatever the system would let others do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from makegood.app.safekeeping import back_up, bring_back
from makegood.store.opened import Store, create
from makegood.store.restoring import Wanted
from makegood.store.sql.database import writing
from makegood.store.sql.store import Appended, Document
from tests.store.conftest import new_database

NOW = 1_772_366_400_000_000
OTHERS = 0o077


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    """New files are for everybody to read, as most systems have it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def reachable(folder: Path) -> list[str]:
    """The files that others than the user may read, below a folder that they may look into or not."""
    if not mode(folder) & OTHERS:
        return []
    found = [one.name for one in folder.iterdir() if one.is_file() and mode(one) & OTHERS]
    return sorted(found + [name for one in folder.iterdir() if one.is_dir() for name in reachable(one)])


def test_a_new_store_is_in_a_folder_of_its_user_alone(tmp_path: Path) -> None:
    store = create(tmp_path / "new")
    assert mode(store.folder) == 0o700
    store.engine.dispose()


def test_in_a_folder_that_others_may_look_into_they_read_neither_database_nor_settings(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    store = create(tmp_path / "there")
    store.append(Appended("ops", documents=[Document("order", "a", b"x")]), NOW)
    with writing(store.engine) as connection:
        connection.execute(text("create table beside (a integer)"))
        files = {one.name for one in store.folder.iterdir() if one.is_file()}
        assert {"makegood.sqlite", "makegood.sqlite-wal", "makegood.sqlite-shm", "store.toml"} <= files
        assert mode(store.folder) == 0o755  # who made it had a reason
        assert reachable(store.folder) == []
    store.engine.dispose()


def test_settings_that_name_a_database_elsewhere_are_private_too(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    store = create(tmp_path / "there", new_database(request))
    assert reachable(store.folder) == []
    store.engine.dispose()


@pytest.mark.parametrize("there", [False, True])
def test_backups_and_what_is_restored_are_private(store: Store, tmp_path: Path, there: bool) -> None:
    store.append(Appended("ops", documents=[Document("order", "a", b"x")]), NOW)
    if there:
        (tmp_path / "backups").mkdir(mode=0o755)
        (tmp_path / "restored").mkdir(mode=0o755)
    back_up(store.folder, tmp_path / "backups", encrypt=None, now=NOW)
    assert mode(tmp_path / "backups") == (0o755 if there else 0o700)
    assert set(reachable(tmp_path / "backups")) <= {"backups.json"}
    bring_back(tmp_path / "backups", tmp_path / "restored", decrypt=None, since=None, wanted=Wanted(), now=NOW)
    assert mode(tmp_path / "restored") == (0o755 if there else 0o700)
    assert reachable(tmp_path / "restored") == []
