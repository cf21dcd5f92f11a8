"""Orders that change their plan: every period is judged, and counted, under the plan of its own first date."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.model.problem import Refused
from tests.engine.whole import HEADER, HOUR_IN, answer, credited, judge, one, order, watched

TWO = f"{HEADER}plans: [standard, premier]"
THREE = "plan:\n  - {from: 2026-01-01, plan: standard}\n  - {from: 2026-03-01, plan: premier}"
MONTHLY = "target: uptime\neach: service\nover: month\nmeasures: availability\n"
UPTIME = MONTHLY + "is: at least 99.9 %\napplies to: {plan: premier}"
BY_PLAN = MONTHLY + "is: {by: plan, standard: at least 99.5 %, premier: at least 99.9 %}"
COUNT = "count: misses\nof: uptime\nover: any 365 days\nin: local"
RIGHT = "remedy: leave\nform: right\nwho: customer\nwhen count: {of: misses, is: at least 2}\ndoes: [end the order]\n"
EVERY_MONTH = watched(web=list(HOUR_IN.values()))


@pytest.mark.parametrize(("period", "plan"), [("2026-03", "premier"), ("2026-04", "premier")])
def test_a_target_of_the_later_plan_is_judged_from_the_day_of_the_change(
    tmp_path: Path, period: str, plan: str
) -> None:
    found = one(tmp_path, TWO, UPTIME, of=order(more=THREE), seen=EVERY_MONTH, period=period)
    assert (found.plan, found.verdict.value, credited(found)) == (plan, "breached", ["credit 100.00 USD"])


def test_before_the_change_the_target_is_told_not_to_apply(tmp_path: Path) -> None:
    found = answer(tmp_path, TWO, UPTIME, of=order(more=THREE), seen=EVERY_MONTH, period="2026-02")
    assert not found.statements
    told = {n.what: n.why for n in found.not_applicable}
    assert told["uptime"] == "it applies to plan premier, and this order is standard"


@pytest.mark.parametrize(
    ("period", "verdict", "counted", "given"),
    [("2026-02", "met", 0, False), ("2026-03", "breached", 1, False), ("2026-04", "breached", 2, True)],
)
def test_a_right_counts_every_past_month_under_its_own_plan(
    tmp_path: Path, period: str, verdict: str, counted: int, given: bool
) -> None:
    """An hour is down each month: enough for 99.5 % of the standard plan, too much for 99.9 % of the premier plan."""
    found = one(tmp_path, TWO, BY_PLAN, COUNT, RIGHT, of=order(more=THREE), seen=EVERY_MONTH, period=period)
    (right,) = found.unfavourable.rights
    assert right.node is not None
    assert (found.verdict.value, right.node.operands[0].value, right.given) == (verdict, counted, given)


def test_what_a_past_plan_credited_uses_up_the_limit_of_the_year(tmp_path: Path) -> None:
    """10 % on the standard plan in February, 25 % on the premier plan in March, of which 50.00 USD are left."""
    rules = (
        TWO,
        "period: year\nis: calendar year\nin: local",
        "remedy: credit\nform: credit\nwhen missed: uptime\namount: {by: plan, standard: 100 USD, premier: 250 USD}",
        "limit: cap\non: credit\nmost: 250 USD\nover: year",
    )
    found = [
        credited(one(tmp_path / m, *rules, of=order(more=THREE), seen=EVERY_MONTH, period=m))
        for m in ("2026-02", "2026-03")
    ]
    assert found == [["credit 100.00 USD"], ["credit 50.00 USD cut by cap"]]


def test_a_plan_that_the_agreement_does_not_have_is_refused_whenever_it_begins(tmp_path: Path) -> None:
    late = "plan:\n  - {from: 2026-01-01, plan: standard}\n  - {from: 2026-11-01, plan: gold}"
    with pytest.raises(Refused, match="the agreement `plain` has no plan"):
        judge(tmp_path, TWO, BY_PLAN, of=order(more=late))
