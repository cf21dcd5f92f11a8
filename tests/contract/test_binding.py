"""An agreement bound to an order: rules that do not apply, lists of names, overlays, exceptions and alternatives."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.contract.written import Agreement
from makegood.model.problem import Refused
from makegood.model.terms import Terms
from tests.engine.whole import HEADER, agreement, answer, judge, order

DEPLOYED = f"{HEADER}deployments: [saas, on-premises]"
GOLD = (
    "target: gold\neach: service\nover: month\nmeasures: availability\nis: at least 99.99 %\n"
    "applies to: {deployment: saas}"
)
EXCLUDE = "exclude: work\nfrom: {}\nwhat: maintenance"
MORE = "remedy: more\nform: credit\nwhen missed: gold\namount: 5 USD"
CAP = "limit: cap\non: {}\nmost: 60 USD"
WORK = (
    "- maintenance: M-1\n  services: [web]\n  announced: 2026-04-10 10:00 to 2026-04-10 11:00 UTC\n"
    "  recorded: 2026-03-01 00:00 UTC\n  by: ops\n"
)


def bound(folder: Path, *rules: str, deployment: str = "on-premises", **more: str) -> Terms:
    (terms,) = judge(folder, *rules, of=order(more=f"deployment: {deployment}"), **more).docket.terms.values()
    return terms


@pytest.mark.parametrize(
    ("deployment", "names", "kept"),
    [
        ("saas", "[uptime, gold]", ("uptime", "gold")),
        ("on-premises", "[uptime, gold]", ("uptime",)),
        ("on-premises", "[gold, uptime]", ("uptime",)),
        ("on-premises", "uptime", ("uptime",)),
        ("on-premises", "[gold]", None),
        ("on-premises", "gold", None),
    ],
)
def test_an_exclusion_loses_only_the_name_of_a_target_that_does_not_apply(
    tmp_path: Path, deployment: str, names: str, kept: tuple[str, ...] | None
) -> None:
    terms = bound(tmp_path, DEPLOYED, GOLD, EXCLUDE.format(names), deployment=deployment)
    assert [e.commitments for e in terms.excludes] == ([kept] if kept else [])
    assert (terms.not_applicable["work"][1] if "work" in terms.not_applicable else None) == (
        None if kept else "it rests on `gold`, which does not apply"
    )


def test_the_exclusion_still_excuses_the_target_that_is_left(tmp_path: Path) -> None:
    found = answer(
        tmp_path, DEPLOYED, GOLD, EXCLUDE.format("[uptime, gold]"), of=order(more="deployment: on-premises"), facts=WORK
    )
    assert [(s.commitment, s.verdict.value) for s in found.statements] == [("uptime", "met")]


@pytest.mark.parametrize(
    ("deployment", "names", "kept"),
    [
        ("saas", "[credit, more]", ("credit", "more")),
        ("on-premises", "[credit, more]", ("credit",)),
        ("on-premises", "[more]", None),
    ],
)
def test_a_limit_loses_only_the_name_of_a_remedy_that_does_not_apply(
    tmp_path: Path, deployment: str, names: str, kept: tuple[str, ...] | None
) -> None:
    terms = bound(tmp_path, DEPLOYED, GOLD, MORE, CAP.format(names), deployment=deployment)
    assert [limit.on for limit in terms.limits] == ([kept] if kept else [])


def test_a_limit_on_a_remedy_on_a_target_that_does_not_apply_goes_with_it_and_says_why(tmp_path: Path) -> None:
    terms = bound(tmp_path, DEPLOYED, GOLD, MORE, CAP.format("more"))
    assert {name: why for name, (_, why) in terms.not_applicable.items()} == {
        "gold": "it applies to deployment saas, and this order is on-premises",
        "more": "it rests on `gold`, which does not apply",
        "cap": "it rests on `more`, which does not apply",
    }


TARGET = "target: uptime\neach: service\nover: month\nmeasures: availability\nis: at least 99.9 %"
EXCEPTION = "target: looser\nexception to: uptime\nis: at least 99 %"


def test_what_the_order_changes_stands_above_every_exception(tmp_path: Path) -> None:
    found = judge(tmp_path, EXCEPTION, instead="- rule: uptime\n  is: at least 98 %\n").answer
    assert [s.target for s in found.statements] == ["at least 98 %"]


def test_an_exception_stands_above_its_rule(tmp_path: Path) -> None:
    assert [s.target for s in judge(tmp_path, EXCEPTION).answer.statements] == ["at least 99 %"]


def test_two_changes_by_the_order_that_differ_are_a_conflict(tmp_path: Path) -> None:
    twice = "- rule: uptime\n  is: at least 98 %\n- rule: uptime\n  is: at least 97 %\n"
    with pytest.raises(Refused) as refused:
        judge(tmp_path, instead=twice)
    (problem,) = refused.value.problems
    assert (problem.code, problem.what) == ("conflict", "the order changes `is` of `uptime` twice, and differently")


@pytest.mark.parametrize(
    "second", ["is: at least 98 %", "strength: efforts"], ids=("the same again", "another key of the rule")
)
def test_two_changes_by_the_order_that_agree_are_none(tmp_path: Path, second: str) -> None:
    twice = f"- rule: uptime\n  is: at least 98 %\n- rule: uptime\n  {second}\n"
    assert [s.target for s in judge(tmp_path, instead=twice).answer.statements] == ["at least 98 %"]


def test_a_change_by_the_order_of_an_unknown_rule_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the agreement has no rule `uptme`"):
        judge(tmp_path, instead="- rule: uptme\n  is: at least 98 %\n")


def read(*rules: str) -> Agreement:
    found, wrong = read_agreement(agreement(*rules).encode(), "small.sla.md")
    assert found is not None, wrong
    return found


def uptime(chosen: str, *among: str) -> str:
    whole = ", ".join(among)
    return TARGET.replace(
        "is: at least 99.9 %", f"is:\n  among: [{whole}]\n  chosen: {chosen}\n  because: the text is silent"
    )


@pytest.mark.parametrize("other", ["at least 99.9", "at least 999 %", "banana"])
def test_an_alternative_that_was_not_chosen_is_checked_too(other: str) -> None:
    found = [p for p in lint(read(uptime("at least 99.9 %", "at least 99.9 %", other))) if p.severity.value == "error"]
    assert found, "nothing was found"


ROWS = (
    "scale: credits\nrows:\n  among:\n"
    "    low: [{when: otherwise, gives: 5 %}]\n    high: [{when: otherwise, gives: 6 %}]"
)


def test_a_reading_that_the_agreement_leaves_open_is_priced_and_may_be_chosen_by_the_order(tmp_path: Path) -> None:
    (open_still,) = judge(tmp_path, ROWS).answer.statements
    assert open_still.amount == "unstated (clause 2. Credits)"
    assert [(p.alternative, p.amount) for p in open_still.readings[0].prices] == [
        ("low", "50.00 USD"),
        ("high", "60.00 USD"),
    ]
    (chosen,) = judge(tmp_path, ROWS, of=order(more="readings:\n  credits.rows: high")).answer.statements
    assert chosen.amount == "60.00 USD"
