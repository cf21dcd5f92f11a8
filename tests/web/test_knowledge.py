"""Facts over HTTP: the same validation as `makegood import`, once under a key, and each tenant sees its own alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from makegood.app.roles import Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.store.opened import create
from makegood.store.sql import issuing
from makegood.store.sql.database import writing
from tests.web.asking import NOON, Answer, Desk, desk

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
        "- retraction: r-1\n  supersedes: w-0\n  because: wrong\n  recorded: 2026-02-09T00:00Z\n",
    ):
        if "retraction" in text:
            assert record(two, two.token(Role.PROVIDER), WORK.format(id="w-0", service="web")).status == 201
        refused = record(two, token, text)
        assert (refused.status, refused.json["code"]) == (403, "forbidden"), refused.text


def test_a_provider_of_one_tenant_records_about_its_services_alone(two: Desk) -> None:
    token = two.token(Role.PROVIDER, "acme")
    assert record(two, token, own(WORK.format(id="w-1", service="web"))).status == 201
    assert record(two, token, own(WORK.format(id="w-2", service="mail"))).status == 403


SHARED = """\
- maintenance: w-0
  services: [web, mail]
  announced: 2026-02-08T07:00Z to 2026-02-08T09:00Z
  recorded: 2026-02-01T00:00Z
  by: ops
- ticket: t-0
  service: web
  events: {opened: 2026-02-08T07:30Z}
  recorded: 2026-02-08T08:00Z
  by: ops
