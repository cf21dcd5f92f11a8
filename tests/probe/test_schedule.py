"""Slots begin at their offsets, each once, whatever the clock's reader does."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.model.checks import Check, TcpProbe
from makegood.model.spans import HOUR, MINUTE, SECOND, Duration, Instant
from makegood.probe.schedule import LATEST, Schedule, Start

PROBE = TcpProbe("shop.example", 443)
NOON: Instant = 1_767_960_000 * SECOND


def check(name: str = "front page", every: Duration = MINUTE) -> Check:
    return Check(name, "shop", PROBE, every)


def run(schedule: Schedule, begin: Instant, end: Instant, step: Duration) -> list[Start]:
    """What is begun by who looks every `step`."""
    return [start for now in range(begin, end, step) for start in schedule.due(now)]


def test_every_probe_begins_at_its_offset_of_each_slot() -> None:
    one = check()
    starts = run(Schedule([one], NOON), NOON, NOON + HOUR, SECOND)
    assert [start.at for start in starts] == [NOON + slot * MINUTE + one.offset for slot in range(60)]


def test_a_slot_whose_offset_has_passed_begins_with_the_next() -> None:
    one = check()
    after = NOON + one.offset + 1
    assert Schedule([one], after).next_at == NOON + MINUTE + one.offset
    assert Schedule([one], after - 1).due(after - 1) == [Start(one, NOON + one.offset)]


def test_the_first_minute_of_ten_thousand_checks_is_complete_and_spread() -> None:
    checks = [check(f"check {n}") for n in range(10_000)]
    starts = run(Schedule(checks, NOON), NOON, NOON + MINUTE, SECOND // 10)
    assert Counter(start.check.name for start in starts) == Counter(one.name for one in checks)
    assert [start.at for start in starts] == sorted(start.at for start in starts)
    each_second = Counter(start.at // SECOND for start in starts)
    assert max(each_second.values()) < 2 * 10_000 / 54


def test_who_looks_late_gets_each_check_once_and_learns_how_many_slots_are_gone() -> None:
    one, other = check("one"), check("other", 10 * SECOND)
    schedule = Schedule([one, other], NOON)
    starts = schedule.due(NOON + 5 * MINUTE - 1)
    assert [start.check.name for start in starts].count("one") == 1
    assert {start.check.name: start.at // start.check.every for start in starts} == {
        "one": NOON // MINUTE + 4,
        "other": (NOON + 5 * MINUTE) // (10 * SECOND) - 1,
    }
    assert schedule.skipped == 4 + 29
    assert all(start.at > NOON + 5 * MINUTE - 1 for start in schedule.due(NOON + 5 * MINUTE + MINUTE - 1))


def test_a_clock_that_stands_or_goes_back_begins_nothing_twice() -> None:
    one = check()
    schedule = Schedule([one], NOON)
    assert len(schedule.due(NOON + MINUTE - 1)) == 1
    assert [schedule.due(now) for now in (NOON + MINUTE - 1, NOON, NOON - HOUR)] == [[], [], []]
    assert len(schedule.due(NOON + 2 * MINUTE - 1)) == 1


def test_a_probe_is_too_late_when_its_slot_has_ended_or_after_five_seconds() -> None:
    slow, quick = check("slow", HOUR), check("quick", SECOND)
    assert Start(slow, NOON + slow.offset).by == NOON + slow.offset + LATEST
    assert Start(quick, NOON + quick.offset).by == NOON + SECOND


@pytest.mark.parametrize("at", [0, 20 * SECOND, 59 * SECOND])
def test_other_checks_take_effect_without_missing_or_doubling_a_slot(at: Duration) -> None:
    kept, changed, gone, new = (check(name) for name in ("kept", "changed", "gone", "new"))
    schedule = Schedule([kept, changed, gone], NOON)
    starts = run(schedule, NOON, NOON + MINUTE + at, SECOND)
    after = replace(changed, probe=TcpProbe("other.example", 1))
    schedule.replace([kept, after, new], NOON + MINUTE + at)
    later = run(schedule, NOON + MINUTE + at, NOON + 3 * MINUTE, SECOND)
    slots = Counter((start.check.name, start.at // MINUTE - NOON // MINUTE) for start in starts + later)
    assert slots == Counter(
        [(name, slot) for name in ("kept", "changed") for slot in range(3)]
        + [("gone", slot) for slot in range(2) if slot * MINUTE + gone.offset < MINUTE + at]
        + [("new", slot) for slot in range(1, 3) if slot * MINUTE + new.offset >= MINUTE + at]
    )
    assert all(start.check is not changed for start in later)


def test_a_check_with_other_slots_begins_with_the_first_that_is_ahead() -> None:
    one = check()
    schedule = Schedule([one], NOON)
    schedule.due(NOON + 30 * SECOND)
    quicker = replace(one, every=10 * SECOND)
    schedule.replace([quicker], NOON + 30 * SECOND)
    starts = run(schedule, NOON + 30 * SECOND, NOON + MINUTE, SECOND // 2)
    assert [start.at for start in starts] == [NOON + s * SECOND + quicker.offset for s in (30, 40, 50)]


def test_without_checks_nothing_is_next() -> None:
    schedule = Schedule([], NOON)
    assert (schedule.next_at, schedule.due(NOON + HOUR), len(schedule)) == (None, [], 0)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from([SECOND, 7 * SECOND, MINUTE])),
        max_size=6,
        unique_by=lambda o: o[0],
    ),
    st.lists(st.tuples(st.integers(0, 20_000_000), st.booleans()), max_size=40),
)
def test_no_slot_is_begun_twice_nor_before_its_time(
    kinds: list[tuple[int, Duration]], steps: list[tuple[int, bool]]
) -> None:
    checks = [check(f"check {n}", every) for n, every in kinds]
    schedule, now = Schedule(checks, NOON), NOON
    seen: Counter[tuple[str, Duration, int]] = Counter()
    for step, swap in steps:
        now += step
        for start in schedule.due(now):
            seen[start.check.name, start.check.every, start.at // start.check.every] += 1
            assert start.at <= now
            assert start.at % start.check.every == start.check.offset
        if swap:
            schedule.replace(checks[::-1], now)
    assert not seen or max(seen.values()) == 1
    passed = sum((now - one.offset) // one.every - (NOON - 1 - one.offset) // one.every for one in checks)
    assert sum(seen.values()) + schedule.skipped == (passed if steps else 0)
