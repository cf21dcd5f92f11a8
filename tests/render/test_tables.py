"""Tables of statements: what belongs together stays on one line, at any width."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from makegood.model.spans import Spans
from makegood.model.statement import Coverage, Price, PricedReading, Statement, Verdict
from makegood.model.terms import Choice, Clause, Terms
from makegood.render.explain import explanation
from makegood.render.tables import statements_table, summary
from makegood.render.telling import coverage
from tests.render.samples import breach, everything, insufficient


@pytest.mark.parametrize("width", [60, 76, 80, 81, 100, 120])
def test_no_word_is_broken(width: int) -> None:
    statements = [
        *everything().values(),
        replace(breach(), subject="continuous-delivery", verdict=Verdict.INSUFFICIENT),
    ]
    text = statements_table(statements, width)
    whole = set(re.findall(r"[^\s]+", " ".join(text.split())))
    said = set(re.findall(r"[^\s]+", " ".join(statements_table(statements, 400).split())))
    either = said | set(re.findall(r"[^\s]+", " ".join(statements_table(statements, 60).split())))
    assert {word for word in whole - either if not set(word) <= {"─"}} == set()
    assert max(map(len, text.splitlines())) <= width


def test_at_80_columns_the_verdict_and_each_number_with_its_unit_stay_on_one_line() -> None:
    text = statements_table([breach(), insufficient()], 80)
    assert "insufficient data" in text
    assert all(part in text for part in ("99.871 %", "99.970 %", "12 min", "52 min", "1,250.00 USD"))


@pytest.mark.parametrize("width", [60, 80])
def test_statements_about_several_commitments_say_which(width: int) -> None:
    both = [breach(), replace(insufficient(), commitment="other-promise")]
    assert breach().commitment in statements_table(both, width)
    assert "other-promise" in statements_table(both, width)
    assert breach().commitment not in statements_table([breach()], width)


def test_a_subject_too_long_for_a_row_gets_lines_of_its_own() -> None:
    text = statements_table([replace(breach(), subject="a" * 60)], 80)
    assert "a" * 60 in text


def seen(*logs: tuple[str, Spans]) -> Statement:
    return replace(breach(), coverage=Coverage(0, 0, (), logs))


def test_what_a_log_tells_of() -> None:
    judged = breach().judged
    half = Spans([(judged.start, judged.start + judged.length // 2)])
    assert coverage(seen(("the log page", Spans([judged])))) == "the log page: all of it"
    assert coverage(seen(("the log page", half))).startswith("the log page: 336 h of 672 h, Sun 1 Feb 2026 00:00 – ")
    assert coverage(seen(("a", half), ("b", Spans([judged]) - half))).count(" h of 672 h") == 2
    assert coverage(seen()) == "nothing"


def test_gaps_of_a_log_are_said() -> None:
    judged = breach().judged
    quarter = judged.length // 4
    parts = Spans([(judged.start, judged.start + quarter), (judged.end - quarter, judged.end)])
    assert coverage(seen(("the log page", parts))).endswith(", with gaps")


def test_slots_and_logs_are_told_together() -> None:
    both = replace(breach(), coverage=Coverage(4, 3, (("fra", 4, 3),), (("the log page", Spans([breach().judged])),)))
    assert coverage(both) == "3 of 4 slots seen (75.000 %); the log page: all of it"


def test_explain_readings_names_each_alternative() -> None:
    choice = Choice("rule.key", Clause("c", "1"), "rule", ("one", "two", "three"), 0, "it says so")
    prices = tuple(Price(word, Verdict.MET, "none", "", True) for word in ("two", "three"))
    found = explanation(replace(breach(), readings=(PricedReading(choice, prices),)), _none(), "readings")
    assert "if “two”: met, credit none" in found
    assert "if “three”: met, credit none" in found


def _none() -> Terms:
    return Terms("a", "A", "1", breach().period.first, "P")


def test_a_credit_that_is_withheld_is_said_to_be_withheld_in_the_summary() -> None:
    held = replace(breach(), amount="withheld (clause 2)", credit_least=None, credit_most=None)
    assert summary([held]).endswith("1 breached. 1 statement with a credit that is withheld.")
