"""What a server does by itself, again and again: it says that it is there, and shows what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from time import monotonic
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import DBAPIError

from makegood.app.hub_clock import HubClock
from makegood.app.hub_time import database_time, record_news, settle_time
from makegood.app.lookout import telling
from makegood.app.telling import LEASE, forget_old, judge_heartbeats, keep_results
from makegood.app.tidying import Tidied, tidy
from makegood.app.watching import Watching
from makegood.model.problem import Refused
from makegood.model.spans import HOUR, SECOND, Duration
from makegood.notify.context import Context
from makegood.store.attendance import EVERY, Attendance
from makegood.store.leases import Lease, Leases, Lost, database_clock, fenced
from makegood.store.serving import ServeLock, Serving
from makegood.store.sql.database import Unusable
from makegood.web.logs import logger
from makegood.web.signals import Signals
from makegood.web.telling import Telling

if TYPE_CHECKING:
    from makegood.web.hub import WebHub

LOOK, JUDGE, STUDY = 1.0, 1.0, 60.0
"""Seconds between looks at the state of services, at slots of heartbeats that are over, and at the days of the past."""
REST = 9.0
"""So many times as long as it took to evaluate the days of the past, they are left alone."""
WATCH = "outages"
"""The lease of whoever finds outages."""
TIDY, TIDYING = 600.0, "tidying"
"""Seconds between looks at what is to be sealed, and the lease of whoever does; two at once would do it once."""
LEASED: Duration = 15 * SECOND
"""How long a process has a lease, unless it takes it anew."""
RENEWED = 5.0
"""Seconds after which the lease of whoever finds outages is taken anew: it looks more often than it should write."""
GLANCE = 0.2
"""Seconds between glances at the length of the log, which say whether there is anything to find outages in."""
AGAIN, SETTLED = 1.0, 10.0
"""Seconds until what has no end, and failed, is begun again, and after which it works then."""
T = TypeVar("T")


class Loops:
    """The loops of a hub. Each goes on after a failure, which is logged when it is a new one."""

    def __init__(self, hub: WebHub, attendance: Attendance, process: str, context: Context) -> None:
        self._hub, self._attendance = hub, attendance
        self.leases = Leases(hub.store.engine, process, database_clock(hub.store.engine, hub.clock))
        self.lock: tuple[ServeLock, Serving] | None = None
        self._failing: dict[str, str] = {}
        self._lease: Lease | None = None
        self._outages: Lease | None = None
        self._renew_at = 0.0
        self._tidying: Lease | None = None
        current = hub.alerts
        self._telling = Telling(hub, current, context, self.leases)
        self._watching = Watching(hub.store, telling(current))
        self.signals = Signals(hub.core, context.policy)
        self._forget_at = 0
        self._clock_news: list[str] = []
        self._settled = 0
        self._doubted = False

    def all(self) -> list[Coroutine[Any, Any, None]]:
        """All of them, to be run until they are cancelled."""
        return [
            *self._telling.loops(self._again_in_time, self.always),
            self._again("clock", EVERY / SECOND, self.keep_time),
            self._again("attendance", EVERY / SECOND, self.attend),
            self._again("page", LOOK, self.look),
            self._study_always(),
            self._again("heartbeats", JUDGE, self.judge),
            self._watch_always(),
            self._again_in_time("tidying", TIDY, self.tidy),
            self.always("signals", lambda: self.signals.run(lambda: self._lease is not None)),
        ]

    def close(self) -> None:
        """Nothing runs any more: let others have the leases at once."""
        for one in (self._lease, self._outages, self._tidying):
            with suppress(DBAPIError):
                if one is not None:
                    self.leases.leave(one)
        with suppress(DBAPIError):
            self._telling.close()

    async def _again(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        while True:
            await self._once(name, work)
            await asyncio.sleep(seconds)

    async def _again_in_time(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        """The same for what dates what it does: it waits while the hub does not know the time."""

        def timely() -> None:
            if not self._hub.core.doubt():
                work()

        await self._again(name, seconds, timely)

    async def always(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do what has no end until cancelled, and begin it again where it fails."""
        while True:
            settled = asyncio.get_running_loop().call_later(SETTLED, self._works, name)
            try:
                await work()
            except Exception as failure:  # noqa: BLE001 -- as below
                self._fails(name, failure)
            finally:
                settled.cancel()
            await asyncio.sleep(AGAIN)

    async def _watch_always(self) -> None:
        """Find outages as soon as there is news, else once in a while; the longer that takes, the less often."""
        size: int | None = None
        while True:
            begun = monotonic()
            await self._once("outages", self.watch)
            ended = monotonic()
            await asyncio.sleep(max(GLANCE, min(LOOK, 2 * (ended - begun))))
            while monotonic() < ended + LOOK:
                there = await self._once("news", self._hub.store.size)
                if there != size:
                    size = there
                    break
                await asyncio.sleep(GLANCE)

    async def _study_always(self) -> None:
        """Evaluate the days of the past, the less often the longer it takes."""
        while True:
            begun = monotonic()
            if not self._hub.core.doubt():
                await self._once("days", self.study)
            await asyncio.sleep(max(STUDY, REST * (monotonic() - begun)))

    async def _once(self, name: str, work: Callable[[], T]) -> T | None:
        """Do one thing in a thread; None where it failed."""
        try:
            done = await asyncio.to_thread(work)
        except Exception as failure:  # noqa: BLE001 -- a loop goes on, whatever happened once
            self._fails(name, failure)
            return None
        self._works(name)
        return done

    def _works(self, name: str) -> None:
        self._failing.pop(name, None)
        self._hub.metrics.loops[name] = True

    def _fails(self, name: str, failure: Exception) -> None:
        """Say that a loop fails, once for each kind of failure."""
        said = type(failure).__name__
        if self._failing.get(name) != said:
            last = extract_tb(failure.__traceback__)[-1]
            place = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
            codes = [one.code for one in failure.problems] if isinstance(failure, Refused) else []
            logger().error("a loop fails", loop=name, kind=said, place=place, codes=codes, why=_why(failure))
        self._failing[name] = said
        self._hub.metrics.loops[name] = False

    def keep_time(self) -> None:
        """Hold the clock against that of the database, and keep in the log what became of it."""
        clock = self._hub.clock
        if not isinstance(clock, HubClock):
            return
        with suppress(DBAPIError):
            database_time(self._hub.store.engine, clock)
        self._clock_news += clock.news()
        if (why := clock.doubt()) and not self._doubted:
            hint = "nothing is recorded until it does; where the clock is right, start it with --trust-clock"
            logger().error("the hub does not know what time it is", why=why, hint=hint)
        elif self._doubted and not why:
            logger().info("the hub knows what time it is")
        self._doubted = bool(why)
        if why:
            return
        if clock.ties != self._settled:
            done, self._settled = settle_time(self._hub.store, clock), clock.ties
            if done:
                logger().warning("set to now what was ahead of it", rows=done)
        while self._clock_news:
            logger().error("the hub's clock", says=self._clock_news[0])
            record_news(self._hub.store, clock, self._clock_news[0])
            del self._clock_news[0]

    def attend(self) -> None:
        """Say durably that this process is there, and take the folder's lock where its holder has gone.

        While it does not know what time it is, nobody who told it anything would be heard: it is away.
        """
        if why := self._hub.core.doubt():
            self._hub.health.failed(f"nothing is written while the clock is in doubt: {why}")
            return
        try:
            self._attendance.say()
        except DBAPIError as failure:
            self._hub.health.failed(str(failure.orig).splitlines()[0])
            raise
        self._hub.health.wrote()
        if self.lock is not None and not self.lock[0].held and self.lock[0].take(0):
            self.lock[0].say(self.lock[1])

    def judge(self) -> None:
        """Judge what was told, where that is this process's turn and the hub knows the time."""
        if self._hub.core.doubt():
            self._lease = None
            self.signals.forget()
            return
        self._lease = self.leases.take(LEASE, LEASED)
        if self._lease is None:
            self.signals.forget()  # that turn is over
            return
        try:
            judge_heartbeats(self._hub.core, self._lease)
            if found := self.signals.found():
                try:
                    keep_results(self._hub.core, self._lease, found)
                except (Refused, DBAPIError, Unusable):
                    self.signals.put_back(found)
                    raise
            now = self._hub.clock()
            if now >= self._forget_at:
                self._forget_at = now + HOUR
                forget_old(self._hub.core, self._lease)
        except Lost:
            self.signals.forget()

    def watch(self) -> None:
        """Find what became of outages, where that is this process's turn and the hub knows the time."""
        if self._hub.core.doubt():
            return
        if self._outages is None or monotonic() >= self._renew_at:
            self._outages = self.leases.take(WATCH, LEASED)
            self._renew_at = monotonic() + RENEWED
        one = self._outages
        if one is None:
            return
        try:
            turns = self._watching.look(self._hub.clock(), lambda connection: fenced(connection, one))
        except Lost:
            self._outages = None
            return
        for turn in turns:
            told = "began" if turn.before is None else "taken back" if turn.after is None else "changed"
            logger().info("outage", order=turn.order, subject=turn.subject, told=told)

    def tidy(self) -> None:
        """Seal, compact and let go what is due, where that is this process's turn."""
        self._tidying = self.leases.take(TIDYING, LEASED)
        if self._tidying is not None:
            done = tidy(self._hub.store, self._hub.clock())
            if done != Tidied(0, 0, 0, 0):
                told = {"sealed": done.sealed, "compacted": done.compacted, "retired": done.retired, "kept": done.kept}
                logger().info("tidied", **told)

    def study(self) -> None:
        """Evaluate the days of the past."""
        self._hub.live.study(self._hub.clock())

    def look(self) -> None:
        """Show what is new on the public page."""
        try:
            self._hub.configured.refresh()
            self._hub.live.refresh(self._hub.clock())
        finally:  # where the store is away, that nothing is known is news as well
            if self._hub.page.show(tuple(self._hub.live.public())):
                logger().info("page made", renders=self._hub.page.renders)


def _why(failure: Exception) -> str:
    """What a database, a disk or a use case says of its failure; of a defect nothing, since that may hold anything."""
    if isinstance(failure, Refused):
        return "; ".join(": ".join(filter(None, (one.what, one.why))) for one in failure.problems[:3])
    if isinstance(failure, DBAPIError):
        return str(failure.orig).splitlines()[0]
    return (failure.strerror or "").lower() if isinstance(failure, OSError) else ""
