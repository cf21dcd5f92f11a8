"""The hub's clock: it follows what is slewed, goes on by itself where the wall clock is set, and asks others."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from makegood.app.hub_clock import HubClock
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration, Instant
from tests.store.batches import MIDNIGHT

A_YEAR = 365 * DAY
MILLISECOND = SECOND // 1000


@dataclass
class Machine:
    """A machine's clocks: how long it has run, and how far its wall clock and its steady one are from the truth."""

    passed: Duration = 0
    step: Duration = 0
    slow: Duration = 0
    clock: HubClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = HubClock(self.wall, lambda: DAY + self.passed - self.slow, "mine")

    def wall(self) -> Instant:
        return MIDNIGHT + self.passed + self.step

    @property
    def wrong(self) -> Duration:
        """How far the hub's time is from the truth."""
        return self.clock() - MIDNIGHT - self.passed

    def hear(self, *others: str, off: Duration = 0) -> None:
        """Clocks of other machines say the time, so far from the truth."""
        for one in others:
            self.clock.hear(one, f"of {one}", off - self.wrong)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_clock_that_is_slewed_is_followed_all_the_way(machine: Machine) -> None:
    for _ in range(7_200):  # an hour's worth of 3.6 s, at 500 millionths
        machine.passed += SECOND
        machine.step += SECOND // 2000
        assert machine.wrong == machine.step
    assert machine.clock.news() == []


def test_small_steps_are_followed_and_many_of_them_are_a_large_one(machine: Machine) -> None:
    machine.step = 1_900 * MILLISECOND
    assert machine.wrong == machine.step
    machine.step *= 2
    assert machine.wrong == 1_900 * MILLISECOND, "it was set by two seconds already"
    assert machine.clock.apart() == 1_900 * MILLISECOND
    assert [one.partition(",")[0] for one in machine.clock.news()] == ["its wall clock was set"]
    machine.passed += HOUR // 2
    machine.step *= 2
    assert machine.clock.apart() > 5 * SECOND, "a clock that is set again and again is not followed step by step"


@pytest.mark.parametrize("step", [HOUR, -HOUR, A_YEAR, -A_YEAR])
def test_a_step_is_not_followed_and_is_over_when_it_is_taken_back(machine: Machine, step: Duration) -> None:
    machine.step = step
    assert machine.clock.apart() == step
    machine.passed += DAY
    assert (machine.wrong, machine.clock.apart(), machine.clock.doubt()) == (0, step, "")
    machine.step = 4 * SECOND  # what the steady clock has gone wrong meanwhile
    assert (machine.wrong, machine.clock.apart()) == (4 * SECOND, 0)
    assert len(machine.clock.news()) == 2


def test_time_does_not_go_back_where_it_is_set_back_a_little(machine: Machine) -> None:
    before = machine.clock()
    machine.step = -SECOND
    assert machine.clock() == before
    machine.passed += 3 * SECOND
    assert machine.clock() == before + 2 * SECOND


def test_a_process_that_stood_still_between_two_clocks_sees_no_step() -> None:
    passed, reads = [0], [0]

    def steady() -> Duration:
        reads[0] += 1
        return passed[0]

    def wall() -> Instant:
        if reads[0] == 7:
            passed[0] += HOUR
        return MIDNIGHT + passed[0]

    clock = HubClock(wall, steady)
    for _ in range(5):
        assert clock() == MIDNIGHT + passed[0]
    assert passed[0] == HOUR
    assert clock.news() == []


def test_the_wall_clock_is_taken_where_most_others_say_that_it_is_right(machine: Machine) -> None:
    machine.hear("iad", "fra")
    machine.slow = machine.passed = HOUR  # the machine stood still for an hour, and then its clock was set right
    assert machine.wrong == -HOUR
    machine.hear("iad")
    assert machine.wrong == -HOUR, "one that says otherwise than before may have been set itself"
    machine.hear("fra")
    assert (machine.wrong, machine.clock.apart(), machine.clock.doubt()) == (0, 0, "")
    assert machine.clock.ties == 1


