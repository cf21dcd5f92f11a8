"""What one order saw of a service is what another sees of it, and nothing else passes between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from makegood.engine.chain import cases_of
from makegood.engine.judge import down
from makegood.engine.judge.case import World
from makegood.engine.judge.sharing import Sights
from makegood.engine.statement import state
from tests.exact.draw import drawn

PAIRS = 80


def test_a_world_that_knows_what_others_saw_says_what_it_says_alone() -> None:
    shared = 0
    for seed in range(PAIRS):
        q, _ = drawn(seed)
        sights = Sights(q.facts, q.as_of)
        term = replace(q.order.term, first=q.order.term.first + timedelta(days=9))
        other = sights.world(replace(q.order, id="other", term=term))
        if cases_of(other, q.terms, q.label):
            state(other, q.terms, q.label, (), explain=False)
        shared += sum(map(len, sights.found.values()))
        after = state(sights.world(q.order), q.terms, q.label, (), explain=False)
        alone = state(World(q.order, q.facts, q.as_of), q.terms, q.label, (), explain=False)
        assert repr(after) == repr(alone), seed
    assert shared > PAIRS / 2


def test_a_service_is_looked_at_once_for_all_orders_and_again_where_its_checks_are_others() -> None:
    q, _ = next(d for d in map(drawn, range(PAIRS)) if seen_in(d[0]))
    sights = Sights(q.facts, q.as_of)
    state(sights.world(q.order), q.terms, q.label, (), explain=False)
    seen = {key: one for some in sights.found.values() for key, one in some.items()}
    assert seen
    alike = sights.world(replace(q.order, id="alike"))
    assert all(key in alike.evidence and alike.evidence[key] is one for key, one in seen.items())
    services = tuple(replace(s, checks=(*s.checks, "another")) for s in q.order.services)
    assert not any(key in sights.world(replace(q.order, services=services)).evidence for key in seen)


def seen_in(q) -> bool:  # type: ignore[no-untyped-def]
    world = World(q.order, q.facts, q.as_of)
    state(world, q.terms, q.label, (), explain=False)
    return any(isinstance(one, down.Seen) for one in world.evidence.values())
