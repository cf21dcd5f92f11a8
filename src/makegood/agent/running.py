"""An agent at work: what it probes goes through the control probes into batches, the spool and to the hub."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Protocol

from makegood.agent.certificates import Certificates
from makegood.agent.clock import Clock
from makegood.agent.control import Control, unknown
from makegood.agent.folder import Folder, Given
from makegood.agent.gathering import Gathering
from makegood.agent.spool import Spool
from makegood.agent.telling import Telling
from makegood.agent.transport import Hub
from makegood.evidence.batch import RowBatch, signed_bytes
from makegood.model.checks import Check
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND, Duration, Instant

TICK: Duration = SECOND // 4
"""How often it looks what is to be closed."""
FIRST_WORD: Duration = 5 * SECOND
"""How long it waits for the hub's first word before it begins with the checks that it was given last."""
GRACE: Duration = 3 * SECOND
"""How long it waits for probes under way, and for the hub, when it is stopped."""


class Watching(Protocol):
    """What probes: every check in each of its slots. As `makegood.probe.watching.Watch`."""

    def replace(self, checks: Sequence[Check]) -> None: ...

    async def run(self) -> None: ...

    async def stop(self, grace: Duration) -> None: ...


Deliver = Callable[[Check, Result], None]
Watches = Callable[[Sequence[Check], Deliver], Watching]
"""Makes a watch over checks that delivers what it finds."""


