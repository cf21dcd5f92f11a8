"""One bit a slot, 64 slots at a time: shifts, streaks, the latch, counting, and the way to runs and back.

The words of all rows lie one after the other, uint64[rows * width], and are read as one long number whose lower bits
are the earlier slots. Each row ends in a bit that is never set, which keeps a run, a shift or a carry of one row from
the next. A position is the number of a bit; positions of a row are the cells of an axis of that many slots.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from makegood.model.grid import WORD, Words
from makegood.model.spans import Times, Truths

FULL = np.uint64(2**64 - 1)
SIX = np.int64(6)
LOW = np.int64(WORD - 1)
FEW = 8
"""So many bits of a word are taken one by one; from the words with more all 64 are."""


def later(words: Words, slots: int) -> Words:
    """Every bit moved to later slots; what leaves the last row is lost."""
    whole, part = divmod(slots, WORD)
    kept = max(len(words) - whole, 0)
    moved = np.empty_like(words)
    moved[: len(words) - kept] = 0
    np.left_shift(words[:kept], np.uint64(part), out=moved[len(words) - kept :])
    if part and kept:
        moved[whole + 1 :] |= words[: kept - 1] >> np.uint64(WORD - part)
    return moved


def earlier(words: Words, slots: int) -> Words:
    """Every bit moved to earlier slots; what leaves the first row is lost."""
    whole, part = divmod(slots, WORD)
    kept = max(len(words) - whole, 0)
    moved = np.empty_like(words)
    moved[kept:] = 0
    np.right_shift(words[len(words) - kept :], np.uint64(part), out=moved[:kept])
    if part and kept:
        moved[: kept - 1] |= words[whole + 1 :] << np.uint64(WORD - part)
    return moved


def streaks(words: Words, length: int, once: Words | None = None) -> Words:
    """The slots at which so many bits in a row, ending there, are set. `once` is `later(words, 1)`, where it is known.

    The bits that are found are in the words; where one in a row is asked for, they are the words themselves.
    """
    found, reached = words, 1
    while reached < length:
        step = min(reached, length - reached)
        moved = later(found, step) if once is None or reached > 1 else once
        found = np.bitwise_and(found, moved, out=moved if moved is not once else None)
        reached += step
    return found


def eroded(words: Words, slots: int) -> Words:
    """Every run without its last so many slots."""
    found, reached = words, 0
    while reached < slots:
        step = min(reached + 1, slots - reached)
        found = found & earlier(found, step)
        reached += step
    return found


def prolonged(words: Words, slots: int, once: Words | None = None) -> Words:
    """Every bit set for so many more slots after it. `once` is `later(words, 1)`, where it is known."""
    found, reached = words, 0
    while reached < slots:
        step = min(reached + 1, slots - reached)
        found = found | (later(found, step) if once is None or reached else once)
        reached += step
    return found


def begun(words: Words, slots: int) -> Words:
    """Every bit set for so many more slots before it."""
    found, reached = words, 0
    while reached < slots:
        step = min(reached + 1, slots - reached)
        found = found | earlier(found, step)
        reached += step
    return found


def latch(begin: Words, keep: Words, into: Words) -> None:
    """From each bit of `begin`, all of which are in `keep`, up to where `keep` ends: a carry runs exactly that far."""
    np.add(keep, begin, out=into)
    _carry(into, np.flatnonzero(into < keep))
    into ^= keep
    into |= begin
    into &= keep


def _carry(total: Words, out: Times) -> None:
    """Bring what left the words `out` into the next, and through words that are full: the same addition, a word a
    bit."""
    into = out[out < len(total) - 1] + 1
    total[into] += np.uint64(1)
    if (total[into] != 0).all():
        return
    total[into] -= np.uint64(1)
    given = np.zeros(len(total), dtype=np.bool_)
    given[into] = True
    through, to = (
        int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little") for marks in (total == FULL, given)
    )
    reached = ((through + to) ^ through) & ((1 << len(total)) - 1)
    raw = np.frombuffer(reached.to_bytes(len(total) // 8 + 1, "little"), dtype=np.uint8)
    total[np.flatnonzero(np.unpackbits(raw, bitorder="little"))] += np.uint64(1)


def at_least_of(k: int, members: Sequence[Words]) -> Words:
    """The bits that are set in at least k of the members, 1 <= k: a counter of one plane for each binary digit."""
    digits: list[Words] = []
    for count, member in enumerate(members, 1):
        carried = member
        for place in range(len(digits)):
            digits[place], carried = digits[place] ^ carried, digits[place] & carried
        if len(digits) < count.bit_length():
            digits.append(carried)
    if k > len(members):
        return np.zeros_like(members[0])
    low = (k & -k).bit_length() - 1  # below its lowest digit k asks for nothing
    found = digits[low]
    for place in range(low + 1, len(digits)):
        found = digits[place] & found if k >> place & 1 else digits[place] | found
    return found


def bit_at(words: Words, position: Times) -> Truths:
    """Whether the bits at the positions are set, of the shape of `position`; none is before the first word."""
    word = words[np.maximum(position, 0) >> SIX]
    there: Truths = ((word >> (position & LOW).astype(np.uint64)) & np.uint64(1)).astype(np.bool_)
    return there & (position >= 0)


def runs_of(words: Words, some: Truths | None = None) -> tuple[Times, Times]:
    """The runs of set bits: their first positions and those after their last, int64[n], sorted.

    `some` bool[words] says which words are not 0, where it is known.
    """
    flat = changes_of(words, (words != 0) if some is None else some)
    return flat[0::2], flat[1::2]


def changes_of(words: Words, some: Truths) -> Times:
    """The positions at which the bits change, int64[n], sorted: in the words for which `some` holds and after them."""
    near = some.copy()
    near[1:] |= some[:-1]
    at = np.flatnonzero(near)
    here = words[at]
    before = words[at - 1]  # of word 0 the last of all, whose last bit is never set
    return _positions(at, here ^ ((here << np.uint64(1)) | (before >> np.uint64(WORD - 1))))


def _positions(at: Times, words: Words) -> Times:
    """The positions of the set bits of words with these numbers, sorted."""
    parts = []
    for _ in range(FEW):
        some = words != 0
        at, words = at[some], words[some]
        lowest = words & (~words + np.uint64(1))
        parts.append((at << SIX) + np.bitwise_count(lowest - np.uint64(1)))
        words = words ^ lowest
        if len(words) < FEW:
            break
    bits = np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little"))
    parts.append((at[bits >> SIX] << SIX) + (bits & LOW))
    positions = np.concatenate(parts)
    positions.sort()
    return positions


def paint(words: Words, start: Times, end: Times) -> None:
    """Set the bits from each start up to its end, int64[n] each."""
    first, last = start >> SIX, (end - 1) >> SIX
    inside = last - first + 1
    which = np.repeat(np.arange(len(start)), inside)
    word = np.arange(len(which)) - np.repeat(np.cumsum(inside) - inside, inside) + first[which]
    low = np.where(word == first[which], start[which] & LOW, 0).astype(np.uint64)
    high = np.where(word == last[which], (end[which] - 1) & LOW, WORD - 1).astype(np.uint64)
    np.bitwise_or.at(words, word, (FULL << low) & (FULL >> (np.uint64(WORD - 1) - high)))


def only(words: Words, start: Times, end: Times) -> Words:
    """The words of rows, uint64[rows, words], with only the bits of each row from a start up to an end, int64[rows]
    each, counted from the row's first bit."""
    first = np.arange(words.shape[1], dtype=np.int64) * WORD
    low = np.clip(start[:, None] - first, 0, WORD).astype(np.uint64)
    high = np.clip(first + WORD - end[:, None], 0, WORD).astype(np.uint64)
    full = np.full_like(words, FULL)
    kept: Words = words & np.left_shift(full, low) & np.right_shift(full, high)
    return kept
