"""A database of any earlier schema is brought up to date with all that is in it, or left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from makegood.store.sql import schema
from makegood.store.sql.database import Unusable, engine_of, is_safe, reading, sqlite_url, writing
from makegood.store.sql.schema import is_current, revisions, upgrade
from makegood.store.sql.tables import metadata
from tests.store.postgres import url_of

_NUMBER = count()
LOGGED = "insert into log (position, at, kind, leaf) values (0, 7, 'cause', {})"
"""What a database of the first schema may hold, and every later one too."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "empty.sqlite")
    else:
        url = url_of(request.getfixturevalue("postgres"), f"empty_{next(_NUMBER)}")
    made = engine_of(url)
    yield made
    made.dispose()


def fill(engine: Engine) -> None:
    literal = "x'7b7d'" if engine.dialect.name == "sqlite" else "decode('7b7d', 'hex')"
    with writing(engine) as connection:
        connection.exec_driver_sql(LOGGED.format(literal))


def held(engine: Engine) -> list[tuple[int, int, str, bytes]]:
    with reading(engine) as connection:
        rows = connection.exec_driver_sql("select position, at, kind, leaf from log").all()
        return [(position, at, kind, bytes(leaf)) for position, at, kind, leaf in rows]


@pytest.mark.parametrize("revision", revisions())
def test_every_earlier_schema_becomes_the_present_one_and_keeps_what_it_holds(engine: Engine, revision: str) -> None:
    upgrade(engine, revision)
    fill(engine)
    upgrade(engine)
    assert is_current(engine)
    assert held(engine) == [(0, 7, "cause", b"{}")]
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_an_upgrade_that_fails_leaves_nothing_of_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    real = schema._alembic

    def failing() -> object:
        command, config = real()

        class Broken:
            @staticmethod
            def upgrade(config: object, to: str) -> None:
                command.upgrade(config, to)
                raise RuntimeError("the power went")

        return Broken, config

    with monkeypatch.context() as patched:
        patched.setattr(schema, "_alembic", failing)
        patched.setattr(schema, "revisions", lambda: ["0001"])
        with pytest.raises(RuntimeError):
            upgrade(engine)
    assert inspect(engine).get_table_names() == []
    upgrade(engine)
    assert is_current(engine)


def test_revisions_follow_each_other_in_one_line() -> None:
    found = revisions()
    assert found == sorted(found)
    assert found[0] == "0001"


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_an_sqlite_that_may_corrupt_a_store_is_not_used(version: tuple[int, int, int], safe: bool) -> None:
    assert is_safe(version) is safe


@pytest.mark.parametrize("url", ["mysql://x/y", "no url", ""])
def test_other_databases_are_refused_in_words(url: str) -> None:
    with pytest.raises(Unusable):
        engine_of(url)


def test_what_is_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    engine = engine_of(sqlite_url(tmp_path / "x.sqlite"))
    with reading(engine) as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1
    engine.dispose()
