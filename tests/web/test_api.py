"""The interface as it is described: every answer to what schemathesis makes up is one that the description names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from makegood.app.roles import ROUTES, Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.store.opened import create
from tests.web.asking import NOON, Desk, desk


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    folder: Path = tmp_path_factory.mktemp("api")
    store = create(folder / "store")
    with desk(store) as made:
        put_tenant(store, Tenant("acme", "Acme", ("web",), ("A-1",)), NOON)
        made.loops.attend()
        yield made, made.token(Role.ADMINISTRATOR)
    store.engine.dispose()
