"""The two runs on a grid of bit planes: its cost follows the slots, 64 at a time, however often they change.

A location is failing from the N-th failure in a row up to the M-th success in a row: a latch, set by one plane and held
by another, which one addition runs for a whole year.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from makegood.engine.detect.bits import (
    FULL,
    SIX,
    at_least_of,
    begun,
    bit_at,
    changes_of,
    eroded,
    latch,
    later,
    only,
    paint,
    prolonged,
    runs_of,
    streaks,
)
from makegood.engine.detect.confirm import Standing
from makegood.engine.detect.forms import axis_of
from makegood.engine.detect.grid import widened
from makegood.engine.detect.sweep import among, by_check, crowded
from makegood.model.detection import Begins, Detection, Ends
from makegood.model.findings import Bits, Cells, Marks
from makegood.model.grid import WORD, Axis, Grid, Past, Planes, Words
from makegood.model.spans import Spans, Times, Truths

HIGHEST = np.uint64(1 << (WORD - 1))
CACHED = 1 << 15
"""So many words, and all that is made of them on the way, stay in the nearer cache."""
SELDOM = 8
"""Where fewer than one word in so many has a failing slot, dating and counting them as spans costs less."""


@dataclass(frozen=True, eq=False)
class BitSight:
    """A `Sight` of planes: all rows of words one after the other.

    `down` and `blind` are as the grid says, `blind_runs` int64[n, 2] and `beside` bool[n] its runs of blind slots and
    which of them have an observed failure right before or after them; `hopeless` int64[n] and `lost` uint64[n] are the
    words with blind slots that fewer than K locations saw, and those slots.
    """

    grid: Grid
    past: Past
    rule: Detection
    quorum: int
    axis: Axis
    down: Words
    blind_runs: Times
    beside: Truths
    hopeless: Times
    lost: Words

    @cached_property
    def favourable(self) -> Words:
        """The failures of the favourable run."""
        return self._with_past(self.down, self.past.favourable)

    @cached_property
    def unfavourable(self) -> Words:
        """The failures of the unfavourable run."""
        words = self.down.copy()
        words[self.hopeless] |= self.lost
        beside = self.blind_runs[self.beside]
        paint(words, beside[:, 0], beside[:, 1])
        return self._with_past(words, self.past.unfavourable)

    @cached_property
    def differ(self) -> bool:
        past = self.past
        return bool(self.beside.any() or len(self.hopeless) or not np.array_equal(past.favourable, past.unfavourable))

    @cached_property
    def _best(self) -> Words:
        return self._confirmed(self.favourable)

    @cached_property
    def _worst(self) -> Words:
        return self._changed[0]

    @cached_property
    def _changed(self) -> tuple[Words, Truths]:
        """From confirmation to recovery in the unfavourable run, and the words in which that may be another than in the
        favourable one: most are the same, and are not worked out again."""
        other = self.unfavourable != self.favourable
        reach, extend = max(self.rule.fails_after, self.rule.recovers_after), 1
        while other.any():
            other[1:] |= other[:-1]  # what fails in a word may confirm or prevent a recovery in the next
            if reach >= WORD or np.count_nonzero(other) * SELDOM > len(other):
                return self._confirmed(self.unfavourable), np.ones(len(other), dtype=np.bool_)
            words, ends = self._again(other)
            if not len(ends):
                return words, other
            extend *= 2  # so that a long outage is not gone through word by word
            other[np.minimum(ends[:, None] + np.arange(1, extend), len(other) - 1)] = True
        return self._best, other

    def _again(self, other: Truths) -> tuple[Words, Times]:
        """The favourable run's words with some of them worked out from the unfavourable failures; and those of them
        that end in another state, so that the next word must be too."""
        at = np.flatnonzero(other)
        first = np.append(True, at[1:] != at[:-1] + 1)
        # Each stretch of words goes after the word before it, which tells the state in which it begins.
        here = np.arange(len(at)) + np.cumsum(first)
        taken = np.empty(len(at) + np.count_nonzero(first), dtype=np.int64)
        taken[here], taken[here[first] - 1] = at, at[first] - 1
        failed = self.unfavourable[taken]
        once = later(failed, 1)
        begin = np.array(streaks(failed, self.rule.fails_after, once))
        keep = np.array(prolonged(failed, self.rule.recovers_after - 1, once))
        state = self._best[at[first] - 1] & HIGHEST
        begin[here[first] - 1], keep[here[first] - 1] = state, state
        found = np.empty_like(failed)
        latch(begin, keep, found)
        words = self._best.copy()
        words[at] = found[here]
        last = np.append(first[1:], True)
        ends = at[last]
        return words, ends[((words[ends] ^ self._best[ends]) & HIGHEST) != 0]

    @cached_property
    def _some(self) -> Truths:
        """The words in which something is confirmed to fail in the favourable run, bool[words]."""
        found: Truths = self._best != 0
        return found

    @cached_property
    def _best_changes(self) -> Times:
        return changes_of(self._best, self._some)

    @cached_property
    def _worst_changes(self) -> Times:
        words, other = self._changed
        near = other.copy()
        near[1:] |= other[:-1]
        changes = changes_of(words, other)
        kept = self._best_changes[~near[self._best_changes >> SIX]]
        both = np.concatenate((kept, changes))
        both.sort()
        return both

    def detected(self, worst: bool) -> tuple[Times, Marks]:
        confirmed = self._worst if worst else self._best
        stop = self.axis.at(np.clip(self.grid.expected[:, 1], self.axis.origin, self.grid.last))
        if np.count_nonzero(self._some) * SELDOM > len(confirmed):
            return self._as_bits(confirmed, stop)
        changes = self._worst_changes if worst else self._best_changes
        return self._as_spans(changes[0::2], changes[1::2], stop)

    def standing(self, worst: bool, cut: Times) -> Standing:
        confirmed, failed = (self._worst, self.unfavourable) if worst else (self._best, self.favourable)
        reach = max(self.rule.fails_after, self.rule.recovers_after)
        before = bit_at(failed, cut[:, None] - np.arange(reach, 0, -1))
        still = bit_at(confirmed, cut - 1)
        since_last = np.argmax(before[:, ::-1], axis=1)  # successes after the last failure
        in_a_row = np.where(before.all(axis=1), reach, np.argmin(before[:, ::-1], axis=1))
        growing = ~still & (in_a_row > 0)
        end = np.where(still, cut - since_last, cut)
        begin = np.where(still, end - self.rule.fails_after, np.where(growing, cut - in_a_row, cut))
        return Standing(np.stack((begin, end), axis=1), still)

    def known_until(self, end: Times) -> Times:
        trailing = among(self.blind_runs[:, 1], end) & ~self.beside
        if not trailing.any():
            return end
        hopeless = np.zeros_like(self.down)
        hopeless[self.hopeless] = self.lost
        runs = Spans.from_edges(np.stack(runs_of(hopeless), axis=1))
        waiting = (Spans.from_edges(self.blind_runs[trailing]) - runs).edges[:, 0][::-1]
        known = end.copy()
        known[self.axis.row_of(waiting)] = waiting
        return known

    def failed_before(self, slot: Times) -> Truths:
        cut, first = self.axis.at(slot), self.axis.at(self.grid.firsts)
        starts, ends = np.append(self.blind_runs[:, 0], -1), np.append(self.blind_runs[:, 1], -1)
        at = np.searchsorted(self.blind_runs[:, 0], cut) - 1
        cut = np.where(ends[at] >= cut, np.maximum(starts[at], first), cut)
        at_first: Truths = cut == first
        return bit_at(self.down, cut - 1) | (self.past.failed & at_first)

    def _with_past(self, words: Words, streaks_of_past: Times) -> Words:
        some = np.flatnonzero(streaks_of_past[:, 0] < streaks_of_past[:, 1])
        if not len(some):
            return words
        words = words.copy()
        edges = self.axis.at(0)[some][:, None] + streaks_of_past[some]
        paint(words, edges[:, 0], edges[:, 1])
        return words

    def _confirmed(self, failed: Words) -> Words:
        """From the slot that confirms a failure up to the slot that confirms the recovery."""
        confirmed = np.empty_like(failed)
        row = self.axis.width // WORD
        step = max(1, CACHED // row) * row
        for first in range(0, len(failed), step):
            part = failed[first : first + step]
            once = later(part, 1)
            begin = streaks(part, self.rule.fails_after, once)
            latch(begin, prolonged(part, self.rule.recovers_after - 1, once), confirmed[first : first + step])
        return confirmed

    def _as_spans(self, start: Times, end: Times, stop: Times) -> tuple[Times, Marks]:
        row = self.axis.row_of(start)
        stop = stop[row]
        recovered = end - (self.rule.recovers_after - 1 if self.rule.ends is Ends.FIRST_SUCCESS else 0)
        end = np.where(end < stop, recovered, stop)
        if self.rule.begins is Begins.FIRST_FAILURE:
            start = start - (self.rule.fails_after - 1)
        start = np.maximum(start, self.axis.at(self.grid.firsts)[row])
        some = start < end
        start, end = start[some], end[some]
        at = by_check(start, self.axis, len(self.grid.locations))
        return crowded(self.quorum, at, at + (end - start)), Cells(self.axis, np.stack((start, end), axis=1))

    def _as_bits(self, confirmed: Words, stop: Times) -> tuple[Times, Marks]:
        recovery = self.rule.recovers_after - 1 if self.rule.ends is Ends.FIRST_SUCCESS else 0
        if recovery:
            confirmed = confirmed.copy()
            still = stop[bit_at(confirmed, stop - 1)]
            paint(confirmed, still, still + recovery)
            confirmed = eroded(confirmed, recovery)
        if self.rule.begins is Begins.FIRST_FAILURE:
            confirmed = begun(confirmed, self.rule.fails_after - 1)
        rows = confirmed.reshape(self.axis.rows, -1)
        rows = only(rows, self.axis.slot_of(self.axis.at(self.grid.firsts)), self.axis.slot_of(stop))
        places = len(self.grid.locations)
        members = [rows[place::places].reshape(-1) for place in range(places)]
        down = np.stack(runs_of(at_least_of(self.quorum, members)), axis=1)
        return down, Bits(self.axis.origin // WORD, rows)


def sight_of_planes(grid: Grid, past: Past, quorum: int, rule: Detection) -> BitSight:
    """What fails in either run, on a grid of planes that is cut to what was expected."""
    planes = _with_room(grid, past, rule)
    axis = axis_of(planes)
    down, blind = planes.down.reshape(-1), planes.unknown.reshape(-1)
    some = blind != 0
    runs = np.stack(runs_of(blind, some), axis=1)
    beside = bit_at(down, runs[:, 0] - 1) | bit_at(down, runs[:, 1])
    beside |= among(runs[:, 0], axis.at(grid.firsts)[past.failed])
    hopeless, lost = _hopeless(grid, axis, blind, some, quorum)
    return BitSight(grid, past, rule, quorum, axis, down, runs, beside, hopeless, lost)


def _with_room(grid: Grid, past: Past, rule: Detection) -> Planes:
    """The planes with room for the streaks that stand for the past, and after each row for what a shift moves on."""
    assert isinstance(grid.seen, Planes)
    planes, first = grid.seen, int(grid.first.min(initial=grid.last))
    for streak in (past.favourable, past.unfavourable):
        first = int(streak[:, 0].min(initial=first, where=streak[:, 0] < streak[:, 1]))
    word = min(planes.word, first // WORD)
    end = max(planes.word + planes.down.shape[1], (grid.last + rule.fails_after + rule.recovers_after) // WORD + 1)
    if (word, end) == (planes.word, planes.word + planes.down.shape[1]):
        return planes
    return widened(planes, word, end)


def _hopeless(grid: Grid, axis: Axis, blind: Words, some: Truths, quorum: int) -> tuple[Times, Words]:
    """The words with blind slots that fewer than K locations saw, int64[n], and those slots.

    `some` says which words have blind slots at all. A location that was not expected did not see.
    """
    places, words = len(grid.locations), axis.width // WORD
    enough = places - quorum + 1
    unseeing = blind
    if (grid.expected[:, 0] > grid.firsts).any() or (grid.expected[:, 1] < grid.last).any():
        slots = np.clip(grid.expected, grid.firsts[:, None], grid.last) - axis.origin
        present = only(np.full((axis.rows, words), FULL), slots[:, 0], slots[:, 1])
        unseeing = blind | ~present.reshape(-1)
        some = unseeing != 0
    members = some.view(np.uint8).reshape(-1, places, words)
    crowded_words = np.add.reduce(members, axis=1, dtype=np.uint8 if places < 256 else np.int64) >= enough
    check, word = np.divmod(np.flatnonzero(crowded_words), words)
    at = (check * places) * words + word
    crowd = at_least_of(enough, [unseeing[at + place * words] for place in range(places)])
    all_of = (at + np.arange(places)[:, None] * words).reshape(-1)
    lost = blind[all_of] & np.tile(crowd, places)
    kept = lost != 0
    return all_of[kept], lost[kept]
