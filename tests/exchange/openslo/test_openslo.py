"""OpenSLO in and out: what both can say comes through unchanged, and whatever does not is told."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.app.binding import bound
from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.contract.written import Agreement
from makegood.exchange.openslo.from_terms import openslo_objects
from makegood.exchange.openslo.objectives import Goal, Lost, Method, Objective, Window
from makegood.exchange.openslo.read import Read, read_openslo
from makegood.exchange.openslo.to_agreement import agreement_text
from makegood.exchange.openslo.write import openslo_text
from makegood.exchange.orders import ReadOrder, read_order
from makegood.model.problem import Severity
from makegood.model.spans import HOUR, MINUTE
from makegood.model.terms import MeasureKind, Strength, Terms
from makegood.model.threshold import Side, Threshold
from makegood.model.when import PeriodKind

SHOP = Path("tests/exchange/openslo/shop.openslo.yaml").read_text(encoding="utf-8")
TODAY = date(2026, 1, 1)
ORDER = """\
order: shop
agreement: objectives
customer: Someone
provider: Someone else
zone: UTC
term: 2025-02-01 to 2027-01-31
services:
  - {service: checkout, facts: {openslo service: checkout}}
  - {service: search, facts: {openslo service: search}}
"""
EXAMPLES = [(path, path.with_name("northwind.order.yaml")) for path in sorted(Path("examples").glob("*/*.sla.md"))]


def read(text: str) -> Read:
    found, problems = read_openslo(text.encode(), "a.yaml")
    assert [p for p in problems if p.severity is Severity.ERROR] == []
    return found


def agreement(found: Read) -> Agreement:
    text = agreement_text("objectives", "Objectives", found.objectives, found.lost, TODAY)
    agreed, problems = read_agreement(text.encode(), "a.sla.md")
    assert agreed is not None, problems
    grave = [p for p in lint(agreed) if p.severity is not Severity.NOTE and p.code != "target-finer-than-outage"]
    assert grave == []
    return agreed


def order(text: str = ORDER) -> ReadOrder:
    found, problems = read_order(text.encode(), "a.order.yaml")
    assert found is not None, problems
    return found


def terms(agreed: Agreement, taken: ReadOrder) -> Terms:
    by_plan, problems = bound([agreed], taken.order, taken.instead)
    assert by_plan, problems
    return next(iter(by_plan.values()))


def out(agreed: Agreement, taken: ReadOrder) -> tuple[Read, list[Lost], str]:
    objects, lost = openslo_objects(terms(agreed, taken), taken.order)
    text = openslo_text(objects, lost, "head")
    return read(text), lost, text


def test_objectives_become_commitments_with_their_target_period_and_measure() -> None:
    found = terms(agreement(read(SHOP)), order())
    told = {
        name: (c.target, found.measures[c.measure].kind, found.periods[c.period].kind, c.scope.only, c.strength)
        for name, c in found.commitments.items()
    }
    counts, days = MeasureKind.COUNTS, PeriodKind.DAYS
    checkout, search = {"openslo service": ("checkout",)}, {"openslo service": ("search",)}
    assert told == {
        "checkout-success": (at_least("99.5"), counts, days, checkout, Strength.AIM),
        "checkout-success-some": (at_least("99.95"), counts, days, checkout, Strength.AIM),
        "search-latency": (at_least("99"), MeasureKind.RATIO, PeriodKind.QUARTER, search, Strength.AIM),
    }
    (detect,) = found.detects.values()
    assert detect.bad[0].bad == Threshold(Side.MORE_THAN, Fraction(5, 100), "5 %")
    assert found.outages["search-latency-downtime"].grain == 5 * MINUTE
    assert found.periods["rolling-30-days"].days == 30
    assert found.periods["calendar-quarter"].zone == "America/New_York"
    assert found.periods["calendar-quarter"].first_month == 2


def at_least(percent: str) -> Threshold[Fraction]:
    return Threshold(Side.AT_LEAST, Fraction(percent) / 100, f"{percent} %")


def test_what_has_no_rule_is_listed_where_it_stood_and_in_the_agreement() -> None:
    found = read(SHOP)
    assert [f"{each.where}: {each.what}" for each in found.lost] == [
        "SLO checkout-success: alertPolicies",
        "SLO checkout-success: labels",
        "SLO search-latency: the time of day 12:30:00 at which the window starts: periods start at midnight",
        "AlertPolicy page: all of it",
    ]
    text = agreement_text("objectives", "Objectives", found.objectives, found.lost, TODAY)
    assert all(str(each) in text for each in found.lost)
    assert 'query: sum(http_requests{code=~"2xx|3xx"})' in text


WINDOWS = st.one_of(
    st.builds(Window, st.just(PeriodKind.DAYS), days=st.integers(1, 3000)),
    st.builds(Window, st.just(PeriodKind.BILLING_MONTH), st.just("Europe/Berlin"), anchor=st.integers(2, 28)),
    st.builds(Window, st.just(PeriodKind.WEEK), st.just("Asia/Tokyo"), first=st.integers(0, 6)),
    st.builds(Window, st.just(PeriodKind.QUARTER), st.just("America/New_York"), first=st.integers(1, 3)),
    st.builds(Window, st.just(PeriodKind.YEAR), st.just("UTC"), first=st.integers(1, 12)),
    st.builds(Window, st.sampled_from((PeriodKind.DAY, PeriodKind.MONTH)), st.just("UTC")),
)
SHARES = st.integers(0, 999_999).map(lambda n: Fraction(n, 1_000_000))
LENGTHS = st.sampled_from((MINUTE, 5 * MINUTE, HOUR))


@st.composite
def objectives(draw: st.DrawFn, name: str) -> Objective:
    method = draw(st.sampled_from(Method))
    sliced = method is not Method.OCCURRENCES
    needed = 1 - draw(SHARES) if method is Method.SLICES else None
    goal = Goal(draw(SHARES), "", needed, draw(LENGTHS) if sliced else None)
    return Objective(name, name, "checkout", method, draw(WINDOWS), "requests", (goal,))


def shared(objective: Objective) -> Any:
    goals = [(g.share, g.slice_share, g.slice_length) for g in objective.goals]
    return objective.service, objective.method, objective.window, objective.metric, goals, objective.raw, objective.good


@settings(max_examples=20, deadline=None)
@given(objectives("one"), objectives("two"))
def test_an_objective_comes_back_from_the_agreement_as_it_was(one: Objective, two: Objective) -> None:
    only = "services:\n  - service: checkout\n"
    taken = order(ORDER[: ORDER.index("services:")] + only)
    back, lost, _ = out(agreement(Read([one, two])), taken)
    assert [shared(each) for each in back.objectives] == [shared(one), shared(two)]
    assert {each.what for each in lost} <= {"the length of the intervals"}


def test_an_agreement_comes_back_from_openslo_with_the_same_figures() -> None:
    first = agreement(read(SHOP))
    back, lost, text = out(first, order())
    again = terms(agreement(back), order())
    before = terms(first, order())
    assert [c.target for c in again.commitments.values()] == [c.target for c in before.commitments.values()]
    assert [again.periods[c.period] for c in again.commitments.values()] == [
        before.periods[c.period] for c in before.commitments.values()
    ]
    assert [m.kind for m in again.measures.values()] == [
        before.measures[c.measure].kind for c in before.commitments.values()
    ]
    assert lost == []
    assert "targetPercent: 99.95" in text


@pytest.mark.parametrize(("path", "taken"), EXAMPLES, ids=lambda path: path.stem)
def test_every_rule_of_an_example_is_in_an_objective_or_told_with_its_clause(path: Path, taken: Path) -> None:
    agreed, _ = read_agreement(path.read_bytes(), path.name)
    assert agreed is not None
    found, _ = read_order(taken.read_bytes(), taken.name)
    assert found is not None
    known = terms(agreed, found)
    objects, lost = openslo_objects(known, found.order)
    named = {goal["displayName"] for each in objects if each["kind"] == "SLO" for goal in each["spec"]["objectives"]}
    said = "\n".join(str(each) for each in lost)
    parts = ("calendar", "period", "detect", "outage", "measure")
    for rule in agreed.rules:
        if rule.primitive not in parts and rule.name not in known.not_applicable and rule.exception_to is None:
            assert rule.name in named or f"`{rule.name}`" in said, rule.name
    assert all(each.where.startswith("clause ") and each.what and each.why for each in lost)


def test_what_is_written_is_yaml_of_openslo_v1_with_exact_numbers() -> None:
    path, taken = EXAMPLES[0]
    agreed, _ = read_agreement(path.read_bytes(), path.name)
    assert agreed is not None
    found, _ = read_order(taken.read_bytes(), taken.name)
    assert found is not None
    objects, lost = openslo_objects(terms(agreed, found), found.order)
    text = openslo_text(objects, lost, "head")
    plain = list(yaml.safe_load_all(text))
    assert [each["kind"] for each in plain] == ["Service", "SLO"]
    slo = plain[1]
    assert slo["apiVersion"] == "openslo/v1"
    assert slo["spec"]["budgetingMethod"] == "Timeslices"
    assert slo["spec"]["timeWindow"] == [
        {
            "duration": "1M",
            "calendar": {"startTime": "2025-07-01 00:00:00", "timeZone": "America/New_York"},
            "isRolling": False,
        }
    ]
    (goal,) = slo["spec"]["objectives"]
    assert (goal["targetPercent"], goal["timeSliceTarget"], goal["timeSliceWindow"]) == (99.9, 1, "1m")
    assert "!!" not in text
    assert text.startswith("# head\n#\n# OpenSLO cannot say:\n#   clause 1. Availability: ")


def test_a_share_that_is_recorded_is_read_as_a_mean_and_as_slices() -> None:
    ratio = SHOP[SHOP.index("    good:") : SHOP.index("---\napiVersion: openslo/v1\nkind: SLO")]
    raw = "    rawType: failure\n    raw:\n      metricSource: {type: X, spec: {query: y}}\n"
    found = read(SHOP.replace(ratio, raw, 1))
    agreed = terms(agreement(found), order())
    measure = agreed.measures["checkout-success-figure"]
    assert (measure.kind, measure.value, measure.unit) == (MeasureKind.MEAN, "successes", "%")
    assert "what is left of the failures" in found.objectives[0].told[0]


BAD = {
    "another version": (
        "apiVersion: openslo/v1\nkind: SLO",
        "apiVersion: openslo/v1alpha\nkind: SLO",
        "openslo-version",
    ),
    "no kind": ("kind: SLI\n", "", "openslo-object"),
    "an unknown method": ("Occurrences", "Events", "openslo-method"),
    "an indicator that is not there": (
        "checkout-errors\n  timeWindow",
        "checkout-erors\n  timeWindow",
        "openslo-indicator",
    ),
    "hours that roll": ("duration: 30d", "duration: 5h", "openslo-window"),
    "two months": ("duration: 1Q", "duration: 2M", "openslo-window"),
    "a zone that is none": ("America/New_York", "New York", "openslo-window"),
    "a target above the whole": ("target: 0.995", "target: 99.5", "openslo-target"),
    "no target": ("target: 0.995", "targe: 0.995", "openslo-target"),
    "no slice": ("      timeSliceWindow: 5m\n", "", "openslo-slice"),
    "no slice target": ("      timeSliceTarget: 0.95\n", "", "openslo-slice"),
    "slices that need nothing": ("timeSliceTarget: 0.95", "timeSliceTarget: 0", "openslo-slice"),
    "no objectives": ("objectives:\n    - op", "objectivs:\n    - op", "openslo-target"),
    "no window": ("  timeWindow:\n    - duration: 30d\n      isRolling: true\n", "", "openslo-window"),
    "a key twice": ("  service: search\n", "  service: search\n  service: shop\n", "yaml-duplicate-key"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_an_objective_is_refused_at_its_line(case: str) -> None:
    old, new, code = BAD[case]
    assert old in SHOP
    _, problems = read_openslo(SHOP.replace(old, new, 1).encode(), "a.yaml")
    errors = [p for p in problems if p.severity is Severity.ERROR]
    assert [p.code for p in errors][:1] == [code], errors
    assert errors[0].where.line > 1
    assert errors[0].hint


@pytest.mark.parametrize(
    "text", ["", "- a\n", "words", "a: b\n", "\x00", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\n"]
)
def test_a_file_without_objectives_is_refused(text: str) -> None:
    _, problems = read_openslo(text.encode(), "a.yaml")
    assert any(p.severity is Severity.ERROR for p in problems)
