"""The commands by which people are told: what they say, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from makegood.app.alerting import take_outages, tick
from makegood.app.alerts_in_force import in_force
from makegood.cli.main import run
from makegood.cli.telling import now
from makegood.model.events import OutageOpened
from makegood.model.spans import MINUTE
from makegood.store.opened import opened
from makegood.store.sql.database import writing
from tests.cases.reading import CASES
from tests.cli.running import process
from tests.notify.servers import Web, web

FILE = """
link: https://status.example.com
channels: [{{channel: hook, webhook: "http://127.0.0.1:{port}/hook", secret: "{{secret.HOOK}}"}}]
escalations: [{{escalation: ops, steps: [{{tell: hook}}]}}]
rules:
  - {{rule: outages, when: outage, tell: ops, wait: 0 s}}
  - {{rule: hub, when: silent hub, is: at least 0 s, tell: ops, wait: 0 s}}
"""


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAKEGOOD_SECRET_HOOK_FILE", str(tmp_path / "secret"))
    (tmp_path / "secret").write_text("a secret of some length\n", encoding="utf-8")
    with web() as server:
        (tmp_path / "ops.alerts.yaml").write_text(FILE.format(port=server.port), encoding="utf-8")
        yield server


def test_a_channel_is_tried_only_where_it_may_be_connected_to(hook: Web, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", "ops.alerts.yaml", "--test", "hook"]) == 1
    assert "this may not be connected to: 127.0.0.1 is" in capsys.readouterr().err
    assert run(["alerts", "ops.alerts.yaml", "--test", "hook", "--allow", "127.0.0.0/8"]) == 0
    assert capsys.readouterr().out == "sent by hook: status 200\n"
    assert json.loads(hook.got[0][3])["kind"] == "test"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--test", "hok"], 1, "there is no channel `hok`"),
        (["--at", "tomorrow"], 2, "--at: "),
        (["--test", "hook", "--allow", "here"], 2, "`here` is no network; write for example 10.0.0.0/8"),
        (["--into", "nowhere"], 1, "there is no such folder"),
    ],
)
def test_what_cannot_be_is_said(
    hook: Web, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    assert run(["alerts", "ops.alerts.yaml", *arguments]) == code
    assert says in capsys.readouterr().err
    assert hook.got == []


def test_a_bad_file_is_told_with_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alerts", str(CASES / "alerts" / "bad" / "rules.alerts.yaml")]) == 1
    said = capsys.readouterr().err
    assert "rules.alerts.yaml:6:21" in said
    assert "did you mean `outage`?" in said


def test_from_a_file_in_force_to_a_message_and_its_acknowledgement(
    hook: Web, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["store", "kept"]) == 0
    assert run(["alerts", "ops.alerts.yaml", "--into", "kept"]) == 0
    assert "in force in kept: 2 rules, 1 escalation" in capsys.readouterr().out
    assert run(["outbox", "kept"]) == 0
    assert capsys.readouterr().out == "no alert is open, and no message waits\n"
    at = now() - MINUTE
    with opened(tmp_path / "kept") as store, writing(store.engine) as connection:
        take_outages(connection, in_force(store), [OutageOpened("web", "acme", at, at, "connect timeout")], at)
    assert run(["outbox", "kept"]) == 0
    alert = capsys.readouterr().out.split()[1].removesuffix(":")
    hook.status = 410
    assert run(["outbox", "kept", "--deliver", "--allow", "127.0.0.0/8"]) == 1
    said = capsys.readouterr()
    assert "not sent to hook by hook: status 410" in said.err
    dead = next(line for line in said.out.splitlines() if line.startswith("DEAD")).split()[1].removesuffix(":")
    hook.status = 200
    again = [
        "outbox",
        "kept",
        "--again",
        dead,
        "--deliver",
        "--allow",
        "127.0.0.0/8",
        "--acknowledge",
        alert,
        "--by",
        "ada",
    ]
    assert run(again) == 0
    told = capsys.readouterr().out
    assert "1 message is tried once more" in told
    assert "ada acknowledged it" in told
    assert "sent: NEW: web is down, to hook by hook" in told
    assert "ada takes care" in told
    capsys.readouterr()
    assert run(["outbox", "kept", "--acknowledge", "nothing"]) == 1
    assert "`makegood outbox STORE` lists those that are open" in capsys.readouterr().err
    assert run(["outbox", "kept", "--again", "nonesuch"]) == 1
    assert "no dead message `nonesuch`" in capsys.readouterr().err
    assert run(["check", "kept"]) == 0


def test_who_mutes_what_until_when_and_why_is_listed(
    hook: Web, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["store", "kept"]) == 0
    run(["alerts", "ops.alerts.yaml", "--into", "kept"])
    Path("web.checks.yaml").write_text("checks:\n  - {check: web, service: web, tcp: web.example:443}\n")
    assert run(["apply", "web.checks.yaml", "--into", "kept", "--yes"]) == 0
    capsys.readouterr()
    assert run(["mute", "kept"]) == 0
    assert capsys.readouterr().out.endswith("nothing is muted\n")
    assert run(["mute", "kept", "--service", "web", "--until", "2 h", "--because", "moving racks", "--by", "ada"]) == 0
    said = capsys.readouterr().out
    assert "web until" in said
    assert "by ada: moving racks" in said
    misspelt = ["mute", "kept", "--service", "wbe", "--rule", "outage", "--until", "2 h", "--because", "racks"]
    assert run(misspelt) == 1
    why = capsys.readouterr().err
    assert "there is no service or location `wbe`" in why
    assert "did you mean `web`?" in why
    assert "there is no rule `outage`" in why
    assert "did you mean `outages`?" in why
    key = said.removeprefix("muted: ").partition(":")[0]
    with opened(tmp_path / "kept") as store:
        with writing(store.engine) as connection:
            take_outages(connection, in_force(store), [OutageOpened("web", "acme", now(), now())], now())
        tick(store.engine, in_force(store), now())
    run(["outbox", "kept", "--deliver", "--allow", "127.0.0.0/8"])
    assert "nobody is told: muted by ada: moving racks" in capsys.readouterr().out
    assert hook.got == []
    assert run(["mute", "kept", "--release", key, "--by", "grace"]) == 0
    run(["outbox", "kept", "--deliver", "--allow", "127.0.0.0/8"])
    assert len(hook.got) == 1
    capsys.readouterr()
    assert run(["mute", "kept", "--every"]) == 0
    assert "released by grace" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--service", "web"], 2, "say for how long"),
        (["--until", "2 h"], 1, "this mute says not why"),
        (["--until", "2020-01-01T00:00:00Z", "--because", "x"], 1, "over already"),
        (["--until", "soon", "--because", "x"], 2, "--until: "),
        (["--release", "nothing"], 1, "no mute `nothing` runs"),
    ],
)
def test_a_mute_without_sense_is_refused(
    hook: Web, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    del hook
    assert run(["store", "kept"]) == 0
    assert run(["mute", "kept", *arguments]) == code
    assert says in capsys.readouterr().err


def test_a_watchdog_tells_that_the_hub_is_silent(hook: Web, tmp_path: Path) -> None:
    arguments = [
        "--hub",
        "http://127.0.0.1:9",
        "--alerts",
        "ops.alerts.yaml",
        "--allow",
        "127.0.0.0/8",
        "--rounds",
        "1",
    ]
    done = process(tmp_path, "watchdog", *arguments)
    assert done.returncode == 0, done.stderr
    assert b"127.0.0.1:9 does not answer" in done.stderr
    assert b"told hook by hook: NEW: hub: 127.0.0.1:9" in done.stderr
    assert json.loads(hook.got[0][3])["state"] == "opened"
    assert (tmp_path / "watchdog.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--every", "soon"], 2, "`soon` is no length of time"),
        (["--hub", "status.example.com"], 2, "is no URL"),
        (["--state", "ops.alerts.yaml"], 1, "this is no state of a watchdog"),
        (["--alerts", "none.alerts.yaml"], 1, "cannot be read"),
    ],
)
def test_a_watchdog_that_could_not_watch_says_so(
    hook: Web, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    del hook
    given = {"--hub": "http://127.0.0.1:9", "--alerts": "ops.alerts.yaml", "--rounds": "1"}
    given |= dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert run(["watchdog", *(word for pair in given.items() for word in pair)]) == code
    assert says in capsys.readouterr().err
