"""Use case: what alerts there are, who was told of them and how, for whoever may read it.

A tenant sees of an alert what is about its services and orders alone, and not whom the provider told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from makegood.app.acknowledging import acknowledged
from makegood.app.tokens import Caller
from makegood.engine.alerting.alert import Alert, Condition, Note
from makegood.model.alerts import Alerts, Mute, Trigger
from makegood.model.messages import Kept
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import DAY, Duration, Instant
from makegood.store.opened import Store
from makegood.store.sql import alerts as kept
from makegood.store.sql import outbox
from makegood.store.sql.database import reading

LATELY: Duration = 30 * DAY
"""How long an alert that is over is listed."""
MOST = 100
"""Alerts that are over, and dead messages, of which a list has the latest."""
_OF_SERVICES = (Trigger.OUTAGE, Trigger.ERROR_RATE, Trigger.LATENCY, Trigger.THROUGHPUT, Trigger.CERTIFICATE)


@dataclass(frozen=True)
class Listed:
    """The alerts that are open and those that were over lately, mutes that run, and messages that are dead."""

    running: tuple[Alert, ...]
    over: tuple[Alert, ...]
    mutes: tuple[Mute, ...] = ()
    dead: tuple[Kept, ...] = ()


@dataclass(frozen=True)
class Told:
    """One alert: what was decided about it, the messages about it, and the mutes that silence some of it now."""

    alert: Alert
    notes: tuple[Note, ...] = ()
    messages: tuple[Kept, ...] = ()
    mutes: tuple[Mute, ...] = ()


def listed(store: Store, alerts: Alerts, caller: Caller, now: Instant) -> Listed:
    """What a caller may see of all alerts."""
    with reading(store.engine) as connection:
        running = _seen(kept.open_alerts(connection), alerts, caller)
        over = _seen(kept.recent_alerts(connection, now - LATELY, MOST), alerts, caller)
        if not caller.whole:
            return Listed(running, over)
        mutes = [one for one in kept.mutes(connection, now) if one.released is None]
        dead = outbox.kept(connection, outbox.DEAD)[-MOST:]
    return Listed(running, over, tuple(mutes), tuple(reversed(dead)))


def told_of(store: Store, alerts: Alerts, caller: Caller, key: str, now: Instant) -> Told:
    """What a caller may see of one alert. Raises Refused where there is none, or none of the caller's business."""
    with reading(store.engine) as connection:
        held = kept.one(connection, key)
        found = _seen([held.alert] if held is not None else [], alerts, caller)
        if not found:
            raise Refused([error("unknown-alert", Place("id"), "there is no such alert")])
        if not caller.whole:
            return Told(found[0])
        subjects, rule = {one.subject for one in found[0].conditions}, found[0].rule
        mutes = [
            one
            for one in kept.mutes(connection, now)
            if one.released is None
            and (not one.subjects or subjects & {*one.subjects})
            and (not one.rules or rule in one.rules)
        ]
        notes = kept.notes(connection, key)
        return Told(found[0], tuple(notes), tuple(outbox.kept(connection, thread=key)), tuple(mutes))


def take_care(store: Store, alerts: Alerts, caller: Caller, key: str, now: Instant) -> Told:
    """Acknowledge an alert as a caller. Raises Refused as `told_of` does."""
    told_of(store, alerts, caller, key, now)
    acknowledged(store, key, caller.name, now)
    return told_of(store, alerts, caller, key, now)


def _seen(some: Sequence[Alert], alerts: Alerts, caller: Caller) -> tuple[Alert, ...]:
    if caller.whole:
        return tuple(some)
    return tuple(found for one in some if (found := _of_tenant(one, alerts, caller)) is not None)


def _of_tenant(one: Alert, alerts: Alerts, caller: Caller) -> Alert | None:
    """What of an alert is a tenant's business; None where nothing is. Of a rule that is gone nobody knows what its
    subjects are."""
    rule = alerts.rule(one.rule)
    if rule is None:
        return None
    conditions = [found for each in one.conditions if (found := _condition(each, rule.on, caller)) is not None]
    return replace(one, conditions=tuple(conditions), told=(), fresh=(), withheld="") if conditions else None


def _condition(one: Condition, on: Trigger, caller: Caller) -> Condition | None:
    if on is Trigger.BUDGET:
        return one if one.subject.partition(": ")[0] in caller.orders else None
    if on not in _OF_SERVICES or one.subject not in caller.services:
        return None
    if on is not Trigger.OUTAGE:
        return one
    seen_by, parts = (tuple(name for name in some if name in caller.orders) for some in (one.seen_by, one.parts))
    return replace(one, seen_by=seen_by, parts=parts) if seen_by else None
