"""Use case: deliver what is in the outbox, by any number of processes, each channel for itself.

A channel that is slow or dead holds up none but its own messages: it has its own loop, its own number of messages at a
time, and a deadline for each. What became of a notice is recorded as a fact in the transaction that settles it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from makegood.app.acknowledging import links
from makegood.door.policy import Policy
from makegood.engine.alerting.alert import Note
from makegood.model.alerts import Alerts, Channel
from makegood.model.facts import Notice
from makegood.model.messages import Accepted, Message, MessageKind, Outcome
from makegood.model.problem import Refused
from makegood.model.spans import DAY, SECOND, Duration, Instant
from makegood.notify.context import Context
from makegood.notify.sending import send
from makegood.store.opened import Store
from makegood.store.sql import alerts as kept
from makegood.store.sql import outbox
from makegood.store.sql.database import Unusable, writing
from makegood.store.sql.outbox import Leased
from makegood.store.sql.store import Appended

SPARE: Duration = 30 * SECOND
"""How much longer than an attempt a lease lasts, for what comes after it."""
PAUSE = 1.0
"""Seconds after which an empty outbox is looked at again."""
KEPT = 400 * DAY
"""How long the outbox remembers what it sent."""
AUTHOR = "makegood"
AWAY = (DBAPIError, Refused, Unusable)
"""What is raised while the database is away."""


class _Lost(Exception):
    """Somebody else has won the message since: nothing of this attempt is written down."""


@dataclass(frozen=True)
class Delivery:
    """What delivering needs: the store, the file of alerts in force (asked for each time), and what channels are given.

    `told` hears of each attempt, for logs and metrics.
    """

    store: Store
    alerts: Callable[[], Alerts]
    context: Context
    told: Callable[[Channel, Message, Outcome], None] = lambda _channel, _message, _outcome: None


def context_for(
    store: Store, policy: Policy, secret: Callable[[str], str | None], clock: Callable[[], Instant]
) -> Context:
    """What channels are given where a store sends: its links are made with the store's key."""
    return Context(policy, secret, clock, links(store.key))


async def deliver(delivery: Delivery, stop: asyncio.Event, pause: float = PAUSE) -> None:
    """Deliver until told to stop; what is under way then is given the time of its attempt, and settled."""
    running: dict[str, asyncio.Task[None]] = {}
    while not stop.is_set():
        alerts = await _in_force(delivery)
        if alerts is not None:
            with suppress(*AWAY):
                await asyncio.to_thread(_give_up, delivery, alerts)
        for channel in alerts.channels if alerts is not None else ():
            if channel.name not in running or running[channel.name].done():
                running[channel.name] = asyncio.create_task(_serve(delivery, channel.name, stop, pause))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
    await asyncio.gather(*running.values(), return_exceptions=True)


async def deliver_due(delivery: Delivery, most: int = 1000) -> int:
    """Deliver what is due now, each message once, and return; how many were attempted."""
    alerts = await asyncio.to_thread(delivery.alerts)
    await asyncio.to_thread(_give_up, delivery, alerts)
    counts = await asyncio.gather(*(_drain(delivery, c, most) for c in alerts.channels))
    return sum(counts)


async def _in_force(delivery: Delivery) -> Alerts | None:
    """The alerts in force; None while the database is away."""
    try:
        return await asyncio.to_thread(delivery.alerts)
    except AWAY:
        return None


def _give_up(delivery: Delivery, alerts: Alerts) -> None:
    """Let messages to channels that are gone be seen as dead, when their time is over."""
    channels = [channel.name for channel in alerts.channels]
    outbox.give_up(delivery.store.engine, channels, delivery.context.clock())


async def _drain(delivery: Delivery, channel: Channel, most: int) -> int:
    slots, count = asyncio.Semaphore(channel.at_once), 0

    async def one(leased: Leased) -> None:
        async with slots:
            await _attempt(delivery, channel, leased)

    while count < most and (won := await _win(delivery, channel, min(channel.at_once, most - count))):
        await asyncio.gather(*map(one, won))
        count += len(won)
    return count


async def _serve(delivery: Delivery, name: str, stop: asyncio.Event, pause: float) -> None:
    """One channel: as many messages at a time as it may have, until it is told to stop or the channel is gone."""
    under_way: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        alerts = await _in_force(delivery)
        channel = alerts.channel(name) if alerts is not None else None
        if alerts is not None and channel is None:
            break
        won: list[Leased] = []
        if channel is not None and (free := channel.at_once - len(under_way)) > 0:
            with suppress(*AWAY):  # the database is away for a while; the messages wait
                won = await _win(delivery, channel, free)
        under_way |= {asyncio.create_task(_attempt(delivery, channel, one)) for one in won if channel is not None}
        waits = {*under_way, asyncio.create_task(stop.wait())}
        done, _ = await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        under_way -= done
        for task in waits - under_way - done:
            task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


async def _win(delivery: Delivery, channel: Channel, most: int) -> list[Leased]:
    lasting = channel.timeout + SPARE
    now = delivery.context.clock()
    return await asyncio.to_thread(outbox.lease, delivery.store.engine, channel.name, now, lasting, most)


async def _attempt(delivery: Delivery, channel: Channel, leased: Leased) -> None:
    outcome = await send(channel, leased.message, delivery.context)
    with suppress(*AWAY, _Lost):  # the lease runs out, and it is tried again
        await asyncio.to_thread(settle, delivery.store, leased, outcome)
    delivery.told(channel, leased.message, outcome)


def settle(store: Store, leased: Leased, outcome: Outcome) -> None:
    """Write down what became of an attempt: a notice's acceptance or bounce as a fact, an alert's failure as a note.

    Raises `_Lost` where somebody else has won the message since.
    """
    write = partial(_settle, leased=leased, outcome=outcome)
    if leased.message.kind is MessageKind.NOTICE and leased.ends(outcome):
        facts = [notice_of(leased.message, outcome)]
        store.append(Appended(AUTHOR, facts), outcome.at, lambda connection, _: write(connection))
        return
    with writing(store.engine) as connection:
        write(connection)


def _settle(connection: Connection, leased: Leased, outcome: Outcome) -> None:
    message = leased.message
    if message.kind is MessageKind.ALERT and not isinstance(outcome, Accepted) and leased.ends(outcome):
        kept.lock(connection)
        by = f" by {message.channel}" if message.channel != message.name else ""
        said = Note(outcome.at, f"{message.name} could not be told{by}", outcome.why)
        kept.note(connection, message.thread, [said])
    if not outbox.settle(connection, leased, outcome):
        raise _Lost


def notice_of(message: Message, outcome: Outcome) -> Notice:
    """The fact that a notice was accepted by the receiving server at an instant, or came back."""
    accepted = outcome.at if isinstance(outcome, Accepted) else None
    name = f"notice-{message.id}"
    return Notice(
        name, outcome.at, AUTHOR, of=message.thread, to=message.address, accepted=accepted, order=message.order
    )


def forget(store: Store, now: Instant) -> int:
    """Take away what was sent, or given up, longer ago than the outbox remembers; how many messages."""
    with writing(store.engine) as connection:
        return outbox.forget(connection, now - KEPT)
