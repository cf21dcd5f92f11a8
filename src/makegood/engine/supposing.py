"""Worlds that are not: a period that has ended well, a service that was down or up, other facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from makegood.engine.judge.case import Supposed, World
from makegood.model.facts import (
    AnyFact,
    Cause,
    F,
    Facts,
    Item,
    Judgement,
    Maintenance,
    Notice,
    Retraction,
    Standing,
)
from makegood.model.order import Order
from makegood.model.spans import Instant, Span


def ended_well(world: World, end: Instant) -> World:
    """The world at a later instant at which nothing more is known, and every service was up from now until then.

    A world that has come so far already stays as it is.
    """
    if world.as_of >= end:
        return world
    up = tuple(Supposed(s.name, Span(world.as_of, end), down=False) for s in world.order.services)
    return World(world.order, world.facts, end, (*world.supposed, *up))


def with_supposed(world: World, supposed: Sequence[Supposed]) -> World:
    """The same evidence with more spans supposed to have been seen; a later one decides where two meet."""
    return World(world.order, world.facts, world.as_of, (*world.supposed, *supposed), world.evidence)


def with_order(world: World, order: Order) -> World:
    """The same evidence under another order of the same services."""
    return World(order, world.facts, world.as_of, world.supposed, world.evidence_under(order, world.facts))


def with_facts(world: World, facts: Facts) -> World:
    """The same evidence with other records about it."""
    return World(world.order, facts, world.as_of, world.supposed, world.evidence_under(world.order, facts))


def facts_with(known: Facts, supposed: Iterable[AnyFact], as_of: Instant) -> Facts:
    """The facts with supposed ones added, known at once whenever they say that they are recorded."""
    added = [replace(f, recorded=min(f.recorded, as_of)) for f in supposed]

    def of(kind: type[F], group: tuple[F, ...]) -> tuple[F, ...]:
        return (*group, *(f for f in added if isinstance(f, kind)))

    return replace(
        known,
        maintenances=of(Maintenance, known.maintenances),
        notices=of(Notice, known.notices),
        causes=of(Cause, known.causes),
        judgements=of(Judgement, known.judgements),
        standings=of(Standing, known.standings),
        retractions=of(Retraction, known.retractions),
        items=of(Item, known.items),
    )


def facts_without(known: Facts, ids: Collection[str]) -> Facts:
    """The facts less those of some ids, as if they had never been recorded: what they corrected holds again."""

    def kept(group: tuple[F, ...]) -> tuple[F, ...]:
        return tuple(f for f in group if f.id not in ids)

    return replace(
        known,
        maintenances=kept(known.maintenances),
        notices=kept(known.notices),
        causes=kept(known.causes),
        judgements=kept(known.judgements),
        standings=kept(known.standings),
        retractions=kept(known.retractions),
        items=kept(known.items),
    )


def ids_of(facts: Facts) -> tuple[str, ...]:
    """The ids of all facts that people recorded."""
    groups = (
        *(facts.maintenances, facts.notices, facts.causes, facts.judgements, facts.standings),
        *(facts.retractions, facts.items),
    )
    return tuple(f.id for group in groups for f in group)
