"""What is told of an alert to whom and when: each case is a table of instants, in minutes and seconds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.alerting.alert import Change
from makegood.engine.alerting.course import Telling
from makegood.model.alerts import Escalation, Mute, Step
from makegood.model.spans import HOUR, MINUTE, SECOND, Span
from tests.engine.alerting.stage import OPS, RULE, Stage, began, ended, retracted


def told(stage: Stage) -> list[str]:
    return [f"{at // MINUTE}:{at % MINUTE // SECOND:02d} {why} {name}" for at, why, name in stage.told]


def whys(stage: Stage) -> list[str]:
    return [f"{note.what}: {note.why}" if note.why else note.what for _, note in stage.notes]


def test_an_outage_that_nobody_answers_goes_to_the_next_and_is_repeated_until_it_ends() -> None:
    stage = Stage().play([began(0), ended(80 * MINUTE)], 200 * MINUTE)
    assert told(stage) == [
        "0:30 opened primary",
        "15:30 escalated second",
        "45:30 repeated primary",
        "45:30 repeated second",
        "75:30 repeated primary",
        "75:30 repeated second",
        "85:00 closed primary",
        "85:00 closed second",
    ]


def test_whoever_acknowledges_ends_escalation_and_repetition() -> None:
    stage = Stage().play([began(0), ended(120 * MINUTE)], 200 * MINUTE, {5 * MINUTE: "ada"})
    assert told(stage) == ["0:30 opened primary", "125:00 closed primary"]


def test_five_hundred_services_that_fail_at_once_are_one_message() -> None:
    stage = Stage().play([began(n * SECOND // 100, f"s{n}") for n in range(500)], 10 * MINUTE)
    assert told(stage) == ["0:30 opened primary"]
    assert len(stage.tells[0][2].conditions) == 500


def test_one_outage_that_several_agreements_see_is_one_condition_until_the_last_of_them_sees_it_end() -> None:
    seen = [began(0), began(5 * SECOND, part="northwind"), ended(3 * MINUTE), ended(9 * MINUTE, part="northwind")]
    stage = Stage().play(seen, HOUR)
    assert told(stage) == ["0:30 opened primary", "14:00 closed primary"]
    (condition,) = stage.tells[0][2].conditions
    assert condition.seen_by == ("acme", "northwind")
    assert "web goes on: it ended for acme only" in whys(stage)


def test_what_joins_later_is_told_once_every_five_minutes() -> None:
    later = [began(n * MINUTE, f"s{n}") for n in range(8)]
    stage = Stage().play(later, 9 * MINUTE)
    assert told(stage) == ["0:30 opened primary", "5:30 more primary"]
    assert [len(tell.conditions) for _, _, tell in stage.tells] == [1, 6]


def test_what_begins_after_an_acknowledgement_is_another_alert() -> None:
    stage = Stage().play([began(0), began(10 * MINUTE, "shop")], 12 * MINUTE, {5 * MINUTE: "ada"})
    assert told(stage) == ["0:30 opened primary", "10:30 opened primary"]
    assert [[c.subject for c in tell.conditions] for _, _, tell in stage.tells] == [["web"], ["shop"]]


def test_what_comes_and_goes_is_told_once_and_says_how_often() -> None:
    flaps = [change for n in range(10) for change in (began(n * 2 * MINUTE), ended(n * 2 * MINUTE + MINUTE))]
    stage = Stage(escalation=replace(OPS, repeat=None, steps=OPS.steps[:1])).play(flaps, HOUR)
    assert told(stage) == ["0:30 opened primary", "24:00 closed primary"]
    assert stage.tells[-1][2].conditions[0].times == 10
    assert "web began again: it comes and goes: time 10 within one alert" in whys(stage)


def test_an_outage_that_is_over_before_the_first_message_is_told_as_over() -> None:
    stage = Stage().play([began(0), ended(10 * SECOND)], HOUR)
    assert told(stage) == ["0:30 opened primary"]
    assert not stage.tells[0][2].conditions[0].open
    assert whys(stage)[-1] == "it is over: the last message said so already"


def test_without_settling_it_is_told_just_so() -> None:
    stage = Stage(rule=replace(RULE, settle=0)).play([began(0), ended(10 * SECOND)], HOUR)
    assert told(stage) == ["0:30 opened primary"]
    assert stage.alerts["a1"].closed == 30 * SECOND


def test_a_retraction_is_told_to_whoever_was_told() -> None:
    stage = Stage().play([began(0), retracted(7 * MINUTE)], HOUR)
    assert told(stage) == ["0:30 opened primary", "7:00 retracted primary"]


def test_a_retraction_before_anybody_was_told_says_why_nobody_is() -> None:
    stage = Stage().play([began(0), retracted(10 * SECOND)], HOUR)
    assert told(stage) == []
    assert whys(stage)[-1] == "it is over, and nobody is told: it was retracted before anybody was told"


def test_an_outage_that_is_retracted_when_it_was_over_long_ago_is_told_too() -> None:
    stage = Stage().play([began(0), ended(MINUTE), retracted(HOUR)], 2 * HOUR)
    assert told(stage) == ["0:30 opened primary", "6:00 closed primary", "60:00 retracted primary"]


def test_a_retraction_for_one_agreement_leaves_the_outage_of_the_other() -> None:
    changes = [began(0), began(SECOND, part="northwind"), retracted(2 * MINUTE), ended(4 * MINUTE, part="northwind")]
    stage = Stage().play(changes, HOUR)
    assert told(stage) == ["0:30 opened primary", "9:00 closed primary"]
    assert stage.tells[-1][2].conditions[0].seen_by == ("northwind",)


def test_a_mute_silences_and_what_still_lasts_is_told_when_it_ends() -> None:
    mute = Mute("m", Span(0, HOUR), "ada", "moving racks")
    stage = Stage(mutes=[mute]).play([began(0), ended(70 * MINUTE)], 2 * HOUR)
    assert told(stage) == ["60:00 opened primary", "75:00 closed primary"]
    assert "nobody is told: muted by ada: moving racks" in whys(stage)


def test_a_mute_that_outlasts_an_outage_leaves_a_reason() -> None:
    mute = Mute("m", Span(0, 2 * HOUR), "ada", "moving racks", ("web",))
    stage = Stage(mutes=[mute]).play([began(0), ended(70 * MINUTE)], 3 * HOUR)
    assert told(stage) == []
    assert whys(stage)[-1] == "it is over, and nobody is told: muted by ada: moving racks"


def test_a_mute_of_one_service_leaves_the_others_and_says_what_was_left_out() -> None:
    mute = Mute("m", Span(0, 20 * MINUTE), "ada", "moving racks", ("web",))
    stage = Stage(mutes=[mute], escalation=Escalation("ops", OPS.steps[:1])).play([began(0), began(0, "shop")], HOUR)
    assert told(stage) == ["0:30 opened primary", "20:00 more primary"]
    assert [[c.subject for c in tell.conditions] for _, _, tell in stage.tells] == [["shop"], ["web", "shop"]]
    assert "web is left out: muted by ada: moving racks" in whys(stage)


def test_a_mute_that_is_released_ends_then() -> None:
    mute = Mute("m", Span(0, HOUR), "ada", "moving racks", released=10 * MINUTE)
    assert told(Stage(mutes=[mute]).play([began(0)], 12 * MINUTE)) == ["10:00 opened primary"]


def test_a_step_at_which_nobody_is_on_call_is_passed_over_at_once() -> None:
    stage = Stage(away={"primary": (0, HOUR)}).play([began(0)], 31 * MINUTE)
    assert told(stage) == ["0:30 opened second", "30:30 repeated second"]
    assert "nobody is told: nobody is on call for primary (step 1)" in whys(stage)


def test_where_nobody_at_all_is_on_call_it_is_tried_every_minute_and_noted_once() -> None:
    away = {"primary": (0, 10 * MINUTE), "second": (0, HOUR)}
    stage = Stage(away=away).play([began(0)], 11 * MINUTE)
    assert told(stage) == ["10:30 opened primary"]
    assert sum("nobody is on call" in why for why in whys(stage)) == 2  # of each step


def test_while_it_lasts_it_is_told_again_also_when_acknowledged() -> None:
    rule = replace(RULE, remind=4 * HOUR)
    stage = Stage(rule=rule).play([began(0)], 9 * HOUR, {5 * MINUTE: "ada"})
    assert told(stage) == ["0:30 opened primary", "240:30 still open primary", "480:30 still open primary"]


def test_told_late_it_is_told_once() -> None:
    """A process that was away for a day tells what there is to tell, not all that it missed."""
    stage = Stage()
    stage.play([began(0)], 0)
    stage.due = {"a1": 24 * HOUR}
    stage.play([], 24 * HOUR + 14 * MINUTE)
    assert told(stage) == ["1440:00 opened primary"]


SUBJECTS = st.sampled_from(["web", "shop", "mail"])
PARTS = st.sampled_from(["acme", "northwind"])


@st.composite
def stories(draw: st.DrawFn) -> list[Change]:
    """Changes as detection gives them: a part of a subject begins, and then ends or is retracted, again and again."""
    changes: list[Change] = []
    since: dict[tuple[str, str], int] = {}
    at = 0
    for _ in range(draw(st.integers(1, 14))):
        at += draw(st.sampled_from([SECOND, 20 * SECOND, MINUTE, 4 * MINUTE, 6 * MINUTE, HOUR]))
        key = draw(SUBJECTS), draw(PARTS)
        if key not in since:
            since[key] = at
            changes.append(began(at, *key))
        elif draw(st.booleans()):
            changes.append(ended(at, *key))
            del since[key]
        else:
            changes.append(retracted(at, since.pop(key), *key))
    return changes


@st.composite
def mutings(draw: st.DrawFn) -> list[Mute]:
    spans = draw(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300), st.booleans()), max_size=3))
    return [
        Mute(str(n), Span(start * MINUTE, (start + length) * MINUTE), "ada", "why", ("web",) if one else ())
        for n, (start, length, one) in enumerate(spans)
    ]


@given(
    story=stories(),
    mutes=mutings(),
    settle=st.sampled_from([0, 5 * MINUTE]),
    wait=st.sampled_from([0, 30 * SECOND, 3 * MINUTE]),
    away=st.sampled_from([{}, {"primary": (0, HOUR)}, {"primary": (0, HOUR), "second": (0, 2 * HOUR)}]),
    acts=st.dictionaries(st.integers(1, 300).map(lambda n: n * MINUTE), st.just("ada"), max_size=2),
    repeats=st.booleans(),
)
def test_every_change_leads_to_a_message_to_whoever_is_on_call_or_to_a_reason_why_not(
    story: list[Change],
    mutes: list[Mute],
    settle: int,
    wait: int,
    away: dict[str, tuple[int, int]],
    acts: dict[int, str],
    repeats: bool,
) -> None:
    escalation = Escalation("ops", (Step(("primary",)), Step(("second",), 15 * MINUTE)), HOUR if repeats else None)
    stage = Stage(replace(RULE, settle=settle, wait=wait), escalation, mutes, away)
    end = max(c.known for c in story) + 24 * HOUR
    stage.play(story, end, acts)
    for change in story:
        _accounted_for(stage, change)
    assert all(alert.closed is not None for alert in stage.alerts.values() if not alert.open_conditions)
    numbers = [(key, tell.number) for _, key, tell in stage.tells]
    assert len(set(numbers)) == len(numbers)


def _accounted_for(stage: Stage, change: Change) -> None:
    """Whether a change was told of, or a note after it says why nobody was."""
    noted = [(key, note) for key, note in stage.notes if note.at == change.known and change.subject in note.what]
    assert noted, "every change is noted"
    key = noted[0][0]
    messages = [tell for at, alert, tell in stage.tells if alert == key and at >= change.known]
    if any(c.subject == change.subject for tell in messages for c in tell.conditions):
        return
    alert = stage.alerts[key]
    reasons = [note.why for k, note in stage.notes if k == key and note.at >= change.known and note.why]
    silent_on_purpose = ("it ended for", "sees it too", "it comes and goes", "had ended", "had begun", "late evidence",
                         "the next message tells it")  # fmt: skip
    known = ("muted by", "nobody", "retracted before", "the last message said so", *silent_on_purpose)
    lasts = alert.closed is None and change.subject in {c.subject for c in alert.open_conditions}
    assert any(reason.startswith(known) or any(k in reason for k in known) for reason in reasons) or lasts


@pytest.mark.parametrize("telling", list(Telling))
def test_every_telling_is_told_in_some_case(telling: Telling) -> None:
    """The cases above leave no kind of message out."""
    stages = [
        Stage(rule=replace(RULE, remind=4 * HOUR)).play([began(0)], 9 * HOUR, {5 * MINUTE: "ada"}),
        Stage().play([began(0), began(MINUTE, "shop"), ended(80 * MINUTE), ended(80 * MINUTE, "shop")], 2 * HOUR),
        Stage().play([began(0), retracted(7 * MINUTE)], HOUR),
    ]
    assert telling in {tell.why for stage in stages for _, _, tell in stage.tells}
