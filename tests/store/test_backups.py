"""Backups: of one moment, whole or not at all, read back, brought back into either kind of database, and exercised."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from makegood.app.safekeeping import back_up, bring_back, drill
from makegood.evidence.signing import write_key
from makegood.model.facts import Item, ItemKind, Maintenance
from makegood.model.problem import Refused
from makegood.model.spans import Span
from makegood.store import encrypting, looking_again
from makegood.store.backing_up import take
from makegood.store.backups import Backups, Part, open_backups
from makegood.store.checking import check
from makegood.store.encrypting import read_passphrase
from makegood.store.opened import Store, create, opened
from makegood.store.place import KEY
from makegood.store.restoring import Restored, Wanted
from makegood.store.serving import ServeLock, Serving
from makegood.store.sql.store import Appended, Document
from tests.store.conftest import new_database
from tests.store.faults import work

NOW = 1_775_000_000_000_000
SECOND = 1_000_000


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypting, "COST", 4)


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("correct horse battery staple\n")
    return file


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with facts, a document and a segment."""
    for step in (1, 2, work.IMPORTS):
        work.do(store.folder, "a", step, NOW + step)
    return store


def kept(folder: Path, passphrase: Path | None = None, to: str = "backups", **more: int | bool) -> Path:
    """The folder of a backup taken now."""
    path = folder.parent / to
    at = NOW + SECOND * (1 + (len(list(path.iterdir())) if path.is_dir() else 0))
    back_up(folder, path, encrypt=passphrase, now=at, **more)  # type: ignore[arg-type]
    return path


def brought(
    backup: Path, to: Path, passphrase: Path | None = None, since: Path | None = None, **wanted: object
) -> Restored:
    return bring_back(backup, to, decrypt=passphrase, since=since, wanted=Wanted(**wanted), now=NOW)  # type: ignore[arg-type]


def refusal(*codes: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda found: [p.code for p in found.problems] == list(codes))


def same(one: Store, other: Store) -> bool:
    return (one.facts(), one.imports(), one.head(), one.log) == (
        other.facts(),
        other.imports(),
        other.head(),
        other.log,
    )


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_backup_of_either_database_is_brought_back_into_either(
    into: str, encrypted: bool, filled: Store, passphrase: Path, request: pytest.FixtureRequest
) -> None:
    secret = passphrase if encrypted else None
    backup, to = kept(filled.folder, secret), filled.folder.parent / "back"
    database = new_database(request) if into == "postgresql" else ""
    found = brought(backup, to, secret, database=database, key=filled.place.key)
    assert (found.signs, found.aside, found.checked.facts) == (True, None, 4)
    with opened(to) as back:
        assert same(back, filled)
        assert check(back).problems == []
        more = Appended("ops", [Maintenance("M-new", 5, "ops", services=("web",), announced=Span(1, 2))])
        assert back.append(more, NOW).positions == range(filled.size(), filled.size() + 1)
    assert not list(to.parent.glob(".*"))


def test_segments_are_copied_once_and_the_rest_is_of_each_moment(filled: Store) -> None:
    first = take(filled, filled.folder.parent / "backups", None, now=NOW)
    work.do(filled.folder, "b", work.IMPORTS, NOW + 9)
    then = take(filled, filled.folder.parent / "backups", None, now=NOW + SECOND)
    assert (first.copied, then.copied, len(then.manifest.files)) == (1, 1, 2)
    brought(first.folder, filled.folder.parent / "early")
    with opened(filled.folder.parent / "early") as early:
        assert early.size() == first.manifest.size < filled.size()
        assert len(early.imports()) == 1


def test_only_the_latest_are_kept_with_their_segments(filled: Store) -> None:
    to = filled.folder.parent / "backups"
    for number in range(4):
        taken = take(filled, to, None, now=NOW + number * SECOND, keep=2)
    assert taken.removed == 1
    assert len(open_backups(to, None).names()) == 2
    assert len(list((to / "files").iterdir())) == 1
    brought(to, filled.folder.parent / "back")


def test_the_key_is_in_no_backup_unless_it_is_asked_for_and_sealed(filled: Store, passphrase: Path) -> None:
    secret = filled.key.pem()
    with refusal("key"):
        kept(filled.folder, None, with_key=True)
    for to, more in (("plain", {}), ("encrypted", {"with_key": True})):
        backup = kept(filled.folder, passphrase if more else None, to, **more)
        assert not any(secret in file.read_bytes() for file in backup.rglob("*") if file.is_file())
        found = brought(backup, filled.folder.parent / f"back-{to}", passphrase if more else None)
        assert found.signs is bool(more)
    assert (filled.folder.parent / "back-encrypted" / KEY).stat().st_mode & 0o777 == 0o600


