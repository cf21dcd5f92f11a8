"""The store of a test of faults, in the database that the test runs on."""

from __future__ import annotations

from pathlib import Path

from makegood.store.opened import Store, create

SQLITE, POSTGRESQL = BOTH = ("sqlite", "postgresql")
url = ""
"""Of the database; empty for SQLite in the store's folder."""


def new_store(folder: Path) -> Store:
    """A new, empty store in a folder."""
    return create(folder, url)
