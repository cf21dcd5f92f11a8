"""An agreement under stress: both sides of every edge are tried, and each kind of reading shows what it is worth."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from makegood.engine.stress import Stress, StressedReading, share_of_fee, stressed
from makegood.engine.sums import Between
from makegood.engine.worth import minutes_between
from makegood.model.detection import Begins, Ends
from makegood.model.expression import Name, Unit
from makegood.model.spans import HOUR, MINUTE, SECOND
from makegood.model.statement import Verdict
from makegood.model.terms import Choice, Counted, EvidenceKind, Excess, ExcludeRule, GateKind, Terms, Unstated, Variant
from makegood.model.threshold import Side, Threshold
from tests.engine import building as make

PROBED = {
    "evidence": EvidenceKind.OBSERVATIONS,
    "every": MINUTE,
    "fails_after": 2,
    "recovers_after": 1,
    "locations": "2",
}


def under(now: Terms, then: Terms | None = None) -> Stress:
    """The agreement under stress, with one reading that makes it the other one."""
    reading = Choice("a.key", make.CLAUSE, "a", ("now", "then"), 0)
    return stressed(replace(now, choices=(reading,)), [Variant(reading, 1, then or now)])


def weighed(now: Terms, then: Terms) -> StressedReading:
    (found,) = under(now, then).readings
    return found


def test_every_edge_is_tried_at_itself_and_on_both_sides_of_it() -> None:
    """January 2020 has 744 hours: 1 % are 26,784 s, 5 % are 133,920 s, and both are whole seconds."""
    judged = under(make.terms()).judged
    downs = {(s.favourable.down // SECOND, s.verdict, s.amount) for _, found in judged for s in found}
    tenth, quarter = "1,000,000.00 XTS", "2,500,000.00 XTS"
    assert {
        (26_783, Verdict.MET, "none"),
        (26_784, Verdict.MET, "none"),
        (26_785, Verdict.BREACHED, tenth),
        (133_919, Verdict.BREACHED, tenth),
        (133_920, Verdict.BREACHED, tenth),
        (133_921, Verdict.BREACHED, quarter),
    } <= downs


def test_a_credit_is_a_share_of_one_months_fee() -> None:
    dearer = make.terms(tiers=(make.tier("95", "99", "15"), make.tier("", "95", "25")))
    found = weighed(make.terms(), dearer)
    (scenario, pair), *_ = found.alternatives[0].changed
    assert share_of_fee(pair.difference.amounts["XTS"]).least == Fraction(5, 100)
    assert scenario.label == "2020-01"


def test_readings_that_say_the_same_change_nothing() -> None:
    assert not weighed(make.terms(), make.terms()).matters


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ({"fails_after": 2}, {"fails_after": 3}),
        ({"locations": "2"}, {"locations": "all"}),
        ({"locations": "2"}, {"locations": "1"}),
        ({"recovers_after": 1}, {"recovers_after": 2}),
    ],
)
def test_readings_of_detection_matter_where_outages_are_short_or_ill_seen(
    now: dict[str, Any], then: dict[str, Any]
) -> None:
    ends = {"ends": Ends.CONFIRMATION}
    assert weighed(make.terms(detect=PROBED | now, outage=ends), make.terms(detect=PROBED | then, outage=ends)).matters


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ({"shortest": Threshold(Side.AT_LEAST, 5 * MINUTE)}, {"shortest": Threshold(Side.MORE_THAN, 5 * MINUTE)}),
        (
            {"shortest": Threshold(Side.AT_LEAST, 5 * MINUTE)},
            {"shortest": Threshold(Side.AT_LEAST, 5 * MINUTE), "counted": Counted.BEYOND},
        ),
        ({"begins": Begins.FIRST_FAILURE}, {"begins": Begins.CONFIRMATION}),
    ],
)
def test_readings_of_outages_matter(now: dict[str, Any], then: dict[str, Any]) -> None:
    assert weighed(make.terms(detect=PROBED, outage=now), make.terms(detect=PROBED, outage=then)).matters


def planned(*gates: Any, **more: Any) -> ExcludeRule:
    return make.exclude("planned", gates=gates, **more)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((planned(make.notice(72)),), (planned(make.notice(48)),)),
        ((planned(make.notice(72)),), (planned(make.notice(72, Side.MORE_THAN)),)),
        ((planned(make.of_kind("standard")),), (planned(make.of_kind("standard", "emergency")),)),
        ((), (make.exclude("outside", "cause", causes=("flood",)),)),
        (
            (planned(clips=(make.within("Sunday 02:00-06:00"),)),),
            (planned(clips=(make.within("Sunday 02:00-03:00"),)),),
        ),
    ],
)
def test_readings_of_exclusions_matter(now: tuple[ExcludeRule, ...], then: tuple[ExcludeRule, ...]) -> None:
    assert weighed(make.terms(excludes=now), make.terms(excludes=then)).matters


def test_a_reading_of_how_many_works_are_excused_matters_at_one_too_many() -> None:
    most = make.limit("five", "planned", make.literal(5, Unit.ITEMS), Unit.ITEMS, days=30, excess=Excess.REFUSED)
    endless = replace(most, most=Name("unlimited"))
    rule = planned()
    found = weighed(make.terms(excludes=(rule,), limits=(most,)), make.terms(excludes=(rule,), limits=(endless,)))
    (scenario, _), *_ = found.alternatives[0].changed
    assert len(scenario.facts.maintenances) == 6


def test_the_zone_of_the_period_matters_at_its_end_only() -> None:
    """The months of Tokyo end 9 hours earlier; 9 of the hours that are down there belong to the next one."""
    (found,) = weighed(make.terms(), make.terms(zone="Asia/Tokyo")).alternatives
    assert (found.changed, found.only_minutes is not None) == ((), True)
    assert found.only_minutes is not None
    scenario, pair = found.only_minutes
    assert "until the end" in scenario.says
    assert minutes_between(pair) == Between(Fraction(-9 * HOUR), Fraction(-9 * HOUR))


def test_a_silence_is_weighed_over_the_same_scenarios() -> None:
    silent = make.terms(
        tiers=(make.tier("95", "99", Unstated(make.CLAUSE, "the credit of this row")), make.tier("", "95", "25"))
    )
    (found,) = under(silent).weighing.weighed_silences()
    assert len(found.credits) == sum(
        s.verdict is Verdict.BREACHED and s.favourable.ratio is not None and s.favourable.ratio >= Fraction(95, 100)
        for _, judged in under(silent).judged
        for s in judged
    )


def test_windows_decide_where_work_is_put() -> None:
    rule = planned(clips=(make.within("Sunday 02:00-06:00"),))
    assert rule.clips[0].kind is GateKind.WITHIN
    works = [
        (s.facts.maintenances, found) for s, found in under(make.terms(excludes=(rule,))).judged if s.facts.maintenances
    ]
    assert works
    assert all(f.favourable.down == 0 for _, found in works for f in found)
