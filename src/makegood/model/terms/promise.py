"""What is promised, of what, and what does not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from makegood.model.facts import ItemKind
from makegood.model.spans import Duration
from makegood.model.terms.clause import Rule, Strength, Unstated
from makegood.model.terms.evidence import Counts, CountsAs
from makegood.model.threshold import Threshold
from makegood.model.when import Allowance, WeeklyWindow


class Each(StrEnum):
    """What one statement is about: a service with its parts, one of the parts, the order, or one ticket or the like."""

    SERVICE = "service"
    INSTANCE = "instance"
    ORDER = "order"
    TICKET = "ticket"
    INCIDENT = "incident"
    CLAIM = "claim"
    CHANGE = "change"
    DRILL = "drill"

    @property
    def item(self) -> ItemKind | None:
        """The kind of item that one statement is about, or None where it is about services."""
        return next((kind for kind in ItemKind if kind.value == self.value), None)


class Combined(StrEnum):
    """How several services make up one subject."""

    ANY = "any"
    ALL = "all"
    AT_LEAST = "at least"
    POOLED = "pooled"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True)
class Scope:
    """The subjects of a commitment: one statement for each; services of a named stage are not covered.

    `only` holds what the order must say of a service for it to be covered. Of the services that make up a subject,
    `combined` says how many must be down: any, all, or at least `k`. Pooled, the figures of all are added up, each
    multiplied by the number `weight` of the order where they are weighted.
    """

    each: Each
    not_stages: tuple[str, ...] = ()
    only_instances: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    combined: Combined = Combined.ANY
    k: int = 1
    weight: str = ""

    def quorum(self, members: int) -> int:
        """How many of the members must be down for the subject to be down."""
        return {Combined.ALL: members, Combined.AT_LEAST: min(self.k, members)}.get(self.combined, 1)


class InTime(StrEnum):
    """The target of a clock: no later than the allowance of the item's own class."""

    IN_TIME = "in time"


@dataclass(frozen=True, slots=True)
class Commitment(Rule):
    """One promise: scope, period, measure and target, with its strength."""

    scope: Scope
    period: str
    measure: str
    target: Threshold[Fraction] | InTime | Unstated
    """The edge counts what the measure counts: a share, microseconds, or a number."""
    strength: Strength
    allows: Duration | None = None
    """Downtime that the agreement says the target allows in a period; lint holds it against the arithmetic."""
    counts: Counts = Counts.SHARE


class GateKind(StrEnum):
    """What a gate or a clip tests about an announcement or a cause."""

    FACT = "fact"
    NOTICE = "notice"
    WITHIN = "within"
    OUTSIDE = "outside"
    LASTING = "lasting"
    ANNOUNCED = "announced"
    OF_EACH_OUTAGE = "of each outage"
    OUTAGES_LASTING = "outages lasting"


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition. As a gate it holds or fails for a whole announcement; as a clip it is the spans inside.

    `effort` gates also hold on a recorded judgement of a named person. `fact` gates compare a field of the fact.
    """

    kind: GateKind
    says: str
    field: str = ""
    values: tuple[str, ...] = ()
    notice: Threshold[Duration] | Allowance | None = None
    notice_calendar: str = ""
    channels: tuple[str, ...] = ()
    lasting: Threshold[Duration] | None = None
    windows: tuple[WeeklyWindow, ...] = ()
    calendar: str = ""
    effort: bool = False
    strength: Strength = Strength.PROMISE


@dataclass(frozen=True, slots=True)
class ExcludeRule(Rule):
    """Downtime that does not count: what it applies to, its gates and clips, and what is expected without deciding."""

    commitments: tuple[str, ...]
    what: str
    causes: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    clips: tuple[Gate, ...] = ()
    expect: tuple[Gate, ...] = ()
    unless: tuple[Gate, ...] = ()
    counts_as: CountsAs = CountsAs.UP
