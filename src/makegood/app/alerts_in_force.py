"""Use case: read a file of alerts, put it in force as `apply` does, and say which is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from makegood.app.deployed import ALERTS, IN_FORCE, deployed
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.reading import file_bytes
from makegood.exchange.alerts.reading import read_alerts
from makegood.model.alerts import Alerts
from makegood.model.problem import Problem, Refused
from makegood.model.spans import Instant
from makegood.store.opened import Store
from makegood.store.sql.database import reading
from makegood.store.sql.deploying import bodies, latest, standing


def read_file(path: Path) -> tuple[Alerts, Sequence[Problem]]:
    """What a file of alerts says, and what is to be warned of. Raises Refused with every problem."""
    alerts, problems = read_alerts(file_bytes(path), str(path))
    if alerts is None:
        raise Refused(problems)
    return alerts, problems


def put_in_force(store: Store, path: Path, by: str, now: Instant) -> tuple[Alerts, Sequence[Problem]]:
    """Let a file of alerts be the one in force from now on, as `apply` would. Raises Refused."""
    alerts, problems = read_file(path)
    made = plan(deployed(store), offer_of_files([path]))
    apply_plan(store, made, now, by)
    return alerts, made.warnings or problems


def in_force(store: Store) -> Alerts:
    """The alerts in force; those of no file where none was ever put in force."""
    return Current(store)()


class Current:
    """Gives the alerts in force whenever it is asked, and reads them again only where something else was applied."""

    def __init__(self, store: Store) -> None:
        self._store, self._deployment, self._digest, self._alerts = store, b"", b"", Alerts()

    def __call__(self) -> Alerts:
        with reading(self._store.engine) as connection:
            deployment = latest(connection)
            if deployment == self._deployment:
                return self._alerts
            put = standing(connection).put.get((ALERTS, IN_FORCE))
            if put is None:
                self._alerts, self._digest, self._deployment = Alerts(), b"", deployment
                return self._alerts
            if put.digest == self._digest:
                self._deployment = deployment
                return self._alerts
            body = bodies(connection, [put.digest])[put.digest]
        alerts, problems = read_alerts(body, put.file)
        if alerts is None:
            raise Refused(problems)
        self._deployment, self._digest, self._alerts = deployment, put.digest, alerts
        return alerts
