"""A repair replaces one value by another, was tried, and leaves every other line as it is."""

from pathlib import Path

import pytest

from makegood.contract.extent import end_of, lines_of, scalars_of
from makegood.contract.lint import read_and_lint
from makegood.contract.repair import proposed, repairs
from makegood.model.problem import Place, error

STARTER = Path("src/makegood/app/starter/hosting.sla.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("over: month", "over: mnoth"),
        ("is: at least 99.9 %", 'is: ">= 99.9 %"'),
        ("is: calendar month", "is: calender month"),
        ("effective: 2026-01-01", "effective: 01.01.2026"),
    ],
)
def test_a_slip_is_repaired_to_what_was_meant(good: str, bad: str) -> None:
    assert good in STARTER
    text = STARTER.replace(good, bad, 1)
    (repair,) = repairs(text, "a.sla.md", read_and_lint(text.encode(), "a.sla.md"))
    assert repair.applied(text) == STARTER


def test_a_repair_is_not_offered_where_its_hint_says_more_than_one_value() -> None:
    place = Place("a", 1, 1)
    for hint in (
        "write 5 min or 5 months",
        "write for example `x`",
        "delete it",
        "write `key: value`",
        "write as in 5 h",
    ):
        assert proposed(error("x", place, "it is wrong", "", hint)) == ""
    assert proposed(error("x", place, "", "", "did you mean `month`?")) == "month"
    assert proposed(error("x", place, "", "", "write 2026-02-01")) == "2026-02-01"


def test_a_repair_that_brings_another_problem_is_none() -> None:
    text = STARTER.replace("below 99.9 %, gives: 10 %", "at most 99.9 %, gives: 10 %", 1)
    problems = read_and_lint(text.encode(), "a.sla.md")
    edge = next(p for p in problems if p.code == "tier-at-target")
    assert proposed(edge) == "below 99.9 %"
    assert list(repairs(text, "a.sla.md", [edge])) == []


def test_line_ends_of_all_kinds_are_kept() -> None:
    text = STARTER.replace("over: month", "over: mnoth", 1).replace("\n", "\r\n")
    (repair,) = repairs(text, "a.sla.md", read_and_lint(text.encode(), "a.sla.md"))
    assert repair.applied(text) == STARTER.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("line", "column", "what", "end"),
    [
        ('is: ">= 99.9 %"  # later', 5, "", 16),
        ("is: at least 99 %  # later", 5, "", 18),
        ("rows: [a, b]", 7, "", 13),
        ("within 45 days of", 8, "the text says “45 days”, and", 15),
    ],
)
def test_what_a_problem_is_about_ends_with_its_value_its_words_or_its_line(
    line: str, column: int, what: str, end: int
) -> None:
    text = f"# A\n\n```sla\nmeasure: a\n{line}\n```\n" if not what else f"# A\n\n\n\n{line}\n"
    problem = error("x", Place("a", 5, column), what)
    assert end_of(problem, lines_of(text), scalars_of(text)) == end
