"""Stamps are kept beside heads, on either database: once each, in backups too, and one that was changed is found."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from makegood.app.safekeeping import back_up, bring_back
from makegood.store.checking import check
from makegood.store.opened import Store, opened
from makegood.store.restoring import Wanted
from makegood.store.sql.database import reading, writing
from makegood.store.sql.stamping import Kept, head_with, keep_stamp, stamps
from makegood.store.sql.tables import stamp
from tests.store.faults import work

NOW = work.BEGIN
KEPT = [Kept(3, NOW, b"one"), Kept(3, NOW + 1, b"two"), Kept(6, NOW, b"one")]


def stamped(store: Store) -> None:
    for step in (1, 2):
        work.do(store.folder, "a", step, NOW)
    with writing(store.engine) as connection:
        assert all(keep_stamp(connection, one.size, one.at, one.reply) for one in KEPT)
        assert not keep_stamp(connection, 3, NOW + 9, b"one")


def test_a_stamp_is_kept_once_with_its_head(store: Store) -> None:
    stamped(store)
    with reading(store.engine) as connection:
        assert stamps(connection) == KEPT
        assert stamps(connection, 3) == KEPT[:2]
        for size in (3, 6):
            head = store.head(size)
            assert head is not None
            assert head_with(connection, head.digest) == head
        assert head_with(connection, bytes(32)) is None
    assert (check(store).stamps, check(store).problems) == (3, [])


def test_a_stamp_that_was_changed_is_found(store: Store) -> None:
    stamped(store)
    with writing(store.engine) as connection:
        connection.execute(update(stamp).where(stamp.c.size == 6).values(body=b"other"))
    assert [str(p.where) for p in check(store).problems] == ["stamp on head 6"]


def test_stamps_are_in_backups(store: Store, tmp_path: Path) -> None:
    stamped(store)
    back_up(store.folder, tmp_path / "backups", encrypt=None, now=NOW)
    bring_back(tmp_path / "backups", tmp_path / "back", decrypt=None, since=None, wanted=Wanted(), now=NOW)
    with opened(tmp_path / "back") as back, reading(back.engine) as connection:
        assert stamps(connection) == KEPT
