"""Facts over HTTP: the same validation as `makegood import`, once under a key, and each tenant sees its own alone."""

from __future__ import annotations

import pytest

from makegood.app.roles import Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.store.sql import issuing
from makegood.store.sql.database import writing
from tests.web.asking import NOON, Answer, Desk

YAML = {"content-type": "application/yaml"}
WORK = """\
- maintenance: {id}
  services: [{service}]
  announced: 2026-02-08T07:00Z to 2026-02-08T09:00Z
  kind: standard
  recorded: 2026-02-01T00:00Z
  by: ops
"""
NOTICE = """\
- notice: {id}
  of: w-1
  to: a@example.com
  order: {order}
  accepted: 2026-02-02T00:00Z
  recorded: 2026-02-02T00:00Z
  by: ops
"""
TICKET = """\
- ticket: {id}
  order: {order}
  events:
    opened: 2026-02-08T07:30Z
  recorded: 2026-02-08T08:00Z
  by: customer
"""


def record(hub: Desk, token: str, text: str, key: str = "", query: str = "") -> Answer:
    headers = YAML | ({"idempotency-key": key} if key else {})
    return hub.ask("POST", f"/api/v1/facts{query}", token, text.encode(), headers)


@pytest.fixture
def two(hub: Desk) -> Desk:
    put_tenant(hub.store, Tenant("acme", "Acme", ("web",), ("A-1",)), NOON)
    put_tenant(hub.store, Tenant("bolt", "Bolt", ("mail",), ("B-1",)), NOON)
    return hub


def test_facts_are_recorded_and_read_back_in_the_order_of_the_log(hub: Desk) -> None:
    token = hub.token(Role.PROVIDER)
    made = record(hub, token, WORK.format(id="w-1", service="web") + WORK.format(id="w-2", service="mail"))
    assert (made.status, made.json["new"], made.json["first_position"]) == (201, 2, 0)
    assert made.json["head"]["head"]["size"] == 2
    assert record(hub, token, WORK.format(id="w-3", service="web")).json["first_position"] == 2
    first = hub.ask("GET", "/api/v1/facts?most=2", token).json
    assert [one["id"] for one in first["facts"]] == ["w-1", "w-2"]
    rest = hub.ask("GET", f"/api/v1/facts?since={first['next']}", token).json
    assert [one["id"] for one in rest["facts"]] == ["w-3"]
    assert rest["next"] is None
    assert hub.ask("GET", "/api/v1/head?size=2", token).json["head"]["size"] == 2
    assert hub.ask("GET", "/api/v1/head?size=9", token).status == 404


def test_every_mistake_is_told_with_its_line_and_nothing_is_recorded(hub: Desk) -> None:
    token = hub.token(Role.PROVIDER)
    wrong = record(hub, token, WORK.format(id="w-1", service="web") + "- maintenance: w-2\n  servces: [web]\n")
    assert wrong.status == 422
    assert wrong.headers["content-type"] == "application/problem+json"
    told = wrong.json
    assert {"type", "title", "status", "code", "where", "request", "problems"} <= told.keys()
    assert len(told["problems"]) > 1
    assert told["problems"][0]["line"] == 7
    assert told["request"] == wrong.headers["x-request-id"]
    assert hub.ask("GET", "/api/v1/facts", token).json["facts"] == []


def test_the_same_key_records_once_and_another_text_under_it_is_refused(hub: Desk) -> None:
    token = hub.token(Role.PROVIDER)
    text = WORK.format(id="w-1", service="web")
    assert record(hub, token, text, "k-1").status == 201
    again = record(hub, token, text, "k-1")
    assert (again.status, again.json["new"], again.json["duplicate"]) == (200, 0, 1)
    other = record(hub, token, WORK.format(id="w-2", service="web"), "k-1")
    assert (other.status, other.json["code"]) == (409, "key-used")
    assert record(hub, token, text.replace("standard", "urgent")).status == 409
    assert record(hub, hub.token(Role.PROVIDER), WORK.format(id="w-3", service="web"), "k-1").status == 201


def test_a_dry_run_records_nothing(hub: Desk) -> None:
    token = hub.token(Role.PROVIDER)
    said = record(hub, token, WORK.format(id="w-1", service="web"), query="?dry_run=true")
    assert (said.status, said.json["new"]) == (200, 1)
    assert hub.store.size() == 0


