"""Telling the hub: batches in their order until it has them, and asking it for work, again and again.

Nothing here waits for a probe, and no probe for this: what cannot be told now stays in the spool.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from makegood.agent.certificates import Certificates
from makegood.agent.clock import Clock, Tie
from makegood.agent.folder import Folder, Given
from makegood.agent.spool import Spool
from makegood.agent.transport import Away, Held, Hub, Turned
from makegood.evidence.canonical import NotCanonical
from makegood.evidence.head import head_of
from makegood.exchange.check_json import NotAsWritten, checks_from_json
from makegood.model.spans import SECOND, Duration

FIRST_WAIT, LONGEST_WAIT = SECOND, 30 * SECOND
"""How long it waits after the hub was away once, twice as long each time, up to the longest."""
TURNED_WAIT = 60 * SECOND
"""How long after the hub said that it takes nothing from this agent."""
LIMIT: Duration = 2 * SECOND
"""How far a clock may be from the hub's."""
FOR_GOOD = frozenset(("agent-unknown", "agent-revoked", "agent-suspended", "batch-foreign"))
"""What the hub says where somebody must do something."""


@dataclass
class Orders:
    """What the hub told this agent to do. Instants and durations are µs; `trusted` says whether its clock is."""

    etag: str = ""
    trusted: bool = True
    close_every: Duration = 5 * SECOND
    ask_every: Duration = 15 * SECOND
    spool: Duration = 72 * 3600 * SECOND


