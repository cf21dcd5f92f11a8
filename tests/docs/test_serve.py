"""The server's guide has every route, every metric, and options that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from makegood.app.hub_clock import HubClock
from makegood.app.roles import ROUTES
from makegood.cli.main import app
from makegood.store.opened import create
from tests.docs.test_docs import ROOT
from tests.web.asking import Fixed, desk

TEXT = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
ELSEWHERE = ("/agent/v1/", "/ping/", "/api/push/", "/api/v1/setup")
"""Routes that the guide tells of in another form: those of agents are in docs/agents.md."""


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_every_route_is_documented(route: str) -> None:
    method, path = route.split(" ")
    if path.startswith(ELSEWHERE):
        assert any(path.startswith(one) and one.rstrip("/") in TEXT for one in ELSEWHERE) or "/agent/" in path
    elif path.startswith("/api/v1/") and path != "/api/v1/openapi.json":
        rows = [line for line in TEXT.splitlines() if line.startswith("|") and path.rpartition("{")[0][:-1] in line]
        assert any(f"`{path}`" in row or f"{method} {path}`" in row for row in rows) or any(
            re.search(rf"\b{method}\b.*{re.escape(path)}`", row) for row in rows
        )
    else:
        assert f"`{path}`" in TEXT


def test_every_metric_is_documented_and_exists(tmp_path: Path) -> None:
    store = create(tmp_path / "store")
    with desk(store, Fixed(), HubClock()) as hub:
        text = hub.hub.metrics.text().decode()
    store.engine.dispose()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    made = {name for name in kinds if name != "makegood_info"}
    assert made == set(re.findall(r"`(makegood_[a-z_]+)`", TEXT))


def test_the_unit_starts_the_server_with_options_that_exist() -> None:
    unit = (ROOT / "deploy" / "makegood.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=\S+/makegood (.+)$", unit, re.MULTILINE)
    known = {n for a in app["serve"].assemble_argument_collection() for n in a.names}
    assert command.startswith("serve ")
    assert {word for word in command.split() if word.startswith("--")} <= known
