"""A month that was sealed day by day becomes one segment, and says the same whenever and as of whatever it is asked."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from makegood.evidence.batch import Batch
from makegood.model.problem import Refused
from makegood.model.spans import DAY, MINUTE
from makegood.store import compacting
from makegood.store.backing_up import take as back_up
from makegood.store.checking import check
from makegood.store.compacting import Compacted, compact
from makegood.store.folder import read_folder
from makegood.store.opened import Store, create, opened
from makegood.store.outcome_files import write_outcomes
from makegood.store.retiring import old, retire
from makegood.store.sheets import Layers
from makegood.store.sql.database import reading
from makegood.store.sql.tables import batch, document, log, segment
from tests.engine.worlds import examples
from tests.store.batches import MIDNIGHT, rows, slots
from tests.store.test_archive import drawn, said, sealed, take

MARCH, LATER = MIDNIGHT + 28 * DAY, MIDNIGHT + 40 * DAY


@pytest.fixture
def daily(store: Store) -> Store:
    """Three days of February, each sealed when it was over."""
    for day in range(3):
        at = day * 1440
        told: list[Batch] = [
            rows("iad", day + 1, [(at, "api", 0), (at + 3, "api", 1)]),
            slots("fra", day + 1, [(at, "shop", 2)]),
        ]
        take(store, told, day * DAY)
        sealed(store, MIDNIGHT + (day + 1) * DAY, MIDNIGHT + (day + 1) * DAY)
    return store


def compacted(store: Store, until: int = MARCH, now: int = MARCH) -> list[Compacted]:
    return list(compact(store, until, now, "ops"))


def files(store: Store) -> list[str]:
    return sorted(f"outcomes/{file.name}" for file in (store.folder / "outcomes").iterdir())


@given(st.integers(0, 2**32), st.lists(st.integers(0, 4000), max_size=4))
@examples(6)
def test_statements_are_the_same_before_and_after_as_of_every_length_and_instant(seed: int, cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "store")
        batches = drawn(seed)
        for n, one in enumerate(batches):
            take(store, [one], n * 1_000_000)
            if n < len(cuts):
                sealed(store, MIDNIGHT + cuts[n] * MINUTE, n * 1_000_000)
        sealed(store, MIDNIGHT + 9 * DAY)
        with reading(store.engine) as connection:
            sizes = [p + 1 for p in connection.execute(select(log.c.position)).scalars()]
        asked = [n * 1_000_000 for n in range(len(batches) + 1)]
        before = [said(store, size) for size in sizes], [said(store, None, at) for at in asked]
        held = read_folder(store.folder)[0].results
        compacted(store)
        assert [said(store, size) for size in sizes] == before[0]
        assert [said(store, None, at) for at in asked] == before[1]
        again = read_folder(store.folder)[0].results
        for name, results in held.items():  # read before, and asked only now when each became known
            assert sorted(results.recorded.tolist()) == sorted(again[name].recorded.tolist())
        assert check(store).problems == []
        store.engine.dispose()


def test_the_days_of_a_month_become_one_segment_and_the_log_says_what_it_replaces(daily: Store) -> None:
    before, names = said(daily), files(daily)
    assert len(names) == 3
    (made,) = compacted(daily)
    assert made.replaced == 3
    assert said(daily) == before
    with reading(daily.engine) as connection:
        kinds = connection.execute(select(log.c.kind).order_by(log.c.position)).scalars().all()[-2:]
        (told,) = connection.execute(select(document).where(document.c.kind == "replacement")).all()
        (new,) = connection.execute(select(segment).where(segment.c.retired.is_(None))).all()
        gone = connection.execute(select(segment.c.name).where(segment.c.retired == told.position)).scalars().all()
        assert set(connection.execute(select(batch.c.sealed)).scalars()) == {new.position}
    assert kinds == ["document/replacement", "segment/outcomes"]
    assert sorted(gone) == names
    assert sorted(one["name"] for one in json.loads(told.body)["replaces"]) == names
    assert (told.name, json.loads(told.body)["sha256"]) == (made.name, new.sha256.hex())
    assert check(daily).problems == []
    assert compacted(daily) == []


def test_it_is_the_same_file_as_when_the_month_is_sealed_at_once(daily: Store, tmp_path: Path) -> None:
    (made,) = compacted(daily)
    other = create(tmp_path / "other")
    for day in range(3):
        at = day * 1440
        take(
            other,
            [rows("iad", day + 1, [(at, "api", 0), (at + 3, "api", 1)]), slots("fra", day + 1, [(at, "shop", 2)])],
        )
    (days,) = sealed(other, MARCH, MARCH)
    assert days.name == made.name
    other.engine.dispose()


def test_a_month_that_is_not_over_is_left_as_it_is(daily: Store) -> None:
    assert compacted(daily, MARCH - 1) == []


def test_files_that_were_replaced_are_left_for_a_day(daily: Store) -> None:
    names = files(daily)
    (made,) = compacted(daily)
    assert files(daily) == sorted([*names, made.name])
    assert compacted(daily, MARCH, MARCH + DAY - 1) == []
    assert len(files(daily)) == 4
    assert compacted(daily, MARCH, MARCH + DAY) == []
    assert files(daily) == [made.name]
    assert check(daily).problems == []


def test_what_came_late_into_the_midst_of_a_sealed_day_stays_apart(daily: Store) -> None:
    take(daily, [rows("iad", 4, [(2, "api", 1)])], 4 * DAY)
    sealed(daily, MARCH, MARCH)
    before = said(daily)
    (made,) = compacted(daily)
    assert made.replaced == 3
    assert said(daily) == before
    with reading(daily.engine) as connection:
        assert len(connection.execute(select(segment.c.name).where(segment.c.retired.is_(None))).all()) == 2


def test_a_contradiction_is_named_alike_after_it(daily: Store) -> None:
    take(daily, [rows("iad", 4, [(3, "api", 0)]), rows("sin", 1, [(0, "api", 0)])], 4 * DAY)
    sealed(daily, MARCH, MARCH)
    before = said(daily)
    assert "up in batch iad/4" in before[1][0]
    assert "down in batch iad/1" in before[1][0]
    compacted(daily)
    assert said(daily) == before


def test_a_crash_between_file_and_transaction_changes_nothing(daily: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before, size = said(daily), daily.size()
    with monkeypatch.context() as patched:
        patched.setattr(compacting, "canonical", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            compacted(daily)
    assert (said(daily), daily.size(), len(files(daily))) == (before, size, 4)
    assert len(compacted(daily)) == 1
    assert said(daily) == before


def test_two_that_compact_at_once_do_not_do_it_twice(daily: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = said(daily)

    def meanwhile(path: Path, layers: Layers) -> int:
        monkeypatch.setattr(compacting, "write_outcomes", write_outcomes)
        with opened(daily.folder) as other:
            list(compact(other, MARCH, MARCH, "another"))
        return write_outcomes(path, layers)

    monkeypatch.setattr(compacting, "write_outcomes", meanwhile)
    with pytest.raises(Refused) as refused:
        compacted(daily)
    assert [p.code for p in refused.value.problems] in (["sealed-meanwhile"], ["unwritable"])
    assert said(daily) == before


def test_a_backup_has_the_new_segment_only(daily: Store, tmp_path: Path) -> None:
    (made,) = compacted(daily)
    taken = back_up(daily, tmp_path / "backups", None, now=LATER)
    assert [part.name for part in taken.manifest.files] == [made.name]


def test_replaced_segments_are_no_evidence_that_was_retired_and_the_new_one_is_retired_in_time(daily: Store) -> None:
    compacted(daily)
    assert read_folder(daily.folder)[1] == []
    late = MIDNIGHT + 430 * DAY
    (gone,) = retire(daily, old(daily, late), late, "ops")
    assert gone.kind == "outcomes"
    assert [p.code for p in read_folder(daily.folder)[1]] == ["evidence-retired"]


def test_a_segment_that_is_damaged_is_not_replaced(daily: Store) -> None:
    file = daily.folder / files(daily)[0]
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(Refused) as refused:
        compacted(daily)
    assert [p.code for p in refused.value.problems] == ["segment-changed"]


def test_on_an_object_store_it_is_put_there_and_those_it_replaces_go(tmp_path: Path, remote: Any) -> None:
    create(tmp_path / "store").engine.dispose()
    settings = tmp_path / "store/store.toml"
    settings.write_text(settings.read_text() + 'segments = "s3://evidence/acme"\n')
    with opened(tmp_path / "store") as store:
        for day in range(2):
            take(store, [rows("iad", day + 1, [(day * 1440, "api", 0)])], day * DAY)
            sealed(store, MIDNIGHT + (day + 1) * DAY, MIDNIGHT + (day + 1) * DAY)
        (made,) = compacted(store)
        assert len(list(remote.objects.all())) == 3
        compacted(store, MARCH, MARCH + DAY)
        assert [one.key for one in remote.objects.all()] == [f"acme/{made.name}"]
        assert check(store).problems == []
