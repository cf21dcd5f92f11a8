"""Whether who asks may: by the table of routes, before anything of a request is done.

Programs send a token. People's pages also take the cookie of a session, which nothing else does; what acts there must
come from a page of ours, as its `Origin` says, beside that the cookie is sent by no other site.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from makegood.app.roles import OPEN, ROUTES, May, Role
from makegood.app.sessions import caller_in
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
    path: str = request.scope["route"].path
    asked = needed(request.method, path)
    request.state.page = is_page(path)
    if asked is OPEN:
        return
    hub: WebHub = request.app.state.hub
    if request.state.page and "authorization" not in request.headers:
        caller = await in_session(hub, request)
    else:
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


def is_page(path: str) -> bool:
    """Whether a route is a page for people who sign in, where also what goes wrong is one."""
    return path.startswith(("/alerts", "/sign-"))


async def in_session(hub: WebHub, request: Request) -> Caller:
    """Who signed in. Raises Refused where nobody did, and for a form that is of another site."""
    found = await run_in_threadpool(caller_in, hub.store, request.cookies.get(cookie_of(hub), ""), hub.clock())
    if found is None:
        raise refused("unauthorised", "session", "Sign in first.")
    if request.method not in ("GET", "HEAD"):
        of_ours(hub, request)
    return found


def of_ours(hub: WebHub, request: Request) -> None:
    """Raises Refused for a form that does not come from a page of this hub: a browser says where it was."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if not origin or origin not in (urlsplit(hub.url).netloc, request.headers.get("host")):
        raise refused("forbidden", "origin", "This form is not of this hub.", "", "open the page anew and try again")


def cookie_of(hub: WebHub) -> str:
    """The name of the cookie; one that browsers take over TLS and for this host alone, where there is TLS."""
    return "__Host-makegood" if hub.url.startswith("https:") else "makegood"


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
