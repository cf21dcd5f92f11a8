"""Pages for people: signing in and out, the alerts, and what they do about them. Asking shows, only posting acts."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from makegood.app.alerts_shown import listed, take_care, told_of
from makegood.app.muting import must_be_known, mute, release
from makegood.app.roles import May
from makegood.app.sessions import LASTS, sign_in, sign_out
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.problem import Refused
from makegood.model.spans import SECOND, Instant, Span
from makegood.web.allowed import caller, cookie_of, hub_of, of_ours, wrong_token
from makegood.web.desk import answer, form_of, go_on, ours, sentence
from makegood.web.errors import refused, status_of
from makegood.web.hub import WebHub
from makegood.web.logs import logger

router = APIRouter(tags=["people"], include_in_schema=False)


@router.get("/sign-in")
def get_sign_in(to: str = "/alerts") -> Response:
    """The form that takes a token."""
    from makegood.render.desk_pages import sign_in_page

    return answer(sign_in_page(ours(to)))


@router.post("/sign-in")
async def post_sign_in(request: Request) -> Response:
    """Begin a session by a token; wrong ones are counted as everywhere."""
    from makegood.render.desk_pages import sign_in_page

    hub = hub_of(request)
    of_ours(hub, request)
    said = await form_of(request)
    to = ours(said.get("to", ""))
    try:
        found = await run_in_threadpool(sign_in, hub.store, said.get("token", "").strip(), hub.clock())
        if found is None:
            raise wrong_token(hub, request, "unauthorised", "this token is wrong, has expired or was revoked")
        who, secret = found
        if not who.may(May.READ):
            await run_in_threadpool(sign_out, hub.store, secret)
            raise refused("forbidden", "token", f"this token, of a {who.token.role}, may not read alerts")
    except Refused as wrong:
        return answer(sign_in_page(to, sentence(wrong.problems[0])), status_of(wrong.problems))
    logger().info("signed in", token=who.token.id)
    onward = go_on(to)
    _keep(hub, onward, secret, LASTS // SECOND)
    return onward


@router.post("/sign-out")
async def post_sign_out(request: Request) -> Response:
    """End the session."""
    hub = hub_of(request)
    of_ours(hub, request)
    await run_in_threadpool(sign_out, hub.store, request.cookies.get(cookie_of(hub), ""))
    onward = go_on("/sign-in")
    _keep(hub, onward, "", 0)
    return onward


def _keep(hub: WebHub, onward: Response, secret: str, seconds: int) -> None:
    safe = hub.url.startswith("https:")
    onward.set_cookie(cookie_of(hub), secret, seconds, path="/", secure=safe, httponly=True, samesite="strict")


@router.get("/alerts")
def get_alerts(request: Request) -> Response:
    """What is wrong now, what was, who silenced what, and what nobody took."""
    from makegood.render.desk_pages import alerts_page

    hub, who = hub_of(request), caller(request)
    now = hub.clock()
    rules, may = hub.alerts(), who.may(May.RESPOND)
    found = listed(hub.store, rules, who, now)
    return answer(alerts_page(rules, found.running, found.over, found.mutes, found.dead, who.name, may, now))


@router.get("/alerts/{id}")
def get_alert(request: Request, id: str) -> Response:  # noqa: A002 -- of the path
    """One alert: who was told of it, when and how, what was decided, and what can be done."""
    from makegood.render.desk_pages import told_page

    hub, who = hub_of(request), caller(request)
    now = hub.clock()
    rules, may = hub.alerts(), who.may(May.RESPOND)
    found = told_of(hub.store, rules, who, id, now)
    return answer(told_page(rules, found.alert, found.notes, found.messages, found.mutes, who.name, may, now))


@router.post("/alerts/{id}/acknowledge")
def post_acknowledge(request: Request, id: str) -> Response:  # noqa: A002 -- of the path
    """Take care of it."""
    hub = hub_of(request)
    take_care(hub.store, hub.alerts(), caller(request), id, hub.clock())
    return go_on(ours(f"/alerts/{id}"))


@router.post("/alerts/mutes")
async def post_mute(request: Request) -> Response:
    """Silence what a form names for as long as it says: of an alert its services or locations, or everything."""
    hub, who = hub_of(request), caller(request)
    said = await form_of(request)
    now = hub.clock()
    key = said.get("alert", "")
    named = [name for name in said.get("subject", "").split(",") if name.strip()]
    subjects = [name.strip() for name in named]
    rules: list[str] = []
    if key:
        alert = (await run_in_threadpool(told_of, hub.store, hub.alerts(), who, key, now)).alert
        subjects, rules = [one.subject for one in alert.conditions], [alert.rule]
    else:
        await run_in_threadpool(must_be_known, hub.store, subjects, rules)
    span = Span(now, now + _length(said.get("for", "")))
    await run_in_threadpool(mute, hub.store, subjects, rules, span, who.name, said.get("because", ""), now)
    return go_on(ours(f"/alerts/{key}" if key else "/alerts"))


@router.post("/alerts/mutes/{id}/release")
async def post_release(request: Request, id: str) -> Response:  # noqa: A002 -- of the path
    """End a mute now."""
    hub = hub_of(request)
    said = await form_of(request)
    await run_in_threadpool(release, hub.store, id, caller(request).name, hub.clock())
    return go_on(ours(said.get("to", "")))


def _length(text: str) -> Instant:
    found = numbers.duration(text)
    if isinstance(found, Wrong) or not isinstance(found, int):
        raise refused("invalid", "for", "say for how long, such as `2 h`")
    return found
