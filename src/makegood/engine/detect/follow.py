"""Detection as results arrive: the latest days of one check at hand, and what came before as what detection remembers.

Whatever the order, the delay and the repeats in which results are heard, what is found is what `detect` finds in all of
them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
"""How many of the latest slots of a check are read again with each result at least."""

KEPT = 4 * DAY
"""How long results are kept at hand, so that a late one is read with those around it: longer than a location may be
offline."""
MOST_KEPT = 10_000
"""Slots of a check that are kept at hand at most."""

_OUTCOME = np.array([MISSING, 0, 1, 2, 2, 2, 2, 2], dtype=np.int8)
"""What a cell says, by the set of outcomes heard for it as bits: those that contradict each other are unknown."""


def kept_slots(every: Duration, at_hand: int = AT_HAND) -> int:
    """How many slots of a length are kept at hand."""
    return max(4 * at_hand, min(KEPT // every, MOST_KEPT))


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A slot before which all was read: by rule, what was found since the mark before, and what detection remembers."""

    slot: int
    parts: Mapping[Detection, tuple[Finding, Carry]]


class Track:
    """The results of one check as they are heard, and what each of some rules finds in them.

    Slot k begins `k * every` µs after 1970 UTC. `locations` are those that have a result; another one makes another
    track, since a rule may count them. With `start` all before that mark was read already.
    """

    def __init__(
        self,
        every: Duration,
        locations: Sequence[str],
        rules: Sequence[Detection],
        at_hand: int = AT_HAND,
        start: Mark | None = None,
    ) -> None:
        self.every, self.locations, self.rules, self.at_hand = every, tuple(locations), tuple(rules), at_hand
        self._kept = kept_slots(every, at_hand)
        self._cells = np.zeros((len(self.locations), 0), dtype=np.uint8)
        self._marks = [] if start is None else [start]
        self._origin = self._base = self._last = 0 if start is None else start.slot
        self._whole: dict[Detection, Finding] = {}
        self._found: dict[Detection, Finding] = {}
        self._fold()

    @property
    def last(self) -> int:
        """The slot after the last one with a result."""
        return self._last

    def hear(self, slot: Times, location: NDArray[np.integer], outcome: NDArray[np.int8]) -> bool:
        """Take in results, arrays of one length: slots, indexes into `locations`, outcomes.

        False where one is of a slot that is not at hand any more: the track is empty then, and all results must be
        heard anew, by it or by another one.
        """
        if not len(slot):
            return True
        first, last = int(slot.min()), int(slot.max()) + 1
        if first < self._origin and self._cut_off:
            self._marks, self._cells = [], self._cells[:, :0]
            self._origin = self._base = self._last = 0
            self._fold()
            return False
        self._make_room(first, last)
        cells, bits = (location, slot - self._origin), np.left_shift(1, outcome).astype(np.uint8)
        before = self._cells[cells]
        np.bitwise_or.at(self._cells, cells, bits)
        changed = self._cells[cells] != before
        if changed.any():
            self._found.clear()
            self._go_back(int(slot[changed].min()))
        if self._last - self._base > 2 * self.at_hand:
            self._mark(self._last - self.at_hand)
        return True

    @property
    def _cut_off(self) -> bool:
        """Whether there were slots before those at hand."""
        return bool(self._marks) and self._marks[0].slot == self._origin

    def found(self, rule: Detection) -> Finding:
        """All that is found under one of the rules. Raises ValueError where its quorum cannot be reached, or nothing
        was heard."""
        if rule not in self._found:
            self._found[rule] = self._read(rule, self._last)[0]
        return self._found[rule]

    def failing(self) -> list[str]:
        """The locations whose last result says down, of those that are at hand."""
        heard = self._heard(self._last)
        if not heard.shape[1]:
            return []
        seen = heard != MISSING
        latest = np.where(seen.any(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1), -1)
        return [name for row, (name, at) in enumerate(zip(self.locations, latest.tolist(), strict=True))
                if at >= 0 and heard[row, at] == DOWN]  # fmt: skip

    def _heard(self, until: int) -> NDArray[np.int8]:
        """The outcomes from the last mark up to a slot."""
        return _OUTCOME[self._cells[:, self._base - self._origin : until - self._origin]]

    def _read(self, rule: Detection, until: int) -> tuple[Finding, Finding, Carry]:
        """All that is found up to a slot, the part of it that is new since the last mark, and the carry there."""
        if self._last == self._base and not self._marks:
            raise ValueError("nothing was heard")
        heard = self._heard(until)
        location, at = np.nonzero(heard != MISSING)
        seen = Observations(self.locations, 0, self.every, at + self._base, location, heard[location, at])
        carry = self._marks[-1].parts[rule][1] if self._marks else None
        findings, onward = detect(rule, gridded(seen, self._base, until), carry)
        part = findings.of(0)
        before = self._whole.get(rule)
        return part if before is None else continued(before, part), part, onward

    def _mark(self, slot: int) -> None:
        """Read up to a slot once and for all, unless a result comes late; what is older than any need is cut off."""
        read = {rule: self._read(rule, slot) for rule in self.rules}
        self._whole = {rule: whole for rule, (whole, _, _) in read.items()}
        self._marks.append(Mark(slot, {rule: (part, carry) for rule, (_, part, carry) in read.items()}))
        self._base = slot
        day, oldest = max(1, DAY // self.every), self._last - self._kept
        last_of = {one.slot // day: one for one in self._marks}
        kept = [one for one in self._marks if one is last_of[one.slot // day] or one is self._marks[0]]
        cut = max((n for n, one in enumerate(kept) if one.slot <= oldest), default=0)
        self._marks = self._refolded(kept[cut:])
        if cut:
            self._cells = self._cells[:, self._marks[0].slot - self._origin :].copy()
            self._origin = self._marks[0].slot

    def _refolded(self, kept: Sequence[Mark]) -> list[Mark]:
        """The kept ones of the marks, each with what was found since the kept one before it."""
        slots, made = {one.slot for one in kept}, list[Mark]()
        since = dict[Detection, Finding]()
        for one in self._marks:
            for rule, (part, _) in one.parts.items():
                since[rule] = continued(since[rule], part) if rule in since else part
            if one.slot in slots:
                made.append(Mark(one.slot, {rule: (since[rule], carry) for rule, (_, carry) in one.parts.items()}))
                since = {}
        return made

    def _go_back(self, slot: int) -> None:
        """Go back to the last mark that a result for a slot does not touch, or to the first slot at hand."""
        if slot < self._base:
            self._marks = [one for one in self._marks if one.slot <= slot]
            self._base = self._marks[-1].slot if self._marks else self._origin
            self._fold()

    def _fold(self) -> None:
        """Find the whole up to the last mark in its parts."""
        self._found, self._whole = {}, {}
        for one in self._marks:
            for rule, (part, _) in one.parts.items():
                self._whole[rule] = continued(self._whole[rule], part) if rule in self._whole else part

    def _make_room(self, first: int, last: int) -> None:
        """Have cells for the slots from `first` up to `last`."""
        if self._last == self._origin and not self._marks:
            self._origin = self._base = self._last = first
        before = max(0, self._origin - first)
        after = max(0, last - self._origin - self._cells.shape[1])
        if before or after:
            more = max(after, self.at_hand) if after else 0
            self._cells = np.pad(self._cells, ((0, 0), (before, more)))
        if before:
            self._origin = self._base = first
            self._marks = []
            self._fold()
        self._last = max(self._last, last)


def continued(earlier: Finding, later: Finding) -> Finding:
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
