"""The terms of one agreement for one order: every rule typed, every choice by plan, deployment and reading made.

`makegood.contract` makes these from text; `makegood.engine` judges with them and never sees YAML. A value that the
agreement leaves out is `Unstated`, and spoils only what needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from makegood.model.terms.clause import Clause, Rule, Strength, Unstated
from makegood.model.terms.clock import (
    WITHIN,
    Allowed,
    ClassRow,
    ClassRule,
    ClockRule,
    Multiple,
    PeriodEnd,
)
from makegood.model.terms.evidence import (
    FAILED,
    OF_INTERVALS,
    OF_ITEMS,
    OF_OUTAGES,
    TIME_UNITS,
    Condition,
    Counted,
    Counts,
    CountsAs,
    DetectRule,
    EvidenceKind,
    MeasureKind,
    MeasureRule,
    OutageRule,
)
from makegood.model.terms.promise import (
    Combined,
    Commitment,
    Each,
    ExcludeRule,
    Gate,
    GateKind,
    InTime,
    Scope,
)
from makegood.model.terms.remedy import (
    RECURRING,
    BasisRule,
    Before,
    CountRule,
    Excess,
    FeesOf,
    FeesWhen,
    LimitEach,
    LimitRule,
    Nesting,
    Over,
    Picked,
    Range,
    RemedyEach,
    RemedyForm,
    RemedyRule,
    ScaleRule,
    StandingAt,
    Step,
    Tier,
)
from makegood.model.when import Calendar, PeriodRule

__all__ = [
    "FAILED",
    "OF_INTERVALS",
    "OF_ITEMS",
    "OF_OUTAGES",
    "RECURRING",
    "TIME_UNITS",
    "WITHIN",
    "Allowed",
    "AnyRule",
    "BasisRule",
    "Before",
    "Choice",
    "ClassRow",
    "ClassRule",
    "Clause",
    "ClockRule",
    "Combined",
    "Commitment",
    "Condition",
    "CountRule",
    "Counted",
    "Counts",
    "CountsAs",
    "DetectRule",
    "Each",
    "EvidenceKind",
    "Excess",
    "ExcludeRule",
    "FeesOf",
    "FeesWhen",
    "Gate",
    "GateKind",
    "InTime",
    "LimitEach",
    "LimitRule",
    "MeasureKind",
    "MeasureRule",
    "Multiple",
    "Nesting",
    "OutageRule",
    "Over",
    "PeriodEnd",
    "Picked",
    "Range",
    "RemedyEach",
    "RemedyForm",
    "RemedyRule",
    "Rule",
    "ScaleRule",
    "Scope",
    "StandingAt",
    "Step",
    "Strength",
    "Terms",
    "Tier",
    "Unstated",
    "Variant",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """A reading that was used: where the text is silent or contradicts itself, what was chosen, and why.

    `id` is stable: the rule's name, a dot, the path of keys. `chosen` indexes `alternatives`; None where none was.
    """

    id: str
    clause: Clause
    rule: str
    alternatives: tuple[str, ...]
    chosen: int | None
    because: str = ""
    clauses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "unstated" if self.chosen is None else self.alternatives[self.chosen]


AnyRule: TypeAlias = Rule | Calendar | PeriodRule


@dataclass(frozen=True)
class Terms:
    """All rules of one agreement as they bind one order, by name; and the choices that made them so."""

    agreement: str
    title: str
    version: str
    effective: date
    provider: str
    calendars: Mapping[str, Calendar | Unstated] = field(default_factory=dict)
    periods: Mapping[str, PeriodRule] = field(default_factory=dict)
    period_clauses: Mapping[str, Clause] = field(default_factory=dict)
    detects: Mapping[str, DetectRule] = field(default_factory=dict)
    outages: Mapping[str, OutageRule] = field(default_factory=dict)
    measures: Mapping[str, MeasureRule] = field(default_factory=dict)
    commitments: Mapping[str, Commitment] = field(default_factory=dict)
    excludes: tuple[ExcludeRule, ...] = ()
    limits: tuple[LimitRule, ...] = ()
    counts: Mapping[str, CountRule] = field(default_factory=dict)
    scales: Mapping[str, ScaleRule] = field(default_factory=dict)
    bases: Mapping[str, BasisRule] = field(default_factory=dict)
    remedies: Mapping[str, RemedyRule] = field(default_factory=dict)
    clocks: Mapping[str, ClockRule] = field(default_factory=dict)
    classes: Mapping[str, ClassRule] = field(default_factory=dict)
    not_applicable: Mapping[str, tuple[Clause, str]] = field(default_factory=dict)
    """Rules that do not bind this order, with the clause and the condition that says so."""
    choices: tuple[Choice, ...] = ()
    digest: str = ""
    """SHA-256 of the agreement's text."""
    numbers: tuple[str, ...] = ()
    """Facts of an order that are numbers, which amounts may read."""
    others: Mapping[tuple[str, str], Terms] = field(default_factory=dict)
    """The terms by version and plan, with the same readings, where the order had several of either."""
    in_force: tuple[tuple[date, str], ...] = ()
    """The versions that bind the order, each with its first local date, the earliest first; empty where it is one."""
    because: str = ""
    """Why this version binds the order from its date on, where it is not the one that the order began with."""
    prevailing: tuple[tuple[str, str], ...] = ()
    """By the name of a rule, which of several documents prevails where they differ in it, and by which clause."""

    def version_on(self, day: date) -> str:
        """The version that binds the order on a local date (DESIGN 3.11); before the first one, that one."""
        begun = [version for first, version in self.in_force if first <= day]
        return begun[-1] if begun else self.in_force[0][1] if self.in_force else self.version

    def on(self, day: date, plan: str) -> Terms:
        """The terms that bind the order on a local date: of the version in force then, on a plan."""
        return self.others.get((self.version_on(day), plan), self)


@dataclass(frozen=True)
class Variant:
    """The same terms with one reading taken the other way."""

    choice: Choice
    alternative: int
    terms: Terms

    @property
    def text(self) -> str:
        return self.choice.alternatives[self.alternative]
