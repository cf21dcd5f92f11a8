"""Use case: from when to when each version of an agreement is in force for an order, by what is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from makegood.app.binding import bound, offered
from makegood.app.judging import in_folder
from makegood.app.reading import read_from
from makegood.app.refusals import misfits, unknown_changes, unknown_version
from makegood.app.versions import read_versions
from makegood.engine.change.versions import in_force
from makegood.exchange.orders import read_order
from makegood.model.change import InForce
from makegood.model.facts import Facts
from makegood.model.problem import Problem, Refused, Severity
from makegood.model.spans import Instant
from makegood.store.folder import read_folder


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions by their effective dates, each with when it binds the order and why."""

    agreement: str
    title: str
    order: str
    decided: tuple[InForce, ...]
    warnings: tuple[Problem, ...]


def versions_of(agreement: Path, order: Path, facts: Path | None, as_of: Instant, size: int | None = None) -> Versions:
    """Read the inputs and decide. Without `facts` nothing was announced. Raises Refused with every problem."""
    problems: list[Problem] = []
    ordered = read_from(order, read_order, problems)
    versions = read_versions(agreement, ordered.order.agreement if ordered is not None else "", problems)
    known, found = read_folder(facts, size) if facts is not None else (Facts(), [])
    problems += in_folder(facts, found) if facts is not None else []
    if versions and ordered is not None:
        problems += misfits(versions[-1], ordered.order, str(order))
        problems += unknown_version(versions, ordered.order, str(order))
        problems += unknown_changes(versions, ordered.order, known, str(facts)) if agreement.is_dir() else []
    if not versions or ordered is None or any(p.severity is Severity.ERROR for p in problems):
        raise Refused(problems)
    terms, found = bound(versions, ordered.order, ordered.instead)
    if not terms:
        raise Refused([*problems, *found])
    name = ordered.order.agreement
    decided = in_force(ordered.order, offered(versions, terms), known.known_at(as_of), name)
    return Versions(name, versions[-1].header.title, ordered.order.id, decided, tuple(problems))
