"""Stores for tests, on SQLite and on PostgreSQL: every test of a store runs over both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from makegood.store.opened import Store, create
from tests.store.postgres import url_of

BUCKET = "evidence"
_NUMBER = count()


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


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def remote(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The bucket, and an environment that leads to it."""
    import boto3

    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "us-east-1"), ("NO_PROXY", "127.0.0.1"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    bucket = boto3.resource("s3", endpoint_url=endpoint).Bucket(BUCKET)
    bucket.create()
    yield bucket
    bucket.objects.delete()
