"""A fleet cut into tasks: orders that share services lie together, and each task carries only their evidence."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace

from makegood.app.fleet.pools import Packed
from makegood.app.fleet.task import Asked, Task
from makegood.model.facts import Facts
from makegood.model.order import Order
from makegood.model.spans import Instant

PARTS = 16
"""Tasks for each worker, so that the last ones end about together and a lost one costs little."""
MOST = 64
"""Orders in one task: what is made of them must fit into a message."""


def packed(
    asked: Sequence[Asked], as_of: Instant, workers: int, documents: bool = False, swept: bool = True
) -> Iterator[Packed]:
    """The tasks of a fleet, each made when it is asked for."""
    for number, part in enumerate(parts(asked, workers)):
        facts = of_orders(part[0].docket.facts, [one.docket.order for one in part])
        light = tuple(replace(one, docket=replace(one.docket, facts=facts, warnings=(), readings={})) for one in part)
        task = Task(light, as_of, documents, swept)
        yield Packed(number, task.orders, pickle.dumps(task, pickle.HIGHEST_PROTOCOL))


def parts(asked: Sequence[Asked], workers: int) -> list[list[Asked]]:
    """Groups of orders, `PARTS` or more for each worker where there are so many; those with shared services together.

    What a group of sharers is too large for is cut: then a service is looked at once in each part.
    """
    size = max(1, min(MOST, -(-len(asked) // (PARTS * workers)))) if workers > 1 else MOST
    found: list[list[Asked]] = []
    for group in _sharing(asked):
        for at in range(0, len(group), size):
            some = group[at : at + size]
            if found and len(found[-1]) + len(some) <= size:
                found[-1] += some
            else:
                found.append(some)
    return found


def _sharing(asked: Sequence[Asked]) -> list[list[Asked]]:
    """The orders that are joined by services or checks that they share, in the order of the first of each group."""
    root = list(range(len(asked)))

    def find(n: int) -> int:
        while root[n] != n:
            root[n] = root[root[n]]
            n = root[n]
        return n

    first: dict[tuple[str, str], int] = {}
    for n, one in enumerate(asked):
        for name in _evidence(one.docket.order):
            a, b = sorted((find(first.setdefault(name, n)), find(n)))
            root[b] = a
    groups: dict[int, list[Asked]] = {}
    for n, one in enumerate(asked):
        groups.setdefault(find(n), []).append(one)
    return [sorted(group, key=lambda one: (_evidence(one.docket.order), one.number)) for group in groups.values()]


def _evidence(order: Order) -> list[tuple[str, str]]:
    return [pair for s in order.services for pair in (("service", s.name), *(("check", c) for c in s.checks))]


def of_orders(facts: Facts, orders: Sequence[Order]) -> Facts:
    """The facts with the evidence of some orders' services alone. Records stay: a limit may count those of others."""
    services = dict.fromkeys(s.name for order in orders for s in order.services)
    checks = dict.fromkeys(c for order in orders for s in order.services for c in s.checks)
    return replace(
        facts,
        results={check: facts.results[check] for check in checks if check in facts.results},
        states={name: facts.states[name] for name in services if name in facts.states},
        measurements={name: facts.measurements[name] for name in services if name in facts.measurements},
    )
