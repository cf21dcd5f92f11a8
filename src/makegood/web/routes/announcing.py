"""Planned work, announced over HTTP: `makegood announce` for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from makegood.app.announcing import Asked, announce_work, announcement
from makegood.app.business import taken
from makegood.model.facts import Maintenance
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Span
from makegood.render.announcing import announcement_document
from makegood.web.allowed import caller, hub_of
from makegood.web.errors import refused
from makegood.web.moments import moment
from makegood.web.shapes import MaintenanceTold, NewMaintenance

router = APIRouter(prefix="/api/v1", tags=["knowledge"])


@router.post("/maintenances", status_code=201, responses={200: {"model": MaintenanceTold}})
def post_maintenance(
    request: Request, response: Response, said: NewMaintenance, dry_run: Annotated[bool, Query()] = False
) -> MaintenanceTold:
    """Record planned work, and send notices of it to the contacts of orders: all or nothing. Sending it again adds
    nothing; `?dry_run=true` only says who would be told, and what each agreement would make of it."""
    hub, who = hub_of(request), caller(request)
    start, end, now = moment(said.start, "start"), moment(said.end, "end"), hub.clock()
    if end <= start:
        raise refused("invalid", "end", "the work would end before it starts", "", "write a later end")
    if not who.whole and (foreign := [name for name in said.services if name not in who.services]):
        what, hint = "is no service of this token's tenant", "ask an administrator to add it to the tenant"
        raise Refused([error("forbidden", Place("services"), f"`{name}` {what}", "", hint) for name in foreign])
    work = Maintenance(
        said.id, now, who.name, services=tuple(dict.fromkeys(said.services)), announced=Span(start, end),
        kind=said.kind, purpose=said.purpose,
    )  # fmt: skip
    if problems := taken(hub.store, who, work):
        raise Refused(problems)
    only = None if who.whole else who.orders
    made = announcement(hub.store, Asked(work, tuple(said.orders), said.text, said.channel, only), now)
    count = 0 if dry_run else announce_work(hub.store, made, who.name, now)
    if not count:
        response.status_code = 200
    return MaintenanceTold(id=made.work.id, orders=announcement_document(made.work, made.told), notices=count)
