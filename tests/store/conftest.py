"""Stores for tests, on SQLite and on PostgreSQL: every test of a store runs over both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from makegood.store.opened import Store, create
from tests.store.postgres import server, url_of

_NUMBER = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The folder of a running PostgreSQL."""
    with server() as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a new database; empty for SQLite in the store's folder."""
    if request.param == "sqlite":
        return ""
    return new_database(request)


def new_database(request: pytest.FixtureRequest) -> str:
    """The URL of a new database of PostgreSQL."""
    return url_of(request.getfixturevalue("postgres"), f"store_{next(_NUMBER)}")


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    """A new store."""
    made = create(tmp_path / "store", database)
    yield made
    made.engine.dispose()
