"""Statements of unusual agreements: lengths, versions, terms, and what is told rather than judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.model.spans import MINUTE
from tests.engine.whole import HEADER, HOUR_IN, answer, one, order, statements, watched

NOMINAL = "period: month\nis: calendar month\nin: local\nnominal length: 720 h"


def test_a_nominal_length_with_more_downtime_than_it_holds_gives_nothing_and_not_less(tmp_path: Path) -> None:
    """January has 744 h, the nominal month 720, and 730 are down."""
    lines = watched(web="down 2026-01-01 00:00 to 2026-01-31 10:00")
    found = one(tmp_path, NOMINAL, seen=lines, period="2026-01")
    assert found.favourable.ratio == 0
    assert found.favourable.numerator == 0
    assert found.favourable.denominator == 720 * 60 * MINUTE
    assert (found.verdict.value, found.amount) == ("breached", "500.00 USD")


@pytest.mark.parametrize(
    ("hours", "numerator"), [(719, 60), (720, 0), (721, 0), (743, 0)], ids=lambda value: str(value)
)
def test_around_the_nominal_length(tmp_path: Path, hours: int, numerator: int) -> None:
    days, rest = divmod(hours, 24)
    lines = watched(web=f"down 2026-01-01 00:00 to 2026-01-{1 + days:02} {rest:02}:00")
    found = one(tmp_path, NOMINAL, seen=lines, period="2026-01")
    assert found.favourable.numerator == numerator * MINUTE


def test_more_downtime_than_a_nominal_length_while_the_month_runs(tmp_path: Path) -> None:
    lines = watched(web="down 2026-01-01 00:00 to 2026-01-31 10:00")
    found = one(tmp_path, NOMINAL, seen=lines, period="2026-01", as_of="2026-01-31 11:00 UTC")
    assert (found.life.value, found.verdict.value) == ("running", "breached")


def test_a_nominal_length_with_more_time_out_of_the_ratio_than_it_holds_leaves_nothing_to_judge(
    tmp_path: Path,
) -> None:
    facts = (
        "- maintenance: M-1\n  services: [web]\n  announced: 2026-01-01 00:00 to 2026-01-31 10:00 UTC\n"
        "  recorded: 2025-12-01 00:00 UTC\n  by: ops\n"
    )
    work = "exclude: work\nfrom: uptime\nwhat: maintenance\ncounts as: outside the ratio"
    lines = watched(web="down 2026-01-01 00:00 to 2026-01-31 12:00")
    found = one(tmp_path, NOMINAL, work, seen=lines, facts=facts, period="2026-01")
    assert (found.verdict.value, found.favourable.ratio) == ("not applicable", None)
    assert found.favourable.denominator == 0


@pytest.mark.parametrize(("period", "told"), [("2026-03", True), ("2026-04", True), ("2026-05", False)])
def test_a_version_in_force_only_later_is_noted(tmp_path: Path, period: str, told: bool) -> None:
    found = one(tmp_path, HEADER.replace("effective: 2020-01-01", "effective: 2026-04-10"), period=period)
    note = "this version of the agreement is in force from 2026-04-10, after the period began"
    assert (note in found.notes) is told


def test_a_limit_of_instances_without_a_span_is_over_all_time(tmp_path: Path) -> None:
    facts = "".join(
        f"- maintenance: M-{month}\n  services: [web]\n  announced: 2026-0{month}-10 10:00 to "
        f"2026-0{month}-10 11:00 UTC\n"
        "  recorded: 2026-01-01 00:00 UTC\n  by: ops\n"
        for month in (3, 4)
    )
    rules = ("exclude: work\nfrom: uptime\nwhat: maintenance", "limit: once\non: work\nmost: 1 instance")
    lines = watched(web=[HOUR_IN["march"], HOUR_IN["april"]])
    found = one(tmp_path, *rules, seen=lines, facts=facts)
    assert [e.why for e in found.excuses] == ["it is number 2 in all time, and once allows 1"]


def test_two_kinds_of_period_and_a_service_that_is_not_covered_yet(tmp_path: Path) -> None:
    """The order has a second service from May on; months and quarters are judged side by side."""
    rules = (
        "period: quarter\nis: calendar quarter\nin: local",
        "target: quarterly\neach: service\nover: quarter\nmeasures: availability\nis: at least 99.9 %",
    )
    services = order("web", '{service: api, from: 2026-05-01, fee: "1,000.00 USD per month"}')
    lines = watched(web=HOUR_IN["april"], api="up 2026-05-01 00:00 to 2026-05-02 00:00")
    by_month = answer(tmp_path / "m", *rules, of=services, seen=lines)
    assert [(s.commitment, s.subject) for s in by_month.statements] == [("uptime", "web")]
    by_quarter = answer(tmp_path / "q", *rules, of=services, seen=lines, period="2026-Q2")
    assert [(s.commitment, s.subject) for s in by_quarter.statements] == [("quarterly", "web"), ("quarterly", "api")]


CHECKS = "detect: monitoring\nevery: 1 min\nlocations: {}"
FROM_TWO = (
    "check web-check from fra, iad every 1 min, 2026-04-01 00:00 to 2026-05-01 00:00 UTC\n"
    "  all down 2026-04-10 10:00 to 11:00\n"
)
CHECKED = '{service: web, fee: "1,000.00 USD per month", checks: [web-check]}'


@pytest.mark.parametrize(
    ("locations", "verdict"),
    [
        ("at least 1", "breached"),
        ("at least 2", "breached"),
        ("all", "breached"),
        ("a majority", "breached"),
        ("at least 3", "insufficient data"),
        ("at least 100", "insufficient data"),
    ],
)
def test_more_locations_than_there_are_confirm_nothing(tmp_path: Path, locations: str, verdict: str) -> None:
    found = one(tmp_path, CHECKS.format(locations), of=order(CHECKED), seen=FROM_TWO)
    assert found.verdict.value == verdict


def test_a_month_without_services_answers_without_a_statement(tmp_path: Path) -> None:
    services = order('{service: web, from: 2026-05-01, fee: "1,000.00 USD per month"}')
    assert statements(tmp_path, of=services) == {}
