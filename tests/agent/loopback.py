"""A hub on loopback, without any framework: the use cases of `app` behind the HTTP server of the standard library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from makegood.app.enrolling import Enrolment, enrol
from makegood.app.hub import Hub
from makegood.app.receiving import Clock, WorkAsked, take_batch, take_list, work
from makegood.evidence.head import SignedHead
from makegood.evidence.requests import BATCH_SIGNATURE, SignedRequest, read_request, read_signature
from makegood.model.problem import Refused

STATUS = {
    "agent-unknown": 401, "agent-date": 401, "enrolment-refused": 401, "agent-revoked": 403, "agent-suspended": 403,
    "batch-foreign": 403, "batch-damaged": 400, "too-much": 429, "unwritable": 503,
    "hub-clock": 503,
}  # fmt: skip

Answered = dict[str, Any]


def answer(hub: Hub, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Answered]:
    """One request to the hub."""
    try:
        if (method, path) == ("GET", "/agent/v1/clock"):
            return 200, _json(Clock(hub.clock(), hub.clock()))
        request = read_request(method, path, headers, body)
        return 200, _json(_asked(hub, path, request, headers))
    except Refused as refused:
        problem = refused.problems[0]
        said = {"code": problem.code, "title": problem.what, "detail": problem.why, "hint": problem.hint}
        return STATUS.get(problem.code, 409), said
    except (ValueError, KeyError, TypeError) as wrong:
        return 400, {"code": "request", "title": str(wrong)}


def _asked(hub: Hub, path: str, request: SignedRequest, headers: dict[str, str]) -> object:
    match path:
        case "/agent/v1/enrol":
            said = json.loads(request.body)
            asked = Enrolment(said["token"], said["name"], bytes.fromhex(said["key"]), said["version"])
            return enrol(hub, request, asked)
        case "/agent/v1/work":
            return work(hub, request, WorkAsked(**json.loads(request.body)))
        case "/agent/v1/lists":
            return take_list(hub, request)
        case "/agent/v1/batches":
            return take_batch(hub, request, read_signature(headers, BATCH_SIGNATURE))
    raise KeyError(path)


def _json(value: Any) -> Answered:
    found: Answered = {}
    for name in value.__slots__:
        one = getattr(value, name)
        if isinstance(one, SignedHead):
            one = one.document()
        found[name] = one.hex() if isinstance(one, bytes) else one
    return found


@contextmanager
def serving(hub: Callable[[], Hub | None], port: int = 0) -> Iterator[int]:
    """Serve a hub on a port of loopback, a free one where none is given; while it is None it answers with 503."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            there = hub()
            said = (503, {}) if there is None else answer(there, self.command, self.path, headers, body)
            raw = json.dumps(said[1]).encode()
            self.send_response(said[0])
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _serve  # noqa: N815 -- as the standard library names them

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
