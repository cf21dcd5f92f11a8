"""Starts are paced by how long the loop's turns take, and a loop that stood still is remembered."""

import gc

import pytest

from makegood.model.spans import MINUTE, SECOND, Duration
from makegood.probe.pace import LONGEST_TURN, MOST_AT_ONCE, Pace, Standstills
from makegood.probe.room import EACH, KEPT_BACK, calm_collector, memory_here, raise_descriptors, room

MILLI: Duration = SECOND // 1000


def test_short_turns_let_more_begin_and_a_long_one_halves_it() -> None:
    pace = Pace()
    for _ in range(100):
        pace.turn(LONGEST_TURN)
    assert pace.at_once == MOST_AT_ONCE
    pace.turn(LONGEST_TURN + 1)
    assert pace.at_once == MOST_AT_ONCE // 2
    for _ in range(20):
        pace.turn(SECOND)
    assert pace.at_once == 1


@pytest.mark.parametrize(("cost", "at_least"), [(0, MOST_AT_ONCE), (200, 40), (1_000, 5), (50_000, 1)])
def test_the_pace_settles_where_a_turn_is_as_long_as_it_may_be(cost: Duration, at_least: int) -> None:
    """Simulated: a start costs the loop so many µs."""
    pace, begun, turns = Pace(), 0, []
    for _ in range(500):
        begun += pace.at_once
        turns.append(pace.at_once * cost)
        pace.turn(turns[-1])
    assert max(turns[100:]) <= max(2 * LONGEST_TURN, cost)
    assert begun / 500 >= at_least * 0.7


def test_a_late_tick_is_a_standstill() -> None:
    still = Standstills(50 * MILLI, 0)
    assert [still.tick(at * MILLI) for at in (50, 100, 400, 450)] == [0, 0, 250 * MILLI, 0]
    assert still.longest(0, 450 * MILLI) == 250 * MILLI
    assert still.longest(400 * MILLI, 450 * MILLI) == 250 * MILLI
    assert still.longest(401 * MILLI, 450 * MILLI) == 0


def test_a_standstill_that_has_not_ended_counts() -> None:
    still = Standstills(50 * MILLI, 0)
    assert still.longest(0, 50 * MILLI) == 0
    assert still.longest(0, 3 * SECOND) == 3 * SECOND - 50 * MILLI


def test_of_many_standstills_the_longest_since_then_is_told() -> None:
    still = Standstills(0, 0)
    for at in (1_000, 1_300, 1_320, 1_400):
        still.tick(at * MILLI)
    assert [still.longest(since * MILLI, 1_400 * MILLI) // MILLI for since in (0, 1_000, 1_001, 1_301, 1_321)] == [
        1_000,
        1_000,
        300,
        80,
        80,
    ]


def test_an_old_standstill_is_forgotten() -> None:
    still = Standstills(MINUTE, 0)
    still.tick(5 * MINUTE)
    for minute in range(6, 30):
        still.tick(minute * MINUTE)
    assert still.longest(0, 29 * MINUTE) == 0


@pytest.mark.parametrize(
    ("descriptors", "memory", "most"),
    [
        (20_000, 64 << 30, (20_000 - KEPT_BACK) * 9 // 10),
        (1 << 20, 512 << 20, (512 << 20) // 2 // EACH),
        (KEPT_BACK, 1 << 30, 1),
        (1024, 1 << 30, 864),
    ],
)
def test_descriptors_and_memory_bound_what_may_be_under_way(descriptors: int, memory: int, most: int) -> None:
    assert room(descriptors, memory) == most


def test_a_process_that_watches_looks_for_garbage_seldom_and_not_among_what_is_there() -> None:
    before = gc.get_threshold()
    try:
        calm_collector()
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 1000
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def test_descriptors_are_raised_to_what_the_system_allows() -> None:
    resource = pytest.importorskip("resource")
    most = raise_descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == most
    assert hard in (most, resource.RLIM_INFINITY)
    assert room(most) >= 1
    assert memory_here() > 1 << 20
