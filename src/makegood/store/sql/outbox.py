"""The outbox: messages that are to be sent, written with what causes them, and never lost until they are taken.

Work is won by compare-and-set: a lease counts the epoch of its message up, and only who has the latest one may settle
it. A lease that ran out is won by others, so a message may be sent twice, under one id, and never not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, delete, exists, func, insert, select, update

from makegood.engine.alerting.retrying import next_attempt
from makegood.exchange.message_json import message_bytes, message_from
from makegood.model.messages import Accepted, Kept, Message, Outcome
from makegood.model.spans import Duration, Instant
from makegood.store.sql.database import reading, writing
from makegood.store.sql.notify_tables import outbox

WAITING, SENT, DEAD = "waiting", "sent", "dead"


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that is ours to send for a while, at its n-th attempt; it is given up at `until`."""

    message: Message
    epoch: int
    attempt: int
    until: Instant

    def ends(self, outcome: Outcome) -> bool:
        """Whether an outcome is the last one: it was taken, or nobody will try again."""
        if isinstance(outcome, Accepted):
            return True
        return outcome.for_good or next_attempt(self.message.id, self.attempt, outcome.at) > self.until


def put(connection: Connection, message: Message, cause: str, until: Instant) -> bool:
    """Add a message in the transaction of what causes it, once for each cause; False where it was there already.

    It is tried from when it was made, and given up at `until`.
    """
    if connection.execute(select(outbox.c.id).where(outbox.c.cause == cause)).scalar() is not None:
        return False
    connection.execute(
        insert(outbox).values(
            id=message.id, cause=cause, channel=message.channel, kind=message.kind.value, thread=message.thread,
            address=message.address,
            state=WAITING, made=message.made, due=message.made, until=until, attempts=0, epoch=0, leased=0,
            settled=None, said="", body=message_bytes(message),
        )
    )  # fmt: skip
    return True


def lease(engine: Engine, channel: str, now: Instant, lasting: Duration, most: int) -> list[Leased]:
    """Win up to so many messages of a channel that are due, the earliest first, each for a while.

    What belongs together reaches one address in order: a message waits while an earlier one is due or under way. It
    does not wait for one that was not taken and is to be tried again later.
    """
    c, found, before = outbox.c, list[Leased](), outbox.alias("earlier")
    earlier = exists().where(
        before.c.channel == channel, before.c.thread == c.thread, before.c.address == c.address,
        before.c.state == WAITING, before.c.due <= now, before.c.made < c.made,
    )  # fmt: skip
    due = and_(c.state == WAITING, c.channel == channel, c.due <= now, c.leased <= now, ~earlier)
    with reading(engine) as connection:
        if connection.execute(select(c.id).where(due).limit(1)).scalar() is None:
            return []
    with writing(engine) as connection:
        asked = select(c.id, c.epoch, c.attempts, c.until, c.body).where(due).order_by(c.due, c.made, c.id).limit(most)
        for key, epoch, attempts, until, body in connection.execute(asked).all():
            won = connection.execute(
                update(outbox)
                .where(c.id == key, c.epoch == epoch, due)
                .values(epoch=epoch + 1, attempts=attempts + 1, leased=now + lasting)
            )
            if won.rowcount == 1:
                found.append(Leased(message_from(bytes(body)), epoch + 1, attempts + 1, until))
    return found


def settle(connection: Connection, leased: Leased, outcome: Outcome) -> bool:
    """Write down what became of an attempt; False where somebody else has won the message since, or settled it."""
    key = leased.message.id
    if isinstance(outcome, Accepted):
        values: dict[str, object] = {"state": SENT, "settled": outcome.at, "said": outcome.said, "leased": 0}
    else:
        values = {"said": outcome.why, "leased": 0}
        if leased.ends(outcome):
            values |= {"state": DEAD, "settled": outcome.at}
        else:
            values |= {"due": next_attempt(key, leased.attempt, outcome.at)}
    mine = and_(outbox.c.id == key, outbox.c.epoch == leased.epoch, outbox.c.state == WAITING)
    return connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1


def give_up(engine: Engine, channels: Collection[str], now: Instant) -> int:
    """Give up what waits for a channel that is none of these, when its time is over; how many messages.

    Of a channel that there is, every message is tried once more, however late.
    """
    lost = and_(outbox.c.state == WAITING, outbox.c.channel.not_in(list(channels)), outbox.c.until < now)
    with reading(engine) as connection:
        if connection.execute(select(outbox.c.id).where(lost).limit(1)).scalar() is None:
            return 0
    values = {"state": DEAD, "settled": now, "said": "its channel is in no file of alerts any more"}
    with writing(engine) as connection:
        return connection.execute(update(outbox).where(lost).values(**values)).rowcount


def again(connection: Connection, messages: Iterable[str], now: Instant, until: Instant) -> int:
    """Let dead messages be tried once more, from now on; how many were dead."""
    count = 0
    for key in messages:
        dead = and_(outbox.c.id == key, outbox.c.state == DEAD)
        values = {"state": WAITING, "due": now, "until": until, "attempts": 0, "settled": None}
        count += connection.execute(update(outbox).where(dead).values(**values)).rowcount
    return count


def kept(connection: Connection, *states: str, thread: str = "") -> list[Kept]:
    """The messages in some states, or all, the earliest first; of one thread where it is named."""
    c = outbox.c
    asked = select(c.body, c.state, c.attempts, c.due, c.settled, c.said).order_by(c.made, c.id)
    asked = asked.where(c.state.in_(states)) if states else asked
    asked = asked.where(c.thread == thread) if thread else asked
    return [Kept(message_from(bytes(body)), *rest) for body, *rest in connection.execute(asked).all()]


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many messages there are by channel and state."""
    asked = select(outbox.c.channel, outbox.c.state, func.count()).group_by(outbox.c.channel, outbox.c.state)
    return {(channel, state): count for channel, state, count in connection.execute(asked).all()}


def forget(connection: Connection, before: Instant) -> int:
    """Take away messages that were taken, or given up, before an instant; how many."""
    old = and_(outbox.c.state != WAITING, outbox.c.settled < before)
    return connection.execute(delete(outbox).where(old)).rowcount
