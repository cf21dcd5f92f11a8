"""Use case: read a file of alerts, and keep the one in force as a document of the log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from makegood.app.reading import file_bytes
from makegood.exchange.alerts.reading import read_alerts
from makegood.model.alerts import Alerts
from makegood.model.problem import Problem, Refused
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql import alerts as kept
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended, Document
from makegood.store.sql.tables import document, setting

KIND, SETTING = "alerts", "alerts"


def read_file(path: Path) -> tuple[Alerts, Sequence[Problem]]:
    """What a file of alerts says, and what is to be warned of. Raises Refused with every problem."""
    alerts, problems = read_alerts(file_bytes(path), str(path))
    if alerts is None:
        raise Refused(problems)
    return alerts, problems


def put_in_force(store: Store, path: Path, by: str, now: Instant) -> tuple[Alerts, Sequence[Problem]]:
    """Let a file of alerts be the one in force from now on; it is a document of the log. Raises Refused."""
    raw = file_bytes(path)
    alerts, problems = read_file(path)
    made = Document(KIND, path.name, raw)

    def point(connection: Connection, _: range) -> None:
        connection.execute(delete(setting).where(setting.c.name == SETTING))
        connection.execute(insert(setting).values(name=SETTING, value=made.digest.hex()))
        kept.wake(connection, now)

    store.append(Appended(by, documents=[made]), now, point)
    return alerts, problems


def in_force(store: Store) -> Alerts:
    """The alerts in force; those of no file where none was ever put in force."""
    return Current(store)()


class Current:
    """Gives the alerts in force whenever it is asked, and reads their file again only where another one is."""

    def __init__(self, store: Store) -> None:
        self._store, self._digest, self._alerts = store, "", Alerts()

    def __call__(self) -> Alerts:
        with reading(self._store.engine) as connection:
            digest = connection.execute(select(setting.c.value).where(setting.c.name == SETTING)).scalar()
            if digest is None or digest == self._digest:
                return self._alerts
            asked = select(document.c.body, document.c.name).where(document.c.sha256 == bytes.fromhex(digest))
            body, name = connection.execute(asked).one()
        alerts, problems = read_alerts(bytes(body), name)
        if alerts is None:
            raise Refused(problems)
        self._digest, self._alerts = str(digest), alerts
        return alerts
