"""What agents ask, over HTTP: the use cases of `app`, with requests read and answers written (docs/agents.md).

An agent signs its requests itself, so that none of these asks for a token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool

from makegood.app.enrolling import Enrolment, all_agents, enrol, new_token, revoke
from makegood.app.receiving import Clock, WorkAsked, take_batch, take_list, work
from makegood.evidence.head import SignedHead
from makegood.evidence.requests import BATCH_SIGNATURE, LOCATION, SignedRequest, read_request, read_signature
from makegood.exchange.moments import written
from makegood.model.problem import Refused
from makegood.model.spans import HOUR
from makegood.web.allowed import caller, hub_of
from makegood.web.errors import refused
from makegood.web.invalid import invalid
from makegood.web.shapes import HEX, EnrolmentMade, LocationTold, NewEnrolment, Said

router = APIRouter(tags=["agents"])

Whole = Annotated[int, Field(ge=-(2**62), le=2**62)]
Text = Annotated[str, StringConstraints(max_length=500)]


class EnrolSaid(Said):
    """What an agent enrols with."""

    token: Text
    name: Text
    key: Annotated[str, StringConstraints(pattern=HEX)]
    version: Text


class WorkSaid(Said):
    """What an agent says when it asks for work."""

    model_config = ConfigDict(strict=True, extra="forbid")
    have: Text
    offset: Whole | None
    trip: Whole
    oldest: Whole
    latest: Whole
    acknowledged: Whole
    version: Text
    told: dict[str, Any]


@router.get("/agent/v1/clock", include_in_schema=False)
def get_clock(request: Request) -> dict[str, Any]:
    """The hub's clock."""
    hub = hub_of(request)
    received = hub.clock()
    return _json(Clock(received, hub.clock()))


@router.post("/agent/v1/enrol", include_in_schema=False)
async def post_enrol(request: Request) -> dict[str, Any]:
    """Enrol an agent."""

    def answer(signed: SignedRequest) -> object:
        said = _said(EnrolSaid, signed.body)
        asked = Enrolment(said.token, said.name, bytes.fromhex(said.key), said.version)
        return enrol(hub_of(request).core, signed, asked)

    return await _answered(request, answer)


@router.post("/agent/v1/work", include_in_schema=False)
async def post_work(request: Request) -> dict[str, Any]:
    """What an agent is to do."""

    def answer(signed: SignedRequest) -> object:
        said = _said(WorkSaid, signed.body)
        return work(hub_of(request).core, signed, WorkAsked(**said.model_dump()))

    return await _answered(request, answer)


@router.post("/agent/v1/lists", include_in_schema=False)
async def post_list(request: Request) -> dict[str, Any]:
    """A list of checks, which batches name."""
    return await _answered(request, lambda signed: take_list(hub_of(request).core, signed))


@router.post("/agent/v1/batches", include_in_schema=False)
async def post_batch(request: Request) -> dict[str, Any]:
    """A batch."""
    headers = dict(request.headers)

    def answer(signed: SignedRequest) -> object:
        return take_batch(hub_of(request).core, signed, read_signature(headers, BATCH_SIGNATURE))

    return await _answered(request, answer)


async def _answered(request: Request, answer: Callable[[SignedRequest], object]) -> dict[str, Any]:
    hub, claimed = hub_of(request), request.headers.get(LOCATION, "")
    hub.core.paces.must_not_owe(claimed, hub.clock())  # before its body is read
    body = await request.body()
    try:
        signed = read_request(request.method, request.url.path, dict(request.headers), body)
        async with hub.lanes.lane(claimed):
            return _json(await run_in_threadpool(answer, signed))
    except ValueError as wrong:
        raise refused("malformed", "request", str(wrong)) from None


def _said(shape: type[Any], body: bytes) -> Any:
    try:
        return shape.model_validate_json(body)
    except ValidationError as wrong:
        found = invalid(wrong.errors(), shape)
        raise Refused([replace(one, code="malformed") for one in found]) from None


def _json(value: Any) -> dict[str, Any]:
    """An answer of a use case as JSON: bytes in hexadecimal, a head as its document."""
    found: dict[str, Any] = {}
    for field in fields(value):
        one = getattr(value, field.name)
        found[field.name] = (
            one.document() if isinstance(one, SignedHead) else one.hex() if isinstance(one, bytes) else one
        )
    return found


@router.get("/api/v1/locations")
def get_locations(request: Request) -> list[LocationTold]:
    """Every agent that was ever enrolled, and how it is."""
    return [
        LocationTold(
            location=one.location, operator=one.operator, state=one.state.value, why=one.why, key=one.key.hex(),
            enrolled=written(one.enrolled), seen=written(one.seen), version=one.version, offset_us=one.offset,
        )
        for one in all_agents(hub_of(request).store)
    ]  # fmt: skip


@router.post("/api/v1/locations", status_code=201)
def post_location(request: Request, said: NewEnrolment) -> EnrolmentMade:
    """A token that enrols one agent, once; it is shown this once."""
    hub = hub_of(request)
    lasts = said.hours * HOUR
    now = hub.clock()
    token = new_token(
        hub.store, location=said.location or "", operator=said.operator, by=caller(request).name, now=now, lasts=lasts
    )
    return EnrolmentMade(token=token, expires=written(now + lasts))


@router.delete("/api/v1/locations/{location}", status_code=204)
def delete_location(request: Request, location: str, because: Annotated[str, Field(max_length=200)] = "") -> None:
    """Revoke the agent of a location: nothing more is taken from it."""
    who = caller(request).name
    if not revoke(hub_of(request).store, location, because or f"revoked by {who}"):
        raise refused("not-found", "location", f"no agent is active at `{location}`")
