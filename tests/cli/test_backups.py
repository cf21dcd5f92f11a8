"""The commands that keep a store twice, look at it as a whole and let personal data go: what they say and refuse."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from makegood.cli.main import run
from makegood.store import encrypting
from tests.cli.running import AGREEMENT, LOG, ORDER, PROGRAM, WORK, environment, mend, starter
from tests.cli.test_stores import evaluated, said


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(encrypting, "COST", 4)
    (tmp_path / "secret").write_text("correct horse battery staple\n")
    assert run(["store", "kept"]) == 0
    assert run(["import", WORK, "--into", "kept", "--by", "ada"]) == 0
    assert run(["import", LOG, "--into", "kept", "--as", "status-log", "--by", "ada"]) == 0
    said(capsys)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_a_store_is_backed_up_brought_back_and_judges_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backup", "kept", "--to", "twice", "--encrypt", "secret", "--with-key"]) == 0
    assert "3 entries, 1 of 1 segments new (0.0 MB); read back and verified" in said(capsys)
    assert run(["restore", "twice", "--to", "again", "--decrypt", "secret"]) == 0
    told = said(capsys)
    assert "looked at 3 entries, 2 heads, 2 facts, 1 segment; everything is as it was signed" in told
    assert "Put the key" not in told
    again, before = evaluated("again", capsys), evaluated("kept", capsys)
    assert {**again, "as_of": ""} == {**before, "as_of": ""}


@pytest.mark.usefixtures("here")
def test_without_its_key_a_restored_store_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    run(["backup", "kept", "--to", "twice"])
    run(["restore", "twice", "--to", "again"])
    assert "Put the key that signs in again/keys/log.pem" in said(capsys)
    assert run(["hold", "again", "audit", "--because", "a dispute"]) == 1
    assert "keys/log.pem\n  the key that signs is missing" in capsys.readouterr().err


def test_a_store_is_switched_and_the_other_kept(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["backup", "kept", "--to", "twice"])
    run(["erase", "kept", "--fact", "M-1", "--because", "a try"])
    said(capsys)
    assert run(["restore", "twice", "--to", "kept", "--switch"]) == 0
    assert "The store that was there is now kept.20" in said(capsys)
    (aside,) = here.glob("kept.20*")
    for folder, entries in (("kept", "3 entries"), (aside.name, "4 entries")):
        run(["head", folder])
        assert entries in said(capsys)


@pytest.mark.usefixtures("here")
def test_a_drill_is_recorded_and_moves_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    before = evaluated("kept", capsys)
    run(["backup", "kept", "--to", "twice"])
    said(capsys)
    assert run(["drill", "kept", "--backup", "twice", "--by", "ops"]) == 0
    told = said(capsys)
    assert "recovery point 0 s: nothing would be lost" in told
    assert "recorded in kept, position 3" in told
    assert run(["drill", "kept", "--backup", "twice", "--by", "ops"]) == 0
    assert "1 entry would be lost" in said(capsys)
    after = evaluated("kept", capsys)
    assert {**after, "as_of": "", "pins": ""} == {**before, "as_of": "", "pins": ""}
    assert run(["import", WORK, "--into", "kept"]) == 0, "what a drill recorded reads as a fact of a file does"


def test_backups_are_taken_by_themselves_until_interrupted(here: Path) -> None:
    command = [*PROGRAM, "backup", "kept", "--to", "twice", "--every", "100 ms"]
    with subprocess.Popen(command, cwd=here, env=environment(), stdout=subprocess.PIPE, text=True) as taking:
        assert taking.stdout is not None
        assert "3 entries" in taking.stdout.readline()
        run(["erase", "kept", "--fact", "M-1", "--because", "a try"])
        assert "4 entries" in taking.stdout.readline()
        (here / "twice").rename(here / "gone")
        (here / "twice").write_text("in the way")
        run(["erase", "kept", "--fact", "N-1", "--because", "a try"])
        time.sleep(0.5)
        (here / "twice").unlink()
        assert "5 entries" in taking.stdout.readline()
        taking.send_signal(signal.SIGINT)
        assert taking.wait(60) == 130
    assert sorted(p.name[:12] for p in (here / "gone").iterdir() if p.name[0] == "0") == [
        "000000000003",
        "000000000004",
    ]


@pytest.mark.usefixtures("here")
def test_a_store_is_looked_at_and_mended(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    assert run(["check", "kept"]) == 0
    assert said(capsys) == "looked at 3 entries, 2 heads, 2 facts, 1 segment\neverything is as it was signed\n"
    assert run(["rebuild", "kept"]) == 0
    assert said(capsys) == "1 derived rows are as the facts give them\n"
    (segment,) = (here / "kept/states").iterdir()
    segment.write_bytes(b"x")
    assert run(["check", "kept"]) == 1
    told = capsys.readouterr()
    assert "it was changed after it was recorded" in told.err
    assert told.out.endswith("1 problem\n")


@pytest.mark.usefixtures("here")
def test_erasing_says_what_went_and_what_still_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["erase", "kept", "--fact", "N-1", "--author", "ada", "--because", "asked to", "--by", "clerk"]) == 0
    told = said(capsys)
    assert "N-1: erased; position 3 of the log tells of it" in told
    assert "ada: erased; position 4 of the log tells of it" in told
    assert "Backups from before still hold it" in told
    assert run(["check", "kept"]) == 0
    assert "; 2 erased" in said(capsys)
    assert run(["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", "--period", "2026-02"]) == 0


@pytest.mark.usefixtures("here")
def test_after_an_erasing_bundles_are_still_given_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["head", "kept", "-o", "before.json"]) == 0
    assert run(["erase", "kept", "--fact", "N-1", "--author", "ada", "--because", "asked to"]) == 0
    asked = ["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", "--period", "2026-02", "--bundle", "feb.zip"]
    assert run([*asked, "--since", "before.json"]) == 0
    said(capsys)
    assert run(["verify", "feb.zip", "--since", "before.json"]) == 0
    assert "sound: feb.zip" in said(capsys)
    assert run(["check", "kept"]) == 0


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (["backup", "facts", "--to", "twice"], 1, "this is no store"),
        (["backup", "nowhere", "--to", "twice"], 1, "there is no such folder"),
        (["backup", "kept", "--to", "kept/twice"], 1, "a backup does not lie in its store"),
        (["backup", "kept", "--to", "facts"], 1, "this folder holds something else"),
        (["backup", "kept", "--to", "twice", "--with-key"], 1, "backed up only encrypted"),
        (["backup", "kept", "--to", "twice", "--encrypt", "nothing"], 1, "no such file"),
        (["backup", "kept", "--to", "twice", "--every", "often"], 2, "write as in 30 s"),
        (["backup", "kept", "--to", "twice", "--keep", "-1"], 2, "a number of backups"),
        (["restore", "nowhere", "--to", "again"], 1, "there is no such folder"),
        (["restore", "facts", "--to", "again"], 1, "this is no folder of backups"),
        (["drill", "kept", "--backup", "facts"], 1, "this is no folder of backups"),
        (["check", "facts"], 1, "this is no store"),
        (["rebuild", "facts"], 1, "this is no store"),
        (["erase", "kept"], 2, "say what is to be erased"),
        (["erase", "kept", "--fact", "M-1"], 2, "say why"),
        (["erase", "kept", "--fact", "M-9", "--because", "x"], 1, "no fact `M-9` is recorded here"),
        (["erase", "kept", "--author", "bob", "--because", "x"], 1, "nobody called `bob`"),
    ],
)
def test_bad_inputs_are_told(command: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command) == code
    assert says in capsys.readouterr().err


def test_a_restored_store_takes_part_in_what_the_other_did(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["backup", "kept", "--to", "twice"])
    run(["restore", "twice", "--to", "again", "--key", "kept/keys/log.pem"])
    said(capsys)
    mend(here / WORK, "purpose: database upgrade", "purpose: another")
    assert run(["import", WORK, "--into", "again"]) == 1
    assert "says something else" in capsys.readouterr().err
