"""The smallest changes: the least seconds at every kind of edge, and unseen spans set in the evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.model.statement import Statement
from tests.engine.whole import one, order, statements, watched

ROUNDED = "measure: availability\nis: ratio of time\nof: downtime\nrounded: 2 places"
SHARE = "remedy: credit\nform: credit\nwhen missed: uptime\namount: "
WORK = "exclude: work\nfrom: uptime\nwhat: maintenance"
ANNOUNCED = (
    "- maintenance: M-1\n  services: [web]\n  announced: 2026-04-10 10:00 to 2026-04-10 12:00 UTC\n"
    "  recorded: 2026-03-01 00:00 UTC\n  by: ops\n"
)


def changes(statement: Statement) -> dict[str, str]:
    return {c.says: f"{c.verdict.value}, {c.amount}" for c in statement.smallest}


@pytest.mark.parametrize(
    ("down", "expected"),
    [
        # 0.1 % of 43,200 min is 43 min 12 s
        ("10:00 to 10:43", {"13 s more down time": "breached, 100.00 USD"}),
        ("10:00 to 10:44", {"48 s less down time": "met, none"}),
    ],
)
def test_the_seconds_to_the_target(tmp_path: Path, down: str, expected: dict[str, str]) -> None:
    found = changes(one(tmp_path, seen=watched(web=f"down 2026-04-10 {down}")))
    assert {says: then for says, then in found.items() if says in expected} == expected


@pytest.mark.parametrize(
    ("down", "expected"),
    [
        # rounded to 2 places, 99.895 % is 99.90 %: 0.105 % of 2,592,000 s is 2,721.6 s, or 45 min 21.6 s
        ("10:00 to 10:45", {"22 s more down time": "breached, 100.00 USD"}),
        ("10:00 to 10:46", {"39 s less down time": "met, none"}),
    ],
)
def test_the_seconds_to_the_target_of_a_ratio_that_is_rounded(
    tmp_path: Path, down: str, expected: dict[str, str]
) -> None:
    found = changes(one(tmp_path, ROUNDED, seen=watched(web=f"down 2026-04-10 {down}")))
    assert {says: then for says, then in found.items() if says in expected} == expected


def test_the_seconds_of_an_amount_that_changes_with_every_second(tmp_path: Path) -> None:
    """Each hour costs 3,600.00 USD, so that each second costs 1.00 USD."""
    found = changes(one(tmp_path, SHARE + "downtime / 1 h x 3,600 USD"))
    assert found == {"1 s more down time": "breached, 3,601.00 USD", "1 s less down time": "breached, 3,599.00 USD"}


def test_of_an_amount_in_steps_the_least_seconds_that_change_a_cent(tmp_path: Path) -> None:
    """Each hour costs 1.00 USD, so that a cent is 36 s, and half of one is rounded up."""
    found = changes(one(tmp_path, SHARE + "downtime / 1 h x 1 USD"))
    assert found == {"18 s more down time": "breached, 1.01 USD", "19 s less down time": "breached, 0.99 USD"}


def test_what_nobody_saw_inside_granted_work_changes_nothing_were_it_down(tmp_path: Path) -> None:
    """An hour of granted work was unseen. Had it been seen down, it would be excused: there is nothing to tell."""
    lines = watched(web=["down 2026-04-12 10:00 to 10:40", "unknown 2026-04-10 10:30 to 11:30"])
    found = one(tmp_path, WORK, seen=lines, facts=ANNOUNCED)
    assert found.verdict.value == "met"
    assert [c for c in found.smallest if c.kind == "unknown span"] == []


def test_what_nobody_saw_outside_granted_work_would_settle_the_verdict(tmp_path: Path) -> None:
    lines = watched(web=["down 2026-04-12 10:00 to 10:40", "unknown 2026-04-10 13:30 to 14:30"])
    found = one(tmp_path, WORK, seen=lines, facts=ANNOUNCED)
    assert found.verdict.value == "insufficient data"
    assert changes(found)["the 1 h that nobody saw were down"] == "breached, 100.00 USD"


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(40, "at most 100.00 USD"), (50, "100.00 USD"), (420, "at least 100.00 USD, at most 250.00 USD")],
)
def test_bounds_go_from_the_least_to_the_greatest(tmp_path: Path, minutes: int, expected: str) -> None:
    hours, rest = divmod(minutes, 60)
    lines = watched(web=[f"down 2026-04-12 10:00 to {10 + hours}:{rest:02}", "unknown 2026-04-10 13:30 to 14:30"])
    assert one(tmp_path, seen=lines).amount == expected


def test_bounds_are_in_order_where_more_downtime_credits_less(tmp_path: Path) -> None:
    """An amount that shrinks as downtime grows: 300.00 USD from the favourable run, 100.00 USD from the other."""
    lines = watched(web=["down 2026-04-12 10:00 to 17:00", "unknown 2026-04-10 10:00 to 14:00"])
    found = one(tmp_path, SHARE + "if(availability < 99 %, 100 USD, 300 USD)", seen=lines)
    assert found.amount == "at least 100.00 USD, at most 300.00 USD"
    assert (str(found.credit_least), str(found.credit_most)) == ("100.00 USD", "300.00 USD")


def test_nothing_on_the_unfavourable_side_is_the_least(tmp_path: Path) -> None:
    """The unfavourable run owes nothing, since the amount is cut to nothing there."""
    lines = watched(web=["down 2026-04-12 10:00 to 17:00", "unknown 2026-04-10 10:00 to 14:00"])
    found = one(tmp_path, SHARE + "if(availability < 99 %, 0 USD, 300 USD)", seen=lines)
    assert found.amount == "at least 0.00 USD, at most 300.00 USD"
    assert (str(found.credit_least), str(found.credit_most)) == ("0.00 USD", "300.00 USD")


SHORTEST = "outage: downtime\nfrom: monitoring\nbegins: first failure\nends: first success\nshortest: at least 30 min"


@pytest.mark.parametrize(("until", "life"), [("00:00", "provisional"), ("23:50", "in review")])
def test_an_outage_open_at_the_end_of_the_evidence_and_too_short_to_count_is_provisional(
    tmp_path: Path, until: str, life: str
) -> None:
    end = "2026-05-01 00:00" if until == "00:00" else "2026-04-30 23:50"
    log = f"service web by log, 2026-01-01 00:00 to 2026-05-01 00:00 UTC\n  down 2026-04-30 23:40 to {end}\n"
    found = one(tmp_path, SHORTEST, seen=log, as_of="2026-05-01 00:00 UTC")
    assert found.life.value == life


def test_two_services_keep_their_own_changes(tmp_path: Path) -> None:
    lines = watched(web="down 2026-04-10 10:00 to 10:43", api="down 2026-04-10 10:00 to 10:44")
    found = statements(tmp_path, of=order("web", "api"), seen=lines)
    assert "13 s more down time" in changes(found["web"])
    assert "48 s less down time" in changes(found["api"])
