"""The Merkle tree of the log (RFC 6962 section 2.1, with SHA-256): roots, proofs that hold, and their verification.

Entries are numbered from 0. A hash is 32 bytes. Proofs are lists of hashes in the order of the RFC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

HASH = 32
EMPTY = sha256(b"").digest()
"""The root of no entries."""

Keep: TypeAlias = Callable[[int, int, bytes], None]
"""Told of each complete subtree: its level (it has 2^level entries), its place among those of the level, its root."""


def leaf_hash(entry: bytes) -> bytes:
    """Of an entry's bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two subtrees' roots."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in order."""
    return Frontier().extended(leaves).root


@dataclass(frozen=True, slots=True)
class Frontier:
    """What must be kept to go on: the size, and the roots of the complete subtrees from the left, largest first.

    There is one for each 1 in the binary form of the size. Raises ValueError where they do not fit.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count() or any(len(p) != HASH for p in self.peaks):
            raise ValueError(f"{len(self.peaks)} hashes are no frontier of {self.size} entries")

    def extended(self, leaves: Iterable[bytes], keep: Keep | None = None) -> Frontier:
        """With leaf hashes added at the end; `keep` is told of each subtree of two or more that they complete."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            at, level = leaf, 0
            while size >> level & 1:
                at = node_hash(peaks.pop(), at)
                level += 1
                if keep is not None:
                    keep(level, size >> level, at)
            peaks.append(at)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        """The root over every entry so far."""
        return _joined(self.peaks)

    def to_bytes(self) -> bytes:
        """Size in 8 bytes, big-endian, then the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Frontier:
        """What `to_bytes` wrote. Raises ValueError for anything else."""
        if len(raw) < 8 or (len(raw) - 8) % HASH:
            raise ValueError(f"{len(raw)} bytes are no frontier")
        return cls(int.from_bytes(raw[:8], "big"), tuple(raw[at : at + HASH] for at in range(8, len(raw), HASH)))


class Tree:
    """The stored leaf hashes, from which proofs are made.

    `leaves(start, end)` gives the leaf hashes of positions start up to, not including, end. `complete(level, place)`
    may give the stored root of a complete subtree (see `Keep`), or None. What is computed is remembered, so that many
    proofs cost little more than one: about 70 bytes for every thousand entries, and for each that is near one proven.
    """

    READ_AT_ONCE = 10
    """A subtree of 2^10 entries is read in one go; larger ones are put together from such."""

    def __init__(
        self,
        leaves: Callable[[int, int], Sequence[bytes]],
        complete: Callable[[int, int], bytes | None] | None = None,
    ) -> None:
        self._leaves = leaves
        self._stored = complete or (lambda _level, _place: None)
        self._known: dict[tuple[int, int], bytes] = {}

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries."""
        return self._range(0, size) if size else EMPTY

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """The proof that the entry at `position` is in the tree of `size` entries. Raises ValueError outside it."""
        if not 0 <= position < size:
            raise ValueError(f"no entry {position} in a tree of {size}")
        proof: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if position < middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        return proof[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` entries extends that of `old`; empty where they are equal or old is 0.

        Raises ValueError where new is less than old.
        """
        if not 0 <= old <= new:
            raise ValueError(f"a tree of {new} entries does not extend one of {old}")
        if old in (0, new):
            return []
        proof: list[bytes] = []
        start, end = 0, new
        while end != old:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        if start:
            proof.append(self._range(start, end))
        return proof[::-1]

    def _range(self, start: int, end: int) -> bytes:
        """The root over a subtree that begins where the RFC's division puts it."""
        peaks = []
        while start < end:
            level = (end - start).bit_length() - 1
            peaks.append(self._complete(level, start >> level))
            start += 1 << level
        return _joined(peaks)

    def _complete(self, level: int, place: int) -> bytes:
        found = self._known.get((level, place)) or self._stored(level, place)
        if found is None:
            found = self._read(level, place) if level <= self.READ_AT_ONCE else self._both(level, place)
        self._known[level, place] = found
        return found

    def _both(self, level: int, place: int) -> bytes:
        return node_hash(self._complete(level - 1, 2 * place), self._complete(level - 1, 2 * place + 1))

    def _read(self, level: int, place: int) -> bytes:
        start = place << level
        leaves = self._leaves(start, start + (1 << level))
        if len(leaves) != 1 << level:
            raise ValueError(f"{len(leaves)} leaves were read where {1 << level} belong, from {start} on")

        def keep(inner: int, at: int, root: bytes) -> None:
            self._known[inner, (start >> inner) + at] = root

        if level == self.READ_AT_ONCE:  # one of many on the way to a root: what is inside is not asked for again
            return root_of(leaves)
        self._known.update(((0, start + i), leaf) for i, leaf in enumerate(leaves))
        return Frontier().extended(leaves, keep).root


def included(position: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows a leaf hash at this position of the tree with this root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= position < size or not _hashes(leaf, root, *proof):
        return False
    at, last, found = position, size - 1, leaf
    for step in proof:
        if not last:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            found = node_hash(found, step)
        at >>= 1
        last >>= 1
    return not last and found == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the new tree extends the old one (RFC 9162 section 2.1.4.2).

    Every tree extends the empty one, and itself, with an empty proof.
    """
    if not 0 <= old <= new or not _hashes(old_root, new_root, *proof):
        return False
    if old in (0, new):
        return not proof and old_root == (new_root if old == new else EMPTY) and (new > 0 or new_root == EMPTY)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at >>= 1
        last >>= 1
    first, *steps = path
    of_old = of_new = first
    for step in steps:
        if not last:
            return False
        if at & 1 or at == last:
            of_old, of_new = node_hash(step, of_old), node_hash(step, of_new)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            of_new = node_hash(of_new, step)
        at >>= 1
        last >>= 1
    return not last and of_old == old_root and of_new == new_root


def _hashes(*found: bytes) -> bool:
    return all(len(one) == HASH for one in found)


def _joined(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY
    *rest, at = peaks
    for left in reversed(rest):
        at = node_hash(left, at)
    return at


def _split(size: int) -> int:
    """The largest power of two below a size of two or more."""
    return 1 << (size - 1).bit_length() - 1
