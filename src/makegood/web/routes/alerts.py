"""Alerts: the page behind the link in a message, where asking shows and only posting acts; and what an Alertmanager
sends."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from makegood.app.acknowledging import Shown, act, show
from makegood.app.hearing_alertmanager import MOST_BYTES, hear
from makegood.web.allowed import caller, hub_of
from makegood.web.errors import refused
from makegood.web.shapes import Heard

router = APIRouter(tags=["alerts"])

FORM = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""The policy of the page: it has one form, which goes to itself."""


@router.get("/acknowledge/{token}", response_class=HTMLResponse, include_in_schema=False)
async def asked(request: Request, token: str) -> Response:
    """What the alert is about, and a button. Nothing is changed: readers of mail ask for every link."""
    hub = hub_of(request)
    return _page(await run_in_threadpool(show, hub.store, token), hub.clock(), acted=False)


@router.post("/acknowledge/{token}", response_class=HTMLResponse, include_in_schema=False)
async def acknowledged(request: Request, token: str) -> Response:
    """Acknowledge, as whom the link was sent to."""
    hub = hub_of(request)
    now = hub.clock()
    return _page(await run_in_threadpool(act, hub.store, token, now), now, acted=True)


@router.post("/api/v1/alertmanager")
async def alertmanager(request: Request) -> Heard:
    """Take what an Alertmanager's webhook sends: what fires and what is resolved are recorded as incidents."""
    hub, by = hub_of(request), caller(request)
    raw = await request.body()
    if len(raw) > MOST_BYTES:
        raise refused("too-large", "body", f"more than {MOST_BYTES:,} bytes are no webhook of an Alertmanager")
    source = f"alertmanager/{by.token.title or by.token.id}"
    services = sorted({check.service for check in hub.checks().values()} if by.whole else by.services)
    of = by.token.tenant
    return Heard(recorded=await run_in_threadpool(hear, hub.store, raw, source, hub.clock(), services, of))


def lost() -> Response:
    """The page for whoever comes by a link that is wrong or cut."""
    from makegood.render.alert_page import no_alert_page

    return HTMLResponse(no_alert_page(), 404, {"content-security-policy": FORM, "cache-control": "no-store"})


def _page(shown: Shown, now: int, acted: bool) -> Response:
    from makegood.render.alert_page import alert_page

    headers = {"content-security-policy": FORM, "cache-control": "no-store"}
    return HTMLResponse(alert_page(shown.alert, shown.name, shown.notes, now, acted), headers=headers)
