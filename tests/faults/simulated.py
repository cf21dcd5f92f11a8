"""A hub, its agents, and a target in one process and in a time of their own, with what goes wrong between them.

The agents are the real ones but for their probes, the way to the hub, and their clocks; the hub is all that stands
behind its routes.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from sqlalchemy import Connection

from makegood.agent.clock import Clock
from makegood.agent.control import Control
from makegood.agent.folder import Folder, Identity
from makegood.agent.running import Agent, Deliver
from makegood.agent.setting_up import begin_clock
from makegood.agent.spool import Disk, Spool
from makegood.agent.transport import Answer, Away, Hub
from makegood.app.deployed import deployed
from makegood.app.enrolling import new_token
from makegood.app.hub import Hub as Core
from makegood.app.hub import Rules
from makegood.app.hub_clock import HubClock
from makegood.app.hub_time import begin_time, record_news, settle_time
from makegood.app.judging import Docket
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.watching import Turn, Watching, dockets_of
from makegood.model.checks import Check, HttpProbe
from makegood.model.facts import DOWN, UP
from makegood.model.results import Reason, Result
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Duration, Instant, Span
from makegood.model.statement import Statement
from makegood.probe.schedule import Schedule
from makegood.store.ingest import Ingest
from makegood.store.opened import Store
from tests.agent.loopback import answer
from tests.app.test_following import AGREEMENT, ORDER
from tests.faults.stores import new_store
from tests.faults.truth import Diary, Tried, faults_of, statements_of
from tests.store.batches import MIDNIGHT

LATENCY: Duration = SECOND // 50
TIMEOUT: Duration = 10 * SECOND
NAMES = ("api", "shop")


class Careless(Disk):
    """A disk that says that all is durable: no process is killed here in the middle of a write."""

    def sync(self, handle: int) -> None:
        pass


def dockets(folder: Path, store: Store, every: Duration) -> Docket:
    """An agreement whose slots are so long is deployed, with an order of two services."""
    said = AGREEMENT.replace("every: 1 min", f"every: {every // MINUTE} min")
    said = said.replace("shortest: at least 5 min", f"shortest: at least {3 * every // MINUTE} min")
    (folder / "hosting.sla.md").write_text(said)
    (folder / "acme.order.yaml").write_text(
        ORDER.replace("2026-01-01 to 2026-12-31", "from 2026-01-01").replace("checks: [api, shop]", "checks: [shop]")
    )
    files = [folder / "hosting.sla.md", folder / "acme.order.yaml"]
    apply_plan(store, plan(deployed(store), offer_of_files(files)), MIDNIGHT - HOUR, "ops")
    (docket,), problems = dockets_of(deployed(store))
    assert not problems
    return docket


@dataclass
class World:
    """What all of them share: the true time, the target, the hub. `away` is whether the hub is, `hub_step` how far its
    machine's clock was set from the truth, and `beside` that of another server of it, where there is one."""

    folder: Path
    store: Store
    docket: Docket
    every: Duration
    rules: Rules
    names: tuple[str, ...] = NAMES
    away: bool = False
    hub_step: Duration = 0
    diary: Diary = field(default_factory=lambda: Diary(near=2 * SECOND + TIMEOUT))
    begin: Instant = MIDNIGHT
    turns: list[Turn] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    at_end: Instant = 0
    time: HubClock = field(init=False)
    core: Core = field(init=False)
    beside: Core | None = None
    dice: Random = field(default_factory=lambda: Random(5))
    settled: int = 0
    watching: Watching = field(init=False)

    def __post_init__(self) -> None:
        self.checks = tuple(Check(name, name, HttpProbe("http://x/"), self.every, TIMEOUT) for name in self.names)
        self.watching = Watching(self.store, self._tell)

    def now(self) -> Instant:
        """The true time."""
        try:
            return MIDNIGHT + round(asyncio.get_running_loop().time() * SECOND)
        except RuntimeError:  # before the world began
            return MIDNIGHT

    def hub_now(self) -> Instant:
        """What time it is by the hub."""
        return self.time()

    def start_hub(self, insist: bool = False) -> None:
        """As `makegood serve` does."""
        self.time = self.clock_of("the hub's", lambda: self.hub_step)
        begin_time(self.store, self.time, "the hub's", insist)
        self.core = replace(self.core, clock=self.time)
        self.settled = 0

    def clock_of(self, machine: str, step: Callable[[], Duration]) -> HubClock:
        """The clock of a machine whose wall clock is so far from the truth."""
        return HubClock(
            lambda: self.now() + step(), lambda: self.now() - MIDNIGHT + DAY, machine, fresh=self.rules.silent
        )  # fmt: skip

    def start_beside(self, step: Duration) -> None:
        """A second server on another machine, whose clock is so far from the truth."""
        clock = self.clock_of("the other's", lambda: step)
        begin_time(self.store, clock, "the other's")
        self.beside = replace(self.core, clock=clock)

    def keep_time(self) -> None:
        """As the loops of a server do."""
        if self.time.doubt():
            return
        if self.time.ties != self.settled:
            self.settled = self.time.ties
            settle_time(self.store, self.time)
        for says in self.time.news():
            record_news(self.store, self.time, says)

    def server(self) -> Core:
        """The server that the next request comes to: a proxy sends it to one that is ready."""
        ready = [one for one in (self.core, self.beside) if one is not None and not one.doubt()]
        return self.dice.choice(ready) if ready else self.core

    def _tell(self, connection: Connection, turns: Sequence[Turn], now: Instant) -> None:
        del connection, now
        self.turns += turns

    def look(self) -> None:
        """The hub looks how its services do, where it knows the time."""
        self.keep_time()
        if not self.time.doubt():
            self.watching.look(self.hub_now())

    async def look_always(self, pause: Duration) -> None:
        while True:
            await asyncio.sleep(pause / SECOND)
            if not self.away:
                self.look()

    async def until(self, slot: float) -> None:
        """Wait until so many slots have passed since the beginning."""
        await asyncio.sleep((MIDNIGHT + slot * self.every - self.now()) / SECOND)

    def outage(self, first: float, last: float) -> None:
        """The target is down from one slot to before another."""
        self.diary.down.append(Span(MIDNIGHT + int(first * self.every), MIDNIGHT + int(last * self.every)))

    def node(self, location: str, boot: Duration) -> Node:
        made = Node(self, location, self.folder / location, boot=boot)
        self.nodes.append(made)
        return made

    def statements(self) -> Sequence[Statement]:
        """What is said of the period by now."""
        return statements_of(self.store, self.docket, "2026-02", self.at_end)

    def faults(self) -> list[str]:
        self.look()
        self.at_end = self.now()
        return faults_of(self.store, self.docket, "2026-02", self.at_end, self.diary)


