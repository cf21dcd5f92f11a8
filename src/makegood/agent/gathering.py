"""Results become batches: grouped so that a batch covers what it tells of, and closed within seconds.

A batch covers every check of its list in every slot between its first and its last result. So the checks of one length
of slots are in groups by the time into a slot at which they begin: one batch has one group's results of one slot, and
what comes late, such as a time-out, follows in a batch of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from makegood.evidence.batch import MOST_LATENCY, NO_LATENCY, Details, Roster, RowBatch
from makegood.model.checks import Check
from makegood.model.results import UNTIMED, Result
from makegood.model.spans import SECOND, Duration, Instant

SETTLE: Duration = SECOND
"""How long after its window a group waits for results that are on their way; of short slots a quarter of one."""
MOST_WAITING = 500_000
"""Results that are kept in memory while the spool takes none; the oldest go first, and their slots are not seen."""

Group = tuple[Duration, int]
"""The length of a slot, and which window of it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Results of one group that are to be one batch, in the order of their begin and check."""

    roster: Roster
    every: Duration
    key: tuple[Group, int, bytes]
    """Its group, its slot, and the hash of its list."""
    results: tuple[tuple[int, Result], ...]
    """The number of each check in the list, and what was found."""

    def batch(self, location: str, sequence: int, previous: bytes, closed: Instant) -> RowBatch:
        """The batch, under a number, after the one before it."""
        found = [result for _, result in self.results]

        def column(values: Iterable[int], kind: type = np.int64) -> np.ndarray:
            return np.fromiter(values, dtype=kind, count=len(found))

        def times(values: Iterable[Duration]) -> np.ndarray:
            return column(NO_LATENCY if us == UNTIMED else min(max(us, 0), MOST_LATENCY) for us in values)

        details = Details(
            column((r.reason.value for r in found), np.uint8), column((r.status & 0xFFFF for r in found), np.uint16),
            times(r.dns for r in found), times(r.connect for r in found), times(r.tls for r in found),
            times(r.first_byte for r in found),
        )  # fmt: skip
        return RowBatch(
            location, sequence, self.every, self.roster, column(r.begun for r in found),
            column(n for n, _ in self.results), column((r.outcome for r in found), np.int8),
            times(r.total for r in found), details, closed=closed, previous=previous,
        )  # fmt: skip


@dataclass(eq=False)
class _Waiting:
    roster: Roster
    due: Instant
    results: dict[int, Result] = field(default_factory=dict)
    """By the number of the check: one of each in a slot."""


class Gathering:
    """Results on their way into batches, one slot and group in each. `width` is that of the windows, µs; where slots
    are shorter, a window is a slot."""

    def __init__(self, width: Duration) -> None:
        self.width = width
        self.lost = 0
        """Results that went because the spool took none for too long."""
        self._groups: dict[str, tuple[Group, Roster, int]] = {}
        self._waiting: dict[tuple[Group, int, bytes], _Waiting] = {}
        self._count = 0

    def replace(self, checks: Sequence[Check]) -> None:
        """Other checks from now on."""
        groups = dict[Group, list[str]]()
        for check in checks:
            groups.setdefault((check.every, check.offset // min(self.width, check.every)), []).append(check.name)
        self._groups = {}
        for group, names in groups.items():
            roster = Roster(tuple(sorted(names)))
            self._groups |= {name: (group, roster, n) for n, name in enumerate(roster.checks)}

    def add(self, check: Check, result: Result, now: Instant) -> None:
        """Take in what a probe found. Of a check that is not probed here any more, or a second one of its slot while
        the first one waits, nothing is taken."""
        if check.name not in self._groups:
            return
        group, roster, number = self._groups[check.name]
        slot = result.begun // check.every
        one = self._waiting.get((group, slot, roster.digest))
        if one is None:
            width = min(self.width, check.every)
            end = slot * check.every + (group[1] + 1) * width + min(SETTLE, check.every // 4)
            one = _Waiting(roster, end if end > now else now + width)
            self._waiting[group, slot, roster.digest] = one
        if number not in one.results:
            one.results[number] = result
            self._count += 1
        if self._count > MOST_WAITING:
            self._let_go()

    def due(self, now: Instant, all_of_it: bool = False) -> list[Draft]:
        """What is to be closed now, the oldest first. It stays here until `closed` says that it was."""
        ready = sorted(key for key, one in self._waiting.items() if all_of_it or one.due <= now)
        ready.sort(key=lambda key: (key[1] * key[0][0], key))
        return [
            Draft(one.roster, key[0][0], key, tuple(sorted(one.results.items(), key=lambda r: (r[1].begun, r[0]))))
            for key, one in ((key, self._waiting[key]) for key in ready)
        ]

    def closed(self, drafts: Iterable[Draft]) -> None:
        """These are in the spool now."""
        for draft in drafts:
            self._forget(draft.key)

    def _let_go(self) -> None:
        """Forget what has waited longest, a tenth of all."""
        before = self._count
        for key in sorted(self._waiting, key=lambda key: key[1] * key[0][0]):
            if self._count <= before * 9 // 10:
                break
            self.lost += self._forget(key)

    def _forget(self, key: tuple[Group, int, bytes]) -> int:
        gone = len(self._waiting.pop(key).results)
        self._count -= gone
        return gone
