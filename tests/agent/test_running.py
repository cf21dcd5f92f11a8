"""An agent at work, with a watch that finds what a test says: on a full disk, with a broken line, and at its end."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from makegood.agent.clock import Clock
from makegood.agent.control import Ask, Control
from makegood.agent.folder import Folder, Given, Identity
from makegood.agent.running import Agent, Deliver
from makegood.agent.spool import Disk, Spool
from makegood.agent.transport import Answer, Away, Hub
from makegood.evidence.batch import Roster, RowBatch, read_batch
from makegood.evidence.canonical import read_canonical
from makegood.model.checks import Check, HttpProbe
from makegood.model.results import Reason, Result
from makegood.model.spans import DAY, SECOND, Duration
from tests.agent.test_spool import Failing
from tests.app.receiving.agents import CHECKS

QUICK = tuple(Check(name, "web", HttpProbe("https://x/"), SECOND // 10) for name in ("api", "shop"))


async def away(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    del method, path, headers, body
    raise Away("no way")


@dataclass
class Scripted:
    """A watch that delivers what it is told to."""

    checks: Sequence[Check]
    deliver: Deliver
    stopped: list[Duration] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    late: tuple[Check, Result] | None = None

    def replace(self, checks: Sequence[Check]) -> None:
        self.checks = checks

    async def run(self) -> None:
        await self.ended.wait()

    async def stop(self, grace: Duration) -> None:
        self.stopped.append(grace)
        if self.late is not None:
            self.deliver(*self.late)
        self.ended.set()


class World:
    """An agent whose hub is away, and what it said."""

    def __init__(self, folder: Path, disk: Disk | None = None, controls: Sequence[Ask] = ()) -> None:
        self.said, self.watches, self.kind = list[str](), list[Scripted](), Scripted
        self.folder = Folder(folder)
        folder.mkdir()
        key = self.folder.key(make=True)
        self.folder.keep_identity(Identity("http://hub", "iad", "", "0" * 32))
        self.folder.keep_given(Given("e", QUICK))
        self.spool = Spool(self.folder.spool, disk=disk)
        self.clock = Clock()
        hub = Hub(away, self.clock, key, "iad")
        control = Control(controls, self.clock.now)
        self.agent = Agent(
            "iad", self.folder, self.spool, self.clock, hub, control, self.watch, self.said.append, "1.0",
            tick=SECOND // 50, first_word=SECOND // 50, grace=SECOND // 2,
        )  # fmt: skip
        self.stop = asyncio.Event()

    def watch(self, checks: Sequence[Check], deliver: Deliver) -> Scripted:
        self.watches.append(self.kind(checks, deliver))
        return self.watches[-1]

    def find(self, reason: Reason = Reason.OK, check: int = 0) -> None:
        self.watches[-1].deliver(QUICK[check], Result(self.clock.now(), reason, 200, total=3))

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.01)

    async def work(self) -> asyncio.Task[None]:
        running = asyncio.create_task(self.agent.run(self.stop))
        await self.until(lambda: bool(self.watches))
        return running

    def batches(self) -> list[RowBatch]:
        found = [read_batch(one.body, Roster(tuple(read_canonical(one.checks)))) for one in self.spool.after(0)]
        return [one for one in found if isinstance(one, RowBatch)]

    def reasons(self) -> list[int]:
        return [reason for one in self.batches() if one.details is not None for reason in one.details.reason.tolist()]


@contextmanager
def world(folder: Path, disk: Disk | None = None, controls: Sequence[Ask] = ()) -> Iterator[World]:
    made = World(folder, disk, controls)
    yield made
    made.spool.close()


def test_it_begins_without_its_hub_with_the_checks_it_was_given_last_and_closes_what_it_finds(tmp_path: Path) -> None:
    async def live() -> None:
        with world(tmp_path / "agent") as here:
            running = await here.work()
            assert here.watches[0].checks == QUICK
            here.find()
            await here.until(lambda: here.spool.latest == 1)
            here.stop.set()
            await running
            assert here.reasons() == [Reason.OK]
            assert any("the hub is away" in line for line in here.said)

    asyncio.run(live())


def test_it_says_once_that_it_has_settled_before_it_probes(tmp_path: Path) -> None:
    async def live() -> None:
        with world(tmp_path / "agent") as here:
            settled = list[int]()
            here.agent.settled = lambda: settled.append(len(here.watches))
            running = await here.work()
            assert settled == [0]
            here.stop.set()
            await running
            assert settled == [0]

    asyncio.run(live())


def test_when_it_is_stopped_what_was_under_way_is_closed_too(tmp_path: Path) -> None:
    async def live() -> None:
        with world(tmp_path / "agent") as here:
            running = await here.work()
            here.watches[0].late = QUICK[1], Result(here.clock.now(), Reason.STOPPED)
            here.find()
            here.stop.set()
            await running
            assert sorted(here.reasons()) == [Reason.OK, Reason.STOPPED]
            assert here.watches[0].stopped == [SECOND // 2]

    asyncio.run(live())


def test_on_a_full_disk_it_says_so_once_keeps_on_and_recovers(tmp_path: Path) -> None:
    async def live() -> None:
        disk = Failing("write", 2, errno.ENOSPC, part=7, for_good=True)
        with world(tmp_path / "agent", disk) as here:
            running = await here.work()
            here.find()
            await here.until(lambda: any("cannot be written" in line for line in here.said))
            here.find(Reason.STATUS, 1)
            await asyncio.sleep(0.2)
            assert here.spool.latest == 0
            assert here.agent.state()["full"] == "No space left on device"
            here.spool.disk = Disk()
            await here.until(lambda: len(here.reasons()) == 2)
            assert sum("cannot be written" in line for line in here.said) == 1
            assert "the spool can be written again" in here.said
            assert here.agent.state()["full"] == ""
            here.stop.set()
            await running

    asyncio.run(live())


def test_what_a_broken_location_finds_is_unknown(tmp_path: Path) -> None:
    async def broken() -> bool:
        return False

    async def live() -> None:
        with world(tmp_path / "agent", controls=[broken]) as here:
            running = await here.work()
            here.find(Reason.REFUSED)
            here.find(Reason.TIMEOUT, 1)
            await here.until(lambda: len(here.reasons()) == 2)
            assert set(here.reasons()) == {Reason.ABSTAINED}
            here.stop.set()
            await running
            assert here.agent.state()["abstains"] is True

    asyncio.run(live())


def test_the_certificates_that_it_was_shown_wait_for_the_hub_and_not_those_behind_a_broken_line(tmp_path: Path) -> None:
    async def broken() -> bool:
        return False

    async def live() -> None:
        running = await one.work()
        ends = one.clock.now() + DAY
        for check, reason in enumerate((Reason.OK, Reason.STATUS)):
            one.watches[-1].deliver(QUICK[check], Result(one.clock.now(), reason, 200, total=3, expires=ends + check))
        await one.until(lambda: one.agent.state()["abstained"] == 1)
        assert one.agent.telling.certificates.news() == {"api": ends}
        one.stop.set()
        await running

    with world(tmp_path / "agent", controls=[broken]) as one:
        asyncio.run(live())


def test_while_its_clock_is_not_trusted_what_it_finds_is_unknown(tmp_path: Path) -> None:
    async def live() -> None:
        with world(tmp_path / "agent") as here:
            running = await here.work()
            here.clock.trusted = False
            here.find(Reason.OK)
            here.find(Reason.REFUSED, 1)
            await here.until(lambda: len(here.reasons()) == 2)
            assert set(here.reasons()) == {Reason.CLOCK}
            here.stop.set()
            await running

    asyncio.run(live())


def test_a_defect_of_the_watch_ends_the_agent_after_all_was_closed(tmp_path: Path) -> None:
    class Broken(Scripted):
        async def run(self) -> None:
            await self.ended.wait()
            raise ZeroDivisionError

    async def live() -> None:
        with world(tmp_path / "agent") as here:
            here.kind = Broken
            running = await here.work()
            here.find()
            await asyncio.sleep(0)
            here.watches[0].ended.set()
            try:
                await running
            except ZeroDivisionError:
                assert here.reasons() == [Reason.OK]
            else:
                raise AssertionError("a defect was hidden")

    asyncio.run(live())


def test_new_checks_of_the_hub_reach_the_watch(tmp_path: Path) -> None:
    with world(tmp_path / "agent") as here:
        watch = here.watch((), lambda *_: None)
        here.agent._watch = watch
        here.agent._given(Given("f", (*CHECKS, Check("elsewhere", "web", HttpProbe("https://x/"), locations=("fra",)))))
        assert watch.checks == CHECKS