def test_no_byte_of_a_sealed_backup_says_anything(filled: Store, passphrase: Path) -> None:
    backup = kept(filled.folder, passphrase)
    told = b"".join(file.read_bytes() for file in backup.rglob("*") if file.is_file())
    (segment,) = filled.imports()
    for clear in (b"M-a-1", b"storm", b"SQLite format", b"PAR1", segment.written_sha256.encode()):
        assert clear not in told
    assert segment.written_sha256 not in {file.name for file in backup.rglob("*")}


def test_another_passphrase_or_none_is_refused(filled: Store, passphrase: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("another horse battery")
    encrypted, plain = kept(filled.folder, passphrase), kept(filled.folder, None, "plain")
    for backup, secret in ((encrypted, other), (encrypted, None), (plain, passphrase)):
        with refusal("passphrase"):
            brought(backup, tmp_path / "back", secret)
        with refusal("passphrase"):
            kept(filled.folder, secret, backup.name)
    other.write_text("short")
    with refusal("passphrase"):
        kept(filled.folder, other, "third")
    with refusal("passphrase"):
        kept(filled.folder, tmp_path / "missing", "third")


@pytest.mark.parametrize("encrypted", [False, True])
def test_every_file_of_a_backup_that_was_changed_cut_or_lost_is_found(
    encrypted: bool, filled: Store, passphrase: Path, tmp_path: Path
) -> None:
    secret = passphrase if encrypted else None
    backup = kept(filled.folder, secret)
    files = [file for file in backup.rglob("*") if file.is_file() and file.name != "backups.json"]
    assert len(files) == 3
    for file in files:
        raw = file.read_bytes()
        middle = len(raw) // 2
        for wrong in (raw[:middle] + bytes((raw[middle] ^ 1,)) + raw[middle + 1 :], raw[:-1], raw[:middle], b"", None):
            if wrong is None:
                file.unlink()
            else:
                file.write_bytes(wrong)
            with pytest.raises(Refused) as refused:
                brought(backup, tmp_path / "back", secret)
            assert {p.code for p in refused.value.problems} == {"backup-damaged"}
            assert not (tmp_path / "back").exists()
        file.write_bytes(raw)
    brought(backup, tmp_path / "back", secret)


def test_a_copy_in_the_folder_that_was_cut_off_is_made_again(filled: Store) -> None:
    backup = kept(filled.folder)
    (copy,) = (backup / "files").iterdir()
    copy.write_bytes(copy.read_bytes()[:-1])
    kept(filled.folder)
    brought(backup, filled.folder.parent / "back")


def test_a_copy_that_was_changed_is_made_again_where_the_store_has_the_segment_whole(filled: Store) -> None:
    (copy,) = (kept(filled.folder) / "files").iterdir()
    raw = copy.read_bytes()
    copy.write_bytes(bytes([raw[0] ^ 1]) + raw[1:])
    found = take(filled, copy.parents[1], None, now=NOW + 10 * SECOND)
    (name,) = found.again.mended
    assert copy.read_bytes() == raw == (filled.folder / name).read_bytes()
    assert (found.again.there, found.again.read, found.again.problems) == (1, 1, ())


@pytest.mark.parametrize("gone", [True, False])
def test_a_segment_that_was_damaged_in_the_store_is_told_of_where_the_backups_have_it(
    filled: Store, gone: bool
) -> None:
    (copy,) = (kept(filled.folder) / "files").iterdir()
    (name,) = (file for file in filled.folder.rglob("*.parquet"))
    name.unlink() if gone else name.write_bytes(b"x")
    found = take(filled, copy.parents[1], None, now=NOW + 10 * SECOND)
    (problem,) = found.again.problems
    what = "this segment is missing" if gone else "this segment was changed"
    assert (problem.where.source, problem.what) == (str(name), f"{what}; the backups have it whole")
    copy.write_bytes(b"x" * copy.stat().st_size)
    with refusal("backup-damaged"):
        take(filled, copy.parents[1], None, now=NOW + 20 * SECOND)


def test_each_backup_reads_other_segments_again_where_they_are_many(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_again, "MOST_BYTES", 1)
    backups = open_backups(kept(filled.folder), None)
    (part,) = backups.manifest(backups.names()[-1]).files
    some = [Part(f"{part.name}.{n}", part.digest, part.size) for n in range(8)]
    for one in some:
        (filled.folder / one.name).write_bytes((filled.folder / part.name).read_bytes())
    looked = set[str]()
    monkeypatch.setattr(Backups, "verify", lambda _self, _file, one: looked.add(one.name))
    for now in range(100):
        found = looking_again.look_again(filled.place, backups, some, now)
        assert (found.there, found.read) == (8, 1)
    assert looked == {one.name for one in some}


def test_a_backup_that_was_interrupted_is_none_and_the_next_clears_it_away(filled: Store) -> None:
    backup = kept(filled.folder)
    (name,) = open_backups(backup, None).names()
    half = (backup / name).rename(backup / ".backup-7")
    (backup / "files/.half.part").write_bytes(b"x")
    with refusal("no-backup"):
        brought(backup, filled.folder.parent / "back")
    kept(filled.folder)
    assert not half.exists()
    assert not (backup / "files/.half.part").exists()
    brought(backup, filled.folder.parent / "back")


def test_a_store_that_is_damaged_is_not_backed_up(filled: Store) -> None:
    backup = kept(filled.folder)
    (segment,) = (filled.folder / "states").iterdir()
    raw = segment.read_bytes()
    shutil.rmtree(backup)
    segment.write_bytes(raw[:-1] + b"\0")
    with refusal("store-damaged"):
        kept(filled.folder)
    segment.unlink()
    with refusal("store-damaged"):
        kept(filled.folder)
    assert open_backups(backup, None).names() == []


def test_what_is_in_the_way_is_refused(filled: Store, tmp_path: Path) -> None:
    backup = kept(filled.folder)
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("x")
    other = create(tmp_path / "other")
    other.engine.dispose()
    for to in (filled.folder / "inside", tmp_path, tmp_path / "file", tmp_path / "full", tmp_path / "no/such"):
        with refusal("backup-exists"):
            back_up(filled.folder, to, encrypt=None, now=NOW)
    with refusal("backup-exists"):
        back_up(other.folder, backup, encrypt=None, now=NOW)
    for to in (filled.folder, tmp_path / "file", tmp_path / "full", tmp_path / "no/such"):
        with refusal("store-exists"):
            brought(backup, to)
    with refusal("no-store"):
        brought(backup, tmp_path / "new", switch=True)
    with refusal("no-store"):
        back_up(tmp_path / "full", backup, encrypt=None, now=NOW)
    for path in (tmp_path / "nothing", tmp_path / "full", filled.folder):
        with refusal("no-backup"):
            brought(path, tmp_path / "new")


def test_a_restored_store_changes_places_with_the_one_there(filled: Store, request: pytest.FixtureRequest) -> None:
    backup, size = kept(filled.folder), filled.size()
    work.do(filled.folder, "a", 3, NOW + 50)
    database = "" if filled.engine.dialect.name == "sqlite" else new_database(request)
    found = brought(backup, filled.folder, switch=True, database=database)
    assert found.signs
    assert found.aside is not None
    assert found.aside.name.startswith("store.20")
    with opened(found.aside) as before, opened(filled.folder) as now:
        assert (before.size(), now.size()) == (size + 3, size)
    work.do(filled.folder, "a", 3, NOW + 60)


def test_a_store_is_not_switched_under_a_server_that_runs_on_it(filled: Store, request: pytest.FixtureRequest) -> None:
    backup, lock = kept(filled.folder), ServeLock(filled.folder)
    assert lock.take()
    lock.say(Serving(os.getpid(), "http://127.0.0.1:1", "token", NOW))
    with pytest.raises(Refused, match="a server runs on this store"):
        brought(backup, filled.folder, switch=True)
    assert not list(filled.folder.parent.glob("*store.*"))
    lock.leave()
    database = "" if filled.engine.dialect.name == "sqlite" else new_database(request)
    assert brought(backup, filled.folder, switch=True, database=database).aside is not None


def test_after_an_earlier_backup_was_restored_the_later_ones_are_kept(filled: Store) -> None:
    early = kept(filled.folder, to="early")
    work.do(filled.folder, "a", 3, NOW + 50)
    late = kept(filled.folder, to="late")
    brought(early, filled.folder.parent / "back", key=filled.place.key)
    with refusal("backup-exists"):
        back_up(filled.folder.parent / "back", late, encrypt=None, now=NOW)
    work.do(filled.folder.parent / "back", "b", 3, NOW + 70)
    work.do(filled.folder.parent / "back", "b", 4, NOW + 70)
    with refusal("backup-exists"):
        back_up(filled.folder.parent / "back", late, encrypt=None, now=NOW)
    with refusal("no-backup"):
        drill(filled.folder.parent / "back", late, decrypt=None, now=NOW, by="ops")


def test_a_saved_head_is_a_witness(filled: Store, tmp_path: Path) -> None:
    saved, backup = tmp_path / "head.json", kept(filled.folder)
    head = filled.head()
    assert head is not None
    saved.write_bytes(head.to_bytes() + b"\n")
    brought(backup, tmp_path / "back", since=saved)
    work.do(filled.folder, "a", 3, NOW + 50)
    later = filled.head()
    assert later is not None
    saved.write_bytes(later.to_bytes())
    with refusal("witness"):
        brought(backup, tmp_path / "more", since=saved)
    told = json.loads(head.to_bytes())
    told["head"]["root"] = "00" * 32
    saved.write_text(json.dumps(told, sort_keys=True, separators=(",", ":")))
    with refusal("witness"):
        brought(backup, tmp_path / "more", since=saved)
    saved.write_text("{}")
    with refusal("witness"):
        brought(backup, tmp_path / "more", since=saved)
    with refusal("witness"):
        brought(backup, tmp_path / "more", since=tmp_path / "missing")
    assert not (tmp_path / "more").exists()


def test_another_key_does_not_go_with_a_log(filled: Store, tmp_path: Path) -> None:
    other = create(tmp_path / "other")
    other.engine.dispose()
    with refusal("key"):
        brought(kept(filled.folder), tmp_path / "back", key=other.place.key)
    write_key(tmp_path / "copy.pem", filled.key)
    assert brought(tmp_path / "backups", tmp_path / "back", key=tmp_path / "copy.pem").signs


def test_a_drill_is_a_fact_with_what_it_achieved(filled: Store) -> None:
    backup, size = kept(filled.folder), filled.size()
    first = drill(filled.folder, backup, decrypt=None, now=NOW + 9 * SECOND, by="ops")
    assert (first.lost, first.point, first.position) == (0, 0, size)
    work.do(filled.folder, "a", 3, NOW + 60 * SECOND)
    then = drill(filled.folder, backup, decrypt=None, now=NOW + 90 * SECOND, by="ops")
    assert then.lost == 4, "the first drill itself would be lost too, and is older"
    assert 60 * SECOND < then.point <= 81 * SECOND, "it was done some time after it was begun"
    fact = filled.facts()[-1]
    assert isinstance(fact, Item)
    assert fact.kind is ItemKind.DRILL
    seconds, unit = fact.fact("recovery point").split()
    assert (60 < int(seconds) <= 81, unit, fact.fact("entries that would be lost")) == (True, "s", "4")
    assert fact.at("restore begun") == (NOW + 90 * SECOND,)
    assert check(filled).problems == []


def test_a_backup_is_of_one_moment_while_others_write(filled: Store) -> None:
    facts = [Maintenance(f"W-{n}", 5, "ops", services=("web",), announced=Span(n, n + 1)) for n in range(40)]
    to = filled.folder.parent / "backups"
    for number, fact in enumerate(facts):
        filled.append(Appended("ops", [fact], documents=[Document("order", fact.id, fact.id.encode())]), NOW + number)
        if number % 13 == 0:
            taken = take(filled, to, None, now=NOW + number)
            brought(taken.folder, to.parent / f"back-{number}")
            with opened(to.parent / f"back-{number}") as back:
                assert back.head() == filled.head()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: that needs root on Linux")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_full_disk_leaves_no_half_backup_and_no_half_store(
    encrypted: bool, small: Path, passphrase: Path, tmp_path: Path
) -> None:
    store, secret = create(tmp_path / "store"), passphrase if encrypted else None
    work.do(store.folder, "a", 1, NOW)
    with refusal("unwritable"):
        back_up(store.folder, small / "backups", encrypt=secret, now=NOW)
    assert open_backups(small / "backups", read_passphrase(secret) if secret else None).names() == []
    backup = kept(store.folder, secret)
    with refusal("unwritable"):
        brought(backup, small / "back", secret)
    assert not (small / "back").exists()
    assert not list(store.folder.glob(".*"))
    store.engine.dispose()
