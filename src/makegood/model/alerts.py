"""Who is told of what, how and when: channels, people, rotations, escalations, rules and mutes, as they are written.

Instants and lengths are µs; local times are those of the zone beside them. `makegood.exchange.alerts` reads them from a
file, `makegood.engine.alerting` says what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration, Instant, Span
from makegood.model.threshold import Threshold
from makegood.model.when import ClockTime, WeeklyWindow

NINE = ClockTime(9 * 3600)
"""When turns change where no other time is written."""


class Encryption(StrEnum):
    """How a connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Mail:
    """E-mail through one server. `password` may hold secrets by name."""

    server: str
    port: int
    sender: str
    encryption: Encryption = Encryption.STARTTLS
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of JSON to a URL, signed with a secret; both may hold secrets by name."""

    url: str
    secret: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat, or text messages, by a URL of the library Apprise; `{to}` in it is the address of a person."""

    url: str


class AlertmanagerForm(StrEnum):
    """In which of two formats alerts are sent: to an Alertmanager, or as one sends them."""

    API = "api"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """An Alertmanager at a URL, or what understands its webhook there."""

    url: str
    form: AlertmanagerForm = AlertmanagerForm.API
    headers: tuple[tuple[str, str], ...] = ()


Way: TypeAlias = Mail | Webhook | Chat | Alertmanager


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach somebody. `timeout` is that of one attempt, `at_once` how many run at a time, and after `give_up`
    a message that was never taken is dead."""

    name: str
    way: Way
    timeout: Duration = 30 * SECOND
    at_once: int = 4
    give_up: Duration = DAY

    @property
    def personal(self) -> bool:
        """Whether it needs the address of a person."""
        return isinstance(self.way, Mail) or (isinstance(self.way, Chat) and "{to}" in self.way.url)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one channel reaches a person; the address is empty where the channel needs none."""

    channel: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told, on every channel of `reach`. Times are shown in their zone."""

    name: str
    reach: tuple[Reach, ...]
    zone: str = "UTC"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns of so many `days`, the first from the hand-over on `starts`; within `hours` only if any."""

    people: tuple[str, ...]
    days: int
    starts: date
    at: ClockTime = NINE
    hours: tuple[WeeklyWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody who is on call in a span, whoever's turn it is."""

    person: str
    during: Span


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who is on call when. Of overrides that overlap the last written one counts; then the first layer that has
    somebody."""

    name: str
    zone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """People, rotations and channels that are told when nobody acknowledged for so long after the step before."""

    tell: tuple[str, ...]
    after: Duration = 0


@dataclass(frozen=True, slots=True)
class Escalation:
    """Steps, the first at once. With `repeat` all steps so far are told again and again until somebody acknowledges."""

    name: str
    steps: tuple[Step, ...]
    repeat: Duration | None = None


class Trigger(StrEnum):
    """What a rule looks at."""

    OUTAGE = "outage"
    ERROR_RATE = "error rate"
    LATENCY = "latency"
    THROUGHPUT = "throughput"
    CERTIFICATE = "certificate"
    SILENT_LOCATION = "silent location"
    SILENT_HUB = "silent hub"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Burn:
    """When a budget burns too fast; each part that is given is enough.

    `left` is a share of what was allowed, `pace` the used share over the elapsed share of the period, `gone` how soon
    the rest is used up at this pace.
    """

    left: Threshold[Fraction] | None = None
    pace: Threshold[Fraction] | None = None
    gone: Threshold[Duration] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What is told, and to which escalation.

    `holds` is a threshold of what the trigger measures: a share, a length in µs, or a number per second. `over` is the
    window that is looked at, of at least `fewest` results; `quantile` is of latencies. `services`, `orders` and
    `locations` are those it is about, all where none is named. The first message waits for `wait`, so that what happens
    together is told together; what joins later is told every `gather`. What has ended for less than `settle` and comes
    back is the same. While it lasts it is told again every `remind`, acknowledged or not.
    """

    name: str
    on: Trigger
    tell: str
    holds: Threshold[Fraction] | None = None
    burn: Burn = Burn()
    over: Duration = 10 * MINUTE
    fewest: int = 10
    quantile: Fraction = Fraction(95, 100)
    services: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    wait: Duration = 30 * SECOND
    gather: Duration = 5 * MINUTE
    settle: Duration = 5 * MINUTE
    remind: Duration | None = 12 * HOUR
    subject: str = ""
    text: str = ""

    def concerns(self, service: str = "", order: str = "", location: str = "") -> bool:
        """Whether it is about these; what is not given is not asked."""
        asked = ((self.services, service), (self.orders, order), (self.locations, location))
        return all(not named or not given or given in named for named, given in asked)


@dataclass(frozen=True, slots=True)
class DeadMan:
    """A URL that the hub asks for every so often, and which others watch."""

    url: str
    every: Duration = MINUTE


@dataclass(frozen=True, slots=True)
class Alerts:
    """Everything that a file of alerts says; names are unique among people, rotations and channels together."""

    channels: tuple[Channel, ...] = ()
    people: tuple[Person, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    rules: tuple[Rule, ...] = ()
    dead_man: DeadMan | None = None
    link: str = ""
    """The address of the hub for people, without a slash at its end; links are made with it."""

    def channel(self, name: str) -> Channel | None:
        return next((one for one in self.channels if one.name == name), None)

    def person(self, name: str) -> Person | None:
        return next((one for one in self.people if one.name == name), None)

    def rotation(self, name: str) -> Rotation | None:
        return next((one for one in self.rotations if one.name == name), None)

    def escalation(self, name: str) -> Escalation | None:
        return next((one for one in self.escalations if one.name == name), None)

    def rule(self, name: str) -> Rule | None:
        return next((one for one in self.rules if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence about some services (and what is part of no service, such as a location, by its name), or about a rule;
    about everything where neither is named. It touches alerts only. `released` ends it early."""

    id: str
    span: Span
    by: str
    because: str
    subjects: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    released: Instant | None = None
    released_by: str = ""

    @property
    def until(self) -> Instant:
        """When it ends: as it was said, or when it was released."""
        return self.span.end if self.released is None else min(self.span.end, self.released)

    def covers(self, rule: str, subject: str, at: Instant) -> bool:
        """Whether it silences a rule about a subject at an instant."""
        named = (not self.subjects or subject in self.subjects) and (not self.rules or rule in self.rules)
        return named and self.span.start <= at < self.until
