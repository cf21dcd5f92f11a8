"""The hub's own time: a clock that nobody sets, tied to the wall clock, and held against the clocks of other machines.

It follows the wall clock where that is slewed, and not where it is set: who is right then, other machines say. Before
their word, or where most of them are against the hub, nothing is dated (decision 0025). Everything is µs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Lock

from makegood.model.spans import MINUTE, SECOND, Duration, Instant
from makegood.probe.clocks import steady_clock, wall_clock
from makegood.render.lengths import duration

STEP: Duration = 2 * SECOND
"""A wall clock may be set by so much in all before the time no longer follows it, and again by and by."""
SLEW, DRIFT = 1_000, 200
"""Millionths by which a wall clock that is slewed goes faster or slower at most, and a steady one."""
BACK: Duration = SECOND // 2
"""A wall clock that is so near to the time again was set back to it, but for how far a steady clock goes wrong."""
NEAR, FAR = 5 * SECOND, 5 * MINUTE
"""How far a wall clock may be behind what the store has recorded when a hub starts, and ahead of it. A clock of another
machine that is within the second of it shows that it did not go far wrong since."""
FRESH = 2 * MINUTE
"""How long a word of another machine holds, and how long a hub that starts waits for one."""
_AT_ONCE: Duration = SECOND // 10


class _Waits(Enum):
    """Why nothing is dated yet."""

    BEHIND = "behind"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class _Told:
    """What another machine's clock says: how far it is ahead of our steady one, as heard at an instant of that."""

    tie: Duration
    at: Duration


