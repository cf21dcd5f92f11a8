"""Whether who asks may: by the table of routes, before anything of a request is done."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from makegood.app.roles import OPEN, ROUTES, May, Role
from makegood.app.tokens import Caller, Token, caller_of
from makegood.model.problem import Refused
from makegood.web.errors import refused
from makegood.web.logs import logger

if TYPE_CHECKING:
    from makegood.web.hub import WebHub

BEARER = HTTPBearer(auto_error=False, description="A token of the hub.")
LOCAL = Caller(Token("local", Role.ADMINISTRATOR, "", "local", "serve.lock", 0))
"""Whoever may read `serve.lock`: the user that the server runs as."""


async def allowed(request: Request) -> None:
    """Let a request through, with its caller in `request.state.caller`. Raises Refused where it may not."""
    asked = needed(request.method, request.scope["route"].path)
    if asked is OPEN:
        return
    hub: WebHub = request.app.state.hub
    caller = await _caller(hub, request)
    if asked and not any(caller.may(one) for one in asked):
        words = " or ".join(f"`{one}`" for one in asked)
        why = f"{words} is not of the role {caller.token.role}"
        if not caller.whole:
            why += f", or not for the tenant {caller.token.tenant} alone"
        raise refused("forbidden", "authorization", "this token may not do that", why)
    request.state.caller = caller


UNDATED = ("/agent/", "/api/v1/plan")
"""Routes that record nothing, or see for themselves whether the hub knows the time."""
TOLD = ("/ping/", "/api/push/")
"""Routes that record what they are told, by whatever method."""


def timely(request: Request) -> None:
    """Raises Refused for what would be dated while the hub does not know the time."""
    path: str = request.scope["route"].path
    dated = request.method not in ("GET", "HEAD", "OPTIONS") and not path.startswith(UNDATED)
    if dated or path.startswith(TOLD):
        hub_of(request).core.must_know_the_time()


def needed(method: str, path: str) -> tuple[May, ...] | None:
    """What a route asks for. Raises Refused for one that the table does not have."""
    key = f"{'GET' if method == 'HEAD' else method} {path}"
    if key not in ROUTES:
        raise refused("forbidden", "path", "nobody may do this")
    return ROUTES[key]


async def _caller(hub: WebHub, request: Request) -> Caller:
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    said = said.strip()
    if scheme.lower() != "bearer" or not said:
        raise refused("unauthorised", "authorization", "a token is needed", "", "send `Authorization: Bearer TOKEN`")
    if compare_digest(said.encode("utf-8", "replace"), hub.local.encode()):
        return LOCAL
    caller = await run_in_threadpool(caller_of, hub.store, said, hub.clock())
    if caller is None:
        raise wrong_token(hub, request, "unauthorised", "this token is wrong, has expired or was revoked")
    return caller


def wrong_token(hub: WebHub, request: Request, code: str, what: str) -> Refused:
    """What is said to who came with a wrong token: that, or for how long to wait."""
    hub.metrics.refused.inc()
    wait = hub.failures.count(request.client.host if request.client else "")
    if wait:
        return refused(
            "too-many-failures", "authorization", "too many wrong tokens came from here", "", f"wait {wait} s"
        )
    logger().warning("token refused", address=request.client.host if request.client else "")
    return refused(code, "authorization", what)


def caller(request: Request) -> Caller:
    """Who asks, of a route that asks for a token."""
    found: Caller = request.state.caller
    return found


def hub_of(request: Request) -> WebHub:
    """The hub that is asked."""
    found: WebHub = request.app.state.hub
    return found
