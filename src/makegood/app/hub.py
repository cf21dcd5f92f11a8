"""What the hub's use cases share: the store, who writes batches, the clock, the checks that are run, and its rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from makegood.app.hub_clock import HubClock
from makegood.app.pacing import Paces
from makegood.model.checks import Check
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import HOUR, MINUTE, SECOND, Duration, Instant
from makegood.store.ingest import Ingest
from makegood.store.opened import Store


@dataclass(frozen=True, slots=True)
class Rules:
    """What the hub takes from locations; all are µs.

    `window` is how far the date of a request may be from the hub's clock. `slack` is how long before the batch before
    it was closed a result may have begun, since its probe was still on its way then. `spool` is how old a result may
    be when it comes. `skew` is how far a clock may be from what all clocks agree on. Agents close a batch after
    `close_every` and ask for work after `ask_every`; whoever has not asked for `silent` is silent.
    """

    window: Duration = 5 * MINUTE
    slack: Duration = 5 * MINUTE
    spool: Duration = 72 * HOUR
    skew: Duration = 2 * SECOND
    close_every: Duration = 5 * SECOND
    ask_every: Duration = 15 * SECOND
    silent: Duration = 2 * MINUTE


@dataclass(frozen=True)
class Hub:
    """A hub at work. `clock` is UTC in µs; where it is a `HubClock`, nothing is dated by it while that is in doubt.
    `checks` are those of the present configuration, of all locations. May be used from many threads."""

    store: Store
    ingest: Ingest
    clock: Callable[[], Instant]
    checks: Callable[[], Sequence[Check]]
    rules: Rules = field(default_factory=Rules)
    paces: Paces = field(default_factory=Paces)

    def doubt(self) -> str:
        """Why nothing may be dated now; empty where it may."""
        return self.clock.doubt() if isinstance(self.clock, HubClock) else ""

    def must_know_the_time(self) -> None:
        """Raises Refused while the hub's clock is in doubt."""
        if why := self.doubt():
            hint = "set the clock of the hub's machine; whatever was sent is not recorded: send it again later"
            raise Refused([error("hub-clock", Place("clock"), "this hub does not know what time it is", why, hint)])

    def hear_clock(self, who: str, machine: str, ahead: Duration) -> None:
        """Take in how far the clock of a machine, empty where it is not told which, is ahead of the hub's."""
        if isinstance(self.clock, HubClock):
            self.clock.hear(who, machine, ahead)
