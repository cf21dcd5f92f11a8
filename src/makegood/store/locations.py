"""Which key a location had and who ran it, since when: documents of the log, one for each agent that was enrolled."""

from __future__ import annotations

import json

from sqlalchemy import select

from makegood.evidence.canonical import Json, canonical
from makegood.model.facts import Operated
from makegood.store.opened import Store
from makegood.store.sql.agents import Agent
from makegood.store.sql.database import reading
from makegood.store.sql.store import Document
from makegood.store.sql.tables import document

LOCATION = "location"
"""The kind of the documents."""


def location_document(log: str, one: Agent) -> Document:
    """That an agent was enrolled in a log, in canonical JSON."""
    body: Json = {
        "at": str(one.enrolled), "key": one.key.hex(), "location": one.location, "log": log, "operator": one.operator,
        "v": 1,
    }  # fmt: skip
    return Document(LOCATION, one.location, canonical(body))


def operated(store: Store, size: int) -> tuple[Operated, ...]:
    """Who ran which location, by the first `size` entries of the log, in their order."""
    d = document.c
    asked = select(d.body).where(d.kind == LOCATION, d.position < size).order_by(d.position)
    with reading(store.engine) as connection:
        told = [json.loads(bytes(body)) for body in connection.execute(asked).scalars()]
    return tuple(Operated(said["location"], said["operator"], int(said["at"])) for said in told)
