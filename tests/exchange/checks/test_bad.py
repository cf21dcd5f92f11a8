"""What a person reads who made a mistake in a file of checks: every message of `tests/cases/checks/bad/`, exactly.

After a change of wording, look at every difference as its reader would, and write them anew:
`.venv/bin/python -m tests.exchange.checks.test_bad`.
"""

from pathlib import Path

import pytest

from makegood.exchange.checks.read import read_checks
from makegood.model.problem import Severity
from makegood.render.problems import problems_text
from tests.exchange.cases import bad

BAD = bad("checks")


def shown(path: Path) -> str:
    raw = path.read_bytes()
    checks, problems = read_checks(raw, path.name)
    assert checks is None
    return problems_text(problems, {path.name: raw.decode()}, width=100)


def pinned(path: Path) -> Path:
    return path.with_name(f"{path.name}.txt")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_a_bad_file_of_checks_is_told_in_these_words(path: Path) -> None:
    assert shown(path) == pinned(path).read_text(encoding="utf-8")


def test_every_expected_output_has_its_file() -> None:
    assert {pinned(path) for path in BAD} == set(BAD[0].parent.glob("*.txt"))


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfec\0",
        b"checks: [",
        b"checks: &a []",
        b"checks:\n\t- a\n",
        b"[" * 1_000,
        b"checks: []\nchecks: []\n",
        b"\0",
    ],
)
def test_a_file_that_is_no_file_of_checks_at_all_is_told_and_no_crash(raw: bytes) -> None:
    checks, problems = read_checks(raw, "a.checks.yaml")
    assert checks is None
    assert any(p.severity is Severity.ERROR for p in problems)


def test_a_file_without_checks_is_one_without_checks() -> None:
    assert read_checks(b"checks: []\n", "a.checks.yaml") == ((), [])


if __name__ == "__main__":
    for case in BAD:
        pinned(case).write_text(shown(case), encoding="utf-8")
