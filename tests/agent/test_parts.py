"""The agent's time, its control probes, and how results become batches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.agent.clock import Clock, Exchange
from makegood.agent.control import Control
from makegood.agent.folder import Folder
from makegood.agent.gathering import SETTLE, Gathering
from makegood.agent.setting_up import begin_clock
from makegood.app.clocks import agree
from makegood.evidence.batch import read_batch
from makegood.model.checks import Check, HttpProbe
from makegood.model.facts import UNKNOWN
from makegood.model.results import Reason, Result
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND
from tests.engine.worlds import examples
from tests.store.batches import MIDNIGHT

YEAR = 365 * DAY


class Clocks:
    """A wall clock that can be set, and a steady one that cannot."""

    def __init__(self) -> None:
        self.set_to, self.passed = MIDNIGHT, 5 * SECOND

    def wall(self) -> int:
        return self.set_to + self.passed

    def steady(self) -> int:
        return self.passed


@pytest.mark.parametrize("step", [-YEAR, -HOUR, -2 * SECOND, 2 * SECOND, HOUR, YEAR])
def test_a_step_of_the_wall_clock_is_noticed_once_and_moves_nothing(step: int) -> None:
    clocks = Clocks()
    clock = Clock(clocks.wall, clocks.steady)
    before = clock.now()
    clocks.passed += 10 * SECOND
    assert (clock.look(), clock.now()) == (0, before + 10 * SECOND)
    clocks.set_to += step
    clocks.passed += SECOND
    assert clock.now() == before + 11 * SECOND
    assert (clock.look(), clock.look(), clock.steps, clock.last_step) == (step, 0, 1, step)


def test_a_clock_that_is_slewed_is_no_step_until_it_is_one_together() -> None:
    clocks = Clocks()
    clock = Clock(clocks.wall, clocks.steady)
    for _ in range(30):
        clocks.set_to += SECOND // 10
        assert clock.look() == 0


def test_a_wall_clock_behind_what_was_found_before_is_not_trusted_and_time_does_not_go_back() -> None:
    clocks = Clocks()
    clock = Clock(clocks.wall, clocks.steady, not_before=MIDNIGHT + HOUR)
    assert [clock.trusted, clock.now()] == [False, MIDNIGHT + HOUR]
    assert Clock(clocks.wall, clocks.steady, not_before=MIDNIGHT).trusted


def test_the_offset_is_that_of_the_quickest_exchange() -> None:
    clocks = Clocks()
    clock = Clock(clocks.wall, clocks.steady)
    clock.exchanged(Exchange(0, 50 + 7 * SECOND, 60 + 7 * SECOND, 110))
    clock.exchanged(Exchange(0, 5 + 7 * SECOND, 6 + 7 * SECOND, 11))
    clock.exchanged(Exchange(0, 900 + 7 * SECOND, 901 + 7 * SECOND, 1000))
    best = clock.best
    assert best is not None
    assert (best.offset, best.trip) == (7 * SECOND, 10)
    assert clock.hub_now == clock.now() + 7 * SECOND


@pytest.mark.parametrize(
    ("boot", "known", "step", "goes_on"),
    [
        ("b", "b", 0, True), ("b", "b", SECOND, True), ("b", "b", 3 * SECOND, False), ("b", "b", -HOUR, False),
        ("b", "other", 0, False), ("b", None, 0, False), ("", "", 0, False),
    ],
)  # fmt: skip
def test_a_clock_goes_on_from_the_time_that_was_right_in_the_same_boot_where_the_wall_clock_was_not_set_since(
    tmp_path: Path, boot: str, known: str | None, step: int, goes_on: bool
) -> None:
    clocks, folder = Clocks(), Folder(tmp_path)
    if known is not None:
        folder.keep_tie(Clock(clocks.wall, clocks.steady, boot=known).tie)
    clocks.passed += DAY
    clocks.set_to += step
    said = list[str]()
    clock = begin_clock(Clock(clocks.wall, clocks.steady, boot=boot), folder, said.append)
    assert clock.trusted is goes_on
    assert bool(said) is not goes_on


def test_the_time_is_tied_anew_only_to_a_wall_clock_that_is_right() -> None:
    clocks = Clocks()
    clock = Clock(clocks.wall, clocks.steady)
    clock.exchanged(Exchange(clock.now(), clock.now() + HOUR, clock.now() + HOUR, clock.now()))
    assert clock.tie_anew(2 * SECOND) is False
    clocks.set_to += HOUR
    assert clock.tie_anew(2 * SECOND)
    assert clock.now() == clocks.wall()
    assert clock.look() == 0


@pytest.mark.parametrize(
    ("mine", "others", "trusted", "hub", "ahead"),
    [
        (None, [], True, True, 0),
        (SECOND, [], True, True, None),
        (HOUR, [], False, True, 0),  # of two clocks nobody knows which is wrong
        (HOUR, [0], False, True, 0),
        (0, [HOUR], True, True, 0),
        (-HOUR, [-HOUR], True, False, HOUR),
        (-HOUR, [0, 0, 0], False, True, 0),
        (0, [HOUR, -HOUR, YEAR, 0], True, True, 0),
        (HOUR, [HOUR, 0], False, True, 0),  # two against two
    ],
)
def test_what_most_clocks_agree_on_holds(
    mine: int | None, others: Sequence[int], trusted: bool, hub: bool, ahead: int | None
) -> None:
    found = agree(mine, others, 2 * SECOND)
    assert (found.trusted, found.hub) == (trusted, hub)
    assert ahead is None or found.ahead == ahead


DOWN = Result(MIDNIGHT, Reason.REFUSED, total=5)
GOOD = Result(MIDNIGHT, Reason.OK, 200, total=5)


class Line:
    """A line that is there or not, and how often it was asked."""

    def __init__(self, there: bool = True) -> None:
        self.there, self.asked = there, 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self) -> bool:
        self.asked += 1
        await self.gate.wait()
        if not self.there:
            raise OSError("no route")
        return True


def test_a_failure_is_believed_after_a_control_probe_that_began_later() -> None:
    async def live() -> None:
        line = Line()
        control = Control([line], lambda: MIDNIGHT)
        assert await control.believed(GOOD) is GOOD
        assert line.asked == 0
        assert await control.believed(DOWN) is DOWN
        line.gate.clear()
        first = asyncio.create_task(control.believed(DOWN))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(control.believed(DOWN))
        third = asyncio.create_task(control.believed(DOWN))
        await asyncio.sleep(0.01)
        assert not first.done()
        line.gate.set()
        assert [await one for one in (first, second, third)] == [DOWN] * 3
        assert line.asked == 3  # the second and third share one that began after they were found

    asyncio.run(live())


def test_while_no_control_probe_succeeds_the_location_abstains_also_for_what_was_under_way() -> None:
    async def live() -> None:
        line, other, now = Line(there=False), Line(there=False), [MIDNIGHT + 10 * SECOND]
        control = Control([line, other], lambda: now[0])
        found = await control.believed(DOWN)
        assert (found.reason, found.outcome, found.total, found.begun) == (Reason.ABSTAINED, UNKNOWN, -1, MIDNIGHT)
        assert [control.abstains] == [True]
        assert await control.believed(GOOD) is GOOD
        other.there = True
        assert await control.sees()
        assert [control.abstains] == [False]
        began_before = Result(MIDNIGHT + 9 * SECOND, Reason.TIMEOUT)
        assert (await control.believed(began_before)).reason is Reason.ABSTAINED
        began_after = Result(MIDNIGHT + 11 * SECOND, Reason.TIMEOUT)
        assert await control.believed(began_after) is began_after
        assert control.abstained == 2

    asyncio.run(live())


def test_what_began_before_a_line_was_known_to_be_mended_is_not_believed() -> None:
    async def live() -> None:
        line, now = Line(there=False), [MIDNIGHT]
        control = Control([line], lambda: now[0])
        assert not await control.sees()
        line.there, now[0] = True, MIDNIGHT + 10 * SECOND
        began_between = Result(MIDNIGHT + 5 * SECOND, Reason.TIMEOUT)
        assert (await control.believed(began_between)).reason is Reason.ABSTAINED
        now[0] += SECOND
        began_after = Result(now[0], Reason.TIMEOUT)
        assert await control.believed(began_after) is began_after

    asyncio.run(live())


def test_a_control_probe_that_is_slow_shows_nothing_of_what_began_before_it_succeeded() -> None:
    async def live() -> None:
        line, now = Line(), [MIDNIGHT + SECOND]
        line.gate.clear()
        control = Control([line], lambda: now[0])
        judged = asyncio.create_task(control.believed(DOWN))
        await asyncio.sleep(0.01)
        now[0] += SECOND
        line.gate.set()
        assert (await judged).reason is Reason.ABSTAINED
        assert not control.abstains

    asyncio.run(live())


def test_a_control_probe_that_hangs_did_not_succeed() -> None:
    async def live() -> None:
        line = Line()
        line.gate.clear()
        control = Control([line], lambda: MIDNIGHT, patience=SECOND // 50)
        assert (await control.believed(DOWN)).reason is Reason.ABSTAINED

    asyncio.run(live())


def test_without_control_probes_what_is_found_is_believed_and_what_is_unknown_stays() -> None:
    async def live() -> None:
        assert await Control([], lambda: 0).believed(DOWN) is DOWN
        late = Result(MIDNIGHT, Reason.LATE)
        assert await Control([Line(there=False)], lambda: 0).believed(late) is late

    asyncio.run(live())


CHECKS = tuple(Check(f"c{n}", "web", HttpProbe("https://x/"), MINUTE if n < 20 else SECOND) for n in range(21))


def found(check: Check, slot: int, reason: Reason = Reason.OK) -> Result:
    return Result(MIDNIGHT + slot * check.every + check.offset, reason, 200, 1, 2, 3, 4, 5)


def test_a_group_is_closed_when_its_window_is_over_and_what_is_late_follows_soon() -> None:
    gathering = Gathering(5 * SECOND)
    gathering.replace(CHECKS)
    check = CHECKS[0]
    end = MIDNIGHT + (check.offset // (5 * SECOND) + 1) * 5 * SECOND
    result = found(check, 0)
    gathering.add(check, result, result.begun + 1000)
    assert gathering.due(end + SETTLE - 1) == []
    (draft,) = gathering.due(end + SETTLE)
    gathering.closed([draft])
    assert gathering.due(end + HOUR) == []
    gathering.add(check, found(check, 0, Reason.TIMEOUT), end + 30 * SECOND)
    assert gathering.due(end + 35 * SECOND - 1) == []
    assert len(gathering.due(end + 35 * SECOND)) == 1
    quick = CHECKS[-1]
    gathering.add(quick, found(quick, 100), MIDNIGHT + 100 * SECOND + 999_999)
    assert [draft.roster.checks for draft in gathering.due(MIDNIGHT + 101 * SECOND + SECOND // 4)][-1] == ("c20",)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5), st.sampled_from(list(Reason))), max_size=60))
@examples(30)
def test_each_result_is_in_one_batch_and_each_batch_tells_of_one_slot(told: list[tuple[int, int, Reason]]) -> None:
    gathering = Gathering(5 * SECOND)
    gathering.replace(CHECKS)
    first = dict[tuple[str, int], Result]()
    for n, slot, reason in told:
        check = CHECKS[n]
        result = found(check, slot, reason)
        first.setdefault((check.name, slot), result)
        gathering.add(check, result, result.begun)
    drafts = gathering.due(0, all_of_it=True)
    seen = dict[tuple[str, int], tuple[int, int]]()
    for draft in drafts:
        one = draft.batch("iad", 1, bytes(32), MIDNIGHT + DAY)
        assert one.span[0] == one.span[1]
        assert read_batch(one.body, one.roster).body == one.body
        assert one.details is not None
        for check, begun, reason in zip(
            one.check.tolist(), one.begun.tolist(), one.details.reason.tolist(), strict=True
        ):
            key = one.checks[check], begun // one.every - MIDNIGHT // one.every
            assert key not in seen
            seen[key] = begun, reason
    assert seen == {key: (result.begun, result.reason) for key, result in first.items()}
    gathering.closed(drafts)
    assert gathering.due(0, all_of_it=True) == []


def test_a_time_that_is_longer_than_can_be_written_is_cut_and_none_is_none() -> None:
    gathering = Gathering(5 * SECOND)
    gathering.replace(CHECKS)
    begun = found(CHECKS[0], 0).begun
    gathering.add(CHECKS[0], Result(begun, Reason.TIMEOUT, 70_000, total=2 * 3600 * SECOND), begun)
    (draft,) = gathering.due(0, all_of_it=True)
    one = draft.batch("iad", 1, bytes(32), begun)
    assert one.latency is not None
    assert one.details is not None
    assert (one.latency.tolist(), one.details.dns.tolist()) == ([2**32 - 2], [-1])
    assert np.array_equal(one.details.status, [70_000 & 0xFFFF])


def test_while_the_spool_takes_nothing_the_oldest_results_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("makegood.agent.gathering.MOST_WAITING", 50)
    gathering = Gathering(5 * SECOND)
    gathering.replace(CHECKS)
    for slot in range(100):
        gathering.add(CHECKS[0], found(CHECKS[0], slot), MIDNIGHT + slot * MINUTE)
    kept = [draft.key[1] - MIDNIGHT // MINUTE for draft in gathering.due(0, all_of_it=True)]
    assert kept == list(range(100 - len(kept), 100))
    assert len(kept) <= 50
    assert gathering.lost == 100 - len(kept)


def test_what_is_not_probed_here_any_more_is_left_out() -> None:
    gathering = Gathering(5 * SECOND)
    gathering.replace(CHECKS[:1])
    gathering.add(CHECKS[1], found(CHECKS[1], 0), MIDNIGHT)
    assert gathering.due(0, all_of_it=True) == []
