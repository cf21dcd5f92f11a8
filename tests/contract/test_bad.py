"""What a person reads who made a mistake in an agreement: every message of `bad/`, exactly.

Each `bad/NAME.sla.md` has the expected output beside it in `NAME.expected.txt`. After a change of wording, look at
every difference as its reader would, and write them anew: `.venv/bin/python -m tests.contract.test_bad`.
"""

from pathlib import Path

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.encoding import MOST_BYTES
from makegood.contract.lint import lint
from makegood.model.problem import Severity
from makegood.render.problems import problems_text

FOLDER = Path(__file__).parent / "bad"
BAD = sorted(FOLDER.glob("*.sla.md"))
DEEP = "[" * 1_000 + "]" * 1_000


def shown(path: Path) -> str:
    """All that the reader and, where it could be read, the lint say about an agreement."""
    raw = path.read_bytes()
    agreement, problems = read_agreement(raw, path.name)
    found = [*problems, *(lint(agreement) if agreement is not None else [])]
    return problems_text(found, {path.name: raw.decode("utf-8")}, width=100)


def expected(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".sla.md") + ".expected.txt")


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.name.removesuffix(".sla.md"))
def test_a_bad_agreement_is_told_in_these_words(path: Path) -> None:
    assert shown(path) == expected(path).read_text(encoding="utf-8")


def test_every_expected_output_has_its_agreement() -> None:
    assert {expected(path) for path in BAD} == set(FOLDER.glob("*.expected.txt"))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"# A\n" + b"x" * (5 * 1024 * 1024), "text-too-long"),
        (b"# A\n\n```sla\nclock: a\nallow: " + DEEP.encode() + b"\n```\n", "yaml-too-deep"),
        ("# Terms\n\nWords.\n".encode("utf-16"), "text-not-utf-8"),
        (b"\x00" * 1_000, "text-not-utf-8"),
        (b"# A\n\xff\xfe\n", "text-not-utf-8"),
    ],
    ids=["5 MB", "1,000 deep", "UTF-16", "zeros", "not text"],
)
def test_a_file_that_is_no_agreement_at_all_is_one_problem_and_not_a_crash(raw: bytes, code: str) -> None:
    assert len(raw) <= MOST_BYTES or code == "text-too-long"
    agreement, problems = read_agreement(raw, "a.sla.md")
    assert agreement is None
    assert code in [p.code for p in problems if p.severity is Severity.ERROR]


if __name__ == "__main__":
    for bad in BAD:
        expected(bad).write_text(shown(bad), encoding="utf-8")
