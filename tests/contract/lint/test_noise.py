"""Ordinary agreements, as people write them who have only read the language page, are linted without noise."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.document import read_document
from makegood.contract.lint import lint
from makegood.contract.lint.drift import drift_findings
from makegood.contract.lint.drift.quantities import quantities
from makegood.contract.written import Agreement
from makegood.model.problem import Severity
from tests.contract.lint.mutations import mutations

ORDINARY = sorted((Path(__file__).parent / "ordinary").glob("*.sla.md"))
LEAST_CAUGHT = 0.95

NUMBERED = """\
# Terms {#terms}

```sla
agreement: terms
title: Terms
version: one
effective: 2026-01-01
provider: Someone
```

Times are UTC.

```sla
calendar: utc
zone: UTC
```

```sla
period: month
is: calendar month
in: utc
```

```sla
detect: log
reads: reported states
holds: 7 h
```

```sla
outage: downtime
from: log
```

```sla
measure: uptime
of: downtime
```

## 3. Promise {#promise}

3.1 The service is up 99.9 % of every month.

```sla
target: promise
each: service
over: month
measures: uptime
is: at least 99.9 %
```

## 4. Work {#work}

4.1 There are exclusions.

4.2 Work that is announced 48 hours ahead is no downtime.

```sla
exclude: work
from: promise
what: maintenance
gates: {notice: at least 48 h}
```

4.3 Force majeure is no downtime.

```sla
exclude: force
from: promise
what: cause
causes: [force majeure]
```

4.4 The work set out in 4.2 takes at most 6 hours a month.

```sla
limit: hours-of-work
on: work
most: 6 h
over: month
```

## 5. Credits {#credits}

5.1 Where the promise of section 3 is missed, 20 dollars are credited.

```sla
remedy: credit
form: credit
when missed: promise
amount: 20.00 USD
```

## 6. Claims {#claims}

6.1 The credit under section 5 is claimed within 30 days.

```sla
clock: claim
from: end of period
allow: 30 days
for: credit
in: utc
who: customer
```
"""


def read(text: str) -> Agreement:
    agreement, problems = read_agreement(text.encode(), "terms.sla.md")
    assert agreement is not None, problems
    return agreement


def drifts(text: str) -> list[tuple[str, str]]:
    return [(p.code, p.what) for p in drift_findings(read(text))]


@pytest.mark.parametrize("path", ORDINARY, ids=lambda p: p.stem.partition(".")[0])
def test_an_ordinary_agreement_has_no_error_and_no_warning(path: Path) -> None:
    graver = [p for p in lint(read(path.read_text(encoding="utf-8"))) if p.severity is not Severity.NOTE]
    assert graver == []


def test_at_least_95_of_100_changes_in_ordinary_prose_are_caught_and_of_each_common_kind_too() -> None:
    tried, missed = Counter[str](), list[tuple[str, str]]()
    for path in ORDINARY:
        text = path.read_text(encoding="utf-8")
        agreement = read(text)
        for mutation in (m for seed in range(3) for m in mutations(text, seed)):
            changed = replace(agreement, document=read_document(mutation.applied(text), path.name)[0])
            tried[mutation.kind] += 1
            if not any(True for _ in drift_findings(changed)):
                missed.append((mutation.kind, f"{path.stem}: {mutation.told(text)}"))
    lost = Counter(kind for kind, _ in missed)
    told = "\n".join(
        [*(f"{kind}: {n - lost[kind]} of {n}" for kind, n in tried.items()), *(line for _, line in missed)]
    )
    print(told)
    assert len(missed) <= (1 - LEAST_CAUGHT) * tried.total(), told
    assert all(lost[kind] <= (1 - LEAST_CAUGHT) * n for kind, n in tried.items() if n >= 20), told


def test_numbered_paragraphs_and_references_to_them_are_no_numbers_of_a_rule() -> None:
    assert drifts(NUMBERED) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("set out in 4.2", "set out in 4.3", "points to 4.3, and the rules here use what stands in 4.2"),
        ("set out in 4.2", "set out in section 4.3", "points to 4.3, and the rules here use what stands in 4.2"),
        ("under section 5", "under section 4", "points to 4, and the rules here use what stands in 5"),
        ("set out in 4.2", "set out in 4.9", "says “4.9”"),
        ("set out in 4.2", "set out in section 4.9", "points to clause 4.9, and there is none"),
        ("4.3 Force", "4.5 Force", "says “4.5”"),
    ],
)
def test_a_reference_to_another_clause_than_the_one_that_the_rules_use_is_found(old: str, new: str, says: str) -> None:
    found = drifts(NUMBERED.replace(old, new))
    assert any(says in what for _, what in found), found


@pytest.mark.parametrize(
    "said",
    [
        "6.1 The credit under section 5 for a miss of section 3 is claimed",  # a rule leads there
        "6.1 The credit under section 5, and not what section 4 says, is claimed",  # both are named
        "6.1 The credit, see section 6, is claimed",  # the clause itself
    ],
)
def test_a_reference_that_a_rule_leads_to_or_that_stands_beside_the_right_one_is_none(said: str) -> None:
    assert drifts(NUMBERED.replace("6.1 The credit under section 5 is claimed", said)) == []


SEVERITY = """

