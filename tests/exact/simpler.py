"""A pair that differs, made as simple as it stays wrong: parts taken away one at a time."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from tests.exact.compare import judged
from tests.exact.question import Question

T = TypeVar("T")
MOST_TRIES = 2_000


def wrong_with(q: Question) -> str:
    """The kind of the first thing that differs, without its figures; empty where nothing does."""
    try:
        found = judged(q)
    except Exception:  # noqa: BLE001 - a crash is what is looked for, too
        return traceback.format_exc().splitlines()[-1].partition(":")[0]
    return found[0].partition(": ")[2].partition(" is ")[0].partition(" (")[0] if found else ""


def simplest(q: Question, wrong: Callable[[Question], str] = wrong_with) -> Question:
    """The question with all that can be left away while the same thing stays wrong."""
    kind, tries, smaller = wrong(q), 0, True
    while kind and smaller and tries < MOST_TRIES:
        smaller = False
        for other in _simpler(q):
            tries += 1
            if wrong(other) == kind:
                q, smaller = other, True
                break
    return q


def _simpler(q: Question) -> Iterator[Question]:
    """The question with one part less each."""
    facts, terms, order = q.facts, q.terms, q.order
    for name in ("maintenances", "notices", "causes", "judgements", "standings", "retractions"):
        for kept in _without_one(getattr(facts, name)):
            changed: dict[str, Any] = {name: kept}
            yield replace(q, facts=replace(facts, **changed))
    for service, sources in facts.states.items():
        for kept in _without_one(sources):
            yield replace(q, facts=replace(facts, states={**facts.states, service: kept}))
        for n, states in enumerate(sources):
            for row in range(len(states.at)):
                keep = [i for i in range(len(states.at)) if i != row]
                columns = {c: getattr(states, c)[keep] for c in ("at", "earliest", "outcome", "recorded")}
                fewer = (*sources[:n], replace(states, **columns), *sources[n + 1 :])
                yield replace(q, facts=replace(facts, states={**facts.states, service: fewer}))
    for rules in _without_one(terms.excludes):
        yield replace(q, terms=replace(terms, excludes=rules))
    for limits in _without_one(terms.limits):
        yield replace(q, terms=replace(terms, limits=limits))
    for n, rule in enumerate(terms.excludes):
        for name in ("gates", "clips", "expect", "unless"):
            for kept in _without_one(getattr(rule, name)):
                changed = {name: kept}
                less = (*terms.excludes[:n], replace(rule, **changed), *terms.excludes[n + 1 :])
                yield replace(q, terms=replace(terms, excludes=less))
    for key in terms.remedies:
        yield replace(q, terms=replace(terms, remedies=_without(terms.remedies, key)))
    for key in terms.clocks:
        yield replace(q, terms=replace(terms, clocks=_without(terms.clocks, key)))
    if len(terms.commitments) > 1:
        for key in terms.commitments:
            yield replace(q, terms=replace(terms, commitments=_without(terms.commitments, key)))
    if len(order.services) > 1:
        for kept in _without_one(order.services):
            yield replace(q, order=replace(order, services=kept))
    for outage in terms.outages.values():
        for plain in (replace(outage, grain=None), replace(outage, shortest=None)):
            if plain != outage:
                yield replace(q, terms=replace(terms, outages={outage.name: plain}))
    for measure in terms.measures.values():
        for simple in (replace(measure, service_hours=""), replace(measure, rounding=None)):
            if simple != measure:
                yield replace(q, terms=replace(terms, measures={**terms.measures, measure.name: simple}))


def _without_one(parts: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    for n in range(len(parts)):
        yield (*parts[:n], *parts[n + 1 :])


def _without(parts: Mapping[str, T], key: str) -> dict[str, T]:
    return {k: v for k, v in parts.items() if k != key}
