"""Planned work is announced over HTTP, and by a command beside a server that runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from makegood.app.alerts_in_force import put_in_force
from makegood.app.deployed import deployed
from makegood.app.offering import offer_of
from makegood.app.planning import apply_plan, plan
from makegood.app.roles import Role
from makegood.app.starting import start
from makegood.app.tenants import Tenant, put_tenant
from makegood.model.facts import Maintenance
from makegood.model.spans import HOUR, Span
from makegood.store.opened import Store
from makegood.store.sql import outbox
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended
from tests.cli.running import process
from tests.web.asking import NOON, Desk, serving

ALERTS = """\
channels: [{channel: mail, e-mail: "127.0.0.1:1", from: a@example.com, encryption: none}]
escalations: [{escalation: ops, steps: [{tell: ada}]}]
people: [{person: ada, reach: {mail: ada@example.com}}]
rules: [{rule: outages, when: outage, tell: ops}]
"""
WORK = {"id": "M-1", "services": ["shop"], "start": "2026-03-08T03:00:00Z", "end": "2026-03-08T04:00:00Z"}


def ready(store: Store, folder: Path) -> None:
    """The starter's agreement and order, and a channel that leads nowhere."""
    paths = [path for path in start(folder / "starter") if path.name.endswith((".sla.md", ".order.yaml"))]
    apply_plan(store, plan(deployed(store), offer_of([(p.name, p.name, p.read_bytes()) for p in paths])), NOON, "ada")
    (folder / "ops.alerts.yaml").write_text(ALERTS)
    put_in_force(store, folder / "ops.alerts.yaml", "ada", NOON)


def notices(store: Store) -> list[str]:
    with reading(store.engine) as connection:
        return [one.message.address for one in outbox.kept(connection)]


def test_it_is_announced_once_after_a_look_at_what_would_come_of_it(hub: Desk, tmp_path: Path) -> None:
    ready(hub.store, tmp_path)
    token = hub.token(Role.PROVIDER)
    looked = hub.ask("POST", "/api/v1/maintenances?dry_run=true", token, WORK)
    assert (looked.status, looked.json["notices"]) == (200, 0)
    (order,) = looked.json["orders"]
    assert (order["order"], order["contacts"], order["why"]) == ("acme-hosting", ["operations@acme.example"], None)
    (foreseen,) = order["foreseen"]
    (excuse,) = foreseen["excuses"]
    assert (excuse["exclusion"], excuse["excused_seconds"], foreseen["cost"]) == ("maintenance", 3600, "nothing")
    assert (hub.store.facts(), notices(hub.store)) == ([], [])
    assert (made := hub.ask("POST", "/api/v1/maintenances", token, WORK)).status == 201
    assert made.json["notices"] == 1
    (fact,) = hub.store.facts()
    assert isinstance(fact, Maintenance)
    assert (fact.id, fact.by) == ("M-1", "a provider")
    again = hub.ask("POST", "/api/v1/maintenances", token, WORK)
    assert (again.status, again.json["notices"]) == (200, 0)
    assert notices(hub.store) == ["operations@acme.example"]
    assert hub.ask("POST", "/api/v1/maintenances", token, {**WORK, "purpose": "else"}).status == 409


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"services": ["shpo"]}, "unknown-service"),
        ({"services": []}, "invalid"),
        ({"start": "yesterday"}, "invalid"),
        ({"end": WORK["start"]}, "invalid"),
        ({"start": "2026-02-01T00:00:00Z"}, "work-begun"),
        ({"orders": ["nobody"]}, "no-order"),
        ({"channel": "pigeon"}, "no-channel"),
        ({"purpose": "two\nlines"}, "invalid"),
    ],
)
def test_what_cannot_be_announced_is_a_problem_with_its_place(
    hub: Desk, tmp_path: Path, changed: dict[str, object], code: str
) -> None:
    ready(hub.store, tmp_path)
    answer = hub.ask("POST", "/api/v1/maintenances", hub.token(Role.PROVIDER), {**WORK, **changed})
    assert (answer.status, answer.json["code"]) == (422, code)
    assert (hub.store.facts(), notices(hub.store)) == ([], [])


def test_a_tenant_announces_work_on_its_services_to_its_orders(hub: Desk, tmp_path: Path) -> None:
    ready(hub.store, tmp_path)
    put_tenant(hub.store, Tenant("acme", "Acme", ("shop",), ("acme-hosting",)), NOON)
    put_tenant(hub.store, Tenant("shared", "Shared", ("shop",), ("another",)), NOON)
    put_tenant(hub.store, Tenant("mail", "Mail", ("mail",), ("acme-hosting",)), NOON)
    path = "/api/v1/maintenances?dry_run=true"
    assert hub.ask("POST", path, hub.token(Role.PROVIDER, "acme"), WORK).status == 200
    for of, code in (("shared", "unknown-service"), ("mail", "forbidden")):
        answer = hub.ask("POST", path, hub.token(Role.PROVIDER, of), WORK)
        assert answer.json["code"] == code
        assert "operations@acme.example" not in answer.text
    theirs = Maintenance("M-1", NOON, "ops", services=("mail",), announced=Span(NOON, NOON + HOUR))
    hub.store.append(Appended("ops", [theirs]), NOON)
    answer = hub.ask("POST", path, hub.token(Role.PROVIDER, "acme"), WORK)
    assert (answer.status, answer.json["code"]) == (409, "id-taken")


def test_a_command_announces_it_beside_a_server(store: Store, tmp_path: Path) -> None:
    ready(store, tmp_path)
    soon = ["--service", "shop", "--during", "2099-03-08 04:00 to 2099-03-08 05:00 Europe/Berlin"]
    with serving(store.folder) as server:
        said = process(tmp_path, "announce", str(store.folder), "M-1", *soon)
        assert said.returncode == 0, said.stderr
        assert b"1 notice waits in the outbox" in said.stdout
        facts = server.ask("GET", "/api/v1/facts", json.loads((store.folder / "serve.lock").read_text())["token"])
        assert [one["id"] for one in facts.json["facts"]] == ["M-1"]
        assert b"this was announced before" in process(tmp_path, "announce", str(store.folder), "M-1", *soon).stdout
    assert notices(store) == ["operations@acme.example"]
