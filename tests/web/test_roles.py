"""Who may do what: every route for every role, by the table, and nothing that the table does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from makegood.app.roles import OF_TENANTS, OPEN, ROLES, ROUTES, WHOLE, May, Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.app.tokens import make_token
from makegood.store.opened import create
from makegood.web.application import ROUTERS
from tests.docs.test_docs import ROOT
from tests.web.asking import Desk, desk

PARTS = {
    "{id}": "none", "{name}": "acme", "{number}": "7", "{location}": "fra-1", "{secret}": "no-such-secret-here",
    "{token}": "no-such-token", "{what}": "start", "{key}": "no-such-key-at-all", "{slug}": "backup",
}  # fmt: skip
FRONT = {"GET /", "GET /healthz", "GET /api/v1/openapi.json"}
"""What is answered in front of the routes, or by the framework."""


@pytest.fixture(scope="module")
def desk_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("roles")
    store = create(folder / "store")
    with desk(store) as made:
        put_tenant(store, Tenant("acme", "Acme", ("web",), ("A-1",)), made.clock.now)
        yield made
    store.engine.dispose()


@pytest.fixture(scope="module")
def tokens(desk_of_all: Desk) -> dict[tuple[Role, str], str]:
    found = {}
    for role in Role:
        found[role, ""] = desk_of_all.token(role)
        if role in OF_TENANTS:
            found[role, "acme"] = make_token(
                desk_of_all.store, role, "of a tenant", by="test", now=desk_of_all.clock.now, of="acme"
            )[1]
    return found


def routes_of() -> set[str]:
    made = (one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute))
    return {f"{method} {one.path}" for one in made for method in one.methods or ()}


def filled(route: str) -> tuple[str, str]:
    method, path = route.split(" ")
    for name, value in PARTS.items():
        path = path.replace(name, value)
    return method, path


def test_the_table_has_every_route_and_no_other() -> None:
    there = {one.replace("HEAD ", "GET ") for one in routes_of()} | FRONT
    assert there == set(ROUTES)


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_each_role_may_what_the_table_says_on_each_route(
    desk_of_all: Desk, tokens: dict[tuple[Role, str], str], route: str
) -> None:
    method, path = filled(route)
    asked = ROUTES[route]
    if asked is OPEN:
        body: object = {} if method == "POST" else None
        of_ours = {"origin": "https://hub.example"}
        assert desk_of_all.ask(method, path, body=body, headers=of_ours).status != 403
        return
    assert desk_of_all.ask(method, path).status == 401
    for (role, of), token in tokens.items():
        allowed = not asked or any(one in ROLES[role] and not (of and one in WHOLE) for one in asked)
        status = desk_of_all.ask(method, path, token, body={} if method in ("POST", "PUT") else None).status
        assert (status not in (401, 403)) is allowed, (role, of, status)


def test_no_role_but_the_administrator_may_make_tokens() -> None:
    assert [role for role in Role if May.ADMINISTER in ROLES[role]] == [Role.ADMINISTRATOR]


def test_who_may_do_what_stands_in_the_guide() -> None:
    text = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    for role, may in ROLES.items():
        row = f"| `{role}` | " + ", ".join(f"`{one}`" for one in May if one in may) + " |"
        assert row in text, row
    for one in May:
        assert f"| `{one}` | " in text
