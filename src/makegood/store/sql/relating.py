"""The facts of a store that some others concern: those of their ids, those that they refer to, and what corrects these.

Recording a fact asks for no more, so that it takes as long in a store of many facts as in one of few.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, select

from makegood.exchange.fact_json import fact_from_json
from makegood.model.facts import AnyFact, Retraction
from makegood.store.sql.tables import OWN, fact

Knows: TypeAlias = Callable[[AnyFact, Mapping[str, AnyFact]], bool]
"""Says whether somebody knows of a fact, given others that it may be about by their ids."""

AT_ONCE = 500
"""Names in one question."""
EXAMPLES = 50
"""Facts that are named to whoever refers to one that there is not."""


def related(connection: Connection, some: Iterable[AnyFact], knows: Knows | None = None) -> list[AnyFact]:
    """What is recorded of some facts, in the order of the log.

    These are the facts with their ids; with the ids that they refer to, and what those are about in turn; and the facts
    that supersede what they do. Where they refer to what is not there, the first few of all facts too. Facts whose
    content was erased are left out, and those that whoever asks does not know: for them these are not there.
    """
    given = list(some)
    found: dict[int, AnyFact] = {}
    asked = set[str]()
    corrected = {one.supersedes for one in given if one.supersedes}
    wanted = {one.id for one in given}.union(*(refers_to(one) for one in given), corrected)
    while new := wanted - asked:
        asked |= new
        more = _facts(connection, fact.c.id, new)
        found |= more
        wanted = set[str]().union(*(about(one) for one in more.values()))
    found |= _facts(connection, fact.c.supersedes, corrected)
    found = _known(found, knows)
    there = {one.id for one in (*found.values(), *given)}
    if any(one not in there for one in asked):
        found |= _known(_facts(connection), knows)
    return [found[position] for position in sorted(found)]


def _known(found: dict[int, AnyFact], knows: Knows | None) -> dict[int, AnyFact]:
    by_id = {one.id: one for one in found.values()}
    return found if knows is None else {position: one for position, one in found.items() if knows(one, by_id)}


def held(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Which ids some fact has already, also one that was erased."""
    return {str(name) for part in _parts(ids) for name in connection.execute(
        select(fact.c.id).where(fact.c.id.in_(part))).scalars()}  # fmt: skip


def corrections(connection: Connection, ids: Iterable[str]) -> list[tuple[str, str]]:
    """What supersedes facts of some ids: the id of each, and that which it supersedes."""
    asked = select(fact.c.id, fact.c.supersedes)
    return [
        (row.id, row.supersedes)
        for part in _parts(ids)
        for row in connection.execute(asked.where(fact.c.supersedes.in_(part)))
    ]


def _parts(names: Iterable[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(set(names))
    return (ordered[n : n + AT_ONCE] for n in range(0, len(ordered), AT_ONCE))


def refers_to(one: AnyFact) -> set[str]:
    """The ids that a fact refers to."""
    return {str(getattr(one, name, "")) for name in ("supersedes", "of", "about")} - {""}


def about(one: AnyFact) -> set[str]:
    """The ids of what a fact is about: of a retraction, what it withdraws; of others not what they correct."""
    return refers_to(one) if isinstance(one, Retraction) else refers_to(one) - {one.supersedes}


def _facts(connection: Connection, column: Any = None, names: Iterable[str] = ()) -> dict[int, AnyFact]:
    """Facts by their positions: those of which a column has one of some names, or without one the first of all."""
    asked = select(fact.c.position, fact.c.body).where(fact.c.body.is_not(None), fact.c.kind.not_in(OWN))
    parts: Sequence[Any] = [asked.order_by(fact.c.position).limit(EXAMPLES)]
    if column is not None:
        parts = [asked.where(column.in_(part)) for part in _parts(names)]
    return {
        position: fact_from_json(json.loads(bytes(raw)))
        for part in parts
        for position, raw in connection.execute(part).all()
    }
