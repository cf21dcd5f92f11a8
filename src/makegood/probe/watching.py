"""The watch of a location: each check is probed in each of its slots, whatever becomes of the others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from makegood.model.checks import Check
from makegood.model.results import Reason, Result
from makegood.model.spans import Duration
from makegood.probe.attempt import Attempt, Context, begin
from makegood.probe.kinds import KINDS, carry_out
from makegood.probe.pace import Pace, Standstills
from makegood.probe.room import give_back, raise_descriptors, room
from makegood.probe.schedule import Schedule, Start

TICK: Duration = 50_000
"""The watch looks at its clocks at least this often, µs: so it knows when the loop stood still."""

NO_ROOM: Duration = 5_000
"""How long it waits for a probe to end where no more can be under way, µs."""

BLAME = 10
"""A probe that had no answer is not believed where the loop stood still for this part of its timeout."""

MANY, FEW = 500, 100
"""After so many probes that waited in vain, their memory is given back once only few are under way."""

SILENCE = {Reason.DNS, Reason.CONNECT_TIMEOUT, Reason.RESET, Reason.TIMEOUT, Reason.NO_REPLY}
"""What is also found where nobody looked for the answer in time. Other reasons are answers."""


class Watch:
    """Probes checks in their slots and delivers each result, until it is stopped."""

    def __init__(
        self,
        checks: Iterable[Check],
        context: Context,
        deliver: Callable[[Check, Result], None],
        *,
        most: int | None = None,
        carry_out: Callable[[Check, Attempt], Awaitable[Result]] = carry_out,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`deliver` is told of every result in the running loop; what it raises ends the watch. `most` probes are under
        way at once, as many as the system lets without it. Checks of kinds that others tell are left out.

        `carry_out` and `sleep` (seconds) are there for who simulates.
        """
        self._context = context
        self._deliver = deliver
        self._carry_out = carry_out
        self._sleep = sleep
        self._schedule = Schedule(_probed(checks), context.now())
        self._pace = Pace()
        self._standstills = Standstills(TICK, context.steady())
        self._waiting: deque[Start] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._most = most if most is not None else room(raise_descriptors())
        self._stopping = False
        self._failed: BaseException | None = None
        self._in_vain = 0
        self.begun = 0
        self.late = 0

    @property
    def under_way(self) -> int:
        """How many probes have begun and not ended."""
        return len(self._under_way)

    @property
    def skipped(self) -> int:
        """How many slots passed wholly while the process stood still; nothing is known of them."""
        return self._schedule.skipped

    def standstill(self, since: Duration) -> Duration:
        """The longest that the loop stood still since then, by the steady clock, µs."""
        return self._standstills.longest(since, self._context.steady())

    def replace(self, checks: Iterable[Check]) -> None:
        """Other checks from the next slot of each on; what is under way ends as it would have."""
        self._waiting.extend(self._schedule.due(self._context.now()))
        self._schedule.replace(_probed(checks), self._context.now())

    async def run(self) -> None:
        """Watch until `stop` is called. Raises what `deliver` raised."""
        while not self._stopping:
            if self._failed is not None:
                raise self._failed
            self._standstills.tick(self._context.steady())
            if self._in_vain >= MANY and len(self._under_way) < FEW:
                self._in_vain = 0
                give_back()
            self._waiting.extend(self._schedule.due(self._context.now()))
            if not self._begin_some():
                await self._sleep(NO_ROOM / 1e6)
            elif self._waiting:
                before = self._context.steady()
                await self._sleep(0)
                self._pace.turn(self._context.steady() - before)
            else:
                await self._sleep(self._idle() / 1e6)

    async def stop(self, grace: Duration) -> None:
        """Begin no more; wait up to `grace` µs for what is under way, and report the rest as unknown."""
        self._stopping = True
        for start in self._waiting:
            self._deliver(start.check, Result(start.at, Reason.STOPPED, detail="this location was stopped"))
        self._waiting.clear()
        await asyncio.sleep(0)  # those that were begun just now have not run yet
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=grace / 1e6)
        left = list(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if self._failed is not None:
            raise self._failed

    def _idle(self) -> Duration:
        at = self._schedule.next_at
        return TICK if at is None else max(0, min(TICK, at - self._context.now()))

    def _begin_some(self) -> bool:
        """Begin as many of those whose time has come as the pace lets. False where there is no room for more."""
        for _ in range(min(self._pace.at_once, len(self._waiting))):
            full = len(self._under_way) >= self._most
            start = self._waiting[0]
            late = self._context.now() >= start.by
            if full and not late:
                return False
            self._waiting.popleft()
            if late:
                self._miss(start, Reason.RESOURCES if full else Reason.LATE)
            else:
                self._begin(start)
        return True

    def _begin(self, start: Start) -> None:
        self.begun += 1
        task = asyncio.get_running_loop().create_task(self._one(start))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failed = self._failed or task.exception()

    def _miss(self, start: Start, reason: Reason) -> None:
        self.late += 1
        what = "no descriptors or memory for it" if reason is Reason.RESOURCES else "it was busy"
        detail = f"this location could not begin in time: {what}"
        self._deliver(start.check, Result(start.at, reason, detail=detail))

    async def _one(self, start: Start) -> None:
        attempt = begin(self._context, start.check.timeout)
        if attempt.begun >= start.by:
            self._miss(start, Reason.LATE)
            return
        try:
            result = await self._carry_out(start.check, attempt)
        except asyncio.CancelledError:
            stopped = attempt.result(Reason.STOPPED, "this location was stopped before the probe had ended")
            self._deliver(start.check, stopped)
            raise
        self._deliver(start.check, self._believed(start.check, result, attempt))

    def _believed(self, check: Check, result: Result, attempt: Attempt) -> Result:
        """The result, unknown instead of down where the loop stood still while the probe was under way: the answer may
        have been there, and nobody looked."""
        if result.reason not in SILENCE:
            return result
        self._in_vain += 1
        still = self.standstill(attempt.started)
        if still * BLAME < check.timeout:
            return result
        self.late += 1
        detail = f"this location stood still for {still // 1000} ms; found in it: {result.reason.word}"
        return replace(result, reason=Reason.LATE, detail=detail)


def _probed(checks: Iterable[Check]) -> Iterable[Check]:
    return (check for check in checks if type(check.probe) in KINDS)
