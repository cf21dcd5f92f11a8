"""`seal` on a store that locations sent batches to, and what is stated before and after."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from makegood.cli.main import run
from makegood.evidence.batch import Roster, SlotBatch
from makegood.model.spans import DAY, MINUTE
from makegood.store.ingest import Ingest
from makegood.store.locations import location_document
from makegood.store.opened import opened
from makegood.store.sql.agents import Agent
from makegood.store.sql.batches import filed
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended
from makegood.store.sql.tables import batch
from tests.cli.running import mend, starter

FEBRUARY = 20_485 * DAY
ONE = "1 of 2 locations run by The shop"


DETECTS = "reads: observations\nevery: 1 min\nfails after: 3\nrecovers after: 2\nlocations: 1"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    mend(tmp_path / "hosting.sla.md", "reads: reported states\nholds: 1 h", DETECTS)
    mend(
        tmp_path / "hosting.sla.md",
        "from: status-log\n",
        "from: status-log\nbegins: first failure\nends: first success\n",
    )
    mend(tmp_path / "acme.order.yaml", "title: The shop\n", "title: The shop\n    checks: [shop-home]\n")
    assert run(["store", "kept"]) == 0
    sent(tmp_path / "kept")
    return tmp_path


def sent(folder: Path) -> None:
    """A month of minutes from two locations; day by day, with an outage of 50 minutes, and minutes not seen."""
    dice = np.random.default_rng(4)
    with opened(folder) as store, Ingest(store, "agents", lambda: FEBRUARY + 29 * DAY) as ingest:
        for location in ("fra", "iad"):
            for day in range(28):
                cells = np.where(dice.random((1440, 1)) < 0.01, 3, 0).astype(np.int8)
                if day == 7:
                    cells[120:170] = 1
                first = (FEBRUARY + day * DAY) // MINUTE
                ingest.take(SlotBatch(location, day + 1, MINUTE, Roster(("shop-home",)), first, cells))


def stated(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    given = ["evaluate", "hosting.sla.md", "--order", "acme.order.yaml", "--facts", "kept", "--period", "2026-02"]
    assert run([*given, "--format", "json", "--as-of", "2026-06-01T00:00:00Z"]) == 0
    (statement,) = json.loads(capsys.readouterr().out)["statements"]
    assert isinstance(statement, dict)
    pins = statement.pop("pins")
    statement["facts pinned"] = pins["facts"]
    statement.pop("statement", None)
    return statement


@pytest.mark.usefixtures("here")
def test_a_statement_is_the_same_before_and_after_sealing(capsys: pytest.CaptureFixture[str]) -> None:
    before = stated(capsys)
    assert before["verdict"] == "breached"
    assert run(["seal", "kept", "--until", "2026-02-15"]) == 0
    assert "results of 28 batches" in capsys.readouterr().out
    assert stated(capsys) == before
    assert run(["seal", "kept", "--by", "ops"]) == 0
    assert stated(capsys) == before
    assert run(["seal", "kept"]) == 0
    assert capsys.readouterr().out == "nothing is to be sealed\n"
    assert run(["check", "kept"]) == 0


@pytest.mark.parametrize(
    ("operators", "says", "runs"),
    [
        ((("fra", "The shop", FEBRUARY - DAY), ("iad", "", FEBRUARY - DAY)), ONE, "The shop"),
        ((("fra", "The shop", FEBRUARY - DAY), ("fra", "", FEBRUARY + DAY)), ONE, "The shop"),
        ((("fra", "The shop", FEBRUARY - 2 * DAY), ("fra", "", FEBRUARY - DAY)), "", ""),
        ((("fra", "The shop", FEBRUARY + 40 * DAY),), "", ""),
    ],
)  # fmt: skip
def test_a_statement_says_which_locations_somebody_else_ran(
    here: Path, capsys: pytest.CaptureFixture[str], operators: tuple[tuple[str, str, int], ...], says: str, runs: str
) -> None:
    with opened(here / "kept") as store:
        agents = [Agent(bytes([n] * 32), place, who, at) for n, (place, who, at) in enumerate(operators)]
        store.append(Appended("ops", documents=[location_document(store.log, one) for one in agents]), FEBRUARY)
    coverage = stated(capsys)["coverage"]
    assert isinstance(coverage, dict)
    assert coverage["locations"] == [
        {"location": "fra", "operator": runs}, {"location": "iad", "operator": ""},
    ]  # fmt: skip
    given = ["evaluate", "hosting.sla.md", "--order", "acme.order.yaml", "--facts", "kept", "--period", "2026-02"]
    assert run(given) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert ("run by" in said, says in said) == (bool(says), True)


def test_a_location_that_sent_only_some_batches_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(here / "kept") as store, Ingest(store, "agents", lambda: FEBRUARY + 30 * DAY) as ingest:
        cells = np.zeros((1, 1), dtype=np.int8)
        ingest.take(SlotBatch("sin", 4, MINUTE, Roster(("shop-home",)), FEBRUARY // MINUTE, cells))
    assert run(["seal", "kept"]) == 0
    assert "`sin` has not sent batches 1-3" in capsys.readouterr().err


def test_a_day_that_is_not_over_is_not_sealed_and_what_is_no_store_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(here / "kept") as store, Ingest(store, "agents", lambda: FEBRUARY + 30 * DAY) as ingest:
        cells = np.zeros((1, 1), dtype=np.int8)
        ingest.take(SlotBatch("sin", 1, MINUTE, Roster(("shop-home",)), time.time_ns() // 60_000_000_000, cells))
    assert run(["seal", "kept", "--until", "2999-01-01"]) == 0
    assert run(["seal", "kept", "--until", "2999-01-01"]) == 0
    assert capsys.readouterr().out.endswith("nothing is to be sealed\n")
    with opened(here / "kept") as store, reading(store.engine) as connection:
        assert [one.location for one in filed(connection, batch.c.sealed.is_(None))] == ["sin"]
    assert run(["seal", "facts"]) == 1
    assert "this is no store" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_hold_of_an_order_keeps_what_would_be_retired(capsys: pytest.CaptureFixture[str]) -> None:
    (settings := Path("kept/store.toml")).write_text(settings.read_text() + '[keep]\noutcomes = "1 month"\n')
    run(["seal", "kept"])
    because = ["--because", "a dispute"]
    assert run(["hold", "kept", "D-1", *because, "--order", "acme.order.yaml", "--since", "2026-02-08"]) == 0
    assert "held: D-1, evidence of shop-home, shop" in capsys.readouterr().out
    assert run(["retain", "kept", "--trust-clock"]) == 0
    assert "kept by the hold D-1" in capsys.readouterr().out
    assert run(["hold", "kept", "D-1", *because, "--release"]) == 0
    assert run(["retain", "kept", "--dry-run"]) == 0
    assert "would be retired" in capsys.readouterr().out
    assert run(["retain", "kept", "--trust-clock"]) == 0
    assert ", retired" in capsys.readouterr().out
    assert run(["retain", "kept", "--trust-clock"]) == 0
    assert capsys.readouterr().out == "nothing is old enough\n"
    assert run(["check", "kept"]) == 0


@pytest.mark.usefixtures("here")
def test_a_hold_that_cannot_be_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["hold", "kept", "D-1", "--because", "x"]
    assert run([*given, "--service", "shop"]) == 1
    assert "a service is one of an order" in capsys.readouterr().err
    assert run([*given, "--order", "acme.order.yaml", "--service", "mail"]) == 1
    assert "the order covers no service `mail`" in capsys.readouterr().err
    assert run([*given, "--since", "2026-02-03", "--until", "2026-02-01"]) == 1
    assert "2026-02-01 is before 2026-02-03" in capsys.readouterr().err
    assert run([*given, "--release", "--check", "api"]) == 2


def late(folder: Path, outcome: int) -> None:
    """A further batch of `fra`, about three minutes of 8 February that it told of before, as it was down."""
    cells = np.full((3, 1), outcome, dtype=np.int8)
    first = (FEBRUARY + 7 * DAY) // MINUTE + 125
    with opened(folder) as store, Ingest(store, "agents", lambda: FEBRUARY + 30 * DAY) as ingest:
        ingest.take(SlotBatch("fra", 29, MINUTE, Roster(("shop-home",)), first, cells))


def evaluated(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    given = ["evaluate", "hosting.sla.md", "--order", "acme.order.yaml", "--facts", "kept", "--period", "2026-02"]
    code = run([*given, "--as-of", "2026-06-01T00:00:00Z"])
    shown = capsys.readouterr()
    return code, shown.err + shown.out


def test_a_late_batch_that_contradicts_a_sealed_day_is_named_before_and_after_it_is_sealed_too(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["seal", "kept", "--until", "2026-02-15"]) == 0
    assert run(["seal", "kept"]) == 0
    assert "compacted: " in capsys.readouterr().out
    late(here / "kept", 0)
    judged = stated(capsys)
    assert judged
    for sealed in ("3 results of 1 batch", "nothing is to be sealed"):
        code, shown = evaluated(capsys)
        assert code == 0
        assert "up in batch fra/29, and down in batch fra/8" in " ".join(shown.split())
        assert "so the slot counts as unseen" in " ".join(shown.split())
        assert run(["seal", "kept"]) == 0
        assert sealed in capsys.readouterr().out
    assert stated(capsys) == judged


def test_a_late_batch_that_says_the_same_as_a_sealed_day_changes_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stated(capsys)
    assert run(["seal", "kept"]) == 0
    late(here / "kept", 1)
    assert stated(capsys) == before
    assert run(["seal", "kept"]) == 0
    assert stated(capsys) == before


@pytest.mark.usefixtures("here")
def test_a_statement_says_what_is_gone_of_its_period(capsys: pytest.CaptureFixture[str]) -> None:
    (settings := Path("kept/store.toml")).write_text(settings.read_text() + '[keep]\noutcomes = "1 month"\n')
    run(["import", "facts/work.facts.yaml", "--into", "kept"])
    run(["seal", "kept"])
    run(["retain", "kept", "--trust-clock"])
    run(["erase", "kept", "--fact", "N-1", "--because", "asked to"])
    code, shown = evaluated(capsys)
    assert "evidence of outcomes between 2026-02-01T00:00:00Z and" in shown
    assert "1 fact was erased and no longer counts: notice `N-1`" in shown
    assert "without outcomes 2026-02-01T00:00:00Z/2026-02-28T23:59:00Z, retired" in " ".join(shown.split())
    given = ["evaluate", "hosting.sla.md", "--order", "acme.order.yaml", "--facts", "kept", "--format", "json"]
    run([*given, "--period", "2026-02"])
    (statement,) = json.loads(capsys.readouterr().out)["statements"]
    retired, erased = statement["pins"]["gone"]
    assert (retired["kind"], retired["because"], retired["fact"]) == ("outcomes", "retired", "")
    span = retired["span"]
    assert (span["start"], span["end"]) == ("2026-02-01T00:00:00Z", "2026-02-28T23:59:00Z")
    assert (erased["kind"], erased["because"], erased["fact"], erased["span"]) == ("notice", "erased", "N-1", None)
    run([*given, "--period", "2026-04"])
    (statement,) = json.loads(capsys.readouterr().out)["statements"]
    assert [one["because"] for one in statement["pins"]["gone"]] == ["erased"]
    assert code == 0
