"""Which of several things changed their place in a sequence: all but those of a longest run that still rises."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def in_place(positions: Sequence[int]) -> set[int]:
    """The places of a longest rising run of distinct positions: what is not in it was moved.

    `[0, 2, 1, 3]` gives three of the four places; of runs equally long, the one that is found last.
    """
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int] = {}
    for place, position in enumerate(positions):
        at = bisect_left(tails, position)
        if at:
            before[place] = ends[at - 1]
        tails[at : at + 1], ends[at : at + 1] = [position], [place]
    found: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        found.add(last)
        last = before.get(last)
    return found
