"""Rights that follow from counts: on their own commitment's statements, by subject or for the whole order."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.model.statement import Right
from tests.engine.whole import HOUR_IN, one, order, statements, watched

STRICT = "target: strict\neach: service\nover: month\nmeasures: availability\nis: at least 99.99 %"
MISSES = "count: misses\nof: uptime\nover: any 365 days\nin: local"
AWARDS = "count: awards\nof: credit\nover: any 365 days\nin: local"


def right(of: str, is_: str, more: str = "") -> str:
    return (
        f"remedy: leave\nform: right\nwho: customer\nwhen count: {{of: {of}, is: {is_}}}\ndoes: [end the order]\n{more}"
    )


def told(rights: tuple[Right, ...]) -> list[tuple[object, bool]]:
    return [(r.node.operands[0].value if r.node else None, r.given) for r in rights]


TWICE = watched(web=[HOUR_IN["march"], HOUR_IN["april"]], api=HOUR_IN["april"])


def test_a_right_that_counts_a_commitment_stands_on_its_statements_alone(tmp_path: Path) -> None:
    found = statements(tmp_path, STRICT, MISSES, right("misses", "at least 1"))
    assert {name: told(s.unfavourable.rights) for name, s in found.items()} == {
        "uptime web": [(1, True)],
        "strict web": [],
    }


def test_breaches_are_counted_for_each_subject_alone(tmp_path: Path) -> None:
    rules = (MISSES, right("misses", "at least 2"))
    found = statements(tmp_path, *rules, of=order("web", "api"), seen=TWICE)
    assert {name: told(s.unfavourable.rights) for name, s in found.items()} == {"web": [(2, True)], "api": [(1, False)]}


def test_credits_are_counted_over_the_whole_order(tmp_path: Path) -> None:
    rules = (AWARDS, right("awards", "at least 3"))
    found = statements(tmp_path, *rules, of=order("web", "api"), seen=TWICE)
    assert {name: told(s.unfavourable.rights) for name, s in found.items()} == {"web": [(3, True)], "api": [(3, True)]}


@pytest.mark.parametrize(
    ("more", "as_of", "given"),
    [
        ("", "2026-05-05", True),
        ("not while: [overdue]", "2026-05-05", False),
        ("not while: [overdue]", "2026-05-11", True),
    ],
)
def test_a_right_is_withheld_while_the_order_has_a_standing_that_it_excludes(
    tmp_path: Path, more: str, as_of: str, given: bool
) -> None:
    standing = (
        "- standing: S-1\n  order: plain-order\n  is: overdue\n"
        "  during: 2026-04-20 00:00 to 2026-05-10 00:00 UTC\n  recorded: 2026-04-20 09:00 UTC\n  by: billing\n"
    )
    rules = (MISSES, right("misses", "at least 1", more))
    found = one(tmp_path, *rules, facts=standing, as_of=f"{as_of} 00:00 UTC")
    (only,) = found.unfavourable.rights
    assert only.given is given
    assert ("but the order is overdue (fact S-1)" in only.why) is not given


@pytest.mark.parametrize(("days", "expected"), [(30, (1, False)), (31, (2, True)), (61, (2, True)), (62, (3, True))])
def test_a_count_forgets_what_lies_before_its_days(tmp_path: Path, days: int, expected: tuple[int, bool]) -> None:
    """31 days ending on 30 April begin on 31 March, which is the date of March; 62 begin on 28 February."""
    rules = (MISSES.replace("365", str(days)), right("misses", "at least 2"))
    found = one(tmp_path, *rules, seen=watched(web=list(HOUR_IN.values())))
    assert told(found.unfavourable.rights) == [expected]