@dataclass
class Node:
    """A machine with an agent. `step` is how far its wall clock was set from the truth, `cut` whether its line is,
    `trip` how long a request to the hub takes, and `deaf` whether the answers get lost."""

    world: World
    location: str
    folder: Path
    trip: Duration = LATENCY
    boot: Duration = 0
    step: Duration = 0
    cut: bool = False
    deaf: bool = False
    says: list[str] = field(default_factory=list)
    agent: Agent | None = None
    running: asyncio.Task[None] | None = None
    _spool: Spool | None = None
    _watches: list[Found] = field(default_factory=list)

    def wall(self) -> Instant:
        return self.world.now() + self.step

    def steady(self) -> Duration:
        return self.world.now() - MIDNIGHT + self.boot

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        await asyncio.sleep(self.trip / 2 / SECOND)
        if self.cut or self.world.away:
            raise Away("no way")
        names = {name.lower(): value for name, value in headers.items()}
        status, said = answer(self.world.server(), method, path, names, body)
        await asyncio.sleep(self.trip / 2 / SECOND)
        if self.deaf or self.cut:
            raise Away("the answer was lost")
        return Answer(status, json.dumps(said).encode())

    async def sees(self) -> bool:
        """A control probe."""
        await asyncio.sleep(LATENCY / SECOND)
        return not self.cut

    async def enrol(self) -> None:
        """As `makegood agent --enrol` does."""
        here, now = Folder(self.folder), self.world.hub_now()
        token = new_token(self.world.store, location=self.location, operator="", by="ops", now=now)
        self.folder.mkdir()
        hub = Hub(self.send, Clock(self.wall, self.steady), here.key(make=True), self.location)
        await hub.look_at_clock()
        said = await hub.enrol(token, self.location, "1.0")
        spool = Spool(here.spool, disk=Careless())
        spool.begin_at(int(said["sequence"]), bytes.fromhex(said["digest"]))
        spool.close()
        here.keep_identity(Identity("http://hub", self.location, "", str(said["log"])))

    def start(self) -> None:
        """As `makegood agent` does."""
        here = Folder(self.folder)
        self._spool = spool = Spool(here.spool, disk=Careless())
        tied = Clock(self.wall, self.steady, not_before=spool.closed, boot=self.location)
        clock = begin_clock(tied, here, self.says.append)
        hub = Hub(self.send, clock, here.key(), self.location)
        control = Control([self.sees], clock.now, every=MINUTE)
        self.agent = Agent(
            self.location, here, spool, clock, hub, control, self._watch, self.says.append, "1.0", self.location,
            tick=self.world.every // 60, grace=SECOND,
        )  # fmt: skip
        self.running = asyncio.create_task(self.agent.run(asyncio.Event()))

    async def kill(self) -> None:
        """Nothing of it goes on, and nothing is closed any more."""
        assert self.running is not None
        assert self.agent is not None
        assert self._spool is not None
        for one in self._watches:
            one.dead = True
        self._watches.clear()
        self.agent._close = lambda *_, **__: None  # type: ignore[method-assign]
        self.agent.telling.once = _nothing  # type: ignore[method-assign]
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running
        self._spool.close()
        self.running = None

    def copied(self, name: str) -> Node:
        """Another machine with a copy of the folder."""
        shutil.copytree(self.folder, self.world.folder / name)
        made = Node(self.world, self.location, self.world.folder / name)
        self.world.nodes.append(made)
        return made

    def _watch(self, checks: Sequence[Check], deliver: Deliver) -> Found:
        assert self.agent is not None
        self._watches.append(Found(self, checks, deliver, self.agent.clock))
        return self._watches[-1]


