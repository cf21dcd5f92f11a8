"""Every contradiction of a real table of credits is found with its code, its clause and its line."""

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.model.problem import Problem
from tests.contract.lint.contradictions import TEXTS, Text

TIERS = "tier-"
PRICED = (" min", " h", " s down", " of fees", "of the fees", " days", " points")
ALLOWANCES = {
    "Exoscale, year": ("99.95", "year", "4 h 20 min", "4 h 22 min 48 s"),
    "Aptible Enclave": ("99.95", "month", "21.56 min", "21 min 36 s"),
    "Harbour Networking": ("99.9", "month", "43 min 50 s", "30.44 days"),
    "CherryRoad": ("99", "thirty-days", "7 h", "7 h 12 min"),
    "Fastly, of 720 h": ("99.99", "month-of-730-h", "4.32 min", "4 min 22.8 s"),
    "Fastly, of 730 h": ("99.9", "thirty-days", "43.8 min", "43 min 12 s"),
    "Catalyze": ("99.9", "thirty-days", "40 min", "43 min 12 s"),
}
"""Whose text, its target, the period, the downtime that the text says this allows, and a part of the arithmetic."""


def found(text: Text) -> list[Problem]:
    agreement, problems = read_agreement(text.document.encode(), "terms.sla.md")
    return [*problems, *(lint(agreement) if agreement is not None else [])]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.whose)
def test_what_the_table_leaves_open_or_says_twice_is_found_at_its_clause_and_line(text: Text) -> None:
    lines = text.document.splitlines()
    told = {(p.code, lines[p.where.line - 1].strip(), p.where.clause) for p in found(text)}
    for code, line in text.finds:
        assert any(c == code and line in shown and clause == "credits" for c, shown, clause in told), told


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.whose)
def test_nothing_else_is_said_of_the_table(text: Text) -> None:
    expected = {code for code, _ in text.finds}
    assert {p.code for p in found(text) if p.code.startswith(TIERS)} <= expected


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.whose)
def test_each_finding_on_a_table_has_a_repair_and_its_price_in_minutes_or_money(text: Text) -> None:
    for problem in found(text):
        if problem.code.startswith(TIERS):
            assert problem.hint
            assert any(
                unit in problem.why for unit in (" min", " h", " s down", " of fees", "of the fees", " days", " points")
            ), problem.why


@pytest.mark.parametrize("whose", ALLOWANCES)
def test_a_downtime_that_the_target_does_not_allow_is_found_with_the_exact_one(whose: str) -> None:
    target, period, allowed, exact = ALLOWANCES[whose]
    more = f"""
        period: thirty-days
        is: days
        in: utc
        days: 30

        period: month-of-730-h
        is: calendar month
        in: utc
        nominal length: 730 h

        target: other
        over: {period}
        measures: uptime
        is: at least {target} %
        allows: {allowed}
    """
    text = Text(whose, "at least 90 %", ("when: below 90 %, gives: 10 %",), (), more=more)
    (problem,) = (p for p in found(text) if p.code in ("allows-nowhere", "allows-rounded"))
    assert text.document.splitlines()[problem.where.line - 1] == f"allows: {allowed}"
    assert exact in problem.what + problem.why
    assert problem.where.clause == "credits"
    assert problem.hint
