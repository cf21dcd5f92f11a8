"""An order: the form by which a party takes an agreement, with its plan, services, term, fees and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from makegood.model.money import Money
from makegood.model.when import Allowance

OPEN_END = date(9900, 12, 31)
"""The last date of a term without one."""


@dataclass(frozen=True, slots=True)
class Fee:
    """A price per `month`, `quarter`, `year` or `term`, from a local date on until a later fee of the same service."""

    amount: Money
    per: str
    starts: date


@dataclass(frozen=True, slots=True)
class Charge:
    """What was charged beside the recurring fees, by its kind, on a local date."""

    kind: str
    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice of an order, dated by a local date."""

    id: str
    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Said:
    """What an order or a service says of one fact: words or numbers, each from a local date on; None is always."""

    name: str
    steps: tuple[tuple[date | None, str], ...]

    def on(self, day: date) -> str:
        """What holds on a local date: the last that had begun, or the first."""
        begun = [words for starts, words in self.steps if starts is None or starts <= day]
        return begun[-1] if begun else self.steps[0][1]


@dataclass(frozen=True, slots=True)
class CoveredService:
    """A service of an order: the checks that watch it, its fees, its stage (`general`, `beta`, …) and its instance.

    `part_of` names the service that it is a part of, `says` holds what else the order says of it, and `charges` what
    was charged for it beside its fees.
    """

    name: str
    title: str
    checks: tuple[str, ...]
    fees: tuple[Fee, ...]
    stage: str = "general"
    instance: str = "production"
    starts: date | None = None
    ends: date | None = None
    part_of: str = ""
    says: tuple[Said, ...] = ()
    charges: tuple[Charge, ...] = ()

    def fact(self, name: str, on: date) -> str:
        """What the order says of the service on a local date, by the name of the fact; empty where it is silent."""
        own = {"stage": self.stage, "instance": self.instance}
        said = next((s for s in self.says if s.name == name), None)
        return said.on(on) if said is not None else own.get(name, "")


@dataclass(frozen=True, slots=True)
class Term:
    """A subscription term by local dates, both inclusive; `last` is OPEN_END where none was agreed."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Renews:
    """How an order goes on by itself when its last agreed term ends: for another `length`, again and again.

    `length` counts days, weeks or months. `notice` is what must lie between the receipt of a notice of non-renewal and
    the end of the term; None asks only that it comes before that end. One that is too late is `postponed` to the end
    of the next term, or else void. `most` is how often the order renews, None without an end.
    """

    length: Allowance
    notice: Allowance | None = None
    postponed: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """The version that an order keeps: the one it names, or (empty) the one in force when it began."""

    version: str = ""
    until_renewal: bool = False


@dataclass(frozen=True)
class Order:
    """Who bought what under which agreement. Dates are local to `zone`.

    `term` and `renewals` follow each other without a gap, and `renews` goes on from the last of them.
    `plans` are dated, the earliest first; `readings` are the parties' own choices by reading id; `says` holds what else
    the rules may ask (a region, a number of seats) by name.
    """

    id: str
    agreement: str
    customer: str
    provider: str
    zone: str
    term: Term
    services: tuple[CoveredService, ...]
    plans: tuple[tuple[date, str], ...] = ()
    renewals: tuple[Term, ...] = ()
    deployment: str = ""
    contacts: tuple[str, ...] = ()
    readings: Mapping[str, str] | None = None
    digest: str = ""
    says: tuple[Said, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    pin: Pin | None = None
    """The version that the order keeps while others come into force; None leaves it to the agreement."""
    renews: Renews | None = None
    """How it renews by itself after these terms; None where it does not."""

    @property
    def agreed(self) -> tuple[Term, ...]:
        """The terms that are written out, the earliest first."""
        return (self.term, *self.renewals)

    def fact(self, name: str, on: date) -> str:
        """What the order says of itself on a local date, by the name of the fact; empty where it is silent."""
        said = next((s for s in self.says if s.name == name), None)
        return said.on(on) if said is not None else ""

    def said_of(self, service: CoveredService, name: str, on: date) -> str:
        """What the order says of a service, or else of the one that it is a part of; empty where it is silent."""
        whole = next((s for s in self.services if s.name == service.part_of), None)
        return service.fact(name, on) or (whole.fact(name, on) if whole is not None else "")

    def plan_on(self, day: date) -> str:
        """The plan in force on a local date: the last that started by then, or the first one before any did."""
        started = [name for start, name in self.plans if start <= day]
        return started[-1] if started else (self.plans[0][1] if self.plans else "")

    def service(self, name: str) -> CoveredService | None:
        return next((s for s in self.services if s.name == name), None)
