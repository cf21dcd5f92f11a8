"""The interface as it is described: what schemathesis makes up of it is answered as the description says."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from makegood.app.roles import ROUTES
from makegood.web.application import ROUTERS
from tests.web.conftest import Served

EXAMPLES = 10
"""Requests of each operation."""
NAMES = (
    "not_a_server_error", "status_code_conformance", "response_schema_conformance", "content_type_conformance",
)  # fmt: skip


def test_every_operation_answers_as_it_is_described_whoever_asks(served: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{served.server.url}/api/v1/openapi.json")
    tokens = st.sampled_from([served.administrator, served.administrator, *served.others, served.scraper, ""])
    checks: Any = [CHECKS.get_one(name) for name in NAMES]
    asked = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

        @settings(
            max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None,
            database=None, derandomize=True,
        )  # fmt: skip
        @given(case=cases, token=tokens)
        def answered(case: Any, token: str) -> None:
            by = {"authorization": f"Bearer {token}"} if token else {}
            answer = case.call(headers={**case.headers, **by}, timeout=30)
            case.validate_response(answer, checks=checks)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"]
                assert answer.json()["status"] == answer.status_code

        answered()
        asked.add(f"{operation.method.upper()} {operation.path}")
    assert asked == {one for one in ROUTES if _is_described(one)}


def _is_described(route: str) -> bool:
    method, path = route.split(" ")
    routes = [one for router in ROUTERS for one in router.routes if getattr(one, "include_in_schema", False)]
    return any(one.path == path and method in one.methods for one in routes)  # type: ignore[attr-defined]
