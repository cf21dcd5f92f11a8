"""Use case: tenants, each with the services and orders that concern it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import delete, insert, select, update

from makegood.app.deployed import Deployed
from makegood.model.problem import Place, Problem, error
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import covered, tenant


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


def unknown_parts(one: Tenant, known: Deployed) -> list[Problem]:
    """The services and orders of a tenant that nothing that is deployed names: a slip would hide all from it."""
    orders = [each.order for each in known.orders]
    services = {each.name for order in orders for each in order.services} | {each.service for each in known.checks}
    named = (("service", one.services, sorted(services)), ("order", one.orders, sorted(each.id for each in orders)))
    problems = []
    for kind, names, there in named:
        for name in dict.fromkeys(names):
            if name not in there:
                near = get_close_matches(name, there, n=1)
                hint = f"did you mean `{near[0]}`?" if near else "apply the files that name it first"
                hint += "; or name it ahead with `?ahead=true`"
                what = f"no {kind} `{name}` is deployed"
                problems.append(error(f"unknown-{kind}", Place(f"{kind}s"), what, "", hint))
    return problems


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
