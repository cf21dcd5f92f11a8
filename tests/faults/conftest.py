"""What tests of faults share: the database of their store, SQLite in `make test`, and PostgreSQL too in `make torture`.

A test that is to run over both each time names them: ``@pytest.mark.parametrize("database", BOTH, indirect=True)``.
"""

from __future__ import annotations

from itertools import count

import pytest

from tests.faults import stores
from tests.store.faults.conftest import TORTURE
from tests.store.postgres import url_of

_NUMBER = count()


@pytest.fixture(autouse=True, params=stores.BOTH if TORTURE else stores.BOTH[:1])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stores that a test makes are in such a database."""
    if request.param == stores.POSTGRESQL:
        monkeypatch.setattr(stores, "url", url_of(request.getfixturevalue("postgres"), f"faults_{next(_NUMBER)}"))
