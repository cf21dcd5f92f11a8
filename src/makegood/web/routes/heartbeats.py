"""Heartbeats: the ping URLs of healthchecks and the push URL of Uptime Kuma, as jobs have them already.

`/ping/UUID`, `/ping/UUID/start`, `/fail`, `/log` and `/EXIT-STATUS`, the same with `/ping/KEY/NAME`, and
`/api/push/TOKEN?status=up&msg=OK&ping=12`, by GET, HEAD or POST. A ping is answered when it is on the disk.
"""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal, InvalidOperation
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse

from makegood.app.hearing import Address, addresses, by_slug, check_at, make_address, revoke_address
from makegood.exchange.moments import written
from makegood.model.checks import HeartbeatProbe
from makegood.store.pings import Ping, PingKind
from makegood.web.allowed import caller, hub_of
from makegood.web.errors import refused
from makegood.web.hub import WebHub
from makegood.web.shapes import HeartbeatMade, HeartbeatTold, NewHeartbeat

router = APIRouter(tags=["heartbeats"])

KEPT = 100_000
"""Bytes of a ping's body that are kept; the rest is read and passed over."""
SIGNALS = {"": PingKind.SUCCESS, "start": PingKind.START, "fail": PingKind.FAIL, "log": PingKind.LOG}
_STATUS = re.compile(r"[0-9]{1,3}")
_METHODS = ["GET", "HEAD", "POST"]


@router.api_route("/ping/{secret}", methods=_METHODS, response_class=PlainTextResponse, include_in_schema=False)
async def ping(request: Request, secret: str) -> Response:
    """A success."""
    return await _ping(request, secret, "", "")


@router.api_route("/ping/{secret}/{what}", methods=_METHODS, response_class=PlainTextResponse, include_in_schema=False)
async def ping_of(request: Request, secret: str, what: str) -> Response:
    """A signal or an exit status of one check, or a success of the one that is named after a key."""
    return await _ping(request, secret, what, "")


@router.api_route(
    "/ping/{key}/{slug}/{what}", methods=_METHODS, response_class=PlainTextResponse, include_in_schema=False
)
async def ping_named(request: Request, key: str, slug: str, what: str) -> Response:
    """A signal or an exit status of the check that is named after a key."""
    return await _ping(request, key, slug, what)


@router.api_route("/api/push/{secret}", methods=_METHODS, include_in_schema=False)
async def push(request: Request, secret: str) -> Response:
    """A push of Uptime Kuma."""
    hub = hub_of(request)
    check = await run_in_threadpool(check_at, hub.store, secret)
    if not check:
        return JSONResponse({"ok": False, "msg": "Monitor not found or not active."}, 404)
    # As Uptime Kuma reads it: no other word is a success, and neither are several.
    down = request.query_params.getlist("status") not in ([], [""], ["up"])
    said = request.query_params.get("msg", "")[:1_000].encode("utf-8", "replace")
    took = _took(request.query_params.get("ping", ""))
    kind = PingKind.FAIL if down else PingKind.SUCCESS
    await _take(hub, Ping(check, hub.clock(), kind, took=took, body=said))
    return JSONResponse({"ok": True})


async def _ping(request: Request, secret: str, first: str, second: str) -> Response:
    hub, at = hub_of(request), hub_of(request).clock()
    check = await run_in_threadpool(check_at, hub.store, secret)
    if check is None:
        return PlainTextResponse("not found", 404)
    signal = first
    if check == "":  # a key for all checks: the first word is a name
        named = by_slug(hub.checks(), first) if first else []
        if len(named) != 1:
            return PlainTextResponse("ambiguous slug" if named else "not found", 409 if named else 404)
        check, signal = named[0], second
    elif second:
        return PlainTextResponse("not found", 404)
    if signal not in SIGNALS and not (_STATUS.fullmatch(signal) and int(signal) < 256):
        return PlainTextResponse("invalid url format", 400)
    kind = SIGNALS.get(signal) or (PingKind.SUCCESS if int(signal) == 0 else PingKind.FAIL)
    run = request.query_params.get("rid", "")
    if run and not _is_uuid(run):
        return PlainTextResponse("invalid uuid format", 400)
    body = await _kept(request)
    code = int(signal) if signal not in SIGNALS else None
    await _take(hub, Ping(check, at, kind, code, run.lower(), None, body))
    return PlainTextResponse("OK", 200, {"ping-body-limit": str(KEPT)})


async def _take(hub: WebHub, one: Ping) -> None:
    await asyncio.wrap_future(hub.hearing.take(one))
    hub.metrics.pings.labels(one.kind.value).inc()


async def _kept(request: Request) -> bytes:
    kept = bytearray()
    async for part in request.stream():
        kept += part[: KEPT - len(kept)]
    return bytes(kept)


def _took(milliseconds: str) -> int | None:
    """Microseconds; None where nothing sensible is told."""
    try:
        said = Decimal(milliseconds or "NaN")
    except InvalidOperation:
        return None
    return int(said * 1000) if said.is_finite() and 0 <= said < 10**12 else None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


@router.get("/api/v1/heartbeats")
def get_heartbeats(request: Request) -> list[HeartbeatTold]:
    """The addresses that hold, without their secrets."""
    return [_told(one) for one in addresses(hub_of(request).store)]


@router.post("/api/v1/heartbeats", status_code=201)
def post_heartbeat(request: Request, said: NewHeartbeat) -> HeartbeatMade:
    """Make an address, whose secret is shown this once."""
    hub = hub_of(request)
    check = hub.checks().get(said.check) if said.check is not None else None
    if said.check is not None and (check is None or not isinstance(check.probe, HeartbeatProbe)):
        raise refused("no-check", "check", f"there is no heartbeat `{said.check}`", "", "apply its check first")
    made, secret = make_address(
        hub.store, said.check or "", by=caller(request).name, now=hub.clock(), secret=said.secret or ""
    )
    base = f"{hub.url}/ping/{secret}"
    push_url = f"{hub.url}/api/push/{secret}?status=up&msg=OK&ping=" if said.check else None
    named = base if said.check else f"{base}/NAME"
    return HeartbeatMade(**_told(made).model_dump(), secret=secret, ping=named, push=push_url)


@router.delete("/api/v1/heartbeats/{id}", status_code=204)
def delete_heartbeat(request: Request, id: str) -> None:  # noqa: A002 -- of the path
    """Let an address hold no more."""
    hub = hub_of(request)
    revoke_address(hub.store, id, hub.clock())


def _told(one: Address) -> HeartbeatTold:
    return HeartbeatTold(id=one.id, check=one.check or None, by=one.by, made=written(one.made))
