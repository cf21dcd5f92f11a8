from dataclasses import replace
from pathlib import Path

import pytest

from makegood.exchange import healthchecks
from makegood.exchange.formats import told
from makegood.exchange.table import Unreadable
from makegood.model.spans import MINUTE
from tests.exchange.foreign import at, foreign, read, said, states, zulu

FLIPS = [
    {"timestamp": zulu(when), "up": up} for when, up in (("02-08 09:00", 1), ("02-08 07:00", 0), ("02-01 00:00", 1))
]
TABLE = "timestamp,up\n" + "".join(f"{flip['timestamp']},{flip['up']}\n" for flip in FLIPS)
WEB = {"": "web"}


@pytest.mark.parametrize(("content", "name"), [(FLIPS, "flips.json"), ({"flips": FLIPS}, "a.json"), (TABLE, "f.csv")])
def test_flips_become_states_in_order_of_time(tmp_path: Path, content: object, name: str) -> None:
    brought = read(foreign(tmp_path, content, name, names=WEB))
    assert said(brought) == []
    assert brought.source == "healthchecks"
    assert states(brought.states) == [
        ("web", "", "02-01T00:00:00", "up"),
        ("web", "", "02-08T07:00:00", "down"),
        ("web", "", "02-08T09:00:00", "up"),
    ]


def test_period_and_grace_say_how_much_earlier_a_failure_may_have_come(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, FLIPS, names=WEB, grace=str(70 * MINUTE)))
    assert states(brought.states)[1] == ("web", "02-08T05:50:00", "02-08T07:00:00", "down")
    assert states(brought.states)[2] == ("web", "", "02-08T09:00:00", "up")


def test_a_failure_never_came_before_the_check_was_last_up(tmp_path: Path) -> None:
    quick = [{"timestamp": zulu("02-08 06:30"), "up": 1}, {"timestamp": zulu("02-08 07:00"), "up": 0}]
    brought = read(foreign(tmp_path, quick, names=WEB, grace=str(70 * MINUTE)))
    assert states(brought.states)[1] == ("web", "02-08T06:30:00", "02-08T07:00:00", "down")


def test_the_last_state_held_until_the_file_was_fetched(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, FLIPS, names=WEB, fetched=str(at("03-01 00:00"))))
    assert states(brought.states)[-1] == ("web", "", "03-01T00:00:00", "up")


def test_what_a_flip_does_not_say_is_told(tmp_path: Path) -> None:
    notes = read(foreign(tmp_path, FLIPS, names=WEB)).notes
    assert [
        any(word in note for note in notes) for word in ("--grace", "pause", "--fetched", "nothing is known before")
    ] == [True] * 4


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        ([{"timestamp": zulu("02-08 07:00"), "up": 2}], {}, "flips[0] has `up: 2`, which is neither 1 nor 0"),
        ([{"timestamp": zulu("02-08 07:00"), "up": "no"}], {}, "flips[0] has `up: no`, which is neither 1 nor 0"),
        ([{"timestamp": None, "up": 1}], {}, "flips[0].timestamp is missing"),
        ([{"timestamp": "2027-01-01T00:00:00Z", "up": 1}], {}, "flips[0] lies in the future: 2027-01-01T00:00:00Z"),
        ([*FLIPS, {"timestamp": zulu("02-08 07:00"), "up": 1}], {},
         "flips[3] and flips[1] say up and down of one instant, 2026-02-08T07:00:00Z → keep the one that is right"),
        (FLIPS, {"fetched": str(at("02-08 08:00"))},
         "the file tells of 2026-02-08T09:00:00Z, after it was fetched at 2026-02-08T08:00:00Z → correct --fetched"),
    ],
)  # fmt: skip
def test_flips_that_cannot_be_right_are_told(
    tmp_path: Path, content: object, options: dict[str, str], says: str
) -> None:
    file = replace(foreign(tmp_path, content, names=WEB), options=options)
    (found,) = said(read(file))
    assert found.startswith(says)


def test_rows_that_cannot_be_right_are_told_by_their_number(tmp_path: Path) -> None:
    brought = read(foreign(tmp_path, TABLE + "soon,1\n2026-02-09T00:00:00Z,maybe\n", "flips.csv", names=WEB))
    assert [text.split(": ")[0] for text in said(brought)] == ["row 5", "row 6"]
    assert said(brought)[1] == "row 6: up: `maybe` is neither 1 nor 0"


def test_the_service_must_be_named(tmp_path: Path) -> None:
    assert said(read(foreign(tmp_path, FLIPS))) == [
        "the file does not name the check that it is about → say which service it is about: --name web"
    ]


@pytest.mark.parametrize("content", [{"pings": []}, [1, 2], [{"timestamp": "x"}], "[]", "3"])
def test_other_json_is_not_taken_for_flips(tmp_path: Path, content: object) -> None:
    assert told(foreign(tmp_path, content)) == []


def test_a_list_of_nothing_brings_nothing(tmp_path: Path) -> None:
    brought = healthchecks.read(foreign(tmp_path, "[]", names=WEB))
    assert (brought.states, said(brought)) == (None, [])
    with pytest.raises(Unreadable, match="this is no list of flips"):
        healthchecks.read(foreign(tmp_path, '"flips"', names=WEB))
