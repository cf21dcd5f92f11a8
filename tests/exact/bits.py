"""Time as the bits of one Python integer: bit t is the tick t. Plain integers, no arrays, nothing of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def span(start: int, end: int) -> int:
    """The ticks `start <= t < end`, as far as they are not before tick 0; none where it ends before it starts."""
    start = max(start, 0)
    return ((1 << (end - start)) - 1) << start if end > start else 0


def spans(pairs: Iterable[tuple[int, int]]) -> int:
    found = 0
    for start, end in pairs:
        found |= span(start, end)
    return found


def runs(ticks: int) -> Iterator[tuple[int, int]]:
    """The maximal half-open runs of ticks, the earliest first."""
    at = 0
    while ticks:
        begin = (ticks & -ticks).bit_length() - 1
        ticks >>= begin
        length = (~ticks & (ticks + 1)).bit_length() - 1
        yield at + begin, at + begin + length
        ticks >>= length
        at += begin + length


def first(ticks: int) -> int:
    """The earliest tick of some."""
    return (ticks & -ticks).bit_length() - 1


def earliest(ticks: int, most: int) -> int:
    """The earliest ticks, so many of them at the most."""
    kept = 0
    for begin, end in runs(ticks):
        if most <= 0:
            break
        kept |= span(begin, min(end, begin + most))
        most -= end - begin
    return kept