class HubClock:
    """The hub's time, UTC; it is called for it, from any thread.

    `wall` and `steady` are the clocks of this machine, and `machine` is what programs on it have in common: what they
    say is no word of another clock. `skew` is how far two clocks may be apart that say the same, and `fresh` how long a
    word of one holds. Until `begin` is called the wall clock is taken to have been right at the start.
    """

    def __init__(
        self,
        wall: Callable[[], Instant] = wall_clock,
        steady: Callable[[], Duration] = steady_clock,
        machine: str = "",
        skew: Duration = 2 * SECOND,
        fresh: Duration = FRESH,
    ) -> None:
        self._wall, self._steady, self._machine, self._skew, self._fresh = wall, steady, machine, skew, fresh
        self._lock = Lock()
        self._begun, now = self._read()
        self._tie = now - self._begun
        self._latest = now
        self._room, self._room_at = STEP * 1_000_000, self._begun
        self._apart: Duration = 0
        self._stepped: Duration | None = None
        self._then: dict[str, Duration] = {}
        self._others: dict[str, _Told] = {}
        self._waits: _Waits | None = None
        self._against: Duration = 0
        self._recorded: Instant = 0
        self._expected = self._insisted = False
        self._news: list[str] = []
        self.ties = 0
        """How often the time was tied to the wall clock: what was dated before may lie ahead of it."""

    def begin(self, recorded: Instant, expected: bool, insist: bool = False) -> None:
        """Hold the wall clock against what the store recorded last, before anything is dated by it.

        `expected` says whether clocks of other machines will be heard of. With `insist` an operator says that the wall
        clock is right, whatever anybody else says.
        """
        with self._lock:
            self._recorded, self._expected, self._insisted = recorded, expected, insist
            self._begun, now = self._read()
            self._tie, self._latest, self._stepped = now - self._begun, now, None
            self._waits = None if insist else self._implausible(now)
            self.ties += self._waits is None

    def __call__(self) -> Instant:
        """Now. It never goes back but where the time was wrong."""
        with self._lock:
            steady = self._follow()
            self._latest = max(self._latest, self._tie + steady)
            return self._latest

    def hear(self, who: str, machine: str, ahead: Duration) -> None:
        """Take in how far the clock of another machine is ahead of this one; of one machine the latest word counts."""
        if machine and machine == self._machine:
            return
        with self._lock:
            steady = self._follow()
            self._others[machine or who] = _Told(self._tie + ahead, steady)
            self._decide(steady)

    def doubt(self) -> str:
        """Why the time is not to be trusted, so that nothing may be dated; empty where it is."""
        with self._lock:
            steady = self._follow()
            self._decide(steady)
            if self._insisted:
                return ""
            now = self._tie + steady
            if self._waits is _Waits.BEHIND:
                return f"it is {_length(self._recorded - now)} behind what the store has recorded"
            if self._waits is _Waits.AHEAD:
                said = f"it is {_length(now - self._recorded)} ahead of what the store has recorded"
                return f"{said}, and no other machine has said yet that it is right"
            ahead = self._against = self._agreed(steady)
            return f"most clocks agree on a time that is {_apart(ahead)} it" if ahead else ""

    def apart(self) -> Duration:
        """How far the wall clock is ahead of the time, since it was set and nobody said that it is right."""
        with self._lock:
            self._follow()
            return self._apart if self._stepped is not None else 0

    def news(self) -> list[str]:
        """What became of the clock since this was asked for last, in sentences."""
        with self._lock:
            self._follow()
            told, self._news = self._news, []
            return told

    def _read(self) -> tuple[Duration, Instant]:
        """Both clocks at one instant: nothing may have paused this process in between."""
        while True:
            steady, now = self._steady(), self._wall()
            if self._steady() - steady <= _AT_ONCE:
                return steady, now

    def _follow(self) -> Duration:
        """Go along with the wall clock as far as it may be followed; the steady clock's time."""
        steady, wall = self._read()
        apart = wall - self._tie - steady
        if self._waits is not None:  # nothing is dated yet: whoever sets the clock now mends it
            self._tie += apart
            self._latest = 0
            return steady
        self._room = min(STEP * 1_000_000, self._room + (steady - self._room_at) * SLEW)
        self._room_at = steady
        if self._stepped is None and abs(apart) * 1_000_000 <= self._room:
            self._tie += apart
            self._room -= abs(apart) * 1_000_000
        elif self._stepped is None:
            self._stepped, self._apart = steady, apart
            self._then = {who: told.tie for who, told in self._others.items()}
            self._news.append(f"its wall clock was set, to {_apart(apart)} the time; the hub goes on as before")
        elif abs(apart) * 1_000_000 <= max(self._room, self._drifted(steady - self._stepped)):
            self._tie += apart
            self._room = max(0, self._room - abs(apart) * 1_000_000)
            self._stepped = None
            self._news.append("its wall clock is right again")
        else:
            self._apart = apart
        return steady

    def _drifted(self, long: Duration) -> int:
        """How far a clock that was set back to the time may be from this one after so long, in millionths of µs."""
        return min(MINUTE * 1_000_000, BACK * 1_000_000 + long * DRIFT)

    def _decide(self, steady: Duration) -> None:
        """Take the wall clock for right where most others do."""
        others = self._words(steady)
        if self._stepped is not None:
            wall = self._tie + self._apart
            agree = [who for who, told in others.items() if abs(told.tie - wall) <= self._skew]
            # One that was set at the same time may be this very clock, as that of a database beside the hub.
            alone = len(agree) == 1 and abs(others[agree[0]].tie - self._then.get(agree[0], wall)) > self._skew
            if 2 * len(agree) > len(others) and not alone:
                self._news.append(f"the time is tied anew: the wall clock, {_apart(self._apart)} it, is right")
                self._tie, self._stepped, self._latest = wall, None, 0
                self.ties += 1
        elif self._waits is not None:
            agree = [who for who, told in others.items() if abs(told.tie - self._tie) <= FAR]
            nobody = self._waits is _Waits.AHEAD and not self._others and steady >= self._begun + self._fresh
            if 2 * len(agree) > len(others) or nobody or self._implausible(self._tie + steady) is None:
                self._waits = None
                self.ties += 1

    def _words(self, steady: Duration) -> dict[str, _Told]:
        """What others said lately; where they are against this clock and have gone silent, what they said last."""
        lately = {who: told for who, told in self._others.items() if told.at >= steady - self._fresh}
        return lately or (self._others if self._against else {})

    def _agreed(self, steady: Duration) -> Duration:
        """How far the time that most clocks agree on is ahead of this one; 0 where they do not agree, or with it."""
        clocks = sorted(one.tie - self._tie for one in self._words(steady).values())
        if not clocks:
            return 0
        middle = clocks[(len(clocks) - 1) // 2]
        agree = sum(abs(one - middle) <= self._skew for one in clocks)
        return middle if abs(middle) > self._skew and 2 * agree > len(clocks) + 1 else 0

    def _implausible(self, now: Instant) -> _Waits | None:
        if now < self._recorded - NEAR:
            return _Waits.BEHIND
        return _Waits.AHEAD if self._expected and self._recorded and now > self._recorded + FAR else None


def _length(time: Duration) -> str:
    return duration(abs(time) // SECOND * SECOND)


def _apart(ahead: Duration) -> str:
    return f"{_length(ahead)} {'ahead of' if ahead > 0 else 'behind'}"
