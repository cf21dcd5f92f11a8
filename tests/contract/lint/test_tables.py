"""Tables of more than availability: latency, counts, downtime, steps, parts; each swept over its own values."""

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.model.problem import Problem
from tests.contract.lint.contradictions import BASE

LATENCY = """
measure: figure
is: percentile
metric: requests
value: p95
unit: ms
percentile: 95 %

target: promise
over: month
measures: figure
is: at most 250 ms
"""
COUNT = """
measure: figure
is: count
of: downtime

target: promise
over: month
measures: figure
is: at most 2 interruptions
"""
TIME = """
target: promise
over: month
measures: uptime
is: at least 99.9 %
"""


def found(
    promise: str, rows: str, keys: str = "", amount: str = "table x fees", more: str = "", outage: str = ""
) -> list[Problem]:
    table = f"scale: table\n{keys}rows:\n" + "".join(f"  - {{{row}}}\n" for row in rows.split(" / "))
    credit = f"remedy: credit\nform: credit\nwhen missed: promise\namount: {amount}"
    blocks = [*promise.strip().split("\n\n"), table.strip(), credit, *filter(None, more.strip().split("\n\n"))]
    text = (
        BASE.replace("from: monitoring\n", f"from: monitoring\n{outage}")
        + "\n\n".join(f"```sla\n{block}\n```" for block in blocks)
        + "\n"
    )
    agreement, problems = read_agreement(text.encode(), "terms.sla.md")
    assert agreement is not None, problems
    return [p for p in lint(agreement) if p.code.startswith(("tier", "tables"))]


@pytest.mark.parametrize(
    ("promise", "rows", "keys", "amount"),
    [
        (
            LATENCY,
            "when: more than 250 ms and at most 500 ms, gives: 5 % / when: more than 500 ms, gives: 10 %",
            "",
            "",
        ),
        (COUNT, "when: exactly 3 interruptions, gives: 5 % / when: more than 3 interruptions, gives: 10 %", "", ""),
        (
            TIME,
            "when: more than 0 min and at most 1 h, gives: 1 % for each complete 10 min / "
            "when: more than 1 h, gives: 2 % for each complete 10 min",
            "of: downtime\nrows that hold together: count for their part\n",
            "least(table x fees, fees)",
        ),
        (
            TIME,
            "when: otherwise, gives: 5 % for each started 30 min beyond 40 min",
            "of: downtime\n",
            "least(table x fees, fees)",
        ),
        (TIME, "when: otherwise, gives: 1 % for each started 1 %", "of: shortfall\n", ""),
    ],
)
def test_a_whole_table_has_no_finding(promise: str, rows: str, keys: str, amount: str) -> None:
    assert found(promise, rows, keys, amount or "table x fees") == []


@pytest.mark.parametrize(
    ("promise", "rows", "keys", "expected"),
    [
        (
            LATENCY,
            "when: at least 300 ms and below 500 ms, gives: 15 % / "
            "when: more than 500 ms and below 900 ms, gives: 10 %",
            "",
            [
                ("tier-gap-below-target", "more than 250 ms and less than 300 ms"),
                ("tier-gap", "exactly 500 ms"),
                ("tier-shrinks", "from 15 % to 10 % past 500 ms"),
                ("tier-gap-at-bottom", "at least 900 ms"),
            ],
        ),
        (LATENCY, "when: more than 200 ms, gives: 5 %", "", [("tier-past-target", "reaches below the target")]),
        (
            COUNT,
            "when: exactly 3 interruptions, gives: 5 % / when: at least 6 interruptions, gives: 10 %",
            "",
            [("tier-gap", "more than 3 interruptions and less than 6 interruptions")],
        ),
        (
            TIME,
            "when: more than 30 min, gives: 5 % / when: more than 60 min, gives: 10 %",
            "of: downtime\n",
            [("tier-nested", "if the deepest counts it earns 10 %, if they add up 15 %")],
        ),
        (
            TIME,
            "when: more than 30 min, gives: 5 % / when: at least 30 min, gives: 10 %",
            "of: downtime\n",
            [("tier-tie", "have no upper end")],
        ),
        (
            TIME,
            "when: at most 2 h, gives: 10 % for each started 30 min / when: more than 2 h, gives: 20 %",
            "of: downtime\n",
            [("tier-shrinks", "from 40 % to 20 % past 2 h")],
        ),
        (
            TIME,
            "when: otherwise, gives: 30 % for each complete 1 h",
            "of: downtime\n",
            [("tier-uncapped", "more than all fees")],
        ),
    ],
)
def test_a_table_with_holes_is_told_in_its_own_values(
    promise: str, rows: str, keys: str, expected: list[tuple[str, str]]
) -> None:
    told = [(p.code, f"{p.what} {p.why}") for p in found(promise, rows, keys)]
    for code, says in expected:
        assert any(c == code and says in words for c, words in told), told
    assert {c for c, _ in told} == {c for c, _ in expected}


def test_an_outage_may_be_short_where_each_is_credited_by_itself() -> None:
    rows = "when: at most 10 min, gives: 0 % / when: more than 10 min, gives: 5 %"
    each = "table x fees\nfor each: outage"
    assert [p.code for p in found(TIME, rows, "of: downtime\n")] == ["tier-above-target"]
    assert found(TIME, rows, "of: downtime\n", each) == []


def test_what_no_outage_can_be_is_no_gap_where_each_is_credited_by_itself() -> None:
    rows, each = "when: at least 30 min, gives: 5 %", "table x fees\nfor each: outage"
    short = [(p.code, p.what) for p in found(TIME, rows, "of: downtime\n", each)]
    assert short == [
        (
            "tier-gap",
            "no row holds more than 0 h and less than 30 min: the shortest outage has no credit that is stated",
        )
    ]
    counted = "shortest: at least 30 min\n"
    assert found(TIME, rows, "of: downtime\n", each, outage=counted) == []
    beyond = f"{counted}counts: the time beyond\n"
    assert [p.code for p in found(TIME, rows, "of: downtime\n", each, outage=beyond)] == ["tier-gap"]
