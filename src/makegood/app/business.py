"""Whose business a fact is: what a token of one tenant sees of what is recorded, and what it may record.

Seeing is wide: work on a service that several share concerns each of them. Recording is narrow: a fact that reaches
beyond what is the tenant's would count for others, so everything that it names must be the tenant's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from makegood.app.tokens import Caller
from makegood.exchange.fact_json import kind_of
from makegood.model.facts import AnyFact, Cause, Item, ItemKind, Judgement, Maintenance, Notice, Retraction, Standing
from makegood.model.problem import Place, Problem, error
from makegood.store.opened import Store
from makegood.store.sql.database import reading
from makegood.store.sql.relating import corrections, held, related

CLAIMS = (ItemKind.TICKET, ItemKind.CLAIM)
"""The kinds of facts that a customer records."""
OF_ORDERS = (ItemKind.CLAIM, ItemKind.CHANGE)
"""The kinds that count for every order where they name none, whatever service they name."""


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
    """What a caller may not record of some facts: what is not all its business, what it says in another one's name,
    and without `everything` all but tickets and claims, and their retractions.

    `there` are the facts that are recorded and its business, by id; what else a fact refers to is not there for it.
    """
    others = {**there, **{one.id: one for one in facts}}
    problems = []
    for one in facts:
        before = others.get(one.supersedes) if one.supersedes else None
        subject = before if isinstance(one, Retraction) else one
        if isinstance(one, Retraction) and before is None:
            continue  # the reader has told already that there is no such fact
        if not everything and not (isinstance(subject, Item) and subject.kind in CLAIMS):
            what = f"this token records tickets and claims, and `{one.id}` is something else"
            problems.append(_forbidden(what, "let the provider record it"))
            continue
        if one.by != caller.name and not (caller.whole and everything):
            what = f"`{one.id}` says that `{one.by}` recorded it, and this token is that of `{caller.name}`"
            problems.append(error("not-the-author", Place("by"), what, "", "leave `by` out"))
        if not caller.whole:
            problems += (
                _forbidden(f"`{one.id}` {beyond}", hint) for beyond, hint in _beyond(caller, one, others, everything)
            )
    return problems


def hidden(store: Store, facts: Sequence[AnyFact], there: Mapping[str, AnyFact]) -> list[Problem]:
    """The facts whose id something has that is not `there` for who asks, or that correct what something else did that
    is not there: they are refused without a word about that."""
    with reading(store.engine) as connection:
        ids = held(connection, (one.id for one in facts if one.id not in there))
        others = corrections(connection, (one.supersedes for one in facts if one.supersedes))
    corrected = {before for name, before in others if name not in there}
    why = "an id is given once, also where what has it is not shown"
    problems = [
        error("id-taken", Place("facts"), f"the id `{one.id}` is taken", why, "give it another id")
        for one in facts
        if one.id in ids
    ]
    why, hint = "both corrections would count", "ask the provider"
    problems += [
        error("superseded-twice", Place("facts"), f"`{one.supersedes}` was corrected already", why, hint)
        for one in facts
        if one.supersedes in corrected and one.id not in ids
    ]
    return problems


def taken(store: Store, caller: Caller, fact: AnyFact) -> list[Problem]:
    """The same, of one fact that a caller would record."""
    if caller.whole:
        return []
    with reading(store.engine) as connection:
        there = related(connection, [fact], lambda one, others: concerns(caller, one, others))
    return hidden(store, [fact], {one.id: one for one in there})


def _beyond(
    caller: Caller, fact: AnyFact, others: Mapping[str, AnyFact], everything: bool
) -> Iterator[tuple[str, str]]:
    """What a fact reaches that is not a tenant's, each in words and with what to do. A provider may record what
    happened to a service of its own, whichever orders it is of; a customer's word counts for its order alone."""
    services, orders = _named(fact)
    for kind, names, mine in (("service", services, caller.services), ("order", orders, caller.orders)):
        for name in names:
            if name not in mine:
                what = f"is about the {kind} `{name}`, which is not of this token's tenant"
                yield what, "ask an administrator to add it to the tenant"
    if isinstance(fact, Item) and not fact.order and (fact.kind in OF_ORDERS or not fact.service or not everything):
        yield "names no order, and would count for every one", "write its `order`"
    about = fact.about if isinstance(fact, Judgement) else fact.of if isinstance(fact, Notice) else ""
    if isinstance(fact, Notice) and fact.order:
        about = ""  # it counts for that order alone, also where the work is on a service that others have too
    for name in dict.fromkeys(one for one in (about, fact.supersedes) if one):
        other = others.get(name)
        if other is not None and not _all_mine(caller, other, others, everything):
            what = f"is about {kind_of(other)} `{name}`, which does not concern this token's tenant alone"
            yield (
                what,
                "write its `order`" if isinstance(fact, Notice) and name == about else "let the provider record it",
            )


def _all_mine(caller: Caller, fact: AnyFact, others: Mapping[str, AnyFact], everything: bool) -> bool:
    """Whether nothing that a fact reaches is another one's; a circle of references is none that could be recorded."""
    without = {name: one for name, one in others.items() if name != fact.id}
    return next(_beyond(caller, fact, without, everything), None) is None


def _named(fact: AnyFact) -> tuple[Sequence[str], Sequence[str]]:
    """The services and the orders that a fact names."""
    match fact:
        case Maintenance(services=services):
            return services, ()
        case Cause(service=service):
            return (service,), ()
        case Standing(order=order):
            return (), (order,)
        case Item(service=service, order=order):
            return (service,) if service else (), (order,) if order else ()
        case Notice(order=order):
            return (), (order,) if order else ()
        case Judgement() | Retraction():
            return (), ()


def _forbidden(what: str, hint: str) -> Problem:
    return error("forbidden", Place("facts"), what, "", hint)
