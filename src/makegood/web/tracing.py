"""Traces of requests, where OpenTelemetry is configured by its own variables and installed by the extra `otel`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

Wrap = Callable[[Any], Any]


def tracing() -> Wrap | None:
    """What wraps an ASGI application so that each request is a span; None where nothing asks for it.

    `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` says where spans go. A span has method, route
    and status: no path and no header, which may hold secrets.
    """
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    if not any(os.environ.get(name) for name in names) or os.environ.get("OTEL_SDK_DISABLED") == "true":
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        from makegood.web.logs import logger

        logger().warning("no traces", why="the extra is missing: pip install 'makegood[otel]'")
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": "makegood"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return traced_by(provider)


def traced_by(provider: Any) -> Wrap:
    """What wraps an application so that the provider's tracer has a span for each request."""
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    tracer = provider.get_tracer("makegood.web")

    def wrap(app: Any) -> Any:
        async def traced(scope: Any, receive: Any, send: Any) -> None:
            carried = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            with tracer.start_as_current_span(scope["method"], context=extract(carried), kind=SpanKind.SERVER) as span:

                async def sent(part: Any) -> None:
                    if part["type"] == "http.response.start":
                        span.set_attribute("http.response.status_code", part["status"])
                    await send(part)

                span.set_attribute("http.request.method", scope["method"])
                await app(scope, receive, sent)
                route = getattr(scope.get("route"), "path", "none")
                span.set_attribute("http.route", route)
                span.update_name(f"{scope['method']} {route}")

        return traced

    return wrap
