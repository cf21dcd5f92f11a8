"""What requests say and answers tell, strictly: no value is taken for another type, no key is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LINE = r"^[^\x00-\x1f\x7f]*$"
PLAIN = r"^[a-z0-9][a-z0-9._-]*$"
DEPLOYABLE = r"^[^/\\\x00-\x1f]+\.(sla\.md|order\.yaml|(checks|alerts)\.yaml)$"
ONE_WORD = r"^[\x21-\x7e]*$"
HEX = r"^[0-9a-f]{64}$"
PATTERNS: Mapping[str, str] = {
    LINE: "write one line, without line breaks or other control characters",
    PLAIN: "write lower-case letters, digits, and . _ - after the first, such as fra-1",
    DEPLOYABLE: "name a file NAME.sla.md, NAME.order.yaml, NAME.checks.yaml or NAME.alerts.yaml, without a folder",
    ONE_WORD: "write letters, digits and signs of ASCII, without a space",
    HEX: "write 64 hexadecimal digits in lower case",
}
"""What fits each pattern, for whoever wrote something else."""

Title = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=LINE), Field(description="a name for people")
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN)]
Place = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=PLAIN)]
Named = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]
Moment = Annotated[
    str, StringConstraints(max_length=40), Field(description="RFC 3339, in UTC", examples=["2027-01-01T00:00:00Z"])
]


class Said(BaseModel):
    """What a request says. `MEANT` are words that people write for a key, with what it is called here."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    MEANT: ClassVar[Mapping[str, str]] = {}


class Told(BaseModel):
    """What an answer tells."""

    model_config = ConfigDict(frozen=True)


class Heard(Told):
    """How many facts are new of what another program sent."""

    recorded: int


class SetUp(Said):
    """The one-time token that the first start printed, and who the first administrator is."""

    token: Annotated[str, StringConstraints(max_length=200), Field(description="the one that the first start printed")]
    title: Title = "administrator"


class NewToken(Said):
    """A token to be made."""

    MEANT: ClassVar[Mapping[str, str]] = {"name": "title", "of": "tenant", "until": "expires"}
    role: Annotated[
        Literal["administrator", "provider", "customer", "auditor", "scraper"], Field(description="what its holder is")
    ]
    title: Title
    tenant: Name | None = None
    expires: Moment | None = None


class TokenTold(Told):
    """A token without its secret."""

    id: str
    role: str
    title: str
    tenant: str | None
    by: str
    made: str
    expires: str | None
    revoked: str | None


class TokenMade(TokenTold):
    """A token that was just made; nobody can show it again."""

    token: str


class Me(Told):
    """Who asks."""

    title: str
    role: str
    tenant: str | None
    may: list[str]


class TenantSaid(Said):
    """A tenant, and the services and orders that concern it."""

    MEANT: ClassVar[Mapping[str, str]] = {"name": "title"}
    title: Title
    services: list[Named] = Field(default=[], max_length=10_000)
    orders: list[Named] = Field(default=[], max_length=10_000)


class TenantTold(Told):
    """A tenant."""

    name: str
    title: str
    services: list[str]
    orders: list[str]


class Recorded(Told):
    """What became of facts: how many are new, and how many were recorded already; the positions of the new ones."""

    new: int
    duplicate: int
    first_position: int | None
    head: dict[str, Any] | None


class FactsTold(Told):
    """Facts in the order of the log, and where to go on."""

    facts: list[dict[str, Any]]
    size: int
    next: int | None


class StatementTold(Told):
    """A statement that was given."""

    number: int
    order: str
    period: str
    size: int
    at: str


class ReasonTold(Told):
    """Why a check was not up when an outage began, as a location said first; `status` is null where none came."""

    check: str
    location: str
    reason: str
    status: int | None
    begun: str


class OutageTold(Told):
    """An outage; `end` is null while it is open."""

    service: str
    begin: str
    end: str | None
    excused_seconds: int
    because: list[str]
    reasons: list[ReasonTold]


class ServiceTold(Told):
    """A service and the state that it is in."""

    name: str
    title: str
    state: str
    since: str | None
    maintenance: bool