@dataclass
class Telling:
    """What an agent tells its hub. `say` tells whoever runs it what changed, in a line; `given` is called with checks
    that are new; `state` is what else it tells of itself."""

    hub: Hub
    spool: Spool
    folder: Folder
    clock: Clock
    version: str
    say: Callable[[str], None]
    given: Callable[[Given], None]
    state: Callable[[], dict[str, Any]]
    certificates: Certificates = field(default_factory=Certificates)
    orders: Orders = field(default_factory=Orders)
    limit: Duration = LIMIT
    """How far the clock may be from the hub's before it is tied anew to a wall clock that is right."""
    retied: Callable[[], None] = lambda: None
    worked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the hub has given work once."""
    _there: bool | None = None
    _wait: Duration = 0
    _slowed: bool = False
    """Whether the hub asked to wait since it had everything."""
    _asked: Duration | None = None
    """When it asked for work last, by the steady clock."""
    _confirmed: Tie | None = None
    _doubted: int = 0
    """The last batch that was closed when the hub first said that the clock is wrong."""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def more(self) -> None:
        """There is a batch to send."""
        self._more.set()

    async def run(self) -> None:
        """Tell, until it is cancelled."""
        while True:
            await self.once()
            pause = max(self._wait, 0) or self._until_work()
            try:
                async with asyncio.timeout(pause / SECOND):
                    await self._more.wait()
            except TimeoutError:
                pass
            else:
                if self._wait:  # the hub is away: there is no hurry to find it so again
                    await asyncio.sleep(self._wait / SECOND)

    async def once(self) -> bool:
        """Ask for work where it is time to, and send what is there; whether the hub has all of it then."""
        self._more.clear()
        try:
            if self._until_work() <= 0:
                await self._work()
            await self._send()
        except Away as away:
            self._note(False, f"the hub is away: {away}; going on, what is found stays in the spool")
            self._wait = min(max(FIRST_WAIT, self._wait * 2), LONGEST_WAIT)
            self._asked = None
            return False
        except Held as held:
            if not self._slowed:
                self.say(f"the hub asks to be told more slowly: {held}")
            self._slowed, self._wait = True, held.wait
            return False
        except Turned as turned:
            self._asked = None
            if turned.code in FOR_GOOD:
                self._note(False, f"the hub takes nothing from this agent: {turned}")
                self._wait = TURNED_WAIT
            else:
                self._note(False, f"the hub did not take that: {turned}")
                self._wait = max(FIRST_WAIT, min(self._wait * 2, LONGEST_WAIT))
            return False
        self._note(True, "the hub is there")
        self._wait = 0
        self._slowed = False
        return self.spool.acknowledged >= self.spool.latest

    def _note(self, there: bool, says: str) -> None:
        if self._there is not there:
            self._there = there
            self.say(says)

    def _until_work(self) -> Duration:
        if self._asked is None:
            return 0
        return self._asked + self.orders.ask_every - self.clock.steady()

    async def _work(self) -> None:
        best = self.clock.best
        if best is None:
            await self.hub.look_at_clock()
            best = self.clock.best
        certificates = self.certificates.news()
        said = await self.hub.work({
            "have": self.orders.etag, "offset": best.offset if best else None, "trip": best.trip if best else 0,
            "oldest": self.spool.oldest, "latest": self.spool.latest, "acknowledged": self.spool.acknowledged,
            "version": self.version, "told": {**self.state(), "certificates": certificates},
        })  # fmt: skip
        try:
            self._take(said)
        except (KeyError, TypeError, ValueError, NotAsWritten) as wrong:
            raise Away(f"the hub's answer is not understood: {wrong}") from None
        self.certificates.told(certificates, self.clock.now())
        self._asked = self.clock.steady()
        self.worked.set()

    def _take(self, said: dict[str, Any]) -> None:
        orders = self.orders
        orders.close_every, orders.ask_every = int(said["close_every"]), max(int(said["ask_every"]), SECOND // 10)
        orders.spool = int(said["spool"])
        if orders.trusted is not bool(said["trusted"]):
            orders.trusted = bool(said["trusted"])
            self.say("the clock is right again" if orders.trusted else "the clock is wrong: results are unknown")
            self._doubted = self.spool.latest
        elif orders.trusted and not self.clock.trusted:
            self.say("the hub has told the time: the wall clock is right")
        self.clock.trusted = orders.trusted
        # As long as its clock is wrong, the hub does not let batches count that are dated by it: it must have them.
        told = self.spool.acknowledged >= self._doubted
        if not orders.trusted and told and self.clock.tie_anew(self.limit):
            self.say("the time was tied anew to the wall clock, which is right now")
            self.retied()
        best, tie = self.clock.best, self.clock.tie
        if orders.trusted and best is not None and abs(best.offset) <= self.limit and tie != self._confirmed:
            self._confirmed = tie
            self._keep(lambda: self.folder.keep_tie(tie))
        if said["checks"] is not None:
            made = Given(str(said["etag"]), checks_from_json(said["checks"]))
            self.given(made)
            self._keep(lambda: self.folder.keep_given(made))
        orders.etag = str(said["etag"])
        latest = int(said["latest"])
        if latest < self.spool.acknowledged:
            self.say(f"the hub has batches up to {latest}, and had more: it is sent again what is still here")
            self.certificates.tell_again()
        self.spool.acknowledge(latest)
        self._keep_head(said["head"])

    def _keep_head(self, head: Any) -> None:
        """Keep the latest head of the log; one that goes back is told of, and kept where it does not hide it."""
        if head is None:
            return
        try:
            signed = head_of(head)
        except NotCanonical as wrong:
            raise ValueError(str(wrong)) from None
        if not signed.verifies or signed.head.log != self.folder.identity().log:
            raise ValueError("the head of its log is not signed, or of another log")
        if signed.head.size < self.folder.head_size():
            self.say(f"the hub's log has {signed.head.size} entries, and had more: it was restored from a backup")
        self._keep(lambda: self.folder.keep_head(head))

    def _keep(self, write: Callable[[], None]) -> None:
        """Write what the next start is quicker with; a disk that refuses does not stop the telling."""
        try:
            write()
        except OSError as failure:
            self.say(f"the folder cannot be written: {(failure.strerror or str(failure)).lower()}")

    async def _send(self) -> None:
        for one in self.spool.after(self.spool.acknowledged):
            try:
                said = await self.hub.send_batch(one.body, one.signature)
            except Turned as turned:
                if turned.code != "list-unknown":
                    raise
                await self.hub.send_list(one.checks)
                said = await self.hub.send_batch(one.body, one.signature)
            if said.get("flag"):
                self.say(f"the hub took batch {one.sequence}, and its results do not count: {said['flag']}")
            self.spool.acknowledge(one.sequence)
