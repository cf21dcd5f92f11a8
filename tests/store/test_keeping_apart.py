"""Backups, restores and checks of stores whose segments were retired, or lie on an object store, or both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from makegood.app.archiving import retain
from makegood.app.importing import import_evidence
from makegood.app.safekeeping import back_up, bring_back, drill
from makegood.app.upkeep import mirror_store
from makegood.model.problem import Refused, Severity
from makegood.model.spans import DAY
from makegood.store import backing_up
from makegood.store.backups import open_backups
from makegood.store.checking import check
from makegood.store.folder import read_folder
from makegood.store.opened import Store, create, opened
from makegood.store.place import read_place
from makegood.store.restoring import Restored, Wanted
from makegood.store.retiring import Hold, hold, holds, old
from tests.store.batches import MIDNIGHT, rows
from tests.store.conftest import BUCKET
from tests.store.test_archive import said, sealed, take
from tests.store.test_retiring import LATER, done

APRIL = MIDNIGHT + 60 * DAY
CSV = "begun,check,location,outcome\n2026-02-02T00:00:00Z,api,iad,up\n2026-02-02T00:01:00Z,api,iad,down\n"


@pytest.fixture
def kept(tmp_path: Path, database: str, remote: Any) -> Iterator[Store]:
    """A store with a sealed day and an import, each on the object store too."""
    assert not list(remote.objects.all())
    create(tmp_path / "store", database).engine.dispose()
    setting(tmp_path / "store", f'segments = "s3://{BUCKET}/acme"')
    (tmp_path / "given.csv").write_text(CSV)
    with opened(tmp_path / "store") as store:
        take(store, [rows("iad", 1, [(0, "api", 0), (3, "api", 1)], 5)])
        sealed(store)
        import_evidence(tmp_path / "given.csv", store.folder, now=APRIL, by="ops")
        yield store


def setting(folder: Path, line: str) -> None:
    settings = folder / "store.toml"
    settings.write_text(f"{settings.read_text()}{line}\n")


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.parquet"))


def backed_up(store: Store, now: int = APRIL, to: str = "backups") -> Path:
    back_up(store.folder, store.folder.parent / to, encrypt=None, now=now)
    return store.folder.parent / to


def restored(backups: Path, to: Path, **wanted: Any) -> Restored:
    return bring_back(backups, to, decrypt=None, since=None, wanted=replace(Wanted(), **wanted), now=APRIL)


def looked_at(store: Store) -> list[tuple[str, Severity]]:
    return [(p.code, p.severity) for p in check(store).problems]


def test_imports_are_on_the_object_store_too_and_are_fetched_where_their_copies_are_gone(
    kept: Store, remote: Any
) -> None:
    before = said(kept)
    assert len(before[0]["api"]) == 4
    names = sorted(one.key.split("/")[1] for one in remote.objects.all())
    assert names == ["latencies", "observations", "outcomes"]
    for file in files(kept.folder):
        file.unlink()
    assert said(kept) == before
    assert [f.parent.name for f in files(kept.folder)] == ["observations", "outcomes"]


def test_an_import_that_is_missing_in_both_is_one_problem(kept: Store, remote: Any) -> None:
    (file,) = (kept.folder / "observations").iterdir()
    file.unlink()
    remote.Object(f"acme/observations/{file.name}").delete()
    assert [p.code for p in read_folder(kept.folder)[1]] == ["segment-missing"]


def test_nothing_is_imported_while_the_object_store_refuses(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before, size = said(kept), kept.size()
    given = kept.folder.parent / "more.csv"
    given.write_text(CSV.replace("02-02", "02-03"))
    with monkeypatch.context() as patched:
        patched.setattr("makegood.store.segments._remote", lambda _: 1 / 0)
        with pytest.raises(Refused) as refused:
            import_evidence(given, kept.folder, now=APRIL, by="ops")
    assert [p.code for p in refused.value.problems] == ["segment-unwritable"]
    assert (said(kept), kept.size()) == (before, size)
    assert import_evidence(given, kept.folder, now=APRIL, by="ops").written
    assert len(said(kept)[0]["api"]) == 6


def test_check_tells_what_is_missing_here_only_and_what_is_missing_in_both(kept: Store, remote: Any) -> None:
    assert looked_at(kept) == []
    (file,) = (kept.folder / "outcomes").iterdir()
    raw = file.read_bytes()
    file.unlink()
    assert looked_at(kept) == [("segment-remote", Severity.WARNING)]
    assert not file.exists()
    there = remote.Object(f"acme/outcomes/{file.name}")
    there.put(Body=raw[:-1] + b"?")
    assert looked_at(kept) == [("store-damaged", Severity.ERROR)]
    there.delete()
    (found,) = check(kept).problems
    assert (found.code, found.what) == (
        "store-damaged", "it is missing here and on the object store, and the log lists it",
    )  # fmt: skip


def test_check_says_that_the_object_store_cannot_be_read(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = (kept.folder / "outcomes").iterdir()
    file.unlink()
    monkeypatch.setattr("makegood.store.segments._remote", lambda _: 1 / 0)
    found = [p.what for p in check(kept).problems]
    assert found == ["the object store cannot be read", "it is missing here, and the object store cannot be read"]


def test_what_is_only_in_the_folder_is_told_and_put_on_the_object_store(kept: Store, remote: Any) -> None:
    remote.objects.delete()
    assert looked_at(kept) == [("not-on-store", Severity.WARNING)] * 3
    assert len(mirror_store(kept.folder)) == 3
    assert looked_at(kept) == []
    assert mirror_store(kept.folder) == []


def test_a_backup_fetches_what_is_only_on_the_object_store(kept: Store) -> None:
    before = said(kept)
    for file in files(kept.folder):
        file.unlink()
    found = restored(backed_up(kept), kept.folder.parent / "restored")
    assert found.place.segments == ""
    assert len(files(kept.folder.parent / "restored")) == 3
    with opened(kept.folder.parent / "restored") as again:
        assert said(again) == before
        assert looked_at(again) == []
    assert drill(kept.folder, kept.folder.parent / "backups", decrypt=None, now=APRIL, by="ops").checked.segments == 3


def test_a_backup_is_refused_where_a_segment_is_missing_in_both(kept: Store, remote: Any) -> None:
    (file,) = (kept.folder / "outcomes").iterdir()
    file.unlink()
    remote.Object(f"acme/outcomes/{file.name}").delete()
    with pytest.raises(Refused) as refused:
        backed_up(kept)
    assert [p.code for p in refused.value.problems] == ["store-damaged"]
    assert "no backup was taken" in refused.value.problems[0].hint


def test_retired_files_are_in_no_backup_and_a_restore_does_not_miss_them(kept: Store, remote: Any) -> None:
    assert len(done(kept, LATER)) == 3
    assert files(kept.folder) == []
    assert not list(remote.objects.all())
    backups = backed_up(kept, LATER)
    assert list((backups / "files").iterdir()) == []
    restored(backups, kept.folder.parent / "restored")
    with opened(kept.folder.parent / "restored") as again:
        assert looked_at(again) == []
        assert said(again)[0] == {}
        assert ["was retired" in text for text in said(again)[1]] == [True, True]


def test_what_was_retired_after_a_backup_is_back_with_its_restore_and_goes_again(kept: Store) -> None:
    backups = backed_up(kept)
    before = said(kept)
    done(kept, LATER)
    again = kept.folder.parent / "restored"
    restored(backups, again, key=kept.place.key)
    with opened(again) as store:
        assert said(store) == before
    assert len(retain(again, by="ops", now=LATER, trust_clock=True)) == 3
    assert files(again) == []


def test_a_hold_is_kept_by_a_restore_and_one_that_came_later_is_named(kept: Store) -> None:
    hold(kept, Hold("early", "a dispute", ("api",), (), 0, 2**62), APRIL, "ops")
    backups = backed_up(kept)
    hold(kept, Hold("late", "a dispute", ("api",), (), 0, 2**62), APRIL, "ops")
    found = restored(backups, kept.folder, switch=True)
    assert found.holds == ("late",)
    with opened(kept.folder) as again:
        assert [one.name for one in holds(again)] == ["early"]
        assert {one.held for one in old(again, LATER)} == {"early"}


def test_settings_come_from_the_backup_or_from_the_store_that_is_replaced(kept: Store) -> None:
    setting(kept.folder, '[keep]\noutcomes = "forever"\nlatencies = "1 month"')
    with opened(kept.folder) as store:
        backups = backed_up(store)
    manifest = json.loads(next(backups.glob("*/backup.json")).read_text())
    assert manifest["keep"] == {"outcomes": "forever", "latencies": "1 month"}
    assert BUCKET not in json.dumps(manifest)
    beside = kept.folder.parent / "beside"
    restored(backups, beside, segments=f"s3://{BUCKET}/beside")
    assert (read_place(beside).keeps, read_place(beside).segments) == ({"latencies": 1}, f"s3://{BUCKET}/beside")
    settings = (kept.folder / "store.toml").read_text().replace('"forever"', '"24 months"')
    (kept.folder / "store.toml").write_text(settings)
    restored(backups, kept.folder, switch=True)
    place = read_place(kept.folder)
    assert (place.keeps, place.segments) == ({"outcomes": 24, "latencies": 1}, f"s3://{BUCKET}/acme")
    with pytest.raises(Refused) as refused:
        restored(backups, kept.folder.parent / "third", segments="https://example.com")
    assert [p.code for p in refused.value.problems] == ["store-settings"]
    assert not (kept.folder.parent / "third").exists()


def test_a_backup_from_before_settings_were_in_it_is_restored_with_those_of_a_new_store(kept: Store) -> None:
    backups = backed_up(kept)
    (file,) = backups.glob("*/backup.json")
    said_then = json.loads(file.read_text())
    del said_then["keep"]
    file.write_text(json.dumps(said_then, sort_keys=True, separators=(",", ":")))
    assert open_backups(backups, None).manifest(file.parent.name).keeps == {"outcomes": 13, "latencies": 3}


def test_what_is_retired_while_a_backup_is_taken_is_left_out_of_it(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, times = backing_up._looked_at, list[int]()

    def meanwhile(*given: Any) -> Any:
        found = looking(*given)
        if not times:
            times.append(len(done(kept, LATER)))
        return found

    monkeypatch.setattr(backing_up, "_looked_at", meanwhile)
    backups = backed_up(kept, LATER)
    assert times == [3]
    restored(backups, kept.folder.parent / "restored")
    assert files(kept.folder.parent / "restored") == []


def test_a_retired_file_that_could_not_be_removed_is_told_and_removed_later(
    kept: Store, monkeypatch: pytest.MonkeyPatch, remote: Any
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("makegood.store.segments._remote", lambda _: 1 / 0)
        with pytest.raises(Refused):
            done(kept, LATER)
    assert looked_at(kept) == [("still-there", Severity.WARNING)]
    assert len(done(kept, LATER)) == 2
    assert (looked_at(kept), list(remote.objects.all())) == ([], [])
