"""The watch begins every probe in its slot and delivers every result, most of it by a simulated clock."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from makegood.door.policy import Policy
from makegood.model.checks import Check, HeartbeatProbe, HttpProbe, TcpProbe
from makegood.model.facts import DOWN, UNKNOWN
from makegood.model.results import Reason, Result
from makegood.model.spans import MINUTE, SECOND, Duration, Instant
from makegood.probe import watching
from makegood.probe.attempt import Attempt, Context
from makegood.probe.handles import Handles
from makegood.probe.schedule import LATEST
from makegood.probe.secret import Secrets
from makegood.probe.watching import BLAME, FEW, SILENCE, TICK, Watch
from tests.probe.servers import answering, hang, location, served

NOON: Instant = 1_767_960_000 * SECOND
Probing = Callable[["Simulated", Attempt], Awaitable[Reason]]


@dataclass
class Simulated:
    """A location whose time goes on only where its loop sleeps, and by what its probes cost the loop."""

    time: Duration = 0
    results: list[tuple[Check, Result]] = field(default_factory=list)
    sleepers: list[tuple[Duration, int, asyncio.Future[None]]] = field(default_factory=list)

    @property
    def context(self) -> Context:
        return Context(lambda: NOON + self.time, lambda: self.time, Policy(), Secrets({}), cast(Handles, None))

    def watch(self, checks: list[Check], probing: Probing, most: int = 100_000) -> Watch:
        async def carry_out(_check: Check, attempt: Attempt) -> Result:
            return attempt.result(await probing(self, attempt))

        def deliver(check: Check, result: Result) -> None:
            self.results.append((check, result))

        return Watch(checks, self.context, deliver, most=most, carry_out=carry_out, sleep=self.sleep)

    async def wait(self, length: Duration) -> None:
        """What a probe does that waits for an answer."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.time + length, len(self.sleepers), woken))
        await woken

    async def sleep(self, seconds: float) -> None:
        """The watch's own sleep: time goes on, and those whose answers have come are woken."""
        self.time += max(round(seconds * SECOND), 100)
        due = [one for one in self.sleepers if one[0] <= self.time]
        self.sleepers = [one for one in self.sleepers if one[0] > self.time]
        for _, _, woken in sorted(due, key=lambda one: one[:2]):
            if not woken.done():
                woken.set_result(None)
        for _ in range(3):
            await asyncio.sleep(0)

    async def run(self, watch: Watch, length: Duration) -> list[tuple[Check, Result]]:
        """Let it watch for so long; the answer are the results so far."""
        running, end = asyncio.ensure_future(watch.run()), self.time + length
        while self.time < end and not running.done():
            await asyncio.sleep(0)
        if running.done():
            running.result()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return list(self.results)


def check(name: str = "front page", every: Duration = MINUTE, timeout: Duration = 30 * SECOND) -> Check:
    return Check(name, "shop", TcpProbe("shop.example", 443), every, timeout)


def many(count: int, every: Duration = MINUTE) -> list[Check]:
    return [check(f"check {n}", every) for n in range(count)]


async def up(_location: Simulated, _attempt: Attempt) -> Reason:
    return Reason.OK


async def hangs(location: Simulated, attempt: Attempt) -> Reason:
    await location.wait(attempt.ends - attempt.started)
    return Reason.TIMEOUT


def lateness(results: list[tuple[Check, Result]]) -> list[Duration]:
    return [result.begun % check.every - check.offset for check, result in results]


