"""Every kind of clause of real agreements has a case, and the page of coverage names cases that there are."""

import re
from collections.abc import Iterator

import pytest

from tests.cases.reading import every_section
from tests.docs.test_docs import ROOT

PAGE = ROOT / "docs" / "coverage.md"
CLAUSES = ROOT.parent / "shared" / "CLAUSES.md"
NAMES = {section.name for section in every_section()}
FILES = {name.partition("#")[0] for name in NAMES}


def rows(text: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of every table, each with the heading above it; without the heads of the tables."""
    heading = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").strip()
        elif line.startswith("| ") and not re.match(r"\| (Clause kind|Agreement) \|", line):
            yield heading, [cell.strip() for cell in line.strip().strip("|").split("|")]


COVERED = list(rows(PAGE.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("heading", "cells"), COVERED, ids=lambda v: v[0][:40] if isinstance(v, list) else v[:20])
def test_a_row_names_cases_that_there_are(heading: str, cells: list[str]) -> None:
    assert len(cells) == 3, heading
    assert cells[1], f"{cells[0]} says nothing"
    cases = re.findall(r"`([^`]+)`", cells[2])
    assert cases, f"{cells[0]} has no case"
    assert [case for case in cases if case not in NAMES and case not in FILES] == []


@pytest.mark.skipif(not CLAUSES.exists(), reason="the list of clauses is not in the project")
def test_no_kind_of_clause_is_left_out() -> None:
    covered = {(heading, cells[0]) for heading, cells in COVERED}
    wanted = set()
    for heading, cells in rows(CLAUSES.read_text(encoding="utf-8")):
        if not set(cells[0]) <= {"-", ":"}:
            wanted.add((heading, cells[0]))
    assert wanted - covered == set()


def test_the_cases_of_the_page_are_many() -> None:
    assert len({case for _, cells in COVERED for case in re.findall(r"`([^`]+)`", cells[2])}) >= 100
