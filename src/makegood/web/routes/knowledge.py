"""What the store knows: facts, the head of its log, services, outages and statements; and facts added to it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from makegood.app.business import concerns, foreign, hidden
from makegood.app.recording import record_in
from makegood.app.roles import May
from makegood.app.tokens import Caller
from makegood.exchange.fact_json import fact_to_json
from makegood.exchange.moments import written
from makegood.model.facts import AnyFact
from makegood.model.problem import Problem
from makegood.model.spans import SECOND
from makegood.model.status import ServiceStatus
from makegood.store.opened import Store
from makegood.store.sql import issuing
from makegood.store.sql.database import reading
from makegood.store.sql.relating import related
from makegood.store.sql.store import facts_from, recorders
from makegood.web.allowed import caller, hub_of
from makegood.web.errors import refused
from makegood.web.hub import WebHub
from makegood.web.shapes import ONE_WORD, FactsTold, OutageTold, ReasonTold, Recorded, ServiceTold, StatementTold

router = APIRouter(prefix="/api/v1", tags=["knowledge"])

MEDIA = ("application/yaml", "application/json", "text/plain", "application/x-yaml", "text/yaml")
MOST_FACTS = 1_000
Size = Annotated[int, Query(ge=0, le=2**53)]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {MEDIA[0]: {"schema": {"type": "string", "description": "Facts, as in a file of them"}}},
    }
}


@router.get("/head")
def get_head(request: Request, size: Annotated[int | None, Query(ge=0, le=2**53)] = None) -> dict[str, Any]:
    """The signed head of the log: the latest, or that at a length of it."""
    found = hub_of(request).store.head(size)
    if found is None:
        raise refused("no-head", "size", "the log is empty" if size is None else "no head of this size was signed")
    return found.document()


@router.get("/facts")
def get_facts(request: Request, since: Size = 0, most: Annotated[int, Query(ge=1, le=MOST_FACTS)] = 100) -> FactsTold:
    """Facts that are the caller's business, in the order of the log, from a position on: the `next` of an answer.

    Beside what a fact says, `recorded_by` is who recorded it: the title of a token, or the author of an import.
    """
    store, who = hub_of(request).store, caller(request)
    size = store.size()
    mine = _mine(store, who, since, most + 1, size)
    told = mine[:most]
    following = told[-1][0] + 1 if len(mine) > most else None
    by = recorders(store.engine, [position for position, _ in told])
    facts = [{**fact_to_json(one), "recorded_by": by[position]} for position, one in told]
    return FactsTold(facts=facts, size=size, next=following)


def _mine(store: Store, who: Caller, since: int, most: int, size: int) -> list[tuple[int, AnyFact]]:
    """The first so many facts that are the caller's business, from a position on, of so many entries of the log."""
    found = list[tuple[int, AnyFact]]()
    while len(found) < most:
        part = facts_from(store.engine, since, max(most, 100))
        others = dict[str, AnyFact]()
        if not who.whole:
            with reading(store.engine) as connection:
                others = {one.id: one for one in related(connection, [one for _, one in part])}
        found += [(position, one) for position, one in part if position < size and concerns(who, one, others)]
        if len(part) < max(most, 100):
            break
        since = part[-1][0] + 1
    return found[:most]


@router.post("/facts", status_code=201, openapi_extra=_BODY, responses={200: {"model": Recorded}})
async def post_facts(
    request: Request,
    response: Response,
    idempotency_key: Annotated[str, Header(max_length=200, pattern=ONE_WORD)] = "",
    dry_run: Annotated[bool, Query()] = False,
) -> Recorded:
    """Record facts, written as in a file of them: all or none. With an `Idempotency-Key` it is safe to send again."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in MEDIA:
        raise refused("unsupported-media", "content-type", "this takes facts as text", "", f"send them as {MEDIA[0]}")
    told = await run_in_threadpool(
        _record, hub_of(request), caller(request), await request.body(), idempotency_key, dry_run
    )
    response.status_code = 201 if told.new and not dry_run else 200
    return told


def _record(hub: WebHub, who: Caller, raw: bytes, key: str, dry_run: bool) -> Recorded:
    everything = who.may(May.RECORD)

    def refuses(facts: list[AnyFact], there: Any) -> list[Problem]:
        return foreign(who, facts, there, everything) + ([] if who.whole else hidden(store, facts, there))

    store = hub.store
    key = f"{who.token.id}:{key}" if key else ""
    done = record_in(
        store, raw, "body", now=hub.clock(), by=who.name, key=key, dry_run=dry_run, refuses=refuses,
        knows=None if who.whole else lambda one, others: concerns(who, one, others), author=who.name,
    )  # fmt: skip
    head = store.head() if who.whole else None
    first = done.positions.start if len(done.positions) else None
    return Recorded(
        new=done.new, duplicate=done.duplicate, first_position=first, head=head.document() if head is not None else None
    )


@router.get("/services")
def get_services(request: Request) -> list[ServiceTold]:
    """The services that are the caller's business, and the state of each."""
    hub = hub_of(request)
    now = hub.clock()
    return [
        ServiceTold(
            name=one.name, title=one.title, state=one.state.value,
            since=written(one.since) if one.since is not None else None, maintenance=one.in_maintenance(now),
        )
        for one in _services(hub, caller(request))
    ]  # fmt: skip


@router.get("/outages")
def get_outages(request: Request) -> list[OutageTold]:
    """The outages of the last 90 days of those services, the latest first."""
    found = [(one.name, outage) for one in _services(hub_of(request), caller(request)) for outage in one.outages]
    return [
        OutageTold(
            service=name, begin=written(one.begin), end=written(one.end) if one.end is not None else None,
            excused_seconds=one.excused // SECOND, because=list(one.because),
            reasons=[
                ReasonTold(
                    check=f.check, location=f.location, reason=f.reason.word, status=f.status or None,
                    begun=written(f.begun),
                )
                for f in one.failures
            ],
        )
        for name, one in sorted(found, key=lambda pair: -pair[1].begin)
    ]  # fmt: skip


def _services(hub: WebHub, who: Caller) -> list[ServiceStatus]:
    return [one for one in hub.live.services() if who.whole or one.name in who.services]


@router.get("/statements")
def get_statements(request: Request) -> list[StatementTold]:
    """The statements that were given, of the caller's orders."""
    who = caller(request)
    with reading(hub_of(request).store.engine) as connection:
        given = issuing.issued(connection, None)
    return [
        StatementTold(number=one.number, order=one.order, period=one.period, size=one.size, at=written(one.at))
        for one in given
        if who.whole or one.order in who.orders
    ]


@router.get("/statements/{number}")
def get_statement(request: Request, number: int) -> dict[str, Any]:
    """One of them, the JSON that was given."""
    who = caller(request)
    with reading(hub_of(request).store.engine) as connection:
        given = issuing.issued(connection, number) if 0 <= number < 2**63 else []
    if not given or not (who.whole or given[0].order in who.orders):
        raise refused("no-statement", "number", f"no statement of number {number} was given")
    said: dict[str, Any] = json.loads(given[0].body)
    return said