async def _nothing() -> bool:
    return False


class Found:
    """A watch whose probes find what is true, where the machine's line reaches the target at all."""

    def __init__(self, node: Node, checks: Sequence[Check], deliver: Deliver, clock: Clock) -> None:
        self.node, self.deliver, self.clock = node, deliver, clock
        self.schedule = Schedule(checks, clock.now())
        self.dead = False
        self.ended = asyncio.Event()
        self.probes = set[asyncio.Task[None]]()

    def replace(self, checks: Sequence[Check]) -> None:
        self.schedule.replace(checks, self.clock.now())

    async def run(self) -> None:
        while not self.ended.is_set():
            for start in self.schedule.due(self.clock.now()):
                task = asyncio.create_task(self._probe(start.check))
                self.probes.add(task)
                task.add_done_callback(self.probes.discard)
            at = self.schedule.next_at
            pause = SECOND if at is None else max(1, min(SECOND * 60, at - self.clock.now()))
            with suppress(TimeoutError):
                async with asyncio.timeout(pause / SECOND):
                    await self.ended.wait()

    async def stop(self, grace: Duration) -> None:
        del grace
        self.ended.set()

    async def _probe(self, check: Check) -> None:
        node, world = self.node, self.node.world
        at, begun = world.now(), self.clock.now()
        if node.cut:
            world.diary.note(node.location, check.name, Tried(at, None))
            await asyncio.sleep(check.timeout / SECOND)
            result = Result(begun, Reason.CONNECT_TIMEOUT)
        else:
            down = world.diary.was_down(at)
            world.diary.note(node.location, check.name, Tried(at, DOWN if down else UP))
            await asyncio.sleep(LATENCY / SECOND)
            result = Result(begun, Reason.STATUS, 503) if down else Result(begun, Reason.OK, 200, total=LATENCY)
        if not self.dead:
            self.deliver(check, result)


@contextmanager
def world(
    folder: Path, checks: Sequence[str] = NAMES, every: Duration = 15 * MINUTE, spool: Duration = 72 * HOUR
) -> Iterator[World]:
    """A world with a hub. `every` is the length of a slot; agents close their batches once in it."""
    store = new_store(folder / "store")
    rules = Rules(close_every=every, ask_every=2 * every, silent=8 * every, spool=spool)
    made = World(folder, store, dockets(folder, store, every), every, rules, tuple(checks))
    with Ingest(store, "hub", made.hub_now) as ingest:
        made.core = Core(store, ingest, made.hub_now, lambda: made.checks, rules)
        made.start_hub()
        yield made
    store.engine.dispose()
