"""What is wrong with a request is told in our words: which field, what is wrong with it, and what may stand there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from makegood.app.deployed import deployed
from makegood.app.offering import offer_of
from makegood.app.planning import apply_plan, plan
from makegood.app.roles import Role
from makegood.store.opened import create
from makegood.web import shapes
from tests.app.test_following import AGREEMENT, ORDER
from tests.web.asking import NOON, Desk, desk


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """A hub, and the token of an administrator."""
    store = create(tmp_path_factory.mktemp("office") / "store")
    with desk(store) as hub:
        yield hub, hub.token(Role.ADMINISTRATOR)
    store.engine.dispose()


TOKEN = {"role": "auditor", "title": "Ada"}
WRONG: list[tuple[str, str, Any, list[tuple[str, str, str, str]]]] = [
    ("POST", "locations", {"name": "nyc"},
     [("unknown-key", "name", "there is no key `name` here", "did you mean `location`?")]),
    ("POST", "locations", {"operater": "x"},
     [("unknown-key", "operater", "there is no key `operater` here", "did you mean `operator`?")]),
    ("POST", "locations", {"colour": "x"},
     [("unknown-key", "colour", "there is no key `colour` here", "known are: `location`, `operator`, `hours`")]),
    ("POST", "locations", {"location": "hub"},
     [("location-name", "location", "`hub` is no name for a location",
       "up to 63 lower-case letters, digits, and . _ - between them, such as fra-1")]),
    ("POST", "locations", {"location": "Bad Name"},
     [("invalid", "location", "`Bad Name` cannot stand here",
       "write lower-case letters, digits, and . _ - after the first, such as fra-1")]),
    ("POST", "locations", {"location": "x" * 64},
     [("invalid", "location", "this has more than 63 characters", "shorten it")]),
    ("POST", "locations", {"hours": 721}, [("invalid", "hours", "721 is more than may be", "write at most 720")]),
    ("POST", "locations", {"hours": "24"},
     [("invalid", "hours", "`24` is no whole number", "write digits alone, such as 24")]),
    ("POST", "tokens", {}, [("missing-key", "role", "`role` is missing", "write `role`"),
                            ("missing-key", "title", "`title` is missing", "write `title`")]),
    ("POST", "tokens", {**TOKEN, "role": "auditer"},
     [("invalid", "role", "`auditer` is none of what may stand here", "did you mean `auditor`?")]),
    ("POST", "tokens", {**TOKEN, "role": "x", "title": 7},
     [("invalid", "role", "`x` is none of what may stand here",
       "it is one of `administrator`, `provider`, `customer`, `auditor`, `scraper`"),
      ("invalid", "title", "`7` is no text", 'write it in quotation marks: "…"')]),
    ("POST", "tokens", {**TOKEN, "title": "two\nlines"},
     [("invalid", "title", "`two�lines` cannot stand here",
       "write one line, without line breaks or other control characters")]),
    ("POST", "tokens", {**TOKEN, "title": ""}, [("invalid", "title", "nothing is written here", "write something")]),
    ("POST", "tokens", [], [("invalid", "body", "this is no object of JSON",
                             "write {…}, and send it with Content-Type: application/json")]),
    ("POST", "tokens", b"{", [("malformed", "body", "this is no JSON: expecting property name enclosed in double "
                               "quotes", "send an object of JSON")]),
    ("POST", "tokens", None, [("missing-key", "body", "this needs a body", "send an object of JSON")]),
    ("PUT", "tenants/acme", {"title": "Acme", "services": "web"},
     [("invalid", "services", "`web` is no list", "write […]")]),
    ("PUT", "tenants/acme", {"title": "Acme", "orders": ["A-1", 7]},
     [("invalid", "orders.1", "`7` is no text", 'write it in quotation marks: "…"')]),
    ("PUT", "tenants/UP", {"title": "Acme"},
     [("invalid", "name", "`UP` cannot stand here",
       "write lower-case letters, digits, and . _ - after the first, such as fra-1")]),
    ("POST", "plan", {"files": {}}, [("invalid", "files", "nothing is in it", "name at least one")]),
    ("POST", "plan", {"files": {"a/b.sla.md": ""}},
     [("invalid", "files.a/b.sla.md", "`a/b.sla.md` cannot stand here",
       "name a file NAME.sla.md, NAME.order.yaml, NAME.checks.yaml or NAME.alerts.yaml, without a folder")]),
    ("POST", "plan", {"files": {"a.sla.md": ""}, "prune": "yes"},
     [("invalid", "prune", "`yes` is no truth", "write true or false")]),
    ("POST", "heartbeats", {"name": "nightly"},
     [("unknown-key", "name", "there is no key `name` here", "did you mean `check`?")]),
    ("GET", "facts?since=x&most=0", None,
     [("invalid", "since", "`x` is no whole number", "write digits alone, such as 24"),
      ("invalid", "most", "0 is less than may be", "write at least 1")]),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "told"), WRONG, ids=[f"{m} {p} {b!r:.40}" for m, p, b, _ in WRONG])
def test_what_is_wrong_is_told_with_its_field_and_what_may_stand_there(
    office: tuple[Desk, str], method: str, path: str, body: Any, told: list[tuple[str, str, str, str]]
) -> None:
    hub, token = office
    headers = {"content-type": "application/json"} if isinstance(body, bytes) else {}
    answer = hub.ask(method, f"/api/v1/{path}", token, body, headers)
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json
    assert [(p["code"], p["where"], p["what"], p["hint"]) for p in said["problems"]] == told
    first = said["problems"][0]
    assert (said["code"], said["where"], said["title"], said["hint"]) == tuple(
        first[name] for name in ("code", "where", "what", "hint")
    )
    assert answer.status == {"malformed": 400, "location-name": 409}.get(said["code"], 422)


def test_every_word_that_stands_for_a_key_names_one_that_is_there() -> None:
    made = [one for one in vars(shapes).values() if isinstance(one, type) and issubclass(one, shapes.Said)]
    assert len(made) > 5
    for one in made:
        assert set(one.MEANT.values()) <= set(one.model_fields)
        assert not set(one.MEANT) & set(one.model_fields)


def test_every_pattern_of_a_request_has_its_words() -> None:
    made = [one for one in vars(shapes).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    found = {
        str(pattern) for one in made if issubclass(one, shapes.Said) for pattern in _patterns(one.model_json_schema())
    }
    assert found
    assert found <= set(shapes.PATTERNS)


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for one in schema.values():
            yield from _patterns(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _patterns(one)


def test_a_tenant_has_services_and_orders_that_are_deployed_or_named_ahead(office: tuple[Desk, str]) -> None:
    hub, token = office
    files = {"hosting.sla.md": AGREEMENT, "acme.order.yaml": ORDER}
    offer = offer_of([(name, name, text.encode()) for name, text in files.items()])
    apply_plan(hub.store, plan(deployed(hub.store), offer), NOON, "ops")
    right = {"title": "Acme", "services": ["shop"], "orders": ["acme"]}
    assert hub.ask("PUT", "/api/v1/tenants/acme", token, right).status == 200
    wrong = hub.ask("PUT", "/api/v1/tenants/acme", token, {"title": "Acme", "services": ["shpo"], "orders": ["nope"]})
    assert wrong.status == 422
    assert [(p["code"], p["where"], p["what"], p["hint"]) for p in wrong.json["problems"]] == [
        ("unknown-service", "services", "no service `shpo` is deployed",
         "did you mean `shop`?; or name it ahead with `?ahead=true`"),
        ("unknown-order", "orders", "no order `nope` is deployed",
         "apply the files that name it first; or name it ahead with `?ahead=true`"),
    ]  # fmt: skip
    (kept,) = hub.ask("GET", "/api/v1/tenants", token).json
    assert kept["services"] == ["shop"]  # the refused one changed nothing
    ahead = {"title": "Acme", "services": ["shop", "to-come"], "orders": []}
    assert hub.ask("PUT", "/api/v1/tenants/acme?ahead=true", token, ahead).json["services"] == ["shop", "to-come"]
