"""Every reading under every hypothetical period: where an alternative makes a difference, and how large a one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from makegood.engine.chain import judged_commitments
from makegood.engine.comparing import Compared
from makegood.engine.judge.case import Supposed, World
from makegood.engine.stress.drawing import PLACES, Scenario
from makegood.engine.stress.nominal import CHECK, nominal_order
from makegood.engine.stress.scenarios import scenarios
from makegood.engine.worth import Weighing, judged_again, minutes_between, paired
from makegood.model.facts import DOWN, UP, Facts, Results, States
from makegood.model.order import Order
from makegood.model.spans import HOUR, Span, Times
from makegood.model.statement import Statement
from makegood.model.terms import Choice, MeasureKind, Terms, Variant

Weight: TypeAlias = tuple[Fraction, bool, bool, bool, Fraction]
NO_WEIGHT: Weight = (Fraction(), False, False, False, Fraction())


@dataclass(frozen=True, eq=False)
class Stressed:
    """An alternative of a reading over all scenarios: those in which it changes verdict, credit or a deadline, the
    weightiest first; and the one in which it changes most of the down time without changing any of these."""

    text: str
    changed: tuple[tuple[Scenario, Compared], ...]
    only_minutes: tuple[Scenario, Compared] | None = None

    @property
    def matters(self) -> bool:
        return bool(self.changed) or self.only_minutes is not None

    @property
    def rank(self) -> Weight:
        found = self.changed[0] if self.changed else self.only_minutes
        return NO_WEIGHT if found is None else _weight(found[1])


@dataclass(frozen=True, eq=False)
class StressedReading:
    """A reading with its alternatives under stress, the weightiest first."""

    choice: Choice
    alternatives: tuple[Stressed, ...]

    @property
    def matters(self) -> bool:
        return any(a.matters for a in self.alternatives)

    @property
    def rank(self) -> Weight:
        return max((a.rank for a in self.alternatives), default=NO_WEIGHT)


@dataclass(frozen=True, eq=False)
class Stress:
    """One situation (plan and deployment) of an agreement under stress: its readings, the weightiest first.

    `judged` are the scenarios with their statements as the agreement is read now; `weighing` knows its silences.
    """

    terms: Terms
    plan: str
    deployment: str
    readings: tuple[StressedReading, ...]
    judged: tuple[tuple[Scenario, tuple[Statement, ...]], ...]
    weighing: Weighing


def stressed(terms: Terms, variants: Sequence[Variant], plan: str = "", deployment: str = "") -> Stress:
    """Judge the scenarios of every commitment under every alternative of every reading."""
    order = nominal_order(terms, plan, deployment)
    everyone = [terms, *(v.terms for v in variants)]
    judged: list[tuple[Scenario, tuple[Statement, ...]]] = []
    changed: dict[tuple[str, str], list[tuple[Scenario, Compared]]] = {(v.choice.id, v.text): [] for v in variants}
    weighing = Weighing()
    for commitment in judged_commitments(terms):
        if terms.measures[commitment.measure].kind is not MeasureKind.RATIO:
            continue
        for scenario in scenarios(terms, everyone, commitment, order):
            world = _world(order, scenario, everyone)
            now = _of(commitment.name, weighing.add(world, terms, scenario.label, ()))
            judged.append((scenario, now))
            start = int(scenario.down.edges[0, 0])
            for variant in variants:
                then = _of(commitment.name, judged_again(world, variant.terms, scenario.label, start))
                found = changed[variant.choice.id, variant.text]
                found += [(scenario, pair) for pair in paired(now, then) if pair.changes or minutes_between(pair)]
    readings = [StressedReading(choice, _ranked(choice, changed)) for choice in terms.choices]
    readings.sort(key=lambda r: (r.matters, r.rank), reverse=True)
    return Stress(terms, plan, deployment, tuple(readings), tuple(judged), weighing)


def _ranked(choice: Choice, changed: dict[tuple[str, str], list[tuple[Scenario, Compared]]]) -> tuple[Stressed, ...]:
    found = []
    for (name, text), pairs in changed.items():
        if name != choice.id:
            continue
        ranked = sorted(pairs, key=lambda c: _weight(c[1]), reverse=True)
        only_minutes = next((c for c in ranked if not c[1].changes), None)
        found.append(Stressed(text, tuple(c for c in ranked if c[1].changes), only_minutes))
    return tuple(sorted(found, key=lambda a: a.rank, reverse=True))


def _weight(pair: Compared) -> Weight:
    return (
        pair.difference.size,
        pair.verdict_changes,
        bool(pair.difference.unstated),
        bool(pair.moved),
        minutes_between(pair).size,
    )


def _of(commitment: str, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    return tuple(s for s in statements if s.commitment == commitment)


def _world(order: Order, scenario: Scenario, everyone: Sequence[Terms]) -> World:
    """What evidence shows of a scenario: results and a log around its outages, and all other time seen up."""
    hull = scenario.down.hull
    assert hull is not None
    service = order.services[0].name
    every = max((d.every for one in everyone for d in one.detects.values() if d.every), default=0)
    finest = min((d.every for one in everyone for d in one.detects.values() if d.every), default=0)
    settles = max((d.fails_after + d.recovers_after for one in everyone for d in one.detects.values()), default=2)
    margin = max(HOUR, (settles + 5) * every)
    near = Span(hull.start - margin, hull.end + margin)
    facts = Facts(
        scenario.facts.maintenances,
        scenario.facts.notices,
        scenario.facts.causes,
        results={CHECK: _results(scenario, near, finest, everyone)} if finest else {},
        states={service: (_log(scenario, service, near),)},
    )
    begin, end = near.start - 400 * 24 * HOUR, near.end + 400 * 24 * HOUR
    elsewhere = [Span(begin, near.start), Span(near.end, end)]
    up = [Supposed(s.name, span, down=False) for s in order.services[:1] for span in elsewhere]
    up += [Supposed(s.name, Span(begin, end), down=False) for s in order.services[1:]]
    return World(order, facts, end - 24 * HOUR, tuple(up))


def _results(scenario: Scenario, near: Span, every: int, everyone: Sequence[Terms]) -> Results:
    """A result from each location in each slot; only so many locations see the outages as the scenario says."""
    places = max(
        [PLACES, *(int(d.locations) for one in everyone for d in one.detects.values() if d.locations.isdigit())]
    )
    begun: Times = np.arange(near.start // every * every, near.end, every, dtype=np.int64)
    edges = scenario.down.edges
    at = np.searchsorted(edges[:, 0], begun, side="right") - 1
    broken = (at >= 0) & (begun < edges[np.maximum(at, 0), 1])
    seeing = scenario.seen_by or places
    outcome = np.stack([np.where(broken & (n < seeing), DOWN, UP) for n in range(places)]).astype(np.int8)
    location = np.repeat(np.arange(places, dtype=np.int16), len(begun))
    times = np.tile(begun, places)
    return Results(
        CHECK, tuple(f"place {n}" for n in range(1, places + 1)), times, location, outcome.reshape(-1), times
    )


def _log(scenario: Scenario, service: str, near: Span) -> States:
    """The same as a log tells it: a state at each change, and one at the end so that the last is believed."""
    changes = scenario.down.edges.reshape(-1)
    at: Times = np.concatenate(([near.start], changes, [near.end])).astype(np.int64)
    outcome = np.array([UP, *[DOWN, UP] * len(scenario.down), UP], dtype=np.int8)
    return States(service, "nominal log", at, at, outcome, at)


__all__ = ["Stress", "Stressed", "StressedReading", "stressed"]
