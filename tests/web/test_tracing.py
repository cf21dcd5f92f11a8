"""Traces of a real server at a collector; and what is said where they cannot be made."""

from __future__ import annotations

import sys
from pathlib import Path
from queue import Queue

import pytest
from structlog.testing import capture_logs

from makegood.store.opened import create
from makegood.web.tracing import tracing
from tests.notify.servers import web
from tests.web.asking import PATIENCE, serving

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def test_each_request_is_a_span_at_the_collector_with_its_route_and_status(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    create(tmp_path / "store").engine.dispose()
    came = Queue[int]()
    with web() as collector:
        collector.before = lambda: came.put(1)
        environment = {ENDPOINT: collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        with serving(tmp_path / "store", environment=environment) as running:
            assert running.ask("GET", "/api/v1/me", "no token").status == 401
            came.get(timeout=PATIENCE)
            running.running.terminate()
            assert running.running.wait(PATIENCE) == 0  # what is left is sent before it ends
    spans = dict[str, Span]()
    for method, path, headers, body in collector.got:
        assert (method, path, headers["content-type"]) == ("POST", "/v1/traces", "application/x-protobuf")
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            assert resource.resource.attributes[0].key
            spans |= {one.name: one for scope in resource.scope_spans for one in scope.spans}
    attributes = {one.key: one.value for one in spans["GET /api/v1/me"].attributes}
    assert attributes["http.response.status_code"].int_value == 401
    assert attributes["http.route"].string_value == "/api/v1/me"


def test_that_the_extra_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with capture_logs() as logged:
        assert tracing() is None
    assert [(one["log_level"], one["why"]) for one in logged] == [
        ("warning", "the extra is missing: pip install 'makegood[otel]'")
    ]
    monkeypatch.delenv(ENDPOINT)
    with capture_logs() as logged:
        assert tracing() is None
    assert logged == []
