"""Limits on credits: innermost first whatever the order of the text, over past periods, in their own unit."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.engine.whole import HOUR_IN, answer, credited, judge, one, order, problems, statements, watched

INNER = "limit: inner\non: credit\nmost: 10 USD\nfor each: credit"
TEN_EACH = "limit: inner\non: small\nmost: 10 USD\nfor each: credit"
OUTER = "limit: outer\non: [small, large]\nmost: 600 USD\nfor each: order"
SMALL = "remedy: small\nform: credit\nwhen missed: uptime\namount: 80 USD"
LARGE = "remedy: large\nform: credit\nwhen missed: uptime\namount: 1,000 USD"
FIFTY = "remedy: credit\nform: credit\nwhen missed: uptime\namount: 100 USD"
WORK = "exclude: work\nfrom: uptime\nwhat: maintenance"
EVERY_MONTH = watched(web=list(HOUR_IN.values()))


@pytest.mark.parametrize("rules", list(permutations((TEN_EACH, OUTER))), ids=("inner first", "outer first"))
def test_the_inner_limit_cuts_before_the_outer_one_whatever_the_order_of_the_text(
    tmp_path: Path, rules: tuple[str, str]
) -> None:
    found = one(tmp_path, SMALL, LARGE, *rules)
    assert credited(found)[1:] == ["small 10.00 USD cut by inner", "large 590.00 USD cut by outer"]


@pytest.mark.parametrize("each", ["credit", "service", "order"])
def test_a_limit_of_each_kind_leaves_its_own_sum(tmp_path: Path, each: str) -> None:
    rule = f"limit: cap\non: [small, large]\nmost: 60 USD\nfor each: {each}"
    found = statements(
        tmp_path, SMALL, LARGE, rule, of=order("web", "api"), seen=watched(web=HOUR_IN["april"], api=HOUR_IN["april"])
    )
    sums = {name: [text for text in credited(s) if not text.startswith("credit")] for name, s in found.items()}
    wanted = {
        "credit": {"web": ["small 60.00 USD cut by cap", "large 60.00 USD cut by cap"]},
        "service": {"web": ["small 60.00 USD cut by cap", "large 0.00 USD cut by cap"]},
        "order": {"web": ["small 60.00 USD cut by cap", "large 0.00 USD cut by cap"]},
    }[each]
    wanted["api"] = ["small 0.00 USD cut by cap", "large 0.00 USD cut by cap"] if each == "order" else wanted["web"]
    assert sums == wanted


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("over: year", ["100.00 USD", "50.00 USD cut by cap", "0.00 USD cut by cap"]),
        ("over: any 90 days", ["100.00 USD", "50.00 USD cut by cap", "0.00 USD cut by cap"]),
        ("over: any 29 days", ["100.00 USD", "50.00 USD cut by cap", "100.00 USD"]),
        ("over: any 28 days", ["100.00 USD", "100.00 USD", "100.00 USD"]),
        ("over: month", ["100.00 USD", "100.00 USD", "100.00 USD"]),
        ("", ["100.00 USD", "100.00 USD", "100.00 USD"]),
    ],
)
def test_a_limit_over_longer_than_the_period_sees_what_was_credited_before(
    tmp_path: Path, over: str, expected: list[str]
) -> None:
    cap = f"limit: cap\non: credit\nmost: 150 USD\n{over}\n" + ("in: local" if "any" in over else "")
    year = "period: year\nis: calendar year\nin: local"
    found = [
        credited(one(tmp_path / label, FIFTY, year, cap, seen=EVERY_MONTH, period=label))
        for label in ("2026-01", "2026-02", "2026-03")
    ]
    assert found == [[f"credit {text}"] for text in expected]


def test_half_the_fees_of_the_affected_service_is_for_each_service_alone(tmp_path: Path) -> None:
    services = order("web", '{service: api, fee: "100.00 USD per month"}')
    lines = watched(web="down 2026-04-10 10:00 to 2026-04-14 10:00", api="down 2026-04-10 10:00 to 2026-04-14 10:00")
    whole = "remedy: credit\nform: credit\nwhen missed: uptime\namount: fees"
    found = statements(tmp_path, whole, "limit: cap\non: credit\nmost: 50 % x fees", of=services, seen=lines)
    assert {name: credited(s) for name, s in found.items()} == {
        "web": ["credit 500.00 USD cut by cap"],
        "api": ["credit 50.00 USD cut by cap"],
    }


@pytest.mark.parametrize(
    ("most", "said"),
    [
        ("4 h x 2\nover: month", "not-a-number"),
        ("5 instances + 1 instances", "not-a-number"),
        ("50 %", "share-of-what"),
        ("1.5 instances", "not-whole"),
        ("4 h", "missing-key"),
    ],
)
def test_a_limit_that_could_not_be_counted_is_refused(most: str, said: str) -> None:
    found = problems(WORK, f"limit: cap\non: work\nmost: {most}")
    assert [p.partition(":")[0] for p in found] == [said]


@pytest.mark.parametrize(
    ("on", "most", "refused"),
    [
        ("credit", "5 instances", "wrong-unit: `credit` gives money or days, and `cap` limits items"),
        ("credit", "5 h\nover: month", "wrong-unit: `credit` gives money or days, and `cap` limits time"),
        ("work", "5 USD", "wrong-unit: `work` excuses downtime, and `cap` limits money"),
        ("work", "5 days", "wrong-unit: `work` excuses downtime, and `cap` limits days"),
        ("[work, credit]", "5 instances", "wrong-unit: `credit` gives money or days, and `cap` limits items"),
        ("[work, credit]", "5 USD", "wrong-unit: `work` excuses downtime, and `cap` limits money"),
        ("work", "unlimited", None),
        ("credit", "unlimited", None),
        ("work", "5 instances", None),
        ("credit", "50 % x fees", None),
    ],
)
def test_a_limit_that_could_cut_nothing_of_what_it_is_on_is_refused(on: str, most: str, refused: str | None) -> None:
    assert problems(WORK, f"limit: cap\non: {on}\nmost: {most}") == ([refused] if refused else [])


@pytest.mark.parametrize(
    ("most", "reason"),
    [
        ("100 EUR", "cap: the limit is in EUR and the credit in USD (clause 3. Limits)"),
        ("3 days", "cap: the limit counts days and the credit money (clause 3. Limits)"),
    ],
)
def test_a_limit_in_another_unit_or_currency_leaves_the_amount_unstated_by_its_own_clause(
    tmp_path: Path, most: str, reason: str
) -> None:
    found = one(tmp_path, "## 3. Limits {#limits}", f"limit: cap\non: credit\nmost: {most}")
    (line,) = found.unfavourable.lines
    assert line.unstated == reason
    assert found.amount == "unstated (clause 3. Limits)"


def test_a_negative_limit_cuts_to_nothing_and_not_below(tmp_path: Path) -> None:
    found = one(tmp_path, "limit: cap\non: credit\nmost: 10 USD - 30 USD")
    assert credited(found) == ["credit 0.00 USD cut by cap"]
    assert found.amount == "0.00 USD"


def test_several_commitments_share_a_limit_over_the_year(tmp_path: Path) -> None:
    rules = (
        "target: strict\neach: service\nover: month\nmeasures: availability\nis: at least 99.99 %",
        "remedy: other\nform: credit\nwhen missed: strict\namount: 100 USD",
        FIFTY,
        "period: year\nis: calendar year\nin: local",
        "limit: cap\non: [credit, other]\nmost: 350 USD\nover: year\nfor each: order",
    )
    found = [
        [text for s in answer(tmp_path / m, *rules, seen=EVERY_MONTH, period=m).statements for text in credited(s)]
        for m in ("2026-01", "2026-02")
    ]
    assert found == [["credit 100.00 USD", "other 100.00 USD"], ["credit 100.00 USD", "other 50.00 USD cut by cap"]]


def test_an_hour_and_an_instance_limit_are_shared_by_two_exclusions(tmp_path: Path) -> None:
    rules = (
        "exclude: regular\nfrom: uptime\nwhat: maintenance\ngates: {kind: regular}",
        "exclude: urgent\nfrom: uptime\nwhat: maintenance\ngates: {kind: urgent}",
    )
    facts = "".join(
        f"- maintenance: {name}\n  services: [web]\n  kind: {kind}\n"
        f"  announced: 2026-04-{day} 10:00 to 2026-04-{day} 11:00 UTC\n"
        "  recorded: 2026-03-01 00:00 UTC\n  by: ops\n"
        for name, kind, day in (("M-1", "regular", "10"), ("M-2", "urgent", "11"), ("M-3", "regular", "12"))
    )
    down = watched(web=[f"down 2026-04-{day} 10:00 to 11:00" for day in (10, 11, 12)])
    for most, expected in (
        ("2 instances\nover: month", {"M-1": 60, "M-2": 60, "M-3": 0}),
        ("90 min\nover: month", {"M-1": 60, "M-2": 30, "M-3": 0}),
        ("90 min\nover: month\nexcess: refused whole", {"M-1": 60, "M-2": 0, "M-3": 0}),
    ):
        folder = tmp_path / most[:2].strip() / str(len(most))
        folder.mkdir(parents=True)
        s = one(folder, *rules, f"limit: most\non: [regular, urgent]\nmost: {most}", seen=down, facts=facts)
        assert {e.item: e.excused.total // 60_000_000 for e in s.excuses} == expected, most
    assert "refused whole" in next(e.why for e in s.excuses if e.item == "M-2")


def test_a_limit_of_hours_refuses_the_item_that_goes_beyond_it_whole(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        "exclude: work\nfrom: uptime\nwhat: maintenance",
        "limit: most\non: work\nmost: 30 min\nover: month\nexcess: refused whole",
        facts=(
            "- maintenance: M-1\n  services: [web]\n  announced: 2026-04-10 10:00 to 2026-04-10 11:00 UTC\n"
            "  recorded: 2026-03-01 00:00 UTC\n  by: ops\n"
        ),
    )
    (statement,) = judged.answer.statements
    (excuse,) = statement.excuses
    assert not excuse.granted
    assert excuse.excused.total == 0
    assert excuse.why == "it goes beyond the 30 min that most allows, and is refused whole"
