"""Use case: announce planned work. It becomes a fact, and notices of it go to the contacts of orders, all or nothing.

Before that, each order's agreement is asked what the announcement would come to if it were accepted at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from makegood.app.alerts_in_force import in_force
from makegood.app.asked_periods import at_hand, end_of
from makegood.app.deployed import deployed
from makegood.app.judging import Docket, binding
from makegood.app.noticing import announce, unfit
from makegood.app.refusals import nearest
from makegood.app.watching import dockets_of
from makegood.engine.announced import Foreseen, Recipient, accepted_now, foresee
from makegood.engine.judge.case import World
from makegood.engine.supposing import ended_well
from makegood.exchange.facts import read_facts
from makegood.exchange.facts_text import facts_text
from makegood.model.alerts import Channel, Mail
from makegood.model.facts import Facts, Maintenance
from makegood.model.order import Order
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import SECOND, Instant
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from makegood.store.sql.store import Appended


@dataclass(frozen=True)
class Asked:
    """What is to be announced, and to whom: all orders that cover its services where `orders` names none, among those
    of `only` where the caller may see no others. `text` is said in the notices beside what is announced. `channel` is
    one of e-mail; the only one where it is empty."""

    work: Maintenance
    orders: tuple[str, ...] = ()
    text: str = ""
    channel: str = ""
    only: frozenset[str] | None = None


@dataclass(frozen=True, eq=False)
class Announcement:
    """Work that can be announced, who is told of it and by which channel, and what is said beside."""

    work: Maintenance
    told: tuple[Recipient, ...]
    channel: Channel
    text: str


def announcement(store: Store, asked: Asked, now: Instant) -> Announcement:
    """Who would be told, and what each order's agreement would make of it. Raises Refused with every problem."""
    known = deployed(store)
    mine = [one.order for one in known.orders if asked.only is None or one.order.id in asked.only]
    channel, problems = _channel(store, asked.channel)
    problems += [*_unknown(asked, mine), *_wrong(asked.work, now)]
    if problems:
        raise Refused(problems)
    assert channel is not None
    concerned = [one for one in mine if _concerns(one, asked)]
    problems += [*unfit(channel, concerned)]
    if not concerned:
        hint = "name other services, or apply the orders first"
        problems.append(error("nobody-told", Place("services"), "no order covers these services", "", hint))
    facts, damaged = read_folder(store.folder, store.size())
    problems += [one for one in damaged if one.severity is Severity.ERROR]
    if problems:
        raise Refused(problems)
    work = _recorded(facts, asked.work)
    dockets = {docket.order.id: docket for docket in dockets_of(known)[0]}
    told = []
    for order in concerned:
        docket = dockets.get(order.id)
        foreseen, why = ([], "its agreement cannot be judged") if docket is None else _foresee(docket, facts, work, now)
        told.append(Recipient(order, tuple(foreseen), why))
    return Announcement(work, tuple(told), channel, asked.text)


def announce_work(store: Store, made: Announcement, by: str, now: Instant) -> int:
    """Record the work, and put its notices into the outbox, in one transaction; how many are new. Doing it again adds
    none.

    Raises Refused where something else is recorded under its id, or the store cannot be written.
    """

    put = []

    def also(connection: Connection, _: range) -> None:
        put.extend(announce(connection, made.work, [one.order for one in made.told], made.channel, now, made.text))

    store.append(Appended(by, [made.work]), now, also)
    return len(put)


def _channel(store: Store, name: str) -> tuple[Channel | None, list[Problem]]:
    channels = in_force(store).channels
    mail = [one for one in channels if isinstance(one.way, Mail)]
    where = Place("channel")
    if name:
        found = next((one for one in channels if one.name == name), None)
        if found is None:
            hint = nearest(name, [one.name for one in mail], "apply a file of alerts that has it")
            return None, [error("no-channel", where, f"no channel `{name}` is in force", "", hint)]
        return found, list(unfit(found, ()))
    if len(mail) == 1:
        return mail[0], []
    why = "a notice counts from the instant at which the contact's mail server accepts it"
    if not mail:
        hint = "write one into a file of alerts, and apply it"
        return None, [error("no-channel", where, "no channel of e-mail is in force", why, hint)]
    named = " or ".join(f"`{one.name}`" for one in mail)
    return None, [error("no-channel", where, "several channels of e-mail are in force", "", f"name {named}")]


def _unknown(asked: Asked, orders: Sequence[Order]) -> list[Problem]:
    services = {service.name: service for order in orders for service in order.services}
    problems = [
        error("unknown-service", Place("services"), f"no order covers a service `{name}`", "",
              nearest(name, services, "apply the order that covers it"))
        for name in asked.work.services if name not in services
    ]  # fmt: skip
    if not asked.work.services:
        problems.append(error("unknown-service", Place("services"), "no service is named", "", "name at least one"))
    by_id = {order.id: order for order in orders}
    for name in asked.orders:
        if name not in by_id:
            hint = nearest(name, by_id, "apply it first")
            problems.append(error("no-order", Place("orders"), f"no order `{name}` is deployed", "", hint))
        elif not {s.name for s in by_id[name].services} & {*asked.work.services}:
            what = f"the order `{name}` covers none of these services"
            problems.append(error("no-order", Place("orders"), what, "", "leave it out"))
    return problems


def _wrong(work: Maintenance, now: Instant) -> list[Problem]:
    """What is wrong with the work itself: it must read back as what it is, as all facts that people record do."""
    read, problems = read_facts(facts_text([work]).encode("utf-8"), "announcement")
    found = [replace(one, where=Place("announcement")) for one in problems if one.severity is Severity.ERROR]
    if not found and tuple(read) != (work,):
        found = [error("announcement", Place("announcement"), "this cannot be kept as it is", "", "write plain text")]
    if found or work.announced.start > now:
        return found
    what, why = "this work would have begun already", "what is announced is still to come"
    hint = "record work of the past as a fact, with `makegood import`"
    return [error("work-begun", Place("during"), what, why, hint)]


def _concerns(order: Order, asked: Asked) -> bool:
    covers = bool({service.name for service in order.services} & {*asked.work.services})
    return covers and (not asked.orders or order.id in asked.orders)


def _recorded(facts: Facts, work: Maintenance) -> Maintenance:
    """The fact as it is recorded already, where it says the same: so that the same command may be given twice."""
    there = next((one for one in facts.maintenances if one.id == work.id), None)
    return there if there is not None and replace(there, recorded=work.recorded, by=work.by) == work else work


def _foresee(docket: Docket, facts: Facts, work: Maintenance, now: Instant) -> tuple[list[Foreseen], str]:
    """What an order's agreement makes of the work, its services down from its start to its end, if each contact had
    accepted a notice by the next whole second; or why nothing can be said."""
    at = -(-now // SECOND) * SECOND
    known = accepted_now(facts, work, docket.order, at).known_at(at)
    edges = work.announced.start, work.announced.end - 1
    labels = dict.fromkeys(label for edge in edges for label in at_hand(docket.terms, edge))
    found = list[Foreseen]()
    try:
        for label in labels:
            later = ended_well(World(docket.order, known, at), end_of(docket.terms, [label]))
            _, terms = binding(later, docket, label)
            found += foresee(later, terms, label, work)
    except Refused as refused:
        return [], refused.problems[0].what
    return found, "" if found else "the order or its agreement does not cover these services then"
