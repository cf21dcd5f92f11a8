"""An objective as both sides understand it: what is measured of which service, over what time, and the target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from makegood.model.problem import Place
from makegood.model.spans import Duration
from makegood.model.when import PeriodKind

API = "openslo/v1"


class Method(StrEnum):
    """How events or slices of time make up the figure (`budgetingMethod`)."""

    OCCURRENCES = "Occurrences"
    SLICES = "Timeslices"
    RATIO_SLICES = "RatioTimeslices"


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is judged. `days` is that of a window that rolls; `anchor` the day of a billing month; `first` the
    month that a year or a quarter starts from (January is 1), or the weekday of a week (Monday is 0)."""

    kind: PeriodKind
    zone: str = "UTC"
    days: int = 0
    anchor: int = 1
    first: int = 1


@dataclass(frozen=True, slots=True)
class Goal:
    """One target of an objective: a share, with its title, and what a slice needs to be good."""

    share: Fraction
    title: str = ""
    slice_share: Fraction | None = None
    slice_length: Duration | None = None


@dataclass(frozen=True)
class Objective:
    """One SLO. `metric` names what is counted; `told` says in words how, `query` is the source as it was written."""

    name: str
    title: str
    service: str
    method: Method
    window: Window
    metric: str
    goals: tuple[Goal, ...]
    description: str = ""
    told: tuple[str, ...] = ()
    query: str = ""
    raw: str = ""
    """The column of shares, where these are recorded and not counts of good and valid ones."""
    good: str = "good"
    valid: str = "valid"
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that the other side cannot say: where it stood (a clause, or a key of an object), what, and why."""

    where: str
    what: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.why})" if self.why else "")
