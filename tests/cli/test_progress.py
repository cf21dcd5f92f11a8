import io

import pytest

from makegood.cli import progress
from makegood.cli.progress import ERASE, telling


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture(autouse=True)
def each_telling_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SOON", 0.0)
    monkeypatch.setattr(progress, "SELDOM", 0.0)


def told(terminal: bool, always: bool) -> str:
    stream = Stream(terminal)
    with telling(always, stream) as tell:
        tell("reading", 20_000)
        tell("writing", 1_250_000)
    return stream.getvalue()


def test_on_a_terminal_one_line_changes_and_goes_at_the_end() -> None:
    for always in (False, True):
        assert told(True, always) == f"{ERASE}reading: 20,000 rows{ERASE}writing: 1,250,000 rows{ERASE}"


def test_elsewhere_it_is_told_line_by_line_where_it_is_asked_for() -> None:
    assert told(False, True) == "makegood: reading: 20,000 rows\nmakegood: writing: 1,250,000 rows\n"
    assert told(False, False) == ""


def test_a_quick_work_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SOON", 3600.0)
    assert told(True, True) == ""