@dataclass
class Agent:
    """An agent. `location` is its name, `say` tells whoever runs it what changed, in a line."""

    location: str
    folder: Folder
    spool: Spool
    clock: Clock
    hub: Hub
    control: Control
    watches: Watches
    say: Callable[[str], None]
    version: str
    machine: str = ""
    """What programs on one machine have in common, whose clocks are therefore one."""
    tick: Duration = TICK
    first_word: Duration = FIRST_WORD
    grace: Duration = GRACE
    settled: Callable[[], None] = lambda: None
    """Called once, when the first checks are there, before the first probe."""
    telling: Telling = field(init=False)
    _gathering: Gathering = field(init=False)
    _certificates: Certificates = field(default_factory=Certificates)
    _checks: tuple[Check, ...] = ()
    _watch: Watching | None = None
    _judging: set[asyncio.Task[None]] = field(default_factory=set)
    _full: str = ""
    _tied: int = 0
    """The first batch that is dated by the clock as it is tied now."""
    _life: str = field(default_factory=lambda: token_hex(8))
    """Of this start alone, by which the hub tells that two agents take turns under one key."""
    _anew: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        given = self.folder.given()
        self.telling = Telling(
            self.hub, self.spool, self.folder, self.clock, self.version, self.say, self._given, self.state,
            self._certificates, retied=self._retied,
        )  # fmt: skip
        self._tied = self.spool.latest + 1
        self.telling.orders.etag = given.etag
        self._gathering = Gathering(self.telling.orders.close_every)
        self._take_checks(given)

    async def run(self, stop: asyncio.Event) -> None:
        """Probe and tell until it is to stop; what was found is then in the spool, and told where the hub is there.

        Raises what a defect raised, after the same.
        """
        telling = asyncio.create_task(self.telling.run())
        control = asyncio.create_task(self.control.run())
        with suppress(TimeoutError):
            async with asyncio.timeout(self.first_word / SECOND):
                await _first(self.telling.worked, stop)
        self.settled()
        tasks = [telling, control, asyncio.create_task(self._probe()), asyncio.create_task(self._close_always())]
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if self._watch is not None:
                await self._watch.stop(self.grace)
            if self._judging:
                await asyncio.wait(self._judging, timeout=self.grace / SECOND)
            failed = [one.exception() for one in tasks if one.done() and not one.cancelled()]
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._close(all_of_it=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.grace / SECOND):
                    await self.telling.once()
        for failure in failed:
            if failure is not None:
                raise failure

    def state(self) -> dict[str, Any]:
        """What is to be known about the agent beside its batches."""
        return {
            "abstains": self.control.abstains, "abstained": self.control.abstained, "steps": self.clock.steps,
            "last_step": self.clock.last_step, "bytes": self.spool.size, "dropped": self.spool.dropped,
            "lost": self._gathering.lost, "full": self._full, "checks": len(self._checks), "tied": self._tied,
            "life": self._life,
            "now": self.clock.now(), "machine": self.machine,
        }  # fmt: skip

    def _given(self, given: Given) -> None:
        self._take_checks(given)
        if self._watch is not None:
            self._watch.replace(self._checks)

    def _take_checks(self, given: Given) -> None:
        self._checks = tuple(check for check in given.checks if check.runs_at(self.location))
        self._gathering.width = self.telling.orders.close_every
        self._gathering.replace(self._checks)
        self._certificates.keep([check.name for check in self._checks])

    def _retied(self) -> None:
        self._tied = self.spool.latest + 1
        self._anew.set()

    async def _probe(self) -> None:
        """Watch; and begin anew where the time was tied anew, since it may have gone back."""
        while True:
            self._anew.clear()
            self._watch = self.watches(self._checks, self._deliver)
            watching = asyncio.create_task(self._watch.run())
            anew = asyncio.create_task(self._anew.wait())
            try:
                await asyncio.wait([watching, anew], return_when=asyncio.FIRST_COMPLETED)
                if watching.done():
                    await watching
                    return
                await self._watch.stop(0)
                await watching
            finally:
                anew.cancel()
                watching.cancel()

    def _deliver(self, check: Check, result: Result) -> None:
        """Take in what was found, when it is believed."""
        if not self.clock.trusted:
            result = unknown(result, Reason.CLOCK)
        task = asyncio.get_running_loop().create_task(self._judge(check, result))
        self._judging.add(task)
        task.add_done_callback(self._judging.discard)

    async def _judge(self, check: Check, result: Result) -> None:
        found = await self.control.believed(result)
        self._gathering.add(check, found, self.clock.now())
        self._certificates.see(check.name, found)

    async def _close_always(self) -> None:
        while True:
            await asyncio.sleep(self.tick / SECOND)
            if step := self.clock.look():
                self.say(f"the wall clock was set by {step / SECOND:+,.3f} s; slots go on as they were")
            self._close()

    def _close(self, all_of_it: bool = False) -> None:
        """Close what is due: it is on the disk then, or stays here until there is room."""
        now = self.clock.now()
        drafts = self._gathering.due(now, all_of_it)
        try:
            # By a clock that may be wrong nothing is old: one that is a year ahead would let all of it go.
            lost = self.spool.make_room(now, self.telling.orders.spool if self.clock.trusted else now)
            if lost:
                self.say(f"batches {lost[0]}-{lost[-1]} are gone from the spool, and the hub does not have them")
            if drafts:
                self.spool.append(self._signed(drafts, now))
        except OSError as failure:
            why = failure.strerror or str(failure)
            if not self._full:
                self.say(f"the spool cannot be written: {why.lower()}; what is found is kept for a while, then unknown")
            self._full = why
            if failure.errno == errno.ENOSPC:
                self.spool.let_go()
            return
        if self._full:
            self.say("the spool can be written again")
            self._full = ""
        if drafts:
            self._gathering.closed(drafts)
            self.telling.more()

    def _signed(self, drafts: Sequence[Any], now: Instant) -> list[tuple[RowBatch, bytes]]:
        sequence, previous = self.spool.latest, self.spool.previous
        made = list[tuple[RowBatch, bytes]]()
        for draft in drafts:
            sequence += 1
            one = draft.batch(self.location, sequence, previous, now)
            previous = one.digest
            made.append((one, self.hub.key.sign(signed_bytes(previous))))
        return made


async def _first(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
