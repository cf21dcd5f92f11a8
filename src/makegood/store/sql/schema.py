"""The schema of a store's database: made, brought up to date, and refused where it is of a later program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect

from makegood.store.sql import agents_tables, hub_tables, live_tables, notify_tables  # noqa: F401 -- all tables are known
from makegood.store.sql.database import Unusable, reading, writing

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring a database up to a revision, from nothing or from any earlier one; all of it, or nothing where it fails.

    Raises Unusable for a database that a later version of the program made.
    """
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("select pg_advisory_xact_lock(7264138)")  # one upgrade at a time
        _refuse_later(connection)
        command, config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def is_current(engine: Engine) -> bool:
    """Whether the schema is the one that this program writes. Raises Unusable as `upgrade` does."""
    with reading(engine) as connection:
        _refuse_later(connection)
        return _revision(connection) == revisions()[-1]


def revisions() -> list[str]:
    """Every revision that this program knows, the earliest first."""
    from alembic.script import ScriptDirectory

    _, config = _alembic()
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def _revision(connection: Connection) -> str | None:
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    found = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    return None if found is None else str(found)


def _refuse_later(connection: Connection) -> None:
    found = _revision(connection)
    if found is not None and found not in revisions():
        raise Unusable(f"this store has schema {found}, which a later version of Makegood made: use that one")


def _alembic() -> tuple[Any, Any]:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return command, config
