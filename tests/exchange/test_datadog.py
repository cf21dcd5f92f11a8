from pathlib import Path
from typing import Any

import pytest

from makegood.exchange.datadog_rules import AHEAD
from makegood.exchange.moments import written
from makegood.model.facts import Cause, Maintenance
from makegood.model.spans import DAY, SECOND
from tests.exchange.foreign import NOW, at, foreign, read, said


def correction(ident: str = "c1", **changed: Any) -> dict[str, Any]:
    attributes = {"category": "Scheduled Maintenance", "start": at("02-08 07:00") // SECOND,
                  "end": at("02-08 09:00") // SECOND, "description": "disk swap", "slo_id": "s-1", "timezone": "UTC",
                  "rrule": None, "duration": None, "creator": {"data": {}}}  # fmt: skip
    return {"id": ident, "type": "correction", "attributes": attributes | changed}


def test_maintenance_and_deployments_become_maintenances_in_the_words_of_their_category(tmp_path: Path) -> None:
    both = [correction(), correction("c2", category="Deployment", description="")]
    brought = read(foreign(tmp_path, {"data": both}, names={"s-1": "web"}))
    assert said(brought) == []
    one, other = brought.facts
    assert isinstance(one, Maintenance)
    assert isinstance(other, Maintenance)
    assert (one.id, one.services, one.kind, one.purpose) == (
        "datadog-c1",
        ("web",),
        "scheduled maintenance",
        "disk swap",
    )
    assert (written(one.announced.start), written(one.announced.end)) == (
        "2026-02-08T07:00:00Z",
        "2026-02-08T09:00:00Z",
    )
    assert (other.kind, other.purpose) == ("deployment", "")


def test_a_correction_is_no_notice_and_that_is_said(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, {"data": [correction()]}))
    assert all(isinstance(fact, Maintenance) for fact in brought.facts)
    assert brought.notes[0].startswith("a correction is no notice")


def test_other_categories_become_causes(tmp_path: Path) -> None:
    several = [correction("c1", category="Other"), correction("c2", category="Outside Business Hours", description="")]
    one, other = read(foreign(tmp_path, {"data": several})).facts
    assert isinstance(one, Cause)
    assert isinstance(other, Cause)
    assert (one.cause, one.service, one.evidence) == ("other", "s-1", "correction in Datadog: disk swap")
    assert (other.cause, other.evidence) == ("outside business hours", "correction in Datadog")


def test_one_correction_alone_is_read_too(tmp_path: Path) -> None:
    assert len(read(foreign(tmp_path, {"data": correction()})).facts) == 1


def test_a_rule_gives_a_fact_for_each_time_on_the_clock_of_its_zone(tmp_path: Path) -> None:
    weekly = correction(rrule="FREQ=WEEKLY;COUNT=3", end=None, duration=3600, timezone="America/New_York",
                        start=at("03-01 07:30") // SECOND)  # fmt: skip
    facts = read(foreign(tmp_path, {"data": [weekly]})).facts
    assert [fact.id for fact in facts] == ["datadog-c1-20260301T073000Z", "datadog-c1-20260308T070000Z",
                                           "datadog-c1-20260315T063000Z"]  # fmt: skip
    assert {f.announced.length for f in facts if isinstance(f, Maintenance)} == {3600 * SECOND}


def test_a_rule_without_end_is_followed_for_a_while_and_that_is_said(tmp_path: Path) -> None:
    daily = correction(rrule="FREQ=DAILY", end=None, duration=3600)
    brought = read(foreign(tmp_path, {"data": [daily]}))
    assert len(brought.facts) == (NOW + AHEAD - at("02-08 07:00")) // DAY + 1
    assert any("has no end" in note for note in brought.notes)


def test_a_correction_that_has_no_end_yet_is_left_out_and_said(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, {"data": [correction(end=None)]}))
    assert (brought.facts, said(brought)) == ((), [])
    assert "correction c1 has no end yet and was left out: import it again when it has one" in brought.notes


def test_a_correction_of_a_query_is_left_out_and_said(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, {"data": [correction(slo_id=None, slo_query="env:prod")]}))
    assert (brought.facts, said(brought)) == ((), [])
    assert any("`env:prod`" in note for note in brought.notes)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"end": at("02-08 06:00") // SECOND}, "ends at 2026-02-08T06:00:00Z, which is not after its start"),
        ({"start": None}, "says no start"),
        ({"start": "soon"}, "start is a text, where seconds since 1970 belong"),
        ({"start": -5}, "start is `-5`, where seconds since 1970 belong"),
        ({"start": 1.5}, "start is `1.5`, where seconds since 1970 belong"),
        ({"start": 10**15}, f"start is `{10**15}`, where seconds since 1970 belong"),
        ({"category": "Party"}, "category is `Party` (known are `Scheduled Maintenance`, `Deployment`, "),
        ({"category": None}, "says no category"),
        ({"slo_id": None}, "names no objective in `slo_id`"),
        ({"rrule": "FREQ=DAILY", "duration": None}, "recurs and says no duration"),
        ({"rrule": "FREQ=DAILY", "duration": 0}, "has `duration: 0`"),
        (
            {"rrule": "FREQ=HOURLY", "duration": 60},
            "has a rule that cannot be followed: `FREQ=HOURLY` recurs more often",
        ),
        ({"rrule": "FREQ=DAILY", "duration": 60, "timezone": "Mars/Base"}, "has the timezone `Mars/Base`, which "),
    ],
)
def test_a_correction_that_cannot_be_right_is_told_by_its_place(
    tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    (found,) = said(read(foreign(tmp_path, {"data": [correction(**changed)]})))
    assert found.replace("data[0].attributes.", "").replace("data[0].attributes ", "").startswith(says)


def test_rules_that_never_come_to_pass_are_searched_a_few_times_only(tmp_path: Path) -> None:
    many = [correction(f"c{i}", rrule="FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", duration=60) for i in range(50)]
    assert len(said(read(foreign(tmp_path, {"data": many})))) == 3


def test_two_corrections_with_one_id_are_told(tmp_path: Path) -> None:
    (found,) = said(read(foreign(tmp_path, {"data": [correction(), correction()]})))
    assert found == "data[1] has the id `c1` of data[0] → keep one of the two"
