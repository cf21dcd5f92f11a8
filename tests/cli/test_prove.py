"""`prove` and `key`: what a store shows others of its log, read by both verifiers, across changes of its key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from makegood.evidence.bundle import verifier
from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, ORDER, WORK, starter
from tests.cli.test_bundles import CAUSE

ASKED = ("evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", "--period", "2026-02")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program) -> Path:
    """A folder with a store of three entries and a saved head of two."""
    starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "verify.py").write_bytes(verifier())
    program("store", "kept")
    program("import", WORK, "--into", "kept", "--by", "ops")
    program("head", "kept", "-o", "saved.json")
    program("key", "kept", "-o", "first.pub")
    program("import", "facts/states/shop.csv", "--into", "kept", "--as", "status-log", "--by", "ops")
    return tmp_path


def verified(program: Program, *arguments: str) -> str:
    """What `verify` says of a sound file; the verifier that stands alone must find it sound too."""
    told = program("verify", *arguments)
    assert told.code == 0, told.err
    command = [sys.executable, "-I", "verify.py", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return told.out


def refused(program: Program, *arguments: str) -> str:
    told = program("verify", *arguments)
    assert told.code == 1
    command = [sys.executable, "-I", "verify.py", *arguments]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    return " ".join(told.err.split())


@pytest.mark.usefixtures("here")
def test_a_fact_is_proven_to_somebody_who_saved_a_head(program: Program) -> None:
    told = program("prove", "kept", "--fact", "N-1", "--since", "saved.json", "-o", "n.json")
    assert told.out == "written: n.json; check it with `makegood verify n.json`\n"
    said = verified(program, "n.json", "--since", "saved.json", "--key", "first.pub")
    assert "1: notice `N-1`, logged" in said
    assert '"of":"M-1"' in said
    assert "the head you saved, of 2 entries" in said


@pytest.mark.usefixtures("here")
def test_any_entry_is_proven_by_its_position_under_any_head(program: Program) -> None:
    program("prove", "kept", "--position", "2", "--position", "0", "-o", "both.json")
    said = verified(program, "both.json", "--key", "first.pub")
    assert "0: maintenance `M-1`" in said
    assert "2: segment/states `states/" in said
    digest = json.loads(Path("both.json").read_bytes())["entries"][1]["leaf"]["commit"]
    assert f"SHA-256 {digest}" in said
    program("prove", "kept", "--fact", "M-1", "--size", "2", "-o", "early.json")
    assert "2 entries at" in verified(program, "early.json", "--since", "saved.json")


@pytest.mark.usefixtures("here")
def test_a_proof_goes_through_a_pipe(program: Program) -> None:
    Path("piped.json").write_text(program("prove", "kept", "--fact", "M-1").out)
    verified(program, "piped.json", "--key", "first.pub")


@pytest.mark.usefixtures("here")
def test_what_was_erased_is_proven_by_its_leaf(program: Program) -> None:
    assert program("erase", "kept", "--fact", "N-1", "--because", "asked to", "--by", "ops").code == 0
    program("prove", "kept", "--fact", "N-1", "-o", "n.json")
    assert "what it said is not shown" in verified(program, "n.json", "--key", "first.pub")


@pytest.mark.usefixtures("here")
def test_every_proof_follows_the_key_when_it_changes(program: Program) -> None:
    program("prove", "kept", "--fact", "M-1", "-o", "before.json")
    told = program("key", "kept", "--change", "--by", "ops")
    assert "position 3, signed by both" in told.out
    program("key", "kept", "-o", "second.pub")
    program("key", "kept", "--change", "--to", "third.pem", "--by", "ops")
    program("prove", "kept", "--fact", "M-1", "--since", "saved.json", "-o", "after.json")
    for key in ("first.pub", "second.pub"):
        assert "by key" in verified(program, "after.json", "--since", "saved.json", "--key", key)
    verified(program, "before.json", "--key", "first.pub")
    assert "none of the keys you gave" in refused(program, "before.json", "--key", "second.pub")
    program("head", "kept", "-o", "later.json")
    assert "a later key of the log signed this head" in refused(program, "later.json", "--since", "saved.json")
    told = program("key", "kept")
    assert told.out.count("signs heads") == 3
    assert told.out.splitlines()[-1] == f"the secret key is in {Path.cwd() / 'third.pem'}"
    assert program("check", "kept").code == 0


@pytest.mark.usefixtures("here")
def test_bundles_follow_the_key_when_it_changes(program: Program) -> None:
    assert program(*ASKED, "--bundle", "first.zip").code == 0
    size = json.loads(program("head", "kept", "--format", "json").out)["head"]["size"]
    program("key", "kept", "--change", "--by", "ops")
    assert program(*ASKED, "--bundle", "now.zip", "--since", "saved.json").code == 0
    assert program(*ASKED, "--bundle", "then.zip", "--since", "saved.json", "--as-of", f"log {size}").code == 0
    for name in ("now.zip", "then.zip"):
        said = verified(program, name, "--since", "saved.json", "--key", "first.pub")
        assert f"{size + 1} entries" in said
    verified(program, "first.zip", "--key", "first.pub")
    assert "nothing shows that the log extends" in refused(program, "first.zip", "--since", "saved.json")


@pytest.mark.usefixtures("here")
def test_without_its_key_a_store_still_proves_and_says_what_is_missing(program: Program) -> None:
    Path("kept/keys/log.pem").unlink()
    program("prove", "kept", "--fact", "M-1", "--since", "saved.json", "-o", "m.json")
    verified(program, "m.json", "--since", "saved.json")
    told = program("key", "kept")
    assert (told.code, "the key that signs is missing" in told.err) == (0, True)
    told = program("key", "kept", "--change")
    assert told.code == 1
    assert "bring a copy of it back" in told.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["prove", "kept"], 2, "say what is to be proved"),
        (["prove", "kept", "--fact", "N-9", "--fact", "N-8"], 1, "no fact `N-8` is recorded here"),
        (["prove", "kept", "--position", "3"], 1, "there is no position 3 under a head of 3 entries"),
        (["prove", "kept", "--position", "-1"], 1, "there is no position -1"),
        (["prove", "kept", "--fact", "M-1", "--size", "1"], 1, "no head of 1 entries was signed"),
        (["prove", "kept", "--since", "first.pub"], 1, "this is no signed head"),
        (["prove", "facts", "--fact", "M-1"], 1, "this is no store"),
        (["prove", "kept", "--since", "saved.json", "--size", "2"], 0, ""),
        (["prove", "kept", "--since", "three.json", "--size", "2"], 1, "this head is of 3 entries"),
        (["prove", "kept", "--since", "others.json"], 1, "this is a head of log"),
        (["key", "kept", "--to", "new.pem"], 2, "say --change too"),
        (["key", "kept", "--change", "--to", "first.pub"], 1, "others can read or change this secret key"),
        (["key", "kept", "--change", "--to", "kept/keys/log.pem"], 1, "is, or was, a key of this log"),
        (["key", "facts"], 1, "this is no store"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_cannot_be_is_refused(program: Program, arguments: list[str], code: int, said: str) -> None:
    program("head", "kept", "-o", "three.json")
    program("store", "other")
    program("import", WORK, "--into", "other", "--by", "ops")
    program("head", "other", "-o", "others.json")
    told = program(*arguments)
    assert told.code == code
    assert said in " ".join(told.err.split())


def test_a_store_that_went_back_proves_nothing_to_who_saw_more(here: Path, program: Program) -> None:
    program("backup", "kept", "--to", "backups")
    program("import", *_cause(here, 1), "--into", "kept", "--by", "ops")
    program("head", "kept", "-o", "four.json")
    program("restore", "backups", "--to", "kept", "--switch")
    program("import", *_cause(here, 2), "--into", "kept", "--by", "ops")
    told = program("prove", "kept", "--since", "four.json")
    assert told.code == 1
    assert "at 4 entries this log has another root" in told.err


def _cause(here: Path, number: int) -> list[str]:
    text = CAUSE.format(number, "shop")
    (here / f"c{number}.facts.yaml").write_text(text)
    return [f"c{number}.facts.yaml"]