"""
WHEN = "recorded: 2026-02-09T00:00Z"
EVENT = f"events: {{opened: 2026-02-08T07:30Z}}, {WHEN}"
DURING = "during: 2026-02-08T07:00Z to 2026-02-08T08:00Z"
SENT = f"to: a@example.com, accepted: 2026-02-02T00:00Z, {WHEN}"
BEYOND = {  # what a token of acme (services web and shop, order A-1) may record, and what reaches others
    "{maintenance: x, services: [web, shop], announced: 2026-03-08T07:00Z to 2026-03-08T09:00Z, WHEN}": "",
    "{maintenance: x, services: [web, mail], announced: 2026-03-08T07:00Z to 2026-03-08T09:00Z, WHEN}": "`mail`",
    "{maintenance: x, services: [web], announced: 2026-03-08T07:00Z to 2026-03-08T09:00Z, supersedes: w-0, WHEN}":
        "maintenance `w-0`",
    f"{{notice: x, of: w-0, order: A-1, {SENT}}}": "",
    f"{{notice: x, of: w-0, order: B-1, {SENT}}}": "`B-1`",
    f"{{notice: x, of: w-0, {SENT}}}": "maintenance `w-0`",
    f"{{cause: x, service: web, what: client actions, {DURING}, {WHEN}}}": "",
    f"{{cause: x, service: mail, what: client actions, {DURING}, {WHEN}}}": "`mail`",
    f"{{judgement: x, about: w-0, gate: notice, holds: yes, because: so, {WHEN}}}": "maintenance `w-0`",
    f"{{judgement: x, about: t-0, gate: notice, holds: yes, because: so, {WHEN}}}": "",
    f"{{standing: x, order: A-1, is: overdue, {DURING}, {WHEN}}}": "",
    f"{{standing: x, order: B-1, is: overdue, {DURING}, {WHEN}}}": "`B-1`",
    f"{{retraction: x, supersedes: w-0, because: so, {WHEN}}}": "maintenance `w-0`",
    f"{{retraction: x, supersedes: t-0, because: so, {WHEN}}}": "",
    f"{{ticket: x, order: A-1, service: web, {EVENT}}}": "",
    f"{{ticket: x, order: A-1, service: mail, {EVENT}}}": "`mail`",
    f"{{ticket: x, order: B-1, service: web, {EVENT}}}": "`B-1`",
    f"{{ticket: x, {EVENT}}}": "no order",
    f"{{incident: x, service: web, {EVENT}}}": "",
    f"{{incident: x, service: mail, {EVENT}}}": "`mail`",
    f"{{incident: x, {EVENT}}}": "no order",
    f"{{drill: x, service: mail, {EVENT}}}": "`mail`",
    f"{{change: x, order: A-1, {EVENT}}}": "",
    f"{{change: x, service: web, facts: {{agreement: hosting, version: 2}}, {EVENT}}}": "no order",
    f"{{claim: x, order: A-1, {EVENT}}}": "",
    f"{{claim: x, service: web, {EVENT}}}": "no order",
    f"{{claim: x, order: A-1, service: mail, {EVENT}}}": "`mail`",
}  # fmt: skip


def own(text: str) -> str:
    """The text without who recorded it."""
    return text.replace("  by: ops\n", "")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    store = create(tmp_path_factory.mktemp("shared") / "store")
    with desk(store) as hub:
        put_tenant(hub.store, Tenant("acme", "Acme", ("web", "shop"), ("A-1",)), NOON)
        put_tenant(hub.store, Tenant("bolt", "Bolt", ("mail", "web"), ("B-1",)), NOON)
        text = SHARED + WORK.format(id="b-1", service="mail") + WORK.format(id="b-2", service="mail")
        assert record(hub, hub.token(Role.PROVIDER), text).status == 201
        yield hub
    store.engine.dispose()


@pytest.mark.parametrize("fact", BEYOND, ids=str)
def test_everything_that_a_fact_of_a_tenants_provider_names_is_the_tenants(shared: Desk, fact: str) -> None:
    text = f"- {fact.replace('WHEN', WHEN)}\n"
    answer = record(shared, shared.token(Role.PROVIDER, "acme"), text, query="?dry_run=true")
    if not BEYOND[fact]:
        assert answer.status == 200, answer.text
        return
    assert (answer.status, answer.json["code"]) == (403, "forbidden"), answer.text
    assert BEYOND[fact] in answer.json["title"]


@pytest.mark.parametrize("kind", ["ticket", "claim"])
def test_a_customers_word_counts_for_its_own_order_alone(shared: Desk, kind: str) -> None:
    token = shared.token(Role.CUSTOMER, "acme")
    for names, status in (
        ("order: A-1", 200), ("order: A-1, service: web", 200), ("service: web", 403), ("order: B-1", 403),
        ("order: A-1, service: mail", 403), ("order: A-1, supersedes: t-0", 403),
    ):  # fmt: skip
        answer = record(shared, token, f"- {{{kind}: x, {names}, {EVENT}}}\n", query="?dry_run=true")
        assert answer.status == status, (names, answer.text)


def test_what_is_of_others_is_not_there_for_a_tenant(shared: Desk) -> None:
    token, size = shared.token(Role.PROVIDER, "acme"), shared.store.size()
    told = []
    for name in ("b-1", "b-3"):
        about = f"- {{notice: note, of: {name}, order: A-1, {SENT}}}\n"
        about += f"- {{judgement: word, about: {name}, gate: notice, holds: yes, because: so, {WHEN}}}\n"
        about += f"- {{retraction: gone, supersedes: {name}, because: so, {WHEN}}}\n"
        answer = record(shared, token, about)
        assert answer.status == 422
        told.append([(one["code"], one["hint"]) for one in answer.json["problems"]])
        assert [code for code, _ in told[-1]] == ["unknown-id"] * 3
        assert "b-2" not in answer.text
    assert told[0] == told[1]
    for query in ("?dry_run=true", ""):
        answer = record(shared, token, own(WORK.format(id="b-1", service="web")), query=query)
        assert (answer.status, answer.json["code"], answer.json["title"]) == (409, "id-taken", "the id `b-1` is taken")
        assert len(answer.json["problems"]) == 1
    same = record(shared, token, WORK.format(id="b-1", service="mail"))
    assert same.status in (403, 422)
    assert shared.store.size() == size


def test_who_recorded_a_fact_is_whose_token_it_was(shared: Desk) -> None:
    customer, acme, whole = (
        shared.token(role, of) for role, of in
        ((Role.CUSTOMER, "acme"), (Role.PROVIDER, "acme"), (Role.PROVIDER, ""))
    )  # fmt: skip
    ticket = TICKET.format(id="t-8", order="A-1")
    wrong = record(shared, customer, f"{ticket}  by: somebody else\n")
    assert (wrong.status, wrong.json["code"]) == (422, "not-the-author")
    assert wrong.json["hint"] == "leave `by` out"
    assert record(shared, acme, f"{ticket}  by: somebody else\n").status == 422
    assert record(shared, customer, f"{ticket}  by: a customer\n").status == 201
    assert record(shared, customer, TICKET.format(id="t-9", order="A-1")).status == 201
    assert record(shared, whole, f"{TICKET.format(id='t-10', order='A-1')}  by: Grace\n").status == 201
    facts = {one["id"]: one for one in shared.ask("GET", "/api/v1/facts", customer).json["facts"]}
    assert [(facts[name]["by"], facts[name]["recorded_by"]) for name in ("t-8", "t-9", "t-10")] == [
        ("a customer", "a customer"), ("a customer", "a customer"), ("Grace", "a provider"),
    ]  # fmt: skip


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
