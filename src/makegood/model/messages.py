"""Messages: what is sent to whom, by which channel, and what became of it. Instants are µs UTC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from makegood.model.spans import Instant


class MessageKind(StrEnum):
    """What a message is for."""

    ALERT = "alert"
    NOTICE = "notice"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Told:
    """One condition as a message tells it: a subject, since when, until when (None while it lasts), who sees it."""

    subject: str
    since: Instant
    ended: Instant | None = None
    orders: tuple[str, ...] = ()
    says: str = ""
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one recipient. `id` stays the same at each attempt, so that receivers can tell duplicates.

    `name` is who is told, `address` where on the channel (empty where it has one receiver). `thread` is what belongs
    together (an alert, a maintenance), `number` counts in it, `state` says why this message is sent. `link` is a page
    about it, `acknowledge` the part of a link before the token that the sending program adds. A notice is about a
    maintenance, `thread`, for an `order`.
    """

    id: str
    channel: str
    name: str
    address: str
    subject: str
    text: str
    made: Instant
    kind: MessageKind = MessageKind.ALERT
    thread: str = ""
    number: int = 0
    rule: str = ""
    state: str = ""
    over: bool = False
    conditions: tuple[Told, ...] = ()
    link: str = ""
    acknowledge: str = ""
    order: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took it, at an instant by our clock. `said` is its answer, in one line."""

    at: Instant
    said: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not taken. `for_good` says that trying again cannot help: the other side refuses this receiver."""

    at: Instant
    why: str
    for_good: bool = False


Outcome: TypeAlias = Accepted | Failed


@dataclass(frozen=True, slots=True)
class Kept:
    """A message with what became of it: `said` is the last answer or failure, `due` when it is tried next, `settled`
    when it was taken or given up."""

    message: Message
    state: str
    attempts: int
    due: Instant
    settled: Instant | None
    said: str
