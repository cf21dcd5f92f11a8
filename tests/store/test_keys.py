"""The key of a store's log is changed: who holds the old one notices, old heads hold, and backups of either go on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from makegood.app.proving import prove
from makegood.app.safekeeping import back_up, bring_back, drill
from makegood.app.verifying import verify_proof
from makegood.evidence import verify_alone
from makegood.evidence.checking import Trusted
from makegood.evidence.head import sign_head
from makegood.evidence.signing import SigningKey, read_key, write_key
from makegood.model.facts import Maintenance
from makegood.model.problem import Refused
from makegood.model.spans import Span
from makegood.store import encrypting
from makegood.store.checking import check
from makegood.store.ingest import Ingest
from makegood.store.keys import change_key, log_keys
from makegood.store.opened import Store, opened
from makegood.store.place import SETTINGS, name_keys, read_place
from makegood.store.restoring import Wanted
from makegood.store.sql.database import reading, writing
from makegood.store.sql.erasures import Why, erase_author
from makegood.store.sql.log import signed_head, tree
from makegood.store.sql.store import Appended
from tests.store.batches import rows

NOW = 1_775_000_000_000_000


def note(store: Store, number: int) -> None:
    fact = Maintenance(f"M-{number}", 5, "ops", services=("web",), announced=Span(number, number + 9))
    store.append(Appended("ops", [fact]), NOW + number)


def signer(store: Store, size: int | None = None) -> bytes:
    head = store.head(size)
    assert head is not None
    assert head.verifies
    return head.public


def problems(store: Store) -> list[str]:
    return [p.what for p in check(store).problems]


def test_from_the_change_on_the_new_key_signs_and_all_that_was_signed_still_holds(store: Store) -> None:
    note(store, 1)
    first = store.key.public
    done = change_key(store, None, NOW, "ops")
    note(store, 2)
    assert [one.public for one in log_keys(store)] == [first, done.key.public]
    assert [signer(store, size) for size in (1, 2, 3)] == [first.raw, *[done.key.public.raw] * 2]
    assert (done.key.position, done.before.public, store.log) == (1, first, first.log)
    assert problems(store) == []
    assert len(store.facts()) == 2
    again = change_key(store, None, NOW, "ops")
    assert [one.position for one in log_keys(store)] == [None, 1, 3]
    assert again.file.name == f"log-{again.key.public.id}.pem"
    assert problems(store) == []


def test_the_key_of_an_empty_log_is_changed(store: Store) -> None:
    done = change_key(store, None, NOW, "ops")
    note(store, 1)
    assert (done.key.position, signer(store)) == (0, done.key.public.raw)
    assert problems(store) == []


def test_whoever_has_the_store_open_with_the_old_key_notices(store: Store) -> None:
    note(store, 1)
    with opened(store.folder) as other, Ingest(other, "probe", lambda: NOW + 9) as ingest:
        assert other.key.public.raw == store.first_key
        ingest.take(rows("probe", 1, [(0, "shop", 0)]))
        done = change_key(store, None, NOW, "ops")
        note(other, 2)
        assert signer(store) == done.key.public.raw
        ingest.take(rows("probe", 2, [(1, "shop", 0)]))
        assert signer(store) == done.key.public.raw
        again = change_key(store, None, NOW, "ops")
        with writing(other.engine) as connection:
            erase_author(connection, "probe", Why("ops", NOW, "asked to"), other.sign)
        assert signer(store) == again.key.public.raw
    assert problems(store) == []


HOLDER = """
import sys
from pathlib import Path
from makegood.store.opened import opened
from tests.store.test_keys import note
with opened(Path(sys.argv[1])) as store:
    note(store, 2)
    print(store.key.public.id, flush=True)
    sys.stdin.readline()
    note(store, 3)
    print(store.key.public.id, flush=True)
