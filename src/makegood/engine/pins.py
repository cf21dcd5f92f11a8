"""What a statement was made with: hashes of its inputs as they were known, and the versions of what judged them.

The facts are hashed by what they say and not by the files that they lay in, so that a statement as of an earlier
instant is the same to the byte after more has been recorded (DESIGN 3.11).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields
from functools import partial

import numpy as np

from makegood import __version__
from makegood.calendar.holiday import holiday_source
from makegood.calendar.zone import TZDATA_VERSION, Zone
from makegood.engine.judge.case import Case, World
from makegood.model.facts import Fact, Facts, Measurements, Quantity, Results, States
from makegood.model.spans import Span, Times
from makegood.model.statement import Pins
from makegood.model.terms import Unstated


def pins(case: Case) -> Pins:
    """The pins of a case: zones that its terms and order name, and the facts known to its world."""
    world, terms = case.world, case.terms
    named = {c.zone for c in terms.calendars.values() if not isinstance(c, Unstated)}
    zones = sorted(named | {case.period.zone, world.order.zone})
    return Pins(
        __version__,
        TZDATA_VERSION,
        {name: Zone.named(name).tzif_hash for name in zones},
        holiday_source(),
        terms.digest,
        world.order.digest,
        world.once(
            _digests, lambda: dict(_digests(world))
        ),  # one for all statements: they are many, and it may be large
        world.facts.head.decode("utf-8"),
        tuple(one for one in world.facts.gone if one.span is None or one.span.overlaps(case.span)),
    )


def unpinned(world: World) -> World:
    """The world, in which statements are made that are looked at once and never kept: their pins name no facts, whose
    hashes would take longer than the statements."""
    world.memo[_digests] = {}
    return world


def _digests(world: World) -> Iterator[tuple[str, str]]:
    facts = world.facts
    if records := _once(facts, "records", lambda: _records(facts)):
        yield "records", records
    for service in world.order.services:
        for check in service.checks:
            if check in facts.results and len(facts.results[check]):
                results = facts.results[check]
                yield f"results of {check}", _once(facts, ("results", check), partial(_results, results))
        for n, states in enumerate(facts.states.get(service.name, ())):
            if len(states.at):
                found = _once(facts, ("states", service.name, n), partial(_states, states))
                yield f"states of {service.name} from {states.source}", found
        for n, made in enumerate(facts.measurements.get(service.name, ())):
            if len(made.start):
                found = _once(facts, ("measurements", service.name, n), partial(_measurements, made))
                yield f"measurements of {service.name}: {made.metric} from {made.source}", found


def _once(facts: Facts, about: Hashable, digest: Callable[[], str]) -> str:
    """A digest, made when it is first asked for, for all orders that are judged by the same facts."""
    key = (_digests, about)
    if key not in facts.memo:
        facts.memo[key] = digest()
    found: str = facts.memo[key]
    return found


def _records(facts: Facts) -> str:
    """Over everything that people recorded; empty where that is nothing."""
    records = (
        facts.maintenances,
        facts.notices,
        facts.causes,
        facts.judgements,
        facts.standings,
        facts.retractions,
        facts.items,
    )
    said = [[type(f).__name__, f] for group in records for f in sorted(group, key=lambda f: f.id)]
    text = json.dumps(said, sort_keys=True, default=_by_name)
    return hashlib.sha256(text.encode()).hexdigest() if said else ""


def _by_name(record: Fact | Span) -> dict[str, object]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _results(results: Results) -> str:
    """Over locations by name, and rows by location and time: the order in which they were read does not matter."""
    digest = hashlib.sha256()
    for name, begun, outcome in results.by_location():
        digest.update(f"{name}\0{len(begun)}\0".encode())
        digest.update(begun.astype("<i8", copy=False).data)
        digest.update(outcome.astype("<i1", copy=False).data)
    return digest.hexdigest()


def _states(states: States) -> str:
    digest = hashlib.sha256()
    for column in (states.earliest, states.at):
        digest.update(column.astype("<i8").tobytes())
    digest.update(states.outcome.astype("<i1").tobytes())
    return digest.hexdigest()


def _measurements(made: Measurements) -> str:
    """Over what is known, in the decimals that it needs: neither a later, finer number nor an empty column matters."""
    digest = hashlib.sha256()
    for column in (made.start, made.end):
        digest.update(column.astype("<i8").tobytes())
    for word, quantity in sorted(made.quantities.items()):
        if quantity.known.any():
            values, places = _shortest(quantity)
            digest.update(f"{word}\0{places}\0".encode())
            digest.update(values.astype("<i8").tobytes())
            digest.update(quantity.known.astype("<i1").tobytes())
    return digest.hexdigest()


def _shortest(quantity: Quantity) -> tuple[Times, int]:
    """The values, 0 where none is known, without the decimal zeros that all of them end with."""
    values, places = np.where(quantity.known, quantity.values, 0), quantity.places
    while places > 0 and not (values % 10).any():
        values, places = values // 10, places - 1
    return values, places
