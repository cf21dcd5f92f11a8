"""The interface as it is described: what schemathesis makes up of it is answered as the description says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS

from makegood.app.roles import ROUTES, Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.app.tokens import make_token
from makegood.store.opened import create
from makegood.web.application import ROUTERS
from tests.web.asking import NOON, serving

EXAMPLES = 12
"""Requests of each operation."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[schemathesis.BaseSchema, str]]:
    folder: Path = tmp_path_factory.mktemp("api")
    store = create(folder / "store")
    put_tenant(store, Tenant("acme", "Acme", ("web",), ("A-1",)), NOON)
    _, token = make_token(store, Role.ADMINISTRATOR, "schemathesis", by="test", now=NOON)
    make_token(store, Role.ADMINISTRATOR, "another one", by="test", now=NOON)
    with serving(store.folder) as hub:
        yield schemathesis.openapi.from_url(f"{hub.url}/api/v1/openapi.json"), token
    store.engine.dispose()


def test_every_operation_answers_as_it_is_described(api: tuple[schemathesis.BaseSchema, str]) -> None:
    schema, token = api
    names = ("not_a_server_error", "status_code_conformance", "response_schema_conformance")
    checks: Any = [CHECKS.get_one(name) for name in names]
    asked = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]

        @settings(
            max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None,
            database=None, derandomize=True,
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def answered(case: Any) -> None:
            answer = case.call(headers={**case.headers, "authorization": f"Bearer {token}"}, timeout=30)
            case.validate_response(answer, checks=checks)
            if answer.status_code >= 400:
                assert answer.json()["status"] == answer.status_code

        answered()
        asked.add(f"{operation.method.upper()} {operation.path}")
    assert asked == {one for one in ROUTES if _is_described(one)}


def _is_described(route: str) -> bool:
    method, path = route.split(" ")
    routes = [one for router in ROUTERS for one in router.routes if getattr(one, "include_in_schema", False)]
    return any(one.path == path and method in one.methods for one in routes)  # type: ignore[attr-defined]