"""


def test_another_process_notices_too(store: Store) -> None:
    note(store, 1)
    first, root = store.key.public.id, Path(__file__).parents[2]
    command = [sys.executable, "-c", HOLDER, str(store.folder)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == first
        done = change_key(store, None, NOW, "ops")
        said, _ = other.communicate("go on\n", timeout=60)
    assert (other.returncode, said.strip()) == (0, done.key.public.id)
    assert signer(store) == done.key.public.raw
    assert (store.size(), problems(store)) == (4, [])


def test_who_cannot_find_the_new_key_signs_nothing(store: Store) -> None:
    note(store, 1)
    done = change_key(store, None, NOW, "ops")
    hidden = done.file.rename(done.file.with_name("hidden"))
    with opened(store.folder) as other:
        with pytest.raises(Refused, match="the key that signs is missing"):
            note(other, 2)
        shutil.copy(store.folder / "keys/log.pem", done.file)
        with pytest.raises(Refused, match="and the log is signed by key"):
            note(other, 2)
        assert (other.size(), problems(other)) == (2, [])
        hidden.replace(done.file)
        note(other, 2)


def test_two_changes_at_once_take_turns(store: Store) -> None:
    note(store, 1)

    def change() -> None:
        with opened(store.folder) as own:
            change_key(own, None, NOW, "ops")

    threads = [threading.Thread(target=change) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.position for one in log_keys(store)] == [None, 1, 2, 3]
    assert problems(store) == []


def test_a_key_that_was_changed_unseen_is_not_followed_by_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of the folder may not reach another machine; that of the log does."""
    note(store, 1)
    real = name_keys

    def meanwhile(folder: Path, key: Path, following: Path | None = None) -> None:
        monkeypatch.setattr("makegood.store.keys.name_keys", real)
        monkeypatch.setattr("makegood.store.keys.only_writer", lambda _: open(os.devnull))  # noqa: PTH123, SIM115
        with opened(folder) as other:
            change_key(other, None, NOW, "other")
        real(folder, key, following)

    monkeypatch.setattr("makegood.store.keys.name_keys", meanwhile)
    with pytest.raises(Refused, match="somebody else changed the key at the same time"):
        change_key(store, None, NOW, "ops")
    assert len(log_keys(store)) == 2
    assert problems(store) == []


def test_the_new_key_may_be_one_that_was_made_before(store: Store, tmp_path: Path) -> None:
    note(store, 1)
    made = SigningKey.make()
    write_key(tmp_path / "new.pem", made)
    done = change_key(store, tmp_path / "new.pem", NOW, "ops")
    assert (done.key.public, read_place(store.folder).key) == (made.public, tmp_path / "new.pem")
    note(store, 2)
    made_here = change_key(store, tmp_path / "further.pem", NOW, "ops")
    assert read_key(tmp_path / "further.pem").public == made_here.key.public
    assert problems(store) == []


def test_a_key_never_comes_back(store: Store, tmp_path: Path) -> None:
    note(store, 1)
    first = store.place.key
    change_key(store, None, NOW, "ops")
    before = (store.folder / SETTINGS).read_bytes()
    for file in (first, read_place(store.folder).key):
        with pytest.raises(Refused, match="is, or was, a key of this log"):
            change_key(store, file, NOW, "ops")
    (tmp_path / "text.pem").write_text("hello")
    (tmp_path / "text.pem").chmod(0o600)
    with pytest.raises(Refused, match="this is no secret key"):
        change_key(store, tmp_path / "text.pem", NOW, "ops")
    with pytest.raises(Refused, match="there is no folder"):
        change_key(store, tmp_path / "no/such/new.pem", NOW, "ops")
    assert (store.folder / SETTINGS).read_bytes() == before
    assert store.size() == 2


def test_without_the_old_key_there_is_no_new_one(store: Store) -> None:
    note(store, 1)
    store.place.key.unlink()
    with opened(store.folder) as other, pytest.raises(Refused, match="the key that signs is missing"):
        change_key(other, None, NOW, "ops")
    assert list(store.place.key.parent.iterdir()) == []
    assert log_keys(store)[-1].public.raw == store.first_key


def test_settings_keep_what_people_wrote_in_them(store: Store) -> None:
    note(store, 1)
    file = store.folder / SETTINGS
    wrote = file.read_text().replace("key = ", "  key   =  ") + '# mine\n\n[keep]\n# so long\noutcomes = "2 months"\n'
    file.write_text(wrote)
    done = change_key(store, None, NOW, "ops")
    expected = wrote.replace('  key   =  "keys/log.pem"', f'key = "keys/{done.file.name}"')
    assert file.read_text() == expected
    file.write_text("".join(line for line in expected.splitlines(keepends=True) if not line.startswith("key")))
    shutil.copy(done.file, store.folder / "keys/log.pem")  # what is meant where nothing is said
    again = change_key(store, None, NOW, "ops")
    assert read_place(store.folder).key == again.file
    assert read_place(store.folder).keeps["outcomes"] == 2


