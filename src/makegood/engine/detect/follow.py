"""Detection as results arrive: the latest slots of one check at hand, and what came before as what detection remembers.

Whatever the order, the delay and the repeats in which results are heard, what is found is what `detect` finds in all of
them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from makegood.engine.detect.grid import gridded
from makegood.engine.detect.outages import detect
from makegood.model.detection import Detection, Observations
from makegood.model.facts import DOWN
from makegood.model.findings import Detected, Finding
from makegood.model.grid import Carry
from makegood.model.runs import MISSING
from makegood.model.spans import BEGINNING_OF_TIME, DAY, Duration, Instant, Span, Spans, Times

AT_HAND = 128
"""How many of the latest slots of a check stay at hand at least; results for earlier ones have to be read again."""

KEPT = 4 * DAY
"""How long a mark of each day is kept to go back to: longer than a location may be offline."""

_OUTCOME = np.array([MISSING, 0, 1, 2, 2, 2, 2, 2], dtype=np.int8)
"""What a cell says, by the set of outcomes heard for it as bits: those that contradict each other are unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class _Mark:
    """A slot before which all was read: by rule, what was found since the mark before, and what detection remembers."""

    slot: int
    parts: Mapping[Detection, tuple[Finding, Carry]]


class Track:
    """The results of one check as they are heard, and what each of some rules finds in them.

    Slot k begins `k * every` µs after 1970 UTC. `locations` are those that have a result; another one makes another
    track, since a rule may count them.
    """

    def __init__(
        self, every: Duration, locations: Sequence[str], rules: Sequence[Detection], at_hand: int = AT_HAND
    ) -> None:
        self.every, self.locations, self.rules, self.at_hand = every, tuple(locations), tuple(rules), at_hand
        self._heard = np.zeros((len(self.locations), 0), dtype=np.uint8)
        self._base = self._last = 0
        self._marks: list[_Mark] = []
        self._whole: dict[Detection, Finding] = {}
        self._found: dict[Detection, Finding] = {}

    @property
    def last(self) -> int:
        """The slot after the last one with a result."""
        return self._last

    def hear(self, slot: Times, location: NDArray[np.integer], outcome: NDArray[np.int8]) -> int | None:
        """Take in results, arrays of one length: slots, indexes into `locations`, outcomes.

        None where they are taken in. Otherwise they are of slots that are not at hand: nothing is taken, the track went
        back, and every result from the slot that is returned on must be heard now, these among them.
        """
        if not len(slot):
            return None
        first, last = int(slot.min()), int(slot.max()) + 1
        if self._marks and first < self._base:
            return self._went_back(first)
        self._make_room(first, last)
        cells, bits = (location, slot - self._base), np.left_shift(1, outcome).astype(np.uint8)
        before = self._heard[cells]
        np.bitwise_or.at(self._heard, cells, bits)
        if (self._heard[cells] != before).any():
            self._found.clear()
        if self._last - self._base > 2 * self.at_hand:
            self._mark(self._last - self.at_hand)
        return None

    def found(self, rule: Detection) -> Finding:
        """All that is found under one of the rules. Raises ValueError where its quorum cannot be reached, or nothing
        was heard."""
        if rule not in self._found:
            self._found[rule] = self._read(rule, self._last)[0]
        return self._found[rule]

    def failing(self) -> list[str]:
        """The locations whose last result says down, of those that are at hand."""
        heard = _OUTCOME[self._heard[:, : self._last - self._base]]
        if not heard.shape[1]:
            return []
        seen = heard != MISSING
        latest = np.where(seen.any(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1), -1)
        return [name for row, (name, at) in enumerate(zip(self.locations, latest.tolist(), strict=True))
                if at >= 0 and heard[row, at] == DOWN]  # fmt: skip

    def _read(self, rule: Detection, until: int) -> tuple[Finding, Finding, Carry]:
        """All that is found up to a slot, the part of it that is new since the last mark, and the carry there."""
        if self._last == self._base and not self._marks:
            raise ValueError("nothing was heard")
        heard = _OUTCOME[self._heard[:, : until - self._base]]
        location, at = np.nonzero(heard != MISSING)
        seen = Observations(self.locations, 0, self.every, at + self._base, location, heard[location, at])
        carry = self._marks[-1].parts[rule][1] if self._marks else None
        findings, onward = detect(rule, gridded(seen, self._base, until), carry)
        part = findings.of(0)
        before = self._whole.get(rule)
        return part if before is None else _continued(before, part), part, onward

    def _mark(self, slot: int) -> None:
        """Read up to a slot once and for all, unless a result comes late."""
        read = {rule: self._read(rule, slot) for rule in self.rules}
        self._whole = {rule: whole for rule, (whole, _, _) in read.items()}
        self._marks.append(_Mark(slot, {rule: (part, carry) for rule, (_, part, carry) in read.items()}))
        self._heard = self._heard[:, slot - self._base :].copy()
        self._base = slot
        self._marks = self._thinned()

    def _thinned(self) -> list[_Mark]:
        """The marks without those between the last ones of two days, and without those that are older than any need."""
        day, oldest = max(1, DAY // self.every), self._base - KEPT // self.every
        kept = [one for one, after in pairwise(self._marks) if one.slot // day != after.slot // day]
        kept = [one for one in kept if one.slot >= oldest] + self._marks[-1:]
        return self._refolded(kept)

    def _refolded(self, kept: Sequence[_Mark]) -> list[_Mark]:
        """The kept ones of the marks, each with what was found since the kept one before it."""
        slots, made = {one.slot for one in kept}, list[_Mark]()
        since = dict[Detection, Finding]()
        for one in self._marks:
            for rule, (part, _) in one.parts.items():
                since[rule] = _continued(since[rule], part) if rule in since else part
            if one.slot in slots:
                made.append(_Mark(one.slot, {rule: (since[rule], carry) for rule, (_, carry) in one.parts.items()}))
                since = {}
        return made

    def _went_back(self, slot: int) -> int:
        """Go back to the last mark that a result for a slot does not touch, or to nothing: from where to hear again."""
        self._marks = [one for one in self._marks if one.slot <= slot]
        self._found, self._whole = {}, {}
        for one in self._marks:
            for rule, (part, _) in one.parts.items():
                self._whole[rule] = _continued(self._whole[rule], part) if rule in self._whole else part
        self._heard = self._heard[:, :0]
        self._base = self._last = self._marks[-1].slot if self._marks else 0
        return self._base if self._marks else BEGINNING_OF_TIME // self.every

    def _make_room(self, first: int, last: int) -> None:
        """Have cells for the slots from `first` up to `last`; only a track without marks grows backwards."""
        if self._last == self._base and not self._marks:
            self._base = self._last = first
        before = max(0, self._base - first)
        after = max(0, last - self._base - self._heard.shape[1])
        if before or after:
            self._heard = np.pad(self._heard, ((0, 0), (before, max(after, self.at_hand) if after else 0)))
        self._base -= before
        self._last = max(self._last, last)


def _continued(earlier: Finding, later: Finding) -> Finding:
    """All that is found, where a later finding replaces what an earlier one said of its span."""
    start = later.span.start

    def both(a: Spans, b: Spans) -> Spans:
        return _before(a, start) | b

    def each(a: Sequence[Spans], b: Sequence[Spans]) -> tuple[Spans, ...]:
        return tuple(map(both, a, b))

    def run(a: Detected, b: Detected) -> Detected:
        return Detected(both(a.down, b.down), each(a.failing, b.failing), b.provisional, b.open)

    return Finding(
        Span(earlier.span.start, later.span.end),
        later.settled,
        run(earlier.favourable, later.favourable),
        run(earlier.unfavourable, later.unfavourable),
        each(earlier.expected, later.expected),
        each(earlier.blind, later.blind),
        tuple(a + b for a, b in zip(earlier.expected_slots, later.expected_slots, strict=True)),
        tuple(a + b for a, b in zip(earlier.seen_slots, later.seen_slots, strict=True)),
    )


def _before(spans: Spans, instant: Instant) -> Spans:
    return (
        spans
        if not len(spans) or int(spans.edges[-1, 1]) <= instant
        else spans.within(Span(BEGINNING_OF_TIME, max(instant, BEGINNING_OF_TIME)))
    )
