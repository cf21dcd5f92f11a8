"""What came into the log since a length of it: results of new batches, and whether there is more to be read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from makegood.evidence.batch import Batch
from makegood.store.opened import Store
from makegood.store.sql.batches import filed, held, rosters
from makegood.store.sql.database import reading
from makegood.store.sql.log import extent
from makegood.store.sql.tables import batch, log


@dataclass(frozen=True, eq=False)
class Arrived:
    """What came since: the log is `size` entries long now.

    `batches` are those whose results are hot. `sealed` says that others came and were sealed already, `kinds` of what
    kinds all new entries are.
    """

    size: int
    batches: tuple[Batch, ...] = ()
    sealed: bool = False
    kinds: frozenset[str] = frozenset()


def arrived(store: Store, since: int) -> Arrived:
    """What came after the first `since` entries, from one state of the database."""
    with reading(store.engine) as connection:
        size = extent(connection).size
        if size <= since:
            return Arrived(size)
        asked = select(log.c.kind).where(log.c.position >= since, log.c.position < size).distinct()
        kinds = frozenset(connection.execute(asked).scalars())
        if "batch" not in kinds:
            return Arrived(size, kinds=kinds)
        new = filed(connection, batch.c.position >= since, batch.c.position < size, batch.c.flag.is_(None))
        hot = [one for one in new if one.sealed is None]
        lists = rosters(connection, [one.roster for one in hot])
        batches = tuple(one for _, one in held(connection, hot, lists))
        return Arrived(size, batches, len(hot) < len(new), kinds)
