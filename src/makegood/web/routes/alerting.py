"""Alerts and mutes for programs: who is told of what, who takes care, and what is silenced."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request

from makegood.app.alerts_shown import Told, listed, take_care, told_of
from makegood.app.muting import must_be_known, mute, release
from makegood.engine.alerting.alert import Alert
from makegood.exchange.moments import written
from makegood.model.alerts import Mute
from makegood.model.messages import Kept
from makegood.model.spans import Span
from makegood.web.allowed import caller, hub_of
from makegood.web.moments import moment
from makegood.web.shapes import (
    AcknowledgedTold,
    AlertTold,
    AlertWhole,
    ConditionTold,
    MessageTold,
    MuteTold,
    NewMute,
    NoteTold,
)

router = APIRouter(prefix="/api/v1", tags=["alerts"])


@router.get("/alerts")
def get_alerts(request: Request, state: Literal["open", "over", "all"] = "all") -> list[AlertTold]:
    """The alerts that are open, the earliest first, and those that were over in the last 30 days, the latest first."""
    hub = hub_of(request)
    found = listed(hub.store, hub.alerts(), caller(request), hub.clock())
    some = {"open": found.running, "over": found.over, "all": (*found.running, *found.over)}[state]
    return [AlertTold(**_alert(one)) for one in some]


@router.get("/alerts/{id}")
def get_alert(request: Request, id: str) -> AlertWhole:  # noqa: A002 -- of the path
    """One alert, and what became of it. A tenant is told of its own services and orders, and not who else was."""
    hub = hub_of(request)
    return _whole(told_of(hub.store, hub.alerts(), caller(request), id, hub.clock()))


@router.post("/alerts/{id}/acknowledge")
def post_acknowledge(request: Request, id: str) -> AlertWhole:  # noqa: A002 -- of the path
    """Take care of an alert: nobody further is told of it. Doing it again says so, and changes nothing."""
    hub = hub_of(request)
    return _whole(take_care(hub.store, hub.alerts(), caller(request), id, hub.clock()))


@router.get("/mutes")
def get_mutes(request: Request) -> list[MuteTold]:
    """The mutes that run; a tenant sees none."""
    hub = hub_of(request)
    return [_mute(one) for one in listed(hub.store, hub.alerts(), caller(request), hub.clock()).mutes]


@router.post("/mutes", status_code=201)
def post_mute(request: Request, said: NewMute) -> MuteTold:
    """Silence alerts for a while; what is measured and owed never changes by it."""
    hub, now = hub_of(request), hub_of(request).clock()
    span = Span(now, max(now, moment(said.until, "until")))
    must_be_known(hub.store, said.services, said.rules)
    return _mute(mute(hub.store, said.services, said.rules, span, caller(request).name, said.because, now))


@router.delete("/mutes/{id}", status_code=204)
def delete_mute(request: Request, id: str) -> None:  # noqa: A002 -- of the path
    """End a mute now."""
    hub = hub_of(request)
    release(hub.store, id, caller(request).name, hub.clock())


def _whole(found: Told) -> AlertWhole:
    return AlertWhole(
        **_alert(found.alert),
        notes=[NoteTold(at=written(one.at), what=one.what, why=one.why) for one in found.notes],
        messages=[_message(one) for one in found.messages],
        mutes=[_mute(one) for one in found.mutes],
    )


def _alert(one: Alert) -> dict[str, Any]:
    by = one.acknowledged
    return {
        "id": one.id, "rule": one.rule, "opened": written(one.opened), "told": list(one.told),
        "closed": written(one.closed) if one.closed is not None else None,
        "acknowledged": AcknowledgedTold(by=by.by, at=written(by.at)) if by is not None else None,
        "conditions": [
            ConditionTold(
                subject=each.subject, since=written(each.since), orders=[p for p in each.seen_by if p != each.subject],
                ended=written(each.ended) if not each.open and each.ended is not None else None, says=each.says,
                retracted=each.retracted,
            )
            for each in one.conditions
        ],
    }  # fmt: skip


def _message(one: Kept) -> MessageTold:
    return MessageTold(
        id=one.message.id, to=one.message.name, channel=one.message.channel, subject=one.message.subject,
        state=one.state, made=written(one.message.made), attempts=one.attempts, said=one.said,
        settled=written(one.settled) if one.settled is not None else None,
    )  # fmt: skip


def _mute(one: Mute) -> MuteTold:
    return MuteTold(
        id=one.id, services=list(one.subjects), rules=list(one.rules), since=written(one.span.start),
        until=written(one.until), by=one.by, because=one.because,
    )  # fmt: skip