## 7. Support {#support}

Severity 1 is for an outage, severity 2 for the rest.

An answer comes in 1 hour for severity 1, in 8 hours for severity 2.

```sla
class: severity
rows: [{is: S1, when: {impact: outage}}, {is: S2}]
```

```sla
clock: answer
from: report received
allow: {by: severity, S1: 1 h, S2: 8 h}
```
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("Severity 1 is", "Severity levels 1 to 2 are; 1 is", [("drift-text", "the text says “1”, and no rule")]),
        ("Severity 1 is", "Severity 7 is", [("drift-label", "the number 7")]),
        ("8 hours for severity 2", "8 hours for severity 1", [("drift-label", "8 hours for S1")]),
    ],
)
def test_a_label_may_be_named_by_its_number(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    found = drifts(NUMBERED + SEVERITY.replace(old, new, 1))
    assert len(found) == len(expected)
    for (code, what), (wanted, says) in zip(found, expected, strict=True):
        assert code == wanted
        assert says in what


def test_a_label_that_the_text_leaves_out_is_found_where_it_names_others() -> None:
    text = SEVERITY.replace("severity 2", "severity 1").replace(", in 8 hours for severity 1", " or else in 8 hours")
    assert ("drift-label", "`severity` gives “S2”, and the text of this clause does not name it") in drifts(
        NUMBERED + text
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from 9 to 5 pm", "09:00-17:00"),
        ("from 2 to 4 p.m.", "14:00-16:00"),
        ("from 8 to 17 o'clock", "08:00-17:00"),
        ("at 6 in the morning", "06:00"),
        ("at 6 o'clock in the evening", "18:00"),
        ("four support hours", "4 business hours"),
        ("2 workdays", "2 business days"),
        ("each started hour", "1 h"),
        ("24 hours a day, 7 days a week, 365 days a year", "24x7"),
        ("in a month of 30 days, in a 31-day month", ""),
        ("within a day or two", ""),
    ],
)
def test_ordinary_words_are_read_as_what_they_say(one: str, other: str) -> None:
    assert {q.meaning for q in quantities(one)} == {q.meaning for q in quantities(other)}


@pytest.mark.parametrize(
    "said",
    [
        *("1" * 5_000, "1." * 5_000, "$" + "9" * 5_000, "severity " + "1 and " * 5_000, "section " + "1, " * 5_000),
        *("9.1 " * 5_000, "(1) " * 5_000, "\n" * 20_000 + "1.1 x", " " * 20_000 + "1.1 x", "24 hours, " * 5_000),
    ],
)
def test_prose_of_any_kind_is_read_without_a_fault(said: str) -> None:
    drifts(NUMBERED + f"\n## 9. More {{#more}}\n\n{said}\n")
