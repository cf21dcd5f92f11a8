"""The layer in front of the framework: what is answered from memory, and what holds for every other request.

Each request has an id, which its answer and its log lines bear, a cap on its body, a time within which the body must
have come, and headers that keep browsers from guessing. A fault is one problem answer and one log line.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from secrets import token_hex
from time import perf_counter
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from makegood.model.problem import Refused
from makegood.web.errors import FAULT, MEDIA, problem_json, refused, status_of
from makegood.web.logs import logger
from makegood.web.page import NO_BODY, SECURITY

if TYPE_CHECKING:
    from makegood.web.hub import WebHub

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BODY, MOST_BATCH = 8 << 20, 64 << 20
"""Bytes of the body of a request, and of that of an agent, which is a batch."""
PATIENCE = 30.0
"""Seconds in which the next part of a body must come."""
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_ALIVE = b'{"alive":true}'
UNKNOWN_ROUTE = "none"
BATCHES = "/agent/v1/batches"
OFTEN = ("/agent/v1/work", "/agent/v1/clock", BATCHES, "/ping/", "/api/push/", "/metrics", "/readyz")
"""What programs ask every few seconds: in the metrics, and in the logs only where it goes wrong."""


PINGED = ("/ping/", "/api/push/")
"""What jobs may ask with a slash at the end too."""


class Front:
    """An ASGI application in front of another one. `traced` wraps each request where traces are configured."""

    def __init__(self, app: App, hub: WebHub, traced: Callable[[App], App] | None = None) -> None:
        self._app = traced(app) if traced is not None else app
        self._hub, self._page, self._metrics = hub, hub.page, hub.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path, method = scope["path"], scope["method"]
            if path.endswith("/") and path.startswith(PINGED):
                scope["path"] = path = path[:-1]
            if path == "/" and method in ("GET", "HEAD"):
                start, body = self._page.answer(scope["headers"])
                self._metrics.page_views += 1
                await send(start)
                await send(NO_BODY if method == "HEAD" else body)
                return
            if path == "/healthz" and method in ("GET", "HEAD"):
                await _say(send, 200, b"application/json", _ALIVE, head=method == "HEAD")
                return
            await _Request(self._app, self._hub, scope, receive, send).answer()
        elif scope["type"] == "lifespan":
            await _lifespan(receive, send)


class _Request:
    def __init__(self, app: App, hub: WebHub, scope: Scope, receive: Receive, send: Send) -> None:
        self._app, self._hub, self._scope, self._receive, self._send = app, hub, scope, receive, send
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        self.id = given.decode("ascii") if _ID.fullmatch(given) else token_hex(8)
        self.status = 0
        self._read = 0
        self._most = MOST_BATCH if scope["path"] == BATCHES else MOST_BODY
        scope.setdefault("state", {})["request_id"] = self.id

    async def answer(self) -> None:
        from starlette.requests import ClientDisconnect
        from structlog.contextvars import bound_contextvars

        begun = perf_counter()
        with bound_contextvars(request=self.id):
            try:
                await self._app(self._scope, self._receive_part, self._send_part)
            except Refused as wrong:
                await self._refuse(wrong)
            except ClientDisconnect:
                logger().info("the other side left", route=self._route())
            except Exception as fault:  # noqa: BLE001 -- the last resort: one answer, one line
                last = extract_tb(fault.__traceback__)[-1]
                place = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
                logger().error("fault", kind=type(fault).__name__, place=place, route=self._route())
                await self._refuse(FAULT)
            self._tell(perf_counter() - begun)

    def _tell(self, seconds: float) -> None:
        route, method = self._route(), self._scope["method"]
        known = method if method in ("GET", "HEAD", "POST", "PUT", "DELETE") else "other"
        self._hub.metrics.requests.labels(known, route, str(self.status)).inc()
        self._hub.metrics.seconds.labels(route).observe(seconds)
        if self.status < 400 and route.startswith(OFTEN):
            return
        told = {"method": known, "route": route, "status": self.status, "ms": round(seconds * 1000, 1)}
        logger().info("answered", **told)

    def _route(self) -> str:
        """The route as it is written in the program: the path itself may hold a secret."""
        found = getattr(self._scope.get("route"), "path", None)
        return found if isinstance(found, str) else UNKNOWN_ROUTE

    async def _refuse(self, wrong: Refused) -> None:
        if not self.status:
            status = status_of(wrong.problems)
            self.status = status
            raw = problem_json(wrong.problems, status, self.id)
            await _say(self._send, status, MEDIA.encode(), raw, [(b"x-request-id", self.id.encode())])

    async def _receive_part(self) -> MutableMapping[str, Any]:
        if self.status:  # answered: what is waited for now is that the other side leaves
            return await self._receive()
        try:
            part = await asyncio.wait_for(self._receive(), PATIENCE)
        except TimeoutError:
            raise self._given_up("too-slow", f"nothing came for {PATIENCE:.0f} s") from None
        self._read += len(part.get("body", b""))
        if self._read > self._most:
            raise self._given_up("too-large", f"the body is larger than {self._most >> 20} MiB")
        return part

    def _given_up(self, code: str, what: str) -> Refused:
        """Why no more of the body is read; kept with the request, since who reads it may put another error there."""
        wrong: Refused = refused(code, "body", what)
        self._scope["state"]["given_up"] = wrong
        return wrong

    async def _send_part(self, part: MutableMapping[str, Any]) -> None:
        if part["type"] == "http.response.start":
            self.status = part["status"]
            more = [*SECURITY, (b"x-request-id", self.id.encode())]
            there = {name.lower() for name, _ in part.get("headers", ())}
            if b"cache-control" not in there:
                more.append((b"cache-control", b"no-store"))
            part["headers"] = [*part.get("headers", ()), *(one for one in more if one[0] not in there)]
        elif self._scope["method"] == "HEAD":
            part["body"] = b""
        await self._send(part)


async def _say(
    send: Send,
    status: int,
    media: bytes,
    body: bytes,
    more: list[tuple[bytes, bytes]] | None = None,
    head: bool = False,
) -> None:
    headers = [*SECURITY, (b"content-type", media), (b"content-length", str(len(body)).encode())]
    headers += [(b"cache-control", b"no-store"), *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        part = await receive()
        await send({"type": f"{part['type']}.complete"})
        if part["type"] == "lifespan.shutdown":
            return
