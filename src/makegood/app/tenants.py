"""Use case: tenants, whose tokens see and record what concerns their services and orders alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from makegood.app.tokens import Caller
from makegood.model.facts import AnyFact, Cause, Item, ItemKind, Judgement, Maintenance, Notice, Retraction, Standing
from makegood.model.problem import Place, Problem, error
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import covered, tenant

CLAIMS = (ItemKind.TICKET, ItemKind.CLAIM)
"""The kinds of facts that a customer records."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant and what concerns it."""

    name: str
    title: str
    services: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()


def put_tenant(store: Store, one: Tenant, now: Instant) -> None:
    """Make a tenant, or say anew what concerns it."""
    parts = [("service", name) for name in dict.fromkeys(one.services)]
    parts += [("order", name) for name in dict.fromkeys(one.orders)]
    with writing(store.engine) as connection:
        changed = connection.execute(update(tenant).where(tenant.c.name == one.name).values(title=one.title))
        if not changed.rowcount:
            connection.execute(insert(tenant).values(name=one.name, title=one.title, made=now))
        connection.execute(delete(covered).where(covered.c.tenant == one.name))
        if parts:
            connection.execute(insert(covered), [{"tenant": one.name, "kind": k, "name": n} for k, n in parts])


def tenants(store: Store) -> list[Tenant]:
    """All tenants, by name."""
    with reading(store.engine) as connection:
        rows = connection.execute(select(tenant.c.name, tenant.c.title).order_by(tenant.c.name)).all()
        parts = connection.execute(select(covered).order_by(covered.c.name)).all()
    named = {kind: [(p.tenant, p.name) for p in parts if p.kind == kind] for kind in ("service", "order")}
    return [
        Tenant(
            name,
            title,
            tuple(n for of, n in named["service"] if of == name),
            tuple(n for of, n in named["order"] if of == name),
        )
        for name, title in rows
    ]


def concerns(caller: Caller, fact: AnyFact, others: Mapping[str, AnyFact]) -> bool:
    """Whether a fact is a caller's business. `others` are the facts that it may be about, by their ids.

    What concerns a service or an order of a tenant concerns the tenant, unless it is about another order as well: a
    notice to one customer about work on a shared service is that customer's alone.
    """
    if caller.whole:
        return True
    match fact:
        case Maintenance(services=services):
            return bool(caller.services & set(services))
        case Cause(service=service):
            return service in caller.services
        case Standing(order=order):
            return order in caller.orders
        case Item(order=order, service=service):
            return order in caller.orders if order else service in caller.services
        case Notice(order=order, of=about):
            return order in caller.orders if order else _about(caller, about, others)
        case Judgement(about=about):
            return _about(caller, about, others)
        case Retraction(supersedes=about):
            return _about(caller, about, others)


def _about(caller: Caller, about: str, others: Mapping[str, AnyFact]) -> bool:
    found = others.get(about)
    return found is not None and not isinstance(found, Retraction) and concerns(caller, found, others)


def foreign(caller: Caller, facts: Sequence[AnyFact], there: Mapping[str, AnyFact], everything: bool) -> list[Problem]:
    """What a caller may not record of some facts: what is not its business, and without `everything` all but tickets
    and claims, and their retractions. `there` are the facts that are recorded already, by id."""
    others = {**there, **{one.id: one for one in facts}}
    problems = []
    for one in facts:
        before = others.get(one.supersedes) if one.supersedes else None
        subject = before if isinstance(one, Retraction) else one
        if not everything and not (isinstance(subject, Item) and subject.kind in CLAIMS):
            what = f"this token records tickets and claims, and `{one.id}` is something else"
            problems.append(error("forbidden", Place("facts"), what, "", "let the provider record it"))
        elif not concerns(caller, one, others) or (before is not None and not concerns(caller, before, others)):
            what = f"`{one.id}` is about no service or order of this token's tenant"
            problems.append(
                error("forbidden", Place("facts"), what, "", "ask an administrator to add it to the tenant")
            )
    return problems
