"""Use case: take the webhook of an Alertmanager, and record its alerts as incidents."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from makegood.exchange.alertmanager import facts_of, read_webhook
from makegood.model.problem import Refused
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended
from makegood.store.sql.tables import fact

MOST_BYTES = 4 << 20


def hear(store: Store, raw: bytes, source: str, now: Instant, services: Sequence[str] = (), of: str = "") -> int:
    """Record what a webhook tells, durably when this returns; how many facts were new.

    `source` names who sends, and is the author of the facts. Alerts that were told before are passed over, and so are
    those of no service of a tenant, where it is `of` one: an incident without a service would count for everybody.
    Raises Refused with every problem; nothing was recorded then.
    """
    told, problems = read_webhook(raw[: MOST_BYTES + 1], source, now, services, of)
    if problems:
        raise Refused(problems)
    told = tuple(one for one in told if not of or one.began.service in services)
    ids = [one.id for each in told for one in (each.began, each.ended) if one is not None]
    with reading(store.engine) as connection:
        there = {str(key): True for key in connection.execute(select(fact.c.id).where(fact.c.id.in_(ids))).scalars()}
    new = list(facts_of(told, there))
    if new:
        store.append(Appended(source, new), now)
    return len(new)
