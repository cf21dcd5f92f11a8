"""A folder with the starter, in which the program runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from makegood.cli.main import run
from tests.cli.running import starter


class Told(NamedTuple):
    """What a run left: its exit code, its output and its error stream."""

    code: int
    out: str
    err: str


Program: TypeAlias = Callable[..., Told]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the starter, which is the current one."""
    monkeypatch.chdir(starter(tmp_path / "here"))
    return tmp_path / "here"


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the program in this process."""

    def ran(*arguments: str) -> Told:
        capsys.readouterr()
        code = run(list(arguments))
        return Told(code, *capsys.readouterr())

    return ran