def test_settings_that_cannot_be_changed_are_left_alone(store: Store) -> None:
    note(store, 1)
    file = store.folder / SETTINGS
    wrote = file.read_text().replace("key = ", '"key" = ')
    file.write_text(wrote)
    with pytest.raises(Refused, match="the key cannot be changed in these lines"):
        change_key(store, None, NOW, "ops")
    assert file.read_text() == wrote
    assert len(log_keys(store)) == 1


def test_a_proof_shows_the_change_to_who_saved_a_head_before(store: Store) -> None:
    note(store, 1)
    saved, first = store.head(), store.key.public
    assert saved is not None
    for number in (2, 3):
        change_key(store, None, NOW, "ops")
        note(store, number)
    raw = prove(store.folder, ["M-1", "M-3"], [2], saved)
    found = verify_proof(raw, "proof", Trusted(saved, (first,)))
    assert (found.sound, found.problems) == (True, ())
    assert [what.split(",")[0] for name, what in found.says if name == "entry"] == [
        "0: maintenance `M-1`",
        "2: maintenance `M-2`",
        "4: maintenance `M-3`",
    ]
    then = verify_alone.read_head(saved.to_bytes())
    problems_found, told = verify_alone.check_proof(raw, then, [first.raw])
    assert problems_found == []
    assert sum(line.startswith("entry") for line in told) == 5


def test_a_head_that_the_old_key_signs_later_is_found(store: Store) -> None:
    note(store, 1)
    old = store.key
    change_key(store, None, NOW, "ops")
    with pytest.raises(Refused):
        store.key_of(SigningKey.make().public.raw)
    with reading(store.engine) as connection:
        root, latest = tree(connection).root(2), signed_head(connection)
    assert latest is not None
    forged = sign_head(store.log, 2, root, latest.head.at, old)
    with writing(store.engine) as connection:
        connection.exec_driver_sql("delete from head where size = 2")
        from makegood.store.sql.tables import head

        connection.execute(head.insert().values(size=2, at=latest.head.at, body=forged.to_bytes()))
    assert problems(store) == ["another key signed it than the one that was to sign"]


@pytest.fixture
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(encrypting, "COST", 4)
    file = tmp_path / "passphrase"
    file.write_text("correct horse battery staple\n")
    return file


def brought(backup: Path, to: Path, **wanted: object) -> Store:
    decrypt = wanted.pop("decrypt", None)
    bring_back(backup, to, decrypt=decrypt, since=None, wanted=Wanted(**wanted), now=NOW)  # type: ignore[arg-type]
    with opened(to) as found:
        note(found, 7)
        assert problems(found) == []
        return found


def test_backups_go_on_with_the_key_that_the_log_had_then(store: Store, tmp_path: Path, passphrase: Path) -> None:
    note(store, 1)
    first, to = store.place.key, tmp_path / "backups"
    early = back_up(store.folder, to, encrypt=passphrase, now=NOW, with_key=True).folder
    done = change_key(store, None, NOW, "ops")
    late = back_up(store.folder, to, encrypt=passphrase, now=NOW + 9, with_key=True).folder
    assert drill(store.folder, to, decrypt=passphrase, now=NOW + 9, by="ops").lost == 0
    for backup, key, other in ((early, first, done.file), (late, done.file, first)):
        name = backup.name[:12]
        expected = read_key(key).public
        assert brought(backup, tmp_path / f"{name}-with", decrypt=passphrase).key.public == expected
        assert brought(backup, tmp_path / f"{name}-named", decrypt=passphrase, key=key).key.public == expected
        with pytest.raises(Refused, match="the backup's head was signed by key"):
            brought(backup, tmp_path / f"{name}-wrong", decrypt=passphrase, key=other)


def test_a_store_that_is_switched_from_lends_the_key_that_a_backup_goes_on_with(store: Store, tmp_path: Path) -> None:
    note(store, 1)
    to, first = tmp_path / "backups", store.key.public
    early = back_up(store.folder, to, encrypt=None, now=NOW).folder
    done = change_key(store, None, NOW, "ops")
    late = back_up(store.folder, to, encrypt=None, now=NOW + 9).folder
    store.engine.dispose()
    if store.engine.name == "postgresql":
        return  # switching needs an empty database; which key is lent does not depend on it
    assert brought(late, store.folder, switch=True).key.public == done.key.public
    aside = next(tmp_path.glob("store.2*"))
    shutil.rmtree(store.folder)
    aside.rename(store.folder)
    assert brought(early, store.folder, switch=True).key.public == first
