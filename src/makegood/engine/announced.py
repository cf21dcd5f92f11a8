"""Work that is about to be announced: what an order's agreement would make of it, and what it would cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from makegood.engine.judge.case import Supposed, World
from makegood.engine.statement import state
from makegood.engine.sums import Owed, owed_by
from makegood.engine.supposing import facts_with, facts_without, with_supposed
from makegood.model.facts import Facts, Maintenance, Notice
from makegood.model.order import Order
from makegood.model.spans import Instant
from makegood.model.statement import Excuse, Statement
from makegood.model.terms import Terms


@dataclass(frozen=True, eq=False)
class Foreseen:
    """What a commitment makes of announced work in a period, with its services down from its start to its end.

    `excuses` are the exclusions that it asks for, granted or refused; `cost` is what is owed more than without it.
    """

    commitment: str
    subject: str
    period: str
    excuses: tuple[Excuse, ...]
    cost: Owed


@dataclass(frozen=True, eq=False)
class Recipient:
    """An order whose contacts are told, and what is foreseen of it; where that is nothing, `why`."""

    order: Order
    foreseen: tuple[Foreseen, ...]
    why: str = ""


def accepted_now(facts: Facts, work: Maintenance, order: Order, now: Instant) -> Facts:
    """The facts as they are when the work is recorded and each contact of an order has accepted a notice of it by now.

    A notice that was accepted before keeps its instant.
    """
    had = {n.to for n in facts.notices if n.of == work.id and n.accepted is not None and n.order in ("", order.id)}
    told = [
        Notice(f"notice of {work.id} to {contact}", now, "", of=work.id, to=contact, accepted=now, order=order.id)
        for contact in order.contacts
        if contact not in had
    ]
    return facts_with(facts_without(facts, {work.id}), [work, *told], now)


def foresee(later: World, terms: Terms, label: str, work: Maintenance) -> list[Foreseen]:
    """What each commitment makes of work in a period that has ended well otherwise; those that it does not touch are
    left out."""
    down = [Supposed(name, work.announced, down=True) for name in _covered(later.order, work.services)]
    before, after = _by_key(later, terms, label), _by_key(with_supposed(later, down), terms, label)
    found = []
    for key, one in after.items():
        excuses = tuple(excuse for excuse in one.excuses if excuse.item == work.id)
        if excuses or one.classes.down.total != before[key].classes.down.total:
            found.append(Foreseen(one.commitment, one.subject, label, excuses, owed_by(one) - owed_by(before[key])))
    return found


def _covered(order: Order, services: Collection[str]) -> list[str]:
    return [one.name for one in order.services if one.name in services]


def _by_key(world: World, terms: Terms, label: str) -> Mapping[tuple[str, str], Statement]:
    return {(s.commitment, s.subject): s for s in state(world, terms, label, (), explain=False).statements}
