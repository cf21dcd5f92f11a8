"""Hubs for tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from makegood.app.roles import OF_TENANTS, Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.app.tokens import make_token
from makegood.store.opened import Store, create
from tests.store.postgres import url_of
from tests.web.asking import NOON, Desk, Server, desk, serving

_NUMBER = count()
FULL = (Role.ADMINISTRATOR, Role.SCRAPER)


@dataclass(frozen=True)
class Served:
    """A real server, and tokens of it."""

    server: Server
    administrator: str
    scraper: str
    others: tuple[str, ...]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real server, which several tests ask."""
    store = create(tmp_path_factory.mktemp("served") / "store")
    put_tenant(store, Tenant("acme", "Acme", ("web",), ("A-1",)), NOON)
    _, token = make_token(store, Role.ADMINISTRATOR, "Ada", by="test", now=NOON)
    make_token(store, Role.ADMINISTRATOR, "Grace", by="test", now=NOON)
    _, scraper = make_token(store, Role.SCRAPER, "prometheus", by="test", now=NOON)
    others = [make_token(store, role, "one", by="test", now=NOON)[1] for role in Role if role not in FULL]
    others += [make_token(store, role, "of acme", by="test", now=NOON, of="acme")[1] for role in OF_TENANTS]
    with serving(store.folder) as server:
        yield Served(server, token, scraper, tuple(others))
    store.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new store in SQLite, and one in PostgreSQL."""
    url = ""
    if request.param == "postgresql":
        url = url_of(request.getfixturevalue("postgres"), f"web_{next(_NUMBER)}")
    made = create(tmp_path / "kept", url)
    yield made
    made.engine.dispose()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Desk]:
    """A hub over a new store, in this process."""
    store = create(tmp_path / "store")
    with desk(store) as made:
        yield made
    store.engine.dispose()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    made = create(tmp_path / "kept")
    yield made
    made.engine.dispose()


@pytest.fixture
def hub_of_either(either: Store) -> Iterator[Desk]:
    """A hub over a store in SQLite, and one in PostgreSQL."""
    with desk(either) as made:
        yield made
