"""The commands on a store: what they record, say and refuse, and that they answer as they do on a folder."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from makegood.cli.main import run
from makegood.model.spans import DAY
from makegood.store.opened import opened
from makegood.store.sql.store import Appended, Document
from tests.cli.running import AGREEMENT, LOG, ORDER, WORK, mend, starter

PERIOD = ["--period", "2026-02"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["store", "kept"]) == 0
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def evaluated(facts: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    said(capsys)
    assert run(["evaluate", AGREEMENT, "--order", ORDER, "--facts", facts, *PERIOD, "--format", "json", *more]) == 0
    (statement,) = json.loads(said(capsys))["statements"]
    assert isinstance(statement, dict)
    return statement


@pytest.mark.usefixtures("here")
def test_a_store_answers_as_the_folder_that_was_imported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", WORK, "--into", "kept"]) == 0
    assert "2 facts accepted, 0 duplicate\nrecorded in kept, positions 0-1" in said(capsys)
    assert run(["import", LOG, "--into", "kept", "--as", "status-log"]) == 0
    assert "8 accepted, 0 duplicate, 0 rejected" in said(capsys)
    stored, plain = evaluated("kept", capsys), evaluated("facts", capsys)
    pins = stored.pop("pins")
    assert isinstance(pins, dict)
    head = json.loads(pins["head"])["head"]
    assert (head["size"], len(head["root"])) == (3, 64)
    apart = {"as_of", "pins", "statement"}
    assert {k: v for k, v in stored.items() if k not in apart} == {k: v for k, v in plain.items() if k not in apart}


@pytest.mark.usefixtures("here")
def test_as_of_a_length_of_the_log_only_what_was_in_it_counts(capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", LOG, "--into", "kept", "--as", "status-log"])
    before = evaluated("kept", capsys, "--as-of", "log 1")
    run(["import", WORK, "--into", "kept"])
    now = evaluated("kept", capsys)
    assert evaluated("kept", capsys, "--as-of", "log 1") == before
    assert evaluated("kept", capsys, "--as-of", "log 3")["verdict"] == now["verdict"]
    assert before["excuses"] == []
    assert now["excuses"] != []


def test_what_a_clock_that_was_a_year_ahead_recorded_is_known_now(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["import", WORK, "--into", "kept"])
    run(["import", LOG, "--into", "kept", "--as", "status-log"])
    before = evaluated("kept", capsys)
    now = time.time_ns() // 1000
    with opened(here / "kept") as store:
        store.append(Appended("ops", documents=[Document("note", "ahead", b"a year ahead")]), now + 365 * DAY)
    retracted = "- retraction: R-1\n  supersedes: M-1\n  recorded: 2026-03-01T00:00:00Z\n  by: ops\n"
    retracted += "  because: it was another one\n"
    (here / "more.facts.yaml").write_text(retracted)
    assert run(["import", "more.facts.yaml", "--into", "kept"]) == 0
    after = evaluated("kept", capsys)
    assert before["excuses"] != []
    assert after["excuses"] == [], "it was recorded after that, and counts"
    assert evaluated("kept", capsys, "--as-of", "log 3")["excuses"] == before["excuses"]
    later = evaluated("kept", capsys, "--as-of", "log 5")
    assert later["excuses"] == []
    passed = later["as_of"]
    assert isinstance(passed, dict)
    asked = ["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", *PERIOD]
    assert run([*asked, "--bundle", "feb.zip"]) == 0
    assert run(["verify", "feb.zip"]) == 0
    assert run(["check", "kept"]) == 0
    assert datetime.fromisoformat(passed["utc"]).timestamp() * 1_000_000 < now + DAY, (
        "no time has passed that is still to come"
    )


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("length", ["log 2", "log 0", "log 99"])
def test_a_length_that_was_never_signed_is_refused(length: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", LOG, "--into", "kept", "--as", "status-log"])
    asked = ["evaluate", AGREEMENT, "--order", ORDER, *PERIOD, "--as-of", length]
    assert run([*asked, "--facts", "kept"]) == 1
    assert "was never told to be" in capsys.readouterr().err
    assert run([*asked, "--facts", "facts"]) == 1
    assert "only a store has a log" in capsys.readouterr().err


def test_the_same_facts_again_change_nothing_and_others_under_their_ids_are_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["import", WORK, "--into", "kept", "--key", "mail-1"])
    said(capsys)
    assert run(["import", WORK, "--into", "kept", "--key", "mail-1"]) == 0
    assert "0 facts accepted, 2 duplicate\nnothing is new" in said(capsys)
    mend(here / WORK, "purpose: database upgrade", "purpose: another")
    assert run(["import", WORK, "--into", "kept"]) == 1
    assert "`M-1` is recorded already, and says something else" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_dry_run_records_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", WORK, "--into", "kept", "--dry-run"]) == 0
    assert "2 facts accepted" in said(capsys)
    assert run(["head", "kept"]) == 1
    assert "the log is empty" in capsys.readouterr().err


def test_facts_may_refer_to_recorded_ones_and_to_nothing_else(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", WORK, "--into", "kept"])
    more = here / "more.facts.yaml"
    notice = "- notice: N-7\n  of: {}\n  to: a@b.example\n  accepted: 2026-02-12T08:00:00Z\n"
    notice += "  recorded: 2026-02-12T08:00:01Z\n  by: mail\n"
    more.write_text(notice.format("M-9"))
    assert run(["import", "more.facts.yaml", "--into", "kept"]) == 1
    assert "unknown maintenance or change" in capsys.readouterr().err
    more.write_text(notice.format("M-1"))
    assert run(["import", "more.facts.yaml", "--into", "kept"]) == 0


def test_a_fact_of_the_future_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mend(here / WORK, "recorded: 2026", "recorded: 2999")
    assert run(["import", WORK, "--into", "kept"]) == 1
    assert "that is not yet" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_folder_keeps_facts_as_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", WORK, "--into", "facts"]) == 1
    assert "a plain folder keeps facts as files" in capsys.readouterr().err


def test_a_file_that_the_log_does_not_list_does_not_count(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", LOG, "--into", "kept", "--as", "status-log"])
    (here / "kept/states/by-hand.csv").write_bytes((here / LOG).read_bytes())
    (here / "kept/more.facts.yaml").write_bytes((here / WORK).read_bytes())
    assert run(["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", *PERIOD]) == 0
    err = capsys.readouterr().err
    assert err.count("this file does not count") == 2


def test_a_segment_that_was_changed_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", LOG, "--into", "kept", "--as", "status-log"])
    (segment,) = (here / "kept/states").iterdir()
    segment.write_bytes(segment.read_bytes()[:-1] + b"\0")
    assert run(["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", *PERIOD]) == 1
    assert "was changed after it was imported" in capsys.readouterr().err


def test_the_head_is_a_file_for_a_witness(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", WORK, "--into", "kept"])
    assert run(["head", "kept", "-o", "head.json"]) == 0
    told = json.loads((here / "head.json").read_text())
    assert told["head"]["size"] == 2
    said(capsys)
    run(["head", "kept", "--format", "json"])
    assert json.loads(said(capsys)) == told
    run(["head", "kept"])
    assert "2 entries, the last at 20" in said(capsys)
    assert run(["head", "kept", "--size", "1"]) == 1


def test_a_statement_shows_the_head_that_it_was_made_from(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", WORK, "--into", "kept"])
    run(["key", "kept", "--change"])
    run(["head", "kept", "-o", "head.json"])
    told = json.loads((here / "head.json").read_text())
    asked = ["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", *PERIOD]
    said(capsys)
    assert run(asked) == 0
    text = " ".join(said(capsys).split())
    head, when = told["head"], datetime.fromtimestamp(int(told["head"]["at"]) / 1e6, UTC)
    assert f"Facts of log {head['log']}, 3 entries, the last at {when:%Y-%m-%dT%H:%M:%S}" in text
    assert text.endswith(f"signed by key {head['key']}, root {head['root']}")
    assert run([*asked, "-o", "statement.html"]) == 0
    page = (here / "statement.html").read_text()
    for part in (head["log"], head["root"], head["key"], told["signature"], "3 entries"):
        assert f">{part}</dd>" in page
    line = unescape(page.split('<p class="id line">')[1].split("</p>")[0])
    (here / "copied.json").write_text(line)
    assert run(["verify", "copied.json", "--since", "head.json", "--key", "new.pub"]) == 1
    run(["key", "kept", "-o", "new.pub"])
    assert run(["verify", "copied.json", "--since", "head.json", "--key", "new.pub"]) == 0


@pytest.mark.usefixtures("here")
def test_a_statement_of_a_folder_of_facts_shows_no_head(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys)
    for form in ("text", "html"):
        assert run(["evaluate", AGREEMENT, "--order", ORDER, "--facts", "facts", *PERIOD, "--format", form]) == 0
        shown = said(capsys)
        assert "signature" not in shown
        assert "Facts of log" not in shown


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("store = 2", "no store that this version"),
        ("store = 1\nlocation = 'x'", "`location` is not known here"),
        ("store = 1\ndatabase = 7", "are texts"),
        ("store = 1\ndatabase = 'mysql://x/y'", "SQLite or PostgreSQL, not in mysql"),
        ("store =", "this is no TOML"),
    ],
)
def test_settings_that_are_none_are_refused(
    here: Path, line: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "kept/store.toml").write_text(line)
    assert run(["head", "kept"]) == 1
    assert says in capsys.readouterr().err


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("folder", ["facts", "no/such/folder", AGREEMENT, "kept"])
def test_a_store_is_made_where_nothing_is(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", folder]) == 1
    assert "error store-exists" in capsys.readouterr().err