def test_a_tenant_sees_what_concerns_it_and_nothing_else(two: Desk) -> None:
    whole, acme, bolt = two.token(Role.PROVIDER), two.token(Role.AUDITOR, "acme"), two.token(Role.CUSTOMER, "bolt")
    text = WORK.format(id="w-1", service="web") + WORK.format(id="w-2", service="mail")
    text += NOTICE.format(id="n-1", order="A-1") + NOTICE.format(id="n-2", order="B-1")
    text += TICKET.format(id="t-1", order="A-1") + TICKET.format(id="t-2", order="B-1")
    made = record(two, whole, text)
    assert made.status == 201, made.text
    seen = {name: [one["id"] for one in two.ask("GET", "/api/v1/facts", token).json["facts"]] for name, token in
            (("whole", whole), ("acme", acme), ("bolt", bolt))}  # fmt: skip
    assert seen["whole"] == ["w-1", "w-2", "n-1", "n-2", "t-1", "t-2"]
    assert seen["acme"] == ["w-1", "n-1", "t-1"]
    assert seen["bolt"] == ["w-2", "n-2", "t-2"]


def test_a_customer_records_its_own_tickets_and_nothing_else(two: Desk) -> None:
    token = two.token(Role.CUSTOMER, "acme")
    assert record(two, token, TICKET.format(id="t-1", order="A-1")).status == 201
    for text in (
        TICKET.format(id="t-2", order="B-1"),
        WORK.format(id="w-1", service="web"),
        "- retraction: r-1\n  supersedes: w-0\n  because: wrong\n  recorded: 2026-02-09T00:00Z\n  by: customer\n",
    ):
        if "retraction" in text:
            assert record(two, two.token(Role.PROVIDER), WORK.format(id="w-0", service="web")).status == 201
        refused = record(two, token, text)
        assert (refused.status, refused.json["code"]) == (403, "forbidden"), refused.text


def test_a_provider_of_one_tenant_records_about_its_services_alone(two: Desk) -> None:
    token = two.token(Role.PROVIDER, "acme")
    assert record(two, token, WORK.format(id="w-1", service="web")).status == 201
    assert record(two, token, WORK.format(id="w-2", service="mail")).status == 403


def test_a_statement_is_shown_to_whose_order_it_is(two: Desk) -> None:
    with writing(two.store.engine) as connection:
        number = issuing.issue(connection, "A-1", "2026-02", 3, NOON, b'{"verdict": "met"}')
    for token, status in ((two.token(Role.AUDITOR), 200), (two.token(Role.CUSTOMER, "acme"), 200)):
        assert two.ask("GET", f"/api/v1/statements/{number}", token).status == status
        assert [one["number"] for one in two.ask("GET", "/api/v1/statements", token).json] == [number]
    other = two.token(Role.CUSTOMER, "bolt")
    assert two.ask("GET", f"/api/v1/statements/{number}", other).status == 404
    assert two.ask("GET", "/api/v1/statements", other).json == []


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "image/png"}, b"x", 415),
        (YAML, b"\xff\xfe", 422),
        (YAML, b"- maintenance: &a [*a]", 422),
        (YAML | {"idempotency-key": "with space"}, b"x", 422),
        (YAML, b"x" * (8 * 2**20 + 1), 413),
    ],
)
def test_what_is_no_facts_is_refused_in_one_shape(hub: Desk, headers: dict[str, str], body: bytes, status: int) -> None:
    answer = hub.ask("POST", "/api/v1/facts", hub.token(Role.PROVIDER), body, headers)
    assert answer.status == status, answer.text
    assert answer.json["status"] == status


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/api/v1/tokens", "GET, POST"), ("/api/v1/facts", "GET, POST"), ("/api/v1/tenants/acme", "PUT")],
)
def test_an_answer_to_another_method_names_all_that_the_path_has(hub: Desk, path: str, methods: str) -> None:
    answer = hub.ask("PATCH", path, hub.token(Role.ADMINISTRATOR))
    assert (answer.status, answer.json["code"], answer.headers["allow"]) == (405, "method-not-allowed", methods)