def test_every_slot_has_a_result_that_began_in_it() -> None:
    location, checks = Simulated(), [*many(30), check("quick", SECOND)]
    asyncio.run(location.run(location.watch(checks, up), 3 * MINUTE))
    slots = Counter((one.name, result.begun // one.every) for one, result in location.results)
    assert set(slots.values()) == {1}
    assert len([name for name, _ in slots if name != "quick"]) == 90
    assert len([name for name, _ in slots if name == "quick"]) in (180, 181)


def test_probes_that_hang_delay_nobody() -> None:
    location, checks = Simulated(), many(2_000)
    results = asyncio.run(location.run(location.watch(checks, hangs), 2 * MINUTE))
    slots = Counter((one.name, result.begun // one.every) for one, result in results)
    assert {slot for _, slot in slots} == {NOON // MINUTE, NOON // MINUTE + 1}
    assert sum(slot == NOON // MINUTE for _, slot in slots) == 2_000
    assert max(lateness(results)) < SECOND
    assert {result.reason for _, result in results} == {Reason.TIMEOUT}


def test_memory_is_given_back_once_when_many_have_hung_and_few_do_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs_at_first(location: Simulated, attempt: Attempt) -> Reason:
        return await (hangs if attempt.started < MINUTE else up)(location, attempt)

    def give_back() -> None:
        asked.append(watch.under_way)

    location, asked = Simulated(), list[int]()
    watch: Watch = location.watch(many(2_000), hangs_at_first)
    monkeypatch.setattr(watching, "give_back", give_back)
    asyncio.run(location.run(watch, 4 * MINUTE))
    (under_way,) = asked
    assert under_way < FEW


def test_probes_that_cost_the_loop_more_than_it_has_are_late_and_unknown_never_down() -> None:
    async def heavy(location: Simulated, _attempt: Attempt) -> Reason:
        location.time += 60_000  # 2,000 of them are two minutes of work for each minute
        return Reason.TIMEOUT

    location = Simulated()
    asyncio.run(location.run(location.watch(many(2_000), heavy), 3 * MINUTE))
    reasons = Counter(result.reason for _, result in location.results)
    assert reasons[Reason.LATE] > 500
    assert set(reasons) == {Reason.LATE, Reason.TIMEOUT}
    begun = [(one, result) for one, result in location.results if result.reason is Reason.TIMEOUT]
    assert max(lateness(begun)) < LATEST
    assert all(result.outcome == UNKNOWN for _, result in location.results if result.reason is Reason.LATE)
    slots = Counter((one.name, result.begun // MINUTE) for one, result in location.results)
    assert set(slots.values()) == {1}, "also a late one stands in its own slot"


@pytest.mark.parametrize("reason", sorted(SILENCE))
def test_silence_is_not_believed_where_the_location_stood_still(reason: Reason) -> None:
    async def frozen(location: Simulated, attempt: Attempt) -> Reason:
        location.time += (attempt.ends - attempt.started) // BLAME + 2 * TICK
        return reason

    location = Simulated()
    asyncio.run(location.run(location.watch([check()], frozen), MINUTE))
    [(_, result)] = location.results
    assert (result.reason, result.outcome) == (Reason.LATE, UNKNOWN)
    assert reason.word in result.detail


@pytest.mark.parametrize(
    ("reason", "still"), [(Reason.STATUS, 10 * SECOND), (Reason.REFUSED, 10 * SECOND), (Reason.TIMEOUT, SECOND)]
)
def test_an_answer_is_believed_and_so_is_silence_with_nearly_all_of_its_time(reason: Reason, still: Duration) -> None:
    async def frozen(location: Simulated, _attempt: Attempt) -> Reason:
        location.time += still
        return reason

    location = Simulated()
    asyncio.run(location.run(location.watch([check()], frozen), MINUTE))
    assert [(result.reason, result.outcome) for _, result in location.results] == [(reason, DOWN)]


def test_a_process_that_stood_still_for_an_hour_charges_nobody() -> None:
    location = Simulated()
    watch = location.watch(many(50), hangs)

    async def main() -> None:
        await location.run(watch, MINUTE)
        location.time += 60 * MINUTE  # as a machine that was suspended sees it
        await location.run(watch, 2 * MINUTE)

    asyncio.run(main())
    within = [result for _, result in location.results if NOON + MINUTE <= result.begun < NOON + 61 * MINUTE]
    assert all(result.outcome == UNKNOWN for result in within)
    assert watch.skipped >= 50 * 58
    assert not [one for one in Counter((c.name, r.begun // MINUTE) for c, r in location.results).values() if one > 1]


def test_with_no_room_what_cannot_begin_in_time_is_unknown_for_want_of_resources() -> None:
    location = Simulated()
    results = asyncio.run(location.run(location.watch(many(100), hangs, most=10), 2 * MINUTE))
    reasons = Counter(result.reason for _, result in results)
    assert set(reasons) == {Reason.TIMEOUT, Reason.RESOURCES}
    assert 30 <= reasons[Reason.TIMEOUT] <= 40, "ten at once, for half a minute each"


def test_other_checks_are_watched_from_their_next_slot_on() -> None:
    location, (one, other, third) = Simulated(), many(3)
    watch = location.watch([one, other], up)
    changed = replace(other, probe=TcpProbe("other.example", 1))

    async def main() -> None:
        await location.run(watch, 90 * SECOND)
        watch.replace([changed, third])
        await location.run(watch, 90 * SECOND)

    asyncio.run(main())
    slots = Counter((one.name, result.begun // MINUTE - NOON // MINUTE) for one, result in location.results)
    assert {(other.name, slot) for slot in range(3)} <= set(slots)
    assert set(slots.values()) == {1}
    assert (one.name, 2) not in slots
    assert (third.name, 2) in slots
    assert {seen.probe for seen, result in location.results if result.begun >= NOON + 2 * MINUTE} == {
        changed.probe,
        third.probe,
    }


def test_what_others_tell_is_not_probed() -> None:
    location = Simulated()
    told = Check("nightly backup", "shop", HeartbeatProbe())
    asyncio.run(location.run(location.watch([told, check()], up), MINUTE))
    assert {one.name for one, _ in location.results} == {"front page"}


def test_a_stop_lets_what_is_under_way_end_and_reports_the_rest_as_unknown() -> None:
    async def sometimes(location: Simulated, attempt: Attempt) -> Reason:
        return await (up if attempt.begun % 2 else hangs)(location, attempt)

    location = Simulated()
    watch = location.watch(many(200), sometimes)

    async def main() -> tuple[int, int]:
        await location.run(watch, 20 * SECOND)
        begun, under_way = watch.begun, watch.under_way
        await watch.stop(0)
        return begun, under_way

    begun, under_way = asyncio.run(main())
    reasons = Counter(result.reason for _, result in location.results)
    assert under_way > 0
    assert reasons[Reason.STOPPED] >= under_way
    assert sum(reasons.values()) >= begun
    assert watch.under_way == 0
    assert all(result.outcome == UNKNOWN for _, result in location.results if result.reason is Reason.STOPPED)


def test_a_stop_waits_as_long_as_it_may() -> None:
    async def main() -> list[Reason]:
        location = Simulated()
        gate = asyncio.Event()

        async def gated(_location: Simulated, _attempt: Attempt) -> Reason:
            await gate.wait()
            return Reason.OK

        watch = location.watch([check()], gated)
        await location.run(watch, MINUTE)
        stopping = asyncio.ensure_future(watch.stop(MINUTE))
        await asyncio.sleep(0)
        gate.set()
        await stopping
        return [result.reason for _, result in location.results]

    assert asyncio.run(main()) == [Reason.OK]


def test_a_result_that_cannot_be_delivered_ends_the_watch() -> None:
    location = Simulated()

    def full(_check: Check, _result: Result) -> None:
        raise OSError("no space left")

    async def carry_out(_check: Check, attempt: Attempt) -> Result:
        return attempt.result(Reason.OK)

    watch = Watch([check()], location.context, full, most=1, carry_out=carry_out, sleep=location.sleep)
    with pytest.raises(OSError, match="no space left"):
        asyncio.run(location.run(watch, 2 * MINUTE))


def test_real_probes_of_real_servers_are_watched_slot_by_slot() -> None:
    """Of one that answers, one that is wrong and one that hangs, in slots of a second, by the clock of the machine."""
    results: list[tuple[str, Result]] = []
    ours = {Reason.LATE, Reason.STOPPED}  # on a busy machine

    async def main() -> None:
        enough = asyncio.Event()

        def deliver(one: Check, result: Result) -> None:
            results.append((one.name, result))
            told = Counter(name for name, result in results if result.reason not in ours)
            if min(told[name] for name in ("good", "wrong", "hangs")) >= 2:
                enough.set()

        async with (
            served(answering()) as good,
            served(answering(status="503 Busy")) as wrong,
            served(hang) as hangs,
            location() as context,
        ):
            checks = [
                Check(name, "shop", HttpProbe(f"http://127.0.0.1:{port}/"), SECOND, SECOND // 2)
                for name, port in (("good", good), ("wrong", wrong), ("hangs", hangs))
            ]
            watch = Watch(checks, context, deliver)
            running = asyncio.ensure_future(watch.run())
            await asyncio.wait([running, asyncio.ensure_future(enough.wait())], return_when=asyncio.FIRST_COMPLETED)
            await watch.stop(SECOND)
            await running

    asyncio.run(main())
    assert len({(name, result.begun // SECOND) for name, result in results}) == len(results)
    assert {result.reason for name, result in results if name == "good"} - ours == {Reason.OK}
    assert {result.reason for name, result in results if name == "wrong"} - ours == {Reason.STATUS}
    assert {result.reason for name, result in results if name == "hangs"} - ours == {Reason.TIMEOUT}
