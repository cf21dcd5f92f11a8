"""Downtimes of monitors in Datadog, in both versions of its API, as announced work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from makegood.exchange.brought import Brought
from makegood.exchange.moments import written
from makegood.model.facts import Maintenance
from makegood.model.spans import SECOND
from tests.exchange.foreign import at, foreign, read, said, zulu


def old(ident: int = 7, **changed: Any) -> dict[str, Any]:
    """A downtime as /api/v1/downtime tells it."""
    fields = {"id": ident, "monitor_id": None, "org_id": 1, "start": at("02-08 07:00") // SECOND,
              "end": at("02-08 09:00") // SECOND, "canceled": None, "message": "disk swap", "active": False,
              "disabled": False, "recurrence": None, "timezone": "UTC", "parent_id": None, "child_id": None,
              "downtime_type": 2, "status": "scheduled", "monitor_tags": ["*"], "scope": ["env:prod"]}  # fmt: skip
    return fields | changed


def new(ident: str = "u-1", schedule: object = None, **changed: Any) -> dict[str, Any]:
    """A downtime as /api/v2/downtime tells it."""
    times = {"start": zulu("02-08 07:00"), "end": "2026-02-08T09:00:00.000000+00:00"}
    attributes = {"scope": "env:prod", "schedule": schedule or times, "status": "scheduled", "canceled": None,
                  "message": "disk swap", "monitor_identifier": {"monitor_tags": ["*"]}, "created": zulu("01-05 08:00"),
                  "display_timezone": "UTC"}  # fmt: skip
    return {"type": "downtime", "id": ident, "attributes": attributes | changed, "relationships": {}}


def spans(brought: Brought) -> list[str]:
    return [
        f"{written(f.announced.start)[5:-1]} {written(f.announced.end)[5:-1]}"
        for f in brought.facts
        if isinstance(f, Maintenance)
    ]


ONCE = ["02-08T07:00:00 02-08T09:00:00"]


def test_both_versions_become_one_maintenance_with_the_scope_as_its_service(tmp_path: Path) -> None:
    for content, ident in (([old()], "7"), (old(), "7"), ({"data": [new()]}, "u-1"), ({"data": new()}, "u-1")):
        brought = read(foreign(tmp_path, content, names={"env:prod": "web"}))
        assert said(brought) == []
        (fact,) = brought.facts
        assert isinstance(fact, Maintenance)
        assert (fact.id, fact.services, fact.kind) == (f"datadog-downtime-{ident}", ("web",), "monitor downtime")
        assert fact.purpose == "disk swap (scope env:prod)"
        assert spans(brought) == ONCE
        assert brought.notes == (
            "a downtime is no notice: who was told of the work, and when, is recorded with notices",
        )


def test_a_downtime_of_both_versions_has_one_id(tmp_path: Path) -> None:
    (first,) = read(foreign(tmp_path, [old(uuid="u-1")])).facts
    (second,) = read(foreign(tmp_path, {"data": [new()]})).facts
    assert first.id == second.id == "datadog-downtime-u-1"


def test_the_kind_is_as_said_and_a_correction_has_its_own(tmp_path: Path) -> None:
    (fact,) = read(foreign(tmp_path, [old()], kind="standard")).facts
    assert isinstance(fact, Maintenance)
    assert fact.kind == "standard"
    correction = {"id": "c", "type": "correction", "attributes": {
        "category": "Deployment", "slo_id": "s", "start": 1, "end": 2}}  # fmt: skip
    (told,) = said(read(foreign(tmp_path, {"data": [correction]}, kind="standard")))
    assert told.startswith("--kind is of downtimes, and this is a file of corrections")


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("env:prod AND team:a", {"scope": ["env:prod", "team:a"]}),
        ("monitor 12", {"monitor_id": 12}),
        ("monitors team:a AND tier:1", {"monitor_tags": ["team:a", "tier:1"]}),
    ],
)
def test_a_downtime_is_named_by_its_scope_or_by_its_monitors(
    tmp_path: Path, name: str, changed: dict[str, Any]
) -> None:
    other = old(8, scope=["env:dev"])
    brought = read(foreign(tmp_path, [old(**changed), other], names={name: "web"}))
    assert said(brought) == []
    (fact,) = brought.facts
    assert isinstance(fact, Maintenance)
    assert fact.services == ("web",)
    assert name in fact.purpose
    assert any("left out: 1 scope" in note for note in brought.notes)
    monitors = {"monitor_id": changed.get("monitor_id"), "monitor_tags": changed.get("monitor_tags", ["*"])}
    scope = " AND ".join(changed.get("scope", ["env:prod"]))
    again = read(foreign(tmp_path, {"data": [new(scope=scope, monitor_identifier=monitors)]}, names={name: "web"}))
    assert [f.services for f in again.facts if isinstance(f, Maintenance)] == [("web",)]


def recurring(**recurrence: Any) -> dict[str, Any]:
    return old(recurrence={"type": "weeks", "period": 1, "until_date": None, "until_occurrences": 3, "week_days": None}
               | recurrence, timezone="Europe/Berlin", start=at("03-22 01:00") // SECOND,
               end=at("03-22 03:00") // SECOND)  # fmt: skip


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        ({}, ["03-22T01:00:00 03-22T03:00:00", "03-29T01:00:00 03-29T03:00:00", "04-05T00:00:00 04-05T02:00:00"]),
        (
            {"type": "days", "period": 7},
            ["03-22T01:00:00 03-22T03:00:00", "03-29T01:00:00 03-29T03:00:00", "04-05T00:00:00 04-05T02:00:00"],
        ),
        ({"week_days": ["Sun", "Mon"], "until_occurrences": 2}, ["03-22T01:00:00 03-22T03:00:00",
                                                                 "03-23T01:00:00 03-23T03:00:00"]),
        ({"type": "months", "until_occurrences": 2},
         ["03-22T01:00:00 03-22T03:00:00", "04-22T00:00:00 04-22T02:00:00"]),
        ({"until_occurrences": None, "until_date": at("03-29 01:00") // SECOND},
         ["03-22T01:00:00 03-22T03:00:00", "03-29T01:00:00 03-29T03:00:00"]),
        ({"until_occurrences": None, "until_date": at("03-29 01:00") // SECOND - 1}, ["03-22T01:00:00 03-22T03:00:00"]),
        ({"type": "rrule", "rrule": "FREQ=MONTHLY;BYDAY=4SU;COUNT=1", "until_occurrences": None},
         ["03-22T01:00:00 03-22T03:00:00"]),
    ],
)  # fmt: skip
def test_a_recurring_downtime_of_the_first_version_begins_by_the_clock_of_its_zone(
    tmp_path: Path, recurrence: dict[str, Any], expected: list[str]
) -> None:
    brought = read(foreign(tmp_path, [recurring(**recurrence)]))
    assert said(brought) == []
    assert spans(brought) == expected
    assert brought.facts[0].id == "datadog-downtime-7-20260322T010000Z"
    counted = recurrence.get("until_occurrences", 3)
    assert any("the first one is taken to be among them" in note for note in brought.notes) is (counted is not None)


def schedule(*recurrences: dict[str, Any], zone: str = "Europe/Berlin") -> dict[str, Any]:
    now = {"start": zulu("03-22 01:00"), "end": zulu("03-22 03:00")}
    return {"recurrences": list(recurrences), "timezone": zone, "current_downtime": now}


WEEKLY = {"start": "2026-10-18T02:00:00", "duration": "2h", "rrule": "FREQ=WEEKLY;COUNT=2"}


def test_a_recurring_downtime_of_the_second_version_has_up_to_five_rules(tmp_path: Path) -> None:
    daily = {"start": "2026-10-20T22:30", "duration": "90m", "rrule": "FREQ=DAILY;COUNT=1"}
    brought = read(foreign(tmp_path, {"data": [new(schedule=schedule(WEEKLY, daily))]}))
    assert said(brought) == []
    assert spans(brought) == [
        "10-18T00:00:00 10-18T02:00:00", "10-20T20:30:00 10-20T22:00:00", "10-25T00:00:00 10-25T02:00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("duration", "end"), [("30m", "10-25T00:30:00"), ("1d", "10-26T00:00:00"), ("1w", "11-01T00:00:00")]
)
def test_the_duration_of_a_recurrence_is_elapsed_time(tmp_path: Path, duration: str, end: str) -> None:
    once = {**WEEKLY, "start": "2026-10-25T02:00:00", "rrule": "FREQ=WEEKLY;COUNT=1", "duration": duration}
    assert spans(read(foreign(tmp_path, {"data": [new(schedule=schedule(once))]}))) == [f"10-25T00:00:00 {end}"]


def test_of_two_rules_that_begin_together_the_longer_time_counts(tmp_path: Path) -> None:
    longer = {**WEEKLY, "duration": "3h"}
    for both in ((WEEKLY, longer), (longer, WEEKLY)):
        brought = read(foreign(tmp_path, {"data": [new(schedule=schedule(*both))]}))
        assert spans(brought)[0] == "10-18T00:00:00 10-18T03:00:00"
        assert len(brought.facts) == 2


def test_a_rule_without_end_is_followed_for_a_while_and_that_is_said(tmp_path: Path) -> None:
    endless = {**WEEKLY, "rrule": "FREQ=WEEKLY"}
    brought = read(foreign(tmp_path, {"data": [new(schedule=schedule(endless))]}))
    assert len(brought.facts) > 50
    assert any("has no end: it is followed until" in note for note in brought.notes)


def test_what_lies_after_a_cancellation_is_left_out_and_said(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, [old(canceled=at("02-08 08:00") // SECOND, disabled=True)]))
    assert spans(brought) == ["02-08T07:00:00 02-08T08:00:00"]
    assert "downtime 7 was cancelled at 2026-02-08T08:00:00Z: what lies after that was left out" in brought.notes
    later = read(foreign(tmp_path, [old(canceled=at("02-08 09:30") // SECOND)]))
    assert (spans(later), len(later.notes)) == (ONCE, 1)
    never = read(foreign(tmp_path, [old(canceled=at("02-08 06:00") // SECOND)]))
    assert (never.facts, len(never.notes)) == ((), 1)
    times = new(schedule=schedule(WEEKLY), status="canceled", canceled=zulu("10-25 01:00"))
    again = read(foreign(tmp_path, {"data": [times]}))
    assert spans(again) == ["10-18T00:00:00 10-18T02:00:00", "10-25T00:00:00 10-25T01:00:00"]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ([old(end=None)], "downtime 7 has no end yet and was left out: import it again when it has one"),
        ([old(disabled=True)], "downtime 7 is disabled, and since when is not said: left out"),
        ({"data": [new(schedule={"start": zulu("02-08 07:00"), "end": None})]}, "downtime u-1 has no end yet"),
        ({"data": [new(status="canceled")]}, "downtime u-1 is cancelled, and since when is not said: left out"),
    ],
)
def test_what_cannot_be_dated_is_left_out_and_said(tmp_path: Path, content: object, note: str) -> None:
    brought = read(foreign(tmp_path, content))
    assert (brought.facts, said(brought)) == ((), [])
    assert any(said_.startswith(note) for said_ in brought.notes)


def test_a_downtime_without_end_that_was_cancelled_ends_there(tmp_path: Path) -> None:
    assert spans(read(foreign(tmp_path, [old(end=None, canceled=at("02-08 09:00") // SECOND)]))) == ONCE


def test_single_times_of_a_recurring_downtime_in_the_file_are_left_out(tmp_path: Path) -> None:
    child = old(9, parent_id=7, start=at("03-29 01:00") // SECOND, end=at("03-29 02:00") // SECOND)
    brought = read(foreign(tmp_path, [recurring(), child]))
    assert len(brought.facts) == 3
    assert any(note.startswith("1 downtime is one time of a recurring one") for note in brought.notes)
    assert len(read(foreign(tmp_path, [child])).facts) == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"end": at("02-08 07:00") // SECOND}, "ends at 2026-02-08T07:00:00Z, which is not after its start"),
        ({"start": None}, "says no start"),
        ({"start": "soon"}, "start is a text"),
        ({"scope": []}, "names no `scope`"),
        ({"scope": [5]}, "has `scope`, which is no list of texts"),
        ({"id": None}, "has no `id`"),
        ({"id": -1}, "has `id: -1`, which is no whole number from 1 on"),
        ({"monitor_id": "12"}, "has `monitor_id: 12`, which is no whole number"),
        ({"timezone": "Mars/Base", "recurrence": {"type": "days"}}, "has the timezone `Mars/Base`, which "),
        ({"end": None, "recurrence": {"type": "days"}}, "recurs and has no end"),
        ({"recurrence": {"type": "hours"}}, "recurrence.type is `hours`"),
        ({"recurrence": {"period": 1}}, "recurrence says no `type`"),
        ({"recurrence": {"type": "rrule"}}, "recurrence.rrule is missing"),
        ({"recurrence": {"type": "weeks", "week_days": ["Funday"]}}, "recurrence has the week day `Funday`"),
        ({"recurrence": {"type": "days", "week_days": ["Mon"]}}, "recurrence has `week_days` and recurs in days"),
        ({"recurrence": {"type": "days", "period": 0}}, "recurrence has `period: 0`"),
        (
            {"recurrence": {"type": "days", "until_date": 1_790_000_000, "until_occurrences": 2}},
            "recurrence has both `until_date` and `until_occurrences`",
        ),
        ({"recurrence": {"type": "rrule", "rrule": "FREQ=HOURLY"}}, "recurrence has a rule that cannot be followed"),
        ({"recurrence": "weekly"}, "recurrence is a text, where an object belongs"),
    ],
)
def test_a_downtime_of_the_first_version_that_cannot_be_right_is_told_by_its_place(
    tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    found = said(read(foreign(tmp_path, [old(**changed)])))
    assert found
    assert found[0].startswith(("downtimes[0] " + says, "downtimes[0]." + says))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"scope": ""}, " names no `scope`"),
        ({"status": "paused"}, ".status is `paused`"),
        ({"schedule": {"end": zulu("02-08 07:00")}}, ".schedule says no start"),
        ({"schedule": {"start": "2026-02-08"}}, ".schedule.start is no instant"),
        ({"schedule": {"start": zulu("02-08 07:00"), "end": zulu("02-08 06:00")}}, ".schedule ends at"),
        ({"schedule": schedule({**WEEKLY, "duration": "2 h"})}, ".schedule.recurrences[0] has `duration: 2 h`"),
        ({"schedule": schedule({**WEEKLY, "duration": "9000h"})}, ".schedule.recurrences[0] has `duration: 9000h`"),
        ({"schedule": schedule({**WEEKLY, "start": "2026-13-01T00:00"})}, ".schedule.recurrences[0] has `start: "),
        ({"schedule": schedule({**WEEKLY, "start": None})}, ".schedule.recurrences[0].start is missing"),
        ({"schedule": schedule({**WEEKLY, "rrule": ""})}, ".schedule.recurrences[0].rrule is missing"),
        ({"schedule": schedule(WEEKLY, zone="Mars/Base")}, ".schedule has the timezone `Mars/Base`"),
        ({"monitor_identifier": {"monitor_tags": "a", "monitor_id": True}}, ".monitor_identifier has `monitor_id: "),
    ],
)
def test_a_downtime_of_the_second_version_that_cannot_be_right_is_told_by_its_place(
    tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    found = said(read(foreign(tmp_path, {"data": [new(**changed)]})))
    assert found
    assert found[0].startswith("data[0].attributes" + says)


def test_two_downtimes_with_one_id_are_told(tmp_path: Path) -> None:
    (found,) = said(read(foreign(tmp_path, [old(), old()])))
    assert found == "downtimes[1] has the id `7` of downtimes[0] → keep one of the two"


def test_fields_that_are_not_known_are_left_aside_and_counted(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, [old(colour="red")]))
    assert any("`colour`" in note for note in brought.notes)
