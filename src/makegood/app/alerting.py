"""Use case: what happens becomes alerts, and alerts become messages in the outbox, in one transaction with their cause.

`take` and `look` are given the connection of the transaction that writes what they hear of. `tick` is called whenever
time has passed, by any number of processes. Each is done again where `Overtaken` is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from secrets import token_hex

from sqlalchemy import Connection, Engine

from makegood.engine.alerting.alert import Alert, Change, Condition, Note, Turn, take
from makegood.engine.alerting.burn import burning, tells
from makegood.engine.alerting.course import Recipient, Tell, advance
from makegood.engine.alerting.looking import (
    Look,
    look,
    look_at_certificate,
    look_for_silence,
    outages,
    turned,
)
from makegood.engine.alerting.reaching import reached
from makegood.engine.budget import Budget
from makegood.model.alerts import Alerts, Mute, Rule, Trigger
from makegood.model.events import CertificateSeen, LocationHeard, OutageEvent, Recent
from makegood.model.messages import Message, Told
from makegood.model.spans import DAY, END_OF_TIME, Instant
from makegood.render.alerting import burn_words, look_words, subject_and_text
from makegood.store.sql import alerts as kept
from makegood.store.sql import outbox
from makegood.store.sql.alerts import Held, Overtaken
from makegood.store.sql.database import reading, writing

LATELY = 90 * DAY
"""How long after an alert was closed a retraction still finds it."""
LOOKED_AT = (Trigger.ERROR_RATE, Trigger.LATENCY, Trigger.THROUGHPUT)

__all__ = ["Overtaken", "heard", "look_at", "take_outages", "tick"]


def take_outages(connection: Connection, alerts: Alerts, events: Iterable[OutageEvent], now: Instant) -> None:
    """Let outages that opened, closed or were retracted take hold."""
    heard(connection, alerts, list(outages(alerts.rules, events)), now)


def look_at(
    connection: Connection,
    alerts: Alerts,
    now: Instant,
    *,
    recent: Sequence[Recent] | None = None,
    certificates: Sequence[CertificateSeen] | None = None,
    locations: Sequence[LocationHeard] | None = None,
    budgets: Sequence[Budget] | None = None,
) -> None:
    """Let every rule that looks at something look at what is given.

    What is given of one sort is all there is of it: what is open and not among it has ended. A sort that is not given
    is not looked at.
    """
    opened = _open_subjects(connection, alerts)
    found: dict[Trigger, Sequence[object] | None] = dict.fromkeys(LOOKED_AT, recent)
    found |= {Trigger.CERTIFICATE: certificates, Trigger.SILENT_LOCATION: locations, Trigger.BUDGET: budgets}
    changes: list[Change] = []
    for rule in alerts.rules:
        if (given := found.get(rule.on)) is not None:
            seen = [(one, words) for each in given for one, words in _looks(rule, each, now)]
            changes += turned(rule, seen, opened.get(rule.name, set()), now)
    heard(connection, alerts, changes, now)


def _looks(rule: Rule, given: object, now: Instant) -> Iterator[tuple[Look, str]]:
    """What a rule sees in one thing that it is about, in words."""
    match given:
        case Recent() if rule.concerns(given.service):
            seen = look(rule, given, now)
        case CertificateSeen() if rule.concerns(given.service):
            seen = look_at_certificate(rule, given, now)
        case LocationHeard() if rule.concerns(location=given.location):
            seen = look_for_silence(rule, given, now)
        case Budget() if tells(given) and rule.concerns(given.now.subject, given.now.order):
            burns = burning(given, rule.burn, now)
            name = f"{given.now.order}: {given.now.subject}, {given.now.commitment}"
            words = f"{given.now.period.label}: {burn_words(burns, now)}" if burns is not None else ""
            yield Look(name, burns.sure or None if burns is not None else False, now), words
            return
        case _:
            return
    yield seen, look_words(rule, seen, "UTC") if seen.value is not None else ""


def _open_subjects(connection: Connection, alerts: Alerts) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for held in kept.of_rules(connection, [rule.name for rule in alerts.rules], END_OF_TIME):
        found.setdefault(held.alert.rule, set()).update(c.subject for c in held.alert.open_conditions)
    return found


def heard(connection: Connection, alerts: Alerts, changes: Sequence[Change], now: Instant) -> None:
    """Let changes take hold of alerts, and see what each comes to; those of unknown rules are passed over."""
    if not changes:
        return
    kept.lock(connection)
    mutes = kept.mutes(connection, now)
    for name, several in groupby(sorted(changes, key=lambda c: c.rule), key=lambda c: c.rule):
        rule = alerts.rule(name)
        if rule is None:
            continue
        mine = list(several)
        since = now - LATELY if any(change.turn is Turn.RETRACTED for change in mine) else END_OF_TIME
        there = {held.alert.id: held for held in kept.of_rules(connection, [name], since)}
        taken = take([held.alert for held in there.values()], rule, mine, _ids())
        for changed in taken.alerts:
            notes = [note for key, note in taken.notes if key == changed.id]
            kept.note(connection, changed.id, notes)
            _advance(connection, alerts, there.get(changed.id, Held(changed)), changed, mutes, now)


def tick(engine: Engine, alerts: Alerts, now: Instant) -> int:
    """Let every alert that is due come to what it comes to by now; how many there were."""
    with reading(engine) as connection:
        if not kept.due(connection, now):
            return 0
    with writing(engine) as connection:
        kept.lock(connection)
        mutes, due = kept.mutes(connection, now), kept.due(connection, now)
        for held in due:
            _advance(connection, alerts, held, held.alert, mutes, now)
    return len(due)


def _advance(
    connection: Connection, alerts: Alerts, held: Held, alert: Alert, mutes: Sequence[Mute], now: Instant
) -> None:
    rule = alerts.rule(alert.rule)
    escalation = alerts.escalation(rule.tell) if rule is not None else None
    if rule is None or escalation is None:
        kept.note(connection, alert.id, [Note(now, "it is over, and nobody is told", "its rule is gone")])
        kept.save(connection, held, replace(alert, closed=now), None)
        return
    found = advance(alert, rule, escalation, mutes, lambda names, at: reached(alerts, names, at), now)
    for tell in found.tells:
        for recipient in tell.recipients:
            _put(connection, alerts, rule, found.alert, tell, recipient, now)
    kept.note(connection, alert.id, found.notes)
    kept.save(connection, held, found.alert, found.due)


def _put(
    connection: Connection, alerts: Alerts, rule: Rule, alert: Alert, tell: Tell, recipient: Recipient, now: Instant
) -> None:
    channel = alerts.channel(recipient.channel)
    assert channel is not None
    message = message_for(alerts, rule, alert, tell, recipient, now)
    cause = f"alert/{alert.id}/{tell.number}/{recipient.channel}/{recipient.name}/{recipient.address}"
    outbox.put(connection, message, cause, now + channel.give_up)


def message_for(alerts: Alerts, rule: Rule, alert: Alert, tell: Tell, recipient: Recipient, now: Instant) -> Message:
    """The message of a telling to one recipient, in their own zone, under a new id."""
    person = alerts.person(recipient.name)
    link = f"{alerts.link}/alerts/{alert.id}" if alerts.link else ""
    subject, text = subject_and_text(rule, alert, tell, person.zone if person is not None else "UTC", link, now)
    unanswered = alerts.link and alert.closed is None and alert.acknowledged is None
    return Message(
        token_hex(16), recipient.channel, recipient.name, recipient.address, subject, text, now, thread=alert.id,
        number=tell.number, rule=rule.name, state=tell.why.value, over=not any(c.open for c in tell.conditions),
        conditions=tuple(_told(c) for c in tell.conditions), link=link,
        acknowledge=f"{alerts.link}/acknowledge/" if unanswered else "",
    )  # fmt: skip


def _told(condition: Condition) -> Told:
    ended = None if condition.open else condition.ended
    orders = tuple(p for p in condition.seen_by if p != condition.subject)
    return Told(condition.subject, condition.since, ended, orders, condition.says, condition.retracted)


def _ids() -> Iterator[str]:
    while True:
        yield token_hex(8)
