"""What tests of faults share: the process that makes others, a store to work on, and how often to try."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from makegood.store.opened import create
from tests.store.faults.nursery import Nursery, nursery

TORTURE = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
SEED = int(os.environ.get("MAKEGOOD_SEED", "4"))


@pytest.fixture(scope="session")
def processes() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture(scope="session")
def _new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new")
    create(folder / "store").engine.dispose()
    return folder / "store"


@pytest.fixture
def fresh(_new: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes new stores, each in a folder of its own, which goes when the next one is made."""
    numbers, last = count(), list[Path]()

    def make() -> Path:
        for folder in last:
            shutil.rmtree(folder)
        last[:] = [tmp_path / f"try-{next(numbers)}"]
        shutil.copytree(_new, last[0] / "store")
        return last[0] / "store"

    return make


def dice(*about: object) -> random.Random:
    """Dice that fall the same for the same seed of the run."""
    return random.Random(repr((SEED, *about)))
