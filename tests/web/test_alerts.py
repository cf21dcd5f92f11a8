"""Alerts behind a hub: the link in a message shows, its button acts, and a server tells people of what it watches."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from sqlalchemy import select

from makegood.app.acknowledging import links
from makegood.app.alerting import take_outages, tick
from makegood.app.alerts_in_force import Current, put_in_force
from makegood.app.deployed import deployed
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.roles import Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.exchange.message_json import message_from
from makegood.model.events import OutageOpened
from makegood.model.messages import Message
from makegood.model.spans import MINUTE
from makegood.store.opened import Store, create
from makegood.store.sql.database import reading, writing
from makegood.store.sql.notify_tables import outbox
from makegood.web.telling import Telling
from tests.app.test_following import AGREEMENT, ORDER
from tests.notify.servers import web
from tests.web.asking import NOON, PATIENCE, Desk, serving

ALERTS = """\
link: https://hub.example
channels:
  - {{channel: room, webhook: "{url}", secret: "{{secret.HOOK}}"}}
escalations:
  - escalation: all
    steps: [{{tell: room}}]
rules:
  - {{rule: outages, when: outage, tell: all, wait: 0 s, settle: 0 s}}
"""
CHECKS = """\
checks:
  - {{check: api, service: api, every: 1 s, timeout: 900 ms, http: "{url}/"}}