def test_a_clock_that_was_set_together_with_ours_is_no_witness(machine: Machine) -> None:
    machine.hear("database")
    machine.step = HOUR
    machine.hear("database", off=HOUR)
    assert (machine.wrong, machine.clock.apart()) == (0, HOUR), "it may be the same clock"


def test_the_word_of_this_machine_and_of_what_is_silent_counts_for_nothing(machine: Machine) -> None:
    machine.slow = machine.passed = HOUR
    machine.clock.hear("local", "mine", HOUR)
    assert machine.wrong == -HOUR
    machine.hear("iad", off=A_YEAR)
    machine.passed += 10 * MINUTE
    machine.hear("fra")
    assert machine.wrong == 0, "the year of the other one is forgotten"


def test_two_against_one_are_believed_one_alone_is_not_and_silence_mends_nothing(machine: Machine) -> None:
    machine.hear("iad", off=HOUR)
    assert machine.clock.doubt() == ""
    machine.hear("fra", off=HOUR)
    assert machine.clock.doubt() == "most clocks agree on a time that is 1 h ahead of it"
    machine.passed += DAY
    assert "1 h ahead of it" in machine.clock.doubt()
    machine.step = HOUR
    assert (machine.clock.doubt(), machine.wrong) == ("", HOUR)


def test_clocks_that_agree_with_nobody_decide_nothing(machine: Machine) -> None:
    machine.hear("iad", off=HOUR)
    machine.hear("fra", off=2 * HOUR)
    machine.hear("syd", off=3 * HOUR)
    assert machine.clock.doubt() == ""


@pytest.mark.parametrize(
    ("recorded", "expected", "doubt"),
    [
        (0, True, ""),
        (-4 * MINUTE, True, ""),
        (-2 * HOUR, True, "it is 2 h ahead of what the store has recorded, and no other machine has said yet"),
        (-2 * HOUR, False, ""),
        (4 * SECOND, True, ""),
        (HOUR, False, "it is 1 h behind what the store has recorded"),
    ],
)
def test_what_a_store_recorded_makes_a_clock_plausible_or_not(
    machine: Machine, recorded: Duration, expected: bool, doubt: str
) -> None:
    machine.clock.begin(MIDNIGHT + recorded, expected)
    assert machine.clock.doubt().startswith(doubt)
    assert bool(machine.clock.doubt()) is bool(doubt)
    machine.clock.begin(MIDNIGHT + recorded, expected, insist=True)
    assert machine.clock.doubt() == "", "an operator said that it is right"


def test_a_store_that_nobody_used_for_long_is_used_again_when_nobody_objects(machine: Machine) -> None:
    machine.clock.begin(MIDNIGHT - A_YEAR, expected=True)
    machine.passed += MINUTE
    assert machine.clock.doubt() != ""
    machine.passed += MINUTE
    assert machine.clock.doubt() == "", "the locations of then are gone"


def test_a_clock_that_is_behind_waits_for_as_long_as_it_is(machine: Machine) -> None:
    machine.step = -A_YEAR
    machine.clock.begin(MIDNIGHT, expected=False)
    machine.passed += DAY
    assert "behind" in machine.clock.doubt()
    machine.step = 0  # the machine found out what time it is
    assert (machine.clock.doubt(), machine.wrong) == ("", 0)


def test_who_objects_once_and_is_silent_then_has_objected(machine: Machine) -> None:
    machine.step = A_YEAR
    machine.clock.begin(MIDNIGHT, expected=True)
    machine.hear("iad")
    machine.passed += DAY
    assert machine.clock.doubt() != ""
    machine.step = 0
    machine.hear("iad")
    assert (machine.clock.doubt(), machine.wrong) == ("", 0)


def test_a_word_that_is_a_little_off_shows_that_a_hub_which_was_away_for_long_is_not_far_off(machine: Machine) -> None:
    machine.clock.begin(MIDNIGHT - DAY, expected=True)
    assert machine.clock.doubt() != ""
    machine.hear("iad", off=10 * SECOND)
    assert machine.clock.doubt() == ""
