"""What is deployed at a store, at hand for whoever asks every second: read again only when something was applied."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from makegood.app.deployed import Deployed, deployed
from makegood.model.checks import Check
from makegood.store.opened import Store
from makegood.store.sql.database import reading
from makegood.store.sql.deploying import DEPLOYMENT
from makegood.store.sql.tables import document


class Configured:
    """What is deployed. May be used from many threads; whoever asks gets what was read last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at: int | None = -1
        self._now: Deployed | None = None

    def refresh(self) -> Deployed:
        """Read again what was applied since. Raises Refused where it cannot be read; what was read last stays."""
        with reading(self._store.engine) as connection:
            latest = select(func.max(document.c.position)).where(document.c.kind == DEPLOYMENT)
            at = connection.execute(latest).scalar()
        if self._now is None or at != self._at:
            self._now, self._at = deployed(self._store), at
        return self._now

    def now(self) -> Deployed:
        """What was read last. Raises Refused where nothing could be read yet."""
        return self._now if self._now is not None else self.refresh()

    def checks(self) -> Sequence[Check]:
        """The checks among it."""
        return self.now().checks
