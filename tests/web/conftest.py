"""Hubs for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from makegood.store.opened import Store, create
from tests.web.asking import Desk, desk


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
