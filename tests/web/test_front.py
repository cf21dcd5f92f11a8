"""What holds for every request: an id, safe headers, caps, one shape of errors, and no secret in any log line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError

from makegood.app.hearing import make_address
from makegood.app.roles import Role
from makegood.app.tokens import setup_token
from makegood.model.checks import Check, HeartbeatProbe
from makegood.model.status import ServiceStatus, State
from makegood.web import front
from makegood.web.front import Front
from makegood.web.health import Health, WhileWritten
from tests.web.asking import LOCAL, NOON, Desk, asked


def test_a_request_keeps_the_id_that_it_came_with_or_gets_one(hub: Desk) -> None:
    assert hub.ask("GET", "/readyz", headers={"x-request-id": "from-proxy.7"}).headers["x-request-id"] == "from-proxy.7"
    for bad in ("with space", "x" * 65, "new\nline", ""):
        given = hub.ask("GET", "/readyz", headers={"x-request-id": bad}).headers["x-request-id"]
        assert given != bad
        assert len(given) == 16


def test_every_answer_keeps_browsers_from_guessing(hub: Desk) -> None:
    for path in ("/", "/healthz", "/readyz", "/nothing", "/api/v1/me"):
        headers = hub.ask("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]


def test_an_unknown_path_and_a_wrong_method_are_problems_too(hub: Desk) -> None:
    assert hub.ask("GET", "/nothing").json["code"] == "not-found"
    wrong = hub.ask("DELETE", "/readyz")
    assert (wrong.status, wrong.json["code"]) == (405, "method-not-allowed")


def test_a_fault_is_one_answer_and_one_line_without_its_message(hub: Desk) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("the password is hunter2")

    app = Front(broken, hub.hub)
    with structlog.testing.capture_logs() as lines:
        answer = asyncio.run(asked(app, "GET", "/api/v1/me"))
    assert (answer.status, answer.json["code"]) == (500, "fault")
    assert "hunter2" not in str(lines) + answer.text
    assert [line["kind"] for line in lines if line["event"] == "fault"] == ["ZeroDivisionError"]


def test_a_fault_in_a_route_is_a_problem_too(hub: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the password is hunter2")

    token = hub.token(Role.ADMINISTRATOR)
    monkeypatch.setattr("makegood.web.routes.access.tokens", broken)
    with structlog.testing.capture_logs() as lines:
        answer = hub.ask("GET", "/api/v1/tokens", token)
    assert (answer.status, answer.json["code"]) == (500, "fault")
    assert answer.headers["x-request-id"] == answer.json["request"]
    assert [line["route"] for line in lines if line["event"] == "fault"] == ["/api/v1/tokens"]
    assert "hunter2" not in str(lines) + answer.text


def test_a_body_that_does_not_come_is_given_up_on(hub: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "PATIENCE", 0.05)

    async def reads(_scope: Any, receive: Any, _send: Any) -> None:
        while True:
            await receive()

    app = Front(reads, hub.hub)
    answer = asyncio.run(asked(app, "POST", "/api/v1/facts"))
    assert (answer.status, answer.json["code"]) == (408, "too-slow")


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/apply"), ("PUT", "/api/v1/tenants/x")])
def test_a_body_past_its_cap_is_told_so_whoever_reads_it(hub: Desk, method: str, path: str) -> None:
    answer = hub.ask(method, path, hub.token(Role.ADMINISTRATOR), {"title": "x" * (9 << 20)})
    assert (answer.status, answer.json["code"]) == (413, "too-large")


def test_a_store_that_is_away_is_told_and_no_fault(hub: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = hub.token(Role.ADMINISTRATOR)

    def away(*_: object) -> None:
        raise OperationalError("select", {}, Exception("the connection was refused"))

    monkeypatch.setattr("makegood.web.routes.access.tokens", away)
    answer = hub.ask("GET", "/api/v1/tokens", token)
    assert (answer.status, answer.json["code"], answer.json["detail"]) == (
        503, "store-database", "the connection was refused",
    )  # fmt: skip
    assert answer.headers["retry-after"] == "5"


def test_a_loop_goes_on_after_any_failure_and_tells_each_once(hub: Desk) -> None:
    done: list[int] = []

    def work() -> None:
        done.append(1)
        if len(done) < 4:
            raise ZeroDivisionError("the password is hunter2")

    async def loop() -> None:
        running = asyncio.create_task(hub.loops._again("work", 0, work))
        while len(done) < 6:
            await asyncio.sleep(0.01)
        running.cancel()

    with structlog.testing.capture_logs() as lines:
        asyncio.run(loop())
    assert [line["kind"] for line in lines] == ["ZeroDivisionError"]
    assert "hunter2" not in str(lines)


def test_no_secret_is_in_a_log_line(hub: Desk) -> None:
    hub.checks.append(Check("backup", "web", HeartbeatProbe()))
    _, ping = make_address(hub.store, "backup", by="test", now=NOON)
    said, token = setup_token(hub.store, NOON), hub.token(Role.ADMINISTRATOR)
    with structlog.testing.capture_logs() as lines:
        hub.ask("GET", f"/ping/{ping}/start?rid=7")
        hub.ask("GET", f"/ping/{ping}", headers={"authorization": f"Bearer {token}"})
        hub.ask("GET", f"/api/push/{ping}?msg=secret-message")
        hub.ask("GET", f"/ping/{ping}/no-such-signal")
        hub.ask("GET", f"/nothing/{token}")
        hub.ask("GET", "/api/v1/me", token)
        hub.ask("GET", "/api/v1/me", LOCAL)
        hub.ask("GET", "/api/v1/me", token[:-1] + "x")
        hub.ask("POST", "/api/v1/setup", body={"token": said, "title": "Ada"})
        made = hub.ask("POST", "/api/v1/tokens", token, {"role": "auditor", "title": "auditor"}).json["token"]
    assert len(lines) >= 7
    assert not [line for line in lines if line.get("route", "").startswith("/ping") and line["status"] < 400]
    text = str(lines)
    for secret in (ping, said, token, LOCAL, made, "secret-message", token[:-1]):
        assert secret not in text


def test_a_ping_that_cannot_be_kept_is_not_acknowledged(hub: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.checks.append(Check("backup", "web", HeartbeatProbe()))
    _, ping = make_address(hub.store, "backup", by="test", now=NOON)

    def full(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr("makegood.app.hearing.insert_pings", full)
        answer = hub.ask("GET", f"/ping/{ping}")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert hub.ask("GET", f"/ping/{ping}").status == 200


def test_it_is_ready_when_it_writes_and_has_room(hub: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub.ask("GET", "/healthz").json == {"alive": True}
    assert hub.ask("GET", "/readyz").status == 503  # nothing was written yet
    hub.loops.attend()
    assert hub.ask("GET", "/readyz").json == {
        "ready": True,
        "conditions": {"database": "ok", "disk": "ok", "clock": "ok"},
    }
    monkeypatch.setattr("makegood.web.health.LEAST_ROOM", 2**62)
    room = hub.ask("GET", "/readyz").json["conditions"]["disk"]
    assert re.fullmatch(r"\d+ MiB are left, and 4398046511104 are wanted", room)


def test_a_database_that_was_moved_away_is_told_of_and_none_is_made_in_its_place(hub: Desk) -> None:
    hub.loops.attend()
    there = hub.store.folder / "makegood.sqlite"
    token = hub.token(Role.ADMINISTRATOR)
    there.rename(there.with_suffix(".away"))
    conditions = hub.ask("GET", "/readyz").json["conditions"]
    assert conditions == {
        "database": "its file is missing: put it back, or restore a backup", "disk": "ok", "clock": "ok",
    }  # fmt: skip
    with pytest.raises(DBAPIError, match="unable to open database file"):
        hub.loops.attend()
    answer = hub.ask("GET", "/api/v1/me", token)
    assert (answer.status, answer.json["code"]) == (503, "store-database")
    assert not there.exists()
    there.with_suffix(".away").rename(there)
    hub.loops.attend()
    assert hub.ask("GET", "/readyz").status == 200
    assert hub.ask("GET", "/api/v1/me", token).status == 200


def test_nothing_looks_up_or_down_while_nothing_can_be_written(hub: Desk) -> None:
    up, now = ServiceStatus("web", "Web", State.UP, NOON), [100.0]

    class Seen:
        asked = 0

        def refresh(self, _: int) -> None:
            self.asked += 1

        study = refresh

        def services(self) -> Sequence[ServiceStatus]:
            return (up,)

        public = services

    seen, health = Seen(), Health(hub.store, hub.clock, lambda: now[0])
    live = WhileWritten(seen, health)
    unknown = replace(up, state=State.UNKNOWN, since=None)
    assert live.services() == (up,)  # nothing was tried yet
    health.wrote()
    live.refresh(NOON)
    assert (live.services(), live.public(), seen.asked) == ((up,), (up,), 1)
    health.failed("database or disk is full")
    live.refresh(NOON)
    live.study(NOON)
    assert (live.services(), live.public(), seen.asked) == ((unknown,), (unknown,), 1)
    health.wrote()
    assert live.services() == (up,)
    now[0] += 16  # no write has ended since
    assert live.public() == (unknown,)


def test_traces_have_the_route_and_no_path(hub: Desk) -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from makegood.web.application import create_app
    from makegood.web.tracing import traced_by

    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    app = Front(create_app(hub.hub), hub.hub, traced_by(provider))
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    asyncio.run(asked(app, "GET", "/ping/not-a-secret-of-ours", headers={"traceparent": parent}))
    (span,) = kept.get_finished_spans()
    assert span.name == "GET /ping/{secret}"
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 404
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert "not-a-secret-of-ours" not in span.to_json()