"""


def in_force(store: Store, folder: Path, url: str) -> None:
    (folder / "ops.alerts.yaml").write_text(ALERTS.format(url=url))
    put_in_force(store, folder / "ops.alerts.yaml", "ops", NOON)


def told(hub: Desk, folder: Path) -> Message:
    """The message of an alert about an outage."""
    in_force(hub.store, folder, "https://hooks.example/x")
    alerts = Current(hub.store)()
    with writing(hub.store.engine) as connection:
        opened = OutageOpened("<shop>", "acme", NOON - MINUTE, NOON, "connect timeout", ("fra",))
        take_outages(connection, alerts, [opened], NOON)
    tick(hub.store.engine, alerts, NOON)
    with reading(hub.store.engine) as connection:
        body = connection.execute(select(outbox.c.body)).scalar_one()
    return message_from(bytes(body))


def test_the_link_shows_and_only_its_button_acts(hub: Desk, tmp_path: Path) -> None:
    message = told(hub, tmp_path)
    link = links(hub.store.key)(message)
    assert link.startswith("https://hub.example/acknowledge/")
    path = link.removeprefix("https://hub.example")
    for _ in range(2):
        shown = hub.ask("GET", path)
        assert shown.status == 200
        assert "Nobody takes care of it yet." in shown.text
        assert "&lt;shop&gt;: since Sun 1 Mar 2026 11:59 +00:00, for 1 min so far; connect timeout" in shown.text
        assert "<button>Acknowledge as room</button>" in shown.text
        assert "form-action 'self'" in shown.headers["content-security-policy"]
        assert shown.headers["cache-control"] == "no-store"
    acted = hub.ask("POST", path)
    assert acted.status == 200
    assert "Acknowledged as room." in acted.text
    assert "<button>" not in acted.text
    assert "room takes care of it." in hub.ask("GET", path).text
    assert hub.ask("POST", path[:-2] + "aa").status == 404
    assert hub.ask("GET", "/acknowledge/x").status == 404


def test_a_link_that_is_wrong_or_cut_shows_people_what_to_do_and_programs_a_problem(hub: Desk, tmp_path: Path) -> None:
    path = links(hub.store.key)(told(hub, tmp_path)).removeprefix("https://hub.example")
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for cut in (path[:-1], path[: len("/acknowledge/") + 4], "/acknowledge/", "/acknowledge", path + "/x"):
        for method in ("GET", "POST") if cut == path[:-1] else ("GET",):
            page = hub.ask(method, cut, headers=browser)
            assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8"), cut
            assert "copy all of it" in page.text
            assert "form-action 'self'" in page.headers["content-security-policy"]
            said = hub.ask(method, cut, headers={"accept": "application/json"})
            assert (said.status, said.headers["content-type"]) == (404, "application/problem+json")
    assert hub.ask("GET", path, headers=browser).status == 200
    elsewhere = hub.ask("GET", "/nothing", headers=browser)
    assert elsewhere.headers["content-type"] == "application/problem+json"


def test_what_an_alertmanager_sends_is_recorded_once(hub: Desk) -> None:
    alert = {
        "status": "firing", "labels": {"alertname": "Down", "service": "shop"}, "annotations": {}, "generatorURL": "",
        "startsAt": "2026-03-01T11:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "0123456789abcdef",
    }  # fmt: skip
    sent = {
        "version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "makegood", "groupLabels": {},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am.example", "alerts": [alert],
        "truncatedAlerts": 0,
    }  # fmt: skip
    token = hub.token(Role.PROVIDER)
    assert hub.ask("POST", "/api/v1/alertmanager", token, sent).json == {"recorded": 1}
    assert hub.ask("POST", "/api/v1/alertmanager", token, sent).json == {"recorded": 0}
    assert hub.ask("POST", "/api/v1/alertmanager", token, b"{").status == 422
    assert hub.ask("POST", "/api/v1/alertmanager", hub.token(Role.AUDITOR), sent).status == 403
    (kept,) = hub.store.facts()
    assert kept.by == "alertmanager/a provider"


def test_an_alertmanager_of_a_tenant_tells_of_its_services_alone_and_ends_no_others_incident(hub: Desk) -> None:
    put_tenant(hub.store, Tenant("acme", "Acme", ("shop",), ()), NOON)
    put_tenant(hub.store, Tenant("bolt", "Bolt", (), ("B-1",)), NOON)

    def sent(service: str, status: str) -> dict[str, object]:
        alert = {
            "status": status, "labels": {"alertname": "Down", "service": service}, "annotations": {},
            "startsAt": "2026-03-01T11:00:00Z", "endsAt": "2026-03-01T11:30:00Z", "fingerprint": "0123456789abcdef",
        }  # fmt: skip
        return {"version": "4", "groupKey": "{}", "alerts": [alert]}

    whole, acme, bolt = hub.token(Role.PROVIDER), hub.token(Role.PROVIDER, "acme"), hub.token(Role.PROVIDER, "bolt")
    assert hub.ask("POST", "/api/v1/alertmanager", whole, sent("mail", "firing")).json == {"recorded": 1}
    for token in (acme, bolt):
        assert hub.ask("POST", "/api/v1/alertmanager", token, sent("mail", "resolved")).json == {"recorded": 0}
    assert hub.ask("POST", "/api/v1/alertmanager", acme, sent("shop", "resolved")).json == {"recorded": 2}
    theirs, began, ended = hub.store.facts()
    assert ended.supersedes == began.id
    assert began.id != theirs.id


class _Target(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(type(self).status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_watches_tells_of_an_outage_and_of_its_end(tmp_path: Path) -> None:
    target = ThreadingHTTPServer(("127.0.0.1", 0), _Target)
    Thread(target=target.serve_forever, daemon=True).start()
    store = create(tmp_path / "store")
    (tmp_path / "hosting.sla.md").write_text(AGREEMENT.replace("every: 1 min", "every: 1 s").replace("10 s", "900 ms"))
    order = ORDER.replace("  - {service: shop, checks: [api, shop]}\n", "").replace("from", "from")
    (tmp_path / "acme.order.yaml").write_text(order.replace("2026-01-01 to 2026-12-31", "from 2026-01-01"))
    (tmp_path / "web.checks.yaml").write_text(CHECKS.format(url=f"http://127.0.0.1:{target.server_port}"))
    files = [tmp_path / name for name in ("hosting.sla.md", "acme.order.yaml", "web.checks.yaml")]
    apply_plan(store, plan(deployed(store), offer_of_files(files)), NOON, "ops")
    with web() as hook:
        in_force(store, tmp_path, hook.url)
        store.engine.dispose()
        secret = {"MAKEGOOD_SECRET_HOOK": "a secret of some length"}
        with serving(tmp_path / "store", "--allow", "127.0.0.0/8", environment=secret):
            _Target.status = 500
            until = monotonic() + PATIENCE
            while not hook.got and monotonic() < until:
                sleep(0.1)
            _Target.status = 200
            while len(hook.got) < 2 and monotonic() < until:
                sleep(0.1)
    target.shutdown()
    target.server_close()
    said = [json.loads(body) for *_, body in hook.got]
    assert [one["state"] for one in said] == ["opened", "closed"]
    assert said[0]["conditions"][0]["subject"] == "api"
    assert "; status 500 from local; under" in said[0]["text"]


def test_telling_needs_no_file_of_alerts(hub: Desk) -> None:
    telling = hub.loops._telling
    assert isinstance(telling, Telling)
    telling.tick()
    telling.look()
    telling.close()
