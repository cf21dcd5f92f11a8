"""Batches that do not count leave the database whole; and what failures say is one file a month, row for row."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from makegood.app.upkeep import compact_store, seal_store
from makegood.evidence.batch import Batch
from makegood.exchange.parquet_table import connect
from makegood.model.problem import Refused
from makegood.model.spans import DAY
from makegood.store.backing_up import take as back_up
from makegood.store.checking import check
from makegood.store.folder import read_folder
from makegood.store.ingest import Arrival, Ingest
from makegood.store.joining import join_files
from makegood.store.opened import Store
from makegood.store.retiring import Hold, hold, old, release, retire
from makegood.store.sealing_days import seal
from makegood.store.sealing_flagged import seal_flagged
from makegood.store.sql.batches import Sent
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch, document, segment
from tests.store.batches import MIDNIGHT, detailed, rows, slots
from tests.store.test_archive import said

FAR = 60 * 366 * 1440
"""A minute in another century."""


def take(store: Store, some: Sequence[Arrival | Batch], at: int) -> None:
    with Ingest(store, "agent", lambda: at) as ingest:
        ingest.take_all(some)


def flagged(one: Batch, why: str = "skewed") -> Arrival:
    return Arrival(one, Sent(flag=why))


def in_file(store: Store, name: str) -> list[tuple[Any, ...]]:
    """The rows of a segment in the order of the file, instants as µs."""
    asked = "select * from read_parquet($1)"
    if name.startswith("failures/"):
        asked = 'select "check", location, epoch_us(begun), reason, status from read_parquet($1)'
    with connect() as db:
        return db.execute(asked, [str(store.folder / name)]).fetchall()


def test_flagged_batches_of_closed_days_go_whole_into_a_file_and_can_still_be_shown_to_be_the_ones(
    store: Store,
) -> None:
    far, near = rows("iad", 1, [(FAR, "api", 1)]), slots("iad", 2, [(5, "shop", 1), (6, "api", 0)])
    take(store, [flagged(far), flagged(near, "foreign"), rows("iad", 3, [(9, "api", 0)])], MIDNIGHT)
    take(store, [flagged(rows("fra", 1, [(0, "api", 1)]))], MIDNIGHT + DAY)
    before = said(store)
    made = list(seal_store(store.folder, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    assert [one.name.partition("/")[0] for one in made] == ["outcomes", "flagged"]
    kept = made[1]
    assert (kept.batches, kept.results, kept.first) == (2, 3, MIDNIGHT)
    with reading(store.engine) as connection:
        listed = connection.execute(select(batch).order_by(batch.c.position)).all()
        (position,) = connection.execute(select(segment.c.position).where(segment.c.name == kept.name)).scalars()
    in_database = [one.body is not None for one in listed if one.flag]
    assert in_database == [False, False, True]
    assert [one.sealed for one in listed if one.flag] == [position, position, None]
    found = in_file(store, kept.name)
    assert [row[1:4] for row in found] == [("iad", 1, "skewed"), ("iad", 2, "foreign")]
    assert [row[4] for row in found] == [far.body, near.body]
    assert [sha256(row[4]).digest() for row in found] == [far.digest, near.digest]
    assert said(store) == before
    assert [p.code for p in check(store).problems] == []
    assert list(seal_flagged(store, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops")) == []


def test_a_flagged_batch_that_was_changed_is_not_sealed(store: Store) -> None:
    take(store, [flagged(rows("iad", 1, [(0, "api", 1)]))], MIDNIGHT)
    with store.engine.begin() as connection:
        connection.execute(update(batch).values(body=rows("iad", 1, [(0, "api", 0)]).body))
    with pytest.raises(Refused, match="it is not what the log commits to"):
        list(seal_flagged(store, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    with reading(store.engine) as connection:
        assert connection.execute(select(batch.c.sealed)).scalar() is None
        assert connection.execute(select(segment)).all() == []


def test_flagged_batches_are_kept_as_outcomes_are_by_when_they_came_and_while_there_is_a_hold(store: Store) -> None:
    take(store, [flagged(rows("iad", 1, [(FAR, "api", 1)]))], MIDNIGHT)
    list(seal_flagged(store, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    assert old(store, MIDNIGHT + 300 * DAY) == []
    late = MIDNIGHT + 500 * DAY
    hold(store, Hold("dispute", "a court", ("other",), (), 0, 1), late, "ops")
    (one,) = old(store, late)
    assert one.held == "dispute"
    assert list(retire(store, [one], late, "ops")) == []
    release(store, "dispute", "it is over", late, "ops")
    assert [o.kind for o in retire(store, old(store, late), late, "ops")] == ["flagged"]
    assert list((store.folder / "flagged").iterdir()) == []
    assert read_folder(store.folder)[1] == []  # nothing that a statement reads is gone
    assert check(store).problems == []


def test_a_backup_has_the_files_of_flagged_batches(store: Store, tmp_path: Path) -> None:
    if store.engine.dialect.name == "postgresql":
        pytest.skip("what a backup copies of files is the same")
    take(store, [flagged(rows("iad", 1, [(0, "api", 1)]))], MIDNIGHT)
    (made,) = seal_flagged(store, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops")
    back_up(store, tmp_path / "backups", None, now=MIDNIGHT + DAY)
    digest = sha256((store.folder / made.name).read_bytes()).hexdigest()
    assert any(
        sha256(file.read_bytes()).hexdigest() == digest
        for file in (tmp_path / "backups" / "files").rglob("*")
        if file.is_file()
    )


def daily(store: Store, days: int) -> None:
    for day in range(days):
        at = day * 1440
        take(
            store,
            [detailed("iad", day + 1, [(at, "api", 1), (at + 1, "shop", 2), (at + 2, "api", 0)])],
            MIDNIGHT + day * DAY,
        )
        list(seal(store, MIDNIGHT + (day + 1) * DAY, MIDNIGHT + (day + 1) * DAY, "ops"))


def test_the_failures_of_a_month_become_one_file_that_says_the_same(store: Store) -> None:
    daily(store, 3)
    late = detailed("fra", 1, [(700, "api", 1)])
    take(store, [late], MIDNIGHT + 20 * DAY)
    list(seal(store, MIDNIGHT + 21 * DAY, MIDNIGHT + 21 * DAY, "ops"))
    names = [f"failures/{file.name}" for file in sorted((store.folder / "failures").iterdir())]
    assert len(names) == 4
    rows_before = sorted(row for name in names for row in in_file(store, name))
    assert list(join_files(store, MIDNIGHT + 27 * DAY, MIDNIGHT + 27 * DAY, "ops")) == []
    before = said(store)
    march = MIDNIGHT + 28 * DAY
    made = list(compact_store(store.folder, march, march, "ops"))
    (joined,) = [one for one in made if one.name.startswith("failures/")]
    assert joined.replaced == 4
    found = in_file(store, joined.name)
    assert sorted(found) == rows_before
    assert [row[:3] for row in found] == sorted(row[:3] for row in found)
    assert said(store) == before
    with reading(store.engine) as connection:
        told = connection.execute(select(document.c.name).where(document.c.kind == "replacement")).scalars().all()
        left = (
            connection.execute(select(segment.c.name).where(segment.c.kind == "failures", segment.c.retired.is_(None)))
            .scalars()
            .all()
        )
    assert joined.name in told
    assert left == [joined.name]
    assert check(store).problems == []
    list(compact_store(store.folder, march, march + 2 * DAY, "ops"))
    assert [f"failures/{file.name}" for file in (store.folder / "failures").iterdir()] == [joined.name]


def test_failures_that_are_many_become_several_files(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    daily(store, 5)
    monkeypatch.setattr("makegood.store.joining.MOST_ROWS", 4)
    march = MIDNIGHT + 28 * DAY
    assert [one.replaced for one in join_files(store, march, march, "ops")] == [2, 2]
    assert list(join_files(store, march, march, "ops")) == []


def test_failures_up_to_the_last_slot_of_a_month_are_of_that_month(store: Store) -> None:
    daily(store, 1)
    end = 28 * 1440 - 1
    take(store, [detailed("iad", 2, [(end, "api", 1)])], MIDNIGHT + 28 * DAY)
    list(seal(store, MIDNIGHT + 29 * DAY, MIDNIGHT + 29 * DAY, "ops"))
    assert [one.replaced for one in join_files(store, MIDNIGHT + 29 * DAY, MIDNIGHT + 29 * DAY, "ops")] == [2]