class NewMaintenance(Said):
    """Planned work that is announced to the contacts of orders; of all that cover its services, where none is named."""

    MEANT: ClassVar[Mapping[str, str]] = {
        "maintenance": "id", "name": "id", "service": "services", "from": "start", "begin": "start", "to": "end",
        "until": "end", "order": "orders",
    }  # fmt: skip
    id: Named
    services: list[Named] = Field(min_length=1, max_length=1_000)
    start: Moment
    end: Moment
    kind: Annotated[str, StringConstraints(max_length=200, pattern=LINE)] = ""
    purpose: Annotated[str, StringConstraints(max_length=500, pattern=LINE)] = ""
    text: Annotated[str, StringConstraints(max_length=10_000)] = ""
    orders: list[Named] = Field(default=[], max_length=10_000)
    channel: Annotated[str, StringConstraints(max_length=100)] = ""


class MaintenanceTold(Told):
    """To whom work is announced, what each agreement makes of it if that is accepted at once, and how many notices are
    new."""

    id: str
    orders: list[dict[str, Any]]
    notices: int


class ConditionTold(Told):
    """One thing that is wrong, or was; `ended` is null while it lasts."""

    subject: str
    since: str
    ended: str | None
    orders: list[str]
    says: str
    retracted: bool


class AcknowledgedTold(Told):
    """Who takes care, and since when."""

    by: str
    at: str


class AlertTold(Told):
    """An alert; `closed` is null while it is open. `told` are people and channels that were told."""

    id: str
    rule: str
    opened: str
    closed: str | None
    acknowledged: AcknowledgedTold | None
    conditions: list[ConditionTold]
    told: list[str]


class NoteTold(Told):
    """What was decided about an alert, when and why."""

    at: str
    what: str
    why: str


class MessageTold(Told):
    """A message about an alert, and what became of it: `waiting`, `sent` or `dead`."""

    id: str
    to: str
    channel: str
    subject: str
    state: str
    made: str
    settled: str | None
    attempts: int
    said: str


class MuteTold(Told):
    """A mute: which services or locations and rules it silences, all where neither is named."""

    id: str
    services: list[str]
    rules: list[str]
    since: str
    until: str
    by: str
    because: str


class AlertWhole(AlertTold):
    """An alert with what was decided about it, the messages about it, and the mutes that silence some of it."""

    notes: list[NoteTold]
    messages: list[MessageTold]
    mutes: list[MuteTold]


class NewMute(Said):
    """Silence about some services, locations or rules, until an instant; it touches nothing but alerts."""

    MEANT: ClassVar[Mapping[str, str]] = {"service": "services", "rule": "rules", "end": "until", "reason": "because"}
    services: list[Named] = Field(default=[], max_length=1_000)
    rules: list[Named] = Field(default=[], max_length=1_000)
    until: Moment
    because: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class NewHeartbeat(Said):
    """An address to be made. Without a check the URL names it after the secret, as the ping keys of healthchecks do.
    `secret` is one that is in use with another program already."""

    MEANT: ClassVar[Mapping[str, str]] = {"name": "check", "uuid": "secret", "key": "secret"}
    check: Named | None = None
    secret: Annotated[str, StringConstraints(max_length=128)] | None = None


class HeartbeatTold(Told):
    """An address without its secret."""

    id: str
    check: str | None
    by: str
    made: str


class HeartbeatMade(HeartbeatTold):
    """An address that was just made; nobody can show its secret again."""

    secret: str
    ping: str
    push: str | None


class Conditions(Told):
    """Whether the hub is ready, and what is not as it must be."""

    ready: bool
    conditions: dict[str, str]


class NewEnrolment(Said):
    """Which location an agent may be enrolled for: any new one, where none is named; and who runs it."""

    MEANT: ClassVar[Mapping[str, str]] = {"name": "location"}
    location: Place | None = None
    operator: Annotated[str, StringConstraints(max_length=200, pattern=LINE)] = ""
    hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24


class EnrolmentMade(Told):
    """A token that enrols an agent."""

    token: str
    expires: str


class LocationTold(Told):
    """An agent, and how it is."""

    location: str
    operator: str
    state: str
    why: str
    key: str
    enrolled: str
    seen: str
    version: str
    offset_us: int | None


class Deployment(Said):
    """Agreements, orders, files of checks and one of alerts, as texts by their names. With `prune` whatever is deployed
    and not among them is taken away."""

    files: dict[Annotated[str, StringConstraints(max_length=200, pattern=DEPLOYABLE)], str] = Field(
        min_length=1, max_length=10_000, description="texts by the names of their files"
    )
    prune: bool = False


class Planned(Told):
    """What would change."""

    changes: list[dict[str, Any]]
    warnings: list[str]


class Applied(Planned):
    """What changed, and the first and the last position in the log that this took; null where nothing did."""

    positions: list[int] | None
