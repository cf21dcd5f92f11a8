"""`locations`: what is told of agents and alarms, tokens that are printed once, and revoking."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.app.hub import Hub
from makegood.cli.main import run
from makegood.store.ingest import Ingest
from makegood.store.opened import opened
from tests.app.receiving.agents import CHECKS, Asker, Held


def test_a_token_is_printed_and_agents_are_listed_with_their_alarms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["store", "kept"]) == 0
    capsys.readouterr()
    assert run(["locations", "kept"]) == 0
    assert "no location was enrolled" in capsys.readouterr().out
    assert run(["locations", "kept", "--token", "--name", "iad", "--operator", "Acme"]) == 0
    token = capsys.readouterr().out.strip()
    clock = Held(2_000_000_000_000_000)
    with opened(Path("kept")) as store, Ingest(store, "hub", clock) as ingest:
        agent = Asker(Hub(store, ingest, clock, lambda: CHECKS), clock)
        with pytest.raises(Exception, match="enrols nobody"):
            agent.enrol(token)  # it has expired by then
        agent.enrol()
        agent.work(offset=3_600_000_000)
    assert run(["locations", "kept"]) == 0
    said = capsys.readouterr().out
    assert (
        "iad: active, version 1.0, last heard of 2033-05-18T03:33:20Z, its clock is wrong; enrolled 2033-05-18" in said
    )
    assert "iad: skewed: its clock is 3,600.000 s from the hub's" in said
    assert run(["locations", "kept", "--revoke", "iad", "--because", "sold"]) == 0
    assert run(["locations", "kept", "--revoke", "iad", "--because", "sold"]) == 1
    capsys.readouterr()
    assert run(["locations", "kept"]) == 0
    assert "iad: revoked, sold" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["--revoke", "iad"], ["--name", "iad"], ["--revoke", "x", "--because", "y", "--token"]]
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    assert run(["locations", str(tmp_path), *wrong]) == 2


def test_a_name_that_cannot_be_is_refused_before_a_token_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["store", str(tmp_path / "kept")]) == 0
    assert run(["locations", str(tmp_path / "kept"), "--token", "--name", "Frankfurt 1"]) == 1
    assert "is no name for a location" in capsys.readouterr().err
