"""Drift: what prose and rules say apart is found, what they say alike in other words is not."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.document import read_document
from makegood.contract.lint.drift import drift_findings
from makegood.contract.lint.drift.quantities import quantities
from makegood.contract.written import Agreement
from tests.contract.lint.mutations import mutations

EXAMPLES = sorted([*Path("examples").glob("*/*.sla.md"), *Path("src/makegood/app/starter").glob("*.sla.md")])
IN_WORDS = Path(__file__).with_name("in-words.sla.md")
SEEDS = range(3)
LEAST_CAUGHT = 0.95

HEADER = """\
    # Terms {#terms}

    ```sla
    agreement: terms
    title: Terms
    version: 1
    effective: 2025-01-01
    provider: Someone
    ```

    Times are those of US Eastern time.

    ```sla
    calendar: eastern
    zone: America/New_York
    ```

    ## 1. Claims {#claims}

    """
CLAIM = """

    ```sla
    clock: claim
    from: end of period
    allow: 30 days
    in: eastern
    who: customer
    ```
    """


def read(text: str) -> Agreement:
    agreement, problems = read_agreement(dedent(text).encode(), "terms.sla.md")
    assert agreement is not None, problems
    return agreement


def told(prose: str, rule: str = CLAIM) -> list[tuple[str, int, int, str]]:
    found = drift_findings(read(HEADER + prose + rule))
    return [(p.code, p.where.line, p.where.column, p.what.split("”")[0].split("“")[-1]) for p in found]


@pytest.mark.parametrize(
    "prose",
    [
        "A claim is made within 30 days.",
        "A claim is made within thirty (30) days.",
        "A claim is made within thirty days.",
        "A claim is made within 30\n    calendar days.",
        "A claim has a 30-day limit, see clause 1.",
        "| Claim | 30 days |\n    |---|---|",
    ],
)
def test_the_same_quantity_in_other_words_is_no_drift(prose: str) -> None:
    assert told(prose) == []


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("A claim is made within 45 days.", [("drift-text", 20, 24, "45 days"), ("drift-rule", 25, 8, "30 days")]),
        ("A claim is made within 30 hours.", [("drift-text", 20, 24, "30 hours"), ("drift-rule", 25, 8, "30 days")]),
        ("Within 30 business days.", [("drift-text", 20, 8, "30 business days"), ("drift-rule", 25, 8, "30 days")]),
        ("Within thirty (45) days.", [("drift-text", 20, 16, "45")]),
        ("Within 30 days of a Sunday.", [("drift-text", 20, 21, "Sunday")]),
        ("Within 30 days, Pacific time.", [("drift-text", 20, 17, "Pacific time")]),
        ("Within 30 days, by 2 am.", [("drift-text", 20, 20, "2 am.")]),
        ("Within 30 days and for 500 dollars.", [("drift-text", 20, 24, "500 dollars")]),
        (
            "Within 30 days, see clause 7.",
            [("drift-reference", 20, 28, "the text points to clause 7, and there is none")],
        ),
        ("Within a month or so.", [("drift-rule", 25, 8, "30 days")]),
        ("", [("drift-no-text", 25, 8, "the rules of this clause stand without words")]),
    ],
)
def test_drift_is_found_at_its_place(prose: str, expected: list[tuple[str, int, int, str]]) -> None:
    assert told(prose) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4 hours", "240 min"),
        ("43 minutes and 50 seconds", "43 min 50 s"),
        ("2 weeks", "14 days"),
        ("a quarter of 2 quarters", "6 months"),
        ("99.90 percent", "99.9%"),
        ("2:00 a.m.", "02:00"),
        ("noon", "12:00"),
        ("2,500 dollars", "2,500.00 USD"),
        ("$5", "5 USD"),
        ("weekdays", "Monday to Friday"),
        ("HTTP 2xx or 3xx", "HTTP 200 to 399"),
        ("US Eastern time", "America/New_York"),
        ("24 hours a day, 7 days a week", "24x7"),
        ("1 May 2026", "May 1st, 2026"),
        ("five", "5"),
        ("the fifteenth business day", "15 business days"),
        ("ninety-nine point nine (99.9) percent", "99.9 %"),
        ("ninety-nine point nine five percent", "99.95 %"),
        ("half of the fees", "50 % x fees"),
        ("a five-minute interval", "5 min"),
        ("twice a year", "2"),
        ("between 95 and 99 %", "95 % to 99 %"),
        ("P1 and HTTP/2, clauses 3 and 4, section 2.1", ""),
    ],
)
def test_quantities_that_say_the_same_are_equal(one: str, other: str) -> None:
    assert {q.meaning for q in quantities(one)} == {q.meaning for q in quantities(other)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("72 hours", "3 days"),
        ("5 days", "5 business days"),
        ("2 am", "2 pm"),
        ("1 %", "1 percentage point"),
        ("1 month", "30 days"),
        ("starts in February", "starts in March"),
        ("half of the fees", "one third of the fees"),
    ],
)
def test_quantities_that_differ_are_not(one: str, other: str) -> None:
    assert {q.meaning for q in quantities(one)} != {q.meaning for q in quantities(other)}


@pytest.mark.parametrize("path", [*EXAMPLES, IN_WORDS], ids=lambda p: p.stem)
def test_an_example_has_no_drift(path: Path) -> None:
    assert list(drift_findings(read(path.read_text(encoding="utf-8")))) == []


def test_at_least_95_of_100_changes_in_the_prose_of_the_examples_are_caught_and_of_each_kind_too() -> None:
    tried, missed = Counter[str](), list[tuple[str, str]]()
    for path in (*EXAMPLES, IN_WORDS):
        text = path.read_text(encoding="utf-8")
        agreement = read(text)
        for mutation in (m for seed in SEEDS for m in mutations(text, seed)):
            changed = replace(agreement, document=read_document(mutation.applied(text), path.name)[0])
            tried[mutation.kind] += 1
            if not any(True for _ in drift_findings(changed)):
                missed.append((mutation.kind, f"{path.stem}: {mutation.told(text)}"))
    lost = Counter(kind for kind, _ in missed)
    rates = "\n".join(f"{kind}: {n - lost[kind]} of {n}" for kind, n in tried.items())
    print(rates)
    told = "\n".join(line for _, line in missed)
    assert set(tried) >= {"number", "unit", "weekday", "zone", "number word", "month", "ordinal", "compound unit"}
    assert min(tried[kind] for kind in ("number", "unit", "weekday", "zone", "number word")) >= 20, rates
    assert all(1 - lost[kind] / n >= LEAST_CAUGHT for kind, n in tried.items()), f"{rates}\n{told}"
