"""Deadlines in their own time, and the classes that decide them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from makegood.model.terms.clause import Rule, Strength, Unstated
from makegood.model.when import Allowance


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """The end of the `count`-th period after the one that holds the event, which is number 0; of the rule `period`."""

    count: int
    period: str

    def __str__(self) -> str:
        return f"the end of period {self.count} after, by {self.period}"


@dataclass(frozen=True, slots=True)
class Multiple:
    """So many times what another clock allows for the same class."""

    times: Fraction
    clock: str

    def __str__(self) -> str:
        return f"{self.times} times {self.clock.replace('-', ' ')}"


Allowed: TypeAlias = Allowance | PeriodEnd | Multiple | Unstated | None
"""How long a clock allows; None is best effort, which has no deadline."""


@dataclass(frozen=True, slots=True)
class ClockRule(Rule):
    """A deadline measured in its own time: from an event, an allowance, in a calendar; with what it requires.

    It starts at the latest of `starts`, or at the `earliest`. `allow` maps a class label to an allowance, or has the
    single key "" where it is one for all. A clock that `repeats` starts again each time it is kept, up to the event
    `until`. `pauses` are states in which it does not run. One that `lapses` takes the remedy with it when it is late.
    """

    starts: tuple[str, ...]
    allow: Mapping[str, Allowed]
    by_class: str = ""
    calendar: str = ""
    repeats: bool = False
    pauses: tuple[str, ...] = ()
    stops: str = ""
    requires: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    strength: Strength = Strength.PROMISE
    duty_of: str = ""
    of: str = ""
    """The remedy or commitment whose consequence this clock times: a claim, an answer, a payment."""
    earliest: bool = False
    until: str = ""
    lapses: bool = False


WITHIN = "within"
"""The end of a condition's name that compares the instant of an event with the hours of a calendar."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A label and the facts that give it: each field must have one of its values; no fields at all hold always.

    A field that ends with WITHIN names an event, and its values are calendars, in the hours of one of which it must
    have happened.
    """

    label: str
    when: Mapping[str, tuple[str, ...]]
    says: str = ""


@dataclass(frozen=True, slots=True)
class ClassRule(Rule):
    """Facts to a label by a decision table; the first row whose conditions all hold decides.

    An item may be put into another class later, which is recorded as a state with the label as its name; `counts` says
    whether the `first` label decides, the `last`, or the `highest`, which is that of the earliest row.
    """

    rows: tuple[ClassRow, ...]
    counts: str = "first"
