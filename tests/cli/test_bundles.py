"""Evidence bundles from a store: written beside a statement, and checked by whoever gets them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from makegood.cli.main import run
from tests.cli.running import AGREEMENT, LOG, ORDER, WORK, starter

ASKED = ["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", "--period", "2026-02"]
CAUSE = """\
- cause: C-{0}
  service: {1}
  what: storm
  during: 2026-02-10 10:00 to 2026-02-10 10:10 Europe/Berlin
  recorded: 2026-02-11T00:00:00Z
  by: ops
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["store", "kept"]) == 0
    assert run(["import", WORK, "--into", "kept", "--by", "ops"]) == 0
    assert run(["import", LOG, "--into", "kept", "--as", "status-log", "--by", "ops"]) == 0
    return tmp_path


def record(folder: Path, number: int, service: str = "shop") -> None:
    (folder / "more.facts.yaml").write_text(CAUSE.format(number, service))
    assert run(["import", "more.facts.yaml", "--into", "kept", "--by", "ops"]) == 0


def manifest(path: Path) -> dict[str, list[dict[str, object]]]:
    with ZipFile(path) as bundle:
        found = json.loads(bundle.read("manifest.json"))
    assert isinstance(found, dict)
    return found


def alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier that stands alone, taken from the bundle."""
    with ZipFile(folder / arguments[0]) as bundle:
        (folder / "verify.py").write_bytes(bundle.read("verify.py"))
    command = [sys.executable, "-I", "verify.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_bundle_is_sound_for_both_verifiers(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--bundle", "feb.zip", "--by", "ops"]) == 0
    assert "check it with `makegood verify feb.zip`" in capsys.readouterr().err
    assert run(["verify", "feb.zip"]) == 0
    assert "sound: feb.zip" in capsys.readouterr().out
    found = alone(here, "feb.zip")
    assert found.returncode == 0, found.stdout + found.stderr


def test_with_a_saved_head_the_log_is_shown_to_be_extended(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["head", "kept", "-o", "saved.json"]) == 0
    record(here, 1)
    assert run([*ASKED, "--bundle", "without.zip"]) == 0
    assert run([*ASKED, "--bundle", "with.zip", "--since", "saved.json"]) == 0
    assert run(["verify", "with.zip", "--since", "saved.json"]) == 0
    assert alone(here, "with.zip", "--since", "saved.json").returncode == 0
    assert run(["verify", "without.zip", "--since", "saved.json"]) == 1
    assert "not-extended" in capsys.readouterr().err
    assert alone(here, "without.zip", "--since", "saved.json").returncode != 0


def test_a_head_may_have_come_through_a_shell(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["head", "kept", "--format", "json"]) == 0
    (here / "piped.json").write_text(capsys.readouterr().out)
    assert run([*ASKED, "--bundle", "feb.zip", "--since", "piped.json"]) == 0
    assert run(["verify", "feb.zip", "--since", "piped.json"]) == 0
    assert alone(here, "feb.zip", "--since", "piped.json").returncode == 0


def test_facts_of_others_are_left_out_and_what_is_cited_is_there(here: Path) -> None:
    record(here, 1, "another-customers-service")
    record(here, 2)
    assert run([*ASKED, "--bundle", "feb.zip", "--other-services"]) == 0
    leaves = [entry["leaf"] for entry in manifest(here / "feb.zip")["entries"]]
    ids = {leaf["id"] for leaf in leaves if isinstance(leaf, dict)}
    assert {"M-1", "N-1", "C-2", AGREEMENT, ORDER} - {Path(str(i)).name for i in ids} == set()
    assert "C-1" not in ids
    assert b"another-customers-service" not in (here / "feb.zip").read_bytes()


def test_the_documents_are_recorded_once(here: Path) -> None:
    for _ in range(3):
        assert run([*ASKED, "--bundle", "feb.zip"]) == 0
    kinds = [str(e["leaf"]["kind"]) for e in manifest(here / "feb.zip")["entries"]]  # type: ignore[index]
    assert sorted(k for k in kinds if k.startswith("document/")) == ["document/agreement", "document/order"]


def test_what_was_given_is_kept_as_it_was(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["issued", "kept"]) == 0
    assert "none was given" in capsys.readouterr().out
    assert run([*ASKED, "--as-of", "2026-03-02T00:00:00Z", "--bundle", "feb.zip"]) == 0
    assert run([*ASKED, "--as-of", "2026-03-02T00:00:00Z", "--bundle", "again.zip"]) == 0
    assert capsys.readouterr().err.count("number 1;") == 2
    record(here, 1)
    assert run([*ASKED, "--bundle", "more.zip"]) == 0
    capsys.readouterr()
    assert run(["issued", "kept"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[:5] for line in listed] == [
        ["1", "acme-hosting", "2026-02", "log", "5"],
        ["2", "acme-hosting", "2026-02", "log", "6"],
    ]
    assert run(["issued", "kept", "--number", "1", "-o", "one.json"]) == 0
    with ZipFile(here / "feb.zip") as bundle:
        assert (here / "one.json").read_bytes() == bundle.read("statement.json")
    assert run(["issued", "kept", "--number", "7"]) == 1


def test_an_earlier_length_of_the_log_has_its_own_bundle(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASKED, "--bundle", "first.zip"]) == 0
    record(here, 1)
    capsys.readouterr()
    assert run([*ASKED, "--bundle", "again.zip", "--as-of", "log 5"]) == 0
    assert run(["verify", "again.zip"]) == 0
    with ZipFile(here / "first.zip") as one, ZipFile(here / "again.zip") as other:
        assert one.read("head.json") == other.read("head.json")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--bundle", "feb.zip", "--since", AGREEMENT], "this is no signed head"),
        (["--bundle", "no/such/folder.zip"], "there is no folder"),
        (["--bundle", "feb.zip", "--facts", "facts"], "only what a store holds can be proved"),
        (["--since", "saved.json"], "say --bundle FILE too"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_makes_no_bundle_is_refused(more: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [part for part in ASKED if "--facts" not in more or part not in ("--facts", "kept")]
    assert run([*asked, *more]) in (1, 2)
    assert says in capsys.readouterr().err


def test_a_head_of_another_log_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["store", "other"])
    run(["import", WORK, "--into", "other"])
    run(["head", "other", "-o", "other.json"])
    assert run([*ASKED, "--bundle", "feb.zip", "--since", "other.json"]) == 1
    assert "this is a head of log" in capsys.readouterr().err
    assert not (here / "feb.zip").exists()
