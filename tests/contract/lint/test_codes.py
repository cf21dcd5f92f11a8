"""Every code that reading and lint can give is in the list, as grave as it says, and on the page."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from makegood.contract.lint import read_and_lint
from makegood.contract.lint.codes import CODES, FAMILIES, START, page

OF_FOLDERS = tuple(
    Path("src/makegood/app") / name for name in ("fitting_checks.py", "linting.py", "redlining.py", "versions.py")
)
"""Where several documents are read together: versions in a folder, two versions, a translation and its agreement,
orders and checks."""
SOURCES = sorted([*Path("src/makegood/contract").rglob("*.py"), *OF_FOLDERS])
BAD = sorted(Path("tests/contract/bad").glob("*.sla.md"))
PAGE = Path("docs/lint.md")
MAKERS = {"error": "error", "warning": "warning", "note": "note", "unknown_word": "error", "_each": "", "Sentence": ""}
"""What makes a problem, and how grave it is by that."""
FORMED = {"unknown-plan", "unknown-deployment", "unknown-fact"}
"""Codes that are put together from what an order may say."""
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+|unstated|conflict")


def written() -> dict[str, set[str]]:
    """Every code in the source of reading and lint, with the severities that it is made with."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in SOURCES:
        if "codes" in path.parts:
            continue
        for call in (
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
        ):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            for code in codes(call) if name in MAKERS else ():
                found[code] |= {MAKERS[name]} - {""}
    return found


def codes(call: ast.Call) -> Iterator[str]:
    """The code that a call is given: its first argument, or of an unknown word's report its last; never a sentence."""
    for argument in (call.args[:1], call.args[-1:])[getattr(call.func, "id", "") == "unknown_word"]:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value


def test_every_code_is_listed_and_every_listed_one_exists() -> None:
    assert sorted({*written(), *FORMED}) == sorted(CODES), "add it to makegood/contract/lint/codes"


def test_every_code_is_as_grave_as_listed() -> None:
    listed = {code: {severity.value for severity in entry.severities} for code, entry in CODES.items()}
    assert {code: grave for code, grave in written().items() if grave and not grave <= listed[code]} == {}


def test_every_code_is_listed_once_and_says_what_why_and_the_repair() -> None:
    every = [code for family in FAMILIES for code in family.codes]
    assert len({code.code for code in every}) == len(every)
    for code in every:
        assert all((code.what, code.why, code.repair)), code.code
        assert not code.what.endswith(".")


def test_the_page_has_every_code_as_the_list_gives_it() -> None:
    text = PAGE.read_text(encoding="utf-8").partition(START)[2]
    assert text == page(), f"write it anew: .venv/bin/python -m makegood.contract.lint.codes {PAGE}"
    assert all(f"| `{code}` |" in text for code in CODES)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_what_is_said_of_a_bad_agreement_is_listed(path: Path) -> None:
    for problem in read_and_lint(path.read_bytes(), path.name):
        assert problem.severity in CODES[problem.code].severities
